// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EISDIR;
import static kmos.base.Errno.ENOENT;

import kmos.base.WaitQueue;
import kmos.kernel.abi.DirentLayout;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Task;

/** An open directory: getdents(2). The position is the file system's. */
public final class DirectoryFile extends FileDescription {
    private static final int MAXIMUM_BYTES = 32768;

    /** For loading a saved state. */
    public DirectoryFile(Vfs vfs) {
        super(vfs);
    }

    public DirectoryFile(Vfs vfs, Path path, int flags) {
        super(vfs, path, flags);
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        return -EISDIR;
    }

    @Override
    public long readAt(Task task, IoBuffer buffer, long offset) {
        return -EISDIR;
    }

    @Override
    public long readEntries(Task task, IoBuffer buffer, int kind) {
        if (dentry().isRemoved()) {
            return -ENOENT;
        }
        byte[] out = new byte[(int) Math.min(MAXIMUM_BYTES, buffer.remaining())];
        Filler filler = new Filler(out, kind, position());
        inode().readDirectory(position(), filler::entry);
        if (filler.length == 0) {
            return filler.isFull ? -EINVAL : 0;
        }
        int n = buffer.put(out, 0, filler.length);
        if (n < filler.length) {
            return n < 0 ? n : -kmos.base.Errno.EFAULT;
        }
        setPosition(filler.next);
        return n;
    }

    private static final class Filler {
        private final byte[] out;
        private final int kind;
        private int length;
        private long next;
        private boolean isFull;

        Filler(byte[] out, int kind, long position) {
            this.out = out;
            this.kind = kind;
            this.next = position;
        }

        boolean entry(String name, long inode, int type, long nextPosition) {
            int n = DirentLayout.length(kind, name);
            if (length + n > out.length) {
                isFull = true;
                return false;
            }
            DirentLayout.put(out, length, kind, name, inode, nextPosition, type);
            length += n;
            next = nextPosition;
            return true;
        }
    }

    @Override
    public long seek(long offset, int whence) {
        long to = whence == Fcntl.SEEK_CUR ? position() + offset : offset;
        if (whence != Fcntl.SEEK_SET && whence != Fcntl.SEEK_CUR || to < 0) {
            return -EINVAL;
        }
        setPosition(to);
        return to;
    }

    @Override
    public void sync(boolean isDataOnly) {
        inode().fileSystem().sync();
    }

    @Override
    public int poll() {
        return alwaysReady();
    }

    @Override
    public WaitQueue waitQueue() {
        return null;
    }
}
