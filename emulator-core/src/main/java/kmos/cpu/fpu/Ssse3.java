// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;

/** SSSE3 on 64-bit halves or on addresses of 16 bytes, as {@link Packed}. */
public final class Ssse3 {
    private Ssse3() { }

    private static int b(long v, int i) {
        return (byte) (v >>> i * 8);
    }

    private static int ub(long v, int i) {
        return (int) (v >>> i * 8) & 0xFF;
    }

    private static int w(long v, int i) {
        return (short) (v >>> i * 16);
    }

    private static int d(long v, int i) {
        return (int) (v >>> i * 32);
    }

    private static int saturate16(int v) {
        return v < -32768 ? -32768 : v > 32767 ? 32767 : v;
    }

    private static long words(int w0, int w1, int w2, int w3) {
        return w0 & 0xFFFFL | (w1 & 0xFFFFL) << 16 | (w2 & 0xFFFFL) << 32 | (long) w3 << 48;
    }

    private static long dwords(int d0, int d1) {
        return d0 & 0xFFFFFFFFL | (long) d1 << 32;
    }

    // Horizontal: the low half of the result from a, the high half from b

    public static long phaddw(int cpu, long a, long b) {
        return words(w(a, 0) + w(a, 1), w(a, 2) + w(a, 3), w(b, 0) + w(b, 1), w(b, 2) + w(b, 3));
    }

    public static long phsubw(int cpu, long a, long b) {
        return words(w(a, 0) - w(a, 1), w(a, 2) - w(a, 3), w(b, 0) - w(b, 1), w(b, 2) - w(b, 3));
    }

    public static long phaddsw(int cpu, long a, long b) {
        return words(saturate16(w(a, 0) + w(a, 1)), saturate16(w(a, 2) + w(a, 3)), saturate16(w(b, 0) + w(b, 1)), saturate16(w(b, 2) + w(b, 3)));
    }

    public static long phsubsw(int cpu, long a, long b) {
        return words(saturate16(w(a, 0) - w(a, 1)), saturate16(w(a, 2) - w(a, 3)), saturate16(w(b, 0) - w(b, 1)), saturate16(w(b, 2) - w(b, 3)));
    }

    public static long phaddd(int cpu, long a, long b) {
        return dwords(d(a, 0) + d(a, 1), d(b, 0) + d(b, 1));
    }

    public static long phsubd(int cpu, long a, long b) {
        return dwords(d(a, 0) - d(a, 1), d(b, 0) - d(b, 1));
    }

    // Lane by lane

    /** Unsigned bytes of a times signed bytes of b, neighbours added. */
    public static long pmaddubsw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int sum = ub(a, i * 2) * b(b, i * 2) + ub(a, i * 2 + 1) * b(b, i * 2 + 1);
            r |= (saturate16(sum) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pmulhrsw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= ((w(a, i) * w(b, i) >> 14) + 1 >> 1 & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long psignb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            r |= (b(a, i) * Integer.signum(b(b, i)) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long psignw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (w(a, i) * Integer.signum(w(b, i)) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long psignd(int cpu, long a, long b) {
        return dwords(d(a, 0) * Integer.signum(d(b, 0)), d(a, 1) * Integer.signum(d(b, 1)));
    }

    public static long pabsb(int cpu, long a, long b) {
        return psignb(cpu, b, b);
    }

    public static long pabsw(int cpu, long a, long b) {
        return psignw(cpu, b, b);
    }

    public static long pabsd(int cpu, long a, long b) {
        return psignd(cpu, b, b);
    }

    // Bytes chosen

    /** PSHUFB in an MMX register: bytes of a by the low three bits of those of b, zero where bit 7 is set. */
    public static long pshufb64(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int n = b(b, i);
            r |= n < 0 ? 0 : (long) ub(a, n & 7) << i * 8;
        }
        return r;
    }

    public static void pshufb(int cpu, int d, int s) {
        long low = pick(d, Memory.get64(s)), high = pick(d, Memory.get64(s + 8));
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    private static long pick(int table, long order) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int n = b(order, i);
            r |= n < 0 ? 0 : (long) Memory.get8(table + (n & 15)) << i * 8;
        }
        return r;
    }

    /** The eight bytes from byte n on of a above b. */
    public static long palignr64(int cpu, long a, long b, int n) {
        return n >= 16 ? 0 : n >= 8 ? a >>> (n - 8) * 8 : n == 0 ? b : b >>> n * 8 | a << 64 - n * 8;
    }

    public static void palignr(int cpu, int d, int s, int n) {
        long s0 = Memory.get64(s), s1 = Memory.get64(s + 8), d0 = Memory.get64(d), d1 = Memory.get64(d + 8);
        int part = n & 7;
        int from = n >>> 3;
        long x0 = part64(from, s0, s1, d0, d1), x1 = part64(from + 1, s0, s1, d0, d1), x2 = part64(from + 2, s0, s1, d0, d1);
        Memory.put64(d, palignr64(cpu, x1, x0, part));
        Memory.put64(d + 8, palignr64(cpu, x2, x1, part));
    }

    private static long part64(int i, long s0, long s1, long d0, long d1) {
        return i == 0 ? s0 : i == 1 ? s1 : i == 2 ? d0 : i == 3 ? d1 : 0;
    }
}
