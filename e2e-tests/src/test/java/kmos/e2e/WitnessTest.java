// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kmos.cpu.CpuModel;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Debian's openssl, perl, python, sqlite and others as witnesses of the processor: what they compute in kmOS is what they
 * compute on the host (src/test/witness/run.sh). Needs root for chroot and a Debian archive.
 */
class WitnessTest {
    private static final Path SCRIPTS = Path.of("src/test/witness").toAbsolutePath(), FOLDER = Path.of("target/witness").toAbsolutePath();
    private static final long LIMIT_NS = 4L * 3600 * 1_000_000_000L;

    /** What the host itself has, without a network: a part of it in every test run. */
    @TestFactory
    @Tag("slow")
    Stream<DynamicTest> programsOfTheHost() throws IOException {
        assumeRoot();
        Path root = FOLDER.resolve("root-local");
        Tool.run(SCRIPTS, List.of("bash", SCRIPTS.resolve("local.sh").toString(), root.toString()));
        List<Map<String, String>> texts = run(root, "local", "brief", CpuModel.v2(), 64);
        return Stream.of("gzip", "xz", "bc", "openssl", "perl", "sqlite3").map(name -> dynamicTest(name, () -> {
            Assumptions.assumeTrue(Files.exists(root.resolve("usr/bin/" + name)), name + " is not installed here");
            assertTrue(texts.get(0).getOrDefault(name, "").length() > 60, "the host printed too little: " + texts.get(0).get(name));
            assertEquals(texts.get(0).get(name), texts.get(1).getOrDefault(name, "did not run"));
        }));
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> amd64() throws IOException {
        return compare("amd64", "quick", CpuModel.v2());
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> amd64WithAllExtensions() throws IOException {
        return compare("amd64", "quick", CpuModel.max());
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> i386() throws IOException {
        return compare("i386", "quick", CpuModel.v2());
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> amd64Long() throws IOException {
        return compare("amd64", "long", CpuModel.v2());
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> i386Long() throws IOException {
        return compare("i386", "long", CpuModel.v2());
    }

    /** perl's own t/op and t/re: each file passes and fails the same tests as on the host. */
    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> perlsOwnTestsAmd64() throws IOException {
        return compare("amd64", "perl_tests", CpuModel.v2());
    }

    @TestFactory
    @Tag("soak")
    Stream<DynamicTest> perlsOwnTestsI386() throws IOException {
        return compare("i386", "perl_tests", CpuModel.v2());
    }

    private static Stream<DynamicTest> compare(String architecture, String part, CpuModel model) throws IOException {
        assumeRoot();
        String problem = fetch(architecture);
        Assumptions.assumeTrue(problem == null, problem);
        List<Map<String, String>> texts = run(FOLDER.resolve("root-" + architecture), architecture, part, model, 500);
        return texts.get(0).keySet().stream().map(name -> dynamicTest(architecture + " " + model.name() + " " + name,
            () -> assertEquals(texts.get(0).get(name), texts.get(1).getOrDefault(name, "did not run"))));
    }

    private static void assumeRoot() throws IOException {
        Assumptions.assumeTrue(Tool.run(SCRIPTS, List.of("id", "-u")).strip().equals("0"), "chroot needs root");
    }

    /** The sections that the script prints on the host and in kmOS. */
    private static List<Map<String, String>> run(Path root, String name, String part, CpuModel model, int megabytes) throws IOException {
        Files.copy(SCRIPTS.resolve("run.sh"), root.resolve("run.sh"), StandardCopyOption.REPLACE_EXISTING);
        clean(root);
        Map<String, String> host = sections(Tool.run(FOLDER, List.of("chroot", root.toString(), "/bin/dash", "/run.sh", part)));
        clean(root);
        Path image = FOLDER.resolve(name + ".img");
        TestDisk.make(root, image, megabytes);
        SystemConfig config = Guest.config(320, "/bin/dash", "/run.sh", part);
        config.cpuModel = model;
        Map<String, String> guest = sections(Guest.run(image, config, LIMIT_NS).replace("\r", ""));
        assertTrue(host.containsKey("end"), "the programs did not run on the host: " + host);
        return List.of(host, guest);
    }

    /** Null, or why there are no programs. */
    private static String fetch(String architecture) {
        try {
            Tool.run(SCRIPTS, List.of("bash", SCRIPTS.resolve("fetch.sh").toString(), architecture, FOLDER.toString()));
            return null;
        } catch (IOException failed) {
            return "the packages could not be fetched: " + failed.getMessage();
        }
    }

    private static void clean(Path root) throws IOException {
        TestDisk.delete(root.resolve("tmp"));
        Files.createDirectory(root.resolve("tmp"));
    }

    /** The text behind each line "== NAME". */
    private static Map<String, String> sections(String text) {
        Map<String, String> all = new LinkedHashMap<>();
        String name = null;
        for (String line : text.split("\n")) {
            if (line.startsWith("== ")) {
                name = line.substring(3);
                all.put(name, "");
            } else if (name != null) {
                all.put(name, all.get(name) + line + "\n");
            }
        }
        return all;
    }
}
