// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;
import static kmos.kernel.abi.MountFlags.MS_NODEV;

import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;

/** open(2): from a path to an open file (Linux do_open and may_open). */
public final class Opening {
    private Opening() { }

    /**
     * The open file, created if asked for. ErrnoException; null: a FIFO waits for its other end, which is in
     * task.frame().scratch.
     */
    public static FileDescription open(Task task, int dirfd, String path, int flags, int mode) {
        if (task.frame().scratch instanceof PipeFile waiting) {
            return finishFifo(task, waiting);
        }
        if ((flags & O_TMPFILE) == O_TMPFILE) {
            return openUnnamed(task, dirfd, path, flags, mode);
        }
        boolean isPathOnly = (flags & O_PATH) != 0;
        int follow = (flags & O_NOFOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        if (isPathOnly || (flags & O_CREAT) == 0) {
            Path at = PathWalk.lookup(task, dirfd, path, follow);
            return openFound(task, at, flags, false);
        }
        if ((flags & O_EXCL) != 0) {
            follow = PathWalk.NO_FOLLOW;
        }
        PathWalk.Target target = PathWalk.creation(task, dirfd, path, follow);
        PathWalk.Parent parent = target.parent();
        if (parent.kind() != PathWalk.Parent.NORMAL || parent.hasTrailingSlash()) {
            throw new ErrnoException((flags & O_EXCL) != 0 && target.found() != null ? EEXIST : EISDIR);
        }
        if (target.found() != null) {
            if ((flags & O_EXCL) != 0) {
                throw new ErrnoException(EEXIST);
            }
            if (target.found().inode().isDirectory()) {
                throw new ErrnoException(EISDIR);
            }
            return openFound(task, target.found(), flags, false);
        }
        Path made = create(task, parent.directory(), parent.name(), Inode.S_IFREG | mode & 07777 & ~task.fs().umask(), 0);
        return openFound(task, made, flags, true);
    }

    /** O_TMPFILE: a file in a directory's file system that has no name; linkat(2) may give it one unless O_EXCL. */
    private static FileDescription openUnnamed(Task task, int dirfd, String path, int flags, int mode) {
        Path directory = PathWalk.lookup(task, dirfd, path, PathWalk.FOLLOW);
        Permissions.requireDirectory(directory.inode());
        Permissions.requireCreate(directory, task.credentials());
        Credentials who = task.credentials();
        Inode d = directory.inode();
        int gid = (d.mode() & S_ISGID) != 0 ? d.gid() : who.fsgid();
        Inode file = d.unnamed(Inode.S_IFREG | mode & 07777 & ~task.fs().umask(), who.fsuid(), gid, task.kernel().vfs().timeNs());
        file.setLinkable((flags & O_EXCL) == 0);
        Path at = new Path(directory.mount(), directory.dentry().unnamedChild(file));
        FileDescription opened = new RegularFile(task.kernel().vfs(), at, flags);
        // The description holds its own reference; there is no name to hold another.
        task.kernel().vfs().release(file);
        return opened;
    }

    /** A new file in a directory, after the permission checks; the set-gid bit of the directory is inherited. */
    public static Path create(Task task, Path directory, String name, int mode, int rdev) {
        Permissions.requireCreate(directory, task.credentials());
        Vfs vfs = task.kernel().vfs();
        Credentials who = task.credentials();
        Inode d = directory.inode();
        int gid = who.fsgid();
        if ((d.mode() & S_ISGID) != 0) {
            gid = d.gid();
            if ((mode & Inode.S_IFMT) == Inode.S_IFDIR) {
                mode |= S_ISGID;
            } else if ((mode & (S_ISGID | 010)) == (S_ISGID | 010) && !who.isMember(gid) && who.fsuid() != 0) {
                mode &= ~S_ISGID;
            }
        }
        Inode inode = d.create(name, mode, who.fsuid(), gid, rdev, vfs.timeNs());
        Path made = new Path(directory.mount(), vfs.dentries().added(directory.dentry().addChild(name, inode)));
        vfs.notifications().entry(d, name, inode, InotifyMark.IN_CREATE);
        return made;
    }

    /** An existing file. isNew: just created by this call, so its mode does not count. */
    public static FileDescription openFound(Task task, Path at, int flags, boolean isNew) {
        Inode inode = at.inode();
        Vfs vfs = task.kernel().vfs();
        if ((flags & O_PATH) != 0) {
            requireDirectoryIfAsked(inode, flags);
            return new PathFile(vfs, at, flags);
        }
        if (inode.isSymlink()) {
            throw new ErrnoException(ELOOP);
        }
        requireDirectoryIfAsked(inode, flags);
        boolean writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC) != 0;
        if (inode.isDirectory() && writes) {
            throw new ErrnoException(EISDIR);
        }
        int type = inode.mode() & Inode.S_IFMT;
        if ((type == Inode.S_IFCHR || type == Inode.S_IFBLK) && at.mount() != null && (at.mount().flags() & MS_NODEV) != 0) {
            throw new ErrnoException(EACCES);
        }
        if (!isNew) {
            int access = (flags & O_ACCMODE) == O_RDONLY ? Permissions.READ : (flags & O_ACCMODE) == O_WRONLY ? Permissions.WRITE
                : Permissions.READ | Permissions.WRITE;
            if (writes) {
                access |= Permissions.WRITE;
                if (at.mount() != null) {
                    Permissions.requireWrite(at, task.credentials());
                }
            }
            Permissions.require(inode, task.credentials(), access);
            if ((flags & O_NOATIME) != 0) {
                Permissions.requireOwner(inode, task.credentials());
            }
        }
        if ((flags & O_TRUNC) != 0 && inode.isRegular() && !isNew && !(inode instanceof SelfOpening)) {
            RegularFile.truncate(vfs, inode, 0);
            vfs.notifications().file(at.dentry(), InotifyMark.IN_MODIFY);
        }
        FileDescription file = describe(task, at, flags, type);
        vfs.notifications().file(at.dentry(), InotifyMark.IN_OPEN);
        return file;
    }

    private static FileDescription describe(Task task, Path at, int flags, int type) {
        Vfs vfs = task.kernel().vfs();
        Inode inode = at.inode();
        if (inode instanceof SelfOpening self) {
            return self.open(task, at, flags);
        }
        switch (type) {
            case Inode.S_IFREG: return new RegularFile(vfs, at, flags);
            case Inode.S_IFDIR: return new DirectoryFile(vfs, at, flags);
            case Inode.S_IFIFO: return openFifo(task, at, flags);
            case Inode.S_IFCHR: {
                CharDevices.Opener opener = vfs.charDevices().find(inode.deviceNumber());
                if (opener == null) {
                    throw new ErrnoException(ENXIO);
                }
                return opener.open(task, at, flags, kmos.kernel.abi.DeviceNumbers.minor(inode.deviceNumber()));
            }
            case Inode.S_IFBLK: return vfs.blockDevices().open(at, flags);
            default: throw new ErrnoException(ENXIO);
        }
    }

    private static FileDescription openFifo(Task task, Path at, int flags) {
        Vfs vfs = task.kernel().vfs();
        Inode inode = at.inode();
        Fifo fifo = vfs.fifo(inode);
        if ((flags & (O_ACCMODE | O_NONBLOCK)) == (O_WRONLY | O_NONBLOCK) && fifo.pipe().readers() == 0) {
            throw new ErrnoException(ENXIO);
        }
        PipeFile file = new PipeFile(vfs, at, flags, fifo.pipe(), fifo);
        if ((flags & O_NONBLOCK) == 0 && file.lacksPeer()) {
            task.frame().scratch = file;
            return null;
        }
        return file;
    }

    private static FileDescription finishFifo(Task task, PipeFile file) {
        if (file.lacksPeer()) {
            return null;
        }
        task.frame().scratch = null;
        return file;
    }

    /** The wait that open promised with null: BLOCKED, or -ERESTARTSYS with the FIFO closed again. */
    public static long waitForPeer(Task task) {
        PipeFile file = (PipeFile) task.frame().scratch;
        long result = task.blockOn(file.waitQueue());
        if (result != Task.BLOCKED) {
            task.frame().scratch = null;
            file.release();
        }
        return result;
    }

    private static void requireDirectoryIfAsked(Inode inode, int flags) {
        if ((flags & O_DIRECTORY) != 0) {
            Permissions.requireDirectory(inode);
        }
    }
}
