// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;

import kmos.base.WaitQueue;
import kmos.kernel.abi.DirentLayout;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.socket.UnixSocket;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.InotifyMark;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Opening;
import kmos.kernel.vfs.RegularFile;

/** Opening, reading, writing: open(2), close(2), read(2), write(2), pread(2), readv(2), lseek(2), getdents(2), sendfile(2) ... */
final class FileIo {
    /** A long transfer of a regular file goes in steps of this size, so that a missing page costs at most one step again. */
    private static final int STEP = 256 * 1024;
    private static final int COPY = 64 * 1024;

    private FileIo() { }

    // Open and close

    /** open(2). */
    static long open(Task task, SyscallArgs args) {
        return open(task, AT_FDCWD, args.raw(0), args.int32(1), args.int32(2));
    }

    static long openat(Task task, SyscallArgs args) {
        return open(task, args.int32(0), args.raw(1), args.int32(2), args.int32(3));
    }

    static long creat(Task task, SyscallArgs args) {
        return open(task, AT_FDCWD, args.raw(0), O_CREAT | O_WRONLY | O_TRUNC, args.int32(1));
    }

    /** openat2(2): struct open_how of 24 bytes: flags, mode, resolve. */
    static long openat2(Task task, SyscallArgs args) {
        if (args.raw(3) < 24) {
            return -EINVAL;
        }
        byte[] how = UserArgs.get(task, args.raw(2), 24);
        long resolve = kmos.base.LittleEndian.get64(how, 16);
        if (resolve != 0) {
            return resolve >>> 6 != 0 ? -EINVAL : -EAGAIN;
        }
        return open(task, args.int32(0), args.raw(1), kmos.base.LittleEndian.get32(how, 0), kmos.base.LittleEndian.get32(how, 8));
    }

    private static long open(Task task, int dirfd, long pathAddress, int wanted, int mode) {
        // open(2): with O_PATH the other flags are ignored.
        int pathFlags = Fcntl.O_PATH | Fcntl.O_DIRECTORY | Fcntl.O_NOFOLLOW | O_CLOEXEC;
        int flags = (wanted & Fcntl.O_PATH) != 0 ? wanted & pathFlags : wanted;
        if ((flags & O_TMPFILE) == O_TMPFILE) {
            int access = flags & Fcntl.O_ACCMODE;
            if (access != Fcntl.O_WRONLY && access != Fcntl.O_RDWR || (flags & O_CREAT) != 0) {
                return -EINVAL;
            }
        } else if ((flags & O_TMPFILE & ~Fcntl.O_DIRECTORY) != 0) {
            return -EINVAL;
        }
        String path = UserArgs.path(task, pathAddress);
        long limit = task.group().limit(SchedAbi.RLIMIT_NOFILE);
        if (!task.files().hasRoom(1, unsignedLimit(limit))) {
            return -EMFILE;
        }
        FileDescription file = Opening.open(task, dirfd, path, flags, mode);
        if (file == null) {
            return Opening.waitForPeer(task);
        }
        return install(task, file, (flags & O_CLOEXEC) != 0);
    }

    /** Takes over the reference; -EMFILE closes the file again. */
    static long install(Task task, FileDescription file, boolean closeOnExec) {
        int fd = task.files().install(file, closeOnExec, 0, unsignedLimit(task.group().limit(SchedAbi.RLIMIT_NOFILE)));
        if (fd < 0) {
            file.release();
        }
        return fd;
    }

    static long unsignedLimit(long limit) {
        return limit < 0 ? Long.MAX_VALUE : limit;
    }

    static long close(Task task, SyscallArgs args) {
        return task.files().close(args.int32(0));
    }

    /** close_range(2): flags CLOSE_RANGE_CLOEXEC (4); CLOSE_RANGE_UNSHARE (2). */
    static long closeRange(Task task, SyscallArgs args) {
        long first = args.unsigned32(0);
        long last = args.unsigned32(1);
        int flags = args.int32(2);
        if ((flags & ~6) != 0 || first > last) {
            return -EINVAL;
        }
        if ((flags & 2) != 0 && task.files().isShared()) {
            FileTable own = task.files().copy();
            task.files().release();
            task.setFiles(own);
        }
        FileTable files = task.files();
        for (long fd = first; fd <= Math.min(last, files.capacity() - 1); fd++) {
            if (files.get((int) fd) != null) {
                if ((flags & 4) != 0) {
                    files.setCloseOnExec((int) fd, true);
                } else {
                    files.close((int) fd);
                }
            }
        }
        return 0;
    }

    // Read

    /** read(2), POSIX.1-2017 read(). EBADF; EAGAIN; EINTR; EFAULT; EISDIR; EIO. */
    static long read(Task task, SyscallArgs args) {
        FileDescription file = task.files().readable(args.int32(0));
        if (file == null) {
            return -EBADF;
        }
        long size = UserArgs.size(task, args.raw(2));
        return size < 0 ? size : countRead(task, file, read(task, file, IoBuffer.user(task.user(), args.raw(1), size)));
    }

    /** For /proc/PID/io and inotify, when the call is over: one that waits runs again. */
    private static long countRead(Task task, FileDescription file, long result) {
        if (result != Task.BLOCKED) {
            task.io().read(result);
        }
        if (result > 0) {
            notify(task, file, InotifyMark.IN_ACCESS);
        }
        return result;
    }

    private static long countWrite(Task task, FileDescription file, long result) {
        if (result != Task.BLOCKED) {
            task.io().written(result);
        }
        if (result > 0) {
            notify(task, file, InotifyMark.IN_MODIFY);
        }
        return result;
    }

    private static void notify(Task task, FileDescription file, int event) {
        if (file.path().mount() != null) {
            task.kernel().vfs().notifications().file(file.dentry(), event);
        }
    }

    static long readv(Task task, SyscallArgs args) {
        FileDescription file = task.files().readable(args.int32(0));
        if (file == null) {
            return -EBADF;
        }
        return countRead(task, file, read(task, file, UserArgs.vector(task, args.raw(1), UserArgs.signed(task, args.raw(2)))));
    }

    private static long read(Task task, FileDescription file, IoBuffer buffer) {
        if (file instanceof UnixSocket) {
            // Sockets wait themselves: with timeouts of their own.
            return file.read(task, buffer);
        }
        if (file instanceof RegularFile) {
            return transferInSteps(task, file, buffer, -1, true);
        }
        long n = file.read(task, buffer);
        return n == -EAGAIN ? waitToRead(task, file) : n;
    }

    private static long waitToRead(Task task, FileDescription file) {
        WaitQueue queue = file.waitQueue();
        if (file.isNonBlocking() || queue == null) {
            return -EAGAIN;
        }
        return task.blockOn(new WaitQueue[] {queue}, 1, file.readDeadlineNs(task));
    }

    /** pread64(2). EINVAL: negative offset; ESPIPE. */
    static long pread64(Task task, SyscallArgs args) {
        return positioned(task, args, UserArgs.offset(task, args, 3), false, true);
    }

    static long pwrite64(Task task, SyscallArgs args) {
        return positioned(task, args, UserArgs.offset(task, args, 3), false, false);
    }

    static long preadv(Task task, SyscallArgs args) {
        return positioned(task, args, vectorOffset(task, args), true, true);
    }

    static long pwritev(Task task, SyscallArgs args) {
        return positioned(task, args, vectorOffset(task, args), true, false);
    }

    /** preadv2(2): offset -1 is the file position. */
    static long preadv2(Task task, SyscallArgs args) {
        if (args.int32(5) != 0) {
            return -EOPNOTSUPP;
        }
        return vectorOffset(task, args) == -1 ? readv(task, args) : preadv(task, args);
    }

    static long pwritev2(Task task, SyscallArgs args) {
        if (args.int32(5) != 0) {
            return -EOPNOTSUPP;
        }
        return vectorOffset(task, args) == -1 ? writev(task, args) : pwritev(task, args);
    }

    private static long vectorOffset(Task task, SyscallArgs args) {
        return task.is64Bit() ? args.raw(3) : args.unsigned32(3) | args.raw(4) << 32;
    }

    private static long positioned(Task task, SyscallArgs args, long offset, boolean isVector, boolean reads) {
        if (offset < 0) {
            return -EINVAL;
        }
        FileDescription any = task.files().get(args.int32(0));
        if (any == null || any.isPathOnly()) {
            return -EBADF;
        }
        if (any.seek(0, SEEK_CUR) == -ESPIPE) {
            return -ESPIPE;
        }
        if (reads ? !any.isReadable() : !any.isWritable()) {
            return -EBADF;
        }
        IoBuffer buffer;
        if (isVector) {
            buffer = UserArgs.vector(task, args.raw(1), UserArgs.signed(task, args.raw(2)));
        } else {
            long size = UserArgs.size(task, args.raw(2));
            if (size < 0) {
                return size;
            }
            buffer = IoBuffer.user(task.user(), args.raw(1), size);
        }
        if (!reads && any instanceof RegularFile) {
            long refused = limitFileSize(task, buffer, (any.flags() & O_APPEND) != 0 ? any.inode().size() : offset);
            if (refused < 0) {
                return refused;
            }
        }
        long result = transferInSteps(task, any, buffer, offset, reads);
        return reads ? countRead(task, any, result) : countWrite(task, any, result);
    }

    /** Steps of a long transfer; offset -1: at the file position, which moves. What is done stays done in frame().progress. */
    private static long transferInSteps(Task task, FileDescription file, IoBuffer buffer, long offset, boolean reads) {
        buffer.skip(task.frame().progress);
        do {
            long rest = Math.max(0, buffer.remaining() - STEP);
            long wanted = buffer.remaining() - rest;
            buffer.limit(wanted);
            long n;
            if (offset < 0) {
                n = reads ? file.read(task, buffer) : file.write(task, buffer);
            } else {
                long at = offset + task.frame().progress;
                n = reads ? file.readAt(task, buffer, at) : file.writeAt(task, buffer, at);
            }
            if (n < 0) {
                return task.frame().progress > 0 ? task.frame().progress : n;
            }
            // A sink like /dev/null takes bytes without looking at them.
            buffer.skip(n - (wanted - buffer.remaining()));
            buffer.extend(rest);
            task.frame().progress += n;
            if (n < wanted) {
                break;
            }
        } while (buffer.remaining() > 0 && !task.hasFatalSignal());
        return task.frame().progress;
    }

    // Write

    static long write(Task task, SyscallArgs args) {
        FileDescription file = task.files().writable(args.int32(0));
        if (file == null) {
            return -EBADF;
        }
        long size = UserArgs.size(task, args.raw(2));
        return size < 0 ? size : countWrite(task, file, write(task, file, IoBuffer.user(task.user(), args.raw(1), size)));
    }

    static long writev(Task task, SyscallArgs args) {
        FileDescription file = task.files().writable(args.int32(0));
        if (file == null) {
            return -EBADF;
        }
        return countWrite(task, file, write(task, file, UserArgs.vector(task, args.raw(1), UserArgs.signed(task, args.raw(2)))));
    }

    private static long write(Task task, FileDescription file, IoBuffer buffer) {
        if (file instanceof UnixSocket) {
            return file.write(task, buffer);
        }
        if (file instanceof RegularFile) {
            long refused = limitFileSize(task, buffer, (file.flags() & O_APPEND) != 0 ? file.inode().size() : file.position());
            return refused < 0 ? refused : transferInSteps(task, file, buffer, -1, false);
        }
        long done = task.frame().progress;
        long total = buffer.remaining();
        buffer.skip(done);
        for (;;) {
            long n = file.write(task, buffer);
            if (n == -EPIPE) {
                SignalSending.toTask(task, SigInfo.kernel(SignalAbi.SIGPIPE));
            }
            if (n == -EAGAIN) {
                return waitToWrite(task, file, done);
            }
            if (n < 0) {
                return done > 0 ? done : n;
            }
            done += n;
            task.frame().progress = done;
            if (done >= total || n == 0 || !file.writesAll()) {
                return done;
            }
            if (file.isNonBlocking()) {
                return done;
            }
        }
    }

    private static long waitToWrite(Task task, FileDescription file, long done) {
        if (file.isNonBlocking() || file.waitQueue() == null) {
            return done > 0 ? done : -EAGAIN;
        }
        long result = task.blockOn(file.waitQueue());
        return result == -Restart.ERESTARTSYS && done > 0 ? done : result;
    }

    /** RLIMIT_FSIZE: cuts the buffer, or SIGXFSZ and -EFBIG. */
    private static long limitFileSize(Task task, IoBuffer buffer, long offset) {
        long limit = task.group().limit(SchedAbi.RLIMIT_FSIZE);
        if (limit < 0 || buffer.remaining() == 0 || task.frame().progress > 0) {
            return 0;
        }
        if (offset >= limit) {
            SignalSending.toTask(task, SigInfo.kernel(SignalAbi.SIGXFSZ));
            return -EFBIG;
        }
        buffer.limit(limit - offset);
        return 0;
    }

    // Position

    static long lseek(Task task, SyscallArgs args) {
        long to = seek(task, args.int32(0), UserArgs.signed(task, args.raw(1)), args.int32(2));
        return !task.is64Bit() && to > Integer.MAX_VALUE ? -EOVERFLOW : to;
    }

    /** _llseek(2), i386: fd, high, low, result address, whence. */
    static long llseek(Task task, SyscallArgs args) {
        long to = seek(task, args.int32(0), args.raw(1) << 32 | args.unsigned32(2), args.int32(4));
        if (to < 0) {
            return to;
        }
        task.user().write64(args.raw(3), to);
        return 0;
    }

    private static long seek(Task task, int fd, long offset, int whence) {
        FileDescription file = task.files().get(fd);
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        return whence < 0 || whence > SEEK_HOLE ? -EINVAL : file.seek(offset, whence);
    }

    // Directories

    static long getdents(Task task, SyscallArgs args) {
        return entries(task, args, task.is64Bit() ? DirentLayout.OLD_64 : DirentLayout.OLD_32);
    }

    static long getdents64(Task task, SyscallArgs args) {
        return entries(task, args, DirentLayout.NEW);
    }

    private static long entries(Task task, SyscallArgs args, int kind) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        long n = file.readEntries(task, IoBuffer.user(task.user(), args.raw(1), args.unsigned32(2)), kind);
        if (n >= 0) {
            notify(task, file, InotifyMark.IN_ACCESS);
        }
        return n;
    }

    // Copying in the kernel

    /** sendfile(2): i386 off_t of 32 bits. */
    static long sendfile(Task task, SyscallArgs args) {
        return sendfile(task, args, task.is64Bit());
    }

    static long sendfile64(Task task, SyscallArgs args) {
        return sendfile(task, args, true);
    }

    private static long sendfile(Task task, SyscallArgs args, boolean isOffset64) {
        FileDescription in = task.files().readable(args.int32(1));
        FileDescription out = task.files().writable(args.int32(0));
        long offsetAt = args.raw(2);
        long from = offsetAt == 0 ? -1 : isOffset64 ? task.user().read64(offsetAt) : task.user().read32(offsetAt);
        if (in == null || out == null) {
            return -EBADF;
        }
        if (offsetAt != 0 && from < 0 || (out.flags() & O_APPEND) != 0 || !in.inode().isRegular()) {
            return -EINVAL;
        }
        long size = UserArgs.size(task, args.raw(3));
        if (size < 0) {
            return size;
        }
        long start = offsetAt == 0 ? in.position() : from;
        long done = countRead(task, in, countWrite(task, out, copy(task, in, start, out, -1, size)));
        if (done > 0) {
            if (offsetAt == 0) {
                in.setPosition(start + done);
            } else if (isOffset64) {
                task.user().write64(offsetAt, start + done);
            } else {
                task.user().write32(offsetAt, (int) (start + done));
            }
        }
        return done;
    }

    /** Bytes from one file's place to another's (to -1: the file position); waits for room. Progress in the frame. */
    private static long copy(Task task, FileDescription in, long from, FileDescription out, long to, long size) {
        while (task.frame().progress < size) {
            long done = task.frame().progress;
            byte[] bytes = new byte[(int) Math.min(COPY, size - done)];
            long got = in.readAt(task, IoBuffer.array(bytes, 0, bytes.length), from + done);
            if (got <= 0) {
                return done > 0 ? done : got;
            }
            IoBuffer buffer = IoBuffer.array(bytes, 0, (int) got);
            long put = to < 0 ? out.write(task, buffer) : out.writeAt(task, buffer, to + done);
            if (put == -EPIPE) {
                SignalSending.toTask(task, SigInfo.kernel(SignalAbi.SIGPIPE));
            }
            if (put == -EAGAIN) {
                return waitToWrite(task, out, done);
            }
            if (put <= 0) {
                return done > 0 ? done : put;
            }
            task.frame().progress += put;
        }
        return task.frame().progress;
    }

    /** copy_file_range(2). EINVAL: flags, not regular, overlapping in one file; EBADF: output opened with O_APPEND. */
    static long copyFileRange(Task task, SyscallArgs args) {
        FileDescription in = task.files().readable(args.int32(0));
        FileDescription out = task.files().writable(args.int32(2));
        if (in == null || out == null) {
            return -EBADF;
        }
        long inAt = args.raw(1);
        long outAt = args.raw(3);
        long from = inAt == 0 ? in.position() : task.user().read64(inAt);
        long to = outAt == 0 ? out.position() : task.user().read64(outAt);
        long size = UserArgs.size(task, args.raw(4));
        if (args.int32(5) != 0 || size < 0) {
            return -EINVAL;
        }
        if (in.inode().isDirectory() || out.inode().isDirectory()) {
            return -EISDIR;
        }
        if (!in.inode().isRegular() || !out.inode().isRegular() || from < 0 || to < 0) {
            return -EINVAL;
        }
        if ((out.flags() & O_APPEND) != 0) {
            return -EBADF;
        }
        size = Math.min(size, Math.max(0, in.inode().size() - from));
        if (in.inode() == out.inode() && from < to + size && to < from + size) {
            return -EINVAL;
        }
        long done = countRead(task, in, countWrite(task, out, copy(task, in, from, out, to, size)));
        if (done > 0) {
            if (inAt == 0) {
                in.setPosition(from + done);
            } else {
                task.user().write64(inAt, from + done);
            }
            if (outAt == 0) {
                out.setPosition(to + done);
            } else {
                task.user().write64(outAt, to + done);
            }
        }
        return done;
    }
}
