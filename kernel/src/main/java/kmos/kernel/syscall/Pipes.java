// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;

import kmos.base.LittleEndian;
import kmos.fs.Inode;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.Dentry;
import kmos.kernel.vfs.EventFile;
import kmos.kernel.vfs.Fifo;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PipeFile;
import kmos.kernel.vfs.RegularFile;
import kmos.kernel.vfs.Vfs;

/** Files that a call makes without a name: pipe(2), eventfd(2), memfd_create(2). */
final class Pipes {
    private static final int EFD_SEMAPHORE = 1;
    private static final int MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2;

    private Pipes() { }

    static long pipe(Task task, SyscallArgs args) {
        return pipe(task, args.raw(0), 0);
    }

    /** pipe2(2). EINVAL: flags; EMFILE; EFAULT. */
    static long pipe2(Task task, SyscallArgs args) {
        int flags = args.int32(1);
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT)) != 0) {
            return -EINVAL;
        }
        return pipe(task, args.raw(0), flags);
    }

    private static long pipe(Task task, long to, int flags) {
        long limit = FileIo.unsignedLimit(task.group().limit(SchedAbi.RLIMIT_NOFILE));
        if (!task.files().hasRoom(2, limit)) {
            return -EMFILE;
        }
        // The address must be writable before anything exists: the store below cannot fail any more.
        UserArgs.put(task, to, UserArgs.get(task, to, 8));
        Vfs vfs = task.kernel().vfs();
        Path at = vfs.pipeFs().newPipe(task.credentials());
        Fifo fifo = vfs.fifo(at.inode());
        PipeFile reader = new PipeFile(vfs, at, O_RDONLY | flags & ~O_CLOEXEC, fifo.pipe(), fifo);
        PipeFile writer = new PipeFile(vfs, at, O_WRONLY | flags & ~O_CLOEXEC, fifo.pipe(), fifo);
        boolean closeOnExec = (flags & O_CLOEXEC) != 0;
        byte[] fds = new byte[8];
        LittleEndian.put32(fds, 0, task.files().install(reader, closeOnExec, 0, limit));
        LittleEndian.put32(fds, 4, task.files().install(writer, closeOnExec, 0, limit));
        UserArgs.put(task, to, fds);
        return 0;
    }

    static long eventfd(Task task, SyscallArgs args) {
        return eventfd(task, args.unsigned32(0), 0);
    }

    static long eventfd2(Task task, SyscallArgs args) {
        int flags = args.int32(1);
        if ((flags & ~(EFD_SEMAPHORE | O_CLOEXEC | O_NONBLOCK)) != 0) {
            return -EINVAL;
        }
        return eventfd(task, args.unsigned32(0), flags);
    }

    private static long eventfd(Task task, long counter, int flags) {
        EventFile file = new EventFile(task.kernel().vfs(), O_RDWR | flags & O_NONBLOCK, counter, (flags & EFD_SEMAPHORE) != 0);
        return FileIo.install(task, file, (flags & O_CLOEXEC) != 0);
    }

    /** memfd_create(2). EINVAL: flags, or a name of more than 249 bytes. */
    static long memfdCreate(Task task, SyscallArgs args) {
        int flags = args.int32(1);
        if ((flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING)) != 0) {
            return -EINVAL;
        }
        String name = task.user().readString(args.raw(0), 4096);
        if (name.length() > 249) {
            return -EINVAL;
        }
        if (!task.files().hasRoom(1, FileIo.unsignedLimit(task.group().limit(SchedAbi.RLIMIT_NOFILE)))) {
            return -EMFILE;
        }
        Vfs vfs = task.kernel().vfs();
        Inode inode = vfs.memory().newUnnamed(Inode.S_IFREG | 0777, task.credentials().fsuid(), task.credentials().fsgid());
        RegularFile file = new RegularFile(vfs, new Path(null, Dentry.root("/memfd:" + name, inode)), O_RDWR);
        // The file has its own reference now.
        vfs.release(inode);
        return FileIo.install(task, file, (flags & MFD_CLOEXEC) != 0);
    }
}
