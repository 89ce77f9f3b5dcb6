// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.Errno;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.fs.Inode;
import kmos.kernel.task.Task;

/**
 * An open file (POSIX open file description, Linux struct file): what descriptors point to. Subclasses are regular
 * files, directories, pipes, terminals, devices. SKELETON: the owner of kmos.kernel.vfs completes it.
 */
public abstract class FileDescription implements Stateful {
    /** Bytes into the buffer; 0 at the end; -EAGAIN when there is nothing now (the caller decides whether to wait). */
    public long read(Task task, IoBuffer buffer) {
        return -Errno.EINVAL;
    }

    public long write(Task task, IoBuffer buffer) {
        return -Errno.EINVAL;
    }

    /** Ready events now: POLLIN, POLLOUT, POLLERR, POLLHUP ... (poll(2)). */
    public abstract int poll();

    /** Woken whenever poll() may have changed; null for files that are always ready. */
    public abstract WaitQueue waitQueue();

    /** The inode, or null (epoll, eventfd have an anonymous one). */
    public abstract Inode inode();

    /** The path's dentry where there is one, for /proc and mmap listings; else null. */
    public Dentry dentry() {
        return null;
    }
}
