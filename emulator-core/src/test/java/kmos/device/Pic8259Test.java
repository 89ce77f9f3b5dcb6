// SPDX-License-Identifier: Apache-2.0
package kmos.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.device.irq.Pic8259;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Pic8259Test {
    private Pic8259 pic;

    @BeforeEach
    void init() {
        pic = new Pic8259();
        int[][] writes = {{0x20, 0x11}, {0x21, 0x20}, {0x21, 4}, {0x21, 1}, {0xA0, 0x11}, {0xA1, 0x28}, {0xA1, 2}, {0xA1, 1}};
        for (int[] w : writes) {
            pic.writePort(w[0], 8, w[1]);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"a master line gives base plus line,                1,  -1, 0x21",
                "a slave line gives the slave's base plus line,     12, -1, 0x2C",
                "the lower line wins on one chip,                   5,  3,  0x23",
                "the slave sits at priority 2 of the master,        3,  14, 0x2E",
                "line 1 beats the slave,                            14, 1,  0x21"})
    void acknowledge(String claim, int first, int second, String vector) {
        pic.setLine(first, true);
        if (second >= 0) {
            pic.setLine(second, true);
        }
        assertTrue(pic.hasPending());
        assertEquals(Integer.decode(vector), pic.acknowledge());
    }

    @Test
    void equalOrLowerPriority_waitsForEndOfInterrupt() {
        pic.setLine(4, true);
        assertEquals(0x24, pic.acknowledge());
        pic.setLine(5, true);
        assertFalse(pic.hasPending());
        pic.setLine(1, true);
        assertTrue(pic.hasPending(), "a higher one nests");
        assertEquals(0x21, pic.acknowledge());
        pic.writePort(0x20, 8, 0x20);
        assertFalse(pic.hasPending(), "4 is still in service");
        pic.writePort(0x20, 8, 0x20);
        assertEquals(0x25, pic.acknowledge());
    }

    @Test
    void edge_isLatchedOnce_andNotRepeatedWhileHigh() {
        pic.line(4).raise();
        assertEquals(0x24, pic.acknowledge());
        pic.writePort(0x20, 8, 0x20);
        assertFalse(pic.hasPending());
        pic.line(4).lower();
        pic.line(4).pulse();
        assertTrue(pic.hasPending());
    }

    @Test
    void level_repeatsWhileHigh_andGivesSpurious7WhenGone() {
        pic.writePort(0x4D1, 8, 0xFF);
        assertEquals(0xDE, pic.readPort(0x4D1, 8), "lines 8 and 13 cannot be levels");
        pic.setLine(11, true);
        assertEquals(0x2B, pic.acknowledge());
        pic.writePort(0xA0, 8, 0x20);
        pic.writePort(0x20, 8, 0x20);
        assertTrue(pic.hasPending());
        pic.setLine(11, false);
        assertFalse(pic.hasPending());
        assertEquals(0x27, pic.acknowledge());
        pic.writePort(0x20, 8, 0x0B);
        assertEquals(0, pic.readPort(0x20, 8), "a spurious interrupt is not in service");
    }

    @Test
    void mask_holdsBackButKeepsTheRequest() {
        pic.writePort(0x21, 8, 0x10);
        pic.setLine(4, true);
        assertFalse(pic.hasPending());
        pic.writePort(0x20, 8, 0x0A);
        assertEquals(0x10, pic.readPort(0x20, 8));
        pic.writePort(0x21, 8, 0);
        assertTrue(pic.hasPending());
    }

    @Test
    void rotateOnEndOfInterrupt_putsTheServedLineLast() {
        pic.setLine(0, true);
        pic.acknowledge();
        pic.writePort(0x20, 8, 0xA0);
        pic.setLine(0, false);
        pic.setLine(0, true);
        pic.setLine(1, true);
        assertEquals(0x21, pic.acknowledge());
    }

    @Test
    void poll_acknowledgesByReading() {
        pic.setLine(6, true);
        pic.writePort(0x20, 8, 0x0C);
        assertEquals(0x86, pic.readPort(0x20, 8));
        assertFalse(pic.hasPending());
    }
}
