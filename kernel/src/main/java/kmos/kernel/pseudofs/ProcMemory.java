// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EIO;

import kmos.base.WaitQueue;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.mm.ForeignMemory;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** /proc/PID/mem: a process's memory, the offset is the address (proc(5)). Who may trace the process may open it. */
public final class ProcMemory extends FileDescription {
    private static final int STEP = 4096;

    /** For loading a saved state. */
    public ProcMemory(Vfs vfs) {
        super(vfs);
    }

    ProcMemory(Vfs vfs, Path path, int flags) {
        super(vfs, path, flags);
    }

    /** null when the process has ended. */
    private ForeignMemory memory() {
        Task target = ((ProcInode) inode()).task();
        return target == null || target.space() == null ? null : new ForeignMemory(vfs.kernel(), target.space());
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        long n = readAt(task, buffer, position());
        setPosition(position() + Math.max(0, n));
        return n;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        long n = writeAt(task, buffer, position());
        setPosition(position() + Math.max(0, n));
        return n;
    }

    /** -EIO when the first byte is not there; 0 when the process has ended. A page at a time: NotReady before any effect. */
    @Override
    public long readAt(Task task, IoBuffer buffer, long offset) {
        ForeignMemory memory = memory();
        if (memory == null || buffer.remaining() == 0) {
            return 0;
        }
        byte[] bytes = new byte[(int) Math.min(STEP - (offset & STEP - 1), buffer.remaining())];
        int n = memory.read(offset, bytes, 0, bytes.length);
        return n == 0 ? -EIO : buffer.put(bytes, 0, n);
    }

    @Override
    public long writeAt(Task task, IoBuffer buffer, long offset) {
        ForeignMemory memory = memory();
        if (memory == null || buffer.remaining() == 0) {
            return 0;
        }
        byte[] bytes = new byte[(int) Math.min(STEP - (offset & STEP - 1), buffer.remaining())];
        // Brings the page in first: after that nothing can be missing, and only then the buffer moves on.
        if (!memory.prepareWrite(offset)) {
            return -EIO;
        }
        int n = buffer.get(bytes, 0, bytes.length);
        if (n < 0) {
            return n;
        }
        int written = memory.write(offset, bytes, 0, n);
        return written == 0 ? -EIO : written;
    }

    @Override
    public long seek(long offset, int whence) {
        if (whence != Fcntl.SEEK_SET && whence != Fcntl.SEEK_CUR) {
            return -EINVAL;
        }
        setPosition(whence == Fcntl.SEEK_SET ? offset : position() + offset);
        return position();
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
