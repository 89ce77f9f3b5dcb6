// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.fs.CachedPage;
import kmos.machine.PhysicalMemory;

/**
 * Where the pages of programs and files go in RAM: beside their neighbours, and the first of a stretch to where its neighbours will have room, as superpage
 * reservations do. Compiled code translates a run of neighbours in one step (RangeTlb).
 */
final class FramePlacement {
    /** Pages in each direction that are asked for their frames. */
    private static final int NEAR = 16;
    /** Of pages that are a program's own, or a file's that it writes: the zero page and what others share attract nobody. */
    private static final long OWN = PageTable.PRESENT | PageTable.WRITABLE;
    /** Pages of a file for which free memory is looked for where all of them have room. */
    private static final int LARGE_FILE = 64;

    private FramePlacement() { }

    /** A frame with one reference, filled with zeros, for a page of an address space; -1 when memory is full. */
    static int allocate(FrameAllocator frames, PageTable table, long page) {
        for (int distance = 1; distance <= NEAR; distance++) {
            long bytes = (long) distance << PhysicalMemory.FRAME_SHIFT;
            int frame = beside(frames, table.get(page - bytes), distance);
            if (frame < 0) {
                frame = beside(frames, table.get(page + bytes), -distance);
            }
            if (frame >= 0) {
                return frame;
            }
        }
        return first(frames, page >>> PhysicalMemory.FRAME_SHIFT);
    }

    private static int beside(FrameAllocator frames, long neighbour, int distance) {
        return (neighbour & OWN) != OWN ? -1 : frames.allocateAt((int) ((neighbour & PageTable.FRAME) >>> PhysicalMemory.FRAME_SHIFT) + distance);
    }

    /** The same for a page of a file; file: its other pages, or null. */
    static int allocate(FrameAllocator frames, PhysicalMemory memory, FilePages file, long index, long pagesInFile) {
        for (int distance = 1; file != null && distance <= NEAR; distance++) {
            int frame = beside(frames, memory, file.find(index - distance), distance);
            if (frame < 0) {
                frame = beside(frames, memory, file.find(index + distance), -distance);
            }
            if (frame >= 0) {
                return frame;
            }
        }
        return pagesInFile < LARGE_FILE ? frames.allocate() : first(frames, index);
    }

    private static int beside(FrameAllocator frames, PhysicalMemory memory, CachedPage neighbour, int distance) {
        return neighbour == null ? -1 : frames.allocateAt((neighbour.address() - memory.linear(0) >>> PhysicalMemory.FRAME_SHIFT) + distance);
    }

    private static int first(FrameAllocator frames, long page) {
        int frame = frames.allocateInFreeBlock((int) page & FrameAllocator.BLOCK - 1);
        return frame >= 0 ? frame : frames.allocate();
    }
}
