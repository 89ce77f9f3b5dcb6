// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What {@code ./kmos fuzz cpu} has found stays found: its files, in the interpreter and in compiled code. */
class FoundByFuzzingTest {
    private static final MemoryArena ARENA = new MemoryArena(128 << 20);

    @TestFactory
    Stream<DynamicTest> everyFileDoesWhatTheHostDid() throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(Path.of("src/test/vectors"))) {
            files = walk.filter(f -> f.toString().endsWith(".txt")).sorted().toList();
        }
        return files.stream().flatMap(f -> Stream.of(false, true).map(isJit -> dynamicTest(f + (isJit ? " compiled" : " interpreted"), () -> {
            Replay r = Main.file(ARENA, f, Set.of(), CpuModel.max(), isJit);
            assertEquals(List.of(), r.failures());
            assertEquals(1, r.passed());
        })));
    }
}
