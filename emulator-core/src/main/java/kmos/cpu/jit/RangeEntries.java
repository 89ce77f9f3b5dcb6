// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.CpuState;
import kmos.cpu.RangeTlb;

/**
 * Which entries of the {@link RangeTlb} the accesses of a region ask: each look-up has its own, as far as there are enough. Ranges that may be written have even
 * numbers, as the stack's has, and those that may be read odd ones, so that no store goes by what was found out for a load.
 */
final class RangeEntries {
    private int next;

    /** pc: where the region begins. */
    RangeEntries(long pc) {
        next = (int) (pc * 0x9E3779B97F4A7C15L >>> 48);
    }

    /** Offset of an entry in the vCPU's state. */
    static int offset(int entry) {
        return CpuState.RANGES + entry * RangeTlb.ENTRY_SIZE;
    }

    int take(boolean isWrite) {
        return 2 + next++ % (RangeTlb.ENTRIES / 2 - 1) * 2 + (isWrite ? 0 : 1);
    }
}
