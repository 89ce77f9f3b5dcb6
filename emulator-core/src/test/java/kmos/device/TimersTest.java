// SPDX-License-Identifier: Apache-2.0
package kmos.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimersTest {
    private final Bench b = new Bench().initPic();

    private int ticksOfIrq0(long ns) {
        int n = 0;
        long end = b.clock.nowNs() + ns;
        while (b.clock.nowNs() < end) {
            b.advance(10_000);
            while (b.interrupt() == 0x20) {
                n++;
            }
        }
        return n;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"mode 2 with 11932 gives 100 Hz,    0x34, 11932, 100",
                "mode 3 with 11932 gives 100 Hz,    0x36, 11932, 100",
                "a count of 0 is 65536: 18.2 Hz,    0x36, 0,     18",
                "mode 0 interrupts once,            0x30, 1000,  1"})
    void channel0(String claim, String control, int count, int interrupts) {
        b.ports.write8(0x43, Integer.decode(control));
        b.interrupt();
        b.ports.write8(0x40, count & 0xFF);
        b.ports.write8(0x40, count >> 8);
        b.interrupt();
        assertEquals(interrupts, ticksOfIrq0(1_000_030_000L));
    }

    @Test
    void latchedCount_staysUntilBothBytesAreRead() {
        b.ports.write8(0x43, 0x34);
        b.ports.write8(0x40, 0);
        b.ports.write8(0x40, 0x10);
        b.advance(838_100); // 1000 ticks
        b.ports.write8(0x43, 0x00);
        b.advance(5_000_000);
        int count = b.ports.read8(0x40) | b.ports.read8(0x40) << 8;
        assertEquals(4096 - 1000, count, 2);
    }

    @Test
    void readBack_givesStatusThenCount() {
        b.ports.write8(0x43, 0xB6);
        b.ports.write8(0x42, 0x34);
        b.ports.write8(0x42, 0x12);
        b.ports.write8(0x43, 0xC8);
        assertEquals(0xB6, b.ports.read8(0x42), "output high, count loaded, both bytes, mode 3");
        assertEquals(0x34, b.ports.read8(0x42));
        assertEquals(0x12, b.ports.read8(0x42));
    }

    @Test
    void channel2_isSeenAtPort61() {
        b.ports.write8(0x61, 1);
        b.ports.write8(0x43, 0xB0);
        b.ports.write8(0x42, 100);
        b.ports.write8(0x42, 0);
        assertEquals(0, b.ports.read8(0x61) & 0x20);
        b.advance(90_000);
        assertEquals(0x20, b.ports.read8(0x61) & 0x20);
    }

    private int rtc(int register) {
        b.ports.write8(0x70, register);
        return b.ports.read8(0x71);
    }

    private void rtc(int register, int value) {
        b.ports.write8(0x70, register);
        b.ports.write8(0x71, value);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"the last second of a month before a leap day, 0, 59 59 23 02 28 02 00 20",
                "the leap day of 2000 begins,                  1, 00 00 00 03 29 02 00 20",
                "and March after it,                       86401, 00 00 00 04 01 03 00 20"})
    void date(String claim, long seconds, String expected) {
        b.clock.advanceNs(seconds * 1_000_000_000L);
        StringBuilder got = new StringBuilder();
        for (int r : new int[] {0, 2, 4, 6, 7, 8, 9, 0x32}) {
            int v = rtc(r);
            got.append(v >> 4).append(v & 15).append(' ');
        }
        assertEquals(expected, got.toString().trim());
    }

    @Test
    void updateInProgress_shows244MicrosecondsBeforeTheSecond() {
        b.clock.advanceToNs(999_755_999L);
        assertEquals(0, rtc(10) & 0x80);
        b.clock.advanceNs(2);
        assertEquals(0x80, rtc(10) & 0x80);
        b.clock.advanceToNs(1_000_000_000L);
        assertEquals(0, rtc(10) & 0x80);
    }

    @Test
    void periodicInterrupt_comesAt1024Hz_andIsClearedByReadingC() {
        rtc(11, 0x42);
        int n = 0;
        for (int i = 0; i < 1000; i++) {
            b.advance(100_000);
            if (b.interrupt() == 0x28) {
                assertEquals(0xC0, rtc(12) & 0xC0);
                n++;
            }
        }
        assertEquals(102, n);
    }

    @Test
    void alarm_interruptsAtItsSecond() {
        rtc(1, 0x05);
        rtc(3, 0xFF);
        rtc(5, 0xFF);
        rtc(11, 0x22);
        b.advance(5_900_000_000L);
        assertEquals(-1, b.interrupt());
        b.advance(200_000_000L);
        assertEquals(0x28, b.interrupt());
        assertTrue((rtc(12) & 0x20) != 0);
    }

    @Test
    void setTime_countsOnFromThere() {
        rtc(11, 0x82);
        rtc(9, 0x26);
        rtc(8, 0x12);
        rtc(7, 0x31);
        rtc(4, 0x23);
        rtc(2, 0x59);
        rtc(0, 0x58);
        b.advance(10_000_000_000L);
        assertEquals(0x58, rtc(0), "frozen while SET is on");
        rtc(11, 0x02);
        b.advance(2_000_000_000L);
        assertEquals(0x27, rtc(9));
        assertEquals(1, rtc(8));
        assertEquals(0, rtc(0));
    }
}
