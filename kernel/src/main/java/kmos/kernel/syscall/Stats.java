// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;

import kmos.base.ErrnoException;
import kmos.fs.FileSystem;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.abi.StatLayout;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Mount;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;

/** Asking about files: stat(2) in all its forms, statx(2), statfs(2), access(2), getxattr(2). */
final class Stats {
    private Stats() { }

    /** The layout of struct stat that a call fills. */
    private static final int STAT = 0, STAT64 = 1;

    static long stat(Task task, SyscallArgs args) {
        return stat(task, AT_FDCWD, args.raw(0), args.raw(1), 0, STAT);
    }

    static long lstat(Task task, SyscallArgs args) {
        return stat(task, AT_FDCWD, args.raw(0), args.raw(1), AT_SYMLINK_NOFOLLOW, STAT);
    }

    static long fstat(Task task, SyscallArgs args) {
        return fstat(task, args, STAT);
    }

    static long stat64(Task task, SyscallArgs args) {
        return stat(task, AT_FDCWD, args.raw(0), args.raw(1), 0, STAT64);
    }

    static long lstat64(Task task, SyscallArgs args) {
        return stat(task, AT_FDCWD, args.raw(0), args.raw(1), AT_SYMLINK_NOFOLLOW, STAT64);
    }

    static long fstat64(Task task, SyscallArgs args) {
        return fstat(task, args, STAT64);
    }

    /** amd64 newfstatat and i386 fstatat64. */
    static long fstatat(Task task, SyscallArgs args) {
        int flags = args.int32(3);
        if ((flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) != 0) {
            return -EINVAL;
        }
        return stat(task, args.int32(0), args.raw(1), args.raw(2), flags, STAT64);
    }

    private static long stat(Task task, int dirfd, long path, long to, int flags, int layout) {
        int follow = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        return fill(task, place(task, dirfd, path, follow, flags), to, layout);
    }

    private static long fstat(Task task, SyscallArgs args, int layout) {
        FileDescription file = task.files().get(args.int32(0));
        return file == null ? -EBADF : fill(task, file.path(), args.raw(1), layout);
    }

    private static long fill(Task task, Path at, long to, int layout) {
        byte[] b = task.is64Bit() ? StatLayout.stat64Bit(at.inode())
            : layout == STAT ? StatLayout.stat32(at.inode()) : StatLayout.stat64(at.inode());
        UserArgs.put(task, to, b);
        return 0;
    }

    /** statx(2). */
    static long statx(Task task, SyscallArgs args) {
        int flags = args.int32(2);
        if ((args.int32(3) & StatLayout.STATX__RESERVED) != 0
            || (flags & ~(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)) != 0
            || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE) {
            return -EINVAL;
        }
        int follow = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        Path at = place(task, args.int32(0), args.raw(1), follow, flags);
        UserArgs.put(task, args.raw(4), StatLayout.statx(at.inode(), at.mount() == null ? 0 : at.mount().id()));
        return 0;
    }

    /** Where dirfd and path lead; an empty path with AT_EMPTY_PATH in flags is dirfd itself. */
    static Path place(Task task, int dirfd, long pathAddress, int follow, int flags) {
        String path = UserArgs.path(task, pathAddress);
        if (path.isEmpty() && (flags & AT_EMPTY_PATH) != 0) {
            if (dirfd == AT_FDCWD) {
                return task.fs().directory();
            }
            FileDescription file = task.files().get(dirfd);
            if (file == null) {
                throw new ErrnoException(EBADF);
            }
            return file.path();
        }
        return PathWalk.lookup(task, dirfd, path, follow);
    }

    // File systems

    static long statfs(Task task, SyscallArgs args) {
        return statfs(task, PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(0)), PathWalk.FOLLOW), args.raw(1), false);
    }

    static long fstatfs(Task task, SyscallArgs args) {
        FileDescription file = task.files().get(args.int32(0));
        return file == null ? -EBADF : statfs(task, file.path(), args.raw(1), false);
    }

    /** i386: path, size of the structure, address. */
    static long statfs64(Task task, SyscallArgs args) {
        if (args.int32(1) != 84) {
            return -EINVAL;
        }
        return statfs(task, PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(0)), PathWalk.FOLLOW), args.raw(2), true);
    }

    static long fstatfs64(Task task, SyscallArgs args) {
        if (args.int32(1) != 84) {
            return -EINVAL;
        }
        FileDescription file = task.files().get(args.int32(0));
        return file == null ? -EBADF : statfs(task, file.path(), args.raw(2), true);
    }

    private static long statfs(Task task, Path at, long to, boolean is64) {
        FileSystem fs = at.inode().fileSystem();
        Mount mount = at.mount();
        int flags = MountFlags.ST_VALID;
        if (mount != null) {
            int visible = MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC | MountFlags.MS_NOATIME
                | MountFlags.MS_NODIRATIME;
            flags |= mount.flags() & visible | (mount.isReadOnly() ? MountFlags.MS_RDONLY : 0);
            flags |= (mount.flags() & MountFlags.MS_NOATIME) == 0 ? MountFlags.ST_RELATIME : 0;
        }
        FileSystem.Statistics s = fs.statistics();
        byte[] b = task.is64Bit() ? StatLayout.statfs64Bit(s, fs.device(), flags)
            : is64 ? StatLayout.statfs64(s, fs.device(), flags) : StatLayout.statfs32(s, fs.device(), flags);
        UserArgs.put(task, to, b);
        return 0;
    }

    // access

    static long access(Task task, SyscallArgs args) {
        return access(task, AT_FDCWD, args.raw(0), args.int32(1), 0);
    }

    static long faccessat(Task task, SyscallArgs args) {
        return access(task, args.int32(0), args.raw(1), args.int32(2), 0);
    }

    static long faccessat2(Task task, SyscallArgs args) {
        int flags = args.int32(3);
        if ((flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)) != 0) {
            return -EINVAL;
        }
        return access(task, args.int32(0), args.raw(1), args.int32(2), flags);
    }

    /** With the real ids, unless AT_EACCESS. EINVAL before the path; EROFS after EACCES. */
    private static long access(Task task, int dirfd, long path, int mode, int flags) {
        if ((mode & ~7) != 0) {
            return -EINVAL;
        }
        Credentials c = task.credentials();
        Credentials who = (flags & AT_EACCESS) != 0 ? c
            : new Credentials(c.uid(), c.uid(), c.suid(), c.uid(), c.gid(), c.gid(), c.sgid(), c.gid(), c.groups());
        int follow = (flags & AT_SYMLINK_NOFOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        String text = UserArgs.path(task, path);
        Path at = text.isEmpty() && (flags & AT_EMPTY_PATH) != 0 ? place(task, dirfd, path, follow, flags)
            : PathWalk.lookup(task, who, dirfd, text, follow);
        if ((mode & X_OK) != 0 && at.inode().isRegular() && at.mount() != null && (at.mount().flags() & MountFlags.MS_NOEXEC) != 0) {
            return -EACCES;
        }
        if (!Permissions.allows(at.inode(), who, mode)) {
            return -EACCES;
        }
        boolean isStored = at.inode().isRegular() || at.inode().isDirectory() || at.inode().isSymlink();
        return (mode & W_OK) != 0 && isStored && at.mount() != null && at.mount().isReadOnly() ? -EROFS : 0;
    }
}
