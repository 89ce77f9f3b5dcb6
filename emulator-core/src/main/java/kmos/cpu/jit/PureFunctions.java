// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.Flags;
import kmos.isa.Emit;

/** Conditions from flags whose kind is known only at run time, on values instead of the vCPU's state. */
public final class PureFunctions {
    /** Code for AF, beside the condition codes. */
    static final int ADJUST = 16;

    private PureFunctions() { }

    /** a and r are moved down by the shift in fk (see {@link FlagState}). */
    public static int condition(int fk, int fx, long a, long r, int code) {
        int shift = fk >>> 8;
        long fa = a << shift, fr = r << shift;
        switch (code) {
            case Emit.O: return overflow(fk, fx, fa, fr);
            case Emit.B: return carry(fk, fx, fa, fr);
            case Emit.Z: return fr == 0 ? 1 : 0;
            case Emit.BE: return fr == 0 ? 1 : carry(fk, fx, fa, fr);
            case Emit.S: return sign(fk, fx, fr);
            case Emit.P: return parity(fk, fx, r);
            case Emit.L: return sign(fk, fx, fr) ^ overflow(fk, fx, fa, fr);
            case Emit.LE: return fr == 0 ? 1 : sign(fk, fx, fr) ^ overflow(fk, fx, fa, fr);
            case ADJUST: return adjust(fk, fx, a, r);
            default: throw new IllegalStateException("condition code");
        }
    }

    private static int carry(int fk, int fx, long fa, long fr) {
        if ((fk & Flags.LAZY_CF) == 0) {
            return fx & 1;
        }
        long x = (fk & Flags.IS_ADD) != 0 ? fr : fa;
        long y = (fk & Flags.IS_ADD) != 0 ? fa : fa - fr;
        return (x ^ Long.MIN_VALUE) < (y ^ Long.MIN_VALUE) ? 1 : 0;
    }

    private static int overflow(int fk, int fx, long fa, long fr) {
        if ((fk & Flags.LAZY_OF) == 0) {
            return fx >>> 1 & 1;
        }
        long x = (fk & Flags.IS_ADD) != 0 ? (fa ^ fr) & (fr - fa ^ fr) : (fa ^ fa - fr) & (fa ^ fr);
        return x < 0 ? 1 : 0;
    }

    private static int sign(int fk, int fx, long fr) {
        return (fk & Flags.EXPLICIT_SF) != 0 ? fx >>> 4 & 1 : fr < 0 ? 1 : 0;
    }

    private static int parity(int fk, int fx, long r) {
        if ((fk & Flags.EXPLICIT_PF) != 0) {
            return fx >>> 3 & 1;
        }
        return ~Integer.bitCount((int) r & 0xFF) & 1;
    }

    private static int adjust(int fk, int fx, long a, long r) {
        if ((fk & Flags.LAZY_AF) == 0) {
            return fx >>> 2 & 1;
        }
        long b = (fk & Flags.IS_ADD) != 0 ? r - a : a - r;
        return (int) ((a ^ b ^ r) >>> 4) & 1;
    }

    /** Upper half of the unsigned 128-bit product. */
    public static long highUnsigned(long a, long b) {
        return kmos.cpu.Multiply.highUnsigned(0, a, b);
    }

    public static long highSigned(long a, long b) {
        return kmos.cpu.Multiply.highSigned(0, a, b);
    }
}
