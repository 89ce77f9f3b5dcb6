// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

/** One decoded instruction, as the region compiler keeps it. Register fields are byte offsets into the register file. */
public final class DecodedInstruction {
    /** Attribute: ends a block. */
    public static final int END = IsaProperties.END;

    public final long pc;
    public final int length;
    public final int row;
    public final int width;
    public final int attributes;
    public final int a;
    public final int b;
    public final int index;
    public final int scale;
    public final int segment;
    /** Ea.A16, A32, A64 or RIP. */
    public final int addressSize;
    public final int displacement;
    public final long immediate;
    public final int relative;
    public final boolean isRelative;
    public final boolean hasMemory;
    public final int operandSize;
    public final int flagClass;
    public final boolean canFault;
    /** Condition of a Jcc, or IsaProperties.NONE. */
    public final int condition;
    private final int[] record = new int[4];

    DecodedInstruction(Decoder d, long pc, boolean hasMemory) {
        this.pc = pc;
        length = d.length;
        row = d.row;
        width = d.width;
        attributes = d.attributes;
        a = d.a;
        b = d.b;
        index = d.x;
        scale = d.scale;
        segment = d.segment;
        addressSize = d.addressSize;
        displacement = d.disp;
        immediate = d.hasFullImmediate ? d.imm & 0xFFFFFFFFL | (long) d.immHigh << 32 : d.imm;
        relative = d.relative;
        isRelative = d.isRelative;
        this.hasMemory = hasMemory;
        operandSize = d.operandSize();
        flagClass = d.flagClass();
        canFault = d.canFault();
        condition = d.condition();
        int displacementWord = d.word1();
        if (d.isRipRelative()) {
            displacementWord += d.length;
        }
        record[0] = d.word0(d.formId());
        record[1] = displacementWord;
        record[2] = d.word2();
        record[3] = d.word3(0, 0);
    }

    /** Address behind it. */
    public long next() {
        return pc + length;
    }

    /** Word 0 to 3 of the interpreter's record, as the only instruction of a block. */
    public int recordWord(int i) {
        return record[i];
    }

    /** Number of the interpreter's handler. */
    public int handler() {
        return record[0] & 0xFFFF;
    }
}
