// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.Flags;
import kmos.isa.Emit;

/** Condition codes from a {@link FlagState}, as kmos.cpu.Flags computes them. */
final class Conditions {
    private Conditions() { }

    static Node of(NodeFactory f, FlagState s, int code) {
        Node positive = s.x != null ? compared(f, s, code & ~1) : s.isKnown() ? known(f, s, code & ~1) : unknown(f, s, code & ~1);
        return (code & 1) == 0 ? positive : f.not(positive);
    }

    private static Node compared(NodeFactory f, FlagState s, int code) {
        switch (code) {
            case Emit.B: return f.compareFloats(Wasm.F64_LT, s.x, s.y);
            case Emit.BE: return f.compareFloats(Wasm.F64_LE, s.x, s.y);
            case Emit.Z:
            case Emit.LE: return f.compareFloats(Wasm.F64_EQ, s.x, s.y);
            default: return f.constant(1, 0);
        }
    }

    /** Zero and carry are the same few operations for every kind; the others are called for. */
    private static Node unknown(NodeFactory f, FlagState s, int code) {
        if (code == Emit.Z) {
            return f.isZero(s.r);
        }
        if (code == Emit.B) {
            // The difference is greater than what was subtracted from when it borrowed.
            Node lazy = f.select(f.truncate(f.shr(s.fk, f.constant(32, Integer.numberOfTrailingZeros(Flags.IS_ADD))), 1), f.lessUnsigned(s.r, s.a), f.lessUnsigned(s.a, s.r));
            return f.select(f.truncate(s.fk, 1), lazy, f.truncate(s.fx, 1));
        }
        return f.call(1, Imports.CONDITION, code, s.fk, s.fx, s.a, s.r);
    }

    /** AF. */
    static Node adjust(NodeFactory f, FlagState s) {
        if (!s.isKnown()) {
            return f.call(1, Imports.CONDITION, PureFunctions.ADJUST, s.fk, s.fx, s.a, s.r);
        }
        if ((s.kind & Flags.LAZY_AF) == 0) {
            return explicit(f, s, 2);
        }
        Node x = f.xor(f.xor(s.a, s.b), s.r);
        return f.truncate(f.shr(x, f.constant(x.bits(), 4)), 1);
    }

    private static Node known(NodeFactory f, FlagState s, int code) {
        switch (code) {
            case Emit.B: return carry(f, s);
            case Emit.O: return overflow(f, s);
            case Emit.Z: return isSubtraction(s) ? f.equal(s.a, s.b) : f.isZero(s.r);
            case Emit.BE: return belowOrEqual(f, s);
            case Emit.S: return sign(f, s);
            case Emit.P: return parity(f, s);
            case Emit.L: return less(f, s);
            default: return lessOrEqual(f, s);
        }
    }

    private static boolean isSubtraction(FlagState s) {
        return s.kind == Flags.SUB_ALL && s.b != null;
    }

    private static Node carry(NodeFactory f, FlagState s) {
        if ((s.kind & Flags.LAZY_CF) == 0) {
            return explicit(f, s, 0);
        }
        if ((s.kind & Flags.IS_ADD) != 0) {
            return f.lessUnsigned(s.r, s.a);
        }
        return s.b.isConst(0) ? f.constant(1, 0) : f.lessUnsigned(s.a, s.b);
    }

    private static Node explicit(NodeFactory f, FlagState s, int bit) {
        return s.fx == null ? f.constant(1, 0) : f.truncate(f.shr(s.fx, f.constant(32, bit)), 1);
    }

    private static Node signBit(NodeFactory f, Node v) {
        if (v.bits() >= 32) {
            return f.compare(Wasm.I32_LT_S, v, f.constant(v.bits(), 0));
        }
        return f.truncate(f.shr(f.zeroExtend(v, 32), f.constant(32, v.bits() - 1)), 1);
    }

    private static Node overflow(NodeFactory f, FlagState s) {
        if ((s.kind & Flags.LAZY_OF) == 0) {
            return explicit(f, s, 1);
        }
        if (isSubtraction(s) && s.b.isConst(0)) {
            return f.constant(1, 0);
        }
        Node b = s.b;
        Node x = (s.kind & Flags.IS_ADD) != 0 ? f.and(f.xor(s.a, s.r), f.xor(b, s.r)) : f.and(f.xor(s.a, b), f.xor(s.a, s.r));
        return x.isConst() ? f.constant(1, x.imm >>> x.bits() - 1 & 1) : signBit(f, x);
    }

    private static Node belowOrEqual(NodeFactory f, FlagState s) {
        if (isSubtraction(s)) {
            return s.b.isConst(0) ? f.isZero(s.a) : f.compare(Wasm.I32_LE_U, s.a, s.b);
        }
        return f.or(known(f, s, Emit.Z), carry(f, s));
    }

    private static Node sign(NodeFactory f, FlagState s) {
        if ((s.kind & Flags.EXPLICIT_SF) != 0) {
            return explicit(f, s, 4);
        }
        return signBit(f, s.r);
    }

    private static Node parity(NodeFactory f, FlagState s) {
        if ((s.kind & Flags.EXPLICIT_PF) != 0) {
            return explicit(f, s, 3);
        }
        Node ones = f.pure(32, Wasm.I32_POPCNT, f.zeroExtend(f.truncate(s.r, 8), 32), null);
        return f.not(f.truncate(ones, 1));
    }

    private static Node widened(NodeFactory f, Node v) {
        return v.bits() < 32 ? f.signExtend(v, 32) : v;
    }

    private static Node less(NodeFactory f, FlagState s) {
        if (isSubtraction(s)) {
            return s.b.isConst(0) ? signBit(f, s.a) : f.compare(Wasm.I32_LT_S, widened(f, s.a), widened(f, s.b));
        }
        return f.xor(sign(f, s), overflow(f, s));
    }

    private static Node lessOrEqual(NodeFactory f, FlagState s) {
        if (isSubtraction(s)) {
            return f.compare(Wasm.I32_LE_S, widened(f, s.a), widened(f, s.b));
        }
        return f.or(known(f, s, Emit.Z), less(f, s));
    }
}
