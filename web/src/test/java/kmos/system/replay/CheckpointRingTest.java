// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.machine.VirtualClock;
import kmos.system.OutsideEvent;
import org.junit.jupiter.api.Test;

class CheckpointRingTest {
    /** A tenth of a second. */
    private static final long STEP = VirtualClock.CYCLES_PER_SECOND / 10;
    private static final int PAGES_EACH = 20, LIMIT = 32 << 20;

    private final EventLog log = new EventLog(0);
    private PageImage ram = PageImage.empty(512);

    /** A checkpoint after STEP more, in which some pages were written; and an event behind it. */
    private Checkpoint next(CheckpointRing ring, int number) {
        return next(ring, number, number * STEP, number * STEP / VirtualClock.CYCLES_PER_NS);
    }

    private Checkpoint next(CheckpointRing ring, int number, long cycles, long effortNs) {
        PageImage.Editor editor = new PageImage.Editor(ram);
        for (int i = 0; i < PAGES_EACH; i++) {
            editor.put((number * 7 + i * 13) % 512, new long[PageImage.WORDS]);
        }
        ram = editor.image();
        EventLog.Segment segment = number == 0 ? log.first() : log.begin(cycles);
        Checkpoint c = new Checkpoint(cycles, cycles, effortNs, 0, new LastPlaces(), new EventLog.Position(segment, 0, cycles), ram, PageImage.empty(1), PageImage.empty(1), new byte[100],
            ring.last());
        log.event(cycles + 1, OutsideEvent.BUSY, new OutsideEvent(OutsideEvent.TYPED, 0, 0, new byte[] {(byte) number}));
        return c;
    }

    private CheckpointRing filled(int count, long limit) {
        CheckpointRing ring = new CheckpointRing(log, limit);
        for (int i = 0; i < count; i++) {
            ring.add(next(ring, i));
        }
        return ring;
    }

    @Test
    void memoryStaysWithinTheBound() {
        CheckpointRing ring = filled(500, LIMIT);
        assertTrue(ring.bytes() <= LIMIT, ring.bytes() + " bytes");
        assertTrue(ring.size() > 10, ring.size() + " checkpoints");
    }

    @Test
    void thePastIsDenseNearThePresent() {
        CheckpointRing ring = filled(500, LIMIT);
        long present = ring.last().cycles;
        for (long age = STEP; age < VirtualClock.CYCLES_PER_SECOND; age *= 2) {
            Checkpoint c = ring.before(present - age);
            assertNotNull(c);
            assertTrue(present - age - c.cycles <= 4 * age + STEP, "at an age of " + age + " the next one is " + (present - age - c.cycles) + " before");
        }
    }

    /** From any place of the last minute it is about as far to the checkpoint before it, by what it takes to run there and not by guest time; later ones are sparser. */
    @Test
    void theLastMinuteIsEven_byEffort() {
        CheckpointRing ring = new CheckpointRing(log, LIMIT);
        // In every other second the machine is idle but for a hundredth of it.
        long effort = 0;
        int count = 1500;
        for (int i = 0; i < count; i++) {
            effort += i / 10 % 2 == 0 ? 100_000_000 : 1_000_000;
            ring.add(next(ring, i, i * STEP, effort));
        }
        double longest = 0;
        int minute = 0;
        Checkpoint c = ring.last();
        for (; c.cycles > (count - 600) * STEP; minute++) {
            Checkpoint before = ring.before(c.cycles - 1);
            longest = Math.max(longest, (c.effortNs - before.effortNs) / 1e9);
            c = before;
        }
        int earlier = 0;
        for (; c.cycles > (count - 1200) * STEP && c != ring.first(); earlier++) {
            c = ring.before(c.cycles - 1);
        }
        // 30 s of work in it.
        assertTrue(longest < 2.5 * 30 / minute, "the longest way is " + longest + " s with " + minute + " checkpoints in the minute");
        assertTrue(minute > 10 && earlier > 0 && earlier < minute, earlier + " in the minute before, " + minute + " in the last");
    }

    /** A program fills memory and ends, every few seconds: what that takes does not cost the many small ones their place. */
    @Test
    void oneThatTakesMuchMemory_isDroppedBeforeManySmallOnes() {
        int even = sizeWith(0), heavy = sizeWith(2000);
        assertTrue(heavy > even * 3 / 4, heavy + " with some of 8 MB among them, " + even + " without");
    }

    /** How many of 300 checkpoints are kept when each tenth has so many pages that its neighbours do not have. */
    private int sizeWith(int pages) {
        EventLog events = new EventLog(0);
        CheckpointRing ring = new CheckpointRing(events, LIMIT);
        PageImage small = PageImage.empty(4096);
        for (int i = 0; i < 300; i++) {
            PageImage.Editor next = new PageImage.Editor(small);
            for (int p = 0; p < PAGES_EACH; p++) {
                next.put(p, new long[PageImage.WORDS]);
            }
            small = next.image();
            PageImage.Editor large = new PageImage.Editor(small);
            for (int p = 0; i % 10 == 5 && p < pages; p++) {
                large.put(1000 + p, new long[PageImage.WORDS]);
            }
            EventLog.Segment segment = i == 0 ? events.first() : events.begin(i * STEP);
            ring.add(new Checkpoint(i * STEP, i * STEP, i * STEP / VirtualClock.CYCLES_PER_NS, 0, new LastPlaces(), new EventLog.Position(segment, 0, i * STEP), large.image(),
                PageImage.empty(1), PageImage.empty(1), new byte[100], ring.last()));
        }
        assertTrue(ring.bytes() <= LIMIT, ring.bytes() + " bytes");
        return ring.size();
    }

    @Test
    void eventsOfADroppedCheckpointStay_fromTheFirstOneOn() {
        CheckpointRing ring = filled(300, LIMIT);
        EventLog.Cursor all = log.cursor(ring.first().position);
        long expected = ring.first().cycles + 1;
        for (; all.peek() != null; all.take()) {
            assertEquals(expected, all.peek().cycles());
            expected += STEP;
        }
        assertEquals(299 * STEP + 1 + STEP, expected);
    }

    @Test
    void anotherFutureLeavesNothingBehind() {
        CheckpointRing ring = filled(50, 64 << 20);
        assertEquals(50, ring.size());
        ring.dropAfter(20 * STEP + 5);
        assertEquals(20 * STEP, ring.last().cycles);
        assertEquals(21, ring.size());
    }
}
