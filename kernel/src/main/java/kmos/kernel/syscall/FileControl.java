// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;

import kmos.base.LittleEndian;
import kmos.base.Stateful;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.Termios;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.FileLocks;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;
import kmos.kernel.vfs.PipeFile;
import kmos.kernel.vfs.RegularFile;

/** What is done with descriptors and files beside reading and writing: dup(2), fcntl(2), flock(2), ioctl(2), fsync(2), truncate(2) ... */
final class FileControl {
    private FileControl() { }

    // Descriptors

    static long dup(Task task, SyscallArgs args) {
        return duplicate(task, args.int32(0), 0, false);
    }

    private static long duplicate(Task task, int fd, int from, boolean closeOnExec) {
        FileDescription file = task.files().get(fd);
        if (file == null) {
            return -EBADF;
        }
        int to = task.files().install(file.retain(), closeOnExec, from, limit(task));
        if (to < 0) {
            file.release();
        }
        return to;
    }

    private static long limit(Task task) {
        return FileIo.unsignedLimit(task.group().limit(SchedAbi.RLIMIT_NOFILE));
    }

    /** dup2(2): the same descriptor twice is no error if it is open. */
    static long dup2(Task task, SyscallArgs args) {
        if (args.int32(0) == args.int32(1)) {
            return task.files().get(args.int32(0)) == null ? -EBADF : args.int32(0);
        }
        return replace(task, args, false);
    }

    static long dup3(Task task, SyscallArgs args) {
        if ((args.int32(2) & ~O_CLOEXEC) != 0 || args.int32(0) == args.int32(1)) {
            return -EINVAL;
        }
        return replace(task, args, args.int32(2) != 0);
    }

    private static long replace(Task task, SyscallArgs args, boolean closeOnExec) {
        int to = args.int32(1);
        if (to < 0 || to >= limit(task)) {
            return -EBADF;
        }
        FileDescription file = task.files().get(args.int32(0));
        if (file == null) {
            return -EBADF;
        }
        task.files().replace(to, file.retain(), closeOnExec);
        return to;
    }

    static long fcntl(Task task, SyscallArgs args) {
        return fcntl(task, args, task.is64Bit());
    }

    static long fcntl64(Task task, SyscallArgs args) {
        return fcntl(task, args, false);
    }

    private static long fcntl(Task task, SyscallArgs args, boolean is64) {
        int fd = args.int32(0);
        int command = args.int32(1);
        long argument = args.raw(2);
        FileDescription file = task.files().get(fd);
        if (file == null) {
            return -EBADF;
        }
        boolean isAllowedOnPath = command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_SETFD
            || command == F_GETFL;
        if (file.isPathOnly() && !isAllowedOnPath) {
            return -EBADF;
        }
        switch (command) {
            case F_DUPFD: case F_DUPFD_CLOEXEC:
                if (argument > Integer.MAX_VALUE || args.int32(2) < 0 || args.int32(2) >= limit(task)) {
                    return -EINVAL;
                }
                return duplicate(task, fd, args.int32(2), command == F_DUPFD_CLOEXEC);
            case F_GETFD: return task.files().closesOnExec(fd) ? FD_CLOEXEC : 0;
            case F_SETFD:
                task.files().setCloseOnExec(fd, (argument & FD_CLOEXEC) != 0);
                return 0;
            case F_GETFL: return file.flags() | (task.is64Bit() && !file.isPathOnly() ? O_LARGEFILE : 0);
            case F_SETFL:
                file.setFlags(args.int32(2));
                return 0;
            case F_GETOWN: return file.owner();
            case F_SETOWN:
                file.setOwner(args.int32(2));
                return 0;
            case F_GETSIG: return 0;
            case F_SETPIPE_SZ: case F_GETPIPE_SZ:
                if (!(file instanceof PipeFile pipe)) {
                    return -EBADF;
                }
                return command == F_GETPIPE_SZ ? pipe.capacity() : pipe.setCapacity(args.int32(2), task.credentials().isRoot());
            case F_GETLK: case F_SETLK: case F_SETLKW: return recordLock(task, file, command, argument, is64 ? AMD64_LOCK : I386_LOCK, false);
            case F_GETLK64: case F_SETLK64: case F_SETLKW64:
                return recordLock(task, file, command - F_GETLK64 + F_GETLK, argument, I386_LOCK64, false);
            case F_OFD_GETLK: case F_OFD_SETLK: case F_OFD_SETLKW:
                return recordLock(task, file, command - F_OFD_GETLK + F_GETLK, argument, is64 ? AMD64_LOCK : I386_LOCK64, true);
            case F_GETLEASE: return F_UNLCK;
            default: return -EINVAL;
        }
    }

    // Locks

    /** Offsets in struct flock: start, length, pid, whole size; and whether they have 64 bits. */
    private record LockLayout(int start, int length, int pid, int size, boolean is64) { }

    private static final LockLayout AMD64_LOCK = new LockLayout(8, 16, 24, 32, true);
    private static final LockLayout I386_LOCK = new LockLayout(4, 8, 12, 16, false);
    private static final LockLayout I386_LOCK64 = new LockLayout(4, 12, 20, 24, true);

    private static long recordLock(Task task, FileDescription file, int command, long address, LockLayout layout, boolean isOfd) {
        byte[] b = UserArgs.get(task, address, layout.size);
        int type = LittleEndian.get16(b, 0);
        int whence = LittleEndian.get16(b, 2);
        long start = layout.is64 ? LittleEndian.get64(b, layout.start) : LittleEndian.get32(b, layout.start);
        long length = layout.is64 ? LittleEndian.get64(b, layout.length) : LittleEndian.get32(b, layout.length);
        if (isOfd && LittleEndian.get32(b, layout.pid) != 0 || type > F_UNLCK || whence > SEEK_END || command == F_GETLK && type == F_UNLCK) {
            return -EINVAL;
        }
        long base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.position() : file.inode().size();
        start += base;
        long end = length == 0 ? Long.MAX_VALUE : length > 0 ? start + length - 1 : start - 1;
        if (length < 0) {
            start += length;
        }
        if (start < 0 || end < start) {
            return start < 0 ? -EINVAL : -EOVERFLOW;
        }
        if (command != F_GETLK && (type == F_RDLCK && !file.isReadable() || type == F_WRLCK && !file.isWritable())) {
            return -EBADF;
        }
        FileLocks locks = task.kernel().vfs().locks();
        Stateful owner = isOfd ? file : task.files();
        FileLocks.Lock conflict = type == F_UNLCK ? null : locks.conflict(file.inode(), owner, false, type, start, end);
        if (command == F_GETLK) {
            LittleEndian.put16(b, 0, conflict == null ? F_UNLCK : conflict.type());
            if (conflict != null) {
                long conflictLength = conflict.end() == Long.MAX_VALUE ? 0 : conflict.end() - conflict.start() + 1;
                LittleEndian.put16(b, 2, SEEK_SET);
                LittleEndian.put32(b, layout.start, (int) conflict.start());
                LittleEndian.put32(b, layout.length, (int) conflictLength);
                if (layout.is64) {
                    LittleEndian.put64(b, layout.start, conflict.start());
                    LittleEndian.put64(b, layout.length, conflictLength);
                }
                LittleEndian.put32(b, layout.pid, conflict.pid());
            }
            UserArgs.put(task, address, b);
            return 0;
        }
        locks.stopWaiting(owner);
        if (conflict != null) {
            if (command != F_SETLKW) {
                return -EAGAIN;
            }
            if (!isOfd && !locks.startWaiting(owner, conflict)) {
                return -EDEADLK;
            }
            long result = task.blockOn(locks.waitQueue());
            if (result != Task.BLOCKED) {
                locks.stopWaiting(owner);
            }
            return result;
        }
        locks.set(file.inode(), owner, false, type, start, end, isOfd ? -1 : task.group().pid());
        return 0;
    }

    static long flock(Task task, SyscallArgs args) {
        FileDescription file = task.files().get(args.int32(0));
        int operation = args.int32(1) & ~LOCK_NB;
        if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN) {
            return -EINVAL;
        }
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        FileLocks locks = task.kernel().vfs().locks();
        int type = operation == LOCK_SH ? F_RDLCK : operation == LOCK_EX ? F_WRLCK : F_UNLCK;
        if (type != F_UNLCK && locks.conflict(file.inode(), file, true, type, 0, Long.MAX_VALUE) != null) {
            return (args.int32(1) & LOCK_NB) != 0 ? -EAGAIN : task.blockOn(locks.waitQueue());
        }
        locks.set(file.inode(), file, true, type, 0, Long.MAX_VALUE, task.group().pid());
        return 0;
    }

    // ioctl

    static long ioctl(Task task, SyscallArgs args) {
        int fd = args.int32(0);
        FileDescription file = task.files().get(fd);
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        int command = args.int32(1);
        switch (command) {
            case Termios.FIOCLEX: case Termios.FIONCLEX:
                task.files().setCloseOnExec(fd, command == Termios.FIOCLEX);
                return 0;
            case Termios.FIONBIO: {
                boolean on = task.user().read32(args.raw(2)) != 0;
                file.setFlags(on ? file.flags() | O_NONBLOCK : file.flags() & ~O_NONBLOCK);
                return 0;
            }
            default: return file.ioctl(task, command, args.raw(2));
        }
    }

    // Making durable

    static long fsync(Task task, SyscallArgs args) {
        return sync(task, args, false);
    }

    static long fdatasync(Task task, SyscallArgs args) {
        return sync(task, args, true);
    }

    private static long sync(Task task, SyscallArgs args, boolean isDataOnly) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        file.sync(isDataOnly);
        return 0;
    }

    static long sync(Task task, SyscallArgs args) {
        task.kernel().vfs().sync();
        return 0;
    }

    static long syncfs(Task task, SyscallArgs args) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        task.kernel().pageCache().startWritebackAll();
        task.kernel().pageCache().waitForWritebackAll();
        file.inode().fileSystem().sync();
        return 0;
    }

    /** sync_file_range(2). */
    static long syncFileRange(Task task, SyscallArgs args) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (!(file instanceof RegularFile)) {
            return -ESPIPE;
        }
        task.kernel().pageCache().startWriteback(file.inode());
        task.kernel().pageCache().waitForWriteback(file.inode());
        return 0;
    }

    // Size

    static long truncate(Task task, SyscallArgs args) {
        return truncate(task, args.raw(0), UserArgs.signed(task, args.raw(1)));
    }

    static long truncate64(Task task, SyscallArgs args) {
        return truncate(task, args.raw(0), UserArgs.offset(task, args, 1));
    }

    private static long truncate(Task task, long pathAddress, long size) {
        if (size < 0) {
            return -EINVAL;
        }
        Path at = PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, pathAddress), PathWalk.FOLLOW);
        if (at.inode().isDirectory()) {
            return -EISDIR;
        }
        if (!at.inode().isRegular()) {
            return -EINVAL;
        }
        Permissions.requireWrite(at, task.credentials());
        RegularFile.truncate(task, at.inode(), size);
        task.kernel().vfs().notifications().file(at.dentry(), kmos.kernel.vfs.InotifyMark.IN_MODIFY);
        return 0;
    }

    static long ftruncate(Task task, SyscallArgs args) {
        return ftruncate(task, args.int32(0), UserArgs.signed(task, args.raw(1)));
    }

    static long ftruncate64(Task task, SyscallArgs args) {
        return ftruncate(task, args.int32(0), UserArgs.offset(task, args, 1));
    }

    private static long ftruncate(Task task, int fd, long size) {
        if (size < 0) {
            return -EINVAL;
        }
        FileDescription file = task.files().get(fd);
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (!(file instanceof RegularFile) || !file.isWritable()) {
            return -EINVAL;
        }
        RegularFile.truncate(task, file.inode(), size);
        if (file.path().mount() != null) {
            task.kernel().vfs().notifications().file(file.dentry(), kmos.kernel.vfs.InotifyMark.IN_MODIFY);
        }
        return 0;
    }

    /** fallocate(2), mode 0: blocks are there afterwards, the file is at least as long. */
    static long fallocate(Task task, SyscallArgs args) {
        boolean is64 = task.is64Bit();
        long offset = is64 ? args.raw(2) : args.unsigned32(2) | args.raw(3) << 32;
        long length = is64 ? args.raw(3) : args.unsigned32(4) | args.raw(5) << 32;
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (offset < 0 || length <= 0) {
            return -EINVAL;
        }
        if (args.int32(1) != 0) {
            return -EOPNOTSUPP;
        }
        if (!file.isWritable()) {
            return -EBADF;
        }
        if (!(file instanceof RegularFile)) {
            return file instanceof PipeFile ? -ESPIPE : -ENODEV;
        }
        if (offset + length < 0 || offset + length > 0x7FF_FFFF_F000L) {
            return -EFBIG;
        }
        Inode inode = file.inode();
        if ((offset + length >>> 12) - (offset >>> 12) > inode.fileSystem().statistics().freeBlocks()
            * (long) inode.fileSystem().statistics().blockSize() / 4096 + inode.blocks() / 8 + 1) {
            return -ENOSPC;
        }
        for (long page = (offset >>> 12) + task.frame().progress; page << 12 < offset + length; page++) {
            CachedPage p = task.kernel().pageCache().get(inode, page);
            inode.prepareWrite(p, 0, CachedPage.SIZE);
            task.kernel().pageCache().markDirty(p);
            task.frame().progress++;
        }
        if (offset + length > inode.size()) {
            inode.setSize(offset + length, task.kernel().vfs().timeNs());
        }
        return 0;
    }

    /** posix_fadvise(2): the advice is checked; the page cache decides by itself. */
    static long fadvise64(Task task, SyscallArgs args) {
        return advise(task, args, task.is64Bit() ? args.int32(3) : args.int32(4));
    }

    /** i386 fadvise64_64: fd, offset pair, length pair, advice. */
    static long fadvise64Long(Task task, SyscallArgs args) {
        return advise(task, args, args.int32(5));
    }

    private static long advise(Task task, SyscallArgs args, int advice) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (file instanceof PipeFile) {
            return -ESPIPE;
        }
        return advice < 0 || advice > 5 ? -EINVAL : 0;
    }

    static long readahead(Task task, SyscallArgs args) {
        FileDescription file = task.files().readable(args.int32(0));
        return file == null ? -EBADF : file instanceof RegularFile ? 0 : -EINVAL;
    }
}
