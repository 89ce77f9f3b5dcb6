// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.Flags;

/**
 * The arithmetic flags at one point, in the form of kmos.cpu.Flags. With a known kind: FK's low bits and the operation's
 * width; a and r have that width, b is the second operand where there is one, fx the explicit bits (null: 0). With an unknown
 * kind, fk and fx are 32-bit values, a and r 64-bit ones moved down by the shift that fk names. In memory: where the
 * region's entry, a handler or a call left them.
 */
final class FlagState {
    static final int UNKNOWN = -1, MEMORY = -2;
    /** Kind of the shape of {@link #compared} ones. */
    static final int COMPARED = -3;
    private static final FlagState IN_MEMORY = new FlagState(MEMORY, 64, null, null, null, null, null, null, null);

    final int kind;
    final int width;
    final Node fk;
    final Node fx;
    final Node a;
    final Node b;
    final Node r;
    /** Of a comparison of floating-point numbers, in order and not NaNs: its operands; else null. */
    final Node x;
    final Node y;

    private FlagState(int kind, int width, Node fk, Node fx, Node a, Node b, Node r, Node x, Node y) {
        this.x = x;
        this.y = y;
        this.kind = kind;
        this.width = width;
        this.fk = fk;
        this.fx = fx;
        this.a = a;
        this.b = b;
        this.r = r;
    }

    static FlagState known(int kind, int width, Node fx, Node a, Node b, Node r) {
        return new FlagState(kind, width, null, fx, a, b, r, null, null);
    }

    /** Of [U]COMISS, [U]COMISD: less is CF, equal ZF, the others are clear. */
    static FlagState compared(NodeFactory f, Node x, Node y) {
        Node r = f.zeroExtend(f.not(f.compareFloats(Wasm.F64_EQ, x, y)), 64);
        return new FlagState(Flags.EXPLICIT, 64, null, f.zeroExtend(f.compareFloats(Wasm.F64_LT, x, y), 32), r, null, r, x, y);
    }

    static FlagState unknown(Node fk, Node fx, Node a, Node r) {
        return new FlagState(UNKNOWN, 64, fk, fx, a, null, r, null, null);
    }

    static FlagState inMemory() {
        return IN_MEMORY;
    }

    boolean isKnown() {
        return kind >= 0;
    }

    boolean isInMemory() {
        return kind == MEMORY;
    }

    FlagShape shape() {
        if (x != null) {
            return new FlagShape(COMPARED, x.bits(), false, false);
        }
        return isInMemory() ? FlagShape.MEMORY : isKnown() ? new FlagShape(kind, width, fx != null, b != null) : FlagShape.UNKNOWN;
    }

    /** FK of a known kind. */
    int fkValue() {
        return kind | 64 - width << 8;
    }
}
