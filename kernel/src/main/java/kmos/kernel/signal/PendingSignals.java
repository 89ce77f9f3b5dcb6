// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.abi.SignalAbi;

/** Signals that were sent to a task or a process and not yet taken: standard ones once, real-time ones as often as sent. */
public final class PendingSignals implements Stateful {
    /** Those that a fault of the task itself raises come first (SYNCHRONOUS_MASK in Linux). */
    private static final long SYNCHRONOUS = SignalAbi.bit(SignalAbi.SIGSEGV) | SignalAbi.bit(SignalAbi.SIGBUS) | SignalAbi.bit(SignalAbi.SIGILL)
        | SignalAbi.bit(SignalAbi.SIGTRAP) | SignalAbi.bit(SignalAbi.SIGFPE) | SignalAbi.bit(SignalAbi.SIGSYS);

    private final List<SigInfo> queue = new ArrayList<>();
    private long set;

    /** As a kernel sigset: signal 1 is bit 0. */
    public long set() {
        return set;
    }

    /** In the order in which they were sent. */
    public List<SigInfo> all() {
        return List.copyOf(queue);
    }

    public int size() {
        return queue.size();
    }

    /** False when a standard signal was pending already. */
    boolean add(SigInfo info) {
        long bit = SignalAbi.bit(info.signal);
        if (info.signal < SignalAbi.SIGRTMIN && (set & bit) != 0) {
            return false;
        }
        set |= bit;
        queue.add(info);
        return true;
    }

    /** The signal to take next among those in allowed, 0 when there is none. */
    static int next(long pendingAndAllowed) {
        if (pendingAndAllowed == 0) {
            return 0;
        }
        long first = (pendingAndAllowed & SYNCHRONOUS) != 0 ? pendingAndAllowed & SYNCHRONOUS : pendingAndAllowed;
        return Long.numberOfTrailingZeros(first) + 1;
    }

    /** The oldest entry of a signal, or null. */
    SigInfo peek(int signal) {
        for (SigInfo i : queue) {
            if (i.signal == signal) {
                return i;
            }
        }
        return null;
    }

    /** Takes the oldest entry of a signal, or null. */
    SigInfo take(int signal) {
        SigInfo found = null;
        boolean isMore = false;
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i).signal == signal) {
                if (found == null) {
                    found = queue.remove(i--);
                } else {
                    isMore = true;
                }
            }
        }
        if (!isMore) {
            set &= ~SignalAbi.bit(signal);
        }
        return found;
    }

    /** Forgets all entries of the signals in mask. */
    void removeAll(long mask) {
        if ((set & mask) != 0) {
            queue.removeIf(i -> (SignalAbi.bit(i.signal) & mask) != 0);
            set &= ~mask;
        }
    }

    /** Forgets everything (exec keeps them, exit does not). */
    public void clear() {
        queue.clear();
        set = 0;
    }

    /** Forgets the entries of a deleted POSIX timer. */
    public void removeTimer(int timerId) {
        for (int i = queue.size() - 1; i >= 0; i--) {
            SigInfo info = queue.get(i);
            if (info.code == SignalAbi.SI_TIMER && info.timerId == timerId) {
                queue.remove(i);
                boolean isMore = false;
                for (SigInfo other : queue) {
                    isMore |= other.signal == info.signal;
                }
                if (!isMore) {
                    set &= ~SignalAbi.bit(info.signal);
                }
            }
        }
    }

    /** The queued entry of a POSIX timer, or null. */
    public SigInfo ofTimer(int timerId) {
        for (SigInfo info : queue) {
            if (info.code == SignalAbi.SI_TIMER && info.timerId == timerId) {
                return info;
            }
        }
        return null;
    }

    @Override
    public void state(StateFields s) {
        s.refs("queue", queue, SigInfo.class);
        set = s.i64("set", set);
    }
}
