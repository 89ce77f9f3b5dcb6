// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import kmos.base.TimerQueue;
import kmos.kernel.Kernel;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.PosixTimer;
import kmos.kernel.task.ProcessTimers;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;

/** clock_gettime(2) and its family, sleeping, interval and POSIX timers. */
final class Clocks {
    static final int CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_PROCESS_CPUTIME_ID = 2, CLOCK_THREAD_CPUTIME_ID = 3,
        CLOCK_MONOTONIC_RAW = 4, CLOCK_REALTIME_COARSE = 5, CLOCK_MONOTONIC_COARSE = 6, CLOCK_BOOTTIME = 7, CLOCK_REALTIME_ALARM = 8,
        CLOCK_BOOTTIME_ALARM = 9, CLOCK_TAI = 11;
    private static final int TIMER_ABSTIME = 1;
    private static final long COARSE_NS = 4_000_000;

    private Clocks() { }

    /** The value of a clock in ns, or -1 for an unknown one. */
    static long read(Task task, int clock) {
        Kernel k = task.kernel();
        switch (clock) {
            case CLOCK_REALTIME, CLOCK_TAI, CLOCK_REALTIME_ALARM:
                return k.realTimeNs();
            case CLOCK_REALTIME_COARSE:
                return k.realTimeNs() / COARSE_NS * COARSE_NS;
            case CLOCK_MONOTONIC_COARSE:
                return k.nowNs() / COARSE_NS * COARSE_NS;
            case CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM:
                return k.nowNs();
            case CLOCK_PROCESS_CPUTIME_ID:
                return task.group().userNs() + task.group().systemNs();
            case CLOCK_THREAD_CPUTIME_ID:
                return task.userNs() + task.systemNs();
            default:
                return clock < 0 ? readCpuClock(task, clock) : -1;
        }
    }

    /** clock_getcpuclockid's ids: ~pid << 3 | per-thread bit 2 | kind. */
    private static long readCpuClock(Task task, int clock) {
        int pid = ~(clock >> 3);
        if ((clock & 3) == 3) {
            return -1;
        }
        Task target = pid == 0 ? task : task.kernel().pids().task(pid);
        if (target == null) {
            return -1;
        }
        if ((clock & 4) != 0) {
            return target.group() == task.group() ? target.userNs() + target.systemNs() : -1;
        }
        ThreadGroup g = target.group();
        return g.userNs() + g.systemNs();
    }

    private static boolean isWide(Task task) {
        return task.is64Bit();
    }

    /** EINVAL: no such clock; EFAULT. */
    static long clockGettime(Task task, SyscallArgs args) {
        return clockGettime(task, args, isWide(task));
    }

    static long clockGettime64(Task task, SyscallArgs args) {
        return clockGettime(task, args, true);
    }

    private static long clockGettime(Task task, SyscallArgs args, boolean wide) {
        long ns = read(task, args.int32(0));
        if (ns < 0) {
            return -EINVAL;
        }
        TimeLayout.writeTimespec(task.user(), args.raw(1), ns, wide);
        return 0;
    }

    static long clockGetres(Task task, SyscallArgs args) {
        return clockGetres(task, args, isWide(task));
    }

    static long clockGetres64(Task task, SyscallArgs args) {
        return clockGetres(task, args, true);
    }

    private static long clockGetres(Task task, SyscallArgs args, boolean wide) {
        int clock = args.int32(0);
        if (read(task, clock) < 0) {
            return -EINVAL;
        }
        if (args.raw(1) != 0) {
            boolean isCoarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
            TimeLayout.writeTimespec(task.user(), args.raw(1), isCoarse ? COARSE_NS : 1, wide);
        }
        return 0;
    }

    /** EINVAL: the clock cannot be set; EPERM. */
    static long clockSettime(Task task, SyscallArgs args) {
        return clockSettime(task, args, isWide(task));
    }

    static long clockSettime64(Task task, SyscallArgs args) {
        return clockSettime(task, args, true);
    }

    private static long clockSettime(Task task, SyscallArgs args, boolean wide) {
        if (args.int32(0) != CLOCK_REALTIME) {
            return -EINVAL;
        }
        long ns = wide ? TimeLayout.readTimespec64(task.user(), args.raw(1), task.is64Bit()) : TimeLayout.readTimespec(task.user(), args.raw(1), false);
        return setRealTime(task, ns);
    }

    private static long setRealTime(Task task, long ns) {
        if (!task.credentials().isRoot()) {
            return -EPERM;
        }
        task.kernel().setRealTimeNs(ns);
        return 0;
    }

    static long gettimeofday(Task task, SyscallArgs args) {
        if (args.raw(0) != 0) {
            TimeLayout.writeTimeval(task.user(), args.raw(0), task.kernel().realTimeNs(), isWide(task));
        }
        if (args.raw(1) != 0) {
            task.user().write64(args.raw(1), 0);
        }
        return 0;
    }

    static long settimeofday(Task task, SyscallArgs args) {
        if (args.raw(0) == 0) {
            return task.credentials().isRoot() ? 0 : -EPERM;
        }
        return setRealTime(task, TimeLayout.readTimeval(task.user(), args.raw(0), isWide(task)));
    }

    static long time(Task task, SyscallArgs args) {
        long seconds = task.kernel().realTimeNs() / TimeLayout.NS;
        if (args.raw(0) != 0) {
            task.user().writeWord(args.raw(0), seconds);
        }
        return seconds;
    }

    static long stime(Task task, SyscallArgs args) {
        return setRealTime(task, task.user().read32(args.raw(0)) * TimeLayout.NS);
    }

    /** times(2): clock ticks of 10 ms; the result is uptime in ticks. */
    static long times(Task task, SyscallArgs args) {
        long at = args.raw(0);
        if (at != 0) {
            int w = task.is64Bit() ? 8 : 4;
            ThreadGroup g = task.group();
            UserSpace user = task.user();
            user.writeWord(at, g.userNs() / 10_000_000);
            user.writeWord(at + w, g.systemNs() / 10_000_000);
            user.writeWord(at + 2L * w, g.childrenUserNs() / 10_000_000);
            user.writeWord(at + 3L * w, g.childrenSystemNs() / 10_000_000);
        }
        return task.kernel().nowNs() / 10_000_000;
    }

    // Sleeping

    static long nanosleep(Task task, SyscallArgs args) {
        if (task.frame().deadlineNs < 0) {
            long ns = TimeLayout.readTimespec(task.user(), args.raw(0), isWide(task));
            task.frame().deadlineNs = deadline(task, ns);
        }
        return sleep(task, CLOCK_MONOTONIC, args.raw(1), isWide(task), false);
    }

    static long clockNanosleep(Task task, SyscallArgs args) {
        return clockNanosleep(task, args, isWide(task));
    }

    static long clockNanosleep64(Task task, SyscallArgs args) {
        return clockNanosleep(task, args, true);
    }

    private static long clockNanosleep(Task task, SyscallArgs args, boolean wide) {
        int clock = args.int32(0);
        if (clock == CLOCK_THREAD_CPUTIME_ID) {
            return -EINVAL;
        }
        if (clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_PROCESS_CPUTIME_ID) {
            return -EOPNOTSUPP;
        }
        if (read(task, clock) < 0) {
            return -EINVAL;
        }
        boolean isAbsolute = (args.int32(1) & TIMER_ABSTIME) != 0;
        if (task.frame().deadlineNs < 0) {
            long ns = wide ? TimeLayout.readTimespec64(task.user(), args.raw(2), task.is64Bit()) : TimeLayout.readTimespec(task.user(), args.raw(2), false);
            task.frame().deadlineNs = isAbsolute ? toMonotonic(task, clock, ns) : deadline(task, ns);
        }
        return sleep(task, clock, args.raw(3), wide, isAbsolute);
    }

    /** An absolute time of a clock as guest time; the past is 0. */
    static long toMonotonic(Task task, int clock, long ns) {
        if (ns == Long.MAX_VALUE) {
            return TimerQueue.NEVER;
        }
        boolean isReal = clock == CLOCK_REALTIME || clock == CLOCK_TAI || clock == CLOCK_REALTIME_ALARM;
        return Math.max(0, isReal ? ns - task.kernel().realTimeOffsetNs() : ns);
    }

    static long deadline(Task task, long ns) {
        return ns == Long.MAX_VALUE ? TimerQueue.NEVER : task.kernel().deadlineAfter(ns);
    }

    private static long sleep(Task task, int clock, long remainingAt, boolean wide, boolean isAbsolute) {
        long until = task.frame().deadlineNs;
        long now = task.kernel().nowNs();
        if (now >= until) {
            return 0;
        }
        long result = task.blockUntil(until);
        if (result == Task.BLOCKED) {
            return result;
        }
        if (isAbsolute) {
            return -Restart.ERESTARTNOHAND;
        }
        if (remainingAt != 0) {
            TimeLayout.writeTimespec(task.user(), remainingAt, until - now, wide);
        }
        return task.restartLater(until);
    }

    // Interval timers

    /** EINVAL: no such timer or tv_usec out of range; EFAULT. */
    static long setitimer(Task task, SyscallArgs args) {
        int which = args.int32(0);
        boolean wide = isWide(task);
        int size = wide ? 16 : 8;
        UserSpace user = task.user();
        long value = 0;
        long interval = 0;
        if (args.raw(1) != 0) {
            interval = TimeLayout.readTimeval(user, args.raw(1), wide);
            value = TimeLayout.readTimeval(user, args.raw(1) + size, wide);
        }
        if (which < 0 || which > ProcessTimers.ITIMER_PROF) {
            return -EINVAL;
        }
        ProcessTimers timers = task.group().timers();
        long oldLeft = timers.leftNs(which);
        long oldInterval = timers.intervalNs(which);
        if (args.raw(2) != 0) {
            user.prepareWrite(args.raw(2), 2L * size);
        }
        timers.set(which, value, interval);
        if (args.raw(2) != 0) {
            TimeLayout.writeTimeval(user, args.raw(2), oldInterval, wide);
            TimeLayout.writeTimeval(user, args.raw(2) + size, oldLeft, wide);
        }
        return 0;
    }

    static long getitimer(Task task, SyscallArgs args) {
        int which = args.int32(0);
        if (which < 0 || which > ProcessTimers.ITIMER_PROF) {
            return -EINVAL;
        }
        boolean wide = isWide(task);
        TimeLayout.writeTimeval(task.user(), args.raw(1), task.group().timers().intervalNs(which), wide);
        TimeLayout.writeTimeval(task.user(), args.raw(1) + (wide ? 16 : 8), task.group().timers().leftNs(which), wide);
        return 0;
    }

    /** Seconds that were left, rounded up as Linux does. */
    static long alarm(Task task, SyscallArgs args) {
        ProcessTimers timers = task.group().timers();
        long left = timers.leftNs(ProcessTimers.ITIMER_REAL);
        timers.set(ProcessTimers.ITIMER_REAL, args.unsigned32(0) * TimeLayout.NS, 0);
        long seconds = left / TimeLayout.NS;
        boolean isRoundedUp = left > 0 && (seconds == 0 || left % TimeLayout.NS >= TimeLayout.NS / 2);
        return isRoundedUp ? seconds + 1 : seconds;
    }

    // POSIX timers

    /** EINVAL: clock, notification or signal; EFAULT. */
    static long timerCreate(Task task, SyscallArgs args) {
        int clock = args.int32(0);
        if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0) {
            return -EOPNOTSUPP;
        }
        if (read(task, clock) < 0 || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE) {
            return -EINVAL;
        }
        UserSpace user = task.user();
        long event = args.raw(1);
        int notify = SignalAbi.SIGEV_SIGNAL;
        int signal = SignalAbi.SIGALRM;
        long value = 0;
        Task thread = null;
        if (event != 0) {
            int word = task.is64Bit() ? 8 : 4;
            value = user.readWord(event);
            signal = user.read32(event + word);
            notify = user.read32(event + word + 4);
            if ((notify & SignalAbi.SIGEV_THREAD_ID) != 0) {
                thread = task.kernel().pids().task(user.read32(event + word + 8));
                if (thread == null || thread.group() != task.group() || notify != SignalAbi.SIGEV_THREAD_ID) {
                    return -EINVAL;
                }
                notify = SignalAbi.SIGEV_SIGNAL;
            }
            if (notify < 0 || notify > SignalAbi.SIGEV_THREAD || notify != SignalAbi.SIGEV_NONE && (signal <= 0 || signal > SignalAbi.NSIG)) {
                return -EINVAL;
            }
        }
        user.prepareWrite(args.raw(2), 4);
        PosixTimer t = task.group().timers().add(clock, notify, signal, value, thread);
        if (event == 0) {
            t.setValue(t.id());
        }
        user.write32(args.raw(2), t.id());
        return 0;
    }

    static long timerSettime(Task task, SyscallArgs args) {
        return timerSettime(task, args, isWide(task));
    }

    static long timerSettime64(Task task, SyscallArgs args) {
        return timerSettime(task, args, true);
    }

    private static long timerSettime(Task task, SyscallArgs args, boolean wide) {
        if (args.raw(2) == 0) {
            return -EINVAL;
        }
        UserSpace user = task.user();
        int size = wide ? 16 : 8;
        boolean is64 = task.is64Bit();
        long interval = wide ? TimeLayout.readTimespec64(user, args.raw(2), is64) : TimeLayout.readTimespec(user, args.raw(2), false);
        long value = wide ? TimeLayout.readTimespec64(user, args.raw(2) + size, is64) : TimeLayout.readTimespec(user, args.raw(2) + size, false);
        PosixTimer t = task.group().timers().find(args.int32(0));
        if (t == null) {
            return -EINVAL;
        }
        if (args.raw(3) != 0) {
            user.prepareWrite(args.raw(3), 2L * size);
            writeTimer(user, args.raw(3), t, wide);
        }
        if (value == 0) {
            t.disarm();
        } else {
            boolean isAbsolute = (args.int32(1) & TIMER_ABSTIME) != 0;
            t.arm(isAbsolute ? toMonotonic(task, t.clock(), value) : deadline(task, value), interval);
        }
        return 0;
    }

    private static void writeTimer(UserSpace user, long at, PosixTimer t, boolean wide) {
        TimeLayout.writeTimespec(user, at, t.intervalNs(), wide);
        TimeLayout.writeTimespec(user, at + (wide ? 16 : 8), t.leftNs(), wide);
    }

    static long timerGettime(Task task, SyscallArgs args) {
        return timerGettime(task, args, isWide(task));
    }

    static long timerGettime64(Task task, SyscallArgs args) {
        return timerGettime(task, args, true);
    }

    private static long timerGettime(Task task, SyscallArgs args, boolean wide) {
        PosixTimer t = task.group().timers().find(args.int32(0));
        if (t == null) {
            return -EINVAL;
        }
        writeTimer(task.user(), args.raw(1), t, wide);
        return 0;
    }

    static long timerGetoverrun(Task task, SyscallArgs args) {
        PosixTimer t = task.group().timers().find(args.int32(0));
        return t == null ? -EINVAL : t.overrun();
    }

    static long timerDelete(Task task, SyscallArgs args) {
        PosixTimer t = task.group().timers().find(args.int32(0));
        if (t == null) {
            return -EINVAL;
        }
        task.group().timers().remove(t);
        return 0;
    }
}
