// SPDX-License-Identifier: Apache-2.0
package kmos.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kmos.base.MemoryArena;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Random code does in the interpreter what it does on the host's processor, where that is an x86. */
class FuzzCpuTest {
    private static void fuzz(long seed, long cases, long milliseconds) throws IOException {
        Path folder = Path.of("target/fuzz").toAbsolutePath();
        String reason = FuzzCpu.whyNot(folder);
        Assumptions.assumeTrue(reason == null, reason);
        System.out.println("fuzz: seed " + seed);
        FuzzCpu.Outcome o = FuzzCpu.run(new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20), seed, cases, milliseconds, FuzzCpu.BACKENDS, folder, folder);
        System.out.println("fuzz: cases " + o.cases() + ", ended in a fault " + o.faults() + ", not judged " + o.lost() + ", not in the model " + o.missing());
        assertEquals(List.of(), o.failures());
        assertTrue(o.lost() * 100 < o.cases(), "too many cases were not judged: " + o.lost());
        assertTrue(o.regions() * 2 > o.cases(), "too few cases were compiled: " + o.regions());
        assertTrue(o.faults() * 2 < o.cases(), "too many cases ended in a fault: " + o.faults());
    }

    @Test
    @Tag("slow")
    void aFixedSeedGivesTheHostsResults() throws IOException {
        fuzz(1, 60_000, 60_000);
    }

    @Test
    @Tag("soak")
    void tenMinutesOfNewSeedsGiveTheHostsResults() throws IOException {
        fuzz(System.currentTimeMillis(), Long.MAX_VALUE, 600_000);
    }

    @Test
    void casesOfASeedAreAlwaysTheSame() throws IOException {
        CaseGenerator a = new CaseGenerator(7), b = new CaseGenerator(7);
        for (int i = 0; i < 500; i++) {
            int mode = 16 << i % 3;
            assertEquals(a.make(mode).instructionLine(), b.make(mode).instructionLine());
        }
        assertTrue(a.rowCount() > 1000, "rows of the table: " + a.rowCount());
    }
}
