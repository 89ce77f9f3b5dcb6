// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** How an instruction ends its block: to its target, to its target if a condition holds, or to a computed address. */
record Terminator(Kind kind, Node operand) {
    enum Kind { JUMP, CONDITIONAL, INDIRECT }

    static Terminator jump() {
        return new Terminator(Kind.JUMP, null);
    }

    static Terminator conditional(Node condition) {
        return new Terminator(Kind.CONDITIONAL, condition);
    }

    static Terminator indirect(Node address) {
        return new Terminator(Kind.INDIRECT, address);
    }
}
