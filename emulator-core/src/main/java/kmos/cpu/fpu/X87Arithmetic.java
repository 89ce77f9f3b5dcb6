// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.Flags;

/** x87 arithmetic and comparisons, exact in 80 bits. */
public final class X87Arithmetic {
    /** Operations, as ModRM.reg encodes them. */
    static final int ADD = 0, MUL = 1, COM = 2, COMP = 3, SUB = 4, SUBR = 5, DIV = 6, DIVR = 7;
    private static final long INDEFINITE = 3L << 62;

    private X87Arithmetic() { }

    /** r = a op b with NaN and invalid rules; false when the result may not be stored. */
    private static boolean operate(int cpu, FloatUnit u, int op, int destination) {
        if (op == SUBR || op == DIVR) {
            FloatUnit.Operand t = new FloatUnit.Operand();
            t.set(u.a);
            u.a.set(u.b);
            u.b.set(t);
        }
        if (!specials(u)) {
            switch (op) {
                case ADD: u.add(); break;
                case MUL: u.multiply(); break;
                case SUB:
                case SUBR: u.subtract(); break;
                default: u.divide(); break;
            }
            if ((u.a.isDenormal || u.b.isDenormal) && (u.flags & (X87.IE | X87.ZE)) == 0) {
                u.flags |= X87.DE;
                if ((X87.fcw(cpu) & X87.DE) == 0) {
                    X87.raise(cpu, X87.DE);
                    return false;
                }
            }
        }
        return X87.store(cpu, u, destination, X87.precision(cpu));
    }

    /** NaN and unsupported operands: the result is in r. The NaN with the larger significand wins (SDM vol. 1 table 4-7). */
    static boolean specials(FloatUnit u) {
        if (u.a.kind == FloatUnit.UNSUPPORTED || u.b.kind == FloatUnit.UNSUPPORTED) {
            u.flags |= X87.IE;
            u.indefinite();
            return true;
        }
        if (!u.a.isNan() && !u.b.isNan()) {
            return false;
        }
        boolean aSignals = u.a.kind == FloatUnit.SIGNALLING, bSignals = u.b.kind == FloatUnit.SIGNALLING;
        if (aSignals || bSignals) {
            u.flags |= X87.IE;
        }
        FloatUnit.Operand winner;
        if (!u.b.isNan()) {
            winner = u.a;
        } else if (!u.a.isNan()) {
            winner = u.b;
        } else if (aSignals != bSignals) {
            winner = aSignals ? u.b : u.a;
        } else {
            int c = Long.compareUnsigned(u.a.significand, u.b.significand);
            winner = c > 0 || c == 0 && !u.a.sign ? u.a : u.b;
        }
        u.nan(winner);
        return true;
    }

    private static void memory(int cpu, FloatUnit u, int op) {
        if (op == COM || op == COMP) {
            compare(cpu, u, true, op == COMP ? 1 : 0);
            return;
        }
        if (X87.isEmpty(cpu, 0)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return;
        }
        X87.load(u.a, X87.st(cpu, 0));
        operate(cpu, u, op, 0);
    }

    public static void real32(int cpu, int op, int at) {
        FloatUnit u = X87.unit(cpu);
        FloatUnit.unpack32(u.b, Memory.get32(at), false);
        memory(cpu, u, op);
    }

    public static void real64(int cpu, int op, int at) {
        if (X87Fast.real64(cpu, op, Memory.get64(at))) {
            return;
        }
        FloatUnit u = X87.unit(cpu);
        FloatUnit.unpack64(u.b, Memory.get64(at), false);
        memory(cpu, u, op);
    }

    public static void integer16(int cpu, int op, int at) {
        integer(cpu, op, Memory.getSigned16(at));
    }

    public static void integer32(int cpu, int op, int at) {
        integer(cpu, op, Memory.get32(at));
    }

    private static void integer(int cpu, int op, int v) {
        FloatUnit u = X87.unit(cpu);
        u.b.kind = v == 0 ? FloatUnit.ZERO : FloatUnit.FINITE;
        u.b.sign = v < 0;
        u.b.isDenormal = false;
        long m = v < 0 ? 0 - (long) v : v;
        int shift = Long.numberOfLeadingZeros(m);
        u.b.exponent = 63 - shift;
        u.b.significand = v == 0 ? 0 : m << shift;
        memory(cpu, u, op);
    }

    /** ST(0) = ST(0) op ST(i). */
    public static void toTop(int cpu, int op, int i) {
        if (X87Fast.registers(cpu, op, 0, i, 0)) {
            return;
        }
        FloatUnit u = X87.unit(cpu);
        registers(cpu, u, op, i, 0);
    }

    /** ST(i) = ST(i) op ST(0), perhaps popping. */
    public static void toRegister(int cpu, int op, int i, int pops) {
        if (X87Fast.registers(cpu, op, i, 0, i)) {
            if (pops != 0) {
                X87.pop(cpu);
            }
            return;
        }
        FloatUnit u = X87.unit(cpu);
        boolean stored = registersReversed(cpu, u, op, i);
        if (stored && pops != 0) {
            X87.pop(cpu);
        }
    }

    private static boolean bothThere(int cpu, int i) {
        return !X87.isEmpty(cpu, 0) && !X87.isEmpty(cpu, i);
    }

    private static boolean registers(int cpu, FloatUnit u, int op, int i, int destination) {
        if (!bothThere(cpu, i)) {
            if (!X87.underflow(cpu)) {
                return false;
            }
            X87.put(cpu, destination, INDEFINITE, 0xFFFF);
            return true;
        }
        X87.load(u.a, X87.st(cpu, 0));
        X87.load(u.b, X87.st(cpu, i));
        return operate(cpu, u, op, destination);
    }

    private static boolean registersReversed(int cpu, FloatUnit u, int op, int i) {
        if (!bothThere(cpu, i)) {
            if (!X87.underflow(cpu)) {
                return false;
            }
            X87.put(cpu, i, INDEFINITE, 0xFFFF);
            return true;
        }
        X87.load(u.a, X87.st(cpu, i));
        X87.load(u.b, X87.st(cpu, 0));
        return operate(cpu, u, op, i);
    }

    // Comparisons: C3 C2 C0 = unordered 111, greater 000, less 001, equal 100

    private static void compare(int cpu, FloatUnit u, boolean signalsQuiet, int pops) {
        boolean underflows = X87.isEmpty(cpu, 0);
        int c = 2;
        if (underflows) {
            if (!X87.underflow(cpu)) {
                return;
            }
        } else {
            X87.load(u.a, X87.st(cpu, 0));
            c = compareLoaded(u, signalsQuiet);
            if (X87.raise(cpu, u.flags)) {
                // An unmasked exception leaves the operands on the stack, but the answer stands.
                setCodes(cpu, c);
                return;
            }
        }
        setCodes(cpu, c);
        for (int i = 0; i < pops; i++) {
            X87.pop(cpu);
        }
    }

    private static int compareLoaded(FloatUnit u, boolean signalsQuiet) {
        if (u.a.kind == FloatUnit.UNSUPPORTED || u.b.kind == FloatUnit.UNSUPPORTED) {
            u.flags |= X87.IE;
            return 2;
        }
        if (u.a.isNan() || u.b.isNan()) {
            if (signalsQuiet || u.a.kind == FloatUnit.SIGNALLING || u.b.kind == FloatUnit.SIGNALLING) {
                u.flags |= X87.IE;
            }
            return 2;
        }
        if (u.a.isDenormal || u.b.isDenormal) {
            u.flags |= X87.DE;
        }
        return u.compare();
    }

    private static void setCodes(int cpu, int c) {
        int f = X87.fsw(cpu) & ~(X87.C0 | X87.C2 | X87.C3);
        X87.setFsw(cpu, f | (c == 2 ? X87.C0 | X87.C2 | X87.C3 : c == 0 ? X87.C3 : c < 0 ? X87.C0 : 0));
    }

    /** FCOM, FCOMP, FCOMPP and with signalsQuiet 0 FUCOM and friends. */
    public static void fcom(int cpu, int i, int pops, int signalsQuiet) {
        int order = X87Fast.compare(cpu, i);
        if (order != 2) {
            X87.clearC1(cpu);
            setCodes(cpu, order);
            for (int n = 0; n < pops; n++) {
                X87.pop(cpu);
            }
            return;
        }
        FloatUnit u = X87.unit(cpu);
        if (X87.isEmpty(cpu, i)) {
            if (X87.underflow(cpu)) {
                setCodes(cpu, 2);
                for (int n = 0; n < pops; n++) {
                    X87.pop(cpu);
                }
            }
            return;
        }
        X87.load(u.b, X87.st(cpu, i));
        compare(cpu, u, signalsQuiet != 0, pops);
    }

    /** FCOMI, FCOMIP, FUCOMI, FUCOMIP: to ZF PF CF. */
    public static void fcomi(int cpu, int i, int pops, int signalsQuiet) {
        int order = X87Fast.compare(cpu, i);
        if (order != 2) {
            setArithmetic(cpu, order);
            if (pops != 0) {
                X87.pop(cpu);
            }
            return;
        }
        int oldC1 = X87.fsw(cpu) & X87.C1;
        FloatUnit u = X87.unit(cpu);
        X87.setFsw(cpu, X87.fsw(cpu) | oldC1);
        int c = 2;
        if (X87.isEmpty(cpu, 0) || X87.isEmpty(cpu, i)) {
            if (!X87.underflow(cpu)) {
                return;
            }
        } else {
            X87.load(u.a, X87.st(cpu, 0));
            X87.load(u.b, X87.st(cpu, i));
            c = compareLoaded(u, signalsQuiet != 0);
            if (X87.raise(cpu, u.flags)) {
                if ((u.flags & X87.IE) != 0) {
                    return;
                }
                pops = 0;
            }
        }
        setArithmetic(cpu, c);
        if (pops != 0) {
            X87.pop(cpu);
        }
    }

    private static void setArithmetic(int cpu, int c) {
        Flags.setArithmetic(cpu, c == 2 ? Flags.ZF | Flags.PF | Flags.CF : c == 0 ? Flags.ZF : c < 0 ? Flags.CF : 0);
    }

    public static void ftst(int cpu) {
        FloatUnit u = X87.unit(cpu);
        u.b.kind = FloatUnit.ZERO;
        u.b.sign = false;
        u.b.isDenormal = false;
        compare(cpu, u, true, 0);
    }

    public static void fxam(int cpu) {
        int at = X87.st(cpu, 0);
        long significand = Memory.get64(at);
        int se = Memory.get16(at + 8), e = se & 0x7FFF;
        int f = X87.fsw(cpu) & ~(X87.C0 | X87.C1 | X87.C2 | X87.C3);
        f |= (se & 0x8000) != 0 ? X87.C1 : 0;
        if (X87.isEmpty(cpu, 0)) {
            f |= X87.C3 | X87.C0;
        } else if (e == 0) {
            f |= significand == 0 ? X87.C3 : X87.C3 | X87.C2;
        } else if (significand >= 0) {
            f |= 0;
        } else if (e == 0x7FFF) {
            f |= significand << 1 == 0 ? X87.C2 | X87.C0 : X87.C0;
        } else {
            f |= X87.C2;
        }
        X87.setFsw(cpu, f);
    }

    // One operand

    private static boolean top(int cpu, FloatUnit u) {
        if (X87.isEmpty(cpu, 0)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return false;
        }
        X87.load(u.b, X87.st(cpu, 0));
        return true;
    }

    public static void fchs(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (top(cpu, u)) {
            int at = X87.st(cpu, 0);
            Memory.put16(at + 8, Memory.get16(at + 8) ^ 0x8000);
        }
    }

    public static void fabs(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (top(cpu, u)) {
            int at = X87.st(cpu, 0);
            Memory.put16(at + 8, Memory.get16(at + 8) & 0x7FFF);
        }
    }

    private static boolean oneOperand(FloatUnit u) {
        u.a.set(u.b);
        return specials(u);
    }

    public static void fsqrt(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!top(cpu, u)) {
            return;
        }
        if (!oneOperand(u)) {
            u.squareRoot();
            if (u.b.isDenormal && (u.flags & X87.IE) == 0) {
                u.flags |= X87.DE;
                if ((X87.fcw(cpu) & X87.DE) == 0) {
                    X87.raise(cpu, X87.DE);
                    return;
                }
            }
        }
        X87.store(cpu, u, 0, X87.precision(cpu));
    }

    public static void frndint(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!top(cpu, u)) {
            return;
        }
        boolean isRoundedUp = false;
        if (!oneOperand(u)) {
            u.flags |= u.b.isDenormal ? X87.DE : 0;
            u.roundToInteger();
            isRoundedUp = u.isRoundedUp;
        }
        int se = u.pack80(64);
        u.isRoundedUp = isRoundedUp;
        if (!X87.raise(cpu, u.flags)) {
            X87.roundedUp(cpu, u);
            X87.put(cpu, 0, u.high, se);
        }
    }

    /** FXTRACT: exponent to ST(0), significand pushed. */
    public static void fxtract(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!top(cpu, u)) {
            if ((X87.fcw(cpu) & X87.IE) != 0) {
                // Both results are the indefinite value.
                X87.push(cpu, INDEFINITE, 0xFFFF);
                X87.setFsw(cpu, X87.fsw(cpu) & ~X87.C1);
            }
            return;
        }
        if (!X87.isEmpty(cpu, 7)) {
            X87.push(cpu, 0, 0);
            if ((X87.fcw(cpu) & X87.IE) != 0) {
                X87.put(cpu, 1, INDEFINITE, 0xFFFF);
            }
            return;
        }
        if (oneOperand(u)) {
            int se = u.pack80(64);
            if (!X87.raise(cpu, u.flags)) {
                X87.put(cpu, 0, u.high, se);
                X87.push(cpu, u.high, se);
            }
            return;
        }
        boolean sign = u.b.sign;
        long significand = u.b.significand;
        if (u.b.kind == FloatUnit.ZERO) {
            if (!X87.raise(cpu, X87.ZE)) {
                X87.put(cpu, 0, Long.MIN_VALUE, 0xFFFF);
                X87.push(cpu, 0, sign ? 0x8000 : 0);
            }
            return;
        }
        if (u.b.kind == FloatUnit.INFINITE) {
            X87.put(cpu, 0, Long.MIN_VALUE, 0x7FFF);
            X87.push(cpu, Long.MIN_VALUE, sign ? 0xFFFF : 0x7FFF);
            return;
        }
        if (u.b.isDenormal && X87.raise(cpu, X87.DE)) {
            return;
        }
        u.fromLong(u.b.exponent);
        int se = u.pack80(64);
        X87.put(cpu, 0, u.high, se);
        X87.push(cpu, significand, 0x3FFF | (sign ? 0x8000 : 0));
    }

    /** FSCALE: ST(0) * 2^trunc(ST(1)). */
    public static void fscale(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (X87.isEmpty(cpu, 0) || X87.isEmpty(cpu, 1)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return;
        }
        X87.load(u.a, X87.st(cpu, 0));
        X87.load(u.b, X87.st(cpu, 1));
        if (!specials(u)) {
            scale(u);
        }
        X87.store(cpu, u, 0, 64);
    }

    private static void scale(FloatUnit u) {
        FloatUnit.Operand a = u.a, b = u.b;
        if (b.kind == FloatUnit.INFINITE) {
            if (a.kind == FloatUnit.ZERO && !b.sign || a.kind == FloatUnit.INFINITE && b.sign) {
                u.flags |= X87.IE;
                u.indefinite();
                return;
            }
            u.flags |= a.isDenormal ? X87.DE : 0;
            u.kind = b.sign ? FloatUnit.ZERO : FloatUnit.INFINITE;
            u.sign = a.sign;
            u.high = b.sign ? 0 : Long.MIN_VALUE;
            u.low = 0;
            return;
        }
        u.flags |= a.isDenormal || b.isDenormal ? X87.DE : 0;
        u.kind = a.kind;
        u.sign = a.sign;
        u.high = a.significand;
        u.low = 0;
        u.exponent = a.exponent;
        if (a.kind == FloatUnit.FINITE && b.kind == FloatUnit.FINITE && b.exponent >= 0) {
            long n = b.exponent > 20 ? 1 << 20 : b.significand >>> 63 - b.exponent;
            n = Math.min(n, 70000);
            u.exponent += b.sign ? (int) (0 - n) : (int) n;
        }
    }

    public static void fprem(int cpu) {
        remainder(cpu, false);
    }

    /** FPREM1: to the nearest quotient (IEEE 754 remainder). */
    public static void fprem1(int cpu) {
        remainder(cpu, true);
    }

    private static void remainder(int cpu, boolean toNearest) {
        FloatUnit u = X87.unit(cpu);
        X87.setFsw(cpu, X87.fsw(cpu) & ~X87.C2);
        if (X87.isEmpty(cpu, 0) || X87.isEmpty(cpu, 1)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return;
        }
        X87.load(u.a, X87.st(cpu, 0));
        X87.load(u.b, X87.st(cpu, 1));
        int codes = X87.fsw(cpu) & (X87.C0 | X87.C3);
        if (!specials(u)) {
            if (u.a.kind == FloatUnit.INFINITE || u.b.kind == FloatUnit.ZERO) {
                u.flags |= X87.IE;
                u.indefinite();
            } else {
                u.flags |= u.a.isDenormal || u.b.isDenormal ? X87.DE : 0;
                codes = reduce(u, toNearest);
            }
        }
        if (X87.store(cpu, u, 0, 64)) {
            X87.setFsw(cpu, X87.fsw(cpu) & ~(X87.C0 | X87.C1 | X87.C3) | codes);
        }
    }

    /** r = a rem b, or a partial remainder (C2) when exponents differ by 64 or more. Returns C0 C1 C2 C3. */
    private static int reduce(FloatUnit u, boolean toNearest) {
        FloatUnit.Operand a = u.a, b = u.b;
        u.kind = a.kind;
        u.sign = a.sign;
        u.exponent = a.exponent;
        u.high = a.significand;
        u.low = 0;
        if (a.kind == FloatUnit.ZERO || b.kind == FloatUnit.INFINITE) {
            return 0;
        }
        int d = a.exponent - b.exponent;
        if (d < -1 || d < 0 && !toNearest) {
            return 0;
        }
        boolean isPartial = d >= 64;
        // A partial step takes off a multiple of 32 less than 64, so that the rest differs by a multiple of 32.
        int steps = isPartial ? 32 + d % 32 : d;
        long rest = a.significand, divisor = b.significand;
        long q = 0;
        boolean carry = false;
        int exponent = b.exponent + (isPartial ? d - steps : 0);
        if (d < 0) {
            // |a| is below |b|: only FPREM1 comes here, to see whether it is above half.
            rest = a.significand >>> 1;
            long lost = a.significand & 1;
            int half = compareHalf(rest, lost, divisor);
            if (half > 0) {
                // b - a, with the bit that was shifted out
                long h = divisor - rest - (lost != 0 ? 1 : 0);
                normalize(u, !a.sign, b.exponent, h, lost != 0 ? Long.MIN_VALUE : 0);
                return X87.C1;
            }
            return 0;
        }
        for (int i = 0; i <= steps; i++) {
            q <<= 1;
            if (carry || Long.compareUnsigned(rest, divisor) >= 0) {
                rest -= divisor;
                q |= 1;
            }
            if (i < steps) {
                carry = rest < 0;
                rest <<= 1;
            }
        }
        boolean sign = a.sign;
        if (toNearest && !isPartial) {
            long twice = rest << 1;
            boolean above = rest < 0 || Long.compareUnsigned(twice, divisor) > 0 || twice == divisor && (q & 1) != 0;
            if (above) {
                rest = divisor - rest;
                sign = !sign;
                q++;
            }
        }
        if (rest == 0) {
            u.kind = FloatUnit.ZERO;
            u.sign = a.sign;
            u.high = 0;
        } else {
            normalize(u, sign, exponent, rest, 0);
        }
        if (isPartial) {
            return X87.C2;
        }
        return ((q & 1) != 0 ? X87.C1 : 0) | ((q & 2) != 0 ? X87.C3 : 0) | ((q & 4) != 0 ? X87.C0 : 0);
    }

    /** Sign of (rest + lost / 2) * 2 - divisor. */
    private static int compareHalf(long rest, long lost, long divisor) {
        if (rest < 0) {
            return 1;
        }
        int c = Long.compareUnsigned(rest << 1 | lost, divisor);
        return c;
    }

    private static void normalize(FloatUnit u, boolean sign, int exponent, long high, long low) {
        int shift = Long.numberOfLeadingZeros(high);
        if (shift == 64) {
            high = low;
            low = 0;
            exponent -= 64;
            shift = Long.numberOfLeadingZeros(high);
        }
        u.kind = FloatUnit.FINITE;
        u.sign = sign;
        u.exponent = exponent - shift;
        u.high = shift == 0 ? high : high << shift | low >>> 64 - shift;
        u.low = low << shift;
    }
}
