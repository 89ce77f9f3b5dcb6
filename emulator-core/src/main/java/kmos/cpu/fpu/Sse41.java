// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;
import kmos.cpu.Flags;

/** SSE4.1 integers (and PCMPGTQ) on 64-bit halves or on addresses of 16 bytes, as {@link Packed}. */
public final class Sse41 {
    private Sse41() { }

    private static int d(long v, int i) {
        return (int) (v >>> i * 32);
    }

    private static long dwords(int d0, int d1) {
        return d0 & 0xFFFFFFFFL | (long) d1 << 32;
    }

    // On 64-bit halves

    public static long pmuldq(int cpu, long a, long b) {
        return (long) (int) a * (int) b;
    }

    public static long pmulld(int cpu, long a, long b) {
        return dwords(d(a, 0) * d(b, 0), d(a, 1) * d(b, 1));
    }

    public static long pcmpeqq(int cpu, long a, long b) {
        return a == b ? -1 : 0;
    }

    public static long pcmpgtq(int cpu, long a, long b) {
        return a > b ? -1 : 0;
    }

    public static long packusdw(int cpu, long a, long b) {
        return unsigned16(d(a, 0)) | unsigned16(d(a, 1)) << 16 | unsigned16(d(b, 0)) << 32 | unsigned16(d(b, 1)) << 48;
    }

    private static long unsigned16(int v) {
        return v < 0 ? 0 : v > 0xFFFF ? 0xFFFF : v;
    }

    public static long pminsb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = (byte) (a >>> i * 8), y = (byte) (b >>> i * 8);
            r |= ((x < y ? x : y) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long pmaxsb(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 8; i++) {
            int x = (byte) (a >>> i * 8), y = (byte) (b >>> i * 8);
            r |= ((x > y ? x : y) & 0xFFL) << i * 8;
        }
        return r;
    }

    public static long pminuw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = (int) (a >>> i * 16) & 0xFFFF, y = (int) (b >>> i * 16) & 0xFFFF;
            r |= ((x < y ? x : y) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pmaxuw(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 4; i++) {
            int x = (int) (a >>> i * 16) & 0xFFFF, y = (int) (b >>> i * 16) & 0xFFFF;
            r |= ((x > y ? x : y) & 0xFFFFL) << i * 16;
        }
        return r;
    }

    public static long pminsd(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            int x = (int) (a >>> i * 32), y = (int) (b >>> i * 32);
            r |= ((x < y ? x : y) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long pmaxsd(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            int x = (int) (a >>> i * 32), y = (int) (b >>> i * 32);
            r |= ((x > y ? x : y) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long pminud(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            long x = (a >>> i * 32) & 0xFFFFFFFFL, y = (b >>> i * 32) & 0xFFFFFFFFL;
            r |= ((x < y ? x : y) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    public static long pmaxud(int cpu, long a, long b) {
        long r = 0;
        for (int i = 0; i < 2; i++) {
            long x = (a >>> i * 32) & 0xFFFFFFFFL, y = (b >>> i * 32) & 0xFFFFFFFFL;
            r |= ((x > y ? x : y) & 0xFFFFFFFFL) << i * 32;
        }
        return r;
    }

    // Extensions: d gets 16 bytes of wider elements from the first bytes at s

    public static void pmovsxbw(int cpu, int d, int s) {
        extend(d, Memory.get64(s), 8, 16, true);
    }

    public static void pmovzxbw(int cpu, int d, int s) {
        extend(d, Memory.get64(s), 8, 16, false);
    }

    public static void pmovsxbd(int cpu, int d, int s) {
        extend(d, Memory.get32(s), 8, 32, true);
    }

    public static void pmovzxbd(int cpu, int d, int s) {
        extend(d, Memory.get32(s), 8, 32, false);
    }

    public static void pmovsxbq(int cpu, int d, int s) {
        extend(d, Memory.get16(s), 8, 64, true);
    }

    public static void pmovzxbq(int cpu, int d, int s) {
        extend(d, Memory.get16(s), 8, 64, false);
    }

    public static void pmovsxwd(int cpu, int d, int s) {
        extend(d, Memory.get64(s), 16, 32, true);
    }

    public static void pmovzxwd(int cpu, int d, int s) {
        extend(d, Memory.get64(s), 16, 32, false);
    }

    public static void pmovsxwq(int cpu, int d, int s) {
        extend(d, Memory.get32(s), 16, 64, true);
    }

    public static void pmovzxwq(int cpu, int d, int s) {
        extend(d, Memory.get32(s), 16, 64, false);
    }

    public static void pmovsxdq(int cpu, int d, int s) {
        extend(d, Memory.get64(s), 32, 64, true);
    }

    public static void pmovzxdq(int cpu, int d, int s) {
        extend(d, Memory.get64(s), 32, 64, false);
    }

    private static void extend(int d, long v, int from, int to, boolean isSigned) {
        long low = 0, high = 0;
        int n = 64 / to;
        for (int i = 0; i < n; i++) {
            low |= element(v, i, from, to, isSigned) << i * to;
            high |= element(v, i + n, from, to, isSigned) << i * to;
        }
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    private static long element(long v, int i, int from, int to, boolean isSigned) {
        long top = v << 64 - from - i * from;
        long wide = isSigned ? top >> 64 - from : top >>> 64 - from;
        return to == 64 ? wide : wide & (1L << to) - 1;
    }

    // On addresses of 16 bytes

    /** The smallest of eight unsigned words and its place. */
    public static void phminposuw(int cpu, int d, int s) {
        int least = 0x10000, at = 0;
        for (int i = 0; i < 8; i++) {
            int v = Memory.get16(s + i * 2);
            if (v < least) {
                least = v;
                at = i;
            }
        }
        Memory.put64(d, least | at << 16);
        Memory.put64(d + 8, 0);
    }

    /** Eight sums of four absolute differences: a group of s (bits 1-0) against d from byte 0 or 4 (bit 2) on. */
    public static void mpsadbw(int cpu, int d, int s, int imm) {
        int from = d + (imm >>> 2 & 1) * 4, group = s + (imm & 3) * 4;
        long low = 0, high = 0;
        for (int i = 0; i < 4; i++) {
            low |= differences(from + i, group) << i * 16;
            high |= differences(from + i + 4, group) << i * 16;
        }
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    private static long differences(int a, int b) {
        int sum = 0;
        for (int i = 0; i < 4; i++) {
            sum += Math.abs(Memory.get8(a + i) - Memory.get8(b + i));
        }
        return sum;
    }

    public static void blendps(int cpu, int d, int s, int imm) {
        for (int i = 0; i < 4; i++) {
            if ((imm >>> i & 1) != 0) {
                Memory.put32(d + i * 4, Memory.get32(s + i * 4));
            }
        }
    }

    public static void blendpd(int cpu, int d, int s, int imm) {
        for (int i = 0; i < 2; i++) {
            if ((imm >>> i & 1) != 0) {
                Memory.put64(d + i * 8, Memory.get64(s + i * 8));
            }
        }
    }

    public static void pblendw(int cpu, int d, int s, int imm) {
        for (int i = 0; i < 8; i++) {
            if ((imm >>> i & 1) != 0) {
                Memory.put16(d + i * 2, Memory.get16(s + i * 2));
            }
        }
    }

    /** Elements of s where the mask's element has its top bit set. */
    public static void pblendvb(int cpu, int d, int s, int mask) {
        for (int i = 0; i < 16; i++) {
            if (Memory.get8(mask + i) >= 0x80) {
                Memory.put8(d + i, Memory.get8(s + i));
            }
        }
    }

    public static void blendvps(int cpu, int d, int s, int mask) {
        for (int i = 0; i < 16; i += 4) {
            if (Memory.get32(mask + i) < 0) {
                Memory.put32(d + i, Memory.get32(s + i));
            }
        }
    }

    public static void blendvpd(int cpu, int d, int s, int mask) {
        for (int i = 0; i < 16; i += 8) {
            if (Memory.get64(mask + i) < 0) {
                Memory.put64(d + i, Memory.get64(s + i));
            }
        }
    }

    // Without VEX the mask is XMM0, which may be the destination too: it is read before it changes, lane by lane

    public static void pblendvb0(int cpu, int d, int s) {
        pblendvb(cpu, d, s, cpu + CpuState.XMM);
    }

    public static void blendvps0(int cpu, int d, int s) {
        blendvps(cpu, d, s, cpu + CpuState.XMM);
    }

    public static void blendvpd0(int cpu, int d, int s) {
        blendvpd(cpu, d, s, cpu + CpuState.XMM);
    }

    /** PTEST: ZF and CF as given, the others cleared. */
    public static void testFlags(int cpu, int zero, int carry) {
        Flags.setArithmetic(cpu, (zero != 0 ? Flags.ZF : 0) | (carry != 0 ? Flags.CF : 0));
    }
}
