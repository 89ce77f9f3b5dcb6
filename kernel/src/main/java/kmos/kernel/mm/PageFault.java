// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.NotReady;
import kmos.fs.CachedPage;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.machine.PhysicalMemory;

/**
 * What happens when a program touches a page that the table does not allow: demand zero, file page, copy on write, stack
 * growth, or a signal. Idempotent: the access is simply made again.
 */
public final class PageFault {
    /** #PF error code bits, SDM vol. 3A §4.7. */
    public static final int PROTECTION = 1, WRITE = 2, USER = 4, FETCH = 16;
    /** Results besides 0 (done): a signal and its code in one int; memory is full. */
    public static final int NO_AREA = SignalAbi.SIGSEGV << 8 | SignalAbi.SEGV_MAPERR,
        NO_ACCESS = SignalAbi.SIGSEGV << 8 | SignalAbi.SEGV_ACCERR,
        NO_BACKING = SignalAbi.SIGBUS << 8 | SignalAbi.BUS_ADRERR, OUT_OF_MEMORY = -1;

    private static final int FAULT_AROUND = 16;

    private PageFault() { }

    /**
     * Makes the access possible: 0, a signal ({@code signal << 8 | si_code}) or OUT_OF_MEMORY. NotReady while a file
     * page is on its way.
     */
    public static int handle(Kernel kernel, AddressSpace space, long address, int errorCode) {
        if (Long.compareUnsigned(address, space.taskSize()) >= 0) {
            return NO_AREA;
        }
        VmArea area = space.findEndingAbove(address);
        if (area == null) {
            return NO_AREA;
        }
        if (address < area.start && ((area.flags & VmArea.GROWS_DOWN) == 0 || !space.growDown(area, address))) {
            return NO_AREA;
        }
        boolean isWrite = (errorCode & WRITE) != 0;
        if (isWrite ? !area.isWritable() : (errorCode & FETCH) != 0 ? !area.isExecutable()
            : (area.flags & (VmArea.READ | VmArea.WRITE | VmArea.EXEC)) == 0) {
            return NO_ACCESS;
        }
        long page = address & ~0xFFFL;
        long entry = space.pageTable().get(page);
        kernel.chaos().touch(page);
        try {
            int result = resolve(kernel, space, area, page, entry, isWrite);
            kernel.countFault(page);
            return result;
        } catch (NotReady disk) {
            kernel.countMajorFault(page);
            throw disk;
        } catch (ErrnoException failed) {
            return failed.errno() == Errno.ENOMEM ? OUT_OF_MEMORY : NO_BACKING;
        }
    }

    /** For a debugger: brings a page in, and gives the space its own copy for a write, whatever the protection. False: out of memory. */
    static boolean force(Kernel kernel, AddressSpace space, VmArea area, long page, boolean isWrite) {
        long entry = space.pageTable().get(page);
        if ((entry & PageTable.PRESENT) == 0) {
            int result = resolve(kernel, space, area, page, entry, isWrite && area.isWritable());
            if (result == NO_BACKING) {
                throw new ErrnoException(Errno.EIO);
            }
            if (result != 0) {
                return false;
            }
            entry = space.pageTable().get(page);
        }
        if (!isWrite || (entry & PageTable.WRITABLE) != 0) {
            return true;
        }
        if (area.isWritable()) {
            return resolve(kernel, space, area, page, entry, true) == 0;
        }
        int old = (int) (entry & PageTable.FRAME);
        if (kernel.frames().references(old) == 1) {
            return true;
        }
        int copy = ownFrame(kernel, space, page);
        if (copy < 0) {
            return false;
        }
        kernel.machine().memory().copy(old, copy, PhysicalMemory.FRAME_SIZE);
        return space.mapFrame(area, page, copy, false);
    }

    private static int resolve(Kernel kernel, AddressSpace space, VmArea area, long page, long entry, boolean isWrite) {
        if ((entry & PageTable.PRESENT) == 0) {
            return area.inode == null ? anonymous(kernel, space, area, page, isWrite) : file(kernel, space, area, page, isWrite);
        }
        if (isWrite && (entry & PageTable.WRITABLE) == 0) {
            return area.isShared() ? makeSharedWritable(kernel, space, area, page) : copyOnWrite(kernel, space, area, page, entry);
        }
        return refresh(space, area, page, entry);
    }

    private static int ownFrame(Kernel kernel, AddressSpace space, long page) {
        return FramePlacement.allocate(kernel.frames(), space.pageTable(), page);
    }

    private static int anonymous(Kernel kernel, AddressSpace space, VmArea area, long page, boolean isWrite) {
        if (!isWrite) {
            kernel.frames().retain(kernel.zeroFrame());
            return space.mapFrame(area, page, kernel.zeroFrame(), false) ? 0 : OUT_OF_MEMORY;
        }
        int frame = ownFrame(kernel, space, page);
        return frame >= 0 && space.mapFrame(area, page, frame, true) ? 0 : OUT_OF_MEMORY;
    }

    private static int file(Kernel kernel, AddressSpace space, VmArea area, long page, boolean isWrite) {
        PageCache cache = kernel.pageCache();
        long index = area.pageIndex(page);
        if (index >= area.inode.size() + 0xFFF >>> 12) {
            return NO_BACKING;
        }
        CachedPage cached = cache.get(area.inode, index);
        if (area.isShared() && isWrite) {
            prepare(cache, area, cached);
        }
        int frame = cache.frame(cached);
        if (isWrite && !area.isShared()) {
            // The copy may push clean pages out: this one is kept by its second reference.
            kernel.frames().retain(frame);
            int copy = ownFrame(kernel, space, page);
            if (copy >= 0) {
                kernel.machine().memory().copy(frame, copy, PhysicalMemory.FRAME_SIZE);
            }
            kernel.frames().release(frame);
            return copy >= 0 && space.mapFrame(area, page, copy, true) ? 0 : OUT_OF_MEMORY;
        }
        kernel.frames().retain(frame);
        if (!space.mapFrame(area, page, frame, isWrite)) {
            return OUT_OF_MEMORY;
        }
        if (!isWrite) {
            mapAround(kernel, space, area, page);
        }
        return 0;
    }

    /**
     * Neighbours that are in the cache already are mapped too, as Linux's fault-around does; as used ones, so that compiled
     * code on them, which may not set the accessed bit, holds at once.
     */
    private static void mapAround(Kernel kernel, AddressSpace space, VmArea area, long page) {
        PageCache cache = kernel.pageCache();
        long block = page & -((long) FAULT_AROUND << 12);
        long from = Math.max(area.start, block);
        long to = Math.min(area.end, block + ((long) FAULT_AROUND << 12));
        long pagesInFile = area.inode.size() + 0xFFF >>> 12;
        for (long at = from; at < to; at += 4096) {
            int entry = space.pageTable().entry(at);
            if (entry < 0 || kernel.machine().memory().read64(entry) != 0 || area.pageIndex(at) >= pagesInFile) {
                continue;
            }
            CachedPage neighbour = cache.peek(area.inode, area.pageIndex(at));
            if (neighbour != null) {
                int frame = cache.frame(neighbour);
                kernel.frames().retain(frame);
                if (space.mapFrame(area, at, frame, false)) {
                    space.pageTable().setAccessed(at);
                }
            }
        }
    }

    private static int makeSharedWritable(Kernel kernel, AddressSpace space, VmArea area, long page) {
        PageCache cache = kernel.pageCache();
        long index = area.pageIndex(page);
        if (index >= area.inode.size() + 0xFFF >>> 12) {
            return NO_BACKING;
        }
        CachedPage cached = cache.get(area.inode, index);
        prepare(cache, area, cached);
        int frame = cache.frame(cached);
        kernel.frames().retain(frame);
        return space.mapFrame(area, page, frame, true) ? 0 : OUT_OF_MEMORY;
    }

    private static void prepare(PageCache cache, VmArea area, CachedPage cached) {
        if (cached.hasPendingIo()) {
            throw new NotReady(cached.waitQueue());
        }
        int bytes = (int) Math.min(CachedPage.SIZE, area.inode.size() - (cached.index() << 12));
        area.inode.prepareWrite(cached, 0, bytes);
        cache.markDirty(cached);
    }

    private static int copyOnWrite(Kernel kernel, AddressSpace space, VmArea area, long page, long entry) {
        FrameAllocator frames = kernel.frames();
        int old = (int) (entry & PageTable.FRAME);
        if (frames.references(old) == 1) {
            space.pageTable().set(page, entry | PageTable.WRITABLE | PageTable.USER);
            return 0;
        }
        int copy = ownFrame(kernel, space, page);
        if (copy < 0) {
            return OUT_OF_MEMORY;
        }
        if (old != kernel.zeroFrame()) {
            kernel.machine().memory().copy(old, copy, PhysicalMemory.FRAME_SIZE);
        }
        return space.mapFrame(area, page, copy, true) ? 0 : OUT_OF_MEMORY;
    }

    /** The table already allows it, or does so once permissions that mprotect gave are written into the entry. */
    private static int refresh(AddressSpace space, VmArea area, long page, long entry) {
        long wanted = entry | PageTable.USER;
        if (area.isExecutable()) {
            wanted &= ~PageTable.NO_EXECUTE;
        }
        if (wanted != entry) {
            space.pageTable().set(page, wanted);
        } else {
            space.pageTable().invalidate(page);
        }
        return 0;
    }
}
