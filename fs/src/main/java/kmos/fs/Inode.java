// SPDX-License-Identifier: Apache-2.0
package kmos.fs;

import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Stateful;

/**
 * A file of any type. The VFS has checked permissions, name lengths, read-only mounts and types of the operands before;
 * an inode checks what only it can know (ENOENT, EEXIST, ENOTEMPTY, ENOSPC, EMLINK).
 *
 * <p>There is one Inode object per file while anybody uses it. The kernel counts references: retain, release;
 * when the last one goes, {@link #evict} is called, which for a file with no links frees its blocks.
 */
public abstract class Inode implements Stateful {
    /** File types in mode, stat(2). */
    public static final int S_IFMT = 0170000, S_IFSOCK = 0140000, S_IFLNK = 0120000, S_IFREG = 0100000, S_IFBLK = 0060000,
        S_IFDIR = 0040000, S_IFCHR = 0020000, S_IFIFO = 0010000;

    /** Receives directory entries; returns false to stop (the entry was not taken). */
    public interface EntryVisitor {
        /** nextPosition: where to continue after this entry. type: mode's file type bits shifted right by 12 (DT_*). */
        boolean entry(String name, long inodeNumber, int type, long nextPosition);
    }

    public abstract FileSystem fileSystem();

    /** st_ino. */
    public abstract long number();

    /** Type and permissions, st_mode. */
    public abstract int mode();

    public abstract int uid();

    public abstract int gid();

    public abstract int links();

    public abstract long size();

    /** Nanoseconds since 1970. */
    public abstract long accessTimeNs();

    public abstract long modifyTimeNs();

    public abstract long changeTimeNs();

    /** Device number of a character or block device (makedev form), else 0. */
    public int deviceNumber() {
        return 0;
    }

    /** st_blocks, in 512-byte units. */
    public long blocks() {
        return size() + 511 >>> 9;
    }

    /** chmod: permission bits only, type stays. Also sets the change time. */
    public abstract void setMode(int permissions, long nowNs);

    public abstract void setOwner(int uid, int gid, long nowNs);

    /** Times in ns since 1970; -1 leaves one as it is. The change time becomes nowNs. */
    public abstract void setTimes(long accessNs, long modifyNs, long nowNs);

    // Directories

    /** The entry's inode (retained for the caller), or null. "." and ".." are the VFS's business. */
    public Inode lookup(String name) {
        throw new ErrnoException(Errno.ENOTDIR);
    }

    /** A new file of the type in mode (regular, FIFO, socket, device with number rdev, directory). EEXIST, ENOSPC. Retained. */
    public Inode create(String name, int mode, int uid, int gid, int rdev, long nowNs) {
        throw new ErrnoException(Errno.EPERM);
    }

    public Inode symlink(String name, String target, int uid, int gid, long nowNs) {
        throw new ErrnoException(Errno.EPERM);
    }

    /** A hard link to target. EEXIST, EMLINK. */
    public void link(String name, Inode target, long nowNs) {
        throw new ErrnoException(Errno.EPERM);
    }

    /** Removes the entry; the file lives on while referred to. */
    public void unlink(String name, Inode target, long nowNs) {
        throw new ErrnoException(Errno.EPERM);
    }

    /** ENOTEMPTY. */
    public void rmdir(String name, Inode target, long nowNs) {
        throw new ErrnoException(Errno.EPERM);
    }

    /** Moves source, replacing replaced (null if there is none; its type fits and it is empty, or ENOTEMPTY). Same file system. */
    public void rename(String name, Inode source, Inode newDirectory, String newName, Inode replaced, long nowNs) {
        throw new ErrnoException(Errno.EPERM);
    }

    /** renameat2(RENAME_EXCHANGE): the two entries change places. Same file system. */
    public void exchange(String name, Inode source, Inode newDirectory, String newName, Inode other, long nowNs) {
        throw new ErrnoException(Errno.EINVAL);
    }

    /** A regular file without a name in this directory's file system (O_TMPFILE): links 0. Retained. EOPNOTSUPP. */
    public Inode unnamed(int mode, int uid, int gid, long nowNs) {
        throw new ErrnoException(Errno.EOPNOTSUPP);
    }

    /** Entries from position (0 at first), "." and ".." included. */
    public void readDirectory(long position, EntryVisitor visitor) {
        throw new ErrnoException(Errno.ENOTDIR);
    }

    public String readLink() {
        throw new ErrnoException(Errno.EINVAL);
    }

    // Extended attributes (xattr(7)); names are whole, with their prefix

    /** The value, or null. EOPNOTSUPP: the file system does not keep this kind of name. */
    public byte[] attribute(String name) {
        throw new ErrnoException(Errno.EOPNOTSUPP);
    }

    /** Sets one; value null removes it. ENOSPC. */
    public void setAttribute(String name, byte[] value, long nowNs) {
        throw new ErrnoException(Errno.EOPNOTSUPP);
    }

    public List<String> attributeNames() {
        return List.of();
    }

    // Data, by pages of 4 KiB in the kernel's page cache

    /**
     * Fills a page of the file: maps its blocks, starts the transfers and returns; page.ioDone comes later (or at once:
     * holes and pages past the end are zeroed). NotReady when metadata is missing: nothing was started.
     */
    public void readPage(CachedPage page) {
        throw new ErrnoException(Errno.EINVAL);
    }

    /**
     * Before bytes [from, to) of the page become dirty: allocates their blocks (ENOSPC, EFBIG, EIO).
     * NotReady: nothing happened.
     */
    public void prepareWrite(CachedPage page, int from, int to) {
        throw new ErrnoException(Errno.EINVAL);
    }

    /** Starts writing a dirty page to its blocks; page.ioDone comes later. */
    public void writePage(CachedPage page) {
        throw new ErrnoException(Errno.EINVAL);
    }

    /** Whether dirty pages have a device to go to (false: tmpfs, whose pages are the file). */
    public boolean hasBackingDevice() {
        return true;
    }

    /**
     * Sets the size, freeing blocks behind it; the page cache was cut before. Growing leaves a hole. EFBIG, ENOSPC.
     * A write past the end calls this too, after its pages are filled.
     */
    public void setSize(long size, long nowNs) {
        throw new ErrnoException(Errno.EINVAL);
    }

    /** A write happened: modify and change time. */
    public void touch(long nowNs) {
        setTimes(-1, nowNs, nowNs);
    }

    // Life

    private int references;
    /** Made without a name and may still get one: linkat(2) of O_TMPFILE. */
    private boolean isLinkable;
    /** Derived: the kernel's page cache of this file (Linux i_mapping), null while it has no page. */
    private Object cachedPages;

    /** What the kernel's page cache keeps with this file; for the kernel alone. */
    public final Object cachedPages() {
        return cachedPages;
    }

    public final void setCachedPages(Object pages) {
        cachedPages = pages;
    }

    public final int references() {
        return references;
    }

    public final Inode retain() {
        references++;
        return this;
    }

    /** True when this was the last reference: the caller (the VFS) then drops the pages and calls {@link #evict}. */
    public final boolean release() {
        references--;
        return references == 0;
    }

    public final boolean isLinkable() {
        return isLinkable;
    }

    public final void setLinkable(boolean linkable) {
        isLinkable = linkable;
    }

    /** Nobody refers to it any more. Without links its storage is freed. NotReady: call again. */
    public void evict() {
    }

    /** For state methods of subclasses: the reference count. */
    protected final void stateReferences(kmos.base.StateFields s) {
        references = s.i32("references", references);
        isLinkable = s.bool("isLinkable", isLinkable);
    }

    public final boolean isDirectory() {
        return (mode() & S_IFMT) == S_IFDIR;
    }

    public final boolean isRegular() {
        return (mode() & S_IFMT) == S_IFREG;
    }

    public final boolean isSymlink() {
        return (mode() & S_IFMT) == S_IFLNK;
    }
}
