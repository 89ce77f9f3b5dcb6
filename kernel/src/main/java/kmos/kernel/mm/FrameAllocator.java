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
    /** Derived: frames became free since no free block was found. */
    private boolean mayHaveFreeBlock;
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
        if (!mayHaveFreeBlock) {
            return -1;
        }
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
        mayHaveFreeBlock = false;
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
            mayHaveFreeBlock = true;
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
        int[] used = s.ints("references", s.isLoading() ? null : usedFrames());
        if (s.isLoading()) {
            take(used);
            rebuild();
        }
    }

    /** Of each stretch of frames in use its first frame, its length and their references: most frames are free. */
    private int[] usedFrames() {
        int[] used = new int[2 * references.length + 2];
        int count = 0;
        for (int i = 0; i < references.length;) {
            int end = i;
            while (end < references.length && references[end] != 0) {
                end++;
            }
            if (end > i) {
                used[count++] = i;
                used[count++] = end - i;
                System.arraycopy(references, i, used, count, end - i);
                count += end - i;
            }
            i = end + 1;
        }
        return Arrays.copyOf(used, count);
    }

    private void take(int[] used) {
        if (used == null) {
            throw new StateFormatException("the frames in use are missing");
        }
        Arrays.fill(references, 0);
        for (int at = 0; at < used.length; at += 2 + used[at + 1]) {
            boolean fits = at + 2 <= used.length && used[at] >= 0 && used[at + 1] > 0
                && used[at + 1] <= references.length - used[at] && used[at + 1] <= used.length - at - 2;
            if (!fits) {
                throw new StateFormatException("there are not so many frames here");
            }
            System.arraycopy(used, at + 2, references, used[at], used[at + 1]);
        }
    }

    private void rebuild() {
        freeCount = 0;
        firstWord = 0;
        mayHaveFreeBlock = true;
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
