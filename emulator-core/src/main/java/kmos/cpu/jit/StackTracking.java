// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * Addresses on the stack: RSP, and RBP where it points into a frame, are followed through a region as distances from RSP
 * at its entry, which stands in a local. Accesses at such addresses need no look-up once the part of the stack that a
 * region touches was looked up at its entry.
 */
final class StackTracking {
    static final int RSP = 4, RBP = 5;
    /** The registers followed. */
    static final int[] REGISTERS = {RSP, RBP};
    static final int UNKNOWN = Integer.MIN_VALUE;
    /** How far from RSP at entry an access may lie. */
    private static final int REACH = 1024;

    /** Lowest offset and length of what the region touches. */
    private int low = Integer.MAX_VALUE;
    private int high = Integer.MIN_VALUE;

    /** Distance of a value from the stack base in a local, or UNKNOWN. */
    static int offset(Node value, int baseLocal) {
        Node v = value.source();
        if (v.op == Node.LOCAL && v.imm == baseLocal) {
            return 0;
        }
        boolean isSum = v.op == Wasm.I32_ADD || v.op == Wasm.I64_ADD;
        boolean isFar = !isSum || !v.b.isConst() || v.b.imm < -(1 << 30) || v.b.imm > 1 << 30;
        Node base = isFar ? null : v.a.source();
        return base != null && base.op == Node.LOCAL && base.imm == baseLocal ? (int) v.b.imm : UNKNOWN;
    }

    /** An access of size bytes; returns whether it needs no look-up of its own. */
    boolean add(int offset, int size) {
        if (offset == UNKNOWN || offset < -REACH || offset + size > REACH) {
            return false;
        }
        low = Math.min(low, offset);
        high = Math.max(high, offset + size);
        return true;
    }

    boolean isEmpty() {
        return high < low;
    }

    int low() {
        return low;
    }

    int length() {
        return high - low;
    }
}
