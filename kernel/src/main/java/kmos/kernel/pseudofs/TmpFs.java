// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.vfs.Vfs;

/** A file system in memory (tmpfs(5)): names in Java objects, data in pages of the page cache that are never written back. */
public final class TmpFs extends FileSystem {
    private final Vfs vfs;
    private int device;
    private String typeName = "tmpfs";
    private TmpInode root;
    private long maximumPages;
    private long maximumInodes;
    private long usedPages;
    private long usedInodes;
    private long nextNumber = 1;

    /** For loading a saved state. */
    public TmpFs(Vfs vfs) {
        super(0);
        this.vfs = vfs;
    }

    /** typeName: tmpfs, devtmpfs, ramfs, sysfs. maximumPages: its size in pages of 4 KiB. */
    public TmpFs(Vfs vfs, String typeName, long maximumPages, long maximumInodes, int rootMode) {
        super(0);
        this.vfs = vfs;
        this.device = vfs.anonymousDevice();
        this.typeName = typeName;
        this.maximumPages = maximumPages;
        this.maximumInodes = maximumInodes;
        root = newInode(Inode.S_IFDIR | rootMode, 0, 0, 0, vfs.timeNs());
        root.becomeRoot();
        root.retain();
    }

    @Override
    public int device() {
        return device;
    }

    Vfs vfs() {
        return vfs;
    }

    @Override
    public String typeName() {
        return typeName;
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public Statistics statistics() {
        int magic = typeName.equals("sysfs") ? MountFlags.SYSFS_MAGIC : typeName.equals("ramfs") ? MountFlags.RAMFS_MAGIC : MountFlags.TMPFS_MAGIC;
        return new Statistics(magic, 4096, maximumPages, maximumPages - usedPages, maximumPages - usedPages,
            maximumInodes, maximumInodes - usedInodes, 255);
    }

    /** remount with another size. */
    public void setMaximumPages(long pages) {
        maximumPages = pages;
    }

    public void setMaximumInodes(long inodes) {
        maximumInodes = inodes;
    }

    /** A file without a name (memfd_create, O_TMPFILE): links 0. Retained. */
    public Inode newUnnamed(int mode, int uid, int gid) {
        TmpInode inode = newInode(mode, uid, gid, 0, vfs.timeNs());
        inode.retain();
        return inode;
    }

    /** ENOSPC when there are too many. */
    TmpInode newInode(int mode, int uid, int gid, int rdev, long nowNs) {
        if (usedInodes >= maximumInodes) {
            throw new kmos.base.ErrnoException(kmos.base.Errno.ENOSPC);
        }
        usedInodes++;
        return new TmpInode(this, nextNumber++, mode, uid, gid, rdev, nowNs);
    }

    void inodeFreed() {
        usedInodes--;
    }

    /** Takes one more page. ENOSPC. */
    void chargePage() {
        if (usedPages >= maximumPages) {
            throw new kmos.base.ErrnoException(kmos.base.Errno.ENOSPC);
        }
        usedPages++;
    }

    void pagesFreed(long count) {
        usedPages -= count;
    }

    @Override
    public void state(StateFields s) {
        device = s.i32("device", device);
        typeName = s.text("typeName", typeName);
        root = s.ref("root", root, TmpInode.class);
        maximumPages = s.i64("maximumPages", maximumPages);
        maximumInodes = s.i64("maximumInodes", maximumInodes);
        usedPages = s.i64("usedPages", usedPages);
        usedInodes = s.i64("usedInodes", usedInodes);
        nextNumber = s.i64("nextNumber", nextNumber);
    }
}
