// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Bit test, scan and count. */
final class BitOps {
    private BitOps() { }

    static void bt(Emit e, Operand dst, Operand src) {
        bitTest(e, dst, src, 0);
    }

    static void bts(Emit e, Operand dst, Operand src) {
        bitTest(e, dst, src, 1);
    }

    static void btr(Emit e, Operand dst, Operand src) {
        bitTest(e, dst, src, 2);
    }

    static void btc(Emit e, Operand dst, Operand src) {
        bitTest(e, dst, src, 3);
    }

    /** With a memory operand and a register index the bit may lie outside the operand: the helper does it all. */
    private static void bitTest(Emit e, Operand dst, Operand src, int kind) {
        if (dst.kind() == Operand.Kind.MEMORY && src.kind() == Operand.Kind.REGISTER) {
            e.call(Helper.of("Bits.testMemory"), e.record(), e.constant(32, kind), e.constant(32, dst.bits()),
                e.signExtend(e.read(src), 64));
            return;
        }
        int w = dst.bits();
        Value a = kind == 0 ? e.read(dst) : e.modify(dst);
        Value n = e.and(e.zeroExtend(e.read(src), w), e.constant(w, w - 1));
        Value mask = e.shl(e.constant(w, 1), n);
        e.flagCarry(e.isNotZero(e.and(a, mask)));
        if (kind == 1) {
            e.write(dst, e.or(a, mask));
        } else if (kind == 2) {
            e.write(dst, e.and(a, e.not(mask)));
        } else if (kind == 3) {
            e.write(dst, e.xor(a, mask));
        }
    }

    /** BSF, BSR: the destination stays (with its upper half) when the source is zero; then only ZF is defined. */
    static void bsf(Emit e, Operand dst, Operand src) {
        e.call(Helper.of("Bits.bsf" + dst.bits()), e.record(), e.read(src));
    }

    static void bsr(Emit e, Operand dst, Operand src) {
        e.call(Helper.of("Bits.bsr" + dst.bits()), e.record(), e.read(src));
    }

    static void popcnt(Emit e, Operand dst, Operand src) {
        Value a = e.read(src);
        e.write(dst, e.call(Helper.of("Bits.popcnt" + a.bits(), a.bits()), a));
    }

    static void crc32(Emit e, Operand dst, Operand src) {
        Value v = e.read(src);
        e.write(dst, e.call(Helper.of("Sse42.crc32b" + v.bits(), 32), e.read(dst), v));
    }
}
