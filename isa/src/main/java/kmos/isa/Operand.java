// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * One operand of a form, from the table's notation: a kind and a width in bits (after the operand size of the form is
 * known; 0 where it has none).
 */
public record Operand(Kind kind, int bits, int number) {
    /** number of a register named by VEX.vvvv (byte 1 of the record's word 2), by bits 7 to 4 of the immediate (byte 0). */
    public static final int VVVV = 1, IS4 = 2;

    /** Whether this is a vector register of a VEX form. */
    public boolean isVex() {
        return kind == Kind.YMM;
    }

    /** Where the operand comes from. */
    public enum Kind {
        /** General register, from ModRM.reg, ModRM.rm with mod 3, or the opcode; with number {@link #VVVV} from VEX.vvvv. */
        REGISTER,
        /** A general register that the opcode implies; number says which (4 + 4..7 with 8 bits means AH..BH: not used). */
        FIXED,
        /** Memory at the ModRM address. */
        MEMORY,
        /** Memory at an absolute offset in the instruction (MOV AL, moffs8). */
        OFFSET,
        /** Immediate, already extended to bits. */
        IMMEDIATE,
        /** The constant number (shift by 1). */
        CONSTANT,
        /** Branch target. */
        RELATIVE,
        /** Far pointer in the instruction: selector and offset. */
        FAR,
        /** Segment register from ModRM.reg or implied by number. */
        SEGMENT,
        /** XMM register: a write leaves the upper half of the YMM register alone. */
        XMM,
        /**
         * Vector register of a VEX form, 128 or 256 bits (or a scalar's): a write clears all above. Memory need not be aligned.
         * number says where it comes from: 0 ModRM, {@link #VVVV}, {@link #IS4}.
         */
        YMM,
        /** MMX register. */
        MMX,
        /** x87 register ST(i). */
        ST,
        /** Control or debug register. */
        CONTROL
    }
}
