// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kmos.cpu.CpuModel;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Debian's openssl, perl, python, sqlite and others as witnesses of the processor: what they compute in kmOS is what they
 * compute on the host (src/test/witness/run.sh; skip.txt says what is left out and why). Needs root and a Debian archive.
 */
class WitnessTest {
    private static final int JIT_THRESHOLD = 1500;
    /** In 32 bits test_decimal touches 550 MiB and test_unicode 341: in less memory the one is killed, the other leaves a test out. */
    private static final int PYTHON32_MEGABYTES = 640;

    /** What the host itself has, without a network: a part of it in every test run. */
    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> programsOfTheHost() throws IOException {
        Witness.assumeRoot();
        Witness local = new Witness("local");
        Tool.run(Witness.SCRIPTS, List.of("bash", Witness.SCRIPTS.resolve("local.sh").toString(), local.root.toString()));
        List<Map<String, String>> texts = run(local, "brief", 64, config -> config.cpuModel = CpuModel.v2());
        return Stream.of("gzip", "xz", "bc", "openssl", "perl", "sqlite3").map(name -> dynamicTest(name, () -> {
            Assumptions.assumeTrue(Files.exists(local.root.resolve("usr/bin/" + name)), name + " is not installed here");
            assertTrue(texts.get(0).getOrDefault(name, "").length() > 60, "the host printed too little: " + texts.get(0).get(name));
            assertEquals(texts.get(0).get(name), texts.get(1).getOrDefault(name, "did not run"));
        }));
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> quickAmd64() throws IOException {
        return inAllModels("amd64");
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> quickI386() throws IOException {
        return inAllModels("i386");
    }

    private static Stream<DynamicTest> inAllModels(String architecture) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (CpuModel model : List.of(CpuModel.v2(), CpuModel.v3(), CpuModel.max())) {
            tests.addAll(compare(architecture, "quick", model.name(), config -> config.cpuModel = model));
        }
        return tests.stream();
    }

    /** The same in compiled code: ten times as long, as Chicory's Wasm runs slowly on the JVM. */
    @ParameterizedTest
    @ValueSource(strings = {"amd64", "i386"})
    @Tag("soak")
    void quickCompiled(String architecture) throws Exception {
        List<ChicoryBackend> backends = new ArrayList<>();
        List<DynamicTest> tests = compare(architecture, "quick", "compiled", config -> {
            config.cpuModel = CpuModel.v3();
            config.jitThreshold = JIT_THRESHOLD;
            config.jit = cpu -> {
                backends.add(new ChicoryBackend(cpu, false));
                return backends.get(0);
            };
        });
        assertTrue(backends.get(0).modules() > 100, "the programs ran in compiled code");
        for (DynamicTest test : tests) {
            runNow(test);
        }
    }

    private static void runNow(DynamicTest test) throws Exception {
        try {
            test.getExecutable().execute();
        } catch (Exception | Error failed) {
            throw failed;
        } catch (Throwable other) {
            throw new IllegalStateException(other);
        }
    }

    /** Python's own tests, stress-ng with all its methods. */
    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> longAmd64() throws IOException {
        return compare("amd64", "long", "v2", config -> { }).stream();
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> longI386() throws IOException {
        return compare("i386", "long", "v2", config -> config.memoryMegabytes = PYTHON32_MEGABYTES).stream();
    }

    /** perl's own t/op and t/re: each file passes and fails the same tests as on the host. */
    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> perlsOwnTestsAmd64() throws IOException {
        return compare("amd64", "perl_tests", "v2", config -> { }).stream();
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> perlsOwnTestsI386() throws IOException {
        return compare("i386", "perl_tests", "v2", config -> { }).stream();
    }

    /** Those files that take minutes each. */
    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> perlsLongTestsAmd64() throws IOException {
        return compare("amd64", "perl_long", "v2", config -> { }).stream();
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> perlsLongTestsI386() throws IOException {
        return compare("i386", "perl_long", "v2", config -> { }).stream();
    }

    private static List<DynamicTest> compare(String architecture, String part, String what, Consumer<SystemConfig> change) throws IOException {
        Witness.assumeRoot();
        List<Map<String, String>> texts = run(Witness.fetched(architecture), part, 500, change);
        return texts.get(0).keySet().stream().map(name -> dynamicTest(architecture + " " + what + " " + name,
            () -> assertEquals(texts.get(0).get(name), texts.get(1).getOrDefault(name, "did not run")))).toList();
    }

    /** The sections that the script prints on the host and in kmOS. */
    private static List<Map<String, String>> run(Witness witness, String part, int megabytes, Consumer<SystemConfig> change) throws IOException {
        witness.put(Witness.SCRIPTS.resolve("run.sh"));
        witness.put(Witness.SCRIPTS.resolve("skip.txt"));
        Map<String, String> host = Witness.sections(witness.onHost("/bin/dash", "/run.sh", part));
        Map<String, String> guest = Witness.sections(witness.onKmos(megabytes, 320, change, "/bin/dash", "/run.sh", part));
        assertTrue(host.containsKey("end"), "the programs did not run on the host: " + host);
        return List.of(host, guest);
    }
}
