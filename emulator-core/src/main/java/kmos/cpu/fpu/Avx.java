// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;
import kmos.cpu.Ea;
import kmos.cpu.Mmu;

/** What AVX and AVX2 add to the 128-bit meanings: permutations, variable shifts, masked moves. Addresses in linear memory. */
public final class Avx {
    private Avx() { }

    /** VZEROUPPER of so many registers: 16 in 64-bit mode, else 8. */
    public static void zeroUpper(int cpu, int registers) {
        for (int i = 0; i < registers; i++) {
            Memory.fill(cpu + CpuState.XMM + i * 32 + 16, 16, 0);
        }
    }

    public static void zeroAll(int cpu, int registers) {
        Memory.fill(cpu + CpuState.XMM, registers * 32, 0);
    }

    // Inside lanes of 16 bytes

    /** VPERMILPS: d is the data, bits 1-0 of each element of s choose. */
    public static void permilps(int cpu, int d, int s) {
        int r0 = Memory.get32(d + (Memory.get32(s) & 3) * 4), r1 = Memory.get32(d + (Memory.get32(s + 4) & 3) * 4);
        int r2 = Memory.get32(d + (Memory.get32(s + 8) & 3) * 4), r3 = Memory.get32(d + (Memory.get32(s + 12) & 3) * 4);
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
    }

    /** Bit 1 of each element chooses. */
    public static void permilpd(int cpu, int d, int s) {
        long r0 = Memory.get64(d + (Memory.get32(s) & 2) * 4), r1 = Memory.get64(d + (Memory.get32(s + 8) & 2) * 4);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }

    public static void permilpdImmediate(int cpu, int d, int s, int imm) {
        long r0 = Memory.get64(s + (imm & 1) * 8), r1 = Memory.get64(s + (imm & 2) * 4);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }

    // Across lanes: t is apart from the sources

    /** VPERM2F128: each lane of t is one of the four of a and s (bits 1-0, 5-4), or zero (bits 3, 7). */
    public static void permute128(int cpu, int t, int a, int s, int imm) {
        lane(t, a, s, imm);
        lane(t + 16, a, s, imm >>> 4);
    }

    private static void lane(int t, int a, int s, int imm) {
        int from = ((imm & 2) == 0 ? a : s) + (imm & 1) * 16;
        Memory.put64(t, (imm & 8) != 0 ? 0 : Memory.get64(from));
        Memory.put64(t + 8, (imm & 8) != 0 ? 0 : Memory.get64(from + 8));
    }

    /** VPERMD, VPERMPS: order says which of the eight elements of s. */
    public static void permute32(int cpu, int t, int order, int s) {
        for (int i = 0; i < 32; i += 4) {
            Memory.put32(t + i, Memory.get32(s + (Memory.get32(order + i) & 7) * 4));
        }
    }

    /** VPERMQ, VPERMPD. */
    public static void permute64(int cpu, int t, int s, int imm) {
        for (int i = 0; i < 4; i++) {
            Memory.put64(t + i * 8, Memory.get64(s + (imm >>> i * 2 & 3) * 8));
        }
    }

    // Shifts by counts of their own, on 64-bit halves

    private static long dwords(long d0, long d1) {
        return d0 & 0xFFFFFFFFL | d1 << 32;
    }

    private static long below32(long count) {
        return Long.compareUnsigned(count, 31) > 0 ? 0 : -1;
    }

    public static long psllvd(int cpu, long a, long b) {
        long n0 = b & 0xFFFFFFFFL, n1 = b >>> 32;
        return dwords(a << n0 & below32(n0), (a >>> 32) << n1 & below32(n1));
    }

    public static long psrlvd(int cpu, long a, long b) {
        long n0 = b & 0xFFFFFFFFL, n1 = b >>> 32;
        return dwords((a & 0xFFFFFFFFL) >>> n0 & below32(n0), a >>> 32 >>> n1 & below32(n1));
    }

    public static long psravd(int cpu, long a, long b) {
        int n0 = (int) Math.min(b & 0xFFFFFFFFL, 31), n1 = (int) Math.min(b >>> 32, 31);
        return dwords((int) a >> n0, (int) (a >>> 32) >> n1);
    }

    public static long psllvq(int cpu, long a, long b) {
        return Packed.psllq(cpu, a, b);
    }

    public static long psrlvq(int cpu, long a, long b) {
        return Packed.psrlq(cpu, a, b);
    }

    // Masked moves: the top bit of an element of the mask; what is masked out is not touched, so it cannot fault

    public static void maskLoad32(int cpu, int ip, int t, int mask, int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            Memory.put32(t + i, Memory.get32(mask + i) < 0 ? Mmu.read32(cpu, Ea.part(cpu, ip, i, 4, false)) : 0);
        }
    }

    public static void maskLoad64(int cpu, int ip, int t, int mask, int bytes) {
        for (int i = 0; i < bytes; i += 8) {
            Memory.put64(t + i, Memory.get64(mask + i) < 0 ? Mmu.read64(cpu, Ea.part(cpu, ip, i, 8, false)) : 0);
        }
    }

    public static void maskStore32(int cpu, int ip, int s, int mask, int bytes) {
        for (int i = 0; i < bytes; i += 4) {
            if (Memory.get32(mask + i) < 0) {
                Mmu.checkWritable(cpu, Ea.part(cpu, ip, i, 4, true), 4);
            }
        }
        for (int i = 0; i < bytes; i += 4) {
            if (Memory.get32(mask + i) < 0) {
                Mmu.write32(cpu, Ea.part(cpu, ip, i, 4, true), Memory.get32(s + i));
            }
        }
    }

    public static void maskStore64(int cpu, int ip, int s, int mask, int bytes) {
        for (int i = 0; i < bytes; i += 8) {
            if (Memory.get64(mask + i) < 0) {
                Mmu.checkWritable(cpu, Ea.part(cpu, ip, i, 8, true), 8);
            }
        }
        for (int i = 0; i < bytes; i += 8) {
            if (Memory.get64(mask + i) < 0) {
                Mmu.write64(cpu, Ea.part(cpu, ip, i, 8, true), Memory.get64(s + i));
            }
        }
    }
}
