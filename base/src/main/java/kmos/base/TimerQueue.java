// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.List;

/** Pending timers, by deadline, then by order of arming. A binary heap; cancelling is by the object that arm gave. */
public final class TimerQueue implements Stateful {
    public static final long NEVER = Long.MAX_VALUE;

    /** One armed timer. */
    public static final class Timer implements Stateful {
        private long deadlineNs;
        private long sequence;
        private int code;
        private TimerTarget target;
        private boolean isArmed;

        public long deadlineNs() {
            return deadlineNs;
        }

        public boolean isArmed() {
            return isArmed;
        }

        @Override
        public void state(StateFields s) {
            deadlineNs = s.i64("deadlineNs", deadlineNs);
            sequence = s.i64("sequence", sequence);
            code = s.i32("code", code);
            target = s.ref("target", target, TimerTarget.class);
            isArmed = s.bool("isArmed", isArmed);
        }
    }

    private final List<Timer> heap = new ArrayList<>();
    private long nextSequence;

    public Timer arm(long deadlineNs, TimerTarget target, int code) {
        Timer t = new Timer();
        t.deadlineNs = deadlineNs;
        t.sequence = nextSequence++;
        t.target = target;
        t.code = code;
        t.isArmed = true;
        heap.add(t);
        siftUp(heap.size() - 1);
        return t;
    }

    /** Does nothing for null or a timer that is not armed. */
    public void cancel(Timer timer) {
        if (timer == null || !timer.isArmed) {
            return;
        }
        timer.isArmed = false;
        int i = heap.indexOf(timer);
        Timer last = heap.remove(heap.size() - 1);
        if (last != timer) {
            heap.set(i, last);
            siftDown(i);
            siftUp(i);
        }
    }

    /** Deadline of the first timer, or {@link #NEVER}. */
    public long nextDeadlineNs() {
        return heap.isEmpty() ? NEVER : heap.get(0).deadlineNs;
    }

    /** Calls everything that is due, in order. */
    public void runUntil(long nowNs) {
        while (!heap.isEmpty() && heap.get(0).deadlineNs <= nowNs) {
            Timer t = heap.get(0);
            cancel(t);
            t.target.timerExpired(t.code, nowNs);
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("heap", heap, Timer.class);
        nextSequence = s.i64("nextSequence", nextSequence);
    }

    private static boolean before(Timer a, Timer b) {
        return a.deadlineNs != b.deadlineNs ? a.deadlineNs < b.deadlineNs : a.sequence < b.sequence;
    }

    private void siftUp(int i) {
        while (i > 0 && before(heap.get(i), heap.get((i - 1) / 2))) {
            swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    private void siftDown(int i) {
        for (;;) {
            int least = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2; child++) {
                if (child < heap.size() && before(heap.get(child), heap.get(least))) {
                    least = child;
                }
            }
            if (least == i) {
                return;
            }
            swap(i, least);
            i = least;
        }
    }

    private void swap(int i, int j) {
        Timer t = heap.get(i);
        heap.set(i, heap.get(j));
        heap.set(j, t);
    }
}
