// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

/**
 * Packed integers, 64 bits at a time: an MMX operation is one of these, an SSE2 operation two. Pure functions; the vCPU
 * argument is there because every helper has it.
 */
public final class Packed {
    private static final long LOW7 = 0x7F7F7F7F7F7F7F7FL, LOW15 = 0x7FFF7FFF7FFF7FFFL, TOP8 = ~LOW7, TOP16 = ~LOW15;

    private Packed() { }

    private static int b(long v, int i) {
        return (byte) (v >>> i * 8);
    }

    private static int ub(long v, int i) {
        return (int) (v >>> i * 8) & 0xFF;
    }

    private static int w(long v, int i) {
        return (short) (v >>> i * 16);
    }

    private static int uw(long v, int i) {
        return (int) (v >>> i * 16) & 0xFFFF;
    }

    private static int d(long v, int i) {
        return (int) (v >>> i * 32);
    }

    private static int clamp(int v, int low, int high) {
        return v < low ? low : v > high ? high : v;
    }

    public static long paddb(int cpu, long a, long b) {
        return (a & LOW7) + (b & LOW7) ^ (a ^ b) & TOP8;
    }

    public static long paddw(int cpu, long a, long b) {
        return (a & LOW15) + (b & LOW15) ^ (a ^ b) & TOP16;
    }

    public static long paddd(int cpu, long a, long b) {
        return (int) a + (int) b & 0xFFFFFFFFL | (a >>> 32) + (b >>> 32) << 32;
    }

    public static long paddq(int cpu, long a, long b) {
        return a + b;
    }

    public static long psubb(int cpu, long a, long b) {
        return (a | TOP8) - (b & LOW7) ^ (a ^ ~b) & TOP8;
    }

    public static long psubw(int cpu, long a, long b) {
        return (a | TOP16) - (b & LOW15) ^ (a ^ ~b) & TOP16;
    }

    public static long psubd(int cpu, long a, long b) {
        return (int) a - (int) b & 0xFFFFFFFFL | (a >>> 32) - (b >>> 32) << 32;
    }

    public static long psubq(int cpu, long a, long b) {
        return a - b;
    }

    public static long pand(int cpu, long a, long b) {
        return a & b;
    }

    public static long pandn(int cpu, long a, long b) {
        return ~a & b;
    }

    public static long por(int cpu, long a, long b) {
        return a | b;
    }

    public static long pxor(int cpu, long a, long b) {
        return a ^ b;
    }

    public static long pcmpeqb(int cpu, long a, long b) {
        long x = a ^ b;
        long zero = ~((x & LOW7) + LOW7 | x | LOW7);
        return (zero >>> 7) * 255;
    }

    public static long pmuludq(int cpu, long a, long b) {
        return (a & 0xFFFFFFFFL) * (b & 0xFFFFFFFFL);
    }

    public static long psadbw(int cpu, long a, long b) {
        int sum = 0;
        for (int i = 0; i < 8; i++) {
            int x = ub(a, i) - ub(b, i);
            sum += x < 0 ? -x : x;
        }
        return sum;
    }

    public static long pmaddwd(int cpu, long a, long b) {
        int low = w(a, 0) * w(b, 0) + w(a, 1) * w(b, 1), high = w(a, 2) * w(b, 2) + w(a, 3) * w(b, 3);
        return low & 0xFFFFFFFFL | (long) high << 32;
    }

    /** Eight top bits of bytes. */
    public static long pmovmskb(int cpu, long a) {
        return (a >>> 7 & 0x0101010101010101L) * 0x0102040810204080L >>> 56;
    }

    public static long paddsb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = b(a, i), y = b(b, i);
            r |= ((long) clamp(x + y, -128, 127) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long paddsw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((long) clamp(x + y, -32768, 32767) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long paddusb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = ub(a, i), y = ub(b, i);
            r |= ((long) clamp(x + y, 0, 255) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long paddusw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = uw(a, i), y = uw(b, i);
            r |= ((long) clamp(x + y, 0, 65535) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long psubsb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = b(a, i), y = b(b, i);
            r |= ((long) clamp(x - y, -128, 127) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long psubsw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((long) clamp(x - y, -32768, 32767) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long psubusb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = ub(a, i), y = ub(b, i);
            r |= ((long) clamp(x - y, 0, 255) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long psubusw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = uw(a, i), y = uw(b, i);
            r |= ((long) clamp(x - y, 0, 65535) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pmullw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((long) (x * y) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pmulhw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((long) (x * y >> 16) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pmulhuw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = uw(a, i), y = uw(b, i);
            r |= ((long) (x * y >>> 16) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pavgb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = ub(a, i), y = ub(b, i);
            r |= ((long) (x + y + 1 >> 1) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long pavgw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = uw(a, i), y = uw(b, i);
            r |= ((long) (x + y + 1 >> 1) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pminub(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = ub(a, i), y = ub(b, i);
            r |= ((long) (x < y ? x : y) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long pmaxub(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = ub(a, i), y = ub(b, i);
            r |= ((long) (x > y ? x : y) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long pminsw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((long) (x < y ? x : y) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pmaxsw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((long) (x > y ? x : y) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pcmpeqw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((x == y ? -1L : 0) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pcmpeqd(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            int x = d(a, i), y = d(b, i);
            r |= ((x == y ? -1L : 0) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long pcmpgtb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = b(a, i), y = b(b, i);
            r |= ((x > y ? -1L : 0) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long pcmpgtw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = w(a, i), y = w(b, i);
            r |= ((x > y ? -1L : 0) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pcmpgtd(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            int x = d(a, i), y = d(b, i);
            r |= ((x > y ? -1L : 0) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long psllw(int cpu, long a, long count) {
        if (Long.compareUnsigned(count, 15) > 0) {
            return 0;
        }
        int n = (int) count;
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (((uw(a, i) & 0xFFFFL) << n) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pslld(int cpu, long a, long count) {
        if (Long.compareUnsigned(count, 31) > 0) {
            return 0;
        }
        int n = (int) count;
        long r = 0;
        for (int i = 0; i < 2; i++) {
            r |= (((d(a, i) & 0xFFFFFFFFL) << n) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long psrlw(int cpu, long a, long count) {
        if (Long.compareUnsigned(count, 15) > 0) {
            return 0;
        }
        int n = (int) count;
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (((uw(a, i) & 0xFFFFL) >>> n) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long psrld(int cpu, long a, long count) {
        if (Long.compareUnsigned(count, 31) > 0) {
            return 0;
        }
        int n = (int) count;
        long r = 0;
        for (int i = 0; i < 2; i++) {
            r |= (((d(a, i) & 0xFFFFFFFFL) >>> n) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long psraw(int cpu, long a, long count) {
        int n = Long.compareUnsigned(count, 15) > 0 ? 15 : (int) count;
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= ((long) (w(a, i) >> n) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long psrad(int cpu, long a, long count) {
        int n = Long.compareUnsigned(count, 31) > 0 ? 31 : (int) count;
        long r = 0;
        for (int i = 0; i < 2; i++) {
            r |= ((long) (d(a, i) >> n) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long psllq(int cpu, long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a << (int) count;
    }

    public static long psrlq(int cpu, long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a >>> (int) count;
    }

    public static long punpcklbw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (a >>> (i + 0) * 8 & 0xFFL) << i * 16 | (b >>> (i + 0) * 8 & 0xFFL) << i * 16 + 8;
        }
        return r;
    }

    public static long punpcklwd(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            r |= (a >>> (i + 0) * 16 & 0xFFFFL) << i * 32 | (b >>> (i + 0) * 16 & 0xFFFFL) << i * 32 + 16;
        }
        return r;
    }

    public static long punpckldq(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 1; i++) {
            r |= (a >>> (i + 0) * 32 & 0xFFFFFFFFL) << i * 64 | (b >>> (i + 0) * 32 & 0xFFFFFFFFL) << i * 64 + 32;
        }
        return r;
    }

    public static long punpckhbw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (a >>> (i + 4) * 8 & 0xFFL) << i * 16 | (b >>> (i + 4) * 8 & 0xFFL) << i * 16 + 8;
        }
        return r;
    }

    public static long punpckhwd(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            r |= (a >>> (i + 2) * 16 & 0xFFFFL) << i * 32 | (b >>> (i + 2) * 16 & 0xFFFFL) << i * 32 + 16;
        }
        return r;
    }

    public static long punpckhdq(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 1; i++) {
            r |= (a >>> (i + 1) * 32 & 0xFFFFFFFFL) << i * 64 | (b >>> (i + 1) * 32 & 0xFFFFFFFFL) << i * 64 + 32;
        }
        return r;
    }

    public static long packsswb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (clamp(w(a, i), -128, 127) & 0xFFL) << i * 8 | (clamp(w(b, i), -128, 127) & 0xFFL) << (i + 4) * 8;
        }
        return r;
    }

    public static long packuswb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (clamp(w(a, i), 0, 255) & 0xFFL) << i * 8 | (clamp(w(b, i), 0, 255) & 0xFFL) << (i + 4) * 8;
        }
        return r;
    }

    public static long packssdw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            r |= (clamp(d(a, i), -32768, 32767) & 0xFFFFL) << i * 16 | (clamp(d(b, i), -32768, 32767) & 0xFFFFL) << (i + 2) * 16;
        }
        return r;
    }

    /** Four words of a chosen by the immediate's bit pairs. */
    public static long pshufw(int cpu, long a, int order) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            r |= (a >>> (order >>> i * 2 & 3) * 16 & 0xFFFF) << i * 16;
        }
        return r;
    }
}
