// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * x87. Every operation is a helper, which a back end may have another form for; what is spelled
 * out is the order: pending exception, memory operand, operation, store, pop.
 */
final class Fpu {
    private Fpu() { }

    /** Every instruction but those for control: a pending exception, then where this one stands (FIP, FOP). */
    private static void begin(Emit e) {
        e.call(Helper.of("X87.begin"));
        e.call(Helper.of("X87.note"), e.record());
    }

    /** With a memory operand FDP too, once the operand cannot fault any more. */
    private static Value begin(Emit e, Operand memory) {
        e.call(Helper.of("X87.begin"));
        Value at = e.addressOf(memory, memory.bits() / 8, 0);
        e.call(Helper.of("X87.noteMemory"), e.record());
        return at;
    }

    private static void beginStore(Emit e, Operand memory) {
        e.call(Helper.of("X87.begin"));
        e.prepareBytes(memory, memory.bits() / 8);
        e.call(Helper.of("X87.noteMemory"), e.record());
    }

    /** op is ModRM.reg; real operand of 32 or 64 bits. */
    static void real(Emit e, int op, Operand memory) {
        Value at = begin(e, memory);
        e.call(Helper.of("X87Arithmetic.real" + memory.bits()), e.constant(32, op), at);
    }

    static void integer(Emit e, int op, Operand memory) {
        Value at = begin(e, memory);
        e.call(Helper.of("X87Arithmetic.integer" + memory.bits()), e.constant(32, op), at);
    }

    static void toTop(Emit e, int op, Operand st) {
        begin(e);
        e.call(Helper.of("X87Arithmetic.toTop"), e.constant(32, op), e.immediate());
    }

    static void toRegister(Emit e, int op, Operand st) {
        begin(e);
        e.call(Helper.of("X87Arithmetic.toRegister"), e.constant(32, op), e.immediate(), e.constant(32, 0));
    }

    static void toRegisterPop(Emit e, int op, Operand st) {
        begin(e);
        e.call(Helper.of("X87Arithmetic.toRegister"), e.constant(32, op), e.immediate(), e.constant(32, 1));
    }

    /** mode: pops, plus 4 for the ones that take quiet NaNs without a signal. */
    static void fcom(Emit e, int mode, Operand st) {
        begin(e);
        e.call(Helper.of("X87Arithmetic.fcom"), e.immediate(), e.constant(32, mode & 3), e.constant(32, (mode & 4) == 0 ? 1 : 0));
    }

    /** FCOMPP, FUCOMPP: against ST(1). */
    static void fcompp(Emit e, int mode) {
        begin(e);
        e.call(Helper.of("X87Arithmetic.fcom"), e.constant(32, 1), e.constant(32, 2), e.constant(32, (mode & 4) == 0 ? 1 : 0));
    }

    static void fcomi(Emit e, int mode, Operand st) {
        begin(e);
        e.call(Helper.of("X87Arithmetic.fcomi"), e.immediate(), e.constant(32, mode & 3), e.constant(32, (mode & 4) == 0 ? 1 : 0));
    }

    static void load(Emit e, Helper op, Operand memory) {
        Value at = begin(e, memory);
        e.call(op, at);
    }

    /** Leaves the bytes in scratch; stored unless an unmasked exception forbids. pops 1 or 0. */
    static void store(Emit e, Helper op, Operand memory) {
        store(e, e.call(beginning(e, op, memory)), memory, false);
    }

    static void storePop(Emit e, Helper op, Operand memory) {
        store(e, e.call(beginning(e, op, memory)), memory, true);
    }

    private static Helper beginning(Emit e, Helper op, Operand memory) {
        beginStore(e, memory);
        return Helper.of(op.method(), 32);
    }

    private static void store(Emit e, Value isStored, Operand memory, boolean pops) {
        e.storeBytesIf(isStored, memory, e.scratch(), memory.bits() / 8);
        if (pops) {
            e.call(Helper.of("X87Transfer.popIf"), isStored);
        }
    }

    static void fist(Emit e, int mode, Operand memory) {
        beginStore(e, memory);
        Value isStored = e.call(Helper.of("X87Transfer.fist", 32), e.constant(32, memory.bits()), e.constant(32, mode >> 1));
        store(e, isStored, memory, (mode & 1) != 0);
    }

    /** An operation on ST(i) alone. */
    static void register(Emit e, Helper op, Operand st) {
        begin(e);
        e.call(op, e.immediate());
    }

    static void fcmov(Emit e, int condition, Operand st) {
        begin(e);
        e.call(Helper.of("X87Transfer.fcmov"), e.immediate(), e.constant(32, condition));
    }

    static void constant(Emit e, int which) {
        begin(e);
        e.call(Helper.of("X87Transfer.fldConstant"), e.constant(32, which));
    }

    /** An operation on the top of the stack. */
    static void op(Emit e, Helper op) {
        begin(e);
        e.call(op);
    }

    /** Control instructions that do not wait. */
    static void control(Emit e, Helper op) {
        e.call(op);
    }

    static void fnop(Emit e) {
        begin(e);
    }

    static void fldcw(Emit e, Operand memory) {
        e.call(Helper.of("X87.begin"));
        e.call(Helper.of("X87.fldcw"), e.zeroExtend(e.read(memory), 32));
    }

    static void fnstcw(Emit e, Operand memory) {
        e.write(memory, e.truncate(e.call(Helper.of("X87.control", 32)), 16));
    }

    static void fnstsw(Emit e, Operand memory) {
        e.write(memory, e.truncate(e.call(Helper.of("X87.status", 32)), 16));
    }

    static void fnstswAx(Emit e) {
        e.setReg(Emit.RAX, e.truncate(e.call(Helper.of("X87.status", 32)), 16));
    }

    private static int environmentBytes(Emit e) {
        return e.size() == 16 ? 14 : 28;
    }

    static void fnstenv(Emit e, Operand memory) {
        e.call(Helper.of("X87.fnstenv"), e.constant(32, environmentBytes(e)));
        e.storeBytes(memory, e.scratch(), environmentBytes(e), 0);
        e.call(Helper.of("X87.maskAll"));
    }

    static void fldenv(Emit e, Operand memory) {
        e.call(Helper.of("X87.begin"));
        Value at = e.addressOf(memory, environmentBytes(e), 0);
        e.call(Helper.of("X87.fldenv"), at, e.constant(32, environmentBytes(e)));
    }

    static void fnsave(Emit e, Operand memory) {
        e.call(Helper.of("X87.fnsave"), e.constant(32, environmentBytes(e)));
        e.storeBytes(memory, e.scratch(), environmentBytes(e) + 80, 0);
        e.call(Helper.of("X87.fninit"));
    }

    static void frstor(Emit e, Operand memory) {
        e.call(Helper.of("X87.begin"));
        e.call(Helper.of("X87.frstor"), e.linearAddress(memory, environmentBytes(e) + 80, false), e.constant(32, environmentBytes(e)));
    }

    /** FWAIT. */
    static void fwait(Emit e) {
        e.call(Helper.of("X87.begin"));
    }
}
