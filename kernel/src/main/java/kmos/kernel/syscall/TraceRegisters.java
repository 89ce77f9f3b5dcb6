// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EIO;

import kmos.kernel.abi.Restart;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.task.Task;
import kmos.kernel.task.Tracing;
import kmos.machine.CpuContext;

/**
 * The registers of a stopped task as struct user_regs_struct and struct user show them (Linux arch/x86/kernel/ptrace.c). All
 * methods want the task's registers on the processor.
 *
 * <pre>
 * amd64  r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs
 * i386   ebx ecx edx esi edi ebp eax ds es fs gs orig_eax eip cs eflags esp ss
 * </pre>
 */
final class TraceRegisters {
    static final int COUNT_64 = 27, COUNT_32 = 17;
    /** offsetof(struct user, u_debugreg) and sizeof(struct user). */
    static final int DEBUG_64 = 848, USER_64 = 912, DEBUG_32 = 252, USER_32 = 284;

    /** In these tables: 0 to 15 general registers, then the others. */
    private static final int ORIG = 16, IP = 17, FLAGS = 18, FS_BASE = 19, GS_BASE = 20, SEGMENT = 32;
    private static final int[] AMD64 = {15, 14, 13, 12, CpuContext.RBP, CpuContext.RBX, 11, 10, 9, 8, CpuContext.RAX, CpuContext.RCX,
        CpuContext.RDX, CpuContext.RSI, CpuContext.RDI, ORIG, IP, SEGMENT + CpuContext.CS, FLAGS, CpuContext.RSP, SEGMENT + CpuContext.SS,
        FS_BASE, GS_BASE, SEGMENT + CpuContext.DS, SEGMENT + CpuContext.ES, SEGMENT + CpuContext.FS, SEGMENT + CpuContext.GS};
    private static final int[] I386 = {CpuContext.RBX, CpuContext.RCX, CpuContext.RDX, CpuContext.RSI, CpuContext.RDI, CpuContext.RBP,
        CpuContext.RAX, SEGMENT + CpuContext.DS, SEGMENT + CpuContext.ES, SEGMENT + CpuContext.FS, SEGMENT + CpuContext.GS, ORIG, IP,
        SEGMENT + CpuContext.CS, FLAGS, CpuContext.RSP, SEGMENT + CpuContext.SS};
    private static final long TF = 0x100;
    /** What a tracer may change of RFLAGS (FLAG_MASK): CF PF AF ZF SF TF DF OF RF AC, and NT in the amd64 form. */
    private static final long FLAGS_32 = 0x50DD5 | TF, NESTED_TASK = 0x4000;
    private static final int EXECUTE = 0, IO = 2;

    private final Task task;
    private final Tracing tracing;
    private final CpuContext cpu;
    private final boolean is64Bit;

    /** is64Bit: the form, not the task. */
    TraceRegisters(Task task, CpuContext cpu, boolean is64Bit) {
        this.task = task;
        this.tracing = task.tracing();
        this.cpu = cpu;
        this.is64Bit = is64Bit;
    }

    int count() {
        return is64Bit ? COUNT_64 : COUNT_32;
    }

    private int id(int index) {
        return is64Bit ? AMD64[index] : I386[index];
    }

    boolean isBase(int index) {
        return id(index) == FS_BASE || id(index) == GS_BASE;
    }

    long get(int index) {
        int id = id(index);
        if (id >= SEGMENT) {
            return cpu.selector(id - SEGMENT);
        }
        switch (id) {
            case ORIG:
                return task.originalNumber();
            case IP:
                return cpu.instructionPointer();
            case FLAGS:
                return tracing.isTrapFlagForced() ? cpu.flags() & ~TF : cpu.flags();
            case FS_BASE:
                return cpu.segmentBase(CpuContext.FS);
            case GS_BASE:
                return cpu.segmentBase(CpuContext.GS);
            case CpuContext.RAX:
                // The number stays in RAX here until the call ends; Linux has put -ENOSYS there.
                return task.isInSyscall() ? tracing.entryResult() : cpu.register(CpuContext.RAX);
            default:
                return cpu.register(id);
        }
    }

    /** 0, -EIO: not a value for this register. */
    int set(int index, long value) {
        int id = id(index);
        long word = is64Bit ? value : value & 0xFFFFFFFFL;
        if (id >= SEGMENT) {
            return setSelector(id - SEGMENT, (int) value & 0xFFFF);
        }
        switch (id) {
            case ORIG:
                if (!task.isInSyscall() || tracing.kind() == Tracing.SYSCALL_ENTRY) {
                    task.setSyscall((int) value, 0);
                }
                return 0;
            case IP:
                cpu.setInstructionPointer(word);
                return 0;
            case FLAGS:
                setFlags(word);
                return 0;
            case FS_BASE, GS_BASE:
                if (Long.compareUnsigned(value, AddressSpace.TASK_SIZE_64) >= 0) {
                    return -EIO;
                }
                int segment = id == FS_BASE ? CpuContext.FS : CpuContext.GS;
                if (cpu.segmentBase(segment) != value) {
                    cpu.setSegmentBase(segment, value);
                }
                return 0;
            case CpuContext.RAX:
                if (task.isInSyscall()) {
                    tracing.setEntryResult(is64Bit ? value : (int) value);
                } else {
                    cpu.setRegister(CpuContext.RAX, word);
                }
                return 0;
            default:
                cpu.setRegister(id, word);
                return 0;
        }
    }

    /** After changes: whether an interrupted call goes on is what RAX and orig_rax say, as on Linux's way back to user mode. */
    void settleRestart() {
        if (!task.isInSyscall()) {
            long result = task.space().is64Bit() ? cpu.register(CpuContext.RAX) : (int) cpu.register(CpuContext.RAX);
            boolean isRestart = task.originalNumber() >= 0 && Restart.isRestart(result);
            task.setSyscall(task.originalNumber(), isRestart ? (int) -result : 0);
        }
    }

    private void setFlags(long value) {
        long mask = is64Bit ? FLAGS_32 | NESTED_TASK : FLAGS_32;
        long wanted = value & mask;
        if ((wanted & TF) != 0) {
            tracing.setTrapFlagForced(false);
        } else if (tracing.isTrapFlagForced()) {
            wanted |= TF;
        }
        cpu.setFlags(cpu.flags() & ~mask | wanted);
    }

    private int setSelector(int segment, int selector) {
        if (cpu.selector(segment) == selector) {
            return 0;
        }
        boolean isNull = (selector & ~3) == 0;
        boolean isForbidden = isNull ? segment == CpuContext.CS || segment == CpuContext.SS : (selector & 3) != 3;
        return isForbidden || cpu.loadSegment(segment, selector) != 0 ? -EIO : 0;
    }

    // Debug registers

    /** DR0 to DR3, DR6 and DR7 as the tracer wrote them; 4 and 5 are not there. */
    long debugRegister(int n) {
        return n < 4 ? cpu.debugRegister(n) : n == 6 ? tracing.debugStatus() : n == 7 ? tracing.debugControl() : 0;
    }

    /** 0; -EIO: DR4, DR5; -EINVAL: an address that is no user's, a kind, length or alignment that there is not. */
    int setDebugRegister(int n, long value) {
        if (n == 4 || n == 5) {
            return -EIO;
        }
        if (n == 6) {
            tracing.setDebugStatus((int) value);
            return 0;
        }
        if (n < 4) {
            boolean isUsed = (tracing.debugControl() >>> n * 2 & 3) != 0;
            if (Long.compareUnsigned(value, AddressSpace.TASK_SIZE_64) >= 0 || isUsed && !isAligned(tracing.debugControl(), n, value)) {
                return -EINVAL;
            }
            cpu.setDebugRegister(n, value);
            return 0;
        }
        // DR_CONTROL_RESERVED
        int control = (int) value & 0xFFFF03FF;
        for (int i = 0; i < 4; i++) {
            if ((control >>> i * 2 & 3) != 0 && !isAligned(control, i, cpu.debugRegister(i))) {
                return -EINVAL;
            }
        }
        tracing.setDebugControl(control);
        cpu.setDebugRegister(7, control);
        return 0;
    }

    private static boolean isAligned(int control, int n, long address) {
        int kind = control >>> 16 + n * 4 & 3;
        int code = control >>> 18 + n * 4 & 3;
        int length = code == 2 ? 8 : code + 1;
        return kind != IO && (kind != EXECUTE || length == 1) && (address & length - 1) == 0;
    }
}
