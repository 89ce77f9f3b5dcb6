// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kmos.base.MemoryArena;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;

/** One run of the standard scripted session on the JVM. */
public record SessionRun(long hash, String output) {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final MemoryArena ARENA = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);

    public static SessionRun of(long sliceCycles) throws IOException {
        return of(sliceCycles, 0);
    }

    /** With compiled code for what was entered threshold times; 0: none. */
    public static SessionRun of(long sliceCycles, int threshold) throws IOException {
        assertTrue(Files.isReadable(IMAGE), "no disk image at " + IMAGE.toAbsolutePath().normalize() + ": ./kmos build makes it");
        StringBuilder output = new StringBuilder();
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.rootDevice = "hda1";
        config.jit = threshold == 0 ? null : cpu -> new ChicoryBackend(cpu, false);
        config.jitThreshold = threshold;
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = new KmosSystem(ARENA, config, disk, b -> output.append((char) b));
            ScriptedSession session = new ScriptedSession(system, ScriptedSession.STANDARD, ScriptedSession.STANDARD_END);
            while (session.step(sliceCycles)) {
                continue;
            }
            assertTrue(threshold == 0 || system.cpu().jit().regionCount() > 100, "the session ran in compiled code");
            SessionRun run = new SessionRun(session.hash(), output.toString());
            system.close();
            return run;
        }
    }
}
