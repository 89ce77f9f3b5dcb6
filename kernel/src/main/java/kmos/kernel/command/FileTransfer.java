// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.command;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.NotReady;
import kmos.kernel.KernelConfig;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Exit;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Opening;
import kmos.kernel.vfs.PathWalk;

/** A task that copies between a file and a pipe to the outside, one piece a step, and then ends. */
final class FileTransfer {
    private static final int PIECE = 1 << 15;

    private FileTransfer() { }

    static void step(Task task, GuestCommand c) {
        try {
            if (c.file == null) {
                open(task, c);
            } else if (!(c.kind == GuestCommand.READ ? copyOut(task, c) : copyIn(task, c))) {
                Exit.exit(task, 0);
            }
        } catch (ErrnoException failed) {
            c.errno = failed.errno();
            Exit.exit(task, 1 << 8);
        }
    }

    private static void open(Task task, GuestCommand c) {
        String path = GuestCommand.split(c.arguments).get(0);
        if (c.kind == GuestCommand.READ) {
            requireRegular(task, path);
            c.file = Opening.open(task, Fcntl.AT_FDCWD, path, Fcntl.O_RDONLY, 0);
        } else {
            try {
                requireRegular(task, path);
            } catch (ErrnoException absent) {
                if (absent.errno() != Errno.ENOENT) {
                    throw absent;
                }
            }
            c.file = Opening.open(task, Fcntl.AT_FDCWD, path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC, c.mode);
        }
        task.files().install(c.file, false, 3, 16);
    }

    /** Other kinds of files may never come to an end, or wait for somebody. */
    private static void requireRegular(Task task, String path) {
        if (!PathWalk.lookup(task, Fcntl.AT_FDCWD, path, PathWalk.FOLLOW).inode().isRegular()) {
            throw new ErrnoException(PathWalk.lookup(task, Fcntl.AT_FDCWD, path, PathWalk.FOLLOW).inode().isDirectory() ? Errno.EISDIR : Errno.EINVAL);
        }
    }

    /** False at the end of the file. */
    private static boolean copyOut(Task task, GuestCommand c) {
        if (c.chunk == null) {
            byte[] piece = new byte[PIECE];
            int n = (int) check(c.file.read(task, IoBuffer.array(piece, 0, PIECE)));
            if (n == 0) {
                return false;
            }
            charge(task, n);
            c.chunk = new byte[n];
            System.arraycopy(piece, 0, c.chunk, 0, n);
            c.written = 0;
        }
        drainInto(task, c, c.pipe);
        return true;
    }

    /** False when the outside has closed the pipe and everything is in the file. */
    private static boolean copyIn(Task task, GuestCommand c) {
        if (c.chunk == null) {
            byte[] piece = new byte[PIECE];
            long n = c.pipe.read(task, IoBuffer.array(piece, 0, PIECE));
            if (n == -Errno.EAGAIN) {
                throw new NotReady(c.pipe.waitQueue());
            }
            if (check(n) == 0) {
                return false;
            }
            c.chunk = new byte[(int) n];
            System.arraycopy(piece, 0, c.chunk, 0, (int) n);
            c.written = 0;
        }
        charge(task, c.chunk.length);
        drainInto(task, c, c.file);
        return true;
    }

    private static void drainInto(Task task, GuestCommand c, FileDescription to) {
        long n = to.write(task, IoBuffer.array(c.chunk, c.written, c.chunk.length - c.written));
        if (n == -Errno.EAGAIN) {
            throw new NotReady(to.waitQueue());
        }
        c.written += (int) check(n);
        if (c.written == c.chunk.length) {
            c.chunk = null;
        }
    }

    private static long check(long result) {
        if (result < 0) {
            throw new ErrnoException((int) -result);
        }
        return result;
    }

    private static void charge(Task task, int bytes) {
        long ns = bytes >> KernelConfig.COPY_BYTES_PER_NS_SHIFT;
        task.kernel().machine().clock().advanceNs(ns);
        task.chargeSystem(ns);
    }
}
