// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.CachedPage;
import kmos.kernel.Kernel;
import kmos.machine.PhysicalMemory;

/**
 * The pages of an address space that have frames: their entries in the page table, their references, and how many there are.
 * The zero page, which all share, is not counted.
 */
final class MappedPages implements Stateful {
    private final Kernel kernel;
    private PageTable table;
    private long resident;
    private long maxResident;

    MappedPages(Kernel kernel) {
        this.kernel = kernel;
    }

    void setTable(PageTable pageTable) {
        table = pageTable;
    }

    long resident() {
        return resident;
    }

    long maxResident() {
        return maxResident;
    }

    private void addResident(int count) {
        resident += count;
        maxResident = Math.max(maxResident, resident);
    }

    /** Maps a frame whose reference the caller hands over. False when no page table could be had (reference given back). */
    boolean map(VmArea area, long page, int frame, boolean isWritable) {
        int entry = table.createEntry(page);
        if (entry < 0) {
            kernel.frames().release(frame);
            return false;
        }
        long old = kernel.machine().memory().read64(entry);
        long value = frame | PageTable.PRESENT | PageTable.USER;
        if (isWritable) {
            value |= PageTable.WRITABLE;
        }
        if (!area.isExecutable()) {
            value |= PageTable.NO_EXECUTE;
        }
        table.replace(entry, page, value);
        int before = old == 0 ? -1 : (int) (old & PageTable.FRAME);
        addResident(counted(frame) - (old == 0 ? 0 : counted(before)));
        if (old != 0) {
            kernel.frames().release(before);
        }
        return true;
    }

    private int counted(int frame) {
        return frame == kernel.zeroFrame() ? 0 : 1;
    }

    void unmap(long start, long end) {
        PhysicalMemory memory = kernel.machine().memory();
        boolean isAny = false;
        for (long at = table.nextUsed(start, end); at < end; at = table.nextUsed(at + 4096, end)) {
            int entry = table.entry(at);
            int frame = (int) (memory.read64(entry) & PageTable.FRAME);
            table.replaceQuietly(entry, 0);
            kernel.frames().release(frame);
            resident -= counted(frame);
            isAny = true;
        }
        if (isAny) {
            table.flush();
        }
    }

    /** For {@link MemoryUse}: counts each frame that is mapped and was not seen before under its kind. */
    void countFrames(Iterable<VmArea> areas, byte[] kinds, int[] counts, byte seen) {
        PhysicalMemory memory = kernel.machine().memory();
        for (VmArea area : areas) {
            for (long at = table.nextUsed(area.start, area.end); at < area.end; at = table.nextUsed(at + 4096, area.end)) {
                int frame = (int) (memory.read64(table.entry(at)) & PageTable.FRAME) >>> 12;
                if ((kinds[frame] & seen) == 0) {
                    counts[kinds[frame]]++;
                    kinds[frame] |= seen;
                }
            }
        }
    }

    /** Resident pages that are pages of files on a disk, and of tmpfs or shared memory: RssFile, RssShmem. */
    long[] residentFilePages(Iterable<VmArea> areas) {
        PhysicalMemory memory = kernel.machine().memory();
        long[] pages = new long[2];
        for (VmArea area : areas) {
            if (area.inode == null) {
                continue;
            }
            int kind = area.inode.hasBackingDevice() ? 0 : 1;
            for (long at = table.nextUsed(area.start, area.end); at < area.end; at = table.nextUsed(at + 4096, area.end)) {
                CachedPage page = kernel.pageCache().peek(area.inode, area.pageIndex(at));
                boolean isFilePage = page != null && kernel.pageCache().frame(page) == (int) (memory.read64(table.entry(at)) & PageTable.FRAME);
                pages[kind] += isFilePage ? 1 : 0;
            }
        }
        return pages;
    }

    /** Takes the write permission of one page away if it is mapped to this frame. */
    void writeProtect(long page, int frame) {
        int entry = table.entry(page);
        if (entry >= 0) {
            long e = kernel.machine().memory().read64(entry);
            if ((e & PageTable.WRITABLE) != 0 && (int) (e & PageTable.FRAME) == frame) {
                table.replace(entry, page, e & ~PageTable.WRITABLE);
            }
        }
    }

    /** Present pages lose what the area no longer allows; what it newly allows comes by faults. */
    void reprotect(VmArea area) {
        PhysicalMemory memory = kernel.machine().memory();
        for (long at = table.nextUsed(area.start, area.end); at < area.end; at = table.nextUsed(at + 4096, area.end)) {
            int entry = table.entry(at);
            long e = memory.read64(entry);
            long fresh = e & ~PageTable.WRITABLE & ~PageTable.NO_EXECUTE & ~PageTable.USER;
            if ((area.flags & (VmArea.READ | VmArea.WRITE | VmArea.EXEC)) != 0) {
                fresh |= PageTable.USER;
            }
            if (!area.isExecutable()) {
                fresh |= PageTable.NO_EXECUTE;
            }
            table.replaceQuietly(entry, fresh);
        }
        table.flush();
    }

    /** fork: the pages of an area in both, private ones read-only. False when memory is full. The caller flushes. */
    boolean copy(VmArea area, MappedPages child) {
        PhysicalMemory memory = kernel.machine().memory();
        FrameAllocator frames = kernel.frames();
        for (long at = table.nextUsed(area.start, area.end); at < area.end; at = table.nextUsed(at + 4096, area.end)) {
            int entry = table.entry(at);
            long e = memory.read64(entry);
            if (!area.isShared() && (e & PageTable.WRITABLE) != 0) {
                e &= ~PageTable.WRITABLE;
                table.replaceQuietly(entry, e);
            }
            int target = child.table.createEntry(at);
            if (target < 0) {
                return false;
            }
            frames.retain((int) (e & PageTable.FRAME));
            child.table.replaceQuietly(target, e & ~PageTable.DIRTY);
            child.addResident((int) (e & PageTable.FRAME) == kernel.zeroFrame() ? 0 : 1);
        }
        return true;
    }

    /** mremap: entries go with their frames to another place as far as tables can be had. */
    void move(long from, long to, long length) {
        PhysicalMemory memory = kernel.machine().memory();
        for (long at = table.nextUsed(from, from + length); at < from + length; at = table.nextUsed(at + 4096, from + length)) {
            int destination = table.createEntry(to + (at - from));
            if (destination < 0) {
                break;
            }
            int source = table.entry(at);
            table.replaceQuietly(destination, memory.read64(source));
            table.replaceQuietly(source, 0);
        }
        table.flush();
    }

    @Override
    public void state(StateFields s) {
        resident = s.i64("resident", resident);
        maxResident = s.i64("maxResident", maxResident);
    }
}
