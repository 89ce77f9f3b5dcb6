// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.O_APPEND;
import static kmos.kernel.abi.Fcntl.SEEK_CUR;

import kmos.base.WaitQueue;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.PipeFile;
import kmos.kernel.vfs.Splicing;

/** splice(2), tee(2), vmsplice(2) (Linux fs/splice.c). */
final class Splices {
    private static final int SPLICE_F_NONBLOCK = 2, ALL_FLAGS = 15;

    private Splices() { }

    static long splice(Task task, SyscallArgs args) {
        long length = args.raw(4);
        int flags = args.int32(5);
        if (length == 0) {
            return 0;
        }
        if ((flags & ~ALL_FLAGS) != 0) {
            return -EINVAL;
        }
        FileDescription in = task.files().get(args.int32(0));
        FileDescription out = task.files().get(args.int32(2));
        if (in == null || out == null || in.isPathOnly() || out.isPathOnly()) {
            return -EBADF;
        }
        boolean fromPipe = in instanceof PipeFile;
        boolean toPipe = out instanceof PipeFile;
        if (fromPipe && args.raw(1) != 0 || toPipe && args.raw(3) != 0) {
            return -ESPIPE;
        }
        long inAt = args.raw(1) == 0 ? -1 : task.user().read64(args.raw(1));
        long outAt = args.raw(3) == 0 ? -1 : task.user().read64(args.raw(3));
        if (!in.isReadable() || !out.isWritable()) {
            return -EBADF;
        }
        if (!fromPipe && !toPipe || fromPipe && toPipe && ((PipeFile) in).pipe() == ((PipeFile) out).pipe()) {
            return -EINVAL;
        }
        boolean hasOffset = args.raw(1) != 0 || args.raw(3) != 0;
        if (hasOffset && (inAt < 0 && args.raw(1) != 0 || outAt < 0 && args.raw(3) != 0
            || args.raw(1) != 0 && in.seek(0, SEEK_CUR) < 0 || args.raw(3) != 0 && out.seek(0, SEEK_CUR) < 0)
            || !toPipe && (out.flags() & O_APPEND) != 0 || (fromPipe ? out : in).inode().isDirectory()) {
            return -EINVAL;
        }
        Splicing s = new Splicing();
        long n = fromPipe && toPipe ? s.betweenPipes((PipeFile) in, (PipeFile) out, length, false)
            : toPipe ? s.toPipe(task, in, inAt, (PipeFile) out, length) : s.fromPipe(task, (PipeFile) in, out, outAt, length);
        boolean isNonBlocking = (flags & SPLICE_F_NONBLOCK) != 0 || in.isNonBlocking() || out.isNonBlocking();
        long result = finish(task, s.queue(), n, isNonBlocking);
        if (result > 0 && inAt >= 0) {
            task.user().write64(args.raw(1), inAt + result);
        }
        if (result > 0 && outAt >= 0) {
            task.user().write64(args.raw(3), outAt + result);
        }
        return result;
    }

    private static long finish(Task task, WaitQueue queue, long n, boolean isNonBlocking) {
        if (n == -EPIPE) {
            SignalSending.toTask(task, SigInfo.kernel(SignalAbi.SIGPIPE));
        }
        return n != -EAGAIN || isNonBlocking || queue == null ? n : task.blockOn(queue);
    }

    static long tee(Task task, SyscallArgs args) {
        long length = args.raw(2);
        int flags = args.int32(3);
        if ((flags & ~ALL_FLAGS) != 0) {
            return -EINVAL;
        }
        if (length == 0) {
            return 0;
        }
        FileDescription in = task.files().get(args.int32(0));
        FileDescription out = task.files().get(args.int32(1));
        if (in == null || out == null || !in.isReadable() || !out.isWritable()) {
            return -EBADF;
        }
        if (!(in instanceof PipeFile from) || !(out instanceof PipeFile to) || from.pipe() == to.pipe()) {
            return -EINVAL;
        }
        Splicing s = new Splicing();
        long n = s.betweenPipes(from, to, length, true);
        return finish(task, s.queue(), n, (flags & SPLICE_F_NONBLOCK) != 0 || in.isNonBlocking() || out.isNonBlocking());
    }

    /** Pages are copied, in both directions. */
    static long vmsplice(Task task, SyscallArgs args) {
        if ((args.int32(3) & ~ALL_FLAGS) != 0) {
            return -EINVAL;
        }
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (!(file instanceof PipeFile)) {
            return -EBADF;
        }
        return file.isWritable() ? FileIo.writev(task, args) : FileIo.readv(task, args);
    }
}
