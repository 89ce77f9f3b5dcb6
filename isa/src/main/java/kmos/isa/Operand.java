// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * One operand of a form, from the table's notation: a kind and a width in bits (after the operand size of the form is
 * known; 0 where it has none).
 */
public record Operand(Kind kind, int bits, int number) {
    /** Where the operand comes from. */
    public enum Kind {
        /** General register, from ModRM.reg, ModRM.rm with mod 3, or the opcode. */
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
        /** XMM register. */
        XMM,
        /** MMX register. */
        MMX,
        /** x87 register ST(i). */
        ST,
        /** Control or debug register. */
        CONTROL
    }
}
