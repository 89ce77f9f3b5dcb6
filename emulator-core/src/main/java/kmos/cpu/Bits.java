// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Byte swaps, scans, counts, and bit tests of bit strings in memory. */
public final class Bits {
    private Bits() { }

    public static int swap16(int cpu, int a) {
        return a >>> 8 | (a & 0xFF) << 8;
    }

    public static int swap32(int cpu, int a) {
        return a >>> 24 | a >>> 8 & 0xFF00 | (a & 0xFF00) << 8 | a << 24;
    }

    public static long swap64(int cpu, long a) {
        return (swap32(cpu, (int) a) & 0xFFFFFFFFL) << 32 | swap32(cpu, (int) (a >>> 32)) & 0xFFFFFFFFL;
    }

    /** BT BTS BTR BTC (kind 0 to 3) on memory with a signed register index: the operand may lie anywhere around it. */
    public static void testMemory(int cpu, int ip, int kind, int bits, long index) {
        int word = Memory.get32(ip + 12);
        long offset = Ea.offset(cpu, ip) + (index >> (bits == 64 ? 6 : bits == 32 ? 5 : 4)) * (bits / 8);
        int addressSize = word >>> 13 & 3;
        if (addressSize == Ea.A32) {
            offset &= 0xFFFFFFFFL;
        } else if (addressSize == Ea.A16) {
            offset &= 0xFFFF;
        }
        long a = Ea.segmented(cpu, word >>> 10 & 7, offset, bits / 8, kind != 0);
        int n = (int) index & bits - 1;
        if (kind == 0) {
            long v = bits == 64 ? Mmu.read64(cpu, a) : bits == 32 ? Mmu.read32(cpu, a) : Mmu.read16(cpu, a);
            Flags.setCarry(cpu, (int) (v >>> n) & 1);
            return;
        }
        int host = bits == 64 ? Mmu.modify64(cpu, a) : bits == 32 ? Mmu.modify32(cpu, a) : Mmu.modify16(cpu, a);
        long v = bits == 64 ? Memory.get64(host) : bits == 32 ? Memory.get32(host) : Memory.get16(host);
        long mask = 1L << n;
        Flags.setCarry(cpu, (int) (v >>> n) & 1);
        v = kind == 1 ? v | mask : kind == 2 ? v & ~mask : v ^ mask;
        if (bits == 64) {
            Memory.put64(host, v);
        } else if (bits == 32) {
            Memory.put32(host, (int) v);
        } else {
            Memory.put16(host, (int) v);
        }
        Mmu.modified(cpu, host);
    }

    private static void scanned(int cpu, int ip, int bits, boolean found, int position) {
        Flags.setZero(cpu, found ? 0 : 1);
        if (!found) {
            return;
        }
        int d = cpu + Memory.get8(ip + 2);
        if (bits == 16) {
            Memory.put16(d, position);
        } else {
            Memory.put64(d, position);
        }
    }

    public static void bsf16(int cpu, int ip, int v) {
        scanned(cpu, ip, 16, v != 0, Integer.numberOfTrailingZeros(v));
    }

    public static void bsf32(int cpu, int ip, int v) {
        scanned(cpu, ip, 32, v != 0, Integer.numberOfTrailingZeros(v));
    }

    public static void bsf64(int cpu, int ip, long v) {
        scanned(cpu, ip, 64, v != 0, Long.numberOfTrailingZeros(v));
    }

    public static void bsr16(int cpu, int ip, int v) {
        scanned(cpu, ip, 16, v != 0, 31 - Integer.numberOfLeadingZeros(v));
    }

    public static void bsr32(int cpu, int ip, int v) {
        scanned(cpu, ip, 32, v != 0, 31 - Integer.numberOfLeadingZeros(v));
    }

    public static void bsr64(int cpu, int ip, long v) {
        scanned(cpu, ip, 64, v != 0, 63 - Long.numberOfLeadingZeros(v));
    }

    private static void counted(int cpu, boolean isZero) {
        Flags.setArithmetic(cpu, isZero ? Flags.ZF : 0);
    }

    public static int popcnt16(int cpu, int v) {
        counted(cpu, v == 0);
        return Integer.bitCount(v);
    }

    public static int popcnt32(int cpu, int v) {
        counted(cpu, v == 0);
        return Integer.bitCount(v);
    }

    public static long popcnt64(int cpu, long v) {
        counted(cpu, v == 0);
        return Long.bitCount(v);
    }

    // BMI2: bits gathered from and spread to the places that the mask names

    public static long pext64(int cpu, long v, long mask) {
        long r = 0;
        for (int n = 0; mask != 0; n++) {
            r |= (v & mask & -mask) != 0 ? 1L << n : 0;
            mask &= mask - 1;
        }
        return r;
    }

    public static int pext32(int cpu, int v, int mask) {
        return (int) pext64(cpu, v, mask & 0xFFFFFFFFL);
    }

    public static long pdep64(int cpu, long v, long mask) {
        long r = 0;
        for (int n = 0; mask != 0; n++) {
            r |= (v >>> n & 1) != 0 ? mask & -mask : 0;
            mask &= mask - 1;
        }
        return r;
    }

    public static int pdep32(int cpu, int v, int mask) {
        return (int) pdep64(cpu, v, mask & 0xFFFFFFFFL);
    }

    // LZCNT and TZCNT of zero are the width

    public static int lzcnt16(int cpu, int v) {
        return Integer.numberOfLeadingZeros(v) - 16;
    }

    public static int lzcnt32(int cpu, int v) {
        return Integer.numberOfLeadingZeros(v);
    }

    public static long lzcnt64(int cpu, long v) {
        return Long.numberOfLeadingZeros(v);
    }

    public static int tzcnt16(int cpu, int v) {
        return Integer.numberOfTrailingZeros(v | 0x10000);
    }

    public static int tzcnt32(int cpu, int v) {
        return Integer.numberOfTrailingZeros(v);
    }

    public static long tzcnt64(int cpu, long v) {
        return Long.numberOfTrailingZeros(v);
    }
}
