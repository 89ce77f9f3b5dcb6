// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Shifts and rotates. Counts are masked to 5 bits (6 with 64-bit operands); a count of 0 changes nothing, flags included. */
final class Shift {
    private Shift() { }

    static void shl(Emit e, Operand dst, Operand count) {
        shift(e, dst, count, 0);
    }

    static void shr(Emit e, Operand dst, Operand count) {
        shift(e, dst, count, 1);
    }

    static void sar(Emit e, Operand dst, Operand count) {
        shift(e, dst, count, 2);
    }

    /** Works in 64 bits for narrow operands, so that counts up to 31 need no special case. */
    private static void shift(Emit e, Operand dst, Operand count, int kind) {
        Value a = e.modify(dst);
        int w = a.bits();
        int wide = w == 64 ? 64 : w == 32 ? 32 : 64;
        Value n = e.and(e.zeroExtend(e.read(count), wide), e.constant(wide, w == 64 ? 63 : 31));
        Value x = kind == 2 ? e.signExtend(a, wide) : e.zeroExtend(a, wide);
        Value r = e.truncate(kind == 0 ? e.shl(x, n) : kind == 1 ? e.shr(x, n) : e.sar(x, n), w);
        if (e.flagsLive()) {
            Value isNothing = e.isZero(n);
            Value last = e.and(e.sub(n, e.constant(wide, 1)), e.constant(wide, wide - 1));
            Value before = kind == 0 ? e.shl(x, last) : kind == 1 ? e.shr(x, last) : e.sar(x, last);
            Value carry = kind == 0 ? e.bit(before, w - 1) : e.bit(before, 0);
            // OF is defined for a count of 1: shl: top bit changed; shr: top bit of the operand; sar: 0. The same formula
            // serves other counts on the processors the vectors were taken from.
            Value overflow = kind == 0 ? e.xor(e.bit(r, w - 1), carry)
                : kind == 1 ? e.bit(e.zeroExtend(e.truncate(before, w), wide), w - 1) : e.constant(1, 0);
            e.flagsResultUnless(isNothing, r, carry, overflow, e.constant(1, 0));
        }
        e.write(dst, r);
    }

    static void rol(Emit e, Operand dst, Operand count) {
        Value a = e.modify(dst);
        int w = a.bits();
        Value masked = e.and(e.zeroExtend(e.read(count), 32), e.constant(32, w == 64 ? 63 : 31));
        Value r = rotateLeft(e, a, masked);
        if (e.flagsLive()) {
            Value carry = e.bit(r, 0);
            e.flagsCarryOverflow(e.isZero(masked), carry, e.xor(e.bit(r, w - 1), carry));
        }
        e.write(dst, r);
    }

    static void ror(Emit e, Operand dst, Operand count) {
        Value a = e.modify(dst);
        int w = a.bits();
        Value masked = e.and(e.zeroExtend(e.read(count), 32), e.constant(32, w == 64 ? 63 : 31));
        Value left = e.and(e.sub(e.constant(32, 64), masked), e.constant(32, 63));
        Value r = rotateLeft(e, a, left);
        if (e.flagsLive()) {
            Value carry = e.bit(r, w - 1);
            e.flagsCarryOverflow(e.isZero(masked), carry, e.xor(carry, e.bit(r, w - 2)));
        }
        e.write(dst, r);
    }

    private static Value rotateLeft(Emit e, Value a, Value count32) {
        int w = a.bits();
        if (w >= 32) {
            return e.rotl(a, e.zeroExtend(count32, w));
        }
        Value n = e.and(count32, e.constant(32, w - 1));
        Value x = e.zeroExtend(a, 32);
        Value back = e.and(e.sub(e.constant(32, w), n), e.constant(32, 31));
        return e.truncate(e.or(e.shl(x, n), e.shr(x, back)), w);
    }

    static void rcl(Emit e, Operand dst, Operand count) {
        rotateThroughCarry(e, dst, count, "Rotate.rcl");
    }

    static void rcr(Emit e, Operand dst, Operand count) {
        rotateThroughCarry(e, dst, count, "Rotate.rcr");
    }

    /** The helper returns the result and sets CF and OF itself. */
    private static void rotateThroughCarry(Emit e, Operand dst, Operand count, String helper) {
        Value a = e.modify(dst);
        Value n = e.zeroExtend(e.read(count), 32);
        e.write(dst, e.call(Helper.of(helper + a.bits(), a.bits()), a, n));
    }

    static void shld(Emit e, Operand dst, Operand src, Operand count) {
        doubleShift(e, dst, src, count, "Rotate.shld");
    }

    static void shrd(Emit e, Operand dst, Operand src, Operand count) {
        doubleShift(e, dst, src, count, "Rotate.shrd");
    }

    private static void doubleShift(Emit e, Operand dst, Operand src, Operand count, String helper) {
        Value a = e.modify(dst), b = e.read(src);
        Value n = e.zeroExtend(e.read(count), 32);
        e.write(dst, e.call(Helper.of(helper + a.bits(), a.bits()), a, b, n));
    }
}
