// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kmos.cpu.CpuModel;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's programs choose their code by CPUID: with every processor model they print the same. */
@Tag("slow")
class CpuModelsTest {
    /** Strings, sorting, hashes and the mathematical library, of both word sizes. */
    private static final String SCRIPT = "lua5.4 -e 'local s = 0 for i = 1, 300 do s = s + math.sin(i) * math.exp(-i / 50) + i ^ 0.3 + math.log(i) end print(string.format(\"%a\", s))'; "
        + "lua5.4 -e 'print((\"abcdefghij\"):rep(50):find(\"ja\", 77, true), (\"x\"):rep(400):match(\"x*\"):len(), #(\"a,b;c\"):rep(99):gsub(\"[,;]\", \"\"))'; "
        + "seq 1 700 | sort -r | sha256sum; seq 1 700 | busybox sha256sum; busybox seq 1 700 | busybox sort -r | busybox md5sum; "
        + "x=$(seq 1 200); y=${x//[13579]/}; echo ${#x} ${#y}";

    private static String run(String model, String... command) throws IOException {
        SystemConfig config = Guest.config(64, command);
        config.cpuModel = CpuModel.of(model);
        return Guest.outcome(config);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v3", "max"})
    void programsPrintTheSame_whateverTheProcessorIs(String model) throws IOException {
        String expected = run("v2", "bash", "-c", SCRIPT);
        assertTrue(expected.endsWith("[0]"), expected);
        assertEquals(expected, run(model, "bash", "-c", SCRIPT));
    }

    @ParameterizedTest
    @CsvSource({"v2, sse4_2, 0", "v3, avx2, 0", "v3, fma, 0", "max, sha_ni, 0", "v2, avx, 1", "v3, aes, 1"})
    void cpuinfoNamesWhatTheModelHas(String model, String flag, int exitStatus) throws IOException {
        assertEquals("[" + (exitStatus << 8) + "]", run(model, "busybox", "grep", "-qw", flag, "/proc/cpuinfo"));
    }

    /** cpu_agrees.c looks at CPUID, AT_HWCAP, AT_HWCAP2 and XCR0: the kernel and each processor agree as Linux and the host's do. */
    @ParameterizedTest
    @EnumSource(value = Variant.class, names = {"AMD64_STATIC", "I386_STATIC"})
    void kernelAndCpuidAgree_inEachModel(Variant variant) throws IOException {
        Path programs = Programs.build(variant);
        String host = Tool.run(programs, List.of(programs.resolve("cpu_agrees").toString()));
        assertTrue(host.contains("after exec: 3 of 3"), host);
        TestDisk.make(variant, programs, 200);
        for (CpuModel model : List.of(CpuModel.v2(), CpuModel.v3(), CpuModel.max())) {
            SystemConfig config = Guest.config(64, "/t/cpu_agrees");
            config.cpuModel = model;
            config.showsKernelLog = false;
            String text = Guest.run(Programs.TARGET.resolve(variant.folder() + ".img"), config, 60_000_000_000L);
            assertEquals(host, text.replace("\r", ""), model.name());
        }
    }
}
