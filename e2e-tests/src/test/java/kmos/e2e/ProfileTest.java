// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kmos.base.TimerQueue;
import kmos.cpu.jit.RegionText;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.headless.CopyIn;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.profile.ProcessProfile;
import kmos.system.profile.ProfileReport;
import kmos.system.profile.Profiler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples of a program whose hot functions are known; and that sampling changes nothing. */
@Tag("slow")
class ProfileTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    /** Three parts of four in hot, the rest in warm, and a little in qsort's comparison. */
    private static final String PROGRAM = """
        #include <stdlib.h>
        static volatile unsigned sink;
        __attribute__((noinline)) static void hot(unsigned n) { for (unsigned i = 0; i < n; i++) sink = sink * 3 + i; }
        __attribute__((noinline)) static void warm(unsigned n) { for (unsigned i = 0; i < n; i++) sink = sink * 5 + i; }
        static int compare(const void *a, const void *b) { return *(const int *) a - *(const int *) b; }
        int main(void) {
            static int values[3000];
            for (int i = 0; i < 60; i++) { hot(300000); warm(100000); }
            for (int i = 0; i < 3000; i++) values[i] = i * 7919 % 3001;
            qsort(values, 3000, sizeof values[0], compare);
            return values[0];
        }
        """;

    @TempDir
    Path folder;

    private KmosSystem system(FileDisk disk, Path programs, boolean isCompiled) {
        SystemConfig config = Guest.config(64, "/t/program");
        config.codeCacheBytes = 8 << 20;
        config.showsKernelLog = false;
        config.kernel.rootContent = new CopyIn(List.of(new CopyIn.Folder(programs, "/t")));
        config.jit = isCompiled ? cpu -> new ChicoryBackend(cpu, true) : null;
        config.jitThreshold = isCompiled ? 1000 : 0;
        return new KmosSystem(Guest.ARENA, config, disk, b -> { });
    }

    private Path build(String... flags) throws IOException {
        Path programs = Files.createDirectories(folder.resolve("programs"));
        Files.writeString(folder.resolve("program.c"), PROGRAM);
        List<String> command = new java.util.ArrayList<>(List.of("gcc", "-O1", "-o", "programs/program", "program.c"));
        command.addAll(List.of(flags));
        Tool.run(folder, command);
        return programs;
    }

    private static void finish(KmosSystem system) {
        while (system.isRunning()) {
            long next = system.runSlice(20_000_000);
            if (next != TimerQueue.NEVER) {
                system.idleTo(next);
            }
        }
        assertEquals(0, system.kernel().commandStatus());
    }

    private static long samplesOf(ProcessProfile p, String symbol) {
        return p.functions().stream().filter(f -> f.symbol().equals(symbol)).mapToLong(ProcessProfile.Function::samples).sum();
    }

    private void checkShares(Path programs, boolean isCompiled) throws IOException {
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = system(disk, programs, isCompiled);
            system.setProfiler(new Profiler(system.kernel(), system.cpu(), 99_991));
            finish(system);
            ProcessProfile p = system.profiler().processes().get(0);
            assertEquals("program", p.name());
            double hot = samplesOf(p, "hot"), warm = samplesOf(p, "warm");
            assertEquals("hot", p.functions().get(0).symbol());
            assertEquals("/t/program", p.functions().get(0).place());
            assertEquals("warm", p.functions().get(1).symbol());
            assertTrue(hot > 300, hot + " samples");
            assertEquals(3, hot / warm, 0.3, "hot takes three times as long as warm");
            assertTrue(hot + warm > 0.9 * p.samples(), ProfileReport.text(system.profiler()));
            String report = ProfileReport.text(system.profiler());
            assertTrue(report.contains("process " + p.pid() + " program"), report);
            assertTrue(report.matches("(?s).*7\\d\\.\\d\\d % +\\d+  hot +/t/program, hottest at 0x.*"), report);
            system.close();
        }
    }

    @Test
    void dynamic64BitProgram() throws IOException {
        checkShares(build(), false);
    }

    @Test
    void static32BitProgram() throws IOException {
        checkShares(build("-m32", "-static"), false);
    }

    @Test
    void compiledCodeIsSampledAlike() throws IOException {
        checkShares(build(), true);
    }

    @Test
    void withoutSymbolsThereAreFilesAndOffsets() throws IOException {
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = system(disk, build("-s"), false);
            system.setProfiler(new Profiler(system.kernel(), system.cpu(), 99_991));
            finish(system);
            ProcessProfile p = system.profiler().processes().get(0);
            assertTrue(p.functions().get(0).symbol().matches("program\\+0x[0-9a-f]+"), p.functions().get(0).symbol());
            assertEquals(0, samplesOf(p, "hot"));
            system.close();
        }
    }

    @Test
    void samplingChangesNothing() throws IOException {
        Path programs = build();
        long[] hashes = new long[2];
        long[] cycles = new long[2];
        for (int i = 0; i < 2; i++) {
            try (FileDisk disk = new FileDisk(IMAGE, false)) {
                KmosSystem system = system(disk, programs, false);
                system.setProfiler(i == 0 ? null : new Profiler(system.kernel(), system.cpu(), 10_007));
                finish(system);
                hashes[i] = system.stateHash();
                cycles[i] = system.machine().clock().cycles();
                system.close();
            }
        }
        assertEquals(cycles[0], cycles[1]);
        assertEquals(hashes[0], hashes[1]);
    }

    /** While the program runs, the region around its hottest instruction can be shown, from whatever address space is current. */
    @Test
    void hotSpotsHaveRegions() throws IOException {
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem system = system(disk, build(), true);
            system.setProfiler(new Profiler(system.kernel(), system.cpu(), 99_991));
            ProcessProfile p = null;
            while (system.isRunning() && (p == null || p.samples() < 100 || !p.name().equals("program"))) {
                long next = system.runSlice(1_000_000);
                if (next != TimerQueue.NEVER) {
                    system.idleTo(next);
                }
                p = system.profiler().processes().isEmpty() ? null : system.profiler().processes().get(0);
            }
            assertNotNull(p);
            long pc = p.functions().get(0).pc();
            RegionText[] shown = new RegionText[1];
            long hash = system.stateHash();
            boolean isAlive = system.profiler().inSpaceOf(p, () -> {
                List<Long> heads = system.cpu().jit().regionsWith(pc);
                assertFalse(heads.isEmpty(), "a region holds 0x" + Long.toHexString(pc));
                shown[0] = system.cpu().jit().describe(heads.get(0));
            });
            assertTrue(isAlive);
            assertTrue(shown[0].x86().contains("  " + Long.toHexString(pc) + "  "), shown[0].x86());
            assertTrue(shown[0].x86().contains("imul") || shown[0].x86().contains("lea"), shown[0].x86());
            assertTrue(shown[0].wasm().contains("loop"), shown[0].wasm());
            assertEquals(hash, system.stateHash());
            finish(system);
            system.close();
        }
    }
}
