// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;

import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.fs.Inode;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;

/** Changing attributes: chmod(2), chown(2) and its 16-bit forms, utime(2) and its successors. */
final class Attributes {
    private static final long SECOND = 1_000_000_000L;

    private Attributes() { }

    // Mode

    static long chmod(Task task, SyscallArgs args) {
        return chmod(task, lookup(task, AT_FDCWD, args.raw(0), 0), args.int32(1));
    }

    static long fchmod(Task task, SyscallArgs args) {
        return chmod(task, opened(task, args.int32(0)), args.int32(1));
    }

    static long fchmodat(Task task, SyscallArgs args) {
        return chmod(task, lookup(task, args.int32(0), args.raw(1), 0), args.int32(2));
    }

    static long fchmodat2(Task task, SyscallArgs args) {
        int flags = args.int32(3);
        if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return -EINVAL;
        }
        return chmod(task, lookup(task, args.int32(0), args.raw(1), flags), args.int32(2));
    }

    private static long chmod(Task task, Path at, int mode) {
        requireWritableMount(at);
        Inode inode = at.inode();
        if (inode.isSymlink()) {
            return -EOPNOTSUPP;
        }
        Credentials who = task.credentials();
        Permissions.requireOwner(inode, who);
        int bits = mode & 07777;
        if (who.fsuid() != 0 && !who.isMember(inode.gid())) {
            bits &= ~S_ISGID;
        }
        inode.setMode(bits, task.kernel().vfs().timeNs());
        changed(task, at);
        return 0;
    }

    private static void changed(Task task, Path at) {
        if (at.mount() != null) {
            task.kernel().vfs().notifications().file(at.dentry(), kmos.kernel.vfs.InotifyMark.IN_ATTRIB);
        }
    }

    // Owner

    static long chown(Task task, SyscallArgs args) {
        return chown(task, lookup(task, AT_FDCWD, args.raw(0), 0), args.int32(1), args.int32(2));
    }

    static long lchown(Task task, SyscallArgs args) {
        return chown(task, lookup(task, AT_FDCWD, args.raw(0), AT_SYMLINK_NOFOLLOW), args.int32(1), args.int32(2));
    }

    static long fchown(Task task, SyscallArgs args) {
        return chown(task, opened(task, args.int32(0)), args.int32(1), args.int32(2));
    }

    static long fchownat(Task task, SyscallArgs args) {
        int flags = args.int32(4);
        if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return -EINVAL;
        }
        return chown(task, lookup(task, args.int32(0), args.raw(1), flags), args.int32(2), args.int32(3));
    }

    /** i386, 16-bit ids: 0xFFFF is -1. */
    static long chown16(Task task, SyscallArgs args) {
        return chown(task, lookup(task, AT_FDCWD, args.raw(0), 0), id16(args.int32(1)), id16(args.int32(2)));
    }

    static long lchown16(Task task, SyscallArgs args) {
        return chown(task, lookup(task, AT_FDCWD, args.raw(0), AT_SYMLINK_NOFOLLOW), id16(args.int32(1)), id16(args.int32(2)));
    }

    static long fchown16(Task task, SyscallArgs args) {
        return chown(task, opened(task, args.int32(0)), id16(args.int32(1)), id16(args.int32(2)));
    }

    private static int id16(int id) {
        return (short) id == -1 ? -1 : id & 0xFFFF;
    }

    private static long chown(Task task, Path at, int uid, int gid) {
        requireWritableMount(at);
        Inode inode = at.inode();
        Credentials who = task.credentials();
        if (who.fsuid() != 0) {
            boolean isOwner = inode.uid() == who.fsuid();
            if (uid != -1 && (uid != inode.uid() || !isOwner) || gid != -1 && (!isOwner || gid != inode.gid() && !who.isMember(gid))) {
                return -EPERM;
            }
        }
        long now = task.kernel().vfs().timeNs();
        int mode = inode.mode();
        if (!inode.isDirectory() && (mode & (S_ISUID | S_ISGID)) != 0) {
            int drop = S_ISUID | ((mode & 010) != 0 ? S_ISGID : 0);
            if ((mode & drop) != 0) {
                inode.setMode(mode & 07777 & ~drop, now);
            }
        }
        inode.setOwner(uid == -1 ? inode.uid() : uid, gid == -1 ? inode.gid() : gid, now);
        changed(task, at);
        return 0;
    }

    // Times

    /** utime(2): struct utimbuf of two longs, or NULL for now. */
    static long utime(Task task, SyscallArgs args) {
        long buffer = args.raw(1);
        if (buffer == 0) {
            return setTimes(task, lookup(task, AT_FDCWD, args.raw(0), 0), 0, UTIME_NOW, 0, UTIME_NOW);
        }
        int word = task.is64Bit() ? 8 : 4;
        byte[] b = UserArgs.get(task, buffer, 2 * word);
        return setTimes(task, lookup(task, AT_FDCWD, args.raw(0), 0), signedWord(b, 0, word), 0, signedWord(b, 1, word), 0);
    }

    static long utimes(Task task, SyscallArgs args) {
        return timevals(task, AT_FDCWD, args.raw(0), args.raw(1));
    }

    static long futimesat(Task task, SyscallArgs args) {
        return timevals(task, args.int32(0), args.raw(1), args.raw(2));
    }

    private static long timevals(Task task, int dirfd, long path, long times) {
        if (times == 0) {
            return setTimes(task, lookup(task, dirfd, path, 0), 0, UTIME_NOW, 0, UTIME_NOW);
        }
        int word = task.is64Bit() ? 8 : 4;
        byte[] b = UserArgs.get(task, times, 4 * word);
        long accessUs = signedWord(b, 1, word);
        long modifyUs = signedWord(b, 3, word);
        if (accessUs < 0 || accessUs >= 1_000_000 || modifyUs < 0 || modifyUs >= 1_000_000) {
            return -EINVAL;
        }
        Path at = path == 0 && dirfd != AT_FDCWD ? opened(task, dirfd) : lookup(task, dirfd, path, 0);
        return setTimes(task, at, signedWord(b, 0, word), accessUs * 1000, signedWord(b, 2, word), modifyUs * 1000);
    }

    /** utimensat(2) with the ABI's struct timespec. */
    static long utimensat(Task task, SyscallArgs args) {
        return utimensat(task, args, task.is64Bit() ? 8 : 4);
    }

    /** i386 utimensat_time64. */
    static long utimensat64(Task task, SyscallArgs args) {
        return utimensat(task, args, 8);
    }

    private static long utimensat(Task task, SyscallArgs args, int word) {
        int dirfd = args.int32(0);
        long path = args.raw(1);
        int flags = args.int32(3);
        long accessSeconds = 0;
        long accessNs = UTIME_NOW;
        long modifySeconds = 0;
        long modifyNs = UTIME_NOW;
        if (args.raw(2) != 0) {
            byte[] b = UserArgs.get(task, args.raw(2), 4 * word);
            accessSeconds = signedWord(b, 0, word);
            accessNs = task.is64Bit() ? signedWord(b, 1, word) : (int) signedWord(b, 1, word);
            modifySeconds = signedWord(b, 2, word);
            modifyNs = task.is64Bit() ? signedWord(b, 3, word) : (int) signedWord(b, 3, word);
            if (accessNs == UTIME_OMIT && modifyNs == UTIME_OMIT) {
                return 0;
            }
            if (!isValidNs(accessNs) || !isValidNs(modifyNs)) {
                return -EINVAL;
            }
        }
        if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return -EINVAL;
        }
        if (path == 0 && dirfd != AT_FDCWD && flags != 0) {
            return -EINVAL;
        }
        Path at = path == 0 && dirfd != AT_FDCWD ? opened(task, dirfd) : lookup(task, dirfd, path, flags);
        return setTimes(task, at, accessSeconds, accessNs, modifySeconds, modifyNs);
    }

    private static boolean isValidNs(long ns) {
        return ns >= 0 && ns < SECOND || ns == UTIME_NOW || ns == UTIME_OMIT;
    }

    /** Setting both to now needs write permission or ownership; anything else ownership. */
    private static long setTimes(Task task, Path at, long accessSeconds, long accessNs, long modifySeconds, long modifyNs) {
        requireWritableMount(at);
        Inode inode = at.inode();
        Credentials who = task.credentials();
        boolean isOwner = who.fsuid() == 0 || who.fsuid() == inode.uid();
        if (accessNs == UTIME_NOW && modifyNs == UTIME_NOW) {
            if (!isOwner && !Permissions.allows(inode, who, Permissions.WRITE)) {
                return -EACCES;
            }
        } else if (!isOwner) {
            return -EPERM;
        }
        long now = task.kernel().vfs().timeNs();
        inode.setTimes(time(accessSeconds, accessNs, now), time(modifySeconds, modifyNs, now), now);
        changed(task, at);
        return 0;
    }

    private static long time(long seconds, long ns, long now) {
        return ns == UTIME_NOW ? now : ns == UTIME_OMIT ? -1 : seconds * SECOND + ns;
    }

    private static long signedWord(byte[] b, int i, int word) {
        return word == 8 ? LittleEndian.get64(b, i * 8) : LittleEndian.get32(b, i * 4);
    }

    private static Path lookup(Task task, int dirfd, long path, int flags) {
        int follow = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        return Stats.place(task, dirfd, path, follow, flags);
    }

    private static Path opened(Task task, int fd) {
        FileDescription file = task.files().get(fd);
        if (file == null || file.isPathOnly()) {
            throw new ErrnoException(EBADF);
        }
        return file.path();
    }

    private static void requireWritableMount(Path at) {
        if (at.mount() != null && at.mount().isReadOnly()) {
            throw new ErrnoException(EROFS);
        }
    }
}
