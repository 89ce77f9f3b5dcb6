// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kmos.base.MemoryArena;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The same scripted session gives the same state hash and output, however it is cut into slices. */
@Tag("slow")
class DeterminismTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final MemoryArena ARENA = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);

    record Result(long hash, String output) { }

    static Result run(long sliceCycles) throws IOException {
        assertTrue(Files.isReadable(IMAGE), "no disk image at " + IMAGE.toAbsolutePath().normalize() + ": ./kmos build makes it");
        StringBuilder output = new StringBuilder();
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.rootDevice = "hda1";
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = new KmosSystem(ARENA, config, disk, b -> output.append((char) b));
            ScriptedSession session = new ScriptedSession(system, ScriptedSession.STANDARD, ScriptedSession.STANDARD_END);
            while (session.step(sliceCycles)) {
                continue;
            }
            Result result = new Result(session.hash(), output.toString());
            system.close();
            return result;
        }
    }

    @Test
    void theSameSessionGivesTheSameHash_whateverTheSlices() throws IOException {
        Result first = run(10_000_000);
        assertTrue(first.output.contains("background") && first.output.contains("Linux kmos"), first.output);
        assertEquals(first, run(10_000_000));
        assertEquals(first.output, run(123_457).output);
        assertEquals(first.hash, run(777_777).hash);
    }
}
