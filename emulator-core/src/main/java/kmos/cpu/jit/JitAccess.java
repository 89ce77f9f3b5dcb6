// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * What compiled code tells the miss helper about an access: its size in bytes, whether it may write, whether only the TLB is asked, and above ENTRY_SHIFT the
 * number of its entry in {@link kmos.cpu.RangeTlb}.
 */
public final class JitAccess {
    public static final int SIZE = 0xFF, WRITE = 0x100, ONLY_TLB = 0x200, ENTRY_SHIFT = 16;

    private JitAccess() { }
}
