// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.ECANCELED;
import static kmos.base.Errno.EFAULT;
import static kmos.base.Errno.EINVAL;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;

/** A timer whose expirations are read (timerfd_create(2)). */
public final class TimerFile extends FileDescription implements TimerTarget {
    private boolean isRealTime;
    private TimerQueue.Timer timer;
    private long intervalNs;
    private long ticks;
    /** Absolute on the real-time clock: moves when that is set. In ns since 1970, or -1. */
    private long realDeadlineNs = -1;
    private boolean isCancelledByTimeSet;
    private boolean isCancelled;
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public TimerFile(Vfs vfs) {
        super(vfs);
    }

    public TimerFile(Vfs vfs, int flags, boolean isRealTime) {
        super(vfs, vfs.pipeFs().anonymous(), flags);
        this.isRealTime = isRealTime;
    }

    /** Whether its clock is one that can be set. */
    public boolean isRealTime() {
        return isRealTime;
    }

    /** Time to the next expiration, 0 when disarmed. */
    public long leftNs() {
        return timer != null && timer.isArmed() ? Math.max(1, timer.deadlineNs() - vfs.kernel().nowNs()) : 0;
    }

    public long intervalNs() {
        return intervalNs;
    }

    public void disarm() {
        vfs.kernel().timers().cancel(timer);
        vfs.realTimers().remove(this);
        timer = null;
        ticks = 0;
        realDeadlineNs = -1;
        isCancelled = false;
    }

    /** deadlineNs: guest time. realNs: the same as real time when it was given so, else -1. */
    public void arm(long deadlineNs, long interval, long realNs, boolean isCancelledBySet) {
        disarm();
        intervalNs = interval;
        realDeadlineNs = realNs;
        isCancelledByTimeSet = isCancelledBySet;
        timer = vfs.kernel().timers().arm(deadlineNs, this, 0);
        if (realNs >= 0) {
            vfs.realTimers().add(this);
        }
    }

    /** What timerfd_settime leaves in the interval when it disarms. */
    public void setIntervalNs(long ns) {
        intervalNs = ns;
    }

    /** The real-time clock was set. */
    public void realTimeSet() {
        if (isCancelledByTimeSet) {
            isCancelled = true;
            changed.wakeAll();
        }
        if (timer != null && timer.isArmed()) {
            vfs.kernel().timers().cancel(timer);
            long due = Math.max(0, realDeadlineNs - vfs.kernel().realTimeOffsetNs());
            timer = vfs.kernel().timers().arm(due, this, 0);
        }
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        long due = timer.deadlineNs();
        timer = null;
        ticks++;
        if (intervalNs > 0) {
            long behind = (nowNs - due) / intervalNs;
            ticks += behind;
            timer = vfs.kernel().timers().arm(due + (behind + 1) * intervalNs, this, 0);
            realDeadlineNs = realDeadlineNs < 0 ? -1 : realDeadlineNs + (behind + 1) * intervalNs;
        }
        changed.wakeAll();
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        if (buffer.remaining() < 8) {
            return -EINVAL;
        }
        if (isCancelled) {
            isCancelled = false;
            ticks = 0;
            return -ECANCELED;
        }
        if (ticks == 0) {
            return -EAGAIN;
        }
        byte[] b = new byte[8];
        LittleEndian.put64(b, 0, ticks);
        if (buffer.put(b, 0, 8) < 8) {
            return -EFAULT;
        }
        ticks = 0;
        return 8;
    }

    @Override
    public long seek(long offset, int whence) {
        return 0;
    }

    @Override
    public int poll() {
        return ticks > 0 || isCancelled ? Poll.READABLE : 0;
    }

    @Override
    public WaitQueue waitQueue() {
        return changed;
    }

    @Override
    protected void closed() {
        disarm();
    }

    @Override
    public String description() {
        return "anon_inode:[timerfd]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        isRealTime = s.bool("isRealTime", isRealTime);
        timer = s.ref("timer", timer, TimerQueue.Timer.class);
        intervalNs = s.i64("intervalNs", intervalNs);
        ticks = s.i64("ticks", ticks);
        realDeadlineNs = s.i64("realDeadlineNs", realDeadlineNs);
        isCancelledByTimeSet = s.bool("isCancelledByTimeSet", isCancelledByTimeSet);
        isCancelled = s.bool("isCancelled", isCancelled);
        s.struct("changed", changed);
    }
}
