// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.MmanAbi.*;

import kmos.fs.Inode;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.PageTable;
import kmos.kernel.mm.ShmemInode;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.Dentry;
import kmos.kernel.vfs.FileDescription;

/** mmap(2) and its family. */
final class MemoryMap {
    private MemoryMap() { }

    /** Offset in bytes: amd64. */
    static long mmap(Task task, SyscallArgs args) {
        if ((args.raw(5) & 0xFFF) != 0) {
            return -EINVAL;
        }
        return map(task, args.raw(0), args.raw(1), args.int32(2), args.int32(3), args.int32(4), args.raw(5) >>> 12);
    }

    /** Offset in pages: i386. */
    static long mmap2(Task task, SyscallArgs args) {
        return map(task, args.raw(0), args.raw(1), args.int32(2), args.int32(3), args.int32(4), args.unsigned32(5));
    }

    /** i386's first mmap: six words in memory. */
    static long oldMmap(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        long at = args.raw(0);
        long[] a = new long[6];
        for (int i = 0; i < 6; i++) {
            a[i] = user.read32(at + i * 4L) & 0xFFFFFFFFL;
        }
        if ((a[5] & 0xFFF) != 0) {
            return -EINVAL;
        }
        return map(task, a[0], a[1], (int) a[2], (int) a[3], (int) a[4], a[5] >>> 12);
    }

    /** EBADF, EINVAL, EACCES, ENODEV, EPERM, ENOMEM, EOVERFLOW, EEXIST. */
    private static long map(Task task, long address, long length, int protection, int flags, int fd, long firstPage) {
        FileDescription file = null;
        if ((flags & MAP_ANONYMOUS) == 0) {
            file = task.files().get(fd);
            if (file == null || file.isPathOnly()) {
                return -EBADF;
            }
        }
        if (length == 0) {
            return -EINVAL;
        }
        long size = length + 0xFFF & ~0xFFFL;
        if (size == 0 || Long.compareUnsigned(size, length) < 0) {
            return -ENOMEM;
        }
        if (firstPage + (size >>> 12) < firstPage) {
            return -EOVERFLOW;
        }
        int type = flags & MAP_TYPE;
        if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE || type == MAP_SHARED_VALIDATE && file == null) {
            return -EINVAL;
        }
        boolean isShared = type != MAP_PRIVATE;
        int area = areaFlags(protection) | (isShared ? VmArea.SHARED : 0) | VmArea.MAY_WRITE;
        Inode inode = null;
        Dentry dentry = null;
        if (file != null) {
            if (!file.isReadable()) {
                return -EACCES;
            }
            if (isShared && !file.isWritable()) {
                if ((protection & PROT_WRITE) != 0) {
                    return -EACCES;
                }
                area &= ~VmArea.MAY_WRITE;
            }
            if (file.isMappedAsZero()) {
                // /dev/zero: anonymous memory, or a fresh shared object.
                firstPage = 0;
            } else {
                inode = file.inode();
                dentry = file.dentry();
                if (inode == null || !inode.isRegular()) {
                    return -ENODEV;
                }
            }
        }
        if ((flags & MAP_HUGETLB) != 0) {
            return -EINVAL;
        }
        if ((flags & MAP_NORESERVE) != 0) {
            area |= VmArea.NO_RESERVE;
        }
        if ((flags & MAP_GROWSDOWN) != 0 && inode == null && !isShared) {
            area |= VmArea.GROWS_DOWN;
        }
        if ((flags & MAP_LOCKED) != 0 && !task.credentials().isRoot() && task.group().limit(SchedAbi.RLIMIT_MEMLOCK) == 0) {
            return -EPERM;
        }
        AddressSpace space = task.space();
        ShmemInode shared = null;
        if (inode == null && isShared) {
            shared = new ShmemInode(task.kernel().shmem(), size);
            shared.retain();
            inode = shared;
            firstPage = 0;
        }
        try {
            return space.map(address, size, area, flags, inode, dentry, firstPage);
        } finally {
            if (shared != null) {
                task.kernel().releaseInode(shared);
            }
        }
    }

    private static int areaFlags(int protection) {
        return ((protection & PROT_READ) != 0 ? VmArea.READ : 0) | ((protection & PROT_WRITE) != 0 ? VmArea.WRITE : 0)
            | ((protection & PROT_EXEC) != 0 ? VmArea.EXEC : 0);
    }

    /** Whether [start, start + size) lies in user memory. */
    private static boolean isUser(Task task, long start, long size) {
        long limit = task.space().taskSize();
        return Long.compareUnsigned(size, limit) <= 0 && Long.compareUnsigned(start, limit - size) <= 0;
    }

    private static long pages(long length) {
        return length + 0xFFF & ~0xFFFL;
    }

    static long munmap(Task task, SyscallArgs args) {
        long start = args.raw(0);
        long size = pages(args.raw(1));
        if ((start & 0xFFF) != 0 || !isUser(task, start, args.raw(1)) || size == 0) {
            return -EINVAL;
        }
        task.space().unmap(start, size);
        return 0;
    }

    static long mprotect(Task task, SyscallArgs args) {
        long start = args.raw(0);
        int protection = args.int32(2);
        int grows = protection & (PROT_GROWSDOWN | PROT_GROWSUP);
        if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (start & 0xFFF) != 0) {
            return -EINVAL;
        }
        if (args.raw(1) == 0) {
            return 0;
        }
        long size = pages(args.raw(1));
        if (size == 0 || !isUser(task, start, size)) {
            return -ENOMEM;
        }
        if ((protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP)) != 0) {
            return -EINVAL;
        }
        long from = start;
        if ((grows & PROT_GROWSDOWN) != 0) {
            VmArea area = task.space().findEndingAbove(start);
            if (area == null || area.start() >= start + size) {
                return -ENOMEM;
            }
            if ((area.flags() & VmArea.GROWS_DOWN) == 0) {
                return -EINVAL;
            }
            from = area.start();
        } else if ((grows & PROT_GROWSUP) != 0) {
            return -EINVAL;
        }
        task.space().protect(from, start + size - from, areaFlags(protection));
        return 0;
    }

    static long brk(Task task, SyscallArgs args) {
        return task.space().setBrkEnd(args.raw(0));
    }

    static long mremap(Task task, SyscallArgs args) {
        long old = args.raw(0);
        int flags = args.int32(3);
        if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 || (flags & (MREMAP_FIXED | MREMAP_MAYMOVE)) == MREMAP_FIXED
            || (flags & MREMAP_DONTUNMAP) != 0 && ((flags & MREMAP_MAYMOVE) == 0 || args.raw(1) != args.raw(2)) || (old & 0xFFF) != 0) {
            return -EINVAL;
        }
        long oldSize = pages(args.raw(1));
        long newSize = pages(args.raw(2));
        if (newSize == 0 || Long.compareUnsigned(newSize, task.space().taskSize()) > 0) {
            return -EINVAL;
        }
        if ((flags & MREMAP_FIXED) != 0 && (args.raw(4) & 0xFFF) != 0) {
            return -EINVAL;
        }
        return task.space().remap(old, oldSize, newSize, flags, args.raw(4));
    }

    /** EINVAL, EBUSY never; ENOMEM: a hole; NotReady until written with MS_SYNC. */
    static long msync(Task task, SyscallArgs args) {
        long start = args.raw(0);
        int flags = args.int32(2);
        if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 || (start & 0xFFF) != 0 || (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC)) {
            return -EINVAL;
        }
        long end = start + pages(args.raw(1));
        if (Long.compareUnsigned(end, start) < 0) {
            return -ENOMEM;
        }
        if ((flags & MS_SYNC) != 0) {
            for (VmArea area : task.space().areas()) {
                if (area.start() < end && area.end() > start && area.isShared() && area.inode() != null) {
                    task.kernel().pageCache().startWriteback(area.inode());
                    task.kernel().pageCache().waitForWriteback(area.inode());
                }
            }
        }
        return end == start || task.space().isMapped(start, end) ? 0 : -ENOMEM;
    }

    static long mincore(Task task, SyscallArgs args) {
        long start = args.raw(0);
        if ((start & 0xFFF) != 0) {
            return -EINVAL;
        }
        long size = pages(args.raw(1));
        if (!isUser(task, start, size) || size > 0 && !task.space().isMapped(start, start + size)) {
            return -ENOMEM;
        }
        byte[] present = new byte[(int) Math.min(size >>> 12, 4096)];
        for (long done = 0; done < size >>> 12;) {
            int n = (int) Math.min(present.length, (size >>> 12) - done);
            for (int i = 0; i < n; i++) {
                present[i] = (byte) (isResident(task, start + (done + i << 12)) ? 1 : 0);
            }
            if (task.user().copyOut(present, 0, args.raw(2) + done, n) != n) {
                return -EFAULT;
            }
            done += n;
        }
        return 0;
    }

    private static boolean isResident(Task task, long address) {
        if ((task.space().pageTable().get(address) & PageTable.PRESENT) != 0) {
            return true;
        }
        VmArea area = task.space().find(address);
        return area.inode() != null && task.kernel().pageCache().peek(area.inode(), area.fileOffset() + address - area.start() >>> 12) != null;
    }

    /** EINVAL: advice or alignment; ENOMEM: a hole (the rest is done). */
    static long madvise(Task task, SyscallArgs args) {
        long start = args.raw(0);
        int advice = args.int32(2);
        boolean isKnown = advice >= MADV_NORMAL && advice <= MADV_DONTNEED || advice >= MADV_FREE && advice <= MADV_POPULATE_WRITE;
        if (!isKnown || (start & 0xFFF) != 0) {
            return -EINVAL;
        }
        long size = pages(args.raw(1));
        if (size == 0 && args.raw(1) != 0 || Long.compareUnsigned(start + size, start) < 0) {
            return -EINVAL;
        }
        if (size == 0) {
            return 0;
        }
        AddressSpace space = task.space();
        long end = start + size;
        boolean hasHole = !space.isMapped(start, end);
        switch (advice) {
            case MADV_DONTNEED, MADV_FREE -> {
                for (VmArea a : space.areas()) {
                    if (a.start() < end && a.end() > start) {
                        if ((a.flags() & VmArea.LOCKED) != 0 || advice == MADV_FREE && a.inode() != null) {
                            return -EINVAL;
                        }
                        if (advice == MADV_DONTNEED) {
                            space.discard(Math.max(start, a.start()), Math.min(end, a.end()));
                        }
                    }
                }
            }
            case MADV_REMOVE, MADV_POPULATE_READ, MADV_POPULATE_WRITE -> {
                return -EINVAL;
            }
            case MADV_DONTFORK -> space.changeFlags(start, end, 0, VmArea.DONT_FORK);
            case MADV_DOFORK -> space.changeFlags(start, end, VmArea.DONT_FORK, 0);
            case MADV_WIPEONFORK -> space.changeFlags(start, end, 0, VmArea.WIPE_ON_FORK);
            case MADV_KEEPONFORK -> space.changeFlags(start, end, VmArea.WIPE_ON_FORK, 0);
            default -> {
                // Hints: nothing here depends on them.
            }
        }
        return hasHole ? -ENOMEM : 0;
    }

    // Nothing is ever swapped out: locking counts and marks, and brings pages in

    static long mlock(Task task, SyscallArgs args) {
        return lock(task, args.raw(0), args.raw(1), true);
    }

    static long mlock2(Task task, SyscallArgs args) {
        return (args.int32(2) & ~MLOCK_ONFAULT) != 0 ? -EINVAL : lock(task, args.raw(0), args.raw(1), args.int32(2) == 0);
    }

    private static long lock(Task task, long address, long length, boolean bringsIn) {
        long start = address & ~0xFFFL;
        long end = start + pages(length + (address & 0xFFF));
        if (Long.compareUnsigned(end, start) < 0) {
            return -EINVAL;
        }
        AddressSpace space = task.space();
        long limit = task.group().limit(SchedAbi.RLIMIT_MEMLOCK);
        if (!task.credentials().isRoot() && limit != -1 && (space.lockedPages() << 12) + end - start > limit) {
            return limit == 0 ? -EPERM : -ENOMEM;
        }
        if (end > start && !space.isMapped(start, end)) {
            return -ENOMEM;
        }
        if (bringsIn) {
            for (long at = start; at < end; at += 0x1000) {
                VmArea area = space.find(at);
                if (area.isReadable()) {
                    task.user().translate(at, area.isWritable() && !area.isShared());
                }
            }
        }
        space.changeFlags(start, end, 0, VmArea.LOCKED);
        return 0;
    }

    static long munlock(Task task, SyscallArgs args) {
        long start = args.raw(0) & ~0xFFFL;
        long end = start + pages(args.raw(1) + (args.raw(0) & 0xFFF));
        if (Long.compareUnsigned(end, start) < 0) {
            return -EINVAL;
        }
        if (end > start && !task.space().isMapped(start, end)) {
            return -ENOMEM;
        }
        task.space().changeFlags(start, end, VmArea.LOCKED, 0);
        return 0;
    }

    static long mlockall(Task task, SyscallArgs args) {
        int flags = args.int32(0);
        if (flags == 0 || flags == MCL_ONFAULT || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0) {
            return -EINVAL;
        }
        if (!task.credentials().isRoot() && task.group().limit(SchedAbi.RLIMIT_MEMLOCK) == 0) {
            return -EPERM;
        }
        if ((flags & MCL_CURRENT) != 0) {
            task.space().changeFlags(0, task.space().taskSize(), 0, VmArea.LOCKED);
        }
        return 0;
    }

    static long munlockall(Task task, SyscallArgs args) {
        task.space().changeFlags(0, task.space().taskSize(), VmArea.LOCKED, 0);
        return 0;
    }
}
