// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.StateFields;
import kmos.machine.PhysicalMemory;

/** A process's local descriptor table (modify_ldt): frames that the processor reads, grown when needed, up to 8192 entries. */
public final class LocalDescriptors {
    public static final int MAX_ENTRIES = 8192;
    private static final int PER_FRAME = PhysicalMemory.FRAME_SIZE / 8;

    private final PhysicalMemory memory;
    private final FrameAllocator allocator;
    private int[] frames = new int[0];
    private int entries;

    LocalDescriptors(PhysicalMemory memory, FrameAllocator allocator) {
        this.memory = memory;
        this.allocator = allocator;
    }

    /** One more than the highest entry that was ever written. */
    public int entries() {
        return entries;
    }

    public int[] frames() {
        return frames;
    }

    public long get(int entry) {
        return memory.read64(frames[entry / PER_FRAME] + entry % PER_FRAME * 8);
    }

    /** False when memory is full. */
    public boolean set(int entry, long descriptor) {
        if (!grow(entry / PER_FRAME + 1)) {
            return false;
        }
        entries = Math.max(entries, entry + 1);
        memory.write64(frames[entry / PER_FRAME] + entry % PER_FRAME * 8, descriptor);
        return true;
    }

    private boolean grow(int count) {
        while (frames.length < count) {
            int frame = allocator.allocate();
            if (frame < 0) {
                return false;
            }
            int[] more = new int[frames.length + 1];
            System.arraycopy(frames, 0, more, 0, frames.length);
            more[frames.length] = frame;
            frames = more;
        }
        return true;
    }

    /** Takes over another table's entries (fork). False when memory is full. */
    boolean copy(LocalDescriptors from) {
        if (!grow(from.frames.length)) {
            return false;
        }
        for (int i = 0; i < from.frames.length; i++) {
            memory.copy(from.frames[i], frames[i], PhysicalMemory.FRAME_SIZE);
        }
        entries = from.entries;
        return true;
    }

    void release() {
        for (int frame : frames) {
            allocator.release(frame);
        }
        frames = new int[0];
        entries = 0;
    }

    void state(StateFields s) {
        frames = s.ints("ldtFrames", frames);
        entries = s.i32("ldtEntries", entries);
    }
}
