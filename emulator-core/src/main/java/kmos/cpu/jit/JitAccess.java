// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** What compiled code tells the miss helper about an access: its size in bytes, and whether it may write. */
public final class JitAccess {
    public static final int SIZE = 0xFF, WRITE = 0x100;

    private JitAccess() { }
}
