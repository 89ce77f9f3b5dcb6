// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * AVX2 gathers: an element of the destination from base + index * scale + displacement where the mask's element has its top
 * bit set; that element of the mask is cleared. A fault leaves what was done: the instruction goes on with the rest
 * (SDM vol. 2C VPGATHERDD).
 */
public final class Gather {
    private Gather() { }

    /** Elements of data and of indices have 32 bits (log 2) or 64 (3); the vector has so many bytes of the wider one. */
    private static void gather(int cpu, int ip, int d, int mask, int bytes, int dataLog, int indexLog) {
        int n = bytes >> Math.max(dataLog, indexLog);
        int used = n << dataLog;
        for (int i = 0; i < n; i++) {
            int m = mask + (i << dataLog);
            if (Memory.get32(m + (1 << dataLog) - 4) >= 0) {
                clear(m, dataLog);
                continue;
            }
            long a = address(cpu, ip, i, indexLog, dataLog);
            long v = dataLog == 2 ? Mmu.read32(cpu, a) : Mmu.read64(cpu, a);
            if (dataLog == 2) {
                Memory.put32(d + i * 4, (int) v);
            } else {
                Memory.put64(d + i * 8, v);
            }
            clear(m, dataLog);
        }
        Memory.fill(mask, 32, 0);
        Memory.fill(d + used, 32 - used, 0);
    }

    private static void clear(int element, int dataLog) {
        if (dataLog == 2) {
            Memory.put32(element, 0);
        } else {
            Memory.put64(element, 0);
        }
    }

    private static long address(int cpu, int ip, int i, int indexLog, int dataLog) {
        int word = Memory.get32(ip + 12);
        // The index field counts registers of 8 bytes.
        int index = cpu + CpuState.XMM + (word & 0xFF) * 4;
        long x = indexLog == 2 ? Memory.get32(index + i * 4) : Memory.get64(index + i * 8);
        long offset = Memory.get64(cpu + Memory.get8(ip + 3)) + (x << (word >>> 8 & 3)) + Memory.get32(ip + 4);
        return Ea.segmented(cpu, word >>> 10 & 7, (word >>> 13 & 3) == Ea.A32 ? offset & 0xFFFFFFFFL : offset, 1 << dataLog, false);
    }

    public static void dd(int cpu, int ip, int d, int mask, int bytes) {
        gather(cpu, ip, d, mask, bytes, 2, 2);
    }

    public static void dq(int cpu, int ip, int d, int mask, int bytes) {
        gather(cpu, ip, d, mask, bytes, 3, 2);
    }

    public static void qd(int cpu, int ip, int d, int mask, int bytes) {
        gather(cpu, ip, d, mask, bytes, 2, 3);
    }

    public static void qq(int cpu, int ip, int d, int mask, int bytes) {
        gather(cpu, ip, d, mask, bytes, 3, 3);
    }
}
