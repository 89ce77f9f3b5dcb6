// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.abi.MmanAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.mm.VmArea;
import kmos.kernel.vfs.Dentry;

/** Maps the loadable segments of an ELF file (Linux fs/binfmt_elf.c, load_elf_binary and load_elf_interp). */
final class ElfLoader {
    private final AddressSpace space;
    private final UserSpace user;

    ElfLoader(AddressSpace space, UserSpace user) {
        this.space = space;
        this.user = user;
    }

    /**
     * Maps the file and returns its load bias. base: where a position-independent file goes, 0 for wherever there is
     * room. EINVAL, ENOMEM; NotReady while a page that has to be cleared at its end is read.
     */
    long map(ElfImage elf, Inode file, Dentry name, long base) {
        long[] extent = elf.extent();
        if (extent == null) {
            throw new ErrnoException(Errno.EINVAL);
        }
        for (ElfImage.Segment s : elf.segments) {
            if (s.type() == ElfImage.PT_LOAD) {
                check(s);
            }
        }
        long bias = 0;
        if (elf.type == ElfImage.ET_DYN) {
            long size = extent[1] - extent[0] + 0xFFF & ~0xFFFL;
            long alignment = elf.alignment();
            long at = base;
            if (at == 0) {
                // Room for all segments at once, then the segments are put over it.
                long room = space.map(0, size + alignment - 4096, VmArea.NO_RESERVE, MmanAbi.MAP_PRIVATE | MmanAbi.MAP_ANONYMOUS, null, null, 0);
                space.unmap(room, size + alignment - 4096);
                at = room;
            }
            bias = (at + alignment - 1 & -alignment) - (extent[0] & -alignment);
            if (base != 0) {
                bias = (at & -alignment) - (extent[0] & -alignment);
            }
        }
        for (ElfImage.Segment s : elf.segments) {
            if (s.type() == ElfImage.PT_LOAD) {
                mapSegment(s, file, name, bias);
            }
        }
        return bias;
    }

    private void check(ElfImage.Segment s) {
        long limit = space.taskSize();
        if (Long.compareUnsigned(s.address(), limit) >= 0 || Long.compareUnsigned(s.fileSize(), s.memorySize()) > 0
            || Long.compareUnsigned(s.memorySize(), limit) > 0 || Long.compareUnsigned(s.address(), limit - s.memorySize()) > 0
            || s.offset() < 0 || (s.offset() & 0xFFF) != (s.address() & 0xFFF)) {
            throw new ErrnoException(Errno.EINVAL);
        }
    }

    private void mapSegment(ElfImage.Segment s, Inode file, Dentry name, long bias) {
        int flags = VmArea.MAY_WRITE;
        flags |= (s.flags() & ElfImage.PF_R) != 0 ? VmArea.READ : 0;
        flags |= (s.flags() & ElfImage.PF_W) != 0 ? VmArea.WRITE : 0;
        flags |= (s.flags() & ElfImage.PF_X) != 0 ? VmArea.EXEC : 0;
        long start = s.address() + bias & ~0xFFFL;
        long fileEnd = s.address() + bias + s.fileSize();
        long mappedEnd = fileEnd + 0xFFF & ~0xFFFL;
        long end = s.address() + bias + s.memorySize() + 0xFFF & ~0xFFFL;
        if (Long.compareUnsigned(end, space.taskSize()) > 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        if (s.fileSize() > 0) {
            space.map(start, mappedEnd - start, flags, MmanAbi.MAP_PRIVATE | MmanAbi.MAP_FIXED, file, name, s.offset() >>> 12);
            if (s.memorySize() > s.fileSize() && mappedEnd > fileEnd && (s.flags() & ElfImage.PF_W) != 0) {
                user.clear(fileEnd, mappedEnd - fileEnd);
            }
        } else {
            mappedEnd = start;
        }
        if (end > mappedEnd) {
            space.map(mappedEnd, end - mappedEnd, flags, MmanAbi.MAP_PRIVATE | MmanAbi.MAP_ANONYMOUS | MmanAbi.MAP_FIXED, null, null, 0);
        }
    }
}
