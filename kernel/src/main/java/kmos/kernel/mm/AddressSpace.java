// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Check;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.abi.MmanAbi;
import kmos.kernel.vfs.Dentry;
import kmos.machine.PhysicalMemory;

/**
 * The memory of a process (Linux mm_struct): areas and the page table behind them. Shared by tasks made with CLONE_VM.
 * Invariant: areas are sorted, page-aligned, disjoint ({@link #checkInvariants}).
 */
public final class AddressSpace implements Stateful {
    /** First address behind user memory: Linux's TASK_SIZE of amd64, and of i386 on an amd64 kernel. */
    public static final long TASK_SIZE_64 = 0x7FFFFFFFF000L, TASK_SIZE_32 = 0xFFFFE000L;
    /** Where MAP_32BIT maps: Linux moves the start at random by up to 32 MiB, kmOS does not. */
    private static final long LOW_START = 0x40000000L, LOW_END = 0x80000000L;
    private static final long MMAP_MIN = 0x10000;
    private static final long STACK_GUARD_GAP = 256 << 12;
    private static final int MAX_AREAS = 65530;

    private final Kernel kernel;
    private PageTable table;
    private boolean is64Bit;
    private int users = 1;
    private final AreaList areas = new AreaList(MMAP_MIN);
    private long mmapBase;
    private long brkStart;
    private long brk;
    private long totalPages;
    private long maxTotalPages;
    private final MappedPages pages;
    private long lockedPages;
    private boolean isReadImpliesExec;
    /** Address of the vdso's image, 0 without one. */
    private long vdso;

    // Places for /proc/PID: what exec left
    public long startCode, endCode, startData, endData, startStack, argStart, argEnd, envStart, envEnd;
    /** Copies of the aux vector for /proc/PID/auxv. */
    public byte[] auxv = new byte[0];
    private Inode executable;
    private Dentry executableDentry;

    private final LocalDescriptors localDescriptors;

    /** For loading a saved state. */
    public AddressSpace(Kernel kernel) {
        this.kernel = kernel;
        pages = new MappedPages(kernel);
        localDescriptors = new LocalDescriptors(kernel.machine().memory(), kernel.frames());
    }

    public LocalDescriptors localDescriptors() {
        return localDescriptors;
    }

    /** An empty address space with only the kernel's own page, or null when memory is full. */
    public static AddressSpace create(Kernel kernel, boolean is64Bit) {
        AddressSpace s = new AddressSpace(kernel);
        s.is64Bit = is64Bit;
        s.table = PageTable.create(kernel.machine().memory(), kernel.frames(), kernel.machine().cpu(), is64Bit ? 4 : 3);
        if (s.table == null) {
            return null;
        }
        s.pages.setTable(s.table);
        // One supervisor page at the very top holds the GDT: segment loads read it through the page table.
        if (!s.table.set(is64Bit ? -4096L : 0xFFFFF000L, kernel.gdtFrame() | PageTable.PRESENT | PageTable.WRITABLE)) {
            s.table.destroy();
            return null;
        }
        return s;
    }

    public PageTable pageTable() {
        return table;
    }

    public boolean is64Bit() {
        return is64Bit;
    }

    /** First address behind user memory. */
    public long taskSize() {
        return is64Bit ? TASK_SIZE_64 : TASK_SIZE_32;
    }

    public AddressSpace retain() {
        users++;
        return this;
    }

    public int users() {
        return users;
    }

    /** One user less; the last one frees everything. */
    public void release() {
        if (--users == 0) {
            for (VmArea area : new ArrayList<>(areas.all())) {
                pages.unmap(area.start, area.end);
                dropBacking(area);
            }
            areas.all().clear();
            table.destroy();
            localDescriptors.release();
            if (executable != null) {
                kernel.releaseInode(executable);
                executable = null;
            }
            kernel.memoryFreed();
        }
    }

    public List<VmArea> areas() {
        return areas.all();
    }

    /** The first area that ends above address, or null. */
    public VmArea findEndingAbove(long address) {
        return areas.endingAbove(address);
    }

    /** The area that holds an address, or null. */
    public VmArea find(long address) {
        return areas.find(address);
    }

    /** Whether every page of the range belongs to some area. */
    public boolean isMapped(long start, long end) {
        return areas.isMapped(start, end);
    }

    /** Pages of all areas (VmSize). */
    public long totalPages() {
        return totalPages;
    }

    /** The most that totalPages ever was (VmPeak). */
    public long maxTotalPages() {
        return maxTotalPages;
    }

    private void addTotal(long pages) {
        totalPages += pages;
        maxTotalPages = Math.max(maxTotalPages, totalPages);
    }

    /** Pages with a frame of their own (VmRSS): the zero page does not count. */
    public long residentPages() {
        return pages.resident();
    }

    public long maxResidentPages() {
        return pages.maxResident();
    }

    public long lockedPages() {
        return lockedPages;
    }

    public void setExecutable(Inode inode, Dentry dentry) {
        executable = inode;
        executableDentry = dentry;
    }

    /** What /proc/PID/exe points to, or null. */
    public Inode executable() {
        return executable;
    }

    public Dentry executableDentry() {
        return executableDentry;
    }

    public void setReadImpliesExec(boolean implies) {
        isReadImpliesExec = implies;
    }

    /** AT_SYSINFO_EHDR; 0 without a vdso. */
    public long vdso() {
        return vdso;
    }

    public void setVdso(long address) {
        vdso = address;
    }

    /** Where the search for room starts, downwards. */
    public void setMmapBase(long base) {
        mmapBase = base;
    }

    public long mmapBase() {
        return mmapBase;
    }

    public void setBrk(long start) {
        brkStart = start;
        brk = start;
    }

    public long brkStart() {
        return brkStart;
    }

    public long brk() {
        return brk;
    }

    // mmap, munmap, mprotect, mremap, brk

    /**
     * mmap(2) after its arguments were checked: length is a whole number of pages, address too when fixed. inode null
     * is anonymous. areaFlags are VmArea bits. Returns the address. ErrnoException ENOMEM, EEXIST, EPERM.
     */
    public long map(long address, long length, int areaFlags, int mapFlags, Inode inode, Dentry dentry, long firstPage) {
        if (Long.compareUnsigned(length, taskSize()) > 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        boolean fixed = (mapFlags & (MmanAbi.MAP_FIXED | MmanAbi.MAP_FIXED_NOREPLACE)) != 0;
        long at = address;
        if (fixed) {
            if ((address & 0xFFF) != 0) {
                throw new ErrnoException(Errno.EINVAL);
            }
            if (Long.compareUnsigned(address, taskSize() - length) > 0) {
                throw new ErrnoException(Errno.ENOMEM);
            }
            if (address < MMAP_MIN && (mapFlags & MmanAbi.MAP_FIXED) != 0 && inode == null && address == 0) {
                throw new ErrnoException(Errno.EPERM);
            }
            if ((mapFlags & MmanAbi.MAP_FIXED_NOREPLACE) != 0 && !areas.isFree(address, length)) {
                throw new ErrnoException(Errno.EEXIST);
            }
        } else {
            at = address & ~0xFFFL;
            if (address != 0 && at < MMAP_MIN) {
                at = MMAP_MIN;
            }
            // 32-bit programs live there anyway: for them the flag means nothing (Linux find_start_end).
            boolean isLow = is64Bit && (mapFlags & MmanAbi.MAP_32BIT) != 0;
            if (at == 0 || Long.compareUnsigned(at, (isLow ? LOW_END : taskSize()) - length) > 0 || !areas.isFreeWithGap(at, length)) {
                if (isLow) {
                    at = areas.findFreeAbove(LOW_START, LOW_END, length);
                } else {
                    at = inode == null ? areas.findFreeForBlock(length, mmapBase, taskSize()) : areas.findFree(length, mmapBase, taskSize());
                }
            }
        }
        charge(length >>> 12, areaFlags, inode);
        if (areas.size() >= MAX_AREAS) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        if (fixed) {
            unmap(at, length);
        }
        insert(new VmArea(this, at, at + length, areaFlags | impliedExec(areaFlags), inode, dentry, inode == null ? at >>> 12 : firstPage));
        return at;
    }

    private int impliedExec(int flags) {
        return isReadImpliesExec && (flags & VmArea.READ) != 0 ? VmArea.EXEC : 0;
    }

    /** RLIMIT_AS, RLIMIT_DATA and the heuristic overcommit rule: what could never be there is refused. ENOMEM. */
    private void charge(long pages, int areaFlags, Inode inode) {
        long limit = kernel.addressSpaceLimit();
        if (limit != -1L && Long.compareUnsigned(totalPages + pages << 12, limit) > 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        boolean isData = (areaFlags & (VmArea.WRITE | VmArea.SHARED | VmArea.GROWS_DOWN)) == VmArea.WRITE;
        long dataLimit = isData ? kernel.dataLimit() : -1L;
        if (dataLimit != -1L && Long.compareUnsigned(dataPages() + pages << 12, dataLimit) > 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        boolean isAccounted = (areaFlags & (VmArea.WRITE | VmArea.SHARED)) == VmArea.WRITE && (areaFlags & VmArea.NO_RESERVE) == 0;
        if (isAccounted && pages > kernel.frames().totalFrames()) {
            throw new ErrnoException(Errno.ENOMEM);
        }
    }

    /** Pages of private writable areas besides stacks (VmData). */
    public long dataPages() {
        long pages = 0;
        for (VmArea a : areas.all()) {
            pages += (a.flags & (VmArea.WRITE | VmArea.SHARED | VmArea.GROWS_DOWN)) == VmArea.WRITE ? a.pages() : 0;
        }
        return pages;
    }

    /** Pages that it could come to need besides shared memory and files (Committed_AS). */
    long committedPages() {
        long pages = 0;
        for (VmArea a : areas.all()) {
            pages += (a.flags & (VmArea.WRITE | VmArea.SHARED | VmArea.NO_RESERVE)) == VmArea.WRITE ? a.pages() : 0;
        }
        return pages;
    }

    private void insert(VmArea area) {
        int i = areas.indexEndingAbove(area.start);
        if (area.inode == null) {
            VmArea before = i > 0 ? areas.get(i - 1) : null;
            VmArea after = i < areas.size() ? areas.get(i) : null;
            addTotal(area.pages());
            if (before != null && before.end == area.start && canMerge(before, area)) {
                before.end = area.end;
                if (after != null && after.start == before.end && canMerge(before, after)) {
                    before.end = after.end;
                    areas.remove(i);
                }
                return;
            }
            if (after != null && after.start == area.end && canMerge(area, after)) {
                after.start = area.start;
                after.firstPage = area.firstPage;
                return;
            }
            areas.add(i, area);
            return;
        }
        addTotal(area.pages());
        area.inode.retain();
        kernel.pageCache().areaAdded(area);
        areas.add(i, area);
        mergeAround(area.start, area.end);
    }

    /** Neighbours that could be one area: of a file only when its pages follow each other, too. */
    private static boolean canMerge(VmArea a, VmArea b) {
        return a.inode == b.inode && a.flags == b.flags && (a.flags & VmArea.GROWS_DOWN) == 0
            && (a.inode == null || a.dentry == b.dentry && b.firstPage == a.firstPage + a.pages());
    }

    private void dropBacking(VmArea area) {
        addTotal(-area.pages());
        if ((area.flags & VmArea.LOCKED) != 0) {
            lockedPages -= area.pages();
        }
        if (area.inode != null) {
            kernel.pageCache().areaRemoved(area);
            kernel.releaseInode(area.inode);
        }
    }

    /** munmap of whole pages. ENOMEM when a split would make too many areas. */
    public void unmap(long start, long length) {
        long end = start + length;
        int i = areas.indexEndingAbove(start);
        if (i == areas.size() || areas.get(i).start >= end) {
            return;
        }
        if (areas.get(i).start < start && areas.get(i).end > end && areas.size() >= MAX_AREAS) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        splitAt(start);
        splitAt(end);
        pages.unmap(start, end);
        for (i = areas.indexEndingAbove(start); i < areas.size() && areas.get(i).start < end;) {
            dropBacking(areas.remove(i));
        }
        kernel.memoryFreed();
    }

    /** Makes address a boundary of areas. */
    private void splitAt(long address) {
        VmArea area = find(address);
        if (area == null || area.start == address) {
            return;
        }
        VmArea upper = new VmArea(this, address, area.end, area.flags, area.inode, area.dentry, area.pageIndex(address));
        area.end = address;
        areas.add(areas.indexEndingAbove(address), upper);
        if (area.inode != null) {
            area.inode.retain();
            kernel.pageCache().areaAdded(upper);
        }
    }

    /** mprotect(2) of whole pages; protection bits are VmArea's READ, WRITE, EXEC. ENOMEM: a hole; EACCES. */
    public void protect(long start, long length, int protection) {
        long end = start + length;
        long at = start;
        for (int i = areas.indexEndingAbove(start); at < end; i++) {
            if (i == areas.size() || areas.get(i).start > at) {
                // Linux changes what comes before the hole and then fails.
                protectAreas(start, at, protection);
                throw new ErrnoException(Errno.ENOMEM);
            }
            VmArea area = areas.get(i);
            boolean isReadOnly = area.inode != null && (area.flags & VmArea.MAY_WRITE) == 0 && (area.isShared() || (area.flags & VmArea.VVAR) != 0);
            if ((protection & VmArea.WRITE) != 0 && isReadOnly) {
                protectAreas(start, at, protection);
                throw new ErrnoException(Errno.EACCES);
            }
            at = area.end;
        }
        protectAreas(start, end, protection);
    }

    private void protectAreas(long start, long end, int protection) {
        if (start >= end) {
            return;
        }
        splitAt(start);
        splitAt(end);
        int bits = protection | impliedExec(protection);
        for (int i = areas.indexEndingAbove(start); i < areas.size() && areas.get(i).start < end; i++) {
            VmArea area = areas.get(i);
            int old = area.flags;
            area.flags = old & ~(VmArea.READ | VmArea.WRITE | VmArea.EXEC) | bits;
            if (area.flags != old) {
                pages.reprotect(area);
            }
        }
        mergeAround(start, end);
    }

    private void mergeAround(long start, long end) {
        int i = Math.max(1, areas.indexEndingAbove(start));
        while (i < areas.size() && areas.get(i - 1).end <= end) {
            VmArea a = areas.get(i - 1);
            VmArea b = areas.get(i);
            if (a.end == b.start && canMerge(a, b)) {
                a.end = b.end;
                areas.remove(i);
                if (b.inode != null) {
                    kernel.pageCache().areaRemoved(b);
                    kernel.releaseInode(b.inode);
                }
            } else {
                i++;
            }
        }
    }

    /** brk(2): the new break, or the old one when it cannot be had. */
    public long setBrkEnd(long wanted) {
        if (wanted < brkStart || wanted >= taskSize()) {
            return brk;
        }
        long oldEnd = brk + 0xFFF & ~0xFFFL;
        long newEnd = wanted + 0xFFF & ~0xFFFL;
        try {
            if (newEnd < oldEnd) {
                unmap(newEnd, oldEnd - newEnd);
            } else if (newEnd > oldEnd) {
                if (!areas.isFreeWithGap(oldEnd, newEnd - oldEnd + 4096)
                    || Long.compareUnsigned(wanted - brkStart, kernel.dataLimit()) > 0) {
                    return brk;
                }
                int flags = VmArea.READ | VmArea.WRITE | VmArea.MAY_WRITE | VmArea.HEAP;
                charge(newEnd - oldEnd >>> 12, flags, null);
                insert(new VmArea(this, oldEnd, newEnd, flags | impliedExec(flags), null, null, oldEnd >>> 12));
            }
        } catch (ErrnoException full) {
            return brk;
        }
        brk = wanted;
        return brk;
    }

    /** mremap(2) with checked arguments (whole pages). Returns the new address. EFAULT, EINVAL, ENOMEM. */
    public long remap(long old, long oldLength, long newLength, int flags, long newAddress) {
        VmArea area = find(old);
        if (area == null) {
            throw new ErrnoException(Errno.EFAULT);
        }
        boolean fixed = (flags & MmanAbi.MREMAP_FIXED) != 0;
        if (oldLength == 0 && !area.isShared()) {
            throw new ErrnoException(Errno.EINVAL);
        }
        if (fixed) {
            if (Long.compareUnsigned(newAddress, taskSize() - newLength) > 0
                || newAddress + newLength > old && old + oldLength > newAddress) {
                throw new ErrnoException(Errno.EINVAL);
            }
            unmap(newAddress, newLength);
            area = find(old);
        }
        if (!fixed && newLength <= oldLength) {
            if (newLength < oldLength) {
                unmap(old + newLength, oldLength - newLength);
            }
            return old;
        }
        if (old + Math.min(oldLength, newLength) > area.end || oldLength > area.end - old) {
            throw new ErrnoException(Errno.EFAULT);
        }
        if (newLength > oldLength) {
            charge(newLength - oldLength >>> 12, area.flags, area.inode);
        }
        if (!fixed && old + oldLength == area.end && areas.isFreeWithGap(area.end, newLength - oldLength)
            && old + newLength <= taskSize()) {
            addTotal(newLength - oldLength >>> 12);
            area.end = old + newLength;
            mergeAround(area.start, area.end);
            return old;
        }
        if ((flags & MmanAbi.MREMAP_MAYMOVE) == 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        long to = fixed ? newAddress : areas.findFree(newLength, mmapBase, taskSize());
        move(area, old, oldLength, to, newLength, (flags & MmanAbi.MREMAP_DONTUNMAP) != 0);
        return to;
    }

    private void move(VmArea area, long old, long oldLength, long to, long newLength, boolean keepsOld) {
        long moved = Math.min(oldLength, newLength);
        VmArea target = new VmArea(this, to, to + newLength, area.flags, area.inode, area.dentry, area.pageIndex(old));
        insert(target);
        pages.move(old, to, moved);
        if ((area.flags & VmArea.VDSO) != 0 && vdso == old) {
            vdso = to;
        }
        if (oldLength > 0 && !keepsOld) {
            unmap(old, oldLength);
        }
    }

    /** madvise(MADV_DONTNEED): private pages are forgotten and come again from their backing. */
    public void discard(long start, long end) {
        pages.unmap(start, end);
        kernel.memoryFreed();
    }

    /** Marks areas for fork (MADV_DONTFORK and the like). The range is mapped. */
    public void changeFlags(long start, long end, int clear, int set) {
        splitAt(start);
        splitAt(end);
        for (int i = areas.indexEndingAbove(start); i < areas.size() && areas.get(i).start < end; i++) {
            VmArea a = areas.get(i);
            int was = a.flags & VmArea.LOCKED;
            a.flags = a.flags & ~clear | set;
            int is = a.flags & VmArea.LOCKED;
            lockedPages += was == is ? 0 : is != 0 ? a.pages() : -a.pages();
        }
        mergeAround(start, end);
    }

    /** A fault below a stack area: grows it to address if limits and neighbours allow. */
    boolean growDown(VmArea area, long address) {
        long start = address & ~0xFFFL;
        int i = areas.indexEndingAbove(area.start);
        long size = area.end - start;
        if (start < MMAP_MIN || Long.compareUnsigned(size, kernel.stackLimit()) > 0) {
            return false;
        }
        if (i > 0) {
            VmArea below = areas.get(i - 1);
            boolean isGuarded = (below.flags & (VmArea.READ | VmArea.WRITE | VmArea.EXEC)) != 0 && (below.flags & VmArea.GROWS_DOWN) == 0;
            if (isGuarded ? start - below.end < STACK_GUARD_GAP : start < below.end) {
                return false;
            }
        }
        long limit = kernel.addressSpaceLimit();
        long more = area.start - start >>> 12;
        if (limit != -1L && Long.compareUnsigned(totalPages + more << 12, limit) > 0) {
            return false;
        }
        addTotal(more);
        area.firstPage -= more;
        area.start = start;
        return true;
    }

    // fork

    /** A copy whose private pages are shared until one side writes; null when memory is full. */
    public AddressSpace fork() {
        AddressSpace child = create(kernel, is64Bit);
        if (child == null) {
            return null;
        }
        child.mmapBase = mmapBase;
        child.brkStart = brkStart;
        child.brk = brk;
        child.startCode = startCode;
        child.endCode = endCode;
        child.startData = startData;
        child.endData = endData;
        child.startStack = startStack;
        child.argStart = argStart;
        child.argEnd = argEnd;
        child.envStart = envStart;
        child.envEnd = envEnd;
        child.auxv = auxv;
        child.vdso = vdso;
        child.isReadImpliesExec = isReadImpliesExec;
        child.executableDentry = executableDentry;
        child.executable = executable == null ? null : executable.retain();
        if (!child.localDescriptors.copy(localDescriptors)) {
            child.release();
            return null;
        }
        for (VmArea area : areas.all()) {
            if ((area.flags & VmArea.DONT_FORK) != 0) {
                continue;
            }
            VmArea copy = new VmArea(child, area.start, area.end, area.flags & ~VmArea.LOCKED, area.inode, area.dentry, area.firstPage);
            child.areas.all().add(copy);
            child.addTotal(copy.pages());
            if (copy.inode != null) {
                copy.inode.retain();
                kernel.pageCache().areaAdded(copy);
            }
            if ((area.flags & VmArea.WIPE_ON_FORK) == 0 && !pages.copy(area, child.pages)) {
                table.flush();
                child.release();
                return null;
            }
        }
        table.flush();
        return child;
    }

    // Pages

    /** Maps a frame whose reference the caller hands over. False when no page table could be had (reference given back). */
    boolean mapFrame(VmArea area, long page, int frame, boolean isWritable) {
        return pages.map(area, page, frame, isWritable);
    }

    /** For {@link MemoryUse}: counts each frame that is mapped and was not seen before under its kind. */
    void countFrames(byte[] kinds, int[] counts, byte seen) {
        pages.countFrames(areas.all(), kinds, counts, seen);
    }

    /** Resident pages that are pages of files on a disk, and of tmpfs or shared memory: RssFile, RssShmem. */
    public long[] residentFilePages() {
        return pages.residentFilePages(areas.all());
    }

    /** Pages that come from the area's file leave [from, area.end); private copies too, as after ftruncate. */
    void unmapFilePages(VmArea area, long from) {
        pages.unmap(from, area.end);
    }

    /** Takes the write permission of one page away if it is mapped to this frame. */
    void writeProtect(long page, int frame) {
        pages.writeProtect(page, frame);
    }

    /** Stops the machine when areas overlap or are not sorted: a bug of ours. */
    public void checkInvariants() {
        long previous = 0;
        long pages = 0;
        for (VmArea a : areas.all()) {
            Check.that(a.start >= previous && a.start < a.end && (a.start & 0xFFF) == 0 && (a.end & 0xFFF) == 0, "areas sorted and disjoint", a.start);
            previous = a.end;
            pages += a.pages();
        }
        Check.that(pages == totalPages, "total pages counted", totalPages);
    }

    @Override
    public void state(StateFields s) {
        if (s.isLoading() && table == null) {
            table = new PageTable(kernel.machine().memory(), kernel.frames(), kernel.machine().cpu());
            pages.setTable(table);
        }
        s.struct("table", table);
        is64Bit = s.bool("is64Bit", is64Bit);
        users = s.i32("users", users);
        s.refs("areas", areas.all(), VmArea.class);
        mmapBase = s.i64("mmapBase", mmapBase);
        brkStart = s.i64("brkStart", brkStart);
        brk = s.i64("brk", brk);
        totalPages = s.i64("totalPages", totalPages);
        maxTotalPages = s.i64("maxTotalPages", maxTotalPages);
        s.struct("pages", pages);
        lockedPages = s.i64("lockedPages", lockedPages);
        isReadImpliesExec = s.bool("isReadImpliesExec", isReadImpliesExec);
        startCode = s.i64("startCode", startCode);
        endCode = s.i64("endCode", endCode);
        startData = s.i64("startData", startData);
        endData = s.i64("endData", endData);
        startStack = s.i64("startStack", startStack);
        argStart = s.i64("argStart", argStart);
        argEnd = s.i64("argEnd", argEnd);
        envStart = s.i64("envStart", envStart);
        envEnd = s.i64("envEnd", envEnd);
        auxv = s.bytes("auxv", auxv);
        vdso = s.i64("vdso", vdso);
        localDescriptors.state(s);
        executable = s.ref("executable", executable, Inode.class);
        executableDentry = s.ref("executableDentry", executableDentry, Dentry.class);
    }
}
