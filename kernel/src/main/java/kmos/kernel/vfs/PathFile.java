// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EBADF;

import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;

/** What open(2) with O_PATH gives: a place to start from, nothing to read or write. */
public final class PathFile extends FileDescription {
    /** For loading a saved state. */
    public PathFile(Vfs vfs) {
        super(vfs);
    }

    PathFile(Vfs vfs, Path path, int flags) {
        super(vfs, path, flags);
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        return -EBADF;
    }

    @Override
    public long seek(long offset, int whence) {
        return -EBADF;
    }

    @Override
    public int poll() {
        return Poll.POLLNVAL;
    }

    @Override
    public WaitQueue waitQueue() {
        return null;
    }
}
