// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;
import kmos.cpu.Flags;

/** x87 loads, stores, exchanges and constants. Memory operands are addresses in linear memory; stores go to scratch first. */
public final class X87Transfer {
    private static final long INDEFINITE = 3L << 62;

    private X87Transfer() { }

    private static void pushOperand(int cpu, FloatUnit u) {
        if (u.b.kind == FloatUnit.SIGNALLING) {
            u.flags |= X87.IE;
        } else if (u.b.isDenormal) {
            u.flags |= X87.DE;
        }
        if (!X87.isEmpty(cpu, 7)) {
            X87.push(cpu, 0, 0);
            return;
        }
        if (u.b.isNan()) {
            u.nan(u.b);
        } else {
            u.copyB();
        }
        int se = u.pack80(64);
        // An unmasked DE does not keep the value from the stack, an unmasked IE does.
        X87.raise(cpu, u.flags);
        if ((u.flags & X87.IE & ~X87.fcw(cpu)) == 0) {
            X87.push(cpu, u.high, se);
        }
    }

    public static void fld32(int cpu, int at) {
        if (X87Fast.push32(cpu, Memory.get32(at))) {
            return;
        }
        FloatUnit u = X87.unit(cpu);
        FloatUnit.unpack32(u.b, Memory.get32(at), false);
        pushOperand(cpu, u);
    }

    public static void fld64(int cpu, int at) {
        if (X87Fast.push64(cpu, Memory.get64(at))) {
            return;
        }
        FloatUnit u = X87.unit(cpu);
        FloatUnit.unpack64(u.b, Memory.get64(at), false);
        pushOperand(cpu, u);
    }

    public static void fld80(int cpu, int at) {
        X87.clearC1(cpu);
        X87.push(cpu, Memory.get64(at), Memory.get16(at + 8));
    }

    public static void fldSt(int cpu, int i) {
        if (X87Fast.pushRegister(cpu, i)) {
            return;
        }
        X87.unit(cpu);
        int at = X87.st(cpu, i);
        if (X87.isEmpty(cpu, i)) {
            if (X87.underflow(cpu)) {
                X87.moveTop(cpu, -1);
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return;
        }
        X87.push(cpu, Memory.get64(at), Memory.get16(at + 8));
    }

    private static void pushInteger(int cpu, long v) {
        FloatUnit u = X87.unit(cpu);
        u.fromLong(v);
        int se = u.pack80(64);
        X87.push(cpu, u.high, se);
    }

    public static void fild16(int cpu, int at) {
        pushInteger(cpu, Memory.getSigned16(at));
    }

    public static void fild32(int cpu, int at) {
        pushInteger(cpu, Memory.get32(at));
    }

    public static void fild64(int cpu, int at) {
        pushInteger(cpu, Memory.get64(at));
    }

    /** Constants by ModRM.rm of D9 E8+i: 1, log2 10, log2 e, pi, log10 2, ln 2, 0; rounded as the control word says. */
    public static void fldConstant(int cpu, int which) {
        X87.clearC1(cpu);
        int rounding = X87.fcw(cpu) >>> 10 & 3;
        // Significand truncated, and whether the true value is above it by more than half.
        long significand;
        int exponent;
        boolean roundsUp;
        switch (which) {
            case 0: significand = Long.MIN_VALUE; exponent = 0x3FFF; roundsUp = false; break;
            case 1: significand = 0xD49A784BCD1B8AFEL; exponent = 0x4000; roundsUp = false; break;
            case 2: significand = 0xB8AA3B295C17F0BBL; exponent = 0x3FFF; roundsUp = true; break;
            case 3: significand = 0xC90FDAA22168C234L; exponent = 0x4000; roundsUp = true; break;
            case 4: significand = 0x9A209A84FBCFF798L; exponent = 0x3FFD; roundsUp = true; break;
            case 5: significand = 0xB17217F7D1CF79ABL; exponent = 0x3FFE; roundsUp = true; break;
            default: significand = 0; exponent = 0; roundsUp = false; break;
        }
        boolean isExact = which == 0 || which == 6;
        if (!isExact && (rounding == FloatUnit.UP || rounding == FloatUnit.NEAREST && roundsUp)) {
            significand++;
        }
        X87.push(cpu, significand, exponent);
    }

    // Stores leave their bytes in scratch and return 1 when they may go to memory

    private static boolean source(int cpu, FloatUnit u) {
        if (X87.isEmpty(cpu, 0)) {
            return false;
        }
        X87.load(u.b, X87.st(cpu, 0));
        return true;
    }

    private static void prepare(FloatUnit u) {
        if (u.b.kind == FloatUnit.UNSUPPORTED) {
            u.flags |= X87.IE;
            u.indefinite();
        } else if (u.b.isNan()) {
            if (u.b.kind == FloatUnit.SIGNALLING) {
                u.flags |= X87.IE;
            }
            u.nan(u.b);
        } else {
            u.copyB();
        }
    }

    /** Whether nothing unmasked keeps the value from memory: for stores OE and UE count too. */
    private static int finishStore(int cpu, FloatUnit u) {
        boolean stops = X87.raise(cpu, u.flags);
        X87.roundedUp(cpu, u);
        int unmasked = u.flags & ~X87.fcw(cpu);
        if ((unmasked & (X87.OE | X87.UE)) != 0) {
            X87.setFsw(cpu, X87.fsw(cpu) & ~X87.C1);
            return 0;
        }
        return stops ? 0 : 1;
    }

    public static int fst32(int cpu) {
        FloatUnit u = X87.unit(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        if (!source(cpu, u)) {
            Memory.put32(scratch, 0xFFC00000);
            return X87.underflow(cpu) ? 1 : 0;
        }
        u.wrapsExponent = false;
        prepare(u);
        Memory.put32(scratch, u.pack32());
        dropPrecisionOfUnmasked(cpu, u);
        return finishStore(cpu, u);
    }

    public static int fst64(int cpu) {
        if (X87Fast.store64(cpu)) {
            return 1;
        }
        FloatUnit u = X87.unit(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        if (!source(cpu, u)) {
            Memory.put64(scratch, 0xFFF8L << 48);
            return X87.underflow(cpu) ? 1 : 0;
        }
        u.wrapsExponent = false;
        prepare(u);
        Memory.put64(scratch, u.pack64());
        dropPrecisionOfUnmasked(cpu, u);
        return finishStore(cpu, u);
    }

    /** A store that is not done because of unmasked OE or UE is not inexact either. */
    private static void dropPrecisionOfUnmasked(int cpu, FloatUnit u) {
        if ((u.flags & ~X87.fcw(cpu) & (X87.OE | X87.UE)) != 0) {
            u.flags &= ~X87.PE;
        }
    }

    public static int fst80(int cpu) {
        X87.clearC1(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        if (X87.isEmpty(cpu, 0)) {
            Memory.put64(scratch, INDEFINITE);
            Memory.put16(scratch + 8, 0xFFFF);
            return X87.underflow(cpu) ? 1 : 0;
        }
        Memory.copy(X87.st(cpu, 0), scratch, 10);
        return 1;
    }

    /** FIST and FISTTP of 16, 32, 64 bits. */
    public static int fist(int cpu, int bits, int truncates) {
        FloatUnit u = X87.unit(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        if (!source(cpu, u)) {
            Memory.put64(scratch, -1L << bits - 1);
            return X87.underflow(cpu) ? 1 : 0;
        }
        Memory.put64(scratch, u.toInteger(bits, truncates != 0));
        return finishStore(cpu, u);
    }

    public static void fstSt(int cpu, int i) {
        X87.clearC1(cpu);
        if (X87.isEmpty(cpu, 0)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, i, INDEFINITE, 0xFFFF);
            }
            return;
        }
        int at = X87.st(cpu, 0);
        X87.put(cpu, i, Memory.get64(at), Memory.get16(at + 8));
    }

    /** FSTP ST(i): no pop when an unmasked stack exception stopped it. */
    public static void fstpSt(int cpu, int i) {
        boolean wasEmpty = X87.isEmpty(cpu, 0);
        fstSt(cpu, i);
        if (!wasEmpty || (X87.fcw(cpu) & X87.IE) != 0) {
            X87.pop(cpu);
        }
    }

    /** D9 D8+i, FSTPNCE: a store and pop that only pops when the top is empty, without an exception. */
    public static void fstpnce(int cpu, int i) {
        if (X87.isEmpty(cpu, 0)) {
            X87.unit(cpu);
            X87.pop(cpu);
        } else {
            fstpSt(cpu, i);
        }
    }

    /** After a store to memory went through. */
    public static void popIf(int cpu, int stored) {
        if (stored != 0) {
            X87.pop(cpu);
        }
    }

    public static void fxch(int cpu, int i) {
        X87.clearC1(cpu);
        if (X87.isEmpty(cpu, 0) || X87.isEmpty(cpu, i)) {
            if (!X87.underflow(cpu)) {
                return;
            }
            if (X87.isEmpty(cpu, 0)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            if (X87.isEmpty(cpu, i)) {
                X87.put(cpu, i, INDEFINITE, 0xFFFF);
            }
        }
        int a = X87.st(cpu, 0), b = X87.st(cpu, i);
        long significand = Memory.get64(a), signExponent = Memory.get64(a + 8);
        Memory.put64(a, Memory.get64(b));
        Memory.put64(a + 8, Memory.get64(b + 8));
        Memory.put64(b, significand);
        Memory.put64(b + 8, signExponent);
    }

    /** FCMOVcc: B, E, BE, U and their negations from bit 2 on. */
    public static void fcmov(int cpu, int i, int condition) {
        boolean holds;
        switch (condition & 3) {
            case 0: holds = Flags.b(cpu); break;
            case 1: holds = Flags.z(cpu); break;
            case 2: holds = Flags.be(cpu); break;
            default: holds = Flags.p(cpu); break;
        }
        if (X87.isEmpty(cpu, 0) || X87.isEmpty(cpu, i)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return;
        }
        if (holds != ((condition & 4) != 0)) {
            int at = X87.st(cpu, i);
            X87.put(cpu, 0, Memory.get64(at), Memory.get16(at + 8));
        }
    }

    /** FBLD: 18 packed decimal digits and a sign. */
    public static void fbld(int cpu, int at) {
        long v = 0;
        for (int i = 8; i >= 0; i--) {
            int b = Memory.get8(at + i);
            v = v * 100 + (b >>> 4) * 10 + (b & 15);
        }
        boolean isNegative = (Memory.get8(at + 9) & 0x80) != 0;
        FloatUnit u = X87.unit(cpu);
        u.fromLong(v);
        int se = u.pack80(64);
        X87.push(cpu, u.high, se | (isNegative ? 0x8000 : 0));
    }

    public static int fbstp(int cpu) {
        FloatUnit u = X87.unit(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        boolean isIndefinite;
        long v = 0;
        boolean isNegative = false;
        if (!source(cpu, u)) {
            if (!X87.underflow(cpu)) {
                return 0;
            }
            isIndefinite = true;
        } else {
            isNegative = u.b.sign;
            v = u.toInteger(64, false);
            isIndefinite = (u.flags & X87.IE) != 0 || v > 999999999999999999L || v < -999999999999999999L;
            if (isIndefinite) {
                u.flags = X87.IE;
                u.isRoundedUp = false;
            }
            if (finishStore(cpu, u) == 0) {
                return 0;
            }
        }
        if (isIndefinite) {
            Memory.put64(scratch, 0xC000000000000000L);
            Memory.put16(scratch + 8, 0xFFFF);
            return 1;
        }
        v = v < 0 ? 0 - v : v;
        for (int i = 0; i < 9; i++) {
            int pair = (int) (v % 100);
            Memory.put8(scratch + i, pair / 10 << 4 | pair % 10);
            v /= 100;
        }
        Memory.put8(scratch + 9, isNegative ? 0x80 : 0);
        return 1;
    }
}
