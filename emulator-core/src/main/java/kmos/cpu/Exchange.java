// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** CMPXCHG's register side, CMPXCHG8B and CMPXCHG16B. */
public final class Exchange {
    private Exchange() { }

    public static void accumulator8(int cpu, int same, int old) {
        if (same == 0) {
            Memory.put8(cpu, old);
        }
    }

    public static void accumulator16(int cpu, int same, int old) {
        if (same == 0) {
            Memory.put16(cpu, old);
        }
    }

    public static void accumulator32(int cpu, int same, int old) {
        if (same == 0) {
            Memory.put64(cpu, old & 0xFFFFFFFFL);
        }
    }

    public static void accumulator64(int cpu, int same, long old) {
        if (same == 0) {
            Memory.put64(cpu, old);
        }
    }

    private static int destination(int cpu, int ip) {
        return cpu + Memory.get8(ip + 2);
    }

    public static void register8(int cpu, int ip, int same, int v) {
        if (same != 0) {
            Memory.put8(destination(cpu, ip), v);
        }
    }

    public static void register16(int cpu, int ip, int same, int v) {
        if (same != 0) {
            Memory.put16(destination(cpu, ip), v);
        }
    }

    public static void register32(int cpu, int ip, int same, int v) {
        if (same != 0) {
            Memory.put64(destination(cpu, ip), v & 0xFFFFFFFFL);
        }
    }

    public static void register64(int cpu, int ip, int same, long v) {
        if (same != 0) {
            Memory.put64(destination(cpu, ip), v);
        }
    }

    public static void cmpxchg8b(int cpu, long a) {
        int host = Mmu.modify64(cpu, a);
        long old = Memory.get64(host);
        long expected = Memory.getUnsigned32(cpu) | Memory.getUnsigned32(cpu + 16) << 32;
        if (old == expected) {
            Memory.put64(host, Memory.getUnsigned32(cpu + 24) | Memory.getUnsigned32(cpu + 8) << 32);
            Mmu.modified(cpu, host);
            Flags.setZero(cpu, 1);
        } else {
            Memory.put64(cpu, old & 0xFFFFFFFFL);
            Memory.put64(cpu + 16, old >>> 32);
            Flags.setZero(cpu, 0);
        }
    }

    public static void cmpxchg16b(int cpu, long a) {
        if ((a & 15) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        int host = Mmu.modify64(cpu, a);
        long low = Memory.get64(host), high = Memory.get64(host + 8);
        if (low == Memory.get64(cpu) && high == Memory.get64(cpu + 16)) {
            Memory.put64(host, Memory.get64(cpu + 24));
            Memory.put64(host + 8, Memory.get64(cpu + 8));
            Flags.setZero(cpu, 1);
        } else {
            Memory.put64(cpu, low);
            Memory.put64(cpu + 16, high);
            Flags.setZero(cpu, 0);
        }
    }
}
