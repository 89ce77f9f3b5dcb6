// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import kmos.base.ErrnoException;
import kmos.kernel.mm.LocalDescriptors;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.signal.FatalFaults;
import kmos.kernel.task.Task;
import kmos.kernel.task.UserDescriptor;
import kmos.machine.CpuContext;

/** arch_prctl, set_thread_area, get_thread_area, modify_ldt: what a program may do to its segments. */
final class Segments {
    private static final int ARCH_SET_GS = 0x1001, ARCH_SET_FS = 0x1002, ARCH_GET_FS = 0x1003, ARCH_GET_GS = 0x1004;
    private static final int READ_LDT = 0, WRITE_LDT_OLD = 1, READ_DEFAULT_LDT = 2, WRITE_LDT = 0x11;
    private static final int DEFAULT_LDT_SIZE = 128, TABLE_INDICATOR = 4;

    private Segments() { }

    static long archPrctl(Task task, SyscallArgs args) {
        return task.is64Bit() ? archPrctl(task, task, args.int32(0), args.raw(1)) : -EINVAL;
    }

    /** For the task itself or, from its tracer, for a stopped one. EPERM: a base outside user memory; EINVAL; EFAULT. */
    static long archPrctl(Task caller, Task target, int code, long value) {
        int segment = code == ARCH_SET_FS || code == ARCH_GET_FS ? CpuContext.FS : CpuContext.GS;
        switch (code) {
            case ARCH_SET_FS, ARCH_SET_GS:
                if (Long.compareUnsigned(value, target.space().taskSize()) >= 0) {
                    return -EPERM;
                }
                caller.kernel().loop().onRegistersOf(target, cpu -> {
                    cpu.loadSegment(segment, 0);
                    cpu.setSegmentBase(segment, value);
                });
                return 0;
            case ARCH_GET_FS, ARCH_GET_GS:
                long[] base = new long[1];
                caller.kernel().loop().onRegistersOf(target, cpu -> base[0] = cpu.segmentBase(segment));
                caller.user().write64(value, base[0]);
                return 0;
            default:
                return -EINVAL;
        }
    }

    /** EFAULT, ESRCH: no free entry; EINVAL. Entry -1 asks for a free one. */
    static long setThreadArea(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        long at = args.raw(0);
        UserDescriptor d = UserDescriptor.read(user, at);
        if (!d.isAcceptable()) {
            return -EINVAL;
        }
        if (d.entry() == -1) {
            int slot = 0;
            while (slot < 3 && task.tls()[slot] != 0) {
                slot++;
            }
            if (slot == 3) {
                return -ESRCH;
            }
            user.write32(at, slot + 12);
            d = new UserDescriptor(slot + 12, d.base(), d.limit(), d.flags());
        }
        if (!d.isTlsEntry()) {
            return -EINVAL;
        }
        task.tls()[d.slot()] = d.descriptor();
        task.kernel().descriptors().load(task.tls());
        reloadSegments(task.kernel().machine().cpu(), d.entry());
        return 0;
    }

    /** Segment registers that hold the entry see the new descriptor at once, as Linux's set_tls_desc does. */
    private static void reloadSegments(CpuContext cpu, int entry) {
        for (int segment : new int[] {CpuContext.ES, CpuContext.DS, CpuContext.FS, CpuContext.GS}) {
            int selector = cpu.selector(segment);
            if (selector >> 3 == entry && cpu.loadSegment(segment, selector) != 0) {
                cpu.loadSegment(segment, 0);
            }
        }
    }

    static long getThreadArea(Task task, SyscallArgs args) {
        int entry = task.user().read32(args.raw(0));
        UserDescriptor d = new UserDescriptor(entry, 0, 0, 0);
        if (!d.isTlsEntry()) {
            return -EINVAL;
        }
        UserDescriptor.of(entry, task.tls()[d.slot()]).write(task.user(), args.raw(0));
        return 0;
    }

    /**
     * modify_ldt(2). ENOSYS: unknown function; EINVAL: size or entry wrong, a conforming segment that is present; EFAULT;
     * ENOMEM. The amd64 entry returns the error as a 32-bit number, as Linux's does.
     */
    static long modifyLdt(Task task, SyscallArgs args) {
        int result;
        try {
            result = modify(task, args.int32(0), args.raw(1), args.raw(2));
        } catch (ErrnoException fault) {
            result = -fault.errno();
        }
        return task.is64Bit() ? result & 0xFFFFFFFFL : result;
    }

    private static int modify(Task task, int function, long at, long size) {
        switch (function) {
            case READ_LDT:
                return readLdt(task, at, size);
            case READ_DEFAULT_LDT:
                int count = (int) (Long.compareUnsigned(size, DEFAULT_LDT_SIZE) > 0 ? DEFAULT_LDT_SIZE : size);
                task.user().clear(at, count);
                return count;
            case WRITE_LDT_OLD, WRITE_LDT:
                return writeLdt(task, at, size, function == WRITE_LDT_OLD);
            default:
                return -ENOSYS;
        }
    }

    private static int readLdt(Task task, long at, long size) {
        LocalDescriptors table = task.space().localDescriptors();
        if (table.entries() == 0) {
            return 0;
        }
        int wanted = (int) (Long.compareUnsigned(size, LocalDescriptors.MAX_ENTRIES * 8) > 0 ? LocalDescriptors.MAX_ENTRIES * 8 : size);
        int present = Math.min(wanted, table.entries() * 8);
        byte[] bytes = new byte[present];
        for (int i = 0; i < present; i++) {
            bytes[i] = (byte) (table.get(i / 8) >>> i % 8 * 8);
        }
        if (task.user().copyOut(bytes, 0, at, present) != present) {
            return -EFAULT;
        }
        task.user().clear(at + present, wanted - present);
        return wanted;
    }

    private static int writeLdt(Task task, long at, long size, boolean isOldMode) {
        if (size != UserDescriptor.SIZE) {
            return -EINVAL;
        }
        UserDescriptor d = UserDescriptor.read(task.user(), at);
        if (Integer.compareUnsigned(d.entry(), LocalDescriptors.MAX_ENTRIES) >= 0 || d.isConforming() && (isOldMode || !d.isNotPresent())) {
            return -EINVAL;
        }
        if (!task.space().localDescriptors().set(d.entry(), d.localDescriptor(isOldMode))) {
            return -ENOMEM;
        }
        task.kernel().descriptors().load(task);
        refresh(task);
        return 0;
    }

    /** Registers that name the table see the new entry: DS and ES at once, CS and SS by the return to the program. */
    private static void refresh(Task task) {
        CpuContext cpu = task.kernel().machine().cpu();
        for (int segment : new int[] {CpuContext.DS, CpuContext.ES}) {
            int selector = cpu.selector(segment);
            if ((selector & TABLE_INDICATOR) != 0 && cpu.loadSegment(segment, selector) != 0) {
                cpu.loadSegment(segment, 0);
            }
        }
        for (int segment : new int[] {CpuContext.CS, CpuContext.SS}) {
            int selector = cpu.selector(segment);
            int vector = (selector & TABLE_INDICATOR) == 0 ? 0 : cpu.loadSegment(segment, selector);
            if (vector != 0) {
                FatalFaults.segment(task, vector, selector & 0xFFFC);
                return;
            }
        }
    }
}
