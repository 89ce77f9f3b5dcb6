// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * MMX, SSE and AVX arithmetic. Registers are bytes of linear memory, so an operation is a helper on addresses, or on 64-bit
 * halves where it works lane by lane. A VEX form is the same meaning with its first source apart, 256 bits are the 128-bit
 * meaning twice, and a write clears the rest of the register. Memory operands of 16 bytes must be aligned without VEX.
 */
final class Simd {
    private Simd() { }

    // Operands

    static Value source(Emit e, Operand dst, Operand src) {
        return e.addressOf(src, src.bits() / 8, src.bits() == 128 && !dst.isVex() ? 16 : 0);
    }

    static Value address(Emit e, Operand register) {
        return e.addressOf(register, register.bits() / 8, 0);
    }

    static Value at(Emit e, Value address, int offset) {
        return offset == 0 ? address : e.add(address, e.constant(32, offset));
    }

    static Value imm(Emit e, Operand imm) {
        return e.zeroExtend(e.read(imm), 32);
    }

    static void copy(Emit e, Value to, Value from, int bytes) {
        Value[] v = new Value[bytes / 8];
        for (int i = 0; i < v.length; i++) {
            v[i] = e.load(from, i * 8, 64);
        }
        for (int i = 0; i < v.length; i++) {
            e.store(to, i * 8, v[i]);
        }
    }

    /** Lanes of 16 bytes. */
    static int lanes(Operand register) {
        return Math.max(1, register.bits() / 128);
    }

    static void clearUpper(Emit e, Operand dst, Value d) {
        if (dst.isVex() && dst.bits() < 256) {
            e.store(d, 16, e.constant(64, 0));
            e.store(d, 24, e.constant(64, 0));
        }
    }

    /** Where an operation finds its first source and leaves its result: the register itself, with VEX a copy of a (or nothing). */
    static Value begin(Emit e, Operand dst, Operand a) {
        if (!dst.isVex()) {
            return address(e, dst);
        }
        // The first 512 bytes of scratch belong to the helpers.
        Value t = at(e, e.scratch(), 512);
        if (a != null) {
            copy(e, t, address(e, a), 16 * lanes(dst));
        }
        return t;
    }

    static void end(Emit e, Operand dst, Value t) {
        if (dst.isVex()) {
            Value d = address(e, dst);
            copy(e, d, t, 16 * lanes(dst));
            clearUpper(e, dst, d);
        }
    }

    static void enterMmx(Emit e) {
        e.call(Helper.of("SseMove.enterMmx"));
    }

    /** A pending x87 exception comes before a fault of the memory operand. */
    static void checkMmx(Emit e) {
        e.call(Helper.of("SseMove.checkMmx"));
    }

    static Value mmxSource(Emit e, Operand src, int bytes) {
        if (src.kind() == Operand.Kind.MEMORY) {
            checkMmx(e);
        }
        return e.addressOf(src, bytes, 0);
    }

    static void putMmx(Emit e, Value register, Value v) {
        e.store(register, 0, v);
        e.call(Helper.of("SseMove.wroteMmx"), register);
    }

    // op(d, s) on addresses

    static void op(Emit e, Helper op, Operand dst, Operand src) {
        op(e, op, dst, null, src);
    }

    static void op(Emit e, Helper op, Operand dst, Operand a, Operand src) {
        Value s = source(e, dst, src), d = begin(e, dst, a);
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), at(e, s, i * 16));
        }
        end(e, dst, d);
    }

    /** SHA's memory operands need not be aligned (the manuals of the two makers differ; the measured processor does not care). */
    static void opUnaligned(Emit e, Helper op, Operand dst, Operand src) {
        Value s = e.addressOf(src, 16, 0);
        e.call(op, address(e, dst), s);
    }

    static void opUnaligned(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        Value s = e.addressOf(src, 16, 0);
        e.call(op, address(e, dst), s, imm(e, imm));
    }

    /** The same in floating point: the exceptions of all lanes are one. */
    static void fp(Emit e, Helper op, Operand dst, Operand src) {
        fp(e, op, dst, null, src);
    }

    static void fp(Emit e, Helper op, Operand dst, Operand a, Operand src) {
        wide(e, dst, "SseControl.beginWide");
        Value s = source(e, dst, src), d = begin(e, dst, a);
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), at(e, s, i * 16));
        }
        wide(e, dst, "SseControl.endWide");
        end(e, dst, d);
    }

    private static void wide(Emit e, Operand dst, String helper) {
        if (lanes(dst) == 2) {
            e.call(Helper.of(helper));
        }
    }

    /** COMISS and friends: two sources, flags. */
    static void compareScalar(Emit e, Helper op, Operand a, Operand src) {
        Value s = source(e, a, src);
        e.call(op, address(e, a), s);
    }

    static void opImm(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        opImm(e, op, dst, null, src, imm, 0);
    }

    static void opImm(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        opImm(e, op, dst, a, src, imm, 0);
    }

    /** The upper lane's immediate is two bits further up (SHUFPD, BLENDPD, VPERMILPD). */
    static void opImm2(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        opImm(e, op, dst, null, src, imm, 2);
    }

    static void opImm2(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        opImm(e, op, dst, a, src, imm, 2);
    }

    /** MPSADBW. */
    static void opImm3(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        opImm(e, op, dst, a, src, imm, 3);
    }

    /** BLENDPS. */
    static void opImm4(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        opImm(e, op, dst, a, src, imm, 4);
    }

    private static void opImm(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm, int shift) {
        Value s = source(e, dst, src), d = begin(e, dst, a), n = imm(e, imm);
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), at(e, s, i * 16), i * shift == 0 ? n : e.shr(n, e.constant(32, i * shift)));
        }
        end(e, dst, d);
    }

    /** Floating point with an immediate. */
    static void fpImm(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        fpImm(e, op, dst, null, src, imm);
    }

    static void fpImm(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        wide(e, dst, "SseControl.beginWide");
        Value s = source(e, dst, src), d = begin(e, dst, a), n = imm(e, imm);
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), at(e, s, i * 16), n);
        }
        wide(e, dst, "SseControl.endWide");
        end(e, dst, d);
    }

    /** The helper does all lanes itself (VDPPS of 256 bits). */
    static void allLanesImm(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        Value s = source(e, dst, src), d = begin(e, dst, a);
        e.call(op, d, s, imm(e, imm));
        end(e, dst, d);
    }

    /** CMPPS and friends: only three bits of the immediate count without VEX, five with. */
    static void compare(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        Value s = source(e, dst, src);
        e.call(op, address(e, dst), s, e.and(imm(e, imm), e.constant(32, 7)));
    }

    static void compare(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand imm) {
        wide(e, dst, "SseControl.beginWide");
        Value s = source(e, dst, src), d = begin(e, dst, a), n = e.and(imm(e, imm), e.constant(32, 31));
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), at(e, s, i * 16), n);
        }
        wide(e, dst, "SseControl.endWide");
        end(e, dst, d);
    }

    // Conversions

    static void fromInteger(Emit e, Helper op, Operand dst, Operand src) {
        Value v = e.read(src);
        e.call(Helper.of(op.method() + v.bits()), address(e, dst), v);
    }

    static void fromInteger(Emit e, Helper op, Operand dst, Operand a, Operand src) {
        Value v = e.read(src), d = begin(e, dst, a);
        e.call(Helper.of(op.method() + v.bits()), d, v);
        end(e, dst, d);
    }

    static void toInteger(Emit e, Helper op, Operand dst, Operand src) {
        Value s = e.addressOf(src, src.bits() / 8, 0);
        e.write(dst, e.call(Helper.of(op.method() + dst.bits(), dst.bits()), s));
    }

    static void fromMmx(Emit e, Helper op, Operand dst, Operand src) {
        Value s = e.addressOf(src, 8, 0);
        if (src.kind() == Operand.Kind.MMX) {
            enterMmx(e);
        }
        e.call(op, address(e, dst), s);
    }

    static void toMmx(Emit e, Helper op, Operand dst, Operand src) {
        checkMmx(e);
        Value s = source(e, dst, src);
        enterMmx(e);
        Value d = address(e, dst);
        e.call(op, d, s);
        e.call(Helper.of("SseMove.wroteMmx"), d);
    }

    /** Elements become wider: a lane of the result comes from a part of the source (PMOVSX, VCVTPS2PD). */
    static void widen(Emit e, Helper op, Operand dst, Operand src) {
        wide(e, dst, "SseControl.beginWide");
        Value s = e.addressOf(src, src.bits() / 8, 0), d = begin(e, dst, null);
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), at(e, s, i * src.bits() / 16));
        }
        wide(e, dst, "SseControl.endWide");
        end(e, dst, d);
    }

    /** Elements become half as wide (VCVTPD2PS): each lane of the source gives 8 bytes. */
    static void narrow(Emit e, Helper op, Operand dst, Operand src) {
        boolean isWide = src.bits() == 256;
        wide(e, src, "SseControl.beginWide");
        Value s = source(e, dst, src), t = begin(e, dst, null);
        e.call(op, t, s);
        if (isWide) {
            e.call(op, at(e, t, 16), at(e, s, 16));
        }
        wide(e, src, "SseControl.endWide");
        if (isWide) {
            e.store(t, 8, e.load(t, 16, 64));
        }
        end(e, dst, t);
    }

    // Packed integers: op(a, b) on 64-bit halves

    static void packed(Emit e, Helper helper, Operand dst, Operand src) {
        packed(e, helper, dst, dst, src);
    }

    static void packed(Emit e, Helper helper, Operand dst, Operand a, Operand src) {
        Helper op = Helper.of(helper.method(), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            Value s = mmxSource(e, src, 8);
            enterMmx(e);
            Value d = address(e, dst);
            putMmx(e, d, e.call(op, e.load(d, 0, 64), e.load(s, 0, 64)));
            return;
        }
        Value s = source(e, dst, src), d = address(e, dst), x = a == dst ? d : address(e, a);
        Value[] r = new Value[dst.bits() / 64];
        for (int i = 0; i < r.length; i++) {
            r[i] = e.call(op, e.load(x, i * 8, 64), e.load(s, i * 8, 64));
        }
        storeAll(e, dst, d, r);
    }

    private static void storeAll(Emit e, Operand dst, Value d, Value[] r) {
        for (int i = 0; i < r.length; i++) {
            e.store(d, i * 8, r[i]);
        }
        clearUpper(e, dst, d);
    }

    /** Shift counts: 64 bits of the source for all lanes. */
    static void shift(Emit e, Helper helper, Operand dst, Operand src) {
        shift(e, helper, dst, dst, src);
    }

    static void shift(Emit e, Helper helper, Operand dst, Operand a, Operand src) {
        if (dst.kind() == Operand.Kind.MMX) {
            packed(e, helper, dst, src);
            return;
        }
        Value s = source(e, dst, src);
        shiftAll(e, helper, dst, a, e.load(s, 0, 64));
    }

    static void shiftImm(Emit e, Helper helper, Operand dst, Operand imm) {
        shiftImm(e, helper, dst, dst, imm);
    }

    static void shiftImm(Emit e, Helper helper, Operand dst, Operand a, Operand imm) {
        Value n = e.zeroExtend(e.read(imm), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            enterMmx(e);
            Value d = address(e, dst);
            putMmx(e, d, e.call(Helper.of(helper.method(), 64), e.load(d, 0, 64), n));
            return;
        }
        shiftAll(e, helper, dst, a, n);
    }

    private static void shiftAll(Emit e, Helper helper, Operand dst, Operand a, Value n) {
        Helper op = Helper.of(helper.method(), 64);
        Value d = address(e, dst), x = a == dst ? d : address(e, a);
        Value[] r = new Value[dst.bits() / 64];
        for (int i = 0; i < r.length; i++) {
            r[i] = e.call(op, e.load(x, i * 8, 64), n);
        }
        storeAll(e, dst, d, r);
    }

    static void shiftBytes(Emit e, Helper op, Operand dst, Operand imm) {
        e.call(op, address(e, dst), imm(e, imm));
    }

    static void shiftBytes(Emit e, Helper op, Operand dst, Operand a, Operand imm) {
        Value d = begin(e, dst, a), n = imm(e, imm);
        for (int i = 0; i < lanes(dst); i++) {
            e.call(op, at(e, d, i * 16), n);
        }
        end(e, dst, d);
    }

    /** helper is the low half's interleave; the high half's has h for l in its name. */
    static void unpackLow(Emit e, Helper helper, Operand dst, Operand src) {
        unpack(e, helper, dst, dst, src, 0);
    }

    static void unpackLow(Emit e, Helper helper, Operand dst, Operand a, Operand src) {
        unpack(e, helper, dst, a, src, 0);
    }

    static void unpackHigh(Emit e, Helper helper, Operand dst, Operand src) {
        unpack(e, helper, dst, dst, src, 8);
    }

    static void unpackHigh(Emit e, Helper helper, Operand dst, Operand a, Operand src) {
        unpack(e, helper, dst, a, src, 8);
    }

    private static void unpack(Emit e, Helper helper, Operand dst, Operand a, Operand src, int half) {
        Helper low = Helper.of("Packed.punpckl" + helper.method().substring(helper.method().length() - 2), 64);
        Helper high = Helper.of("Packed.punpckh" + helper.method().substring(helper.method().length() - 2), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            // The low forms read only 32 bits of memory.
            Value s = mmxSource(e, src, half == 0 ? 4 : 8);
            enterMmx(e);
            Value d = address(e, dst);
            Value b = half == 0 ? e.zeroExtend(e.load(s, 0, 32), 64) : e.load(s, 0, 64);
            putMmx(e, d, e.call(half == 0 ? low : high, e.load(d, 0, 64), b));
            return;
        }
        Value s = source(e, dst, src), d = address(e, dst), x = a == dst ? d : address(e, a);
        Value[] r = new Value[dst.bits() / 64];
        for (int i = 0; i < r.length; i += 2) {
            Value p = e.load(x, half + i * 8, 64), q = e.load(s, half + i * 8, 64);
            r[i] = e.call(low, p, q);
            r[i + 1] = e.call(high, p, q);
        }
        storeAll(e, dst, d, r);
    }

    /** PUNPCKLQDQ, UNPCKLPD; and the high ones: one half from each operand. */
    static void unpackHalves(Emit e, int half, Operand dst, Operand src) {
        unpackHalves(e, half, dst, dst, src);
    }

    static void unpackHalves(Emit e, int half, Operand dst, Operand a, Operand src) {
        Value s = source(e, dst, src), d = address(e, dst), x = a == dst ? d : address(e, a);
        Value[] r = new Value[dst.bits() / 64];
        for (int i = 0; i < r.length; i += 2) {
            r[i] = e.load(x, (i + half) * 8, 64);
            r[i + 1] = e.load(s, (i + half) * 8, 64);
        }
        storeAll(e, dst, d, r);
    }

    /** Low half of a lane from both halves of the first source, high half from those of the second (PACKSSWB, PHADDW). */
    static void pack(Emit e, Helper helper, Operand dst, Operand src) {
        pack(e, helper, dst, dst, src);
    }

    static void pack(Emit e, Helper helper, Operand dst, Operand a, Operand src) {
        Helper op = Helper.of(helper.method(), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            packed(e, helper, dst, src);
            return;
        }
        Value s = source(e, dst, src), d = address(e, dst), x = a == dst ? d : address(e, a);
        Value[] r = new Value[dst.bits() / 64];
        for (int i = 0; i < r.length; i += 2) {
            r[i] = e.call(op, e.load(x, i * 8, 64), e.load(x, i * 8 + 8, 64));
            r[i + 1] = e.call(op, e.load(s, i * 8, 64), e.load(s, i * 8 + 8, 64));
        }
        storeAll(e, dst, d, r);
    }

    // MMX forms whose XMM twins work on addresses

    static void pshufw(Emit e, Operand dst, Operand src, Operand imm) {
        Value s = mmxSource(e, src, 8);
        enterMmx(e);
        putMmx(e, address(e, dst), e.call(Helper.of("Packed.pshufw", 64), e.load(s, 0, 64), imm(e, imm)));
    }

    static void palignr(Emit e, Operand dst, Operand src, Operand imm) {
        Value s = mmxSource(e, src, 8);
        enterMmx(e);
        Value d = address(e, dst);
        putMmx(e, d, e.call(Helper.of("Ssse3.palignr64", 64), e.load(d, 0, 64), e.load(s, 0, 64), imm(e, imm)));
    }

    // Masks and tests

    static void moveMask(Emit e, Helper op, Operand dst, Operand src) {
        Value s = address(e, src);
        Value mask = e.call(Helper.of(op.method(), 32), s);
        if (lanes(src) == 2) {
            int bits = op.method().endsWith("pmovmskb") ? 16 : op.method().endsWith("ps") ? 4 : 2;
            mask = e.or(mask, e.shl(e.call(Helper.of(op.method(), 32), at(e, s, 16)), e.constant(32, bits)));
        }
        e.write(dst, e.zeroExtend(mask, dst.bits()));
    }

    static void moveMaskMmx(Emit e, Operand dst, Operand src) {
        enterMmx(e);
        Value mask = e.call(Helper.of("Packed.pmovmskb", 64), e.load(address(e, src), 0, 64));
        e.write(dst, e.zeroExtend(e.truncate(mask, 32), dst.bits()));
    }

    static void ptest(Emit e, Operand a, Operand src) {
        test(e, -1, a, src);
    }

    static void testps(Emit e, Operand a, Operand src) {
        test(e, 0x8000000080000000L, a, src);
    }

    static void testpd(Emit e, Operand a, Operand src) {
        test(e, Long.MIN_VALUE, a, src);
    }

    /** ZF: a AND b is zero in the bits that count; CF: NOT a AND b is. The other flags are cleared. */
    private static void test(Emit e, long bits, Operand a, Operand src) {
        Value s = source(e, a, src), x = address(e, a), counted = e.constant(64, bits);
        Value both = e.constant(64, 0), only = e.constant(64, 0);
        for (int i = 0; i < a.bits() / 64; i++) {
            Value p = e.load(x, i * 8, 64), q = e.and(e.load(s, i * 8, 64), counted);
            both = e.or(both, e.and(p, q));
            only = e.or(only, e.and(e.not(p), q));
        }
        e.call(Helper.of("Sse41.testFlags"), e.zeroExtend(e.isZero(both), 32), e.zeroExtend(e.isZero(only), 32));
    }

    /** PCMPESTRI and friends: helper(a, b, immediate) leaves its result in ECX or XMM0, and flags. */
    static void compareStrings(Emit e, Helper op, Operand a, Operand src, Operand imm) {
        Value s = e.addressOf(src, 16, 0);
        e.call(op, address(e, a), s, imm(e, imm));
        if (a.isVex() && op.method().contains("strm")) {
            e.call(Helper.of("Sse42.clearUpper0"));
        }
    }
}
