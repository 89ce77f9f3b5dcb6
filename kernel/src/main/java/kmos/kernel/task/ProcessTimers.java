// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/** setitimer's three interval timers of a process, and its POSIX timers. Real ones hang on the timer queue. */
public final class ProcessTimers implements TimerTarget {
    public static final int ITIMER_REAL = 0, ITIMER_VIRTUAL = 1, ITIMER_PROF = 2;

    private final Kernel kernel;
    private ThreadGroup group;
    private TimerQueue.Timer real;
    private long realIntervalNs;
    /** What is left of ITIMER_VIRTUAL and ITIMER_PROF in processor time, 0 when off. */
    private long virtualLeftNs, virtualIntervalNs, profileLeftNs, profileIntervalNs;
    private final List<PosixTimer> posix = new ArrayList<>();
    private int nextTimerId;

    /** For loading a saved state. */
    public ProcessTimers(Kernel kernel) {
        this.kernel = kernel;
    }

    ProcessTimers(Kernel kernel, ThreadGroup group) {
        this.kernel = kernel;
        this.group = group;
    }

    /** Time until expiry in ns, 0 when off. */
    public long leftNs(int which) {
        if (which == ITIMER_REAL) {
            return real != null && real.isArmed() ? Math.max(1, real.deadlineNs() - kernel.nowNs()) : 0;
        }
        return which == ITIMER_VIRTUAL ? virtualLeftNs : profileLeftNs;
    }

    public long intervalNs(int which) {
        return which == ITIMER_REAL ? realIntervalNs : which == ITIMER_VIRTUAL ? virtualIntervalNs : profileIntervalNs;
    }

    /** valueNs 0 switches off. */
    public void set(int which, long valueNs, long intervalNs) {
        if (which == ITIMER_REAL) {
            kernel.timers().cancel(real);
            real = valueNs == 0 ? null : kernel.timers().arm(kernel.deadlineAfter(valueNs), this, ITIMER_REAL);
            realIntervalNs = intervalNs;
        } else if (which == ITIMER_VIRTUAL) {
            virtualLeftNs = valueNs;
            virtualIntervalNs = intervalNs;
        } else {
            profileLeftNs = valueNs;
            profileIntervalNs = intervalNs;
        }
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        long due = real.deadlineNs();
        real = null;
        if (realIntervalNs > 0) {
            long next = due + realIntervalNs;
            if (next <= nowNs) {
                next = nowNs + realIntervalNs - (nowNs - due) % realIntervalNs;
            }
            real = kernel.timers().arm(next, this, ITIMER_REAL);
        }
        SignalSending.toGroup(group, SigInfo.kernel(SignalAbi.SIGALRM));
    }

    void charged(long ns, boolean isUser) {
        if (group.limit(SchedAbi.RLIMIT_CPU) != SchedAbi.RLIM_INFINITY) {
            checkLimit();
        }
        if (virtualLeftNs > 0 && isUser) {
            virtualLeftNs -= ns;
            if (virtualLeftNs <= 0) {
                virtualLeftNs = virtualIntervalNs;
                SignalSending.toGroup(group, SigInfo.kernel(SignalAbi.SIGVTALRM));
            }
        }
        if (profileLeftNs > 0) {
            profileLeftNs -= ns;
            if (profileLeftNs <= 0) {
                profileLeftNs = profileIntervalNs;
                SignalSending.toGroup(group, SigInfo.kernel(SignalAbi.SIGPROF));
            }
        }
    }

    /** RLIMIT_CPU, in seconds: SIGKILL at the hard limit, SIGXCPU at the soft one and at each second after it. */
    private void checkLimit() {
        long seconds = (group.userNs() + group.systemNs()) / 1_000_000_000L;
        long hard = group.hardLimit(SchedAbi.RLIMIT_CPU);
        long soft = group.limit(SchedAbi.RLIMIT_CPU);
        if (Long.compareUnsigned(seconds, hard) >= 0) {
            SignalSending.toGroup(group, SigInfo.kernel(SignalAbi.SIGKILL));
        } else if (Long.compareUnsigned(seconds, soft) >= 0) {
            group.setLimit(SchedAbi.RLIMIT_CPU, soft + 1, hard);
            SignalSending.toGroup(group, SigInfo.kernel(SignalAbi.SIGXCPU));
        }
    }

    public List<PosixTimer> posix() {
        return posix;
    }

    public PosixTimer add(int clock, int notify, int signal, long value, Task thread) {
        PosixTimer t = new PosixTimer(kernel, group, nextTimerId++, clock, notify, signal, value, thread);
        posix.add(t);
        return t;
    }

    public PosixTimer find(int id) {
        for (PosixTimer t : posix) {
            if (t.id() == id) {
                return t;
            }
        }
        return null;
    }

    public void remove(PosixTimer timer) {
        timer.disarm();
        posix.remove(timer);
    }

    /** exec: POSIX timers go, interval timers stay. */
    public void removePosix() {
        while (!posix.isEmpty()) {
            remove(posix.get(0));
        }
    }

    /** The process ends. */
    void clear() {
        removePosix();
        set(ITIMER_REAL, 0, 0);
        set(ITIMER_VIRTUAL, 0, 0);
        set(ITIMER_PROF, 0, 0);
    }

    @Override
    public void state(StateFields s) {
        group = s.ref("group", group, ThreadGroup.class);
        real = s.ref("real", real, TimerQueue.Timer.class);
        realIntervalNs = s.i64("realIntervalNs", realIntervalNs);
        virtualLeftNs = s.i64("virtualLeftNs", virtualLeftNs);
        virtualIntervalNs = s.i64("virtualIntervalNs", virtualIntervalNs);
        profileLeftNs = s.i64("profileLeftNs", profileLeftNs);
        profileIntervalNs = s.i64("profileIntervalNs", profileIntervalNs);
        s.refs("posix", posix, PosixTimer.class);
        nextTimerId = s.i32("nextTimerId", nextTimerId);
    }
}
