// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * System calls with garbage (src/test/c/fuzz/syscalls.c), both ABIs: never an exception of ours, the kernel and other
 * processes go on, and the disk passes e2fsck. kmos.fuzz.seed chooses other calls, kmos.fuzz.rounds how many.
 */
class SyscallFuzzTest {
    private static final long SEED = Long.getLong("kmos.fuzz.seed", 1);

    @Tag("slow")
    @ParameterizedTest(name = "{0}: a few rounds")
    @EnumSource(value = Variant.class, names = {"AMD64_STATIC", "I386_STATIC"})
    void garbage_harmsNobodyElse(Variant variant) throws Exception {
        fuzz(variant, SEED, Integer.getInteger("kmos.fuzz.rounds", 40));
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}: many rounds")
    @EnumSource(value = Variant.class, names = {"AMD64_STATIC", "I386_STATIC"})
    void garbage_harmsNobodyElse_forLong(Variant variant) throws Exception {
        for (long seed = SEED; seed < SEED + 20; seed++) {
            fuzz(variant, seed, Integer.getInteger("kmos.fuzz.rounds", 100));
        }
    }

    static void fuzz(Variant variant, long seed, int rounds) throws Exception {
        System.out.println("syscall fuzz " + variant + " seed " + seed + " rounds " + rounds);
        Path folder = Files.createDirectories(Programs.TARGET.resolve("fuzz-" + variant.folder()));
        Path program = folder.resolve("syscalls");
        List<String> gcc = new ArrayList<>(List.of("gcc", "-std=gnu17", "-O1", "-w", "-s"));
        gcc.addAll(variant.flags);
        gcc.addAll(List.of("-o", program.toString(), Programs.SOURCES.resolve("fuzz/syscalls.c").toString()));
        Tool.run(Programs.SOURCES, gcc);
        Programs.build(variant);
        Path image = TestDisk.make("fuzz-" + variant.folder(), folder, 64);
        SystemConfig config = Guest.config(128, "/bin/sh", "-c",
            "cd /work && /t/syscalls " + seed + " " + rounds + " 300; echo status $?; cd /; sync; mount -o remount,ro / 2>/dev/null; sync");
        String text = Guest.run(image, config, 1_000_000_000L * (60 + 15L * rounds), true);
        assertTrue(text.contains("rounds " + rounds) && text.contains("still here"), text);
        assertTrue(text.contains("status 0"), text);
        assertEquals("", Fsck.problems(image));
    }
}
