// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.PageEvents;
import kmos.machine.PhysicalMemory;

/**
 * Pages of files in frames of guest RAM: the one place between file systems, read and write, and mappings.
 *
 * <p>A page holds one reference to its frame, each page-table entry one more. A page is dirty from the moment it becomes
 * writable by a program or is written by write(2) until its transfer to the device starts; starting it takes the write
 * permission away from all mappings, so that the next store is seen. Pages of files without a device (tmpfs) stay until
 * the file is cut or gone. Under pressure clean pages that nobody maps are given up, oldest first.
 */
public final class PageCache implements Stateful, FrameAllocator.Reclaimer {
    private static final int READ_AHEAD = 8;

    private final PhysicalMemory memory;
    private final FrameAllocator frames;
    private final PageEvents events;
    private final List<FilePages> files = new ArrayList<>();
    /** Order of arrival, for reclaim; pages dropped meanwhile are skipped. */
    private List<CachedPage> arrival = new ArrayList<>();
    private int pageCount;
    private int dirtyPages;
    private int unbackedPages;
    /** Inodes without references whose pages have still to be written or whose blocks freed. */
    private final List<Inode> leaving = new ArrayList<>();

    public PageCache(PhysicalMemory memory, FrameAllocator frames, PageEvents events) {
        this.memory = memory;
        this.events = events;
        this.frames = frames;
        frames.setReclaimer(this);
    }

    /** The up-to-date page of a file. NotReady while it is read; ErrnoException EIO, ENOMEM. */
    public CachedPage get(Inode inode, long index) {
        CachedPage page = getForOverwrite(inode, index);
        if (page.isUpToDate()) {
            return page;
        }
        if (page.hasPendingIo()) {
            throw new NotReady(page.waitQueue());
        }
        if (page.error() != 0) {
            drop(page);
            throw new ErrnoException(Errno.EIO);
        }
        inode.readPage(page);
        readAhead(inode, index);
        if (page.isUpToDate()) {
            return page;
        }
        if (!page.hasPendingIo()) {
            drop(page);
            throw new ErrnoException(Errno.EIO);
        }
        throw new NotReady(page.waitQueue());
    }

    /**
     * The page, present but perhaps not up to date: for a writer that fills all of it and then says setUpToDate.
     * The contents of a new page are zeros. NotReady while a read is under way; ENOMEM.
     */
    public CachedPage getForOverwrite(Inode inode, long index) {
        FilePages file = (FilePages) inode.cachedPages();
        CachedPage page = file == null ? null : file.find(index);
        if (page != null) {
            if (!page.isUpToDate() && page.hasPendingIo()) {
                throw new NotReady(page.waitQueue());
            }
            return page;
        }
        int frame = FramePlacement.allocate(frames, memory, file, index, inode.size() >>> 12);
        if (frame < 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        file = file(inode);
        page = new CachedPage(inode, index, memory.linear(frame));
        file.add(page);
        pageCount++;
        if (inode.hasBackingDevice()) {
            arrival.add(page);
        } else {
            unbackedPages++;
        }
        return page;
    }

    /** The page if it is cached and up to date, else null. */
    public CachedPage peek(Inode inode, long index) {
        FilePages file = (FilePages) inode.cachedPages();
        CachedPage page = file == null ? null : file.find(index);
        return page != null && page.isUpToDate() ? page : null;
    }

    /** Physical address of the page's frame. */
    public int frame(CachedPage page) {
        return page.address() - memory.linear(0);
    }

    /** Copies bytes of a file as far as its size reaches; returns the count. NotReady, EIO, ENOMEM. */
    public int read(Inode inode, long offset, byte[] to, int at, int count) {
        int n = (int) Math.min(count, Math.max(0, inode.size() - offset));
        for (int done = 0; done < n;) {
            CachedPage page = get(inode, offset + done >>> 12);
            int inPage = (int) (offset + done) & 0xFFF;
            int run = Math.min(n - done, CachedPage.SIZE - inPage);
            memory.read(frame(page) + inPage, to, at + done, run);
            done += run;
        }
        return n;
    }

    private void readAhead(Inode inode, long index) {
        long last = inode.size() - 1 >>> 12;
        for (long next = index + 1; next <= last && next < index + READ_AHEAD; next++) {
            FilePages file = (FilePages) inode.cachedPages();
            if (file.find(next) != null || frames.freeFrames() < 64) {
                return;
            }
            CachedPage page = getForOverwrite(inode, next);
            try {
                inode.readPage(page);
            } catch (NotReady metadata) {
                drop(page);
                return;
            } catch (ErrnoException unreadable) {
                drop(page);
                return;
            }
        }
    }

    // Dirty pages

    /** The page's bytes differ from the device's from now on. */
    public void markDirty(CachedPage page) {
        if (!page.isDirty()) {
            page.setDirty(true);
            file(page.inode()).dirtyChanged(1);
            if (page.inode().hasBackingDevice()) {
                dirtyPages++;
                events.pageDirtied();
            }
        }
        memory.written(frame(page), CachedPage.SIZE);
    }

    public boolean isDirty(Inode inode) {
        FilePages file = (FilePages) inode.cachedPages();
        return file != null && file.dirtyCount() > 0 && inode.hasBackingDevice();
    }

    /** Starts the transfer of all dirty pages of a file. NotReady when metadata is missing: call again. */
    public void startWriteback(Inode inode) {
        FilePages file = (FilePages) inode.cachedPages();
        if (file == null || file.dirtyCount() == 0 || !inode.hasBackingDevice()) {
            return;
        }
        List<CachedPage> dirty = new ArrayList<>();
        for (CachedPage page : file.pages()) {
            if (page.isDirty() && !page.hasPendingIo()) {
                dirty.add(page);
            }
        }
        dirty.sort((a, b) -> Long.compare(a.index(), b.index()));
        for (CachedPage page : dirty) {
            writeProtect(file, page);
            inode.writePage(page);
            events.pageWritten();
            page.setDirty(false);
            file.dirtyChanged(-1);
            dirtyPages--;
        }
    }

    /** Returns when no page of the file is dirty or on its way; else NotReady. EIO once after a failed transfer. */
    public void waitForWriteback(Inode inode) {
        FilePages file = (FilePages) inode.cachedPages();
        if (file == null || !inode.hasBackingDevice()) {
            return;
        }
        for (CachedPage page : file.pages()) {
            if (page.hasPendingIo() && page.isUpToDate()) {
                throw new NotReady(page.waitQueue());
            }
        }
        keepFailedWrites(file);
        if (file.hasWriteError()) {
            file.setWriteError(false);
            throw new ErrnoException(Errno.EIO);
        }
    }

    /** Pages that the disk refused become dirty again; the next fsync or sync tells EIO. Returns how many there were. */
    public int keepFailedWrites() {
        int kept = 0;
        for (FilePages file : files) {
            if (file.inode().hasBackingDevice()) {
                kept += keepFailedWrites(file);
            }
        }
        return kept;
    }

    private int keepFailedWrites(FilePages file) {
        int kept = 0;
        for (CachedPage page : file.pages()) {
            if (page.error() != 0 && page.isUpToDate() && !page.hasPendingIo()) {
                page.clearError();
                markDirty(page);
                file.setWriteError(true);
                kept++;
            }
        }
        return kept;
    }

    /** Whether there are pages that a disk refused and that are not written since. */
    public boolean hasFailedWrites() {
        for (FilePages file : files) {
            if (file.hasWriteError() && file.dirtyCount() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether a page is on its way to a disk. */
    public boolean isWritingBack() {
        for (FilePages file : files) {
            if (file.inode().hasBackingDevice()) {
                for (CachedPage page : file.pages()) {
                    if (page.hasPendingIo() && page.isUpToDate()) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Starts the transfer of all dirty pages of all files. NotReady: call again. */
    public void startWritebackAll() {
        for (int i = 0; i < files.size(); i++) {
            startWriteback(files.get(i).inode());
        }
    }

    public void waitForWritebackAll() {
        for (int i = 0; i < files.size(); i++) {
            waitForWriteback(files.get(i).inode());
        }
    }

    /** Takes the write permission of a page away in all shared mappings: the next store faults and marks it dirty. */
    private void writeProtect(FilePages file, CachedPage page) {
        int frame = frame(page);
        for (VmArea area : file.areas()) {
            long address = area.start + (page.index() - area.firstPage << 12);
            if (area.isShared() && page.index() >= area.firstPage && Long.compareUnsigned(address, area.end) < 0) {
                area.space.writeProtect(address, frame);
            }
        }
    }

    // Cutting and dropping

    /**
     * The file ends at size: pages behind it leave the cache and all mappings, the rest of its last page becomes zero.
     * NotReady while a page is in a transfer or the last page is being read.
     */
    public void truncate(Inode inode, long size) {
        FilePages file = (FilePages) inode.cachedPages();
        if (file == null) {
            return;
        }
        long firstGone = size + 0xFFF >>> 12;
        for (CachedPage page : file.pages()) {
            if (page.index() >= firstGone - 1 && page.hasPendingIo()) {
                throw new NotReady(page.waitQueue());
            }
        }
        for (VmArea area : file.areas()) {
            long from = area.start + (Math.max(0, firstGone - area.firstPage) << 12);
            if (Long.compareUnsigned(from, area.end) < 0) {
                area.space.unmapFilePages(area, from);
            }
        }
        dropFrom(file, firstGone);
        int tail = (int) size & 0xFFF;
        CachedPage last = tail == 0 ? null : file.find(size >>> 12);
        if (last != null) {
            memory.fill(frame(last) + tail, CachedPage.SIZE - tail, 0);
        }
        forgetIfEmpty(file);
    }

    private void dropFrom(FilePages file, long firstGone) {
        List<CachedPage> pages = file.pages();
        boolean[] marked = new boolean[pages.size()];
        for (int i = 0; i < marked.length; i++) {
            CachedPage page = pages.get(i);
            marked[i] = page.index() >= firstGone;
            if (marked[i]) {
                forget(file, page);
            }
        }
        file.removeAll(marked);
    }

    private void drop(CachedPage page) {
        FilePages file = (FilePages) page.inode().cachedPages();
        forget(file, page);
        file.remove(page);
        forgetIfEmpty(file);
    }

    private void forget(FilePages file, CachedPage page) {
        if (page.isDirty()) {
            page.setDirty(false);
            file.dirtyChanged(-1);
            if (page.inode().hasBackingDevice()) {
                dirtyPages--;
                events.pageCancelled();
            }
        }
        pageCount--;
        if (!page.inode().hasBackingDevice()) {
            unbackedPages--;
        }
        frames.release(frame(page));
    }

    private FilePages file(Inode inode) {
        FilePages file = (FilePages) inode.cachedPages();
        if (file == null) {
            file = new FilePages(inode);
            inode.setCachedPages(file);
            files.add(file);
        }
        return file;
    }

    private void forgetIfEmpty(FilePages file) {
        if (file.pages().isEmpty() && file.areas().isEmpty()) {
            file.inode().setCachedPages(null);
            files.remove(file);
        }
    }

    void areaAdded(VmArea area) {
        file(area.inode).areas().add(area);
    }

    void areaRemoved(VmArea area) {
        FilePages file = (FilePages) area.inode.cachedPages();
        file.areas().remove(area);
        forgetIfEmpty(file);
    }

    @Override
    public int reclaim(int count) {
        int freed = 0;
        List<CachedPage> kept = new ArrayList<>();
        for (CachedPage page : arrival) {
            FilePages file = (FilePages) page.inode().cachedPages();
            if (file == null || file.find(page.index()) != page) {
                continue;
            }
            if (freed < count && page.isUpToDate() && !page.isDirty() && !page.hasPendingIo() && page.waitQueue().isEmpty()
                && frames.references(frame(page)) == 1) {
                drop(page);
                freed++;
            } else {
                kept.add(page);
            }
        }
        arrival = kept;
        events.pagesReclaimed(freed);
        return freed;
    }

    // Inodes whose last reference went

    /** The caller's reference to an inode goes; the last one starts its way out, finished by {@link #finishLeaving}. */
    public void releaseInode(Inode inode) {
        if (inode.release()) {
            leaving.add(inode);
            finishLeaving();
        }
    }

    /**
     * Writes back and evicts unreferenced inodes as far as it goes now. Called again by the event loop and by sync;
     * never throws NotReady.
     */
    public void finishLeaving() {
        for (int i = 0; i < leaving.size();) {
            Inode inode = leaving.get(i);
            if (inode.references() > 0 || tryEvict(inode)) {
                leaving.remove(i);
            } else {
                i++;
            }
        }
    }

    public boolean hasLeavingInodes() {
        return !leaving.isEmpty();
    }

    private boolean tryEvict(Inode inode) {
        try {
            FilePages file = (FilePages) inode.cachedPages();
            if (file != null) {
                if (inode.links() > 0 && inode.hasBackingDevice()) {
                    if (file.hasWriteError() && file.dirtyCount() > 0) {
                        // The disk refused: the flusher tries again, and until then the inode stays.
                        return false;
                    }
                    startWriteback(inode);
                }
                for (CachedPage page : file.pages()) {
                    if (page.hasPendingIo()) {
                        return false;
                    }
                }
                if (inode.links() > 0 && inode.hasBackingDevice() && keepFailedWrites(file) > 0) {
                    return false;
                }
                if (inode.links() == 0 || inode.hasBackingDevice()) {
                    dropFrom(file, 0);
                    forgetIfEmpty(file);
                }
            }
            inode.evict();
            return true;
        } catch (NotReady metadata) {
            return false;
        } catch (ErrnoException failed) {
            // The device does not take it: what is dirty is lost, as in Linux after an I/O error.
            FilePages file = (FilePages) inode.cachedPages();
            if (file != null) {
                dropFrom(file, 0);
                forgetIfEmpty(file);
            }
            return true;
        }
    }

    // Numbers for /proc/meminfo

    public int pageCount() {
        return pageCount;
    }

    public int dirtyPages() {
        return dirtyPages;
    }

    /** Pages of tmpfs and shared memory ("Shmem"). */
    public int unbackedPages() {
        return unbackedPages;
    }

    /** Pages on their way to a disk. */
    int writebackPages() {
        int count = 0;
        for (FilePages file : files) {
            for (CachedPage page : file.pages()) {
                count += page.hasPendingIo() && page.isUpToDate() ? 1 : 0;
            }
        }
        return count;
    }

    /** For {@link MemoryUse}: the frames of all pages, by frame number. */
    void markFrames(byte[] kinds, byte backed, byte unbacked) {
        for (FilePages file : files) {
            byte kind = file.inode().hasBackingDevice() ? backed : unbacked;
            for (CachedPage page : file.pages()) {
                kinds[frame(page) >>> 12] = kind;
            }
        }
    }

    public boolean hasDirtyPages() {
        return dirtyPages > 0;
    }

    /** A queue that wakes when something that keeps an unreferenced inode is done, or null. */
    public WaitQueue leavingQueue() {
        for (Inode inode : leaving) {
            FilePages file = (FilePages) inode.cachedPages();
            if (file != null) {
                for (CachedPage page : file.pages()) {
                    if (page.hasPendingIo()) {
                        return page.waitQueue();
                    }
                }
            }
        }
        return null;
    }

    /** After a load: what is derived from the loaded objects. */
    public void rebuild() {
        for (FilePages file : files) {
            file.rebuild();
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("files", files, FilePages.class);
        s.refs("arrival", arrival, CachedPage.class);
        s.refs("leaving", leaving, Inode.class);
        pageCount = s.i32("pageCount", pageCount);
        dirtyPages = s.i32("dirtyPages", dirtyPages);
        unbackedPages = s.i32("unbackedPages", unbackedPages);
    }
}
