// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.Arrays;
import kmos.base.Check;
import kmos.base.StateFields;
import kmos.base.StateFormatException;
import kmos.base.Stateful;
import kmos.machine.PhysicalMemory;

/**
 * Frames of guest RAM with a reference count each. Gives the lowest free frame, so that a machine that uses little
 * memory also touches little of it and two runs agree; who wants neighbours asks for them ({@link FramePlacement}).
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
    /** Frames of a block that a stretch of neighbours begins in, and words of freeBits for them. */
    static final int BLOCK = 512;
    private static final int BLOCK_WORDS = BLOCK / 64;

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

    /** The frame with a number if there is one that is free, with one reference, filled with zeros: its physical address, else -1. */
    int allocateAt(int frame) {
        if (frame < 0 || frame >= references.length || references[frame] != 0) {
            return -1;
        }
        freeBits[frame >>> 6] &= ~(1L << frame);
        freeCount--;
        references[frame] = 1;
        return frame << PhysicalMemory.FRAME_SHIFT;
    }

    /**
     * The frame with this index in a block all of which is free, or with its remainder in 64 that are; -1 when there is none. From a quarter of the memory on, so
     * that frames for single pages are taken from elsewhere for long.
     */
    int allocateInFreeBlock(int index) {
        int words = freeBits.length;
        for (int size = BLOCK_WORDS; size >= 1; size /= BLOCK_WORDS) {
            int blocks = words / size;
            for (int i = 0; i < blocks; i++) {
                int block = (blocks / 4 + i) % blocks;
                if (isFree(block * size, size)) {
                    return allocateAt(block * size * 64 + index % (size * 64));
                }
            }
        }
        return -1;
    }

    private boolean isFree(int word, int count) {
        for (int w = word; w < word + count; w++) {
            if (freeBits[w] != -1L) {
                return false;
            }
        }
        return true;
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
