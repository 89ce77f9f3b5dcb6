// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/** A value inside an instruction: 8, 16, 32 or 64 bits, or 1 for a truth value. What it stands for is the back end's business. */
public class Value {
    private final int bits;
    private final String handle;

    public Value(int bits, String handle) {
        this.bits = bits;
        this.handle = handle;
    }

    public int bits() {
        return bits;
    }

    /** A Java expression without side effects, or an IR node's name. */
    public String handle() {
        return handle;
    }
}
