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
    private boolean waits;

    /** A slice of work in which a region is compiled as often as that is allowed; returns the time for compiling. */
    private double slice(double work, double heat, double region) {
        budget.beginSlice(now);
        double compiled = 0;
        while (budget.allows(heat)) {
            budget.spend(region);
            compiled += region;
        }
        now += work + compiled;
        budget.endSlice(now, waits);
        return compiled;
    }

    /** The machine runs so long without a candidate. */
    private void run(double milliseconds) {
        for (double until = now + milliseconds; now < until;) {
            slice(2, 0, 0);
        }
    }

    @ParameterizedTest(name = "heat {0}: the first region after {1} ms")
    @CsvSource({"1, 4743", "4, 2372", "40, 750", "100, 474", "250, 24", "1000, 24"})
    void theHotterTheSooner(double heat, double after) {
        double begin = now;
        while (slice(2, heat, 1) == 0) {
            begin = now;
            assertTrue(now < 6000);
        }
        assertEquals(after, begin, 3);
    }

    @Test
    void afterAPause_candidatesMustBeHotterAgain() {
        run(700);
        assertTrue(slice(2, 50, 1) > 0);
        now += 30;
        assertTrue(slice(2, 50, 1) > 0, "the host had something else to do");
        waits = true;
        assertTrue(slice(2, 50, 1) > 0);
        now += 10;
        assertTrue(slice(100, 50, 1) > 0, "that was none");
        now += 30;
        assertEquals(0, slice(2, 50, 1));
        assertTrue(slice(2, 250, 1) > 0);
        now += 30;
        budget.beginSlice(now);
        budget.endSlice(now + 2, true);
        assertTrue(budget.hasTimeFor(4), "of code that is compiled already");
    }

    @ParameterizedTest(name = "heat {0}, regions of {1} ms: at most {2} of the time")
    @CsvSource({"1, 1, 0.05", "1, 9, 0.05", "4, 2, 0.2", "20, 2, 0.5", "1000, 9, 0.5"})
    void compilingTakesABoundedShare_howeverMuchIsWanted(double heat, double region, double share) {
        run(5000);
        double begin = now;
        double compiled = 0;
        while (now < begin + 20_000) {
            compiled += slice(2, heat, region);
        }
        assertTrue(compiled / (now - begin) <= share + 0.003, "share " + compiled / (now - begin));
        assertTrue(compiled / (now - begin) > share * 0.5, "share " + compiled / (now - begin));
    }

    @Test
    void withinASlice_fewMillisecondsAndOneRegionMore() {
        for (int i = 0; i < 1000; i++) {
            slice(2, 1000, 20);
        }
        for (int i = 0; i < 1000; i++) {
            assertTrue(slice(2, 1000, 3) <= 6);
        }
        assertEquals(20, budget.longestMs(), 0.001);
    }

    @Test
    void aBurstIsBounded_afterALongTimeWithout() {
        run(20_000);
        double burst = 0;
        double begin = now;
        while (now < begin + 100) {
            burst += slice(2, 1, 1);
        }
        assertTrue(burst <= 30, "burst " + burst);
    }
}
