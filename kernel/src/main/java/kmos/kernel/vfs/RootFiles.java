// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.mm.PageCache;
import kmos.kernel.task.Credentials;

/**
 * Fills a file system in memory from a list of files before the first process runs (an initramfs, --copy-in). Only for
 * file systems without a device: nothing here may have to wait.
 */
public final class RootFiles {
    private final Vfs vfs;
    private final Path root;

    /** root: where the paths start. */
    public RootFiles(Vfs vfs, Path root) {
        this.vfs = vfs;
        this.root = root;
    }

    /** A directory and those above it that are missing (mode 0755). An existing one gets mode and owner. */
    public void directory(String path, int permissions, int uid, int gid) {
        Inode inode = makeDirectories(path).inode();
        inode.setMode(permissions, vfs.timeNs());
        inode.setOwner(uid, gid, vfs.timeNs());
    }

    /** A regular file with these bytes; one that is there is replaced. ErrnoException ENOSPC. */
    public void file(String path, int permissions, int uid, int gid, byte[] content) {
        Path directory = makeDirectories(parentOf(path));
        String name = nameOf(path);
        Path there = PathWalk.entry(vfs, directory, name);
        Inode inode = there != null ? there.inode() : enter(directory, name, Inode.S_IFREG | permissions, uid, gid, 0);
        Kernel kernel = vfs.kernel();
        PageCache cache = kernel.pageCache();
        if (there != null) {
            RegularFile.truncate(vfs, inode, 0);
            inode.setMode(permissions, vfs.timeNs());
            inode.setOwner(uid, gid, vfs.timeNs());
        }
        for (int at = 0; at < content.length; at += CachedPage.SIZE) {
            int n = Math.min(CachedPage.SIZE, content.length - at);
            CachedPage page = cache.getForOverwrite(inode, at >> 12);
            inode.prepareWrite(page, 0, n);
            kernel.machine().memory().write(cache.frame(page), content, at, n);
            page.setUpToDate();
            cache.markDirty(page);
        }
        inode.setSize(content.length, vfs.timeNs());
    }

    public void symlink(String path, String target, int uid, int gid) {
        Path directory = makeDirectories(parentOf(path));
        String name = nameOf(path);
        if (PathWalk.entry(vfs, directory, name) == null) {
            vfs.dentries().added(directory.dentry().addChild(name, directory.inode().symlink(name, target, uid, gid, vfs.timeNs())));
        }
    }

    /** Another name of a file that is there. ErrnoException ENOENT, EXDEV. */
    public void link(String path, String existing) {
        Path directory = makeDirectories(parentOf(path));
        Path target = PathWalk.lookup(vfs, root, Credentials.ROOT, existing, PathWalk.NO_FOLLOW);
        if (target.mount() != directory.mount()) {
            throw new ErrnoException(Errno.EXDEV);
        }
        if (PathWalk.entry(vfs, directory, nameOf(path)) == null) {
            directory.inode().link(nameOf(path), target.inode(), vfs.timeNs());
        }
    }

    /** A device, FIFO or socket: mode with its type. */
    public void node(String path, int mode, int uid, int gid, int device) {
        Path directory = makeDirectories(parentOf(path));
        if (PathWalk.entry(vfs, directory, nameOf(path)) == null) {
            enter(directory, nameOf(path), mode, uid, gid, device);
        }
    }

    private Inode enter(Path directory, String name, int mode, int uid, int gid, int device) {
        Inode inode = directory.inode().create(name, mode, uid, gid, device, vfs.timeNs());
        vfs.dentries().added(directory.dentry().addChild(name, inode));
        return inode;
    }

    private Path makeDirectories(String path) {
        Path at = root;
        for (int from = 0; from < path.length();) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            String name = path.substring(from, end);
            from = end + 1;
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            Path next = PathWalk.entry(vfs, at, name);
            if (next == null) {
                enter(at, name, Inode.S_IFDIR | 0755, 0, 0, 0);
                next = PathWalk.entry(vfs, at, name);
            } else if (next.inode().isSymlink()) {
                next = PathWalk.lookup(vfs, root, Credentials.ROOT, vfs.text(next, root), PathWalk.FOLLOW);
            }
            Permissions.requireDirectory(next.inode());
            at = next;
        }
        return at;
    }

    private static String parentOf(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static String nameOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
