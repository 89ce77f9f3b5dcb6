// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/**
 * How the x87 comes over an edge in locals, registers as bits counted from TOP: those whose locals hold them, those of them that differ from memory, those whose
 * tags are known and which of these are set; whether the control word is known to have its default modes. No exception is pending. Status and tags are in
 * their locals and may differ from memory.
 */
record FpuShape(int loaded, int dirty, int known, int full, boolean hasDefaultModes) {
    boolean isLoaded(int register) {
        return (loaded >> register & 1) != 0;
    }

    boolean isDirty(int register) {
        return (dirty >> register & 1) != 0;
    }

    /** What two edges agree on; of registers that only one has the other one's are in memory. */
    FpuShape and(FpuShape s) {
        int agreed = known & s.known & ~(full ^ s.full);
        int both = loaded & s.loaded;
        return new FpuShape(both, (dirty | s.dirty) & both, agreed, full & agreed, hasDefaultModes && s.hasDefaultModes);
    }

    /** The same where the registers of either are loaded. */
    FpuShape or(FpuShape s) {
        FpuShape agreed = and(s);
        return new FpuShape(loaded | s.loaded, dirty | s.dirty, agreed.known, agreed.full, agreed.hasDefaultModes);
    }
}
