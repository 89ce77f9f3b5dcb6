// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EBUSY;
import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.ENOTTY;
import static kmos.base.Errno.EPERM;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.abi.Termios;
import kmos.kernel.task.Task;

/** One end (or, for a FIFO opened O_RDWR, both ends) of a pipe. */
public final class PipeFile extends FileDescription {
    private Pipe pipe;
    private Fifo fifo;
    /** Opens of the other end when this one was opened: open(2) of a FIFO waits until it is more. */
    private long otherOpens;

    /** For loading a saved state. */
    public PipeFile(Vfs vfs) {
        super(vfs);
    }

    /** fifo: null for pipe(2). */
    public PipeFile(Vfs vfs, Path path, int flags, Pipe pipe, Fifo fifo) {
        super(vfs, path, flags);
        this.pipe = pipe;
        this.fifo = fifo;
        otherOpens = isReadable() ? pipe.writerOpens() : pipe.readerOpens();
        pipe.opened(isReadable(), isWritable());
    }

    /** Whether open(2) of this end has to wait for the other end. */
    boolean lacksPeer() {
        if (isReadable() && isWritable()) {
            return false;
        }
        return isReadable() ? pipe.writers() == 0 && pipe.writerOpens() == otherOpens
            : pipe.readers() == 0 && pipe.readerOpens() == otherOpens;
    }

    public Pipe pipe() {
        return pipe;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        return pipe.read(buffer);
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        return pipe.write(buffer);
    }

    @Override
    public int poll() {
        int ready = 0;
        if (isReadable()) {
            ready |= pipe.available() > 0 ? Poll.READABLE : 0;
            // A FIFO that never had a writer since this end was opened is not hung up.
            ready |= pipe.writers() == 0 && (fifo == null || pipe.writerOpens() != otherOpens) ? Poll.POLLHUP : 0;
        }
        if (isWritable()) {
            ready |= pipe.free() >= Math.min(4096, pipe.capacity()) ? Poll.WRITABLE : 0;
            ready |= pipe.readers() == 0 ? Poll.POLLERR : 0;
        }
        return ready;
    }

    @Override
    public WaitQueue waitQueue() {
        return pipe.waitQueue();
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        if (command != Termios.FIONREAD) {
            return -ENOTTY;
        }
        task.user().write32(argument, pipe.available());
        return 0;
    }

    public int capacity() {
        return pipe.capacity();
    }

    /** F_SETPIPE_SZ: a power of two of at least a page. -EINVAL, -EPERM above the maximum, -EBUSY when more is in the pipe. */
    public long setCapacity(int bytes, boolean isRoot) {
        if (bytes < 0) {
            return -EINVAL;
        }
        int size = 4096;
        while (size < bytes && size < 1 << 30) {
            size *= 2;
        }
        if (size < bytes) {
            return -EINVAL;
        }
        if (size > Pipe.MAXIMUM_CAPACITY && !isRoot || size > 1 << 24) {
            return -EPERM;
        }
        if (size < pipe.available()) {
            return -EBUSY;
        }
        pipe.setCapacity(size);
        return size;
    }

    @Override
    protected void closed() {
        pipe.closed(isReadable(), isWritable());
        if (fifo != null && pipe.readers() == 0 && pipe.writers() == 0) {
            vfs.fifoIdle(fifo);
        }
    }

    @Override
    public String description() {
        return "pipe:[" + inode().number() + "]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        pipe = s.ref("pipe", pipe, Pipe.class);
        fifo = s.ref("fifo", fifo, Fifo.class);
        otherOpens = s.i64("otherOpens", otherOpens);
    }
}
