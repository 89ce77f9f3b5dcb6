// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A hash of addresses without collisions: slot = ((a ^ a >>> xorShift) >>> shift) & (slots - 1), on the low 32 bits. */
final class TargetHash {
    private static final int MAX_SLOTS = 1024;

    final int xorShift;
    final int shift;
    /** Index into targets, or -1. */
    final int[] slots;
    final List<RegionBlock> targets;

    private TargetHash(int xorShift, int shift, int[] slots, List<RegionBlock> targets) {
        this.xorShift = xorShift;
        this.shift = shift;
        this.slots = slots;
        this.targets = targets;
    }

    /** For all of the blocks, or as many as the largest table holds. */
    static TargetHash of(List<RegionBlock> blocks) {
        List<RegionBlock> targets = new ArrayList<>(blocks);
        for (;;) {
            int size = 2;
            while (size < targets.size()) {
                size *= 2;
            }
            for (; size <= MAX_SLOTS; size *= 2) {
                for (int xorShift = 2; xorShift < 12; xorShift++) {
                    for (int shift = 0; shift < 6; shift++) {
                        int[] slots = fill(targets, xorShift, shift, size);
                        if (slots != null) {
                            return new TargetHash(xorShift, shift, slots, targets);
                        }
                    }
                }
            }
            targets.remove(targets.size() - 1);
        }
    }

    private static int[] fill(List<RegionBlock> targets, int xorShift, int shift, int size) {
        int[] slots = new int[size];
        Arrays.fill(slots, -1);
        for (int i = 0; i < targets.size(); i++) {
            int a = (int) targets.get(i).pc;
            int slot = (a ^ a >>> xorShift) >>> shift & size - 1;
            if (slots[slot] >= 0) {
                return null;
            }
            slots[slot] = i;
        }
        return slots;
    }
}
