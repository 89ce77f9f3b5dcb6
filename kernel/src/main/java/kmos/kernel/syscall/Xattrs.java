// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.AT_FDCWD;
import static kmos.kernel.abi.Fcntl.S_ISVTX;

import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;

/** Extended attributes: setxattr(2), getxattr(2), listxattr(2), removexattr(2) and their l and f forms (Linux fs/xattr.c). */
final class Xattrs {
    private static final int NAME_MAX = 255, SIZE_MAX = 65536, CREATE = 1, REPLACE = 2;

    private Xattrs() { }

    static long set(Task task, SyscallArgs args) {
        return set(task, place(task, args, PathWalk.FOLLOW), args);
    }

    static long setLink(Task task, SyscallArgs args) {
        return set(task, place(task, args, PathWalk.NO_FOLLOW), args);
    }

    static long setFile(Task task, SyscallArgs args) {
        return set(task, file(task, args), args);
    }

    static long get(Task task, SyscallArgs args) {
        return get(task, place(task, args, PathWalk.FOLLOW), args);
    }

    static long getLink(Task task, SyscallArgs args) {
        return get(task, place(task, args, PathWalk.NO_FOLLOW), args);
    }

    static long getFile(Task task, SyscallArgs args) {
        return get(task, file(task, args), args);
    }

    static long list(Task task, SyscallArgs args) {
        return list(task, place(task, args, PathWalk.FOLLOW), args);
    }

    static long listLink(Task task, SyscallArgs args) {
        return list(task, place(task, args, PathWalk.NO_FOLLOW), args);
    }

    static long listFile(Task task, SyscallArgs args) {
        return list(task, file(task, args), args);
    }

    static long remove(Task task, SyscallArgs args) {
        return remove(task, place(task, args, PathWalk.FOLLOW), args);
    }

    static long removeLink(Task task, SyscallArgs args) {
        return remove(task, place(task, args, PathWalk.NO_FOLLOW), args);
    }

    static long removeFile(Task task, SyscallArgs args) {
        return remove(task, file(task, args), args);
    }

    private static Path place(Task task, SyscallArgs args, int follow) {
        return PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(0)), follow);
    }

    private static Path file(Task task, SyscallArgs args) {
        FileDescription f = task.files().get(args.int32(0));
        if (f == null || f.isPathOnly()) {
            throw new ErrnoException(EBADF);
        }
        return f.path();
    }

    /** A name of 1 to 255 bytes, else ERANGE. */
    private static String name(Task task, long address) {
        StringBuilder name = new StringBuilder();
        for (int i = 0;; i++) {
            int c = task.user().read8(address + i);
            if (c == 0) {
                break;
            }
            if (i == NAME_MAX) {
                throw new ErrnoException(ERANGE);
            }
            name.append((char) c);
        }
        if (name.length() == 0) {
            throw new ErrnoException(ERANGE);
        }
        return name.toString();
    }

    private static long set(Task task, Path at, SyscallArgs args) {
        int flags = args.int32(4);
        if ((flags & ~(CREATE | REPLACE)) != 0) {
            return -EINVAL;
        }
        String name = name(task, args.raw(1));
        long size = args.raw(3);
        if (Long.compareUnsigned(size, SIZE_MAX) > 0) {
            return -E2BIG;
        }
        byte[] value = UserArgs.get(task, args.raw(2), (int) size);
        requireMayChange(task, at, name);
        boolean exists = at.inode().attribute(name) != null;
        if ((flags & CREATE) != 0 && exists) {
            return -EEXIST;
        }
        if ((flags & REPLACE) != 0 && !exists) {
            return -ENODATA;
        }
        at.inode().setAttribute(name, value, task.kernel().vfs().timeNs());
        return 0;
    }

    private static long remove(Task task, Path at, SyscallArgs args) {
        String name = name(task, args.raw(1));
        requireMayChange(task, at, name);
        if (at.inode().attribute(name) == null) {
            return -ENODATA;
        }
        at.inode().setAttribute(name, null, task.kernel().vfs().timeNs());
        return 0;
    }

    private static long get(Task task, Path at, SyscallArgs args) {
        String name = name(task, args.raw(1));
        Inode inode = at.inode();
        if (name.startsWith("trusted.") && !task.credentials().isRoot() || name.startsWith("user.") && !holdsUserAttributes(inode)) {
            return -ENODATA;
        }
        if (!name.startsWith("security.") && !name.startsWith("system.") && !name.startsWith("trusted.")) {
            Permissions.require(inode, task.credentials(), Permissions.READ);
        }
        requireSuffix(name);
        byte[] value = inode.attribute(name);
        if (value == null) {
            return -ENODATA;
        }
        return give(task, value, args.raw(2), args.raw(3));
    }

    private static long list(Task task, Path at, SyscallArgs args) {
        StringBuilder names = new StringBuilder();
        for (String name : at.inode().attributeNames()) {
            if (task.credentials().isRoot() || !name.startsWith("trusted.")) {
                names.append(name).append('\0');
            }
        }
        byte[] bytes = new byte[names.length()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) names.charAt(i);
        }
        return give(task, bytes, args.raw(1), args.raw(2));
    }

    private static long give(Task task, byte[] bytes, long to, long size) {
        if (size == 0) {
            return bytes.length;
        }
        if (Long.compareUnsigned(size, bytes.length) < 0) {
            return -ERANGE;
        }
        UserArgs.put(task, to, bytes);
        return bytes.length;
    }

    private static boolean holdsUserAttributes(Inode inode) {
        return inode.isRegular() || inode.isDirectory();
    }

    /** xattr_permission and the handlers' own checks. EROFS, EPERM, EACCES; EOPNOTSUPP comes from the file system. */
    private static void requireMayChange(Task task, Path at, String name) {
        Inode inode = at.inode();
        if (at.mount() != null && at.mount().isReadOnly()) {
            throw new ErrnoException(EROFS);
        }
        boolean isRoot = task.credentials().isRoot();
        if (name.startsWith("trusted.") || name.startsWith("security.")) {
            if (!isRoot) {
                throw new ErrnoException(EPERM);
            }
        } else if (!name.startsWith("system.")) {
            if (name.startsWith("user.")) {
                boolean isForeignSticky = inode.isDirectory() && (inode.mode() & S_ISVTX) != 0 && !isRoot
                    && task.credentials().fsuid() != inode.uid();
                if (!holdsUserAttributes(inode) || isForeignSticky) {
                    throw new ErrnoException(EPERM);
                }
            }
            Permissions.require(inode, task.credentials(), Permissions.WRITE);
        }
        requireSuffix(name);
    }

    /** A prefix alone is no name. */
    private static void requireSuffix(String name) {
        if (name.equals("user.") || name.equals("trusted.") || name.equals("security.")) {
            throw new ErrnoException(EINVAL);
        }
    }
}
