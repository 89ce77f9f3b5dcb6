// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.BlockCache;
import kmos.cpu.CpuState;
import kmos.cpu.Flags;

/** SSE4.2: string comparison and CRC-32C. Addresses of 16 bytes, or values. */
public final class Sse42 {
    private Sse42() { }

    /** CRC-32C (iSCSI polynomial, reflected). */
    private static final int POLYNOMIAL = 0x82F63B78;

    private static int crc(int crc, long v, int bits) {
        // Old bits that the data does not reach move down with it.
        long x = crc & 0xFFFFFFFFL ^ v;
        for (int i = 0; i < bits; i++) {
            x = x >>> 1 ^ ((x & 1) != 0 ? POLYNOMIAL & 0xFFFFFFFFL : 0);
        }
        return (int) x;
    }

    public static int crc32b8(int cpu, int old, int v) {
        return crc(old, v, 8);
    }

    public static int crc32b16(int cpu, int old, int v) {
        return crc(old, v, 16);
    }

    public static int crc32b32(int cpu, int old, int v) {
        return crc(old, v & 0xFFFFFFFFL, 32);
    }

    public static int crc32b64(int cpu, int old, long v) {
        return crc(old, v, 64);
    }

    // String comparison (SDM vol. 2B §4.1). imm: bit 0 words, bit 1 signed, bits 3-2 how, bit 4 negated, bit 5 only where
    // the second string is valid, bit 6 last instead of first, or whole elements instead of bits.

    private static int element(int at, int i, int imm) {
        switch (imm & 3) {
            case 0: return Memory.get8(at + i);
            case 1: return Memory.get16(at + i * 2);
            case 2: return (byte) Memory.get8(at + i);
            default: return (short) Memory.get16(at + i * 2);
        }
    }

    private static int implicitLength(int at, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        for (int i = 0; i < n; i++) {
            if (element(at, i, imm) == 0) {
                return i;
            }
        }
        return n;
    }

    /** |length| of a register, no more than there are elements. */
    private static int explicitLength(long length, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        return length > -n && length < n ? (int) Math.abs(length) : n;
    }

    /** One bit for each element of b. */
    private static int matches(int a, int b, int lengthA, int lengthB, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        int result = 0;
        for (int j = 0; j < n; j++) {
            boolean r;
            switch (imm >>> 2 & 3) {
                case 0: r = j < lengthB && equalsAny(a, lengthA, element(b, j, imm), imm); break;
                case 1: r = j < lengthB && isInRanges(a, lengthA, element(b, j, imm), imm); break;
                case 2: r = j < lengthA == j < lengthB && (j >= lengthA || element(a, j, imm) == element(b, j, imm)); break;
                default: r = startsAt(a, b, lengthA, lengthB, j, n, imm); break;
            }
            result |= r ? 1 << j : 0;
        }
        if ((imm & 0x10) != 0) {
            result ^= (imm & 0x20) != 0 ? (1 << lengthB) - 1 : (1 << n) - 1;
        }
        return result;
    }

    private static boolean equalsAny(int a, int length, int v, int imm) {
        for (int i = 0; i < length; i++) {
            if (element(a, i, imm) == v) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInRanges(int a, int length, int v, int imm) {
        for (int i = 0; i + 1 < length; i += 2) {
            if (v >= element(a, i, imm) && v <= element(a, i + 1, imm)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a is found in b at j, as far as b's register reaches. */
    private static boolean startsAt(int a, int b, int lengthA, int lengthB, int j, int n, int imm) {
        for (int i = 0; i < lengthA && i + j < n; i++) {
            if (i + j >= lengthB || element(a, i, imm) != element(b, i + j, imm)) {
                return false;
            }
        }
        return true;
    }

    private static void setFlags(int cpu, int result, int lengthA, int lengthB, int imm) {
        int n = (imm & 1) != 0 ? 8 : 16;
        Flags.setArithmetic(cpu, (result != 0 ? Flags.CF : 0) | (lengthB < n ? Flags.ZF : 0) | (lengthA < n ? Flags.SF : 0)
            | ((result & 1) != 0 ? Flags.OF : 0));
    }

    private static void index(int cpu, int a, int b, int lengthA, int lengthB, int imm) {
        int result = matches(a, b, lengthA, lengthB, imm);
        int none = (imm & 1) != 0 ? 8 : 16;
        int at = result == 0 ? none : (imm & 0x40) != 0 ? 31 - Integer.numberOfLeadingZeros(result) : Integer.numberOfTrailingZeros(result);
        Memory.put64(cpu + 8, at);
        setFlags(cpu, result, lengthA, lengthB, imm);
    }

    private static void mask(int cpu, int a, int b, int lengthA, int lengthB, int imm) {
        int result = matches(a, b, lengthA, lengthB, imm);
        long low = result, high = 0;
        if ((imm & 0x40) != 0) {
            boolean isWords = (imm & 1) != 0;
            low = spread(result, isWords);
            high = spread(result >>> (isWords ? 4 : 8), isWords);
        }
        Memory.put64(cpu + CpuState.XMM, low);
        Memory.put64(cpu + CpuState.XMM + 8, high);
        setFlags(cpu, result, lengthA, lengthB, imm);
    }

    private static long spread(int bits, boolean isWords) {
        long r = 0;
        for (int i = 0; i < (isWords ? 4 : 8); i++) {
            r |= (bits >>> i & 1) == 0 ? 0 : isWords ? 0xFFFFL << i * 16 : 0xFFL << i * 8;
        }
        return r;
    }

    public static void pcmpistri(int cpu, int a, int b, int imm) {
        index(cpu, a, b, implicitLength(a, imm), implicitLength(b, imm), imm);
    }

    public static void pcmpistrm(int cpu, int a, int b, int imm) {
        mask(cpu, a, b, implicitLength(a, imm), implicitLength(b, imm), imm);
    }

    public static void pcmpestri32(int cpu, int a, int b, int imm) {
        index(cpu, a, b, explicitLength(Memory.get32(cpu), imm), explicitLength(Memory.get32(cpu + 16), imm), imm);
    }

    public static void pcmpestrm32(int cpu, int a, int b, int imm) {
        mask(cpu, a, b, explicitLength(Memory.get32(cpu), imm), explicitLength(Memory.get32(cpu + 16), imm), imm);
    }

    /** RAX or RDX as a length; VEX.W means nothing outside 64-bit mode. */
    private static int wideLength(int cpu, int offset, int imm) {
        boolean is64 = (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0;
        return explicitLength(is64 ? Memory.get64(cpu + offset) : Memory.get32(cpu + offset), imm);
    }

    public static void pcmpestri64(int cpu, int a, int b, int imm) {
        index(cpu, a, b, wideLength(cpu, 0, imm), wideLength(cpu, 16, imm), imm);
    }

    public static void pcmpestrm64(int cpu, int a, int b, int imm) {
        mask(cpu, a, b, wideLength(cpu, 0, imm), wideLength(cpu, 16, imm), imm);
    }

    /** VPCMPxSTRM clears the upper half of YMM0. */
    public static void clearUpper0(int cpu) {
        Memory.put64(cpu + CpuState.XMM + 16, 0);
        Memory.put64(cpu + CpuState.XMM + 24, 0);
    }
}
