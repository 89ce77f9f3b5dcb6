// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.SchedAbi.*;

import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Clone;
import kmos.kernel.task.Exit;
import kmos.kernel.task.Task;
import kmos.kernel.task.Tracing;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.task.Usage;
import kmos.kernel.task.UserDescriptor;
import kmos.kernel.task.Wait;
import kmos.machine.CpuContext;

/** Making, ending and waiting for processes; process groups and sessions; threads' own settings. */
final class Processes {
    private Processes() { }

    static long fork(Task task, SyscallArgs args) {
        return Clone.clone(task, new Clone.Request(0, SignalAbi.SIGCHLD, 0, 0, 0, 0, 0));
    }

    static long vfork(Task task, SyscallArgs args) {
        return Clone.clone(task, new Clone.Request(CLONE_VFORK | CLONE_VM, SignalAbi.SIGCHLD, 0, 0, 0, 0, 0));
    }

    static long clone(Task task, SyscallArgs args) {
        long flags = args.unsigned32(0);
        if ((flags & (CLONE_PIDFD | CLONE_PARENT_SETTID)) == (CLONE_PIDFD | CLONE_PARENT_SETTID)) {
            // Both would be written to the same place.
            return -EINVAL;
        }
        long childTid = task.is64Bit() ? args.raw(3) : args.raw(4);
        long tls = task.is64Bit() ? args.raw(4) : args.raw(3);
        return Clone.clone(task, new Clone.Request(flags & ~CSIGNAL, (int) flags & CSIGNAL, args.raw(1), args.raw(2), childTid, tls, args.raw(2)));
    }

    /** struct clone_args of 64 to 88 bytes, unknown bytes behind them zero. EINVAL, E2BIG, EFAULT. */
    static long clone3(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        long at = args.raw(0);
        long size = args.raw(1);
        if (Long.compareUnsigned(size, 4096) > 0) {
            return -E2BIG;
        }
        if (size < 64) {
            return -EINVAL;
        }
        for (long i = 88; i < size; i++) {
            if (user.read8(at + i) != 0) {
                return -E2BIG;
            }
        }
        long flags = user.read64(at);
        long childTid = user.read64(at + 16);
        long parentTid = user.read64(at + 24);
        long exitSignal = user.read64(at + 32);
        long stack = user.read64(at + 40);
        long stackSize = user.read64(at + 48);
        long tls = user.read64(at + 56);
        long setTidSize = size >= 80 ? user.read64(at + 72) : 0;
        if ((exitSignal & ~CSIGNAL) != 0 || exitSignal > SignalAbi.NSIG || (flags & (CLONE_DETACHED | CSIGNAL & ~CLONE_NEWTIME)) != 0
            || (flags & (CLONE_THREAD | CLONE_PARENT)) != 0 && exitSignal != 0 || (stack == 0) != (stackSize == 0) || setTidSize != 0) {
            return -EINVAL;
        }
        return Clone.clone(task, new Clone.Request(flags, (int) exitSignal, stack + stackSize, parentTid, childTid, tls, user.read64(at + 8)));
    }

    static long exit(Task task, SyscallArgs args) {
        int code = (args.int32(0) & 0xFF) << 8;
        if (Tracing.stopsForExit(task, code)) {
            return Task.BLOCKED;
        }
        Exit.exit(task, code);
        return Task.NO_RESULT;
    }

    static long exitGroup(Task task, SyscallArgs args) {
        task.group().startExit((args.int32(0) & 0xFF) << 8);
        return Task.NO_RESULT;
    }

    static long wait4(Task task, SyscallArgs args) {
        return Wait.wait4(task, args.int32(0), args.raw(1), args.int32(2), args.raw(3));
    }

    static long waitpid(Task task, SyscallArgs args) {
        return Wait.wait4(task, args.int32(0), args.raw(1), args.int32(2), 0);
    }

    static long waitid(Task task, SyscallArgs args) {
        return Wait.waitid(task, args.int32(0), args.int32(1), args.raw(2), args.int32(3), args.raw(4));
    }

    // Identity

    static long getpid(Task task, SyscallArgs args) {
        return task.group().pid();
    }

    static long getppid(Task task, SyscallArgs args) {
        return task.group().parentPid();
    }

    static long gettid(Task task, SyscallArgs args) {
        return task.tid();
    }

    private static ThreadGroup groupOf(Task task, int pid) {
        if (pid == 0) {
            return task.group();
        }
        Task t = task.kernel().pids().task(pid);
        return t == null ? null : t.group();
    }

    static long getpgrp(Task task, SyscallArgs args) {
        return task.group().processGroup();
    }

    static long getpgid(Task task, SyscallArgs args) {
        ThreadGroup g = groupOf(task, args.int32(0));
        return g == null ? -ESRCH : g.processGroup();
    }

    static long getsid(Task task, SyscallArgs args) {
        ThreadGroup g = groupOf(task, args.int32(0));
        return g == null ? -ESRCH : g.session();
    }

    /** EINVAL, ESRCH, EACCES, EPERM in the order of Linux's kernel/sys.c. */
    static long setpgid(Task task, SyscallArgs args) {
        int pid = args.int32(0) == 0 ? task.group().pid() : args.int32(0);
        int pgid = args.int32(1) == 0 ? pid : args.int32(1);
        if (pgid < 0) {
            return -EINVAL;
        }
        Kernel kernel = task.kernel();
        Task target = kernel.pids().task(pid);
        if (target == null) {
            return -ESRCH;
        }
        ThreadGroup g = target.group();
        if (g.pid() != pid) {
            return -EINVAL;
        }
        if (g.parent() == task.group()) {
            if (g.session() != task.group().session()) {
                return -EPERM;
            }
            if (g.hasExecuted()) {
                return -EACCES;
            }
        } else if (g != task.group()) {
            return -ESRCH;
        }
        if (g.isSessionLeader()) {
            return -EPERM;
        }
        if (pgid != pid && !isGroupInSession(kernel, pgid, task.group().session())) {
            return -EPERM;
        }
        g.setProcessGroup(pgid);
        return 0;
    }

    private static boolean isGroupInSession(Kernel kernel, int pgid, int session) {
        for (ThreadGroup g : kernel.pids().members(pgid)) {
            if (g.session() == session) {
                return true;
            }
        }
        return false;
    }

    /** EPERM: a process group of that id exists already. */
    static long setsid(Task task, SyscallArgs args) {
        ThreadGroup g = task.group();
        if (g.isSessionLeader() || !task.kernel().pids().members(g.pid()).isEmpty()) {
            return -EPERM;
        }
        g.startSession();
        return g.session();
    }

    // Threads

    static long setTidAddress(Task task, SyscallArgs args) {
        task.setClearChildTid(args.raw(0));
        return task.tid();
    }

    static long setRobustList(Task task, SyscallArgs args) {
        if (args.raw(1) != (task.is64Bit() ? 24 : 12)) {
            return -EINVAL;
        }
        task.setRobustList(args.raw(0), args.raw(1));
        return 0;
    }

    static long getRobustList(Task task, SyscallArgs args) {
        Task t = args.int32(0) == 0 ? task : task.kernel().pids().task(args.int32(0));
        if (t == null) {
            return -ESRCH;
        }
        if (t.group() != task.group() && !task.credentials().isRoot()) {
            return -EPERM;
        }
        task.user().writeWord(args.raw(2), task.is64Bit() ? 24 : 12);
        task.user().writeWord(args.raw(1), t.robustList());
        return 0;
    }


    static long rseq(Task task, SyscallArgs args) {
        return -ENOSYS;
    }

    /** EINVAL, EFAULT. */
    static long getrusage(Task task, SyscallArgs args) {
        Usage usage;
        switch (args.int32(0)) {
            case RUSAGE_SELF -> usage = Usage.ofGroup(task.group());
            case RUSAGE_CHILDREN -> usage = Usage.ofChildren(task.group());
            case RUSAGE_THREAD -> usage = Usage.ofTask(task);
            default -> {
                return -EINVAL;
            }
        }
        usage.write(task.user(), args.raw(1), task.is64Bit());
        return 0;
    }

    private static final int PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG = 2, PR_GET_DUMPABLE = 3, PR_SET_DUMPABLE = 4, PR_GET_KEEPCAPS = 7,
        PR_SET_KEEPCAPS = 8, PR_SET_NAME = 15, PR_GET_NAME = 16, PR_CAPBSET_READ = 23, PR_GET_SECUREBITS = 27, PR_SET_TIMERSLACK = 29,
        PR_GET_TIMERSLACK = 30, PR_SET_CHILD_SUBREAPER = 36, PR_GET_CHILD_SUBREAPER = 37, PR_SET_NO_NEW_PRIVS = 38, PR_GET_NO_NEW_PRIVS = 39,
        PR_GET_TID_ADDRESS = 40, CAP_LAST = 40;

    static long prctl(Task task, SyscallArgs args) {
        long a = args.raw(1);
        UserSpace user = task.user();
        switch (args.int32(0)) {
            case PR_SET_PDEATHSIG:
                if (Long.compareUnsigned(a, SignalAbi.NSIG) > 0) {
                    return -EINVAL;
                }
                task.setParentDeathSignal((int) a);
                return 0;
            case PR_GET_PDEATHSIG:
                user.write32(a, task.parentDeathSignal());
                return 0;
            case PR_GET_DUMPABLE:
                return task.group().isDumpable() ? 1 : 0;
            case PR_SET_DUMPABLE:
                if (a != 0 && a != 1) {
                    return -EINVAL;
                }
                task.group().setDumpable(a == 1);
                return 0;
            case PR_GET_KEEPCAPS:
                return task.isKeepCapabilities() ? 1 : 0;
            case PR_SET_KEEPCAPS:
                if (Long.compareUnsigned(a, 1) > 0) {
                    return -EINVAL;
                }
                task.setKeepCapabilities(a == 1);
                return 0;
            case PR_SET_NAME: {
                StringBuilder name = new StringBuilder();
                for (int i = 0; i < 15; i++) {
                    int c = user.read8(a + i);
                    if (c == 0) {
                        break;
                    }
                    name.append((char) c);
                }
                task.setName(name.toString());
                return 0;
            }
            case PR_GET_NAME: {
                byte[] name = new byte[16];
                for (int i = 0; i < task.name().length(); i++) {
                    name[i] = (byte) task.name().charAt(i);
                }
                return user.copyOut(name, 0, a, 16) == 16 ? 0 : -EFAULT;
            }
            case PR_CAPBSET_READ:
                return Long.compareUnsigned(a, CAP_LAST) > 0 ? -EINVAL : 1;
            case PR_GET_SECUREBITS:
                return 0;
            case PR_SET_TIMERSLACK:
                task.setTimerSlackNs(a <= 0 ? 50_000 : a);
                return 0;
            case PR_GET_TIMERSLACK:
                return task.timerSlackNs();
            case PR_SET_CHILD_SUBREAPER:
                task.group().setChildSubreaper(a != 0);
                return 0;
            case PR_GET_CHILD_SUBREAPER:
                user.write32(a, task.group().isChildSubreaper() ? 1 : 0);
                return 0;
            case PR_SET_NO_NEW_PRIVS:
                if (a != 1 || args.raw(2) != 0 || args.raw(3) != 0 || args.raw(4) != 0) {
                    return -EINVAL;
                }
                task.setNoNewPrivileges();
                return 0;
            case PR_GET_NO_NEW_PRIVS:
                return a != 0 || args.raw(2) != 0 || args.raw(3) != 0 || args.raw(4) != 0 ? -EINVAL : task.isNoNewPrivileges() ? 1 : 0;
            case PR_GET_TID_ADDRESS:
                user.writeWord(a, task.clearChildTid());
                return 0;
            default:
                return -EINVAL;
        }
    }
}
