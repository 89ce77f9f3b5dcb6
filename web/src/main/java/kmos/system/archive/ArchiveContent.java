// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.RootContent;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.pseudofs.PseudoFileSystems;
import kmos.kernel.task.Credentials;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.RootFiles;
import kmos.kernel.vfs.Vfs;

/**
 * An archive unpacked into the guest. Into a root in memory it simply goes; above a disk image, each top-level directory that
 * the image lacks becomes a tmpfs of its own, and elsewhere only files are added that are not there: the image stays as it is.
 */
public final class ArchiveContent implements RootContent {
    private static final int S_IFREG = 0100000, S_IFDIR = 0040000, S_IFLNK = 0120000;

    private final boolean isAboveImage;
    private Archive archive;
    private int next;
    /** The entry at next was looked for and was not there: when it is tried again, it is ours. */
    private boolean isOurs;
    private final List<String> seen = new ArrayList<>();
    private String problem = "";

    public ArchiveContent(Archive archive, boolean isAboveImage) {
        this.archive = archive;
        this.isAboveImage = isAboveImage;
    }

    /** Why it could not be unpacked whole, or "". */
    public String problem() {
        return problem;
    }

    @Override
    public void fill(Vfs vfs) {
        if (archive == null) {
            return;
        }
        RootFiles files = new RootFiles(vfs, vfs.lookup("/"));
        for (; next < archive.entries().size(); next++) {
            ArchiveEntry e = archive.entries().get(next);
            try {
                if (isAboveImage) {
                    mountTopDirectory(vfs, e);
                }
                put(vfs, files, e);
            } catch (ErrnoException failed) {
                problem = "rootfs: /" + e.path() + ": " + Errno.message(failed.errno());
                vfs.kernel().printk(3, problem);
                break;
            }
            isOurs = false;
        }
        archive = null; // its bytes
    }

    private void put(Vfs vfs, RootFiles files, ArchiveEntry e) {
        String path = "/" + e.path();
        if (isAboveImage && !isOurs && e.type() != S_IFDIR && exists(vfs, path)) {
            return;
        }
        isOurs = true;
        int permissions = e.mode() & 07777;
        switch (e.type()) {
            case S_IFDIR:
                // /proc and its like are in every archive of a root, and mounted already.
                boolean isLeft = isAboveImage ? e.path().isEmpty() || exists(vfs, path) : exists(vfs, path) && vfs.lookup(path).mount() != vfs.lookup("/").mount();
                if (!isLeft) {
                    files.directory(path, permissions, e.uid(), e.gid());
                }
                break;
            case S_IFLNK:
                files.symlink(path, e.link(), e.uid(), e.gid());
                break;
            case S_IFREG:
                if (e.link() != null) {
                    files.link(path, "/" + e.link());
                } else {
                    files.file(path, permissions, e.uid(), e.gid(), Arrays.copyOfRange(archive.bytes(), e.offset(), e.offset() + e.length()));
                }
                break;
            default:
                vfs.kernel().printk(4, "rootfs: " + path + ": devices, FIFOs and sockets of an archive are left out");
                break;
        }
    }

    private void mountTopDirectory(Vfs vfs, ArchiveEntry e) {
        int slash = e.path().indexOf('/');
        if (slash < 0 && e.type() != S_IFDIR || e.path().isEmpty()) {
            return;
        }
        String top = slash < 0 ? e.path() : e.path().substring(0, slash);
        if (seen.contains(top)) {
            return;
        }
        // NotReady below: done again. A directory that an earlier try has made has no mount yet.
        if (!exists(vfs, "/" + top)) {
            vfs.release(vfs.lookup("/").inode().create(top, Inode.S_IFDIR | 0755, 0, 0, 0, vfs.timeNs()));
            vfs.mounts().mount(PseudoFileSystems.create(vfs, "tmpfs", "mode=0755"), vfs.lookup("/" + top), "rootfs", MountFlags.MS_RELATIME);
        }
        seen.add(top);
    }

    private static boolean exists(Vfs vfs, String path) {
        try {
            PathWalk.lookup(vfs, vfs.lookup("/"), Credentials.ROOT, path, PathWalk.NO_FOLLOW);
            return true;
        } catch (ErrnoException absent) {
            if (absent.errno() != Errno.ENOENT) {
                throw absent;
            }
            return false;
        }
    }
}
