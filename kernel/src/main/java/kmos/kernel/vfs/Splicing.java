// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.EPIPE;

import kmos.base.WaitQueue;
import kmos.kernel.task.Task;

/**
 * splice(2): bytes between a pipe and a file, or two pipes. They are copied, and leave the source when the destination has
 * them. Results: bytes, 0 at the end, -errno; -EAGAIN with {@link #queue} set when there is something to wait for.
 */
public final class Splicing {
    private static final int STEP = 65536;

    /** What to wait for after -EAGAIN; null when the file cannot be waited for. */
    private WaitQueue queue;

    public WaitQueue queue() {
        return queue;
    }

    /** at: an offset, or -1 for the file position. */
    public long toPipe(Task task, FileDescription in, long at, PipeFile out, long length) {
        Pipe pipe = out.pipe();
        if (pipe.readers() == 0) {
            return -EPIPE;
        }
        if (pipe.free() == 0) {
            queue = pipe.waitQueue();
            return -EAGAIN;
        }
        byte[] bytes = new byte[(int) Math.min(Math.min(STEP, pipe.free()), length)];
        IoBuffer buffer = IoBuffer.array(bytes, 0, bytes.length);
        long got = at < 0 ? in.read(task, buffer) : in.readAt(task, buffer, at);
        if (got == -EAGAIN) {
            queue = in.waitQueue();
        }
        return got <= 0 ? got : put(pipe, bytes, (int) got);
    }

    /** All of it fits: the room was looked at before. In pieces, as a small write goes as one or not at all. */
    private static long put(Pipe pipe, byte[] bytes, int count) {
        return pipe.write(IoBuffer.array(bytes, 0, count));
    }

    public long fromPipe(Task task, PipeFile in, FileDescription out, long at, long length) {
        Pipe pipe = in.pipe();
        long there = available(pipe);
        if (there <= 0) {
            return there;
        }
        byte[] bytes = new byte[(int) Math.min(Math.min(STEP, there), length)];
        pipe.peek(bytes, bytes.length);
        IoBuffer buffer = IoBuffer.array(bytes, 0, bytes.length);
        long put = at < 0 ? out.write(task, buffer) : out.writeAt(task, buffer, at);
        if (put == -EAGAIN) {
            queue = out.waitQueue();
        }
        if (put > 0) {
            pipe.consume((int) put);
        }
        return put;
    }

    public long betweenPipes(PipeFile in, PipeFile out, long length, boolean keepsSource) {
        Pipe from = in.pipe();
        Pipe to = out.pipe();
        if (to.readers() == 0) {
            return -EPIPE;
        }
        long there = available(from);
        if (there <= 0) {
            return there;
        }
        if (to.free() == 0) {
            queue = to.waitQueue();
            return -EAGAIN;
        }
        byte[] bytes = new byte[(int) Math.min(Math.min(to.free(), there), length)];
        from.peek(bytes, bytes.length);
        long put = put(to, bytes, bytes.length);
        if (put > 0 && !keepsSource) {
            from.consume((int) put);
        }
        return put;
    }

    /** Bytes in a pipe; 0: it is empty for good; -EAGAIN. */
    private long available(Pipe pipe) {
        if (pipe.available() > 0 || pipe.writers() == 0) {
            return pipe.available();
        }
        queue = pipe.waitQueue();
        return -EAGAIN;
    }
}
