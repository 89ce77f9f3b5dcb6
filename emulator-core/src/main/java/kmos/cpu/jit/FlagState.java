// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * The arithmetic flags at one point, in the form of kmos.cpu.Flags. With a known kind: FK's low bits and the operation's
 * width; a and r have that width, b is the second operand where there is one, fx the explicit bits (null: 0). With an unknown
 * kind, fk and fx are 32-bit values, a and r 64-bit ones moved down by the shift that fk names. In memory: where the
 * region's entry, a handler or a call left them.
 */
final class FlagState {
    static final int UNKNOWN = -1, MEMORY = -2;
    private static final FlagState IN_MEMORY = new FlagState(MEMORY, 64, null, null, null, null, null);

    final int kind;
    final int width;
    final Node fk;
    final Node fx;
    final Node a;
    final Node b;
    final Node r;

    private FlagState(int kind, int width, Node fk, Node fx, Node a, Node b, Node r) {
        this.kind = kind;
        this.width = width;
        this.fk = fk;
        this.fx = fx;
        this.a = a;
        this.b = b;
        this.r = r;
    }

    static FlagState known(int kind, int width, Node fx, Node a, Node b, Node r) {
        return new FlagState(kind, width, null, fx, a, b, r);
    }

    static FlagState unknown(Node fk, Node fx, Node a, Node r) {
        return new FlagState(UNKNOWN, 64, fk, fx, a, null, r);
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
        return isInMemory() ? FlagShape.MEMORY : isKnown() ? new FlagShape(kind, width, fx != null, b != null) : FlagShape.UNKNOWN;
    }

    /** FK of a known kind. */
    int fkValue() {
        return kind | 64 - width << 8;
    }
}
