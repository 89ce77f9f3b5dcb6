// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.system.OutsideEvent;
import org.junit.jupiter.api.Test;

class CheckpointRingTest {
    private static final int STEP = 1000, PAGES_EACH = 20;

    private final EventLog log = new EventLog(0);
    private PageImage ram = PageImage.empty(512);

    /** A checkpoint after STEP more instructions, in which some pages were written; and an event behind it. */
    private Checkpoint next(CheckpointRing ring, int number) {
        PageImage.Editor editor = new PageImage.Editor(ram);
        for (int i = 0; i < PAGES_EACH; i++) {
            editor.put((number * 7 + i * 13) % 512, new long[PageImage.WORDS]);
        }
        ram = editor.image();
        long cycles = (long) number * STEP;
        EventLog.Segment segment = number == 0 ? log.first() : log.begin(cycles);
        Checkpoint c = new Checkpoint(cycles, cycles, 0, new EventLog.Position(segment, 0, cycles), ram, PageImage.empty(1), PageImage.empty(1), new byte[100], ring.last());
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
        CheckpointRing ring = filled(500, 4 << 20);
        assertTrue(ring.bytes() <= 4 << 20, ring.bytes() + " bytes");
        assertTrue(ring.size() > 10, ring.size() + " checkpoints");
    }

    @Test
    void thePastIsDenseNearThePresent() {
        CheckpointRing ring = filled(500, 4 << 20);
        long present = ring.last().cycles;
        for (long age = STEP; age < present - ring.first().cycles; age *= 2) {
            Checkpoint c = ring.before(present - age);
            assertNotNull(c);
            assertTrue(present - age - c.cycles <= 2 * age + STEP, "at an age of " + age + " the next one is " + (present - age - c.cycles) + " before");
        }
    }

    @Test
    void eventsOfADroppedCheckpointStay_fromTheFirstOneOn() {
        CheckpointRing ring = filled(300, 4 << 20);
        EventLog.Cursor all = log.cursor(ring.first().position);
        long expected = ring.first().cycles + 1;
        for (; all.peek() != null; all.take()) {
            assertEquals(expected, all.peek().cycles());
            expected += STEP;
        }
        assertEquals(299L * STEP + 1 + STEP, expected);
    }

    @Test
    void anotherFutureLeavesNothingBehind() {
        CheckpointRing ring = filled(50, 64 << 20);
        assertEquals(50, ring.size());
        ring.dropAfter(20 * STEP + 5);
        assertEquals(20L * STEP, ring.last().cycles);
        assertEquals(21, ring.size());
    }
}
