// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EFBIG;
import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.ENXIO;
import static kmos.base.Errno.EOVERFLOW;
import static kmos.kernel.abi.Fcntl.O_APPEND;

import kmos.base.ErrnoException;
import kmos.base.WaitQueue;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.Termios;
import kmos.kernel.mm.PageCache;
import kmos.kernel.task.Task;

/** An open regular file: reads and writes go through the page cache. */
public final class RegularFile extends FileDescription {
    /** s_maxbytes of a file system with 64-bit offsets: page numbers stay ints. */
    static final long MAXIMUM_SIZE = 0x7FF_FFFF_F000L;

    /** For loading a saved state. */
    public RegularFile(Vfs vfs) {
        super(vfs);
    }

    public RegularFile(Vfs vfs, Path path, int flags) {
        super(vfs, path, flags);
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        long n = readAt(task, buffer, position());
        if (n > 0) {
            setPosition(position() + n);
        }
        return n;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        long from = (flags() & O_APPEND) != 0 ? inode().size() : position();
        long n = writeAt(task, buffer, from);
        if (n > 0) {
            setPosition(from + n);
        }
        return n;
    }

    @Override
    public long readAt(Task task, IoBuffer buffer, long offset) {
        Inode inode = inode();
        PageCache cache = vfs.kernel().pageCache();
        long total = Math.min(buffer.remaining(), inode.size() - offset);
        // All pages first: a miss must not cost the copies that were already made.
        for (long page = offset >>> 12; page << 12 < offset + total; page++) {
            if (cache.peek(inode, page) == null) {
                cache.get(inode, page);
            }
        }
        long done = 0;
        while (done < total) {
            int inPage = (int) (offset + done) & 0xFFF;
            int run = (int) Math.min(total - done, CachedPage.SIZE - inPage);
            int frame = cache.frame(cache.get(inode, offset + done >>> 12));
            int moved = put(buffer, frame + inPage, run);
            if (moved < 0) {
                return done > 0 ? done : moved;
            }
            done += moved;
            if (moved < run) {
                break;
            }
        }
        if (done > 0) {
            touchAccessTime(inode);
        }
        return done;
    }

    /**
     * Pages are filled one by one; the size follows at the end. A miss half-way runs the body again, which writes the same
     * bytes to the same place.
     */
    @Override
    public long writeAt(Task task, IoBuffer buffer, long wanted) {
        Inode inode = inode();
        // pwrite(2), BUGS: O_APPEND counts more than the offset.
        long offset = (flags() & O_APPEND) != 0 ? inode.size() : wanted;
        PageCache cache = vfs.kernel().pageCache();
        long total = buffer.remaining();
        if (total == 0) {
            return 0;
        }
        if (offset >= MAXIMUM_SIZE) {
            return -EFBIG;
        }
        total = Math.min(total, MAXIMUM_SIZE - offset);
        long size = inode.size();
        long done = 0;
        long failed = 0;
        while (done < total) {
            long at = offset + done;
            int inPage = (int) at & 0xFFF;
            int run = (int) Math.min(total - done, CachedPage.SIZE - inPage);
            long pageStart = at - inPage;
            boolean isBehindEnd = pageStart >= size;
            boolean replacesAll = isBehindEnd || run == CachedPage.SIZE || inPage == 0 && at + run >= size;
            CachedPage page;
            try {
                page = replacesAll ? cache.getForOverwrite(inode, at >>> 12) : cache.get(inode, at >>> 12);
                inode.prepareWrite(page, inPage, inPage + run);
            } catch (ErrnoException full) {
                // ENOSPC, EFBIG, EIO: what has been written so far counts first.
                failed = -full.errno();
                break;
            }
            int moved = get(buffer, cache.frame(page) + inPage, run);
            if (moved <= 0) {
                failed = moved;
                break;
            }
            if (!page.isUpToDate()) {
                if (moved < run && !isBehindEnd) {
                    break;
                }
                page.setUpToDate();
            }
            cache.markDirty(page);
            done += moved;
            if (moved < run) {
                break;
            }
        }
        if (done == 0) {
            return failed;
        }
        finishWrite(task, inode, offset + done);
        return done;
    }

    private void finishWrite(Task task, Inode inode, long end) {
        long now = vfs.timeNs();
        if (end > inode.size()) {
            inode.setSize(end, now);
        } else {
            inode.touch(now);
        }
        dropSetId(task, inode, now);
    }

    /** A write by an unprivileged task takes the set-id bits away. */
    static void dropSetId(Task task, Inode inode, long now) {
        int mode = inode.mode();
        boolean hasSetId = (mode & Fcntl.S_ISUID) != 0 || (mode & (Fcntl.S_ISGID | 010)) == (Fcntl.S_ISGID | 010);
        if (hasSetId && task != null && task.credentials().fsuid() != 0) {
            int drop = Fcntl.S_ISUID | ((mode & 010) != 0 ? Fcntl.S_ISGID : 0);
            inode.setMode(mode & 07777 & ~drop, now);
        }
    }

    /** relatime: once a day, or when older than the last change. */
    private void touchAccessTime(Inode inode) {
        if ((flags() & Fcntl.O_NOATIME) != 0 || path() != null && path().mount() != null && path().mount().isReadOnly()) {
            return;
        }
        long now = vfs.timeNs();
        long access = inode.accessTimeNs();
        if (access <= inode.modifyTimeNs() || access <= inode.changeTimeNs() || now - access > 86_400_000_000_000L) {
            if (access != now) {
                inode.setTimes(now, -1, inode.changeTimeNs());
            }
        }
    }

    /** The file ends at size: the pages behind it go, the rest of the last one becomes zero. EFBIG, ENOSPC; NotReady: again. */
    static void truncate(Vfs vfs, Inode inode, long size) {
        if (size > MAXIMUM_SIZE) {
            throw new ErrnoException(EFBIG);
        }
        PageCache cache = vfs.kernel().pageCache();
        if (size < inode.size()) {
            int tail = (int) size & 0xFFF;
            if (tail != 0 && inode.hasBackingDevice()) {
                // The block on disk must not keep bytes that a later growth would show.
                CachedPage last = cache.get(inode, size >>> 12);
                inode.prepareWrite(last, 0, tail);
                cache.markDirty(last);
            }
            cache.truncate(inode, size);
        }
        inode.setSize(size, vfs.timeNs());
    }

    /** truncate(2): RLIMIT_FSIZE, then the size, then the set-id bits. */
    public static void truncate(Task task, Inode inode, long size) {
        long limit = task.group().limit(kmos.kernel.abi.SchedAbi.RLIMIT_FSIZE);
        if (limit >= 0 && size > limit && size > inode.size()) {
            kmos.kernel.signal.SignalSending.toTask(task, kmos.kernel.signal.SigInfo.kernel(kmos.kernel.abi.SignalAbi.SIGXFSZ));
            throw new ErrnoException(EFBIG);
        }
        Vfs vfs = task.kernel().vfs();
        truncate(vfs, inode, size);
        dropSetId(task, inode, vfs.timeNs());
    }

    @Override
    public long seek(long offset, int whence) {
        long base;
        switch (whence) {
            case Fcntl.SEEK_SET: base = 0; break;
            case Fcntl.SEEK_CUR: base = position(); break;
            case Fcntl.SEEK_END: base = inode().size(); break;
            case Fcntl.SEEK_DATA:
            case Fcntl.SEEK_HOLE:
                // A file without known holes: data up to the end, then one hole (lseek(2) allows it).
                if (offset < 0 || offset >= inode().size()) {
                    return -ENXIO;
                }
                base = whence == Fcntl.SEEK_HOLE ? inode().size() - offset : 0;
                break;
            default: return -EINVAL;
        }
        long to = base + offset;
        if (offset > 0 && to < base) {
            return -EOVERFLOW;
        }
        if (to < 0 || to > MAXIMUM_SIZE) {
            return -EINVAL;
        }
        setPosition(to);
        return to;
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        if (command != Termios.FIONREAD) {
            return super.ioctl(task, command, argument);
        }
        task.user().write32(argument, (int) Math.min(Integer.MAX_VALUE, Math.max(0, inode().size() - position())));
        return 0;
    }

    @Override
    public void sync(boolean isDataOnly) {
        vfs.kernel().pageCache().startWriteback(inode());
        vfs.kernel().pageCache().waitForWriteback(inode());
        inode().fileSystem().sync();
    }

    @Override
    public boolean writesAll() {
        return false;
    }

    @Override
    public int poll() {
        return alwaysReady();
    }

    @Override
    public WaitQueue waitQueue() {
        return null;
    }

    private int put(IoBuffer buffer, int physical, int count) {
        if (!buffer.isArray()) {
            return buffer.putFromRam(physical, count);
        }
        byte[] bytes = new byte[count];
        vfs.kernel().machine().memory().read(physical, bytes, 0, count);
        return buffer.put(bytes, 0, count);
    }

    private int get(IoBuffer buffer, int physical, int count) {
        if (!buffer.isArray()) {
            return buffer.getToRam(physical, count);
        }
        byte[] bytes = new byte[count];
        int n = buffer.get(bytes, 0, count);
        vfs.kernel().machine().memory().write(physical, bytes, 0, n);
        return n;
    }
}
