// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/** A timer of timer_create(2). Clocks of processor time are not offered: all run on guest time. */
public final class PosixTimer implements TimerTarget {
    private final Kernel kernel;
    private ThreadGroup group;
    private int id;
    private int clock;
    private int notify;
    private int signal;
    private long value;
    private Task thread;
    private TimerQueue.Timer timer;
    private long intervalNs;
    private int overrun;

    /** For loading a saved state. */
    public PosixTimer(Kernel kernel) {
        this.kernel = kernel;
    }

    PosixTimer(Kernel kernel, ThreadGroup group, int id, int clock, int notify, int signal, long value, Task thread) {
        this.kernel = kernel;
        this.group = group;
        this.id = id;
        this.clock = clock;
        this.notify = notify;
        this.signal = signal;
        this.value = value;
        this.thread = thread;
    }

    public int id() {
        return id;
    }

    /** si_value of its signals. */
    public void setValue(long newValue) {
        value = newValue;
    }

    public int clock() {
        return clock;
    }

    public long leftNs() {
        return timer != null && timer.isArmed() ? Math.max(1, timer.deadlineNs() - kernel.nowNs()) : 0;
    }

    public long intervalNs() {
        return intervalNs;
    }

    /** Expirations that were not delivered one by one since the last delivered signal. */
    public int overrun() {
        return overrun;
    }

    /** deadlineNs is guest time since boot. */
    public void arm(long deadlineNs, long interval) {
        disarm();
        intervalNs = interval;
        overrun = 0;
        timer = kernel.timers().arm(deadlineNs, this, 0);
    }

    public void disarm() {
        kernel.timers().cancel(timer);
        timer = null;
        intervalNs = 0;
        group.sharedPending().removeTimer(id);
        if (thread != null) {
            thread.pending().removeTimer(id);
        }
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        long due = timer.deadlineNs();
        timer = null;
        int missed = 0;
        if (intervalNs > 0) {
            long behind = (nowNs - due) / intervalNs;
            missed = (int) Math.min(Integer.MAX_VALUE, behind);
            timer = kernel.timers().arm(due + (behind + 1) * intervalNs, this, 0);
        }
        if (notify == SignalAbi.SIGEV_NONE) {
            return;
        }
        SigInfo queued = thread != null ? thread.pending().ofTimer(id) : group.sharedPending().ofTimer(id);
        if (queued != null) {
            queued.overrun += 1 + missed;
            overrun = queued.overrun;
            return;
        }
        SigInfo info = SigInfo.of(signal, SignalAbi.SI_TIMER);
        info.timerId = id;
        info.value = value;
        info.overrun = missed;
        overrun = missed;
        if (thread != null) {
            SignalSending.toTask(thread, info);
        } else {
            SignalSending.toGroup(group, info);
        }
    }

    @Override
    public void state(StateFields s) {
        group = s.ref("group", group, ThreadGroup.class);
        id = s.i32("id", id);
        clock = s.i32("clock", clock);
        notify = s.i32("notify", notify);
        signal = s.i32("signal", signal);
        value = s.i64("value", value);
        thread = s.ref("thread", thread, Task.class);
        timer = s.ref("timer", timer, TimerQueue.Timer.class);
        intervalNs = s.i64("intervalNs", intervalNs);
        overrun = s.i32("overrun", overrun);
    }
}
