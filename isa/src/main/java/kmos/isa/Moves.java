// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** Data movement without arithmetic. */
final class Moves {
    private Moves() { }

    static void mov(Emit e, Operand dst, Operand src) {
        e.write(dst, e.read(src));
    }

    static void movzx(Emit e, Operand dst, Operand src) {
        e.write(dst, e.zeroExtend(e.read(src), dst.bits()));
    }

    static void movsx(Emit e, Operand dst, Operand src) {
        e.write(dst, e.signExtend(e.read(src), dst.bits()));
    }

    static void lea(Emit e, Operand dst, Operand memory) {
        Value a = e.effectiveAddress(memory);
        e.write(dst, a.bits() < dst.bits() ? e.zeroExtend(a, dst.bits()) : e.truncate(a, dst.bits()));
    }

    static void xchg(Emit e, Operand dst, Operand src) {
        Value a = e.modify(dst), b = e.read(src);
        e.write(src, a);
        e.write(dst, b);
    }

    static void nop(Emit e) {
    }

    /** The hint NOPs (0F 18..1F): the operand is decoded but not accessed. */
    static void nopE(Emit e, Operand any) {
    }

    /** CLFLUSH: faults as a load of the byte would. */
    static void touch(Emit e, Operand memory) {
        e.read(memory);
    }

    /** CMOVcc: memory is read and a 32-bit destination zero-extended whatever the condition. */
    static void cmov(Emit e, int code, Operand dst, Operand src) {
        Value b = e.read(src), a = e.read(dst);
        e.write(dst, e.select(e.condition(code), b, a));
    }

    static void setcc(Emit e, int code, Operand dst) {
        e.write(dst, e.zeroExtend(e.condition(code), 8));
    }

    /** CBW, CWDE, CDQE. */
    static void cbw(Emit e) {
        int w = e.size();
        e.setReg(Emit.RAX, e.signExtend(e.reg(Emit.RAX, w / 2), w));
    }

    /** CWD, CDQ, CQO. */
    static void cwd(Emit e) {
        int w = e.size();
        e.setReg(Emit.RDX, e.sar(e.reg(Emit.RAX, w), e.constant(w, w - 1)));
    }

    /** BSWAP; with a 16-bit operand the result is undefined, 0 on the processors measured. */
    static void bswap(Emit e, Operand dst) {
        Value a = e.read(dst);
        if (a.bits() == 16) {
            e.write(dst, e.constant(16, 0));
            return;
        }
        e.write(dst, e.call(Helper.of("Bits.swap" + a.bits(), a.bits()), a));
    }

    static void xlat(Emit e) {
        e.setReg(Emit.RAX, e.call(Helper.of("StringOps.xlat", 8), e.record()));
    }

    /** SALC, undocumented but in every processor since the 8086: AL = CF ? 0xFF : 0. */
    static void salc(Emit e) {
        e.setReg(Emit.RAX, e.select(e.carry(), e.constant(8, 0xFF), e.constant(8, 0)));
    }

    static void lahf(Emit e) {
        e.call(Helper.of("FlagOps.lahf"));
    }

    static void sahf(Emit e) {
        e.call(Helper.of("FlagOps.sahf"));
    }

    static void movFromSegment(Emit e, Operand dst, Operand segment) {
        Value selector = e.read(segment);
        e.write(dst, dst.bits() > 16 ? e.zeroExtend(selector, dst.bits()) : selector);
    }

    static void movToSegment(Emit e, Operand segment, Operand src) {
        Value selector = e.truncate(e.read(src), 16);
        e.call(Helper.of("SegmentOps.loadData"), e.constant(32, 0), e.record(), e.zeroExtend(selector, 32));
        e.leave();
    }

    static void movFromControl(Emit e, Operand dst, Operand control) {
        e.call(Helper.of("SystemHelpers.privileged"));
    }

    static void movToControl(Emit e, Operand control, Operand src) {
        e.call(Helper.of("SystemHelpers.privileged"));
    }
}
