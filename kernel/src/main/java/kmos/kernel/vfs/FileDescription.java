// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;

/**
 * An open file (POSIX open file description, Linux struct file): what descriptors point to. Counts the descriptors,
 * mappings and calls that use it; the last release closes it. Subclasses are regular files, directories, pipes,
 * terminals, devices.
 */
public abstract class FileDescription implements Stateful {
    protected Vfs vfs;
    private int flags;
    private Mount mount;
    private Dentry dentry;
    private Inode inode;
    private long position;
    private int references = 1;
    private int owner;
    /** Epoll items that watch this file; they go away with it. */
    private final List<EpollItem> watchers = new ArrayList<>();

    /** For loading a saved state. */
    protected FileDescription(Vfs vfs) {
        this.vfs = vfs;
    }

    /** flags: O_*. The path's mount is null for what has no name (pipes, epoll). */
    protected FileDescription(Vfs vfs, Path path, int flags) {
        this.vfs = vfs;
        this.flags = flags & ~(Fcntl.O_CREAT | Fcntl.O_EXCL | Fcntl.O_NOCTTY | Fcntl.O_TRUNC | Fcntl.O_CLOEXEC);
        mount = path.mount();
        dentry = path.dentry();
        inode = dentry.inode().retain();
        if (mount != null) {
            mount.use(1);
        }
    }

    /** Bytes into the buffer; 0 at the end; -EAGAIN when there is nothing now (the caller decides whether to wait). */
    public long read(Task task, IoBuffer buffer) {
        return -Errno.EINVAL;
    }

    public long write(Task task, IoBuffer buffer) {
        return -Errno.EINVAL;
    }

    /** pread: at an offset, without the file position. -ESPIPE where there is none. */
    public long readAt(Task task, IoBuffer buffer, long offset) {
        return -Errno.ESPIPE;
    }

    public long writeAt(Task task, IoBuffer buffer, long offset) {
        return -Errno.ESPIPE;
    }

    /** The new position. -ESPIPE, -EINVAL. */
    public long seek(long offset, int whence) {
        return -Errno.ESPIPE;
    }

    /** Directory entries of DirentLayout kind; bytes written. */
    public long readEntries(Task task, IoBuffer buffer, int kind) {
        return -Errno.ENOTDIR;
    }

    /** ioctl(2). -ENOTTY for what is not known. */
    public long ioctl(Task task, int command, long argument) {
        return -Errno.ENOTTY;
    }

    /** Ready events now: POLLIN, POLLOUT, POLLERR, POLLHUP ... (poll(2)). */
    public abstract int poll();

    /** Woken whenever poll() may have changed; null for files that are always ready. */
    public abstract WaitQueue waitQueue();

    /** Guest time until which a read that found nothing may wait (termios VTIME); NEVER mostly. */
    public long readDeadlineNs(Task task) {
        return TimerQueue.NEVER;
    }

    /** Whether a blocking write waits until all is written (pipes, terminals, sockets). */
    public boolean writesAll() {
        return true;
    }

    /** mmap of it gives anonymous memory (/dev/zero). */
    public boolean isMappedAsZero() {
        return false;
    }

    /** Makes the data durable. NotReady until done; EIO. */
    public void sync(boolean isDataOnly) {
        throw new kmos.base.ErrnoException(Errno.EINVAL);
    }

    /** The last reference went. */
    protected void closed() {
    }

    /** Never null: epoll, eventfd and the like share an anonymous one. */
    public Inode inode() {
        return inode;
    }

    /** The name by which it was opened. */
    public Dentry dentry() {
        return dentry;
    }

    /** The path by which it was opened; its mount is null for what has no name. */
    public Path path() {
        return new Path(mount, dentry);
    }

    /** As readlink of /proc/PID/fd/N shows it, e.g. pipe:[12], for files without a path; null for files with one. */
    public String description() {
        return null;
    }

    public final int flags() {
        return flags;
    }

    /** F_SETFL. */
    public void setFlags(int changed) {
        int settable = Fcntl.O_APPEND | Fcntl.O_NONBLOCK | Fcntl.O_ASYNC | Fcntl.O_DIRECT | Fcntl.O_NOATIME;
        flags = flags & ~settable | changed & settable;
    }

    public final boolean isNonBlocking() {
        return (flags & Fcntl.O_NONBLOCK) != 0;
    }

    public final boolean isPathOnly() {
        return (flags & Fcntl.O_PATH) != 0;
    }

    /** Access mode 3 asks for both permissions and gives neither: only ioctl works. */
    public final boolean isReadable() {
        int mode = flags & Fcntl.O_ACCMODE;
        return !isPathOnly() && (mode == Fcntl.O_RDONLY || mode == Fcntl.O_RDWR);
    }

    public final boolean isWritable() {
        int mode = flags & Fcntl.O_ACCMODE;
        return !isPathOnly() && (mode == Fcntl.O_WRONLY || mode == Fcntl.O_RDWR);
    }

    public final long position() {
        return position;
    }

    public final void setPosition(long position) {
        this.position = position;
    }

    /** F_SETOWN: kept for F_GETOWN. */
    public final int owner() {
        return owner;
    }

    public final void setOwner(int owner) {
        this.owner = owner;
    }

    public final FileDescription retain() {
        references++;
        return this;
    }

    public final void release() {
        references--;
        if (references > 0) {
            return;
        }
        for (EpollItem item : new ArrayList<>(watchers)) {
            item.fileClosed();
        }
        vfs.locks().releaseFlock(this);
        if (mount != null && !isPathOnly()) {
            vfs.notifications().file(dentry, isWritable() ? InotifyMark.IN_CLOSE_WRITE : InotifyMark.IN_CLOSE_NOWRITE);
        }
        closed();
        if (mount != null) {
            mount.use(-1);
        }
        vfs.notifications().closed(inode);
        vfs.release(inode);
    }

    /** A descriptor of the table was closed: POSIX record locks of that process go away. */
    final void closedIn(FileTable table) {
        vfs.locks().releasePosix(inode, table);
    }

    final void addWatcher(EpollItem item) {
        watchers.add(item);
    }

    final void removeWatcher(EpollItem item) {
        watchers.remove(item);
    }

    protected static int alwaysReady() {
        return Poll.READABLE | Poll.WRITABLE;
    }

    @Override
    public void state(StateFields s) {
        flags = s.i32("flags", flags);
        mount = s.ref("mount", mount, Mount.class);
        dentry = s.ref("dentry", dentry, Dentry.class);
        inode = s.ref("inode", inode, Inode.class);
        position = s.i64("position", position);
        references = s.i32("references", references);
        owner = s.i32("owner", owner);
        s.refs("watchers", watchers, EpollItem.class);
    }
}
