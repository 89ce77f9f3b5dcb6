// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** What a compiled region returns; registers, instruction pointer and budget are in memory. */
public final class JitStatus {
    /** Go on at the instruction pointer, in any way. */
    public static final int CONTINUE = 0;
    /** Go on at the instruction pointer in the interpreter. */
    public static final int INTERPRET = 1;
    /** The run loop ends: EXIT_CODE says why. */
    public static final int STOP = 2;

    private JitStatus() { }
}
