// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import kmos.isa.Operand;

/** The table's operand notation: for the emitter (kind and width) and for the decoder (a code each). */
final class Operands {
    /** Decoder's codes; the upper four bits hold the width: 0 b, 1 w, 2 d, 3 q, 4 operand size, 5 at least 32. */
    static final int NONE = 0, E = 1, G = 2, Z = 3, IMM8 = 4, IMM8_SIGNED = 5, IMM_Z = 6, IMM_FULL = 7, IMM16 = 8, IMM16_8 = 9, REL8 = 10, REL_Z = 11,
        OFFSET = 12, FAR = 13, SEGMENT = 14, V = 15, W = 16, P = 17, Q = 18, M = 19, U = 20, N = 21, ST_I = 22, CONTROL = 23, H = 24, B = 25, L = 26;

    private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};

    private Operands() { }

    private static int bits(char size, int operandBits, int vectorBits) {
        switch (size) {
            case 'b': return 8;
            case 'w': return 16;
            case 'd': return 32;
            case 'q': return 64;
            case 't': return 80;
            case 'o': return 128;
            case 'x': return vectorBits;
            case 'y': return Math.max(32, operandBits);
            default: return operandBits;
        }
    }

    /** The operand of a row in the form of one width. */
    static Operand operand(IsaRow row, String text, int width, boolean isMemory) {
        int operandBits = 8 << width;
        Operand.Kind vector = row.isVex ? Operand.Kind.YMM : Operand.Kind.XMM;
        for (int i = 0; i < SEGMENTS.length; i++) {
            if (SEGMENTS[i].equals(text)) {
                return new Operand(Operand.Kind.SEGMENT, 16, i);
            }
        }
        switch (text) {
            case "CL": return new Operand(Operand.Kind.FIXED, 8, 1);
            case "1": return new Operand(Operand.Kind.CONSTANT, 8, 1);
            case "Ib": return new Operand(Operand.Kind.IMMEDIATE, 8, 0);
            case "Ibs":
            case "Iz": return new Operand(Operand.Kind.IMMEDIATE, operandBits, 0);
            case "Iv": return new Operand(Operand.Kind.IMMEDIATE, operandBits, 64);
            case "Iw": return new Operand(Operand.Kind.IMMEDIATE, 16, 0);
            case "Iwb": return new Operand(Operand.Kind.IMMEDIATE, 32, 0);
            case "Jb":
            case "Jz": return new Operand(Operand.Kind.RELATIVE, 0, 0);
            case "Ap": return new Operand(Operand.Kind.FAR, 0, 0);
            case "STi": return new Operand(Operand.Kind.ST, 80, 0);
            default: break;
        }
        int bits = text.length() > 1 ? bits(text.charAt(1), operandBits, row.vectorBits(width)) : 0;
        switch (text.charAt(0)) {
            case 'E': return new Operand(isMemory ? Operand.Kind.MEMORY : Operand.Kind.REGISTER, bits, 0);
            case 'M': return new Operand(Operand.Kind.MEMORY, bits, 0);
            case 'G':
            case 'Z': return new Operand(Operand.Kind.REGISTER, bits, 0);
            case 'A': return new Operand(Operand.Kind.FIXED, bits, 0);
            case 'O': return new Operand(Operand.Kind.OFFSET, bits, 0);
            case 'S': return new Operand(Operand.Kind.SEGMENT, 16, -1);
            case 'V':
            case 'U': return new Operand(vector, bits, 0);
            case 'W': return new Operand(isMemory ? Operand.Kind.MEMORY : vector, bits, 0);
            case 'H': return new Operand(vector, bits, Operand.VVVV);
            case 'L': return new Operand(vector, bits, Operand.IS4);
            case 'B': return new Operand(Operand.Kind.REGISTER, bits, Operand.VVVV);
            case 'P':
            case 'N': return new Operand(Operand.Kind.MMX, bits, 0);
            case 'Q': return new Operand(isMemory ? Operand.Kind.MEMORY : Operand.Kind.MMX, bits, 0);
            case 'C':
            case 'D': return new Operand(Operand.Kind.CONTROL, 32, 0);
            default: throw new IllegalArgumentException("x86.isa: operand " + text);
        }
    }

    /** Whether the operand takes one of the record's two register fields. */
    static boolean needsField(String text, boolean isMemory) {
        if (text.length() != 2 || text.equals("CL") || text.equals("Ib") || text.equals("Iz") || text.equals("Iv") || text.equals("Iw")) {
            return false;
        }
        for (String s : SEGMENTS) {
            if (s.equals(text)) {
                return false;
            }
        }
        switch (text.charAt(0)) {
            case 'G': case 'Z': case 'V': case 'U': case 'P': case 'N': case 'S': case 'C': case 'D': return true;
            case 'E': case 'W': case 'Q': return !isMemory;
            default: return false;
        }
    }

    /** Code for the decoder. */
    static int code(String text) {
        for (String s : SEGMENTS) {
            if (s.equals(text)) {
                return NONE;
            }
        }
        switch (text) {
            case "CL":
            case "1": return NONE;
            case "Ib": return IMM8;
            case "Ibs": return IMM8_SIGNED;
            case "Iz": return IMM_Z;
            case "Iv": return IMM_FULL;
            case "Iw": return IMM16;
            case "Iwb": return IMM16_8;
            case "Jb": return REL8;
            case "Jz": return REL_Z;
            case "Ap": return FAR;
            case "STi": return ST_I;
            default: break;
        }
        int width = text.length() > 1 ? "bwdqvy".indexOf(text.charAt(1)) : 4;
        int w = Math.max(width, 0) << 8;
        switch (text.charAt(0)) {
            case 'E': return E | w;
            case 'G': return G | w;
            case 'Z': return Z | w;
            case 'A': return NONE;
            case 'O': return OFFSET;
            case 'S': return SEGMENT;
            case 'V': return V;
            case 'W': return W;
            case 'U': return U;
            case 'P': return P;
            case 'Q': return Q;
            case 'N': return N;
            case 'M': return M;
            case 'H': return H;
            case 'B': return B | w;
            case 'L': return L;
            case 'C':
            case 'D': return CONTROL;
            default: throw new IllegalArgumentException("x86.isa: operand " + text);
        }
    }
}
