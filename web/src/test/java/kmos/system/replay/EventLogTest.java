// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kmos.system.OutsideEvent;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static final long SECOND = 1_000_000_000L;

    private static TimedEvent typed(long cycles, String text) {
        return new TimedEvent(cycles, OutsideEvent.IDLE, new OutsideEvent(OutsideEvent.TYPED, 0, 0, text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)));
    }

    private static void add(EventLog log, TimedEvent... events) {
        for (TimedEvent e : events) {
            log.event(e.cycles(), e.place(), e.event());
        }
    }

    private static List<String> read(EventLog.Cursor from) {
        List<String> all = new ArrayList<>();
        for (TimedEvent e = from.peek(); e != null; e = from.peek()) {
            all.add(text(e));
            from.take();
        }
        return all;
    }

    private static String text(TimedEvent e) {
        return (e.place() == OutsideEvent.SAME ? "same" : e.cycles()) + " " + e.place() + " " + e.event().kind() + " " + e.event().a() + " " + e.event().b() + " "
            + (e.event().bytes() == null ? "-" : new String(e.event().bytes(), java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @Test
    void everyEventComesBack_whateverItsNumbers() {
        Random random = new Random(1);
        EventLog log = new EventLog(5);
        List<String> wanted = new ArrayList<>();
        long cycles = 5;
        for (int i = 0; i < 2000; i++) {
            int place = random.nextInt(3);
            cycles += place == OutsideEvent.SAME ? 0 : random.nextLong() >>> random.nextInt(40) + 22;
            byte[] bytes = random.nextBoolean() ? null : new byte[random.nextInt(300)];
            if (bytes != null) {
                random.nextBytes(bytes);
            }
            TimedEvent e = new TimedEvent(cycles, place, new OutsideEvent(1 + random.nextInt(OutsideEvent.END), random.nextLong() >> random.nextInt(64),
                random.nextLong() >> random.nextInt(64), bytes));
            add(log, e);
            wanted.add(text(e));
        }
        assertEquals(wanted, read(log.cursor(log.first())));
    }

    @Test
    void segmentsAreReadOnFromEachOther_joinedAndDropped() {
        EventLog log = new EventLog(0);
        add(log, typed(10, "a"), typed(20, "b"));
        EventLog.Segment second = log.begin(25);
        add(log, typed(30, "c"));
        EventLog.Segment third = log.begin(35);
        add(log, typed(40, "d"));
        assertEquals(4, read(log.cursor(log.first())).size());
        assertEquals(List.of("30 2 1 0 0 c", "40 2 1 0 0 d"), read(log.cursor(second)));
        log.join(third);
        assertEquals(List.of("30 2 1 0 0 c", "40 2 1 0 0 d"), read(log.cursor(second)));
        log.dropBefore(second);
        assertEquals(2, read(log.cursor(log.first())).size());
    }

    @Test
    void cursorSeesWhatIsAddedLater() {
        EventLog log = new EventLog(0);
        EventLog.Cursor cursor = log.cursor(log.first());
        assertNull(cursor.peek());
        add(log, typed(10, "a"));
        log.begin(11);
        add(log, typed(20, "b"));
        assertEquals(List.of("10 2 1 0 0 a", "20 2 1 0 0 b"), read(cursor));
    }

    @Test
    void anotherFutureBeginsAtTheCut() {
        EventLog log = new EventLog(0);
        add(log, typed(10, "a"), typed(20, "b"));
        log.begin(25);
        add(log, typed(30, "c"));
        EventLog.Cursor cursor = log.cursor(log.first());
        cursor.peek();
        cursor.take();
        assertEquals("20 2 1 0 0 b", text(cursor.peek()));
        cursor.cut();
        add(log, typed(15, "x"));
        assertEquals(List.of("10 2 1 0 0 a", "15 2 1 0 0 x"), read(log.cursor(log.first())));
    }

    /** Typing at five keys a second all the time, and every minute a program that keeps the machine busy for half of it. */
    @Test
    void halfAnHourOfASessionTakesLessThan200KB() {
        Random random = new Random(2);
        EventLog log = new EventLog(0);
        int keys = 0, samples = 0;
        for (long at = SECOND; at < 30 * 60 * SECOND; at += 100_000_000) {
            boolean isBusy = at / SECOND % 60 >= 30;
            if (isBusy) {
                log.event(at + random.nextInt(1 << 20), OutsideEvent.BUSY, new OutsideEvent(OutsideEvent.SAMPLE, 500 + random.nextInt(1000), 0));
                samples++;
            }
            if (random.nextBoolean()) {
                log.event(at + 50_000_000 + random.nextInt(1 << 20), isBusy ? OutsideEvent.BUSY : OutsideEvent.IDLE,
                    new OutsideEvent(OutsideEvent.TYPED, 0, 0, new byte[] {(byte) ('a' + random.nextInt(26))}));
                keys++;
            }
            if (at / SECOND % 300 == 0) {
                log.event(at + 90_000_000, OutsideEvent.BUSY, new OutsideEvent(OutsideEvent.RESIZE, 80 + random.nextInt(100), 25, new byte[] {'t', 't', 'y', 'S', '0'}));
            }
        }
        System.out.println("30 minutes, " + keys + " keys, " + samples + " samples: " + log.size() + " bytes");
        assertTrue(keys > 8000 && samples > 8000, keys + " keys, " + samples + " samples");
        assertTrue(log.size() < 200_000, log.size() + " bytes");
    }

    @Test
    void typedKeyTakesEightBytes() {
        EventLog log = new EventLog(0);
        add(log, typed(100_000_000, "x"));
        assertEquals(8, log.size());
        assertArrayEquals(new String[] {"100000000 2 1 0 0 x"}, read(log.cursor(log.first())).toArray());
    }
}
