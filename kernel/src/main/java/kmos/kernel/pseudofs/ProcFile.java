// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EINVAL;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** An open file of /proc: its text is made when it is read from the beginning, and kept for the reads that follow. */
public final class ProcFile extends FileDescription {
    private byte[] text;

    /** For loading a saved state. */
    public ProcFile(Vfs vfs) {
        super(vfs);
    }

    ProcFile(Vfs vfs, Path path, int flags) {
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
    public long readAt(Task task, IoBuffer buffer, long offset) {
        if (offset == 0 || text == null) {
            text = ((ProcInode) inode()).contents();
        }
        if (offset >= text.length) {
            return 0;
        }
        int n = (int) Math.min(buffer.remaining(), text.length - offset);
        return buffer.put(text, (int) offset, n);
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        byte[] bytes = new byte[(int) Math.min(4096, buffer.remaining())];
        int n = buffer.get(bytes, 0, bytes.length);
        if (n < 0) {
            return n;
        }
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < n; i++) {
            s.append((char) (bytes[i] & 0xFF));
        }
        long result = ((ProcInode) inode()).accept(task, s.toString());
        return result < 0 ? result : n;
    }

    @Override
    public long seek(long offset, int whence) {
        long to = whence == Fcntl.SEEK_SET ? offset : whence == Fcntl.SEEK_CUR ? position() + offset : -1;
        if (to < 0) {
            return -EINVAL;
        }
        setPosition(to);
        return to;
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

    @Override
    public void state(StateFields s) {
        super.state(s);
        text = s.bytes("text", text);
    }
}
