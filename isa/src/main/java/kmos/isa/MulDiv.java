// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Multiplication and division. */
final class MulDiv {
    private MulDiv() { }

    /**
     * MUL: one operand, double-width product in AX, DX:AX, EDX:EAX, RDX:RAX. CF = OF = upper half not zero; the other flags
     * are undefined and left alone, as the measured processor does.
     */
    static void mul(Emit e, Operand src) {
        Value b = e.read(src);
        int w = b.bits();
        Value a = e.reg(Emit.RAX, w);
        Value low = e.mul(a, b);
        Value high = high(e, a, b, false);
        Value wide = e.isNotZero(high);
        e.flagsCarryOverflow(null, wide, wide);
        store(e, low, high);
    }

    static void imul1(Emit e, Operand src) {
        Value b = e.read(src);
        int w = b.bits();
        Value a = e.reg(Emit.RAX, w);
        Value low = e.mul(a, b);
        Value high = high(e, a, b, true);
        Value wide = overflows(e, low, high);
        e.flagsCarryOverflow(null, wide, wide);
        store(e, low, high);
    }

    static void imul2(Emit e, Operand dst, Operand src) {
        imulTo(e, dst, e.read(dst), e.read(src));
    }

    static void imul3(Emit e, Operand dst, Operand src, Operand factor) {
        imulTo(e, dst, e.read(src), e.read(factor));
    }

    private static void imulTo(Emit e, Operand dst, Value a, Value b) {
        Value low = e.mul(a, b);
        if (e.flagsLive()) {
            Value wide = overflows(e, low, high(e, a, b, true));
            e.flagsCarryOverflow(null, wide, wide);
        }
        e.write(dst, low);
    }

    private static Value overflows(Emit e, Value low, Value high) {
        return e.xor(e.equal(high, e.sar(low, e.constant(low.bits(), low.bits() - 1))), e.constant(1, 1));
    }

    static Value high(Emit e, Value a, Value b, boolean isSigned) {
        int w = a.bits();
        if (w == 64) {
            return e.call(Helper.of(isSigned ? "Multiply.highSigned" : "Multiply.highUnsigned", 64), a, b);
        }
        int wide = 2 * w;
        Value product = isSigned ? e.mul(e.signExtend(a, wide), e.signExtend(b, wide))
            : e.mul(e.zeroExtend(a, wide), e.zeroExtend(b, wide));
        return e.truncate(e.shr(product, e.constant(wide, w)), w);
    }

    private static void store(Emit e, Value low, Value high) {
        if (low.bits() == 8) {
            e.setReg(Emit.RAX, e.or(e.zeroExtend(low, 16), e.shl(e.zeroExtend(high, 16), e.constant(16, 8))));
        } else {
            e.setReg(Emit.RAX, low);
            e.setReg(Emit.RDX, high);
        }
    }

    /** DIV: #DE when the divisor is 0 or the quotient does not fit. Flags are undefined and left alone. */
    static void div(Emit e, Operand src) {
        Value b = e.read(src);
        e.call(Helper.of("Divide.div" + b.bits()), b);
    }

    static void idiv(Emit e, Operand src) {
        Value b = e.read(src);
        e.call(Helper.of("Divide.idiv" + b.bits()), b);
    }

    static void aaa(Emit e) {
        e.call(Helper.of("Decimal.aaa"));
    }

    static void aas(Emit e) {
        e.call(Helper.of("Decimal.aas"));
    }

    static void daa(Emit e) {
        e.call(Helper.of("Decimal.daa"));
    }

    static void das(Emit e) {
        e.call(Helper.of("Decimal.das"));
    }

    static void aam(Emit e, Operand base) {
        e.call(Helper.of("Decimal.aam"), e.zeroExtend(e.read(base), 32));
    }

    static void aad(Emit e, Operand base) {
        e.call(Helper.of("Decimal.aad"), e.zeroExtend(e.read(base), 32));
    }
}
