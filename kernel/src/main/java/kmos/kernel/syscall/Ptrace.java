// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.PtraceAbi.*;

import java.util.List;
import kmos.base.LittleEndian;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.ForeignMemory;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SigInfoLayout;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.task.Tracing;
import kmos.kernel.task.UserDescriptor;

/** ptrace(2): what a debugger asks of a task (Linux kernel/ptrace.c). Registers are {@link TraceRegisterSets}' business. */
final class Ptrace {
    private static final long TRAP_FLAG = 0x100;
    private static final int SYSCALL_INFO_SIZE = 88;

    private Ptrace() { }

    static long ptrace(Task task, SyscallArgs args) {
        int request = args.int32(0);
        if (request == PTRACE_TRACEME) {
            return traceMe(task);
        }
        Task target = task.kernel().pids().task(args.int32(1));
        if (target == null) {
            return -ESRCH;
        }
        if (request == PTRACE_ATTACH || request == PTRACE_SEIZE) {
            return attach(task, target, request == PTRACE_SEIZE, args);
        }
        Tracing tracing = target.tracing();
        if (tracing == null || tracing.tracer() != task.group()) {
            return -ESRCH;
        }
        if (request == PTRACE_KILL) {
            SignalSending.toGroup(target.group(), SigInfo.user(SignalAbi.SIGKILL, SignalAbi.SI_USER, task));
            return 0;
        }
        if (request == PTRACE_INTERRUPT) {
            if (!tracing.isSeized()) {
                return -EIO;
            }
            tracing.interrupt(target);
            return 0;
        }
        boolean isStopped = target.taskState() == kmos.kernel.task.TaskState.TRACED && !tracing.isListening();
        return isStopped ? ofStopped(task, target, request, args) : -ESRCH;
    }

    private static long traceMe(Task task) {
        if (task.tracing() != null || task.group().parent() == null) {
            return -EPERM;
        }
        Tracing.attach(task, task.group().parent(), 0, false);
        return 0;
    }

    private static long attach(Task task, Task target, boolean isSeized, SyscallArgs args) {
        long options = isSeized ? args.raw(3) : 0;
        if (isSeized && (args.raw(2) != 0 || (options & ~PTRACE_O_MASK) != 0)) {
            return -EIO;
        }
        if (target.group() == task.group() || target.tracing() != null || target.isEnded() || !mayAccess(task, target)) {
            return -EPERM;
        }
        Tracing.attach(target, task.group(), (int) options, isSeized);
        if (!isSeized) {
            SignalSending.toTask(target, SigInfo.kernel(SignalAbi.SIGSTOP));
        }
        return 0;
    }

    /** ptrace_may_access: itself; or all user and group ids are the caller's and the process may be looked into; or root. */
    static boolean mayAccess(Task task, Task target) {
        Credentials mine = task.credentials();
        Credentials its = target.credentials();
        boolean isSame = mine.uid() == its.uid() && mine.uid() == its.euid() && mine.uid() == its.suid()
            && mine.gid() == its.gid() && mine.gid() == its.egid() && mine.gid() == its.sgid();
        return target.group() == task.group() || mine.isRoot() || isSame && target.group().isDumpable();
    }

    private static long ofStopped(Task task, Task target, int request, SyscallArgs args) {
        Tracing tracing = target.tracing();
        UserSpace user = task.user();
        long address = args.raw(2);
        long data = args.raw(3);
        switch (request) {
            case PTRACE_PEEKTEXT, PTRACE_PEEKDATA:
                return peek(task, target, address, data);
            case PTRACE_POKETEXT, PTRACE_POKEDATA:
                return poke(task, target, address, data);
            case PTRACE_CONT, PTRACE_SYSCALL, PTRACE_SINGLESTEP, PTRACE_SINGLEBLOCK, PTRACE_SYSEMU, PTRACE_SYSEMU_SINGLESTEP:
                return resume(target, request, data);
            case PTRACE_DETACH:
                if (Long.compareUnsigned(data, SignalAbi.NSIG) > 0) {
                    return -EIO;
                }
                setTrapFlag(target, false);
                tracing.detach(target, (int) data);
                return 0;
            case PTRACE_SETOPTIONS:
                if ((data & ~PTRACE_O_MASK) != 0) {
                    return -EINVAL;
                }
                tracing.setOptions((int) data);
                return 0;
            case PTRACE_GETEVENTMSG:
                user.writeWord(data, tracing.message());
                return 0;
            case PTRACE_GETSIGINFO:
                if (tracing.info() == null) {
                    return -EINVAL;
                }
                SigInfoLayout.write(user, data, tracing.info(), task.is64Bit());
                return 0;
            case PTRACE_SETSIGINFO:
                if (tracing.info() == null) {
                    return -EINVAL;
                }
                tracing.setInfo(SigInfoLayout.readAll(user, data, task.is64Bit()));
                return 0;
            case PTRACE_PEEKSIGINFO:
                return peekSignals(task, target, address, data);
            case PTRACE_GETSIGMASK:
                if (address != 8) {
                    return -EINVAL;
                }
                user.write64(data, target.realSignalMask());
                return 0;
            case PTRACE_SETSIGMASK:
                if (address != 8) {
                    return -EINVAL;
                }
                target.setSignalMask(user.read64(data));
                return 0;
            case PTRACE_LISTEN:
                return tracing.listen() ? 0 : -EIO;
            case PTRACE_GET_SYSCALL_INFO:
                return syscallInfo(task, target, address, data);
            case PTRACE_GET_THREAD_AREA:
                return threadArea(task, target, (int) address, data, false);
            case PTRACE_SET_THREAD_AREA:
                return threadArea(task, target, (int) address, data, true);
            case PTRACE_ARCH_PRCTL:
                return task.is64Bit() ? Segments.archPrctl(task, target, (int) data, address) : -EIO;
            default:
                return TraceRegisterSets.request(task, target, request, address, data);
        }
    }

    /** The system call writes to data; glibc's function gives it as a result. */
    private static long peek(Task task, Task target, long address, long data) {
        byte[] word = new byte[task.is64Bit() ? 8 : 4];
        if (new ForeignMemory(task.kernel(), target.space()).read(address, word, 0, word.length) != word.length) {
            return -EIO;
        }
        return task.user().copyOut(word, 0, data, word.length) == word.length ? 0 : -EFAULT;
    }

    private static long poke(Task task, Task target, long address, long data) {
        byte[] word = new byte[8];
        LittleEndian.put64(word, 0, data);
        int size = task.is64Bit() ? 8 : 4;
        ForeignMemory memory = new ForeignMemory(task.kernel(), target.space());
        boolean isThere = memory.prepareWrite(address) && memory.prepareWrite(address + size - 1);
        return isThere && memory.write(address, word, 0, size) == size ? 0 : -EIO;
    }

    /** struct ptrace_peeksiginfo_args at address: how many waiting signals behind the first off go to data. EINVAL, EFAULT. */
    private static long peekSignals(Task task, Task target, long address, long data) {
        byte[] wanted = UserArgs.get(task, address, 16);
        long first = LittleEndian.get64(wanted, 0);
        int flags = LittleEndian.get32(wanted, 8);
        int count = LittleEndian.get32(wanted, 12);
        if ((flags & ~PTRACE_PEEKSIGINFO_SHARED) != 0 || count < 0) {
            return -EINVAL;
        }
        List<SigInfo> waiting = (flags != 0 ? target.group().sharedPending() : target.pending()).all();
        int done = 0;
        while (done < count && first >= 0 && first + done < waiting.size()) {
            long at = data + (long) done * SigInfoLayout.SIZE;
            if (task.user().copyOut(new byte[SigInfoLayout.SIZE], 0, at, SigInfoLayout.SIZE) != SigInfoLayout.SIZE) {
                return done > 0 ? done : -EFAULT;
            }
            SigInfoLayout.write(task.user(), at, waiting.get((int) first + done++), task.is64Bit());
        }
        return done;
    }

    private static long resume(Task target, int request, long signal) {
        if (Long.compareUnsigned(signal, SignalAbi.NSIG) > 0) {
            return -EIO;
        }
        setTrapFlag(target, Tracing.isStep(request));
        target.tracing().resume(target, request, (int) signal);
        return 0;
    }

    /** A step is the trap flag, unless the program has set it itself; the tracer's goes when it does not step any more. */
    private static void setTrapFlag(Task target, boolean is) {
        Tracing tracing = target.tracing();
        if (!is && !tracing.isTrapFlagForced()) {
            return;
        }
        target.kernel().loop().onRegistersOf(target, cpu -> {
            boolean isOwn = (cpu.flags() & TRAP_FLAG) != 0 && !tracing.isTrapFlagForced();
            cpu.setFlags(is ? cpu.flags() | TRAP_FLAG : cpu.flags() & ~TRAP_FLAG);
            tracing.setTrapFlagForced(is && !isOwn);
        });
    }

    /** struct ptrace_syscall_info; the result is its size. */
    private static long syscallInfo(Task task, Task target, long size, long at) {
        byte[] b = new byte[SYSCALL_INFO_SIZE];
        Tracing tracing = target.tracing();
        boolean is64 = target.is64Bit();
        LittleEndian.put32(b, 4, is64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_I386);
        int[] used = {24};
        task.kernel().loop().onRegistersOf(target, cpu -> {
            LittleEndian.put64(b, 8, cpu.instructionPointer());
            LittleEndian.put64(b, 16, cpu.register(kmos.machine.CpuContext.RSP));
            if (tracing.kind() == Tracing.SYSCALL_ENTRY) {
                b[0] = PTRACE_SYSCALL_INFO_ENTRY;
                LittleEndian.put64(b, 24, target.syscallNumber());
                task.kernel().dispatcher().abi(is64).arguments(cpu, target.args());
                for (int i = 0; i < 6; i++) {
                    LittleEndian.put64(b, 32 + i * 8, target.args().raw(i));
                }
                used[0] = 80;
            } else if (tracing.kind() == Tracing.SYSCALL_EXIT) {
                b[0] = PTRACE_SYSCALL_INFO_EXIT;
                long rax = cpu.register(kmos.machine.CpuContext.RAX);
                long result = is64 ? rax : (int) rax;
                LittleEndian.put64(b, 24, result);
                b[32] = (byte) (result < 0 && result >= -4095 ? 1 : 0);
                used[0] = 33;
            }
        });
        int n = (int) Math.min(used[0], size & 0x7FFFFFFF);
        return task.user().copyOut(b, 0, at, n) == n ? used[0] : -EFAULT;
    }

    /** The thread's descriptors of set_thread_area(2), by number. */
    private static long threadArea(Task task, Task target, int entry, long at, boolean isWrite) {
        UserDescriptor d = new UserDescriptor(entry, 0, 0, 0);
        if (!d.isTlsEntry()) {
            return -EINVAL;
        }
        if (!isWrite) {
            UserDescriptor.of(entry, target.tls()[d.slot()]).write(task.user(), at);
            return 0;
        }
        UserDescriptor fresh = UserDescriptor.read(task.user(), at);
        if (!fresh.isAcceptable()) {
            return -EINVAL;
        }
        target.tls()[d.slot()] = fresh.descriptor();
        return 0;
    }
}
