// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.Flags;

/** Which locals hold the flags where blocks meet: the kind and width of a {@link FlagState} (or that of compared floating-point numbers), and whether it has explicit bits and a second operand. */
record FlagShape(int kind, int width, boolean hasExplicit, boolean hasSecond) {
    static final FlagShape MEMORY = new FlagShape(FlagState.MEMORY, 64, false, false), UNKNOWN = new FlagShape(FlagState.UNKNOWN, 64, true, false);

    /** The result of a comparison or logic operation need not be carried: it is the difference of the operands. */
    boolean hasResult() {
        return kind != Flags.SUB_ALL;
    }
}
