// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EBADF;
import static kmos.base.Errno.ELOOP;
import static kmos.base.Errno.ENAMETOOLONG;
import static kmos.base.Errno.ENOENT;
import static kmos.base.Errno.ENOTDIR;

import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;

/**
 * From a path name to a place in the tree (path_resolution(7), Linux fs/namei.c). Has no effect but filling the dentry
 * cache, so a NotReady on the way just means another walk.
 */
public final class PathWalk {
    /** What to do with a symbolic link at the end. */
    public static final int FOLLOW = 1, NO_FOLLOW = 0;

    /** Where an entry is or would be: its directory and its last component. kind: what the component is. */
    public record Parent(Path directory, String name, int kind, boolean hasTrailingSlash) {
        /** kind. ROOT: the path was "/" or only slashes. */
        public static final int NORMAL = 0, DOT = 1, DOT_DOT = 2, ROOT = 3;
    }

    /** found is null when the name is free. */
    public record Target(Parent parent, Path found) { }

    private final Vfs vfs;
    private final Path root;
    private final Credentials who;
    private final Task task;
    private int links;

    private PathWalk(Vfs vfs, Path root, Credentials who, Task task) {
        this.vfs = vfs;
        this.root = root;
        this.who = who;
        this.task = task;
    }

    /** The place a task names, starting at dirfd (AT_FDCWD: its working directory). */
    public static Path lookup(Task task, int dirfd, String path, int follow) {
        return lookup(task, task.credentials(), dirfd, path, follow);
    }

    /** The same with other rights: access(2) asks with the real ids. */
    public static Path lookup(Task task, Credentials who, int dirfd, String path, int follow) {
        Path start = start(task, dirfd, path);
        return new PathWalk(task.kernel().vfs(), task.fs().root(), who, task).walk(start, path, follow);
    }

    /** The place of the last component, which need not exist. */
    public static Parent parent(Task task, int dirfd, String path) {
        Path start = start(task, dirfd, path);
        return new PathWalk(task.kernel().vfs(), task.fs().root(), task.credentials(), task).walkParent(start, path);
    }

    /** Without a task: the kernel's own look at a path from a root, with root's rights. */
    public static Path lookup(Vfs vfs, Path root, Credentials who, String path, int follow) {
        return new PathWalk(vfs, root, who, null).walk(root, path, follow);
    }

    static Parent parent(Vfs vfs, Path root, Credentials who, String path) {
        return new PathWalk(vfs, root, who, null).walkParent(root, path);
    }

    /** The entry in a directory that the caller may search, or null. Mounts are crossed. */
    public static Path entry(Vfs vfs, Path directory, String name) {
        Dentry d = directory.dentry();
        Dentry child = d.child(name);
        if (child == null) {
            Inode inode = d.isRemoved() ? null : d.inode().lookup(name);
            if (inode == null) {
                return null;
            }
            child = vfs.isCached(d.inode()) ? vfs.dentries().added(d.addChild(name, inode)) : d.uncachedChild(name, inode);
        }
        return vfs.mounts().cross(directory.mount(), child);
    }

    private static Path start(Task task, int dirfd, String path) {
        if (path.startsWith("/")) {
            return task.fs().root();
        }
        if (dirfd == Fcntl.AT_FDCWD || path.isEmpty()) {
            return task.fs().directory();
        }
        FileDescription f = task.files().get(dirfd);
        if (f == null) {
            throw new ErrnoException(EBADF);
        }
        if (!f.inode().isDirectory()) {
            throw new ErrnoException(ENOTDIR);
        }
        return f.path();
    }

    /** For open(2) with O_CREAT: symbolic links at the end are followed up to the place where the file is or would be. */
    public static Target creation(Task task, int dirfd, String path, int follow) {
        Path start = start(task, dirfd, path);
        return new PathWalk(task.kernel().vfs(), task.fs().root(), task.credentials(), task).walkCreation(start, path, follow);
    }

    private Target walkCreation(Path start, String path, int follow) {
        Path from = start;
        for (String rest = path;;) {
            Parent p = walkParent(from, rest);
            if (p.kind != Parent.NORMAL) {
                return new Target(p, last(p, false));
            }
            Permissions.require(p.directory.inode(), who, Permissions.EXECUTE);
            Path at = entry(vfs, p.directory, p.name);
            if (at == null || follow != FOLLOW || !at.inode().isSymlink()) {
                return new Target(p, at);
            }
            if (++links > Fcntl.SYMLINK_MAX) {
                throw new ErrnoException(ELOOP);
            }
            if (at.inode() instanceof MagicLink magic) {
                Path there = magic.follow(task);
                if (there != null) {
                    return new Target(p, there);
                }
                rest = magic.text(task);
            } else {
                rest = at.inode().readLink();
            }
            from = p.directory;
        }
    }

    private Path walk(Path start, String path, int follow) {
        if (path.isEmpty()) {
            throw new ErrnoException(ENOENT);
        }
        Parent p = walkParent(start, path);
        Path at = last(p, follow == FOLLOW || p.hasTrailingSlash);
        if (p.hasTrailingSlash) {
            Permissions.requireDirectory(at.inode());
        }
        return at;
    }

    private Path last(Parent p, boolean follows) {
        if (p.kind == Parent.ROOT || p.kind == Parent.DOT) {
            return p.directory;
        }
        Permissions.require(p.directory.inode(), who, Permissions.EXECUTE);
        if (p.kind == Parent.DOT_DOT) {
            return up(p.directory);
        }
        Path at = entry(vfs, p.directory, p.name);
        if (at == null) {
            throw new ErrnoException(ENOENT);
        }
        return follows && at.inode().isSymlink() ? followLink(p.directory, at) : at;
    }

    private Path followLink(Path directory, Path link) {
        if (++links > Fcntl.SYMLINK_MAX) {
            throw new ErrnoException(ELOOP);
        }
        String target;
        if (link.inode() instanceof MagicLink magic) {
            Path there = magic.follow(task);
            if (there != null) {
                return there;
            }
            target = magic.text(task);
        } else {
            target = link.inode().readLink();
        }
        return walk(target.startsWith("/") ? root : directory, target, FOLLOW);
    }

    private Parent walkParent(Path start, String path) {
        if (path.isEmpty()) {
            throw new ErrnoException(ENOENT);
        }
        if (path.length() >= Fcntl.PATH_MAX) {
            throw new ErrnoException(ENAMETOOLONG);
        }
        Path at = path.charAt(0) == '/' ? root : start;
        int i = skipSlashes(path, 0);
        if (i == path.length()) {
            return new Parent(at, "/", Parent.ROOT, false);
        }
        for (;;) {
            int end = path.indexOf('/', i);
            String name = end < 0 ? path.substring(i) : path.substring(i, end);
            int next = end < 0 ? path.length() : skipSlashes(path, end);
            Permissions.requireDirectory(at.inode());
            int kind = name.equals(".") ? Parent.DOT : name.equals("..") ? Parent.DOT_DOT : Parent.NORMAL;
            Permissions.require(at.inode(), who, Permissions.EXECUTE);
            if (name.length() > Fcntl.NAME_MAX) {
                throw new ErrnoException(ENAMETOOLONG);
            }
            Parent step = new Parent(at, name, kind, end >= 0);
            if (next == path.length()) {
                return step;
            }
            at = last(step, true);
            i = next;
        }
    }

    /** "..": stays at the task's root, and leaves a mount at its root. */
    private Path up(Path at) {
        Mount mount = at.mount();
        Dentry dentry = at.dentry();
        for (;;) {
            if (dentry == root.dentry() && mount == root.mount()) {
                return new Path(mount, dentry);
            }
            if (dentry != mount.root()) {
                Dentry parent = dentry.parent();
                return parent == null ? new Path(mount, dentry) : vfs.mounts().cross(mount, parent);
            }
            if (mount.parent() == null) {
                return new Path(mount, dentry);
            }
            dentry = mount.mountPoint();
            mount = mount.parent();
        }
    }

    private static int skipSlashes(String path, int i) {
        while (i < path.length() && path.charAt(i) == '/') {
            i++;
        }
        return i;
    }
}
