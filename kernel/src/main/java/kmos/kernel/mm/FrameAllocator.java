// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.Arrays;
import kmos.base.Check;
import kmos.base.StateFields;
import kmos.base.StateFormatException;
import kmos.base.Stateful;
import kmos.machine.PhysicalMemory;

/**
 * Frames of guest RAM with a reference count each. Always gives the lowest free frame, so that a machine that uses little
 * memory also touches little of it and two runs agree.
 *
 * <p>Invariant: a free frame is zero. So what a program left behind is neither seen by the next one nor part of a saved state.
 */
public final class FrameAllocator implements Stateful {
    /** Gives up cached frames when memory is short. */
    public interface Reclaimer {
        /** Frees up to count frames; returns how many. */
        int reclaim(int count);
    }

    private static final int RECLAIM_BATCH = 32;

    private final PhysicalMemory memory;
    private final int reservedFrames;
    private final int[] references;
    /** Derived: bit set means free. */
    private final long[] freeBits;
    /** Derived: no free frame below this word. */
    private int firstWord;
    /** Derived. */
    private int freeCount;
    private Reclaimer reclaimer;
    private Reclaimer secondReclaimer;

    /** Frames below firstUsable (a physical address) are never given out: BIOS data, video memory. */
    public FrameAllocator(PhysicalMemory memory, int firstUsable) {
        this.memory = memory;
        references = new int[memory.frameCount()];
        freeBits = new long[memory.frameCount() + 63 >>> 6];
        reservedFrames = firstUsable >>> PhysicalMemory.FRAME_SHIFT;
        for (int i = 0; i < reservedFrames; i++) {
            references[i] = 1;
        }
        rebuild();
    }

    void setReclaimer(Reclaimer reclaimer) {
        this.reclaimer = reclaimer;
    }

    /** Asked when the first one has nothing more to give. */
    public void setSecondReclaimer(Reclaimer second) {
        secondReclaimer = second;
    }

    private boolean hasReclaimed() {
        return reclaimer != null && reclaimer.reclaim(RECLAIM_BATCH) > 0
            || secondReclaimer != null && secondReclaimer.reclaim(RECLAIM_BATCH) > 0;
    }

    /** A frame with one reference, filled with zeros: its physical address, or -1 when memory is full. */
    public int allocate() {
        if (freeCount == 0 && !hasReclaimed()) {
            return -1;
        }
        while (freeBits[firstWord] == 0) {
            firstWord++;
        }
        int frame = firstWord << 6 | Long.numberOfTrailingZeros(freeBits[firstWord]);
        freeBits[firstWord] &= freeBits[firstWord] - 1;
        freeCount--;
        references[frame] = 1;
        return frame << PhysicalMemory.FRAME_SHIFT;
    }

    public void retain(int physical) {
        int frame = physical >>> PhysicalMemory.FRAME_SHIFT;
        Check.that(references[frame] > 0, "free frame retained", frame);
        references[frame]++;
    }

    public void release(int physical) {
        int frame = physical >>> PhysicalMemory.FRAME_SHIFT;
        Check.that(references[frame] > 0, "frame over-released", frame);
        if (--references[frame] == 0) {
            memory.fill(frame << PhysicalMemory.FRAME_SHIFT, PhysicalMemory.FRAME_SIZE, 0);
            freeBits[frame >>> 6] |= 1L << frame;
            firstWord = Math.min(firstWord, frame >>> 6);
            freeCount++;
        }
    }

    public int references(int physical) {
        return references[physical >>> PhysicalMemory.FRAME_SHIFT];
    }

    public int freeFrames() {
        return freeCount;
    }

    /** Frames that can be given out at all. */
    public int totalFrames() {
        return references.length - reservedFrames;
    }

    @Override
    public void state(StateFields s) {
        // The frames behind the last one in use are the most of them.
        int[] used = s.ints("references", Arrays.copyOf(references, s.isLoading() ? 0 : usedFrames()));
        if (s.isLoading()) {
            if (used == null || used.length > references.length) {
                throw new StateFormatException("there are not so many frames here");
            }
            Arrays.fill(references, 0);
            System.arraycopy(used, 0, references, 0, used.length);
            rebuild();
        }
    }

    private int usedFrames() {
        int count = references.length;
        while (count > 0 && references[count - 1] == 0) {
            count--;
        }
        return count;
    }

    private void rebuild() {
        freeCount = 0;
        firstWord = 0;
        for (int w = 0; w < freeBits.length; w++) {
            freeBits[w] = 0;
        }
        for (int i = 0; i < references.length; i++) {
            if (references[i] == 0) {
                freeBits[i >>> 6] |= 1L << i;
                freeCount++;
            }
        }
    }
}
