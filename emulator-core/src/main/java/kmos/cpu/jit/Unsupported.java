// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** The builder has no native form for what a body asks: the instruction goes through its interpreter handler. */
final class Unsupported extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unsupported() {
        super(null, null, false, false);
    }
}
