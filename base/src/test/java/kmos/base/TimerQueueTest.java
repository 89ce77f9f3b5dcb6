// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimerQueueTest {
    private static final class Recorder implements TimerTarget {
        final List<Integer> codes = new ArrayList<>();

        @Override
        public void timerExpired(int code, long nowNs) {
            codes.add(code);
        }

        @Override
        public void state(StateFields s) {
        }
    }

    @Test
    void timersRunByDeadline_thenInOrderOfArming() {
        TimerQueue q = new TimerQueue();
        Recorder r = new Recorder();
        long[] deadlines = {50, 10, 30, 10, 40, 10, 20};
        for (int i = 0; i < deadlines.length; i++) {
            q.arm(deadlines[i], r, i);
        }
        assertEquals(10, q.nextDeadlineNs());
        q.runUntil(30);
        assertEquals(List.of(1, 3, 5, 6, 2), r.codes);
        q.runUntil(100);
        assertEquals(List.of(1, 3, 5, 6, 2, 4, 0), r.codes);
        assertEquals(TimerQueue.NEVER, q.nextDeadlineNs());
    }

    @Test
    void aCancelledTimerDoesNotRun_andTheOthersKeepTheirOrder() {
        TimerQueue q = new TimerQueue();
        Recorder r = new Recorder();
        List<TimerQueue.Timer> timers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            timers.add(q.arm((i * 37) % 50, r, (i * 37) % 50));
        }
        for (int i = 0; i < 50; i += 3) {
            q.cancel(timers.get(i));
            q.cancel(timers.get(i));
        }
        q.runUntil(1000);
        assertEquals(33, r.codes.size());
        for (int i = 1; i < r.codes.size(); i++) {
            assertEquals(true, r.codes.get(i - 1) < r.codes.get(i));
        }
    }
}
