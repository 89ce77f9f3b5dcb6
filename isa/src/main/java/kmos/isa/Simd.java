// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * MMX, SSE and SSE2. Registers are bytes of linear memory, so an operation is a helper on addresses, or on 64-bit halves
 * where it works lane by lane. Memory operands of 16 bytes must be aligned, except in the unaligned moves.
 */
final class Simd {
    private Simd() { }

    private static Value source(Emit e, Operand src) {
        return e.addressOf(src, src.bits() / 8, src.bits() == 128 ? 16 : 0);
    }

    private static Value mmx(Emit e, Operand register) {
        return e.addressOf(register, 8, 0);
    }

    private static void enterMmx(Emit e) {
        e.call(Helper.of("SseMove.enterMmx"));
    }

    private static void putMmx(Emit e, Value register, Value v) {
        e.store(register, 0, v);
        e.call(Helper.of("SseMove.wroteMmx"), register);
    }

    // Floating point: op(d, s) on addresses

    static void op(Emit e, Helper op, Operand dst, Operand src) {
        Value s = source(e, src);
        e.call(op, mmx(e, dst), s);
    }

    static void opImm(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        Value s = source(e, src);
        e.call(op, mmx(e, dst), s, e.zeroExtend(e.read(imm), 32));
    }

    /** CMPPS and friends: only three bits of the immediate count without VEX. */
    static void compare(Emit e, Helper op, Operand dst, Operand src, Operand imm) {
        Value s = source(e, src);
        e.call(op, mmx(e, dst), s, e.and(e.zeroExtend(e.read(imm), 32), e.constant(32, 7)));
    }

    // Conversions

    static void fromInteger(Emit e, Helper op, Operand dst, Operand src) {
        Value v = e.read(src);
        e.call(Helper.of(op.method() + v.bits()), mmx(e, dst), v);
    }

    static void toInteger(Emit e, Helper op, Operand dst, Operand src) {
        Value s = source(e, src);
        e.write(dst, e.call(Helper.of(op.method() + dst.bits(), dst.bits()), s));
    }

    static void fromMmx(Emit e, Helper op, Operand dst, Operand src) {
        Value s = e.addressOf(src, 8, 0);
        if (src.kind() == Operand.Kind.MMX) {
            enterMmx(e);
        }
        e.call(op, mmx(e, dst), s);
    }

    static void toMmx(Emit e, Helper op, Operand dst, Operand src) {
        Value s = source(e, src);
        enterMmx(e);
        Value d = mmx(e, dst);
        e.call(op, d, s);
        e.call(Helper.of("SseMove.wroteMmx"), d);
    }

    // Packed integers: op(a, b) on 64-bit halves

    static void packed(Emit e, Helper helper, Operand dst, Operand src) {
        Helper op = Helper.of(helper.method(), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            Value s = e.addressOf(src, 8, 0);
            enterMmx(e);
            Value d = mmx(e, dst);
            putMmx(e, d, e.call(op, e.load(d, 0, 64), e.load(s, 0, 64)));
            return;
        }
        Value s = source(e, src), d = mmx(e, dst);
        Value low = e.call(op, e.load(d, 0, 64), e.load(s, 0, 64));
        Value high = e.call(op, e.load(d, 8, 64), e.load(s, 8, 64));
        e.store(d, 0, low);
        e.store(d, 8, high);
    }

    /** Shift counts: 64 bits of the source for all lanes. */
    static void shift(Emit e, Helper helper, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MMX) {
            packed(e, helper, dst, src);
            return;
        }
        Helper op = Helper.of(helper.method(), 64);
        Value s = source(e, src), d = mmx(e, dst);
        Value n = e.load(s, 0, 64);
        Value low = e.call(op, e.load(d, 0, 64), n), high = e.call(op, e.load(d, 8, 64), n);
        e.store(d, 0, low);
        e.store(d, 8, high);
    }

    static void shiftImm(Emit e, Helper helper, Operand dst, Operand imm) {
        Helper op = Helper.of(helper.method(), 64);
        Value n = e.zeroExtend(e.read(imm), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            enterMmx(e);
            Value d = mmx(e, dst);
            putMmx(e, d, e.call(op, e.load(d, 0, 64), n));
            return;
        }
        Value d = mmx(e, dst);
        e.store(d, 0, e.call(op, e.load(d, 0, 64), n));
        e.store(d, 8, e.call(op, e.load(d, 8, 64), n));
    }

    static void shiftBytes(Emit e, Helper op, Operand dst, Operand imm) {
        e.call(op, mmx(e, dst), e.zeroExtend(e.read(imm), 32));
    }

    /** helper is the low half's interleave; the high half's has h for l in its name. */
    static void unpackLow(Emit e, Helper helper, Operand dst, Operand src) {
        unpack(e, helper, dst, src, 0);
    }

    static void unpackHigh(Emit e, Helper helper, Operand dst, Operand src) {
        unpack(e, helper, dst, src, 8);
    }

    private static void unpack(Emit e, Helper helper, Operand dst, Operand src, int half) {
        Helper low = Helper.of("Packed.punpckl" + helper.method().substring(helper.method().length() - 2), 64);
        Helper high = Helper.of("Packed.punpckh" + helper.method().substring(helper.method().length() - 2), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            // The low forms read only 32 bits of memory.
            Value s = e.addressOf(src, half == 0 ? 4 : 8, 0);
            enterMmx(e);
            Value d = mmx(e, dst);
            Value b = half == 0 ? e.zeroExtend(e.load(s, 0, 32), 64) : e.load(s, 0, 64);
            putMmx(e, d, e.call(half == 0 ? low : high, e.load(d, 0, 64), b));
            return;
        }
        Value s = source(e, src), d = mmx(e, dst);
        Value a = e.load(d, half, 64), b = e.load(s, half, 64);
        Value r0 = e.call(low, a, b), r1 = e.call(high, a, b);
        e.store(d, 0, r0);
        e.store(d, 8, r1);
    }

    /** PUNPCKLQDQ, UNPCKLPD; and the high ones: one half from each operand. */
    static void unpackHalves(Emit e, int half, Operand dst, Operand src) {
        Value s = source(e, src), d = mmx(e, dst);
        Value low = e.load(d, half * 8, 64), high = e.load(s, half * 8, 64);
        e.store(d, 0, low);
        e.store(d, 8, high);
    }

    static void pack(Emit e, Helper helper, Operand dst, Operand src) {
        Helper op = Helper.of(helper.method(), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            packed(e, helper, dst, src);
            return;
        }
        Value s = source(e, src), d = mmx(e, dst);
        Value low = e.call(op, e.load(d, 0, 64), e.load(d, 8, 64)), high = e.call(op, e.load(s, 0, 64), e.load(s, 8, 64));
        e.store(d, 0, low);
        e.store(d, 8, high);
    }

    static void pshufw(Emit e, Operand dst, Operand src, Operand imm) {
        Value s = e.addressOf(src, 8, 0);
        enterMmx(e);
        putMmx(e, mmx(e, dst), e.call(Helper.of("Packed.pshufw", 64), e.load(s, 0, 64), e.zeroExtend(e.read(imm), 32)));
    }

    static void pinsrw(Emit e, Operand dst, Operand src, Operand imm) {
        Value v = e.truncate(e.read(src), 16);
        boolean isMmx = dst.kind() == Operand.Kind.MMX;
        Value lane = e.and(e.zeroExtend(e.read(imm), 32), e.constant(32, isMmx ? 3 : 7));
        if (isMmx) {
            enterMmx(e);
        }
        Value d = mmx(e, dst);
        e.store(e.add(d, e.shl(lane, e.constant(32, 1))), 0, v);
        if (isMmx) {
            e.call(Helper.of("SseMove.wroteMmx"), d);
        }
    }

    static void pextrw(Emit e, Operand dst, Operand src, Operand imm) {
        boolean isMmx = src.kind() == Operand.Kind.MMX;
        Value lane = e.and(e.zeroExtend(e.read(imm), 32), e.constant(32, isMmx ? 3 : 7));
        if (isMmx) {
            enterMmx(e);
        }
        Value v = e.load(e.add(mmx(e, src), e.shl(lane, e.constant(32, 1))), 0, 16);
        e.write(dst, e.zeroExtend(v, dst.bits()));
    }

    static void moveMask(Emit e, Helper op, Operand dst, Operand src) {
        e.write(dst, e.zeroExtend(e.call(Helper.of(op.method(), 32), mmx(e, src)), dst.bits()));
    }

    static void moveMaskMmx(Emit e, Operand dst, Operand src) {
        enterMmx(e);
        e.write(dst, e.zeroExtend(e.truncate(e.call(Helper.of("Packed.pmovmskb", 64), e.load(mmx(e, src), 0, 64)), 32), dst.bits()));
    }

    static void maskMove(Emit e, Operand data, Operand mask) {
        boolean isMmx = data.kind() == Operand.Kind.MMX;
        if (isMmx) {
            enterMmx(e);
        }
        e.call(Helper.of("SseMove.maskMove"), e.record(), mmx(e, data), mmx(e, mask), e.constant(32, isMmx ? 8 : 16));
    }

    // Moves

    private static void copy16(Emit e, Value to, Value from) {
        Value low = e.load(from, 0, 64), high = e.load(from, 8, 64);
        e.store(to, 0, low);
        e.store(to, 8, high);
    }

    /** alignment 16 or 0 (the unaligned moves). */
    static void load(Emit e, int alignment, Operand dst, Operand src) {
        Value s = e.addressOf(src, 16, alignment);
        copy16(e, mmx(e, dst), s);
    }

    static void store(Emit e, int alignment, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, mmx(e, src), 16, alignment);
        } else {
            copy16(e, mmx(e, dst), mmx(e, src));
        }
    }

    /** MOVSS, MOVSD: between registers only the low lane; from memory the rest is cleared. */
    static void loadScalar(Emit e, Operand dst, Operand src) {
        Value s = e.addressOf(src, src.bits() / 8, 0);
        Value d = mmx(e, dst);
        Value v = e.load(s, 0, src.bits());
        if (src.kind() == Operand.Kind.MEMORY) {
            e.store(d, 0, e.zeroExtend(v, 64));
            e.store(d, 8, e.constant(64, 0));
        } else {
            e.store(d, 0, v);
        }
    }

    static void storeScalar(Emit e, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, mmx(e, src), dst.bits() / 8, 0);
        } else {
            e.store(mmx(e, dst), 0, e.load(mmx(e, src), 0, dst.bits()));
        }
    }

    /** MOVD, MOVQ from a general register or memory: the rest is cleared. */
    static void fromGeneral(Emit e, Operand dst, Operand src) {
        Value v = e.zeroExtend(e.read(src), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            enterMmx(e);
            putMmx(e, mmx(e, dst), v);
            return;
        }
        Value d = mmx(e, dst);
        e.store(d, 0, v);
        e.store(d, 8, e.constant(64, 0));
    }

    static void toGeneral(Emit e, Operand dst, Operand src) {
        if (src.kind() == Operand.Kind.MMX) {
            enterMmx(e);
        }
        e.write(dst, e.load(mmx(e, src), 0, dst.bits()));
    }

    /** MOVQ to an XMM register (F3 0F 7E): the upper half is cleared. */
    static void loadQuad(Emit e, Operand dst, Operand src) {
        Value v = e.load(e.addressOf(src, 8, 0), 0, 64);
        Value d = mmx(e, dst);
        e.store(d, 0, v);
        e.store(d, 8, e.constant(64, 0));
    }

    static void storeQuad(Emit e, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, mmx(e, src), 8, 0);
        } else {
            loadQuad(e, dst, src);
        }
    }

    static void loadMmx(Emit e, Operand dst, Operand src) {
        Value s = e.addressOf(src, 8, 0);
        enterMmx(e);
        putMmx(e, mmx(e, dst), e.load(s, 0, 64));
    }

    static void storeMmx(Emit e, Operand dst, Operand src) {
        enterMmx(e);
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, mmx(e, src), 8, 0);
        } else {
            putMmx(e, mmx(e, dst), e.load(mmx(e, src), 0, 64));
        }
    }

    /** MOVLPS, MOVHPS and their PD twins: half 0 or 1 of the register from memory. */
    static void loadHalf(Emit e, int half, Operand dst, Operand src) {
        Value v = e.load(e.addressOf(src, 8, 0), 0, 64);
        e.store(mmx(e, dst), half * 8, v);
    }

    static void storeHalf(Emit e, int half, Operand dst, Operand src) {
        Value s = mmx(e, src);
        e.storeBytes(dst, half == 0 ? s : e.add(s, e.constant(32, 8)), 8, 0);
    }

    static void movddup(Emit e, Operand dst, Operand src) {
        Value v = e.load(e.addressOf(src, 8, 0), 0, 64);
        Value d = mmx(e, dst);
        e.store(d, 0, v);
        e.store(d, 8, v);
    }

    static void extractps(Emit e, Operand dst, Operand src, Operand imm) {
        Value lane = e.and(e.zeroExtend(e.read(imm), 32), e.constant(32, 3));
        e.write(dst, e.load(e.add(mmx(e, src), e.shl(lane, e.constant(32, 2))), 0, 32));
    }

    /** MOVHLPS: low half from the other's high half. */
    static void movhlps(Emit e, Operand dst, Operand src) {
        e.store(mmx(e, dst), 0, e.load(mmx(e, src), 8, 64));
    }

    static void movlhps(Emit e, Operand dst, Operand src) {
        e.store(mmx(e, dst), 8, e.load(mmx(e, src), 0, 64));
    }

    static void movq2dq(Emit e, Operand dst, Operand src) {
        enterMmx(e);
        Value v = e.load(mmx(e, src), 0, 64);
        Value d = mmx(e, dst);
        e.store(d, 0, v);
        e.store(d, 8, e.constant(64, 0));
    }

    static void movdq2q(Emit e, Operand dst, Operand src) {
        enterMmx(e);
        putMmx(e, mmx(e, dst), e.load(mmx(e, src), 0, 64));
    }

    /** MOVNTI. */
    static void storeGeneral(Emit e, Operand dst, Operand src) {
        e.write(dst, e.read(src));
    }

    static void emms(Emit e) {
        e.call(Helper.of("SseMove.emms"));
    }

    static void ldmxcsr(Emit e, Operand src) {
        e.call(Helper.of("SseMove.loadMxcsr"), e.read(src));
    }

    static void stmxcsr(Emit e, Operand dst) {
        e.write(dst, e.call(Helper.of("SseMove.mxcsr", 32)));
    }

    static void fxsave(Emit e, Operand memory) {
        e.call(Helper.of("FxState.store"), e.linearAddress(memory));
    }

    static void fxrstor(Emit e, Operand memory) {
        e.call(Helper.of("FxState.load"), e.linearAddress(memory));
    }
}
