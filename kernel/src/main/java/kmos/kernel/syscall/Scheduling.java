// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.SchedAbi.*;

import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;

/** sched_*(2), nice and priorities. All policies run alike; what was set is kept and reported. */
final class Scheduling {
    private Scheduling() { }

    private static final int MEMBARRIER_CMD_QUERY = 0, MEMBARRIER_CMD_GLOBAL = 1, MEMBARRIER_CMD_GLOBAL_EXPEDITED = 2,
        MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED = 4, MEMBARRIER_CMD_PRIVATE_EXPEDITED = 8, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED = 16;

    /** membarrier(2): with one processor every entry of the kernel is a barrier. EINVAL; EPERM: not registered. */
    static long membarrier(Task task, SyscallArgs args) {
        if (args.int32(1) != 0) {
            return -EINVAL;
        }
        switch (args.int32(0)) {
            case MEMBARRIER_CMD_QUERY: return 31;
            case MEMBARRIER_CMD_GLOBAL: case MEMBARRIER_CMD_GLOBAL_EXPEDITED: case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED: return 0;
            case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
                task.group().setUsesBarriers();
                return 0;
            case MEMBARRIER_CMD_PRIVATE_EXPEDITED: return task.group().usesBarriers() ? 0 : -EPERM;
            default: return -EINVAL;
        }
    }

    static long schedYield(Task task, SyscallArgs args) {
        task.kernel().scheduler().yield();
        return 0;
    }

    private static Task target(Task task, int pid) {
        return pid < 0 ? null : pid == 0 ? task : task.kernel().pids().task(pid);
    }

    private static boolean mayChange(Task task, Task target) {
        Credentials c = task.credentials();
        return c.isRoot() || c.euid() == target.credentials().euid() || c.euid() == target.credentials().uid();
    }

    static long schedGetscheduler(Task task, SyscallArgs args) {
        if (args.int32(0) < 0) {
            return -EINVAL;
        }
        Task t = target(task, args.int32(0));
        return t == null ? -ESRCH : t.schedulingPolicy();
    }

    static long schedSetscheduler(Task task, SyscallArgs args) {
        if (args.int32(0) < 0 || args.raw(2) == 0) {
            return -EINVAL;
        }
        return setScheduling(task, args.int32(0), args.int32(1) & ~SCHED_RESET_ON_FORK, task.user().read32(args.raw(2)));
    }

    static long schedSetparam(Task task, SyscallArgs args) {
        if (args.int32(0) < 0 || args.raw(1) == 0) {
            return -EINVAL;
        }
        Task t = target(task, args.int32(0));
        return t == null ? -ESRCH : setScheduling(task, args.int32(0), t.schedulingPolicy(), task.user().read32(args.raw(1)));
    }

    private static long setScheduling(Task task, int pid, int policy, int priority) {
        Task t = target(task, pid);
        if (t == null) {
            return -ESRCH;
        }
        boolean isRealtime = policy == SCHED_FIFO || policy == SCHED_RR;
        if (!isRealtime && policy != SCHED_OTHER && policy != SCHED_BATCH && policy != SCHED_IDLE
            || (isRealtime ? priority < 1 || priority > 99 : priority != 0)) {
            return -EINVAL;
        }
        if (!mayChange(task, t) || isRealtime && !task.credentials().isRoot() && priority > task.group().limit(RLIMIT_RTPRIO)) {
            return -EPERM;
        }
        t.setScheduling(policy, priority);
        return 0;
    }

    static long schedGetparam(Task task, SyscallArgs args) {
        if (args.int32(0) < 0 || args.raw(1) == 0) {
            return -EINVAL;
        }
        Task t = target(task, args.int32(0));
        if (t == null) {
            return -ESRCH;
        }
        task.user().write32(args.raw(1), t.realtimePriority());
        return 0;
    }

    static long schedGetPriorityMax(Task task, SyscallArgs args) {
        return priorityLimit(args.int32(0), 99);
    }

    static long schedGetPriorityMin(Task task, SyscallArgs args) {
        return priorityLimit(args.int32(0), 1);
    }

    private static long priorityLimit(int policy, int realtime) {
        return switch (policy) {
            case SCHED_FIFO, SCHED_RR -> realtime;
            case SCHED_OTHER, SCHED_BATCH, SCHED_IDLE -> 0;
            default -> -EINVAL;
        };
    }

    static long schedRrGetInterval(Task task, SyscallArgs args) {
        return interval(task, args, task.is64Bit());
    }

    static long schedRrGetInterval64(Task task, SyscallArgs args) {
        return interval(task, args, true);
    }

    private static long interval(Task task, SyscallArgs args, boolean wide) {
        if (args.int32(0) < 0) {
            return -EINVAL;
        }
        Task t = target(task, args.int32(0));
        if (t == null) {
            return -ESRCH;
        }
        long ns = t.schedulingPolicy() == SCHED_FIFO ? 0 : task.kernel().scheduler().policy().quantumNs(t);
        TimeLayout.writeTimespec(task.user(), args.raw(1), ns, wide);
        return 0;
    }

    /** One processor: a mask without it is EINVAL. */
    static long schedSetaffinity(Task task, SyscallArgs args) {
        int mask = args.unsigned32(1) == 0 ? 0 : task.user().read8(args.raw(2));
        Task t = target(task, args.int32(0));
        if (t == null) {
            return -ESRCH;
        }
        if (!mayChange(task, t)) {
            return -EPERM;
        }
        return (mask & 1) == 0 ? -EINVAL : 0;
    }

    /** The mask's size in bytes, as the raw call answers. */
    static long schedGetaffinity(Task task, SyscallArgs args) {
        long length = args.unsigned32(1);
        int word = task.is64Bit() ? 8 : 4;
        if (length < 1 || (length & word - 1) != 0) {
            return -EINVAL;
        }
        Task t = target(task, args.int32(0));
        if (t == null) {
            return -ESRCH;
        }
        task.user().writeWord(args.raw(2), 1);
        return word;
    }

    static long getcpu(Task task, SyscallArgs args) {
        for (int i = 0; i < 2; i++) {
            if (args.raw(i) != 0) {
                task.user().write32(args.raw(i), 0);
            }
        }
        return 0;
    }

    private static boolean matches(Task task, Task t, int which, int who) {
        return switch (which) {
            case PRIO_PROCESS -> t.tid() == (who == 0 ? task.tid() : who);
            case PRIO_PGRP -> t.group().processGroup() == (who == 0 ? task.group().processGroup() : who);
            default -> t.credentials().uid() == (who == 0 ? task.credentials().uid() : who);
        };
    }

    /** 20 - nice of the least nice one, 1 to 40. */
    static long getpriority(Task task, SyscallArgs args) {
        int which = args.int32(0);
        if (which < PRIO_PROCESS || which > PRIO_USER) {
            return -EINVAL;
        }
        long best = -ESRCH;
        for (Task t : task.kernel().pids().tasks()) {
            if (!t.isEnded() && matches(task, t, which, args.int32(1))) {
                best = Math.max(best, 20 - t.nice());
            }
        }
        return best;
    }

    static long setpriority(Task task, SyscallArgs args) {
        int which = args.int32(0);
        if (which < PRIO_PROCESS || which > PRIO_USER) {
            return -EINVAL;
        }
        int nice = Math.max(-20, Math.min(19, args.int32(2)));
        long result = -ESRCH;
        for (Task t : task.kernel().pids().tasks()) {
            if (t.isEnded() || !matches(task, t, which, args.int32(1))) {
                continue;
            }
            long one = setNice(task, t, nice);
            result = one != 0 || result == -ESRCH ? one : result;
        }
        return result;
    }

    private static long setNice(Task task, Task t, int nice) {
        if (!mayChange(task, t)) {
            return -EPERM;
        }
        if (nice < t.nice() && !task.credentials().isRoot() && 20 - nice > t.group().limit(RLIMIT_NICE)) {
            return -EACCES;
        }
        t.setNice(nice);
        return 0;
    }

    static long nice(Task task, SyscallArgs args) {
        int nice = Math.max(-20, Math.min(19, task.nice() + Math.max(-40, Math.min(40, args.int32(0)))));
        return setNice(task, task, nice) == 0 ? 0 : -EPERM;
    }
}
