// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import kmos.base.MemoryArena;
import kmos.base.TimerQueue;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One command instead of init: found along PATH, its output alone on the console, its wait status told. */
@Tag("slow")
class CommandModeTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final MemoryArena ARENA = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);

    private static String run(String... command) throws IOException {
        StringBuilder output = new StringBuilder();
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.showsKernelLog = false;
        config.kernel.rootDevice = "hda1";
        config.kernel.init = command;
        config.kernel.isInitGiven = true;
        config.kernel.isCommand = true;
        config.kernel.isConsoleControlling = true;
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = new KmosSystem(ARENA, config, disk, b -> output.append((char) b));
            while (system.isRunning()) {
                long next = system.runSlice(10_000_000);
                if (next != TimerQueue.NEVER) {
                    system.idleTo(next);
                }
            }
            String result = output + "[" + system.kernel().commandStatus() + "]";
            system.close();
            return result;
        }
    }

    @Test
    void aCommandWithoutASlashIsFoundAlongPath_andOnlyItsOutputAppears() throws IOException {
        assertEquals("9.007199254741e+15\r\n[0]", run("lua5.4", "-e", "print(2^53)"));
    }

    @Test
    void theWaitStatusTellsExitAndSignal() throws IOException {
        assertEquals("[" + (7 << 8) + "]", run("sh", "-c", "exit 7"));
        assertEquals("[11]", run("/bin/sh", "-c", "kill -SEGV $$"));
    }
}
