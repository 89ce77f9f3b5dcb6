// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Assumptions;

/**
 * A folder with programs of Debian, run on the host in a chroot and in kmOS. The chroot is in a mount namespace of its own, where
 * it has /proc and /dev; so nothing stays mounted.
 */
final class Witness {
    static final Path SCRIPTS = Path.of("src/test/witness").toAbsolutePath(), FOLDER = Path.of("target/witness").toAbsolutePath();
    private static final long LIMIT_NS = 4L * 3600 * 1_000_000_000L;
    private static final String IN_CHROOT = "mount -t proc proc \"$0/proc\" && mount --rbind /dev \"$0/dev\" && exec chroot \"$0\" \"$@\"";

    final Path root;
    private final String name;

    Witness(String name) {
        this.name = name;
        root = FOLDER.resolve("root-" + name);
    }

    /** Without root there is neither chroot nor mount: the only reason not to run, and one that is said aloud. */
    static void assumeRoot() throws IOException {
        boolean isRoot = Tool.run(SCRIPTS, List.of("id", "-u")).strip().equals("0");
        if (!isRoot) {
            System.err.println("!! NOT RUN: the witness programs need root, for chroot and mount. Nothing was compared.");
        }
        Assumptions.assumeTrue(isRoot, "chroot needs root");
    }

    /** The packages of Debian's archive, unpacked once. IOException when they cannot be had: that is a failure, not a reason to skip. */
    static Witness fetched(String architecture) throws IOException {
        Tool.run(SCRIPTS, List.of("bash", SCRIPTS.resolve("fetch.sh").toString(), architecture, FOLDER.toString()));
        return new Witness(architecture);
    }

    /** A file of the test sources at the top of both systems. */
    void put(Path file) throws IOException {
        Files.copy(file, root.resolve(file.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    String onHost(String... command) throws IOException {
        clean();
        List<String> words = new java.util.ArrayList<>(List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", IN_CHROOT, root.toString()));
        words.addAll(List.of(command));
        String text = Tool.run(FOLDER, words);
        clean();
        return text;
    }

    /** change: the machine besides memory and command. */
    String onKmos(int diskMegabytes, int memoryMegabytes, java.util.function.Consumer<SystemConfig> change, String... command) throws IOException {
        clean();
        Path image = FOLDER.resolve(name + ".img");
        TestDisk.make(root, image, diskMegabytes);
        SystemConfig config = Guest.config(memoryMegabytes, command);
        change.accept(config);
        return Guest.run(image, config, LIMIT_NS).replace("\r", "");
    }

    private void clean() throws IOException {
        TestDisk.delete(root.resolve("tmp"));
        Files.createDirectory(root.resolve("tmp"));
    }

    /** The text behind each line "== NAME". */
    static Map<String, String> sections(String text) {
        Map<String, String> all = new LinkedHashMap<>();
        String section = null;
        for (String line : text.split("\n")) {
            if (line.startsWith("== ")) {
                section = line.substring(3);
                all.put(section, "");
            } else if (section != null) {
                all.put(section, all.get(section) + line + "\n");
            }
        }
        return all;
    }
}
