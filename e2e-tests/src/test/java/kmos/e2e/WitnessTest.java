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

    private static Stream<DynamicTest> compare(String architecture, String part, CpuModel model) throws IOException {
        boolean isRoot = Tool.run(SCRIPTS, List.of("id", "-u")).strip().equals("0");
        Assumptions.assumeTrue(isRoot, "chroot needs root");
        String problem = fetch(architecture);
        Assumptions.assumeTrue(problem == null, problem);
        Path root = FOLDER.resolve("root-" + architecture);
        Files.copy(SCRIPTS.resolve("run.sh"), root.resolve("run.sh"), StandardCopyOption.REPLACE_EXISTING);
        clean(root);
        Map<String, String> host = sections(Tool.run(FOLDER, List.of("chroot", root.toString(), "/bin/dash", "/run.sh", part)));
        clean(root);
        Path image = FOLDER.resolve(architecture + ".img");
        TestDisk.make(root, image, 420);
        SystemConfig config = Guest.config(320, "/bin/dash", "/run.sh", part);
        config.cpuModel = model;
        Map<String, String> guest = sections(Guest.run(image, config, LIMIT_NS).replace("\r", ""));
        assertTrue(host.containsKey("end"), "the programs did not run on the host: " + host);
        return host.keySet().stream().map(name -> dynamicTest(architecture + " " + model.name() + " " + name,
            () -> assertEquals(host.get(name), guest.getOrDefault(name, "did not run"))));
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
