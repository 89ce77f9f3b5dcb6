// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.function.IntUnaryOperator;
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
    private static final int NONE = -1;

    private FramePlacement() { }

    /** A frame with one reference, filled with zeros, for a page of an address space; -1 when memory is full. */
    static int allocate(FrameAllocator frames, PageTable table, long page) {
        int frame = beside(frames, distance -> frameOf(table.get(page + ((long) distance << PhysicalMemory.FRAME_SHIFT))));
        return frame >= 0 ? frame : first(frames, page >>> PhysicalMemory.FRAME_SHIFT);
    }

    /** The same for a page of a file; file: its other pages, or null. */
    static int allocate(FrameAllocator frames, PhysicalMemory memory, FilePages file, long index, long pagesInFile) {
        int frame = file == null ? -1 : beside(frames, distance -> frameOf(memory, file.find(index + distance)));
        return frame >= 0 ? frame : pagesInFile < LARGE_FILE ? frames.allocate() : first(frames, index);
    }

    /** The frame that lies beside a neighbour's as the pages do, the nearest neighbour's first; neighbour: its frame's number by distance, or NONE. -1: all are taken. */
    private static int beside(FrameAllocator frames, IntUnaryOperator neighbour) {
        for (int i = 2; i < 2 * NEAR + 2; i++) {
            int distance = i % 2 == 0 ? -(i / 2) : i / 2;
            int number = neighbour.applyAsInt(distance);
            int frame = number == NONE ? -1 : frames.allocateAt(number - distance);
            if (frame >= 0) {
                return frame;
            }
        }
        return -1;
    }

    private static int frameOf(long entry) {
        return (entry & OWN) != OWN ? NONE : (int) ((entry & PageTable.FRAME) >>> PhysicalMemory.FRAME_SHIFT);
    }

    private static int frameOf(PhysicalMemory memory, CachedPage page) {
        return page == null ? NONE : page.address() - memory.linear(0) >>> PhysicalMemory.FRAME_SHIFT;
    }

    private static int first(FrameAllocator frames, long page) {
        int frame = frames.allocateInFreeBlock((int) page & FrameAllocator.BLOCK - 1);
        return frame >= 0 ? frame : frames.allocate();
    }
}
