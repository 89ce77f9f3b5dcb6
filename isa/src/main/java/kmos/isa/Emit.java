// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * What an instruction's meaning is written to. Values keep their width; both operands of an operation have the same one.
 * Order in a body: read and check, then flags, then write (a write after modify or prepare cannot fault).
 */
public abstract class Emit {
    /** Kinds of lazy flags: all six from operands and result. */
    public static final int ADD = 0, SUB = 1;

    /** Condition codes, the low four bits of Jcc, SETcc, CMOVcc. */
    public static final int O = 0, B = 2, Z = 4, BE = 6, S = 8, P = 10, L = 12, LE = 14;

    public static final int RAX = 0, RCX = 1, RDX = 2, RBX = 3, RSP = 4, RBP = 5, RSI = 6, RDI = 7;

    /** Operand size of this form: 8, 16, 32 or 64. */
    public abstract int size();

    // Operands

    public abstract Value read(Operand operand);

    /** Reads an operand that will be written: memory is checked for writing. */
    public abstract Value modify(Operand operand);

    /** Checks that a write to the operand cannot fault. */
    public abstract void prepare(Operand operand);

    /** 32-bit register writes clear the upper half; 8- and 16-bit ones leave the rest alone. */
    public abstract void write(Operand operand, Value value);

    /** Effective address of a memory operand without its segment base, in the address size (LEA). */
    public abstract Value effectiveAddress(Operand memory);

    /**
     * Address in linear memory of an operand's bytes: XMM, MMX registers themselves, memory translated for reading
     * (#GP when alignment is not 0 and violated). Only for helpers, which read count bytes there.
     */
    public abstract Value addressOf(Operand operand, int count, int alignment);

    /** Linear memory where a helper may leave up to 512 bytes for {@link #storeBytes}. */
    public abstract Value scratch();

    /** Copies count bytes from linear memory (a register or scratch) to a memory operand, checked as a whole. */
    public abstract void storeBytes(Operand memory, Value from, int count, int alignment);

    /** Checks that count bytes of a memory operand can be written, before a helper changes anything. */
    public abstract void prepareBytes(Operand memory, int count);

    /** storeBytes, only when the condition (32 bits, not zero) holds. */
    public abstract void storeBytesIf(Value condition, Operand memory, Value from, int count);

    /** A value at an address of linear memory plus offset (a register's or an operand's bytes; not a guest address). */
    public abstract Value load(Value address, int offset, int bits);

    public abstract void store(Value address, int offset, Value value);

    /**
     * Linear (segmented) address of a memory operand, 64 bits, for helpers that access it themselves; the segment is
     * checked for so many bytes and for writing.
     */
    public abstract Value linearAddress(Operand memory, int bytes, boolean isWrite);

    /** The raw immediate of this form, 32 bits. */
    public abstract Value immediate();

    // Registers and memory

    public abstract Value reg(int number, int bits);

    public abstract void setReg(int number, Value value);

    /** Address of the decoded record, for helpers that need prefixes, sizes or the immediate. */
    public abstract Value record();

    public abstract void push(Value value);

    /** Reads the top of stack without moving the stack pointer. */
    public abstract Value top(int bits);

    /** Adds to the stack pointer in the stack's address size. */
    public abstract void addToStackPointer(int bytes);

    public abstract void addToStackPointer(Value bytes);

    /** Effective address for POP to memory: the stack pointer counts as already moved by bytes. */
    public abstract void writePopped(Operand memory, Value value, int bytes);

    // Arithmetic

    public abstract Value constant(int bits, long value);

    public abstract Value add(Value a, Value b);

    public abstract Value sub(Value a, Value b);

    public abstract Value mul(Value a, Value b);

    public abstract Value and(Value a, Value b);

    public abstract Value or(Value a, Value b);

    public abstract Value xor(Value a, Value b);

    /** Shifts: the count is below the width. */
    public abstract Value shl(Value a, Value count);

    public abstract Value shr(Value a, Value count);

    public abstract Value sar(Value a, Value count);

    public abstract Value rotl(Value a, Value count);

    public abstract Value zeroExtend(Value a, int bits);

    public abstract Value signExtend(Value a, int bits);

    /** Low bits of a. */
    public abstract Value truncate(Value a, int bits);

    public abstract Value equal(Value a, Value b);

    public abstract Value lessUnsigned(Value a, Value b);

    /** a where condition (1 bit) holds, else b. */
    public abstract Value select(Value condition, Value a, Value b);

    public final Value not(Value a) {
        return xor(a, constant(a.bits(), -1));
    }

    /** Bit n of a as a truth value. */
    public final Value bit(Value a, int n) {
        return truncate(and(shr(a, constant(a.bits(), n)), constant(a.bits(), 1)), 1);
    }

    public final Value isZero(Value a) {
        return equal(a, constant(a.bits(), 0));
    }

    public final Value isNotZero(Value a) {
        return xor(isZero(a), constant(1, 1));
    }

    // Flags

    /** Whether anybody can see the flags of this instruction: else no need to compute what they need. */
    public abstract boolean flagsLive();

    /** All six flags of result = a op b. */
    public abstract void flags(int kind, Value a, Value b, Value result);

    /** SZP of the result, CF = OF = 0, AF = 0. */
    public abstract void flagsLogic(Value result);

    /** INC and DEC: all but CF. */
    public abstract void flagsKeepCarry(int kind, Value a, Value result);

    /** SZP of the result; CF, OF, AF as given (1 bit each). */
    public abstract void flagsResult(Value result, Value carry, Value overflow, Value adjust);

    /** The same unless skip holds, then nothing changes. */
    public abstract void flagsResultUnless(Value skip, Value result, Value carry, Value overflow, Value adjust);

    /** Only CF and OF, unless skip holds (null: always). */
    public abstract void flagsCarryOverflow(Value skip, Value carry, Value overflow);

    /** Only CF. */
    public abstract void flagCarry(Value carry);

    /** Only ZF. */
    public abstract void flagZero(Value zero);

    /** A condition code, 0 to 15. */
    public abstract Value condition(int code);

    public final Value carry() {
        return condition(B);
    }

    // Control

    /** Address of the next instruction, in the stack's width of a near call. */
    public abstract Value nextIp(int bits);

    /** To the branch target of the form. */
    public abstract void jump();

    public abstract void jumpIf(Value condition);

    /** #GP when a branch target is not canonical or outside its segment, before anything else happens. */
    public abstract void checkTarget(Value address);

    /** The same before a call pushes: where the stack cannot be written, that fault comes first. */
    public void checkCallTarget(Value address) {
        checkTarget(address);
    }

    /** The same for a call to the form's branch target: only needed where segments are not flat. */
    public void checkRelativeCall() { }

    /** To an address. */
    public abstract void jumpTo(Value address);

    /** The helper has set the instruction pointer (or asked to leave): the block ends here. */
    public abstract void leave();

    // Helpers

    /** Calls a helper for its effect or its result. Arguments in order after the vCPU. */
    public abstract Value call(Helper helper, Value... arguments);
}
