// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Moves of MMX, SSE and AVX, with lanes to and from general registers, and the state of these units. See {@link Simd}. */
final class SimdMoves {
    private SimdMoves() { }

    // Lanes

    private static Value lane(Emit e, Value register, Operand imm, int lanes, int bits) {
        Value n = e.and(Simd.imm(e, imm), e.constant(32, lanes - 1));
        return e.add(register, e.shl(n, e.constant(32, Integer.numberOfTrailingZeros(bits / 8))));
    }

    static void pinsrw(Emit e, Operand dst, Operand src, Operand imm) {
        boolean isMmx = dst.kind() == Operand.Kind.MMX;
        if (isMmx) {
            Simd.checkMmx(e);
        }
        Value v = e.truncate(e.read(src), 16);
        if (isMmx) {
            Simd.enterMmx(e);
        }
        Value d = Simd.address(e, dst);
        e.store(lane(e, d, imm, isMmx ? 4 : 8, 16), 0, v);
        if (isMmx) {
            e.call(Helper.of("SseMove.wroteMmx"), d);
        }
    }

    /** PINSRB, PINSRD, PINSRQ: bits of the lane. */
    static void pinsr(Emit e, int bits, Operand dst, Operand src, Operand imm) {
        pinsr(e, bits, dst, dst, src, imm);
    }

    static void pinsr(Emit e, int bits, Operand dst, Operand a, Operand src, Operand imm) {
        Value v = e.truncate(e.read(src), bits);
        Value d = Simd.address(e, dst);
        if (a != dst) {
            Simd.copy(e, d, Simd.address(e, a), 16);
        }
        e.store(lane(e, d, imm, 128 / bits, bits), 0, v);
        Simd.clearUpper(e, dst, d);
    }

    /** The width is the operand's: PINSRD, PINSRQ. */
    static void pinsr(Emit e, Operand dst, Operand src, Operand imm) {
        pinsr(e, src.bits(), dst, dst, src, imm);
    }

    static void pinsr(Emit e, Operand dst, Operand a, Operand src, Operand imm) {
        pinsr(e, src.bits(), dst, a, src, imm);
    }

    static void pextrw(Emit e, Operand dst, Operand src, Operand imm) {
        boolean isMmx = src.kind() == Operand.Kind.MMX;
        if (isMmx) {
            Simd.enterMmx(e);
        }
        Value v = e.load(lane(e, Simd.address(e, src), imm, isMmx ? 4 : 8, 16), 0, 16);
        e.write(dst, e.zeroExtend(v, dst.bits()));
    }

    static void pextr(Emit e, int bits, Operand dst, Operand src, Operand imm) {
        Value v = e.load(lane(e, Simd.address(e, src), imm, 128 / bits, bits), 0, bits);
        e.write(dst, e.zeroExtend(v, dst.bits()));
    }

    static void pextr(Emit e, Operand dst, Operand src, Operand imm) {
        pextr(e, dst.bits(), dst, src, imm);
    }

    static void extractps(Emit e, Operand dst, Operand src, Operand imm) {
        pextr(e, 32, dst, src, imm);
    }

    static void maskMove(Emit e, Operand data, Operand mask) {
        boolean isMmx = data.kind() == Operand.Kind.MMX;
        if (isMmx) {
            Simd.enterMmx(e);
        }
        e.call(Helper.of("SseMove.maskMove"), e.record(), Simd.address(e, data), Simd.address(e, mask), e.constant(32, isMmx ? 8 : 16));
    }

    // Whole registers

    /** alignment 16 or 0 (the unaligned moves); 256 bits are aligned to 32. */
    static void load(Emit e, int alignment, Operand dst, Operand src) {
        int bytes = dst.bits() / 8;
        Value s = e.addressOf(src, bytes, alignment == 0 ? 0 : bytes);
        Value d = Simd.address(e, dst);
        Simd.copy(e, d, s, bytes);
        Simd.clearUpper(e, dst, d);
    }

    static void store(Emit e, int alignment, Operand dst, Operand src) {
        int bytes = src.bits() / 8;
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, Simd.address(e, src), bytes, alignment == 0 ? 0 : bytes);
        } else {
            Value d = Simd.address(e, dst);
            Simd.copy(e, d, Simd.address(e, src), bytes);
            Simd.clearUpper(e, dst, d);
        }
    }

    /** MOVSS, MOVSD: between registers only the low lane; from memory the rest is cleared. */
    static void loadScalar(Emit e, Operand dst, Operand src) {
        Value s = e.addressOf(src, src.bits() / 8, 0);
        Value d = Simd.address(e, dst);
        Value v = e.load(s, 0, src.bits());
        if (src.kind() == Operand.Kind.MEMORY) {
            e.store(d, 0, e.zeroExtend(v, 64));
            e.store(d, 8, e.constant(64, 0));
            Simd.clearUpper(e, dst, d);
        } else {
            e.store(d, 0, v);
        }
    }

    static void storeScalar(Emit e, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, Simd.address(e, src), dst.bits() / 8, 0);
        } else {
            e.store(Simd.address(e, dst), 0, e.load(Simd.address(e, src), 0, dst.bits()));
        }
    }

    /** VMOVSS, VMOVSD between registers: the low lane of src in the rest of a. bits of the lane. */
    static void mergeScalar(Emit e, int bits, Operand dst, Operand a, Operand src) {
        Value v = e.load(Simd.address(e, src), 0, bits), x = Simd.address(e, a), d = Simd.address(e, dst);
        Simd.copy(e, d, x, 16);
        e.store(d, 0, v);
        Simd.clearUpper(e, dst, d);
    }

    /** MOVD, MOVQ from a general register or memory: the rest is cleared. */
    static void fromGeneral(Emit e, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MMX) {
            Simd.checkMmx(e);
        }
        Value v = e.zeroExtend(e.read(src), 64);
        if (dst.kind() == Operand.Kind.MMX) {
            Simd.enterMmx(e);
            Simd.putMmx(e, Simd.address(e, dst), v);
            return;
        }
        putLow(e, dst, v);
    }

    private static void putLow(Emit e, Operand dst, Value v) {
        Value d = Simd.address(e, dst);
        e.store(d, 0, v);
        e.store(d, 8, e.constant(64, 0));
        Simd.clearUpper(e, dst, d);
    }

    static void toGeneral(Emit e, Operand dst, Operand src) {
        if (src.kind() == Operand.Kind.MMX) {
            Simd.enterMmx(e);
        }
        e.write(dst, e.load(Simd.address(e, src), 0, dst.bits()));
    }

    /** MOVQ to an XMM register (F3 0F 7E): the upper half is cleared. */
    static void loadQuad(Emit e, Operand dst, Operand src) {
        putLow(e, dst, e.load(e.addressOf(src, 8, 0), 0, 64));
    }

    static void storeQuad(Emit e, Operand dst, Operand src) {
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, Simd.address(e, src), 8, 0);
        } else {
            loadQuad(e, dst, src);
        }
    }

    static void loadMmx(Emit e, Operand dst, Operand src) {
        Value s = Simd.mmxSource(e, src, 8);
        Simd.enterMmx(e);
        Simd.putMmx(e, Simd.address(e, dst), e.load(s, 0, 64));
    }

    static void storeMmx(Emit e, Operand dst, Operand src) {
        Simd.enterMmx(e);
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, Simd.address(e, src), 8, 0);
        } else {
            Simd.putMmx(e, Simd.address(e, dst), e.load(Simd.address(e, src), 0, 64));
        }
    }

    // Halves of 64 bits

    /** MOVLPS, MOVHPS and their PD twins: half 0 or 1 of the register from memory. */
    static void loadHalf(Emit e, int half, Operand dst, Operand src) {
        Value v = e.load(e.addressOf(src, 8, 0), 0, 64);
        e.store(Simd.address(e, dst), half * 8, v);
    }

    static void loadHalf(Emit e, int half, Operand dst, Operand a, Operand src) {
        Value v = e.load(e.addressOf(src, 8, 0), 0, 64);
        merge(e, dst, a, half, v);
    }

    /** The result is a with half replaced by v. */
    private static void merge(Emit e, Operand dst, Operand a, int half, Value v) {
        Value other = e.load(Simd.address(e, a), 8 - half * 8, 64), d = Simd.address(e, dst);
        e.store(d, half * 8, v);
        e.store(d, 8 - half * 8, other);
        Simd.clearUpper(e, dst, d);
    }

    static void storeHalf(Emit e, int half, Operand dst, Operand src) {
        Value s = Simd.address(e, src);
        e.storeBytes(dst, Simd.at(e, s, half * 8), 8, 0);
    }

    /** MOVHLPS: low half from the other's high half. */
    static void movhlps(Emit e, Operand dst, Operand src) {
        e.store(Simd.address(e, dst), 0, e.load(Simd.address(e, src), 8, 64));
    }

    static void movhlps(Emit e, Operand dst, Operand a, Operand src) {
        merge(e, dst, a, 0, e.load(Simd.address(e, src), 8, 64));
    }

    static void movlhps(Emit e, Operand dst, Operand src) {
        e.store(Simd.address(e, dst), 8, e.load(Simd.address(e, src), 0, 64));
    }

    static void movlhps(Emit e, Operand dst, Operand a, Operand src) {
        merge(e, dst, a, 1, e.load(Simd.address(e, src), 0, 64));
    }

    /** With 128 bits only 64 bits of memory are read. */
    static void movddup(Emit e, Operand dst, Operand src) {
        Value s = e.addressOf(src, src.bits() / 8, 0), d = Simd.address(e, dst);
        Value low = e.load(s, 0, 64), high = src.bits() == 256 ? e.load(s, 16, 64) : null;
        e.store(d, 0, low);
        e.store(d, 8, low);
        if (high != null) {
            e.store(d, 16, high);
            e.store(d, 24, high);
        }
        Simd.clearUpper(e, dst, d);
    }

    static void movq2dq(Emit e, Operand dst, Operand src) {
        Simd.enterMmx(e);
        putLow(e, dst, e.load(Simd.address(e, src), 0, 64));
    }

    static void movdq2q(Emit e, Operand dst, Operand src) {
        Simd.enterMmx(e);
        Simd.putMmx(e, Simd.address(e, dst), e.load(Simd.address(e, src), 0, 64));
    }

    /** MOVNTI. */
    static void storeGeneral(Emit e, Operand dst, Operand src) {
        e.write(dst, e.read(src));
    }

    // State

    static void emms(Emit e) {
        e.call(Helper.of("SseMove.emms"));
    }

    static void ldmxcsr(Emit e, Operand src) {
        e.call(Helper.of("SseMove.loadMxcsr"), e.read(src));
    }

    static void stmxcsr(Emit e, Operand dst) {
        e.write(dst, e.call(Helper.of("SseMove.mxcsr", 32)));
    }

    /** With REX.W the x87's instruction and data pointers have 64 bits. */
    private static Value widePointers(Emit e) {
        return e.constant(32, e.size() == 64 ? 1 : 0);
    }

    static void fxsave(Emit e, Operand memory) {
        e.call(Helper.of("FxState.store"), e.linearAddress(memory, 512, true), widePointers(e));
    }

    static void fxrstor(Emit e, Operand memory) {
        e.call(Helper.of("FxState.load"), e.linearAddress(memory, 512, false), widePointers(e));
    }

    /** XSAVE and its relations: the components of EDX:EAX, at a 64-byte aligned address. */
    static void extended(Emit e, Helper op, Operand memory) {
        e.call(op, e.linearAddress(memory, 576, false), widePointers(e));
    }

    static void xgetbv(Emit e) {
        e.call(Helper.of("XsaveArea.xgetbv"));
    }
}
