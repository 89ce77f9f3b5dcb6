// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import kmos.base.Hash64;
import kmos.base.Memory;
import kmos.machine.PhysicalMemory;

/**
 * Hash of guest RAM: the sum of a hash of each frame with its number, so that only frames written since the last time are
 * hashed again.
 */
final class MemoryHash {
    private final PhysicalMemory memory;
    private final long[] frames;
    private long sum;
    /** First period not seen yet. A frame that was never written is zero, and has the hash 0. */
    private int seen = 1;

    MemoryHash(PhysicalMemory memory) {
        this.memory = memory;
        frames = new long[memory.frameCount()];
    }

    long hash() {
        int now = memory.endPeriod();
        for (int f = 0; f < frames.length; f++) {
            if (memory.lastWritten(f) >= seen) {
                long fresh = hash(f);
                sum += fresh - frames[f];
                frames[f] = fresh;
            }
        }
        seen = now;
        return sum;
    }

    /** The same, looking at every frame: what a test compares. */
    long full() {
        long all = 0;
        for (int f = 0; f < frames.length; f++) {
            all += hash(f);
        }
        return all;
    }

    private long hash(int frame) {
        int at = memory.linear(frame << PhysicalMemory.FRAME_SHIFT);
        return Memory.isZero(at, PhysicalMemory.FRAME_SIZE) ? 0 : Hash64.mix(frame, Hash64.of(at, PhysicalMemory.FRAME_SIZE));
    }
}
