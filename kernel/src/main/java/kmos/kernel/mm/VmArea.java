// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;
import kmos.kernel.vfs.Dentry;

/** A range of an address space with one backing and one protection (Linux vm_area_struct). */
public final class VmArea implements Stateful {
    /** Protection bits are those of mmap (PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4). */
    public static final int READ = 1, WRITE = 2, EXEC = 4, SHARED = 8, MAY_WRITE = 0x20, GROWS_DOWN = 0x100, STACK = 0x200, HEAP = 0x400,
        DONT_FORK = 0x800, LOCKED = 0x1000, WIPE_ON_FORK = 0x2000, NO_RESERVE = 0x4000, VVAR = 0x8000, VDSO = 0x10000;

    AddressSpace space;
    long start;
    long end;
    int flags;
    Inode inode;
    Dentry dentry;
    /** First page of the file that is mapped. */
    long firstPage;

    /** For loading a saved state. */
    public VmArea() { }

    VmArea(AddressSpace space, long start, long end, int flags, Inode inode, Dentry dentry, long firstPage) {
        this.space = space;
        this.start = start;
        this.end = end;
        this.flags = flags;
        this.inode = inode;
        this.dentry = dentry;
        this.firstPage = firstPage;
    }

    public AddressSpace space() {
        return space;
    }

    public long start() {
        return start;
    }

    /** First address behind. */
    public long end() {
        return end;
    }

    public int flags() {
        return flags;
    }

    public boolean isShared() {
        return (flags & SHARED) != 0;
    }

    public boolean isReadable() {
        return (flags & READ) != 0;
    }

    public boolean isWritable() {
        return (flags & WRITE) != 0;
    }

    public boolean isExecutable() {
        return (flags & EXEC) != 0;
    }

    /** The mapped file, or null for anonymous memory. */
    public Inode inode() {
        return inode;
    }

    /** Its name, or null. */
    public Dentry dentry() {
        return dentry;
    }

    /** Offset of the first byte in the file. */
    public long fileOffset() {
        return firstPage << 12;
    }

    /** Which page of the file is at an address. */
    long pageIndex(long address) {
        return firstPage + (address - start >>> 12);
    }

    int pages() {
        return (int) (end - start >>> 12);
    }

    @Override
    public void state(StateFields s) {
        space = s.ref("space", space, AddressSpace.class);
        start = s.i64("start", start);
        end = s.i64("end", end);
        flags = s.i32("flags", flags);
        inode = s.ref("inode", inode, Inode.class);
        dentry = s.ref("dentry", dentry, Dentry.class);
        firstPage = s.i64("firstPage", firstPage);
    }
}
