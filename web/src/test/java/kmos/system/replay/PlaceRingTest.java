// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceRingTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({"nothing was added,              0, 100,  -1",
                "before the first,               3, 10,   -1",
                "just behind the first,          3, 11,   10",
                "a place is not before itself,   3, 20,   10",
                "behind the last,                3, 1000, 30",
                "the ring went round: behind,    9, 1000, 90",
                "the ring went round: within,    9, 75,   70",
                "the ring went round: forgotten, 9, 55,   -1"})
    void before(String claim, int places, long limit, long expected) {
        PlaceRing ring = new PlaceRing(4);
        for (int i = 1; i <= places; i++) {
            ring.add(i * 10L);
        }
        assertEquals(expected, ring.before(limit), claim);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"all are forgotten,            5,  1000, -1",
                "a place at the limit is too,  80, 1000, 70",
                "what was forgotten stays so,  75, 60,   -1"})
    void dropFrom(String claim, long from, long limit, long expected) {
        PlaceRing ring = new PlaceRing(4);
        for (int i = 1; i <= 9; i++) {
            ring.add(i * 10L);
        }
        ring.dropFrom(from);
        assertEquals(expected, ring.before(limit), claim);
        ring.add(2000);
        assertEquals(2000, ring.before(3000));
    }
}
