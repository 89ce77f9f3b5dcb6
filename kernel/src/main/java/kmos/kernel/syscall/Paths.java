// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;

import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.Dentry;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.InotifyMark;
import kmos.kernel.vfs.MagicLink;
import kmos.kernel.vfs.Opening;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;
import kmos.kernel.vfs.Vfs;

/** Names: mkdir(2), rmdir(2), unlink(2), rename(2), link(2), symlink(2), mknod(2), readlink(2), chdir(2), getcwd(2), chroot(2). */
final class Paths {
    private Paths() { }

    // Making

    static long mkdir(Task task, SyscallArgs args) {
        return mkdir(task, AT_FDCWD, args.raw(0), args.int32(1));
    }

    static long mkdirat(Task task, SyscallArgs args) {
        return mkdir(task, args.int32(0), args.raw(1), args.int32(2));
    }

    private static long mkdir(Task task, int dirfd, long path, int mode) {
        PathWalk.Parent p = parentForNew(task, dirfd, path, true);
        Opening.create(task, p.directory(), p.name(), Inode.S_IFDIR | mode & 01777 & ~task.fs().umask(), 0);
        return 0;
    }

    static long mknod(Task task, SyscallArgs args) {
        return mknod(task, AT_FDCWD, args.raw(0), args.int32(1), args.int32(2));
    }

    static long mknodat(Task task, SyscallArgs args) {
        return mknod(task, args.int32(0), args.raw(1), args.int32(2), args.int32(3));
    }

    private static long mknod(Task task, int dirfd, long path, int mode, int device) {
        int type = mode & Inode.S_IFMT;
        boolean isDevice = type == Inode.S_IFCHR || type == Inode.S_IFBLK;
        if (type == Inode.S_IFDIR) {
            return -EPERM;
        }
        if (type == 0) {
            type = Inode.S_IFREG;
        }
        if (!isDevice && type != Inode.S_IFREG && type != Inode.S_IFIFO && type != Inode.S_IFSOCK) {
            return -EINVAL;
        }
        PathWalk.Parent p = parentForNew(task, dirfd, path, false);
        if (isDevice && task.credentials().fsuid() != 0) {
            return -EPERM;
        }
        Opening.create(task, p.directory(), p.name(), type | mode & 07777 & ~task.fs().umask(), isDevice ? device : 0);
        return 0;
    }

    static long symlink(Task task, SyscallArgs args) {
        return symlink(task, args.raw(0), AT_FDCWD, args.raw(1));
    }

    static long symlinkat(Task task, SyscallArgs args) {
        return symlink(task, args.raw(0), args.int32(1), args.raw(2));
    }

    private static long symlink(Task task, long targetAddress, int dirfd, long path) {
        String target = UserArgs.path(task, targetAddress);
        if (target.isEmpty()) {
            return -ENOENT;
        }
        PathWalk.Parent p = parentForNew(task, dirfd, path, false);
        Permissions.requireCreate(p.directory(), task.credentials());
        Credentials who = task.credentials();
        Inode d = p.directory().inode();
        int gid = (d.mode() & S_ISGID) != 0 ? d.gid() : who.fsgid();
        Inode made = d.symlink(p.name(), target, who.fsuid(), gid, vfs(task).timeNs());
        vfs(task).dentries().added(p.directory().dentry().addChild(p.name(), made));
        vfs(task).notifications().entry(d, p.name(), made, InotifyMark.IN_CREATE);
        return 0;
    }

    static long link(Task task, SyscallArgs args) {
        return link(task, AT_FDCWD, args.raw(0), AT_FDCWD, args.raw(1), 0);
    }

    static long linkat(Task task, SyscallArgs args) {
        return link(task, args.int32(0), args.raw(1), args.int32(2), args.raw(3), args.int32(4));
    }

    private static long link(Task task, int oldDirfd, long oldPath, int newDirfd, long newPath, int flags) {
        if ((flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0) {
            return -EINVAL;
        }
        int follow = (flags & AT_SYMLINK_FOLLOW) != 0 ? PathWalk.FOLLOW : PathWalk.NO_FOLLOW;
        Path source = Stats.place(task, oldDirfd, oldPath, follow, flags);
        PathWalk.Parent p = parentForNew(task, newDirfd, newPath, false);
        if (source.mount() != p.directory().mount()) {
            return -EXDEV;
        }
        Inode inode = source.inode();
        if (!mayLink(inode, task.credentials())) {
            return -EPERM;
        }
        Permissions.requireCreate(p.directory(), task.credentials());
        if (inode.isDirectory()) {
            return -EPERM;
        }
        if (inode.links() == 0 && !inode.isLinkable()) {
            return -ENOENT;
        }
        p.directory().inode().link(p.name(), inode, vfs(task).timeNs());
        inode.setLinkable(false);
        vfs(task).dentries().added(p.directory().dentry().addChild(p.name(), inode.retain()));
        vfs(task).notifications().linked(inode);
        vfs(task).notifications().entry(p.directory().inode(), p.name(), inode, InotifyMark.IN_CREATE);
        return 0;
    }

    /** proc(5) fs.protected_hardlinks = 1: only to what one owns, or to a plain file that one may read and write. */
    private static boolean mayLink(Inode inode, Credentials who) {
        int mode = inode.mode();
        int groupExec = 02000 | 0010;
        boolean isSafe = inode.isRegular() && (mode & 04000) == 0 && (mode & groupExec) != groupExec
            && Permissions.allows(inode, who, Permissions.READ | Permissions.WRITE);
        return isSafe || who.fsuid() == inode.uid() || who.isRoot();
    }

    /** The place for a new entry. EEXIST before EACCES and EROFS; ENOENT: a trailing slash where no directory is made. */
    private static PathWalk.Parent parentForNew(Task task, int dirfd, long pathAddress, boolean isDirectory) {
        PathWalk.Parent p = PathWalk.parent(task, dirfd, UserArgs.path(task, pathAddress));
        if (p.kind() != PathWalk.Parent.NORMAL) {
            throw new ErrnoException(EEXIST);
        }
        if (PathWalk.entry(vfs(task), p.directory(), p.name()) != null) {
            throw new ErrnoException(EEXIST);
        }
        if (p.hasTrailingSlash() && !isDirectory) {
            throw new ErrnoException(ENOENT);
        }
        return p;
    }

    // Removing

    static long unlink(Task task, SyscallArgs args) {
        return unlink(task, AT_FDCWD, args.raw(0));
    }

    static long rmdir(Task task, SyscallArgs args) {
        return rmdir(task, AT_FDCWD, args.raw(0));
    }

    static long unlinkat(Task task, SyscallArgs args) {
        int flags = args.int32(2);
        if ((flags & ~AT_REMOVEDIR) != 0) {
            return -EINVAL;
        }
        return flags != 0 ? rmdir(task, args.int32(0), args.raw(1)) : unlink(task, args.int32(0), args.raw(1));
    }

    private static long unlink(Task task, int dirfd, long path) {
        PathWalk.Parent p = PathWalk.parent(task, dirfd, UserArgs.path(task, path));
        if (p.kind() != PathWalk.Parent.NORMAL) {
            return -EISDIR;
        }
        Dentry victim = victim(task, p);
        if (p.hasTrailingSlash()) {
            return victim.inode().isDirectory() ? -EISDIR : -ENOTDIR;
        }
        Permissions.requireDelete(p.directory(), victim.inode(), task.credentials());
        if (victim.inode().isDirectory()) {
            return -EISDIR;
        }
        if (victim.isMountPoint()) {
            return -EBUSY;
        }
        p.directory().inode().unlink(p.name(), victim.inode(), vfs(task).timeNs());
        removed(task, p, victim);
        return 0;
    }

    private static long rmdir(Task task, int dirfd, long path) {
        PathWalk.Parent p = PathWalk.parent(task, dirfd, UserArgs.path(task, path));
        if (p.kind() != PathWalk.Parent.NORMAL) {
            return p.kind() == PathWalk.Parent.DOT ? -EINVAL : p.kind() == PathWalk.Parent.DOT_DOT ? -ENOTEMPTY : -EBUSY;
        }
        Dentry victim = victim(task, p);
        Permissions.requireDelete(p.directory(), victim.inode(), task.credentials());
        if (!victim.inode().isDirectory()) {
            return -ENOTDIR;
        }
        if (victim.isMountPoint()) {
            return -EBUSY;
        }
        p.directory().inode().rmdir(p.name(), victim.inode(), vfs(task).timeNs());
        removed(task, p, victim);
        return 0;
    }

    /** The entry itself, not what is mounted on it. ENOENT. */
    private static Dentry victim(Task task, PathWalk.Parent p) {
        Dentry d = entry(task, p);
        if (d == null) {
            throw new ErrnoException(ENOENT);
        }
        return d;
    }

    private static Dentry entry(Task task, PathWalk.Parent p) {
        Path at = PathWalk.entry(vfs(task), p.directory(), p.name());
        if (at == null) {
            return null;
        }
        Dentry cached = p.directory().dentry().child(p.name());
        return cached != null ? cached : at.dentry();
    }

    /** An entry is gone: the file hears of it before its directory, as on Linux. */
    private static void removed(Task task, PathWalk.Parent p, Dentry gone) {
        vfs(task).notifications().unlinked(gone.inode());
        vfs(task).notifications().entry(p.directory().inode(), p.name(), gone.inode(), InotifyMark.IN_DELETE);
        forget(task, gone);
    }

    private static void forget(Task task, Dentry gone) {
        gone.remove();
        vfs(task).release(gone.inode());
    }

    // Renaming

    static long rename(Task task, SyscallArgs args) {
        return rename(task, AT_FDCWD, args.raw(0), AT_FDCWD, args.raw(1), 0);
    }

    static long renameat(Task task, SyscallArgs args) {
        return rename(task, args.int32(0), args.raw(1), args.int32(2), args.raw(3), 0);
    }

    static long renameat2(Task task, SyscallArgs args) {
        return rename(task, args.int32(0), args.raw(1), args.int32(2), args.raw(3), args.int32(4));
    }

    private static long rename(Task task, int oldDirfd, long oldPath, int newDirfd, long newPath, int flags) {
        boolean isExchange = (flags & RENAME_EXCHANGE) != 0;
        if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0 || isExchange && flags != RENAME_EXCHANGE) {
            // RENAME_WHITEOUT: EINVAL is what a file system without them answers.
            return -EINVAL;
        }
        PathWalk.Parent from = PathWalk.parent(task, oldDirfd, UserArgs.path(task, oldPath));
        PathWalk.Parent to = PathWalk.parent(task, newDirfd, UserArgs.path(task, newPath));
        if (from.directory().mount() != to.directory().mount()) {
            return -EXDEV;
        }
        if (from.kind() != PathWalk.Parent.NORMAL || to.kind() != PathWalk.Parent.NORMAL) {
            return to.kind() != PathWalk.Parent.NORMAL && (flags & RENAME_NOREPLACE) != 0 && from.kind() == PathWalk.Parent.NORMAL ? -EEXIST : -EBUSY;
        }
        Dentry source = victim(task, from);
        Dentry replaced = entry(task, to);
        if ((flags & RENAME_NOREPLACE) != 0 && replaced != null) {
            return -EEXIST;
        }
        if (isExchange && replaced == null) {
            return -ENOENT;
        }
        if (isExchange && to.hasTrailingSlash() && !replaced.inode().isDirectory()) {
            return -ENOTDIR;
        }
        boolean isDirectory = source.inode().isDirectory();
        if (!isDirectory && (from.hasTrailingSlash() || replaced == null && to.hasTrailingSlash())) {
            return -ENOTDIR;
        }
        if (isDirectory && to.directory().dentry().isWithin(source)) {
            return -EINVAL;
        }
        if (replaced != null && from.directory().dentry().isWithin(replaced) && replaced.inode().isDirectory()) {
            return isExchange ? -EINVAL : -ENOTEMPTY;
        }
        // POSIX.1-2017 rename(): two names of one file: nothing happens.
        if (replaced != null && replaced.inode() == source.inode()) {
            return 0;
        }
        checkRename(task, from, to, source, replaced, isExchange);
        if (isExchange) {
            from.directory().inode().exchange(from.name(), source.inode(), to.directory().inode(), to.name(), replaced.inode(), vfs(task).timeNs());
            source.exchange(replaced);
            vfs(task).notifications().renamed(from.directory().inode(), from.name(), to.directory().inode(), to.name(), source.inode());
            vfs(task).notifications().renamed(to.directory().inode(), to.name(), from.directory().inode(), from.name(), replaced.inode());
            return 0;
        }
        from.directory().inode().rename(from.name(), source.inode(), to.directory().inode(), to.name(),
            replaced == null ? null : replaced.inode(), vfs(task).timeNs());
        vfs(task).notifications().renamed(from.directory().inode(), from.name(), to.directory().inode(), to.name(), source.inode());
        if (replaced != null) {
            vfs(task).notifications().unlinked(replaced.inode());
            forget(task, replaced);
        }
        source.moveTo(to.directory().dentry(), to.name());
        return 0;
    }

    private static void checkRename(Task task, PathWalk.Parent from, PathWalk.Parent to, Dentry source, Dentry replaced,
        boolean isExchange) {
        Permissions.requireDelete(from.directory(), source.inode(), task.credentials());
        boolean isDirectory = source.inode().isDirectory();
        if (replaced == null) {
            Permissions.requireCreate(to.directory(), task.credentials());
        } else {
            Permissions.requireDelete(to.directory(), replaced.inode(), task.credentials());
            if (isDirectory && !replaced.inode().isDirectory() && !isExchange) {
                throw new ErrnoException(ENOTDIR);
            }
            if (!isDirectory && replaced.inode().isDirectory() && !isExchange) {
                throw new ErrnoException(EISDIR);
            }
        }
        if (isDirectory && from.directory().inode() != to.directory().inode()) {
            // ".." changes.
            Permissions.require(source.inode(), task.credentials(), Permissions.WRITE);
        }
        if (isExchange && replaced.inode().isDirectory() && from.directory().inode() != to.directory().inode()) {
            Permissions.require(replaced.inode(), task.credentials(), Permissions.WRITE);
        }
        if (source.isMountPoint() || replaced != null && replaced.isMountPoint()) {
            throw new ErrnoException(EBUSY);
        }
    }

    // Reading links and directories' places

    static long readlink(Task task, SyscallArgs args) {
        return readlink(task, AT_FDCWD, args.raw(0), args.raw(1), args.int32(2));
    }

    static long readlinkat(Task task, SyscallArgs args) {
        return readlink(task, args.int32(0), args.raw(1), args.raw(2), args.int32(3));
    }

    /** EINVAL: size not positive, or no link; ENOENT for an empty path on what is no link. */
    private static long readlink(Task task, int dirfd, long pathAddress, long to, int size) {
        if (size <= 0) {
            return -EINVAL;
        }
        Path at = Stats.place(task, dirfd, pathAddress, PathWalk.NO_FOLLOW, AT_EMPTY_PATH);
        if (!at.inode().isSymlink()) {
            return -EINVAL;
        }
        String text = at.inode() instanceof MagicLink magic ? magic.text(task) : at.inode().readLink();
        byte[] bytes = new byte[Math.min(size, text.length())];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        UserArgs.put(task, to, bytes);
        return bytes.length;
    }

    /** getcwd(2): length with the NUL. ENOENT: it was removed; ERANGE. */
    static long getcwd(Task task, SyscallArgs args) {
        Path at = task.fs().directory();
        if (at.dentry().isRemoved()) {
            return -ENOENT;
        }
        String text = vfs(task).text(at, task.fs().root());
        if (args.raw(1) < text.length() + 1) {
            return -ERANGE;
        }
        byte[] bytes = new byte[text.length() + 1];
        for (int i = 0; i < text.length(); i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        UserArgs.put(task, args.raw(0), bytes);
        return bytes.length;
    }

    static long chdir(Task task, SyscallArgs args) {
        Path at = directory(task, UserArgs.path(task, args.raw(0)));
        task.fs().setDirectory(at);
        return 0;
    }

    private static Path directory(Task task, String path) {
        Path at = PathWalk.lookup(task, AT_FDCWD, path, PathWalk.FOLLOW);
        Permissions.requireDirectory(at.inode());
        Permissions.require(at.inode(), task.credentials(), Permissions.EXECUTE);
        return at;
    }

    static long fchdir(Task task, SyscallArgs args) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null) {
            return -EBADF;
        }
        Permissions.requireDirectory(file.inode());
        Permissions.require(file.inode(), task.credentials(), Permissions.EXECUTE);
        task.fs().setDirectory(file.path());
        return 0;
    }

    static long chroot(Task task, SyscallArgs args) {
        Path at = directory(task, UserArgs.path(task, args.raw(0)));
        if (!task.credentials().isRoot()) {
            return -EPERM;
        }
        task.fs().setRoot(at);
        return 0;
    }

    static long umask(Task task, SyscallArgs args) {
        return task.fs().setUmask(args.int32(0));
    }

    private static Vfs vfs(Task task) {
        return task.kernel().vfs();
    }
}
