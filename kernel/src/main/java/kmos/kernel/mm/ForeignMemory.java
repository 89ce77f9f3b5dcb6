// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.ErrnoException;
import kmos.base.NotReady;
import kmos.kernel.Kernel;
import kmos.machine.PhysicalMemory;

/**
 * A process's memory as its debugger reads and writes it (Linux access_process_vm with FOLL_FORCE): also where the protection
 * forbids the process itself. A write to a private page that is not writable makes it a copy of the process's own.
 * process_vm_readv(2) and process_vm_writev(2) keep to the protection.
 */
public final class ForeignMemory {
    private final Kernel kernel;
    private final AddressSpace space;
    private final boolean isProtected;

    private ForeignMemory(Kernel kernel, AddressSpace space, boolean isProtected) {
        this.kernel = kernel;
        this.space = space;
        this.isProtected = isProtected;
    }

    /** As a debugger sees it. */
    public ForeignMemory(Kernel kernel, AddressSpace space) {
        this(kernel, space, false);
    }

    /** With the process's own rights. */
    public static ForeignMemory withProtection(Kernel kernel, AddressSpace space) {
        return new ForeignMemory(kernel, space, true);
    }

    /** Bytes read before the first that is not there, 0 when that is the first. NotReady when the first page is on its way. */
    public int read(long address, byte[] to, int offset, int count) {
        return move(address, to, offset, count, false);
    }

    /** Bytes written before the first that cannot be. NotReady when the first page is on its way. */
    public int write(long address, byte[] from, int offset, int count) {
        return move(address, from, offset, count, true);
    }

    /** Makes a byte's page writable now, so that a write of it cannot be NotReady. False when it cannot be written. */
    public boolean prepareWrite(long address) {
        return translate(address, true) >= 0;
    }

    private int move(long address, byte[] bytes, int offset, int count, boolean isWrite) {
        PhysicalMemory memory = kernel.machine().memory();
        int done = 0;
        while (done < count) {
            int p;
            try {
                p = translate(address + done, isWrite);
            } catch (NotReady page) {
                if (done > 0) {
                    return done;
                }
                throw page;
            }
            if (p < 0) {
                return done;
            }
            int n = Math.min(count - done, PhysicalMemory.FRAME_SIZE - (p & 0xFFF));
            if (isWrite) {
                memory.write(p, bytes, offset + done, n);
            } else {
                memory.read(p, bytes, offset + done, n);
            }
            done += n;
        }
        return done;
    }

    /** Physical address of a byte, or -1. NotReady. */
    private int translate(long address, boolean isWrite) {
        VmArea area = Long.compareUnsigned(address, space.taskSize()) < 0 ? space.findEndingAbove(address) : null;
        if (area == null || address < area.start || (area.flags & VmArea.VVAR) != 0 || isWrite && area.isShared() && !area.isWritable()) {
            return -1;
        }
        if (isProtected && !(isWrite ? area.isWritable() : area.isReadable())) {
            return -1;
        }
        try {
            if (!PageFault.force(kernel, space, area, address & ~0xFFFL, isWrite)) {
                throw new NotReady(kernel.outOfMemory());
            }
        } catch (ErrnoException noBacking) {
            return -1;
        }
        return (int) (space.pageTable().get(address & ~0xFFFL) & PageTable.FRAME) | (int) address & 0xFFF;
    }
}
