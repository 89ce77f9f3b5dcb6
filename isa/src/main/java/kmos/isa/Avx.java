// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** AVX, AVX2, FMA and F16C where they are more than a longer SSE (for that see {@link Simd}). All forms are VEX. */
final class Avx {
    private Avx() { }

    // State

    static void zeroUpper(Emit e) {
        e.call(Helper.of("Avx.zeroUpper"), e.constant(32, 8));
    }

    static void zeroUpper64(Emit e) {
        e.call(Helper.of("Avx.zeroUpper"), e.constant(32, 16));
    }

    static void zeroAll(Emit e) {
        e.call(Helper.of("Avx.zeroAll"), e.constant(32, 8));
    }

    static void zeroAll64(Emit e) {
        e.call(Helper.of("Avx.zeroAll"), e.constant(32, 16));
    }

    // Moves

    /** One element of memory or of a register's low end everywhere. */
    static void broadcast(Emit e, Operand dst, Operand src) {
        int bits = src.bits();
        Value s = e.addressOf(src, bits / 8, 0);
        Value low = e.load(s, 0, Math.min(bits, 64)), high = null;
        if (bits == 128) {
            high = e.load(s, 8, 64);
        } else if (bits < 64) {
            long ones = bits == 8 ? 0x0101010101010101L : bits == 16 ? 0x0001000100010001L : 0x0000000100000001L;
            low = e.mul(e.zeroExtend(low, 64), e.constant(64, ones));
        }
        Value d = Simd.address(e, dst);
        for (int i = 0; i < dst.bits() / 64; i++) {
            e.store(d, i * 8, high != null && i % 2 == 1 ? high : low);
        }
        Simd.clearUpper(e, dst, d);
    }

    /** VINSERTF128, VINSERTI128. */
    static void insert128(Emit e, Operand dst, Operand a, Operand src, Operand imm) {
        Value s = e.addressOf(src, 16, 0), t = Simd.begin(e, dst, a);
        Value lane = e.shl(e.and(Simd.imm(e, imm), e.constant(32, 1)), e.constant(32, 4));
        Simd.copy(e, e.add(t, lane), s, 16);
        Simd.end(e, dst, t);
    }

    /** VEXTRACTF128, VEXTRACTI128. */
    static void extract128(Emit e, Operand dst, Operand src, Operand imm) {
        Value lane = e.shl(e.and(Simd.imm(e, imm), e.constant(32, 1)), e.constant(32, 4));
        Value s = e.add(Simd.address(e, src), lane);
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, s, 16, 0);
            return;
        }
        Value d = Simd.address(e, dst);
        Simd.copy(e, d, s, 16);
        Simd.clearUpper(e, dst, d);
    }

    static void maskLoad(Emit e, Helper op, Operand dst, Operand mask, Operand memory) {
        Value t = Simd.begin(e, dst, null);
        e.call(op, e.record(), t, Simd.address(e, mask), e.constant(32, dst.bits() / 8));
        Simd.end(e, dst, t);
    }

    static void maskStore(Emit e, Helper op, Operand memory, Operand mask, Operand src) {
        e.call(op, e.record(), Simd.address(e, src), Simd.address(e, mask), e.constant(32, src.bits() / 8));
    }

    static void gather(Emit e, Helper op, Operand dst, Operand memory, Operand mask) {
        e.call(op, e.record(), Simd.address(e, dst), Simd.address(e, mask), e.constant(32, dst.bits() / 8));
    }

    // Permutations and blends

    /** VPERM2F128, VPERM2I128. */
    static void permute128(Emit e, Operand dst, Operand a, Operand src, Operand imm) {
        Value s = e.addressOf(src, 32, 0), t = Simd.begin(e, dst, null);
        e.call(Helper.of("Avx.permute128"), t, Simd.address(e, a), s, Simd.imm(e, imm));
        Simd.end(e, dst, t);
    }

    /** VPERMD, VPERMPS: the first source is the order. */
    static void permute32(Emit e, Operand dst, Operand order, Operand src) {
        Value s = e.addressOf(src, 32, 0), t = Simd.begin(e, dst, null);
        e.call(Helper.of("Avx.permute32"), t, Simd.address(e, order), s);
        Simd.end(e, dst, t);
    }

    /** VPERMQ, VPERMPD. */
    static void permute64(Emit e, Operand dst, Operand src, Operand imm) {
        Value s = e.addressOf(src, 32, 0), t = Simd.begin(e, dst, null);
        e.call(Helper.of("Avx.permute64"), t, s, Simd.imm(e, imm));
        Simd.end(e, dst, t);
    }

    /** VBLENDVPS and friends: the mask is a fourth register. */
    static void blend(Emit e, Helper op, Operand dst, Operand a, Operand src, Operand mask) {
        Value s = e.addressOf(src, src.bits() / 8, 0), m = Simd.address(e, mask), t = Simd.begin(e, dst, a);
        for (int i = 0; i < dst.bits(); i += 128) {
            e.call(op, Simd.at(e, t, i / 8), Simd.at(e, s, i / 8), Simd.at(e, m, i / 8));
        }
        Simd.end(e, dst, t);
    }

    // FMA: how is what the helper's class says

    static void fmaPs(Emit e, int how, Operand dst, Operand v, Operand src) {
        fma(e, "Fma.ps", how, dst, v, src);
    }

    static void fmaPd(Emit e, int how, Operand dst, Operand v, Operand src) {
        fma(e, "Fma.pd", how, dst, v, src);
    }

    static void fmaSs(Emit e, int how, Operand dst, Operand v, Operand src) {
        fma(e, "Fma.ss", how, dst, v, src);
    }

    static void fmaSd(Emit e, int how, Operand dst, Operand v, Operand src) {
        fma(e, "Fma.sd", how, dst, v, src);
    }

    private static void fma(Emit e, String helper, int how, Operand dst, Operand v, Operand src) {
        boolean isWide = dst.bits() == 256;
        if (isWide) {
            e.call(Helper.of("SseControl.beginWide"));
        }
        Value s = e.addressOf(src, src.bits() / 8, 0), x = Simd.address(e, v), t = Simd.begin(e, dst, dst);
        for (int i = 0; i < dst.bits(); i += 128) {
            e.call(Helper.of(helper), Simd.at(e, t, i / 8), Simd.at(e, x, i / 8), Simd.at(e, s, i / 8), e.constant(32, how));
        }
        if (isWide) {
            e.call(Helper.of("SseControl.endWide"));
        }
        Simd.end(e, dst, t);
    }

    /** VCVTPS2PH: half of the bytes; memory is checked before any flag is set. */
    static void toHalf(Emit e, Operand dst, Operand src, Operand imm) {
        int bytes = src.bits() / 16;
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.prepareBytes(dst, bytes);
        }
        e.call(Helper.of("SseControl.beginWide"));
        Value t = Simd.at(e, e.scratch(), 512), s = Simd.address(e, src), n = Simd.imm(e, imm);
        for (int i = 0; i < src.bits() / 128; i++) {
            e.call(Helper.of("HalfFloat.cvtps2ph"), Simd.at(e, t, i * 8), Simd.at(e, s, i * 16), n);
        }
        e.call(Helper.of("SseControl.endWide"));
        if (dst.kind() == Operand.Kind.MEMORY) {
            e.storeBytes(dst, t, bytes, 0);
            return;
        }
        Value d = Simd.address(e, dst);
        Simd.copy(e, d, t, 16);
        Simd.clearUpper(e, dst, d);
    }
}
