// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** LZCNT, BMI1, BMI2, ADX, MOVBE. What the manual leaves undefined (AF, PF) is cleared. */
final class Bmi {
    private Bmi() { }

    static void lzcnt(Emit e, Operand dst, Operand src) {
        count(e, "Bits.lzcnt", dst, src);
    }

    static void tzcnt(Emit e, Operand dst, Operand src) {
        count(e, "Bits.tzcnt", dst, src);
    }

    /** CF: the source is zero; ZF: the result is. */
    private static void count(Emit e, String helper, Operand dst, Operand src) {
        Value a = e.read(src);
        Value n = e.call(Helper.of(helper + a.bits(), a.bits()), a);
        flags(e, n, e.isZero(a));
        e.write(dst, n);
    }

    private static void flags(Emit e, Value result, Value carry) {
        e.flagsResult(result, carry, e.constant(1, 0), e.constant(1, 0));
    }

    static void andn(Emit e, Operand dst, Operand a, Operand src) {
        Value r = e.and(e.not(e.read(a)), e.read(src));
        e.flagsLogic(r);
        e.write(dst, r);
    }

    /** Lowest set bit cleared. */
    static void blsr(Emit e, Operand dst, Operand src) {
        Value a = e.read(src), r = e.and(a, e.sub(a, e.constant(a.bits(), 1)));
        flags(e, r, e.isZero(a));
        e.write(dst, r);
    }

    /** All bits up to the lowest set one. */
    static void blsmsk(Emit e, Operand dst, Operand src) {
        Value a = e.read(src), r = e.xor(a, e.sub(a, e.constant(a.bits(), 1)));
        flags(e, r, e.isZero(a));
        e.write(dst, r);
    }

    /** Lowest set bit alone; CF when there is one. */
    static void blsi(Emit e, Operand dst, Operand src) {
        Value a = e.read(src), r = e.and(a, e.sub(e.constant(a.bits(), 0), a));
        flags(e, r, e.isNotZero(a));
        e.write(dst, r);
    }

    /** As many bits as control's second byte says, from the bit that its first byte says. */
    static void bextr(Emit e, Operand dst, Operand src, Operand control) {
        Value a = e.read(src), c = e.zeroExtend(e.read(control), 64);
        int w = a.bits();
        Value start = e.and(c, e.constant(64, 255)), count = e.and(e.shr(c, e.constant(64, 8)), e.constant(64, 255));
        Value shifted = e.select(e.lessUnsigned(start, e.constant(64, w)), e.shr(a, e.and(e.truncate(start, w), e.constant(w, w - 1))), e.constant(w, 0));
        Value r = low(e, shifted, count);
        e.flagsLogic(r);
        e.write(dst, r);
    }

    /** The low count bits of a; count has 64 bits. */
    private static Value low(Emit e, Value a, Value count) {
        int w = a.bits();
        Value n = e.and(e.truncate(count, w), e.constant(w, w - 1));
        Value mask = e.sub(e.shl(e.constant(w, 1), n), e.constant(w, 1));
        return e.select(e.lessUnsigned(count, e.constant(64, w)), e.and(a, mask), a);
    }

    /** Bits from the index on cleared; CF when the index is beyond the operand. */
    static void bzhi(Emit e, Operand dst, Operand src, Operand index) {
        Value a = e.read(src), n = e.and(e.zeroExtend(e.read(index), 64), e.constant(64, 255));
        Value r = low(e, a, n);
        flags(e, r, e.xor(e.lessUnsigned(n, e.constant(64, a.bits())), e.constant(1, 1)));
        e.write(dst, r);
    }

    static void pext(Emit e, Operand dst, Operand a, Operand mask) {
        Value v = e.read(a), m = e.read(mask);
        e.write(dst, e.call(Helper.of("Bits.pext" + v.bits(), v.bits()), v, m));
    }

    static void pdep(Emit e, Operand dst, Operand a, Operand mask) {
        Value v = e.read(a), m = e.read(mask);
        e.write(dst, e.call(Helper.of("Bits.pdep" + v.bits(), v.bits()), v, m));
    }

    /** RDX times src without flags: the upper half is written last. */
    static void mulx(Emit e, Operand high, Operand low, Operand src) {
        Value b = e.read(src);
        int w = b.bits();
        Value a = e.reg(Emit.RDX, w);
        Value h = MulDiv.high(e, a, b, false);
        e.write(low, e.mul(a, b));
        e.write(high, h);
    }

    static void rorx(Emit e, Operand dst, Operand src, Operand imm) {
        Value a = e.read(src);
        int w = a.bits();
        Value n = e.and(e.sub(e.constant(w, w), e.zeroExtend(e.read(imm), w)), e.constant(w, w - 1));
        e.write(dst, e.rotl(a, n));
    }

    static void sarx(Emit e, Operand dst, Operand src, Operand count) {
        Value a = e.read(src);
        e.write(dst, e.sar(a, shiftCount(e, count)));
    }

    static void shlx(Emit e, Operand dst, Operand src, Operand count) {
        Value a = e.read(src);
        e.write(dst, e.shl(a, shiftCount(e, count)));
    }

    static void shrx(Emit e, Operand dst, Operand src, Operand count) {
        Value a = e.read(src);
        e.write(dst, e.shr(a, shiftCount(e, count)));
    }

    private static Value shiftCount(Emit e, Operand count) {
        return e.and(e.read(count), e.constant(count.bits(), count.bits() - 1));
    }

    /** ADCX: through CF, the other flags stay. */
    static void adcx(Emit e, Operand dst, Operand src) {
        Value b = e.read(src), a = e.read(dst);
        e.flagCarry(addWith(e, dst, a, b, e.carry()));
    }

    /** ADOX: through OF. */
    static void adox(Emit e, Operand dst, Operand src) {
        Value b = e.read(src), a = e.read(dst), keep = e.carry();
        e.flagsCarryOverflow(null, keep, addWith(e, dst, a, b, e.condition(Emit.O)));
    }

    /** Writes a + b + carry; returns the new carry. */
    private static Value addWith(Emit e, Operand dst, Value a, Value b, Value carry) {
        Value sum = e.add(a, b), r = e.add(sum, e.zeroExtend(carry, a.bits()));
        Value out = e.or(e.lessUnsigned(sum, a), e.lessUnsigned(r, sum));
        e.write(dst, r);
        return out;
    }

    static void movbe(Emit e, Operand dst, Operand src) {
        Value v = e.read(src);
        e.write(dst, e.call(Helper.of("Bits.swap" + v.bits(), v.bits()), v));
    }
}
