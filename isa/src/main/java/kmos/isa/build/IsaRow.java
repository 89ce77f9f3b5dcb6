// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** One parsed row of x86.isa. */
final class IsaRow {
    /** Opcode maps; a VEX row has its own three behind them. */
    static final int ONE_BYTE = 0, TWO_BYTE = 1, MAP_0F38 = 2, MAP_0F3A = 3, VEX_MAPS = 3, MAPS = 7;
    static final int ANY = -1;

    int index;
    String line;
    int map;
    int opcode;
    boolean isRegisterInOpcode;
    /** Mandatory prefix: ANY, 0 (NP), 1 (66), 2 (F3), 3 (F2). */
    int prefix = ANY;
    /** ModRM.reg, or ANY. */
    int reg = ANY;
    /** ModRM.mod: ANY, 0 memory, 1 register. */
    int mod = ANY;
    int rm = ANY;
    /** REX.W or VEX.W: ANY, 0, 1. */
    int rexW = ANY;
    boolean isVex;
    /** VEX.L: ANY, 0, 1. */
    int vexL = ANY;
    /** Extensions that the form needs (kmos.isa.Features). */
    int features;
    boolean hasModRm;
    List<String> operands = new ArrayList<>();
    String bodyClass;
    String bodyMethod;
    String bodyArgument;
    String flags;
    Set<String> notes;

    boolean has(String note) {
        return notes.contains(note);
    }

    /** The form's operand sizes, as log2(bits / 8). */
    int[] widths() {
        if (isVex) {
            return isByVexL() || operands.stream().anyMatch(o -> o.endsWith("y")) ? new int[] {2, 3} : new int[] {2};
        }
        if (has("size=b")) {
            return new int[] {0};
        }
        if (has("size=q")) {
            return new int[] {3};
        }
        boolean isVariable = has("size=v") || has("f64") || has("d64");
        boolean isY = false;
        for (String o : operands) {
            isVariable |= o.endsWith("v") || o.endsWith("z");
            isY |= o.endsWith("y");
        }
        if (isVariable) {
            return new int[] {1, 2, 3};
        }
        if (isY) {
            return new int[] {2, 3};
        }
        for (String o : operands) {
            if (o.endsWith("b") && !o.equals("Jb") && o.length() == 2) {
                return new int[] {0};
            }
            if (o.length() == 2 && o.endsWith("w")) {
                return new int[] {1};
            }
        }
        return new int[] {2};
    }

    /** Whether the vector length is chosen by VEX.L: width 2 stands for 128 bits, 3 for 256. */
    boolean isByVexL() {
        return isVex && vexL == ANY && operands.stream().anyMatch(o -> o.endsWith("x"));
    }

    /** Bits of an operand of size x in a form of this width. */
    int vectorBits(int width) {
        return vexL == 1 || isByVexL() && width == 3 ? 256 : 128;
    }

    /** How the decoder chooses among widths: 0 fixed, 1 operand size, 2 at least 32, 3 VEX.L. */
    int widthKind() {
        int[] w = widths();
        if (isByVexL()) {
            return 3;
        }
        return w.length == 3 ? 1 : w.length == 2 ? 2 : 0;
    }

    /** Whether ModRM.rm may name memory. */
    boolean canBeMemory() {
        return hasModRm && mod != 1 && !has("rmreg") && memoryOperand() >= 0;
    }

    boolean canBeRegister() {
        if (!hasModRm) {
            return true;
        }
        for (String o : operands) {
            if (o.charAt(0) == 'M') {
                return false;
            }
        }
        return mod != 0;
    }

    int memoryOperand() {
        for (int i = 0; i < operands.size(); i++) {
            if ("EMWQ".indexOf(operands.get(i).charAt(0)) >= 0) {
                return i;
            }
        }
        return -1;
    }
}
