// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Rotates through carry and double shifts: result returned, flags set here. */
public final class Rotate {
    private Rotate() { }

    private static long rcl(int cpu, long a, int bits, int count) {
        int n = bits == 64 ? count & 63 : (count & 31) % (bits + 1);
        if (n == 0) {
            return a;
        }
        long mask = bits == 64 ? -1 : (1L << bits) - 1;
        long c = Flags.b(cpu) ? 1 : 0;
        long out = a >>> bits - n & 1;
        long r = (n == 64 ? 0 : a << n) | c << n - 1 | (n == 1 ? 0 : a >>> bits + 1 - n);
        r &= mask;
        long overflow = r >>> bits - 1 & 1 ^ out;
        Flags.carryOverflow(cpu, (int) (out | overflow << 1));
        return r;
    }

    private static long rcr(int cpu, long a, int bits, int count) {
        int n = bits == 64 ? count & 63 : (count & 31) % (bits + 1);
        if (n == 0) {
            return a;
        }
        long mask = bits == 64 ? -1 : (1L << bits) - 1;
        long c = Flags.b(cpu) ? 1 : 0;
        long out = a >>> n - 1 & 1;
        long r = (n == 64 ? 0 : a >>> n) | c << bits - n | (n == 1 ? 0 : a << bits + 1 - n);
        r &= mask;
        long overflow = (r >>> bits - 1 ^ r >>> bits - 2) & 1;
        Flags.carryOverflow(cpu, (int) (out | overflow << 1));
        return r;
    }

    public static int rcl8(int cpu, int a, int n) {
        return (int) rcl(cpu, a, 8, n);
    }

    public static int rcl16(int cpu, int a, int n) {
        return (int) rcl(cpu, a, 16, n);
    }

    public static int rcl32(int cpu, int a, int n) {
        return (int) rcl(cpu, a & 0xFFFFFFFFL, 32, n);
    }

    public static long rcl64(int cpu, long a, int n) {
        return rcl(cpu, a, 64, n);
    }

    public static int rcr8(int cpu, int a, int n) {
        return (int) rcr(cpu, a, 8, n);
    }

    public static int rcr16(int cpu, int a, int n) {
        return (int) rcr(cpu, a, 16, n);
    }

    public static int rcr32(int cpu, int a, int n) {
        return (int) rcr(cpu, a & 0xFFFFFFFFL, 32, n);
    }

    public static long rcr64(int cpu, long a, int n) {
        return rcr(cpu, a, 64, n);
    }

    private static void flags(int cpu, int bits, long a, long r, long carry) {
        long overflow = (a ^ r) >>> bits - 1 & 1;
        Flags.result(cpu, 64 - bits << 8, r << 64 - bits, (int) (carry & 1 | overflow << 1));
    }

    /** 16-bit operands with counts above 16 (undefined) take their bits from the concatenation a:b:a, as measured processors do. */
    public static int shld16(int cpu, int a, int b, int count) {
        int n = count & 31;
        if (n == 0) {
            return a;
        }
        long wide = (long) a << 32 | (long) b << 16 | a;
        int r = (int) (wide << n >>> 32) & 0xFFFF;
        flags(cpu, 16, a, r, wide >>> 48 - n);
        return r;
    }

    public static int shld32(int cpu, int a, int b, int count) {
        int n = count & 31;
        if (n == 0) {
            return a;
        }
        int r = a << n | b >>> 32 - n;
        flags(cpu, 32, a & 0xFFFFFFFFL, r & 0xFFFFFFFFL, a >>> 32 - n);
        return r;
    }

    public static long shld64(int cpu, long a, long b, int count) {
        int n = count & 63;
        if (n == 0) {
            return a;
        }
        long r = a << n | b >>> 64 - n;
        flags(cpu, 64, a, r, a >>> 64 - n);
        return r;
    }

    public static int shrd16(int cpu, int a, int b, int count) {
        int n = count & 31;
        if (n == 0) {
            return a;
        }
        long wide = (long) a << 32 | (long) b << 16 | a;
        int r = (int) (wide >>> n) & 0xFFFF;
        flags(cpu, 16, a, r, wide >>> n - 1);
        return r;
    }

    public static int shrd32(int cpu, int a, int b, int count) {
        int n = count & 31;
        if (n == 0) {
            return a;
        }
        int r = a >>> n | b << 32 - n;
        flags(cpu, 32, a & 0xFFFFFFFFL, r & 0xFFFFFFFFL, a >>> n - 1);
        return r;
    }

    public static long shrd64(int cpu, long a, long b, int count) {
        int n = count & 63;
        if (n == 0) {
            return a;
        }
        long r = a >>> n | b << 64 - n;
        flags(cpu, 64, a, r, a >>> n - 1);
        return r;
    }
}
