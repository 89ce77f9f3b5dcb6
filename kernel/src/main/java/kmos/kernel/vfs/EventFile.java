// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.EINVAL;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;

/** A counter to wait on (eventfd(2)). */
public final class EventFile extends FileDescription {
    private long counter;
    private boolean isSemaphore;
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public EventFile(Vfs vfs) {
        super(vfs);
    }

    public EventFile(Vfs vfs, int flags, long counter, boolean isSemaphore) {
        super(vfs, vfs.pipeFs().anonymous(), flags);
        this.counter = counter;
        this.isSemaphore = isSemaphore;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        if (buffer.remaining() < 8) {
            return -EINVAL;
        }
        if (counter == 0) {
            return -EAGAIN;
        }
        byte[] b = new byte[8];
        LittleEndian.put64(b, 0, isSemaphore ? 1 : counter);
        int n = buffer.put(b, 0, 8);
        if (n < 8) {
            return -kmos.base.Errno.EFAULT;
        }
        counter = isSemaphore ? counter - 1 : 0;
        changed.wakeAll();
        return 8;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        if (buffer.remaining() < 8) {
            return -EINVAL;
        }
        byte[] b = new byte[8];
        if (buffer.get(b, 0, 8) < 8) {
            return -kmos.base.Errno.EFAULT;
        }
        long add = LittleEndian.get64(b, 0);
        if (add == -1) {
            return -EINVAL;
        }
        if (Long.compareUnsigned(add, -2 - counter) > 0) {
            return -EAGAIN;
        }
        counter += add;
        changed.wakeAll();
        return 8;
    }

    /** As Linux's noop_llseek: nothing moves, nothing fails. */
    @Override
    public long seek(long offset, int whence) {
        return 0;
    }

    @Override
    public boolean writesAll() {
        return false;
    }

    @Override
    public int poll() {
        return (counter != 0 ? Poll.READABLE : 0) | (counter == -1 ? Poll.POLLERR : 0)
            | (Long.compareUnsigned(counter, -2) < 0 ? Poll.WRITABLE : 0);
    }

    @Override
    public WaitQueue waitQueue() {
        return changed;
    }

    @Override
    public String description() {
        return "anon_inode:[eventfd]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        counter = s.i64("counter", counter);
        isSemaphore = s.bool("isSemaphore", isSemaphore);
        s.struct("changed", changed);
    }
}
