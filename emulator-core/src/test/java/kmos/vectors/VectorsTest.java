// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every recorded vector of the instructions that CPUID claims, in the interpreter. The folder is {@code -Dkmos.vectors} or
 * ../shared/cpuref beside the checkout; forms that may fail stand in vectors-skip.txt with their reason.
 */
@Tag("slow")
class VectorsTest {
    private static Path folder() {
        String given = System.getProperty("kmos.vectors");
        if (given != null) {
            return Path.of(given);
        }
        return Path.of("").toAbsolutePath().getParent().resolveSibling("shared").resolve("cpuref");
    }

    private static Set<String> skipList() throws IOException {
        Set<String> skip = new HashSet<>();
        try (var in = VectorsTest.class.getResourceAsStream("/vectors-skip.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    skip.add(line.split("\\s+")[0]);
                }
            }
        }
        return skip;
    }

    @Test
    void everyVectorOfAClaimedInstructionPasses() throws IOException {
        replay(false);
    }

    @Test
    void everyVectorPassesInCompiledCode() throws IOException {
        replay(true);
    }

    private static void replay(boolean isJit) throws IOException {
        Path folder = folder();
        Assumptions.assumeTrue(Files.isDirectory(folder), "no vectors at " + folder + ": give -Dkmos.vectors");
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(f -> f.toString().endsWith(".txt.gz")).sorted().toList();
        }
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        Set<String> skip = skipList();
        int run = 0, passed = 0, failed = 0, missing = 0, skipped = 0;
        StringBuilder failures = new StringBuilder();
        int regions = 0;
        for (Path f : files) {
            Replay r = Main.file(arena, f, skip, CpuModel.max(), isJit);
            run += r.run();
            regions += isJit ? r.cpu().jit().regionCount() : 0;
            passed += r.passed();
            failed += r.failed();
            missing += r.notImplemented();
            skipped += r.skipped();
            for (Replay.Failure x : r.failures().subList(0, Math.min(3, r.failures().size()))) {
                failures.append(f.getFileName()).append(' ').append(x.instruction()).append(x.difference()).append('\n');
            }
        }
        System.out.println("vectors" + (isJit ? " in compiled code" : "") + ": run " + run + ", passed " + passed + ", failed " + failed + ", on the skip list " + skipped
            + ", not implemented " + missing);
        assertTrue(run > 100_000, "the vectors were found and run");
        assertTrue(!isJit || regions > 10_000, regions + " pieces of code were compiled");
        assertEquals(0, failed, failures.toString());
        assertEquals(0, missing, "every claimed instruction is implemented");
    }
}
