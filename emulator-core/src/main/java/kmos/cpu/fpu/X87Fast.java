// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;
import kmos.cpu.Multiply;

/**
 * The common case of x87 instructions: registers that are not empty, normal numbers (or zeros, where it says so), rounding to
 * nearest with 64 bits, inexact results masked. Each method answers false, having changed nothing, when it is another case:
 * {@link X87Arithmetic} and {@link X87Transfer} do that one exactly.
 */
final class X87Fast {
    /** Control word: rounding, precision and PM, and what they are by default. */
    private static final int MODES = 0xF20, DEFAULT_MODES = 0x320;
    private static final int BIAS = 0x3FFF;

    private X87Fast() { }

    private static int at(int cpu, int fsw, int i) {
        return cpu + CpuState.ST + ((fsw >>> 11) + i & 7) * 16;
    }

    private static boolean isThere(int cpu, int fsw, int i) {
        return (Memory.get32(cpu + CpuState.FTW) >>> ((fsw >>> 11) + i & 7) & 1) != 0;
    }

    private static boolean isNormal(long significand, int signExponent) {
        int e = signExponent & 0x7FFF;
        return significand < 0 && e != 0 && e != 0x7FFF;
    }

    private static boolean isDefault(int cpu) {
        return (Memory.get32(cpu + CpuState.FCW) & MODES) == DEFAULT_MODES;
    }

    /** ST(to) = ST(to) op ST(0) or ST(0) op ST(i), with op as ModRM.reg encodes it. */
    static boolean registers(int cpu, int op, int first, int second, int to) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        if (!isThere(cpu, fsw, first) || !isThere(cpu, fsw, second)) {
            return false;
        }
        int a = at(cpu, fsw, first), b = at(cpu, fsw, second);
        return operate(cpu, fsw, op, at(cpu, fsw, to), Memory.get64(a), Memory.get16(a + 8), Memory.get64(b), Memory.get16(b + 8));
    }

    /** ST(0) = ST(0) op a double. */
    static boolean real64(int cpu, int op, long bits) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        int e = (int) (bits >>> 52) & 0x7FF;
        if (e == 0 || e == 0x7FF || !isThere(cpu, fsw, 0)) {
            return false;
        }
        int a = at(cpu, fsw, 0);
        return operate(cpu, fsw, op, a, Memory.get64(a), Memory.get16(a + 8), Long.MIN_VALUE | bits << 11, signExponent(bits, e));
    }

    private static int signExponent(long bits, int e) {
        return e + BIAS - 1023 | (int) (bits >>> 48) & 0x8000;
    }

    private static boolean operate(int cpu, int fsw, int op, int to, long a, int sa, long b, int sb) {
        if (!isDefault(cpu) || !isNormal(a, sa) || !isNormal(b, sb)) {
            return false;
        }
        switch (op) {
            case X87Arithmetic.ADD: return add(cpu, fsw, to, a, sa, b, sb);
            case X87Arithmetic.SUB: return add(cpu, fsw, to, a, sa, b, sb ^ 0x8000);
            case X87Arithmetic.SUBR: return add(cpu, fsw, to, a, sa ^ 0x8000, b, sb);
            case X87Arithmetic.MUL: return multiply(cpu, fsw, to, a, sa, b, sb);
            default: return false;
        }
    }

    private static boolean add(int cpu, int fsw, int to, long a, int sa, long b, int sb) {
        int d = (sa & 0x7FFF) - (sb & 0x7FFF);
        if (d < 0 || d == 0 && Long.compareUnsigned(a, b) < 0) {
            return addSmaller(cpu, fsw, to, b, sb, a, sa, -d);
        }
        return addSmaller(cpu, fsw, to, a, sa, b, sb, d);
    }

    /** |a| is not below |b|; d: distance of their exponents. */
    private static boolean addSmaller(int cpu, int fsw, int to, long a, int sa, long b, int sb, int d) {
        if (d > 63) {
            return false;
        }
        int exponent = sa & 0x7FFF;
        long high = b >>> d;
        long low = d == 0 ? 0 : b << 64 - d;
        if (((sa ^ sb) & 0x8000) == 0) {
            high += a;
            // The sum of two numbers with the top bit set, or of one and a smaller one, has carried when it is below a.
            if (Long.compareUnsigned(high, a) < 0) {
                low = low >>> 1 | low & 1 | high << 63;
                high = high >>> 1 | Long.MIN_VALUE;
                exponent++;
            }
        } else {
            high = a - high - (low != 0 ? 1 : 0);
            low = -low;
            if (high >= 0) {
                if (high == 0) {
                    return false;
                }
                int shift = Long.numberOfLeadingZeros(high);
                high = high << shift | low >>> 64 - shift;
                low <<= shift;
                exponent -= shift;
            }
        }
        return round(cpu, fsw, to, high, low, exponent, sa & 0x8000);
    }

    private static boolean multiply(int cpu, int fsw, int to, long a, int sa, long b, int sb) {
        int exponent = (sa & 0x7FFF) + (sb & 0x7FFF) - BIAS + 1;
        long high = Multiply.highUnsigned(cpu, a, b), low = a * b;
        if (high >= 0) {
            high = high << 1 | low >>> 63;
            low <<= 1;
            exponent--;
        }
        return round(cpu, fsw, to, high, low, exponent, (sa ^ sb) & 0x8000);
    }

    /** Rounds high and the 64 bits below it (of which the lowest may be sticky) to nearest even and stores the result. */
    private static boolean round(int cpu, int fsw, int to, long high, long low, int exponent, int sign) {
        int flags = 0;
        long h = high;
        int e = exponent;
        if (low != 0) {
            flags = X87.PE;
            if (low < 0 && (low != Long.MIN_VALUE || (h & 1) != 0)) {
                flags |= X87.C1;
                h++;
                if (h == 0) {
                    h = Long.MIN_VALUE;
                    e++;
                }
            }
        }
        if (e <= 0 || e >= 0x7FFF) {
            return false;
        }
        Memory.put64(to, h);
        Memory.put64(to + 8, e | sign);
        Memory.put32(cpu + CpuState.FSW, fsw & ~X87.C1 | flags);
        return true;
    }

    /** Pushes a normal double or a zero. */
    static boolean push64(int cpu, long bits) {
        int e = (int) (bits >>> 52) & 0x7FF;
        boolean isZero = bits << 1 == 0;
        if (e == 0x7FF || e == 0 && !isZero) {
            return false;
        }
        return push(cpu, isZero ? 0 : Long.MIN_VALUE | bits << 11, isZero ? (int) (bits >>> 48) : signExponent(bits, e));
    }

    /** Pushes a normal float or a zero. */
    static boolean push32(int cpu, int bits) {
        int e = bits >>> 23 & 0xFF;
        boolean isZero = bits << 1 == 0;
        if (e == 0xFF || e == 0 && !isZero) {
            return false;
        }
        int sign = bits >>> 16 & 0x8000;
        return push(cpu, isZero ? 0 : Long.MIN_VALUE | (bits & 0x7FFFFFL) << 40, isZero ? sign : e + BIAS - 127 | sign);
    }

    /** Pushes any value as it is. */
    static boolean push(int cpu, long significand, int signExponent) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        int ftw = Memory.get32(cpu + CpuState.FTW);
        int top = (fsw >>> 11) - 1 & 7;
        if ((ftw >>> top & 1) != 0) {
            return false;
        }
        Memory.put64(cpu + CpuState.ST + top * 16, significand);
        Memory.put64(cpu + CpuState.ST + top * 16 + 8, signExponent);
        Memory.put32(cpu + CpuState.FTW, ftw | 1 << top);
        Memory.put32(cpu + CpuState.FSW, fsw & ~(X87.TOP | X87.C1) | top << 11);
        return true;
    }

    static boolean pushRegister(int cpu, int i) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        int from = at(cpu, fsw, i);
        return isThere(cpu, fsw, i) && push(cpu, Memory.get64(from), Memory.get16(from + 8));
    }

    /** ST(0) as a double in scratch: normal, within the range of normal doubles after rounding, or a zero. */
    static boolean store64(int cpu) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        if (!isThere(cpu, fsw, 0) || !isDefault(cpu)) {
            return false;
        }
        int at = at(cpu, fsw, 0);
        long significand = Memory.get64(at);
        int se = Memory.get16(at + 8), e = (se & 0x7FFF) - BIAS + 1023;
        long sign = (long) (se & 0x8000) << 48;
        int flags = 0;
        long bits = sign;
        if (significand != 0 || (se & 0x7FFF) != 0) {
            // Rounding up may carry into the exponent, at most once.
            if (significand >= 0 || e < 1 || e > 2045) {
                return false;
            }
            long rest = significand & 0x7FF;
            bits |= (long) e << 52 | significand >>> 11 & 0xFFFFFFFFFFFFFL;
            if (rest != 0) {
                flags = X87.PE;
                if (rest > 0x400 || rest == 0x400 && (bits & 1) != 0) {
                    flags |= X87.C1;
                    bits++;
                }
            }
        }
        Memory.put64(cpu + CpuState.SCRATCH, bits);
        Memory.put32(cpu + CpuState.FSW, fsw & ~X87.C1 | flags);
        return true;
    }

    /** Compares ST(0) and ST(i), normal or zero: -1, 0, 1; or 2 for another case. */
    static int compare(int cpu, int i) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        if (!isThere(cpu, fsw, 0) || !isThere(cpu, fsw, i)) {
            return 2;
        }
        int x = at(cpu, fsw, 0), y = at(cpu, fsw, i);
        return compare(Memory.get64(x), Memory.get16(x + 8), Memory.get64(y), Memory.get16(y + 8));
    }

    private static int compare(long a, int sa, long b, int sb) {
        boolean aIsZero = a == 0 && (sa & 0x7FFF) == 0, bIsZero = b == 0 && (sb & 0x7FFF) == 0;
        if (!aIsZero && !isNormal(a, sa) || !bIsZero && !isNormal(b, sb)) {
            return 2;
        }
        if (aIsZero || bIsZero) {
            return aIsZero && bIsZero ? 0 : aIsZero ? (sb & 0x8000) != 0 ? 1 : -1 : (sa & 0x8000) != 0 ? -1 : 1;
        }
        if (((sa ^ sb) & 0x8000) != 0) {
            return (sa & 0x8000) != 0 ? -1 : 1;
        }
        int c = sa != sb ? (sa & 0x7FFF) - (sb & 0x7FFF) : Long.compareUnsigned(a, b);
        c = (sa & 0x8000) != 0 ? -c : c;
        return c < 0 ? -1 : c > 0 ? 1 : 0;
    }
}
