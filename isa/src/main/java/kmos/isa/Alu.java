// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Integer arithmetic and logic. */
final class Alu {
    private Alu() { }

    /** ADD, SDM vol. 2A. */
    static void add(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value sum = e.add(a, b);
        e.flags(Emit.ADD, a, b, sum);
        e.write(dst, sum);
    }

    static void sub(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value difference = e.sub(a, b);
        e.flags(Emit.SUB, a, b, difference);
        e.write(dst, difference);
    }

    static void cmp(Emit e, Operand dst, Operand src) {
        Value a = e.read(dst), b = e.read(src);
        e.flags(Emit.SUB, a, b, e.sub(a, b));
    }

    static void adc(Emit e, Operand dst, Operand src) {
        withCarry(e, dst, src, false);
    }

    static void sbb(Emit e, Operand dst, Operand src) {
        withCarry(e, dst, src, true);
    }

    private static void withCarry(Emit e, Operand dst, Operand src, boolean isSubtraction) {
        Value a = e.modify(dst), b = e.read(src);
        Value c = e.zeroExtend(e.carry(), a.bits());
        Value r = isSubtraction ? e.sub(e.sub(a, b), c) : e.add(e.add(a, b), c);
        if (e.flagsLive()) {
            // Carry out of and overflow at the top bit, by the full adder's formulas.
            Value carry = isSubtraction
                ? e.or(e.and(e.not(a), b), e.and(e.not(e.xor(a, b)), r))
                : e.or(e.and(a, b), e.and(e.or(a, b), e.not(r)));
            Value overflow = isSubtraction
                ? e.and(e.xor(a, b), e.xor(a, r))
                : e.and(e.xor(a, r), e.xor(b, r));
            int top = a.bits() - 1;
            e.flagsResult(r, e.bit(carry, top), e.bit(overflow, top), e.bit(e.xor(e.xor(a, b), r), 4));
        }
        e.write(dst, r);
    }

    static void and(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value r = e.and(a, b);
        e.flagsLogic(r);
        e.write(dst, r);
    }

    static void or(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value r = e.or(a, b);
        e.flagsLogic(r);
        e.write(dst, r);
    }

    static void xor(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value r = e.xor(a, b);
        e.flagsLogic(r);
        e.write(dst, r);
    }

    static void test(Emit e, Operand dst, Operand src) {
        Value a = e.read(dst), b = e.read(src);
        e.flagsLogic(e.and(a, b));
    }

    static void inc(Emit e, Operand dst) {
        Value a = e.modify(dst);
        Value r = e.add(a, e.constant(a.bits(), 1));
        e.flagsKeepCarry(Emit.ADD, a, r);
        e.write(dst, r);
    }

    static void dec(Emit e, Operand dst) {
        Value a = e.modify(dst);
        Value r = e.sub(a, e.constant(a.bits(), 1));
        e.flagsKeepCarry(Emit.SUB, a, r);
        e.write(dst, r);
    }

    static void neg(Emit e, Operand dst) {
        Value b = e.modify(dst), zero = e.constant(b.bits(), 0);
        Value r = e.sub(zero, b);
        e.flags(Emit.SUB, zero, b, r);
        e.write(dst, r);
    }

    static void not(Emit e, Operand dst) {
        e.write(dst, e.not(e.modify(dst)));
    }

    static void xadd(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        Value sum = e.add(a, b);
        e.flags(Emit.ADD, a, b, sum);
        e.write(src, a);
        e.write(dst, sum);
    }

    /** CMPXCHG: the destination is written in any case, with what it held when the comparison fails. */
    static void cmpxchg(Emit e, Operand dst, Operand src) {
        Value old = e.modify(dst), accumulator = e.reg(Emit.RAX, old.bits()), b = e.read(src);
        e.flags(Emit.SUB, accumulator, old, e.sub(accumulator, old));
        Value same = e.equal(accumulator, old);
        // In 32 bits the accumulator's upper half is cleared only when it is loaded.
        e.call(Helper.of("Exchange.accumulator" + old.bits()), same, old);
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.write(dst, e.select(same, b, old));
        } else {
            e.call(Helper.of("Exchange.register" + old.bits()), e.record(), same, b);
        }
    }

    static void cmpxchg8b(Emit e, Operand memory) {
        e.call(Helper.of("Exchange.cmpxchg8b"), e.linearAddress(memory, 8, true));
    }

    static void cmpxchg16b(Emit e, Operand memory) {
        e.call(Helper.of("Exchange.cmpxchg16b"), e.linearAddress(memory, 16, true));
    }
}
