// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When regions may be compiled, and how much of the time that takes. */
class CompileBudgetTest {
    private final CompileBudget budget = new CompileBudget();
    private double now;

    /** A slice of work in which a region is compiled as often as that is allowed; returns the time for compiling. */
    private double slice(double work, double heat, double region) {
        budget.beginSlice(now);
        double compiled = 0;
        while (budget.allows(heat)) {
            budget.spend(region);
            compiled += region;
        }
        now += work + compiled;
        budget.endSlice(now);
        return compiled;
    }

    @ParameterizedTest(name = "heat {0}: the first region after {1} ms")
    @CsvSource({"1, 240", "4, 60", "10, 24", "1000, 24"})
    void theHotterTheSooner(double heat, double after) {
        double begin = now;
        while (slice(2, heat, 1) == 0) {
            begin = now;
            assertTrue(now < 1000);
        }
        assertEquals(after, begin, 3);
    }

    @ParameterizedTest(name = "heat {0}, regions of {1} ms: at most {2} of the time")
    @CsvSource({"1, 1, 0.05", "1, 9, 0.05", "4, 2, 0.2", "20, 2, 0.5", "1000, 9, 0.5"})
    void compilingTakesABoundedShare_howeverMuchIsWanted(double heat, double region, double share) {
        double compiled = 0;
        while (now < 20_000) {
            compiled += slice(2, heat, region);
        }
        assertTrue(compiled / now <= share + 0.001, "share " + compiled / now);
        assertTrue(compiled / now > share * 0.5, "share " + compiled / now);
    }

    @Test
    void withinASlice_fewMillisecondsAndOneRegionMore() {
        for (int i = 0; i < 1000; i++) {
            slice(2, 1, 20);
        }
        for (int i = 0; i < 1000; i++) {
            assertTrue(slice(2, 1000, 3) <= 6);
        }
        assertEquals(20, budget.longestMs(), 0.001);
    }

    @Test
    void aBurstIsBounded_afterALongTimeWithout() {
        for (int i = 0; i < 10_000; i++) {
            budget.beginSlice(now);
            now += 2;
            budget.endSlice(now);
        }
        double burst = 0;
        double begin = now;
        while (now < begin + 100) {
            burst += slice(2, 1, 1);
        }
        assertTrue(burst <= 30, "burst " + burst);
    }
}
