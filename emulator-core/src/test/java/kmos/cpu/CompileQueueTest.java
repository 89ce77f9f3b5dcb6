// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.jit.CompileBudget;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits for the region compiler, when it is compiled, and when not. */
class CompileQueueTest {
    private static final int THRESHOLD = 100, FIRST = CpuHarness.CODE + 5, SECOND = CpuHarness.CODE + 13;
    /** mov ecx, 300; dec ecx; jnz; mov ecx, 30000; dec ecx; jnz; jmp to itself. */
    private static final String TWO_LOOPS = "B92C010000 49 75FD B930750000 49 75FD EBFE";
    private static final int INSTRUCTIONS = 1 + 600 + 1 + 60000;

    private final Backend backend = new Backend();
    private final List<Long> compiled = new ArrayList<>();
    private CpuHarness h;

    /** An engine that takes 2 ms for a module. */
    private static final class Backend extends TestEngine {
        double now;

        @Override
        public boolean install(int address, int length) {
            now += 2;
            return true;
        }

        @Override
        public double milliseconds() {
            return now;
        }
    }

    @BeforeEach
    void runBothLoops() {
        h = new CpuHarness(32).code(CpuHarness.CODE, TWO_LOOPS);
        h.compile(backend, THRESHOLD);
        h.cpu.boundCompiler(new CompileBudget());
        h.cpu.jit().observe(region -> compiled.add(region.pc()));
        slice(0, INSTRUCTIONS);
    }

    @AfterEach
    void close() {
        h.close();
    }

    private void slice(double milliseconds, int instructions) {
        h.cpu.beginSlice();
        h.run(instructions);
        backend.now += milliseconds;
        h.cpu.endSlice(false);
    }

    @Test
    void hotPlacesWait_asLongAsNoTimeWasSpentRunning() {
        slice(0, 10);
        assertEquals(List.of(), compiled);
        assertEquals(2, h.cpu.compileQueue().size());
    }

    @Test
    void theHottestIsCompiledFirst_whenThereIsTimeForIt() {
        slice(25, 10);
        slice(0, 10);
        assertEquals(List.of((long) SECOND), compiled, "the other is not hot enough yet");
        slice(5000, 10);
        slice(0, 10);
        assertEquals(List.of((long) SECOND, (long) FIRST), compiled);
        assertEquals(2, h.cpu.compileQueue().longestMs(), 0.001);
    }

    @Test
    void whileNothingRuns_everythingIsCompiled_oneByOne() {
        assertTrue(h.cpu.compileQueue().compileIdle());
        assertEquals(List.of((long) SECOND), compiled);
        assertTrue(h.cpu.compileQueue().compileIdle());
        assertFalse(h.cpu.compileQueue().compileIdle());
        assertEquals(0, h.cpu.compileQueue().longestMs(), "no slice was longer for it");
    }

    @Test
    void whatIsNotMappedHereWaits() {
        int entry = h.entryAddress(CpuHarness.CODE);
        long mapping = h.machine.memory().read64(entry);
        h.machine.memory().write64(entry, CpuHarness.DATA | 7);
        h.cpu.invalidatePage(CpuHarness.CODE);
        assertFalse(h.cpu.compileQueue().compileIdle());
        assertEquals(2, h.cpu.compileQueue().size());
        h.machine.memory().write64(entry, mapping | 0x20);
        h.cpu.invalidatePage(CpuHarness.CODE);
        assertTrue(h.cpu.compileQueue().compileIdle());
    }

    @Test
    void whatWasOverwrittenIsForgotten() {
        h.code(CpuHarness.CODE, "90");
        assertFalse(h.cpu.compileQueue().compileIdle());
        assertEquals(0, h.cpu.compileQueue().size());
    }
}
