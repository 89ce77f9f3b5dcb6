// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kmos.headless.SnapshotFiles;
import kmos.system.snapshot.SnapshotCodec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How large a link is after compiling a small C program: the image has no compiler, so this is an image of its own, with the same files and Debian's tcc and
 * libc6-dev.
 */
@Tag("soak")
class CompilerSnapshotTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private Path imageWithCompiler() throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Tool.run(folder, List.of("debugfs", "-R", "rdump / " + root, IMAGE.toAbsolutePath() + "?offset=1048576"));
        Path packages = Files.createDirectories(folder.resolve("packages"));
        try {
            Tool.run(packages, List.of("apt-get", "-qq", "download", "tcc", "libc6-dev"));
        } catch (IOException noNetwork) {
            Assumptions.abort("the packages could not be fetched: " + noNetwork.getMessage());
        }
        try (Stream<Path> all = Files.list(packages)) {
            for (Path each : all.filter(p -> p.toString().endsWith(".deb")).sorted().toList()) {
                Tool.run(folder, List.of("dpkg-deb", "-x", each.toString(), root.toString()));
            }
        }
        Files.writeString(root.resolve("root/hello.c"),
            "int puts(const char *);\nint main(int argc, char **argv) {\n    int sum = 0;\n    for (int i = 0; i < 100; i++) sum += i * argc;\n    puts(sum == 4950 ? \"good\" : \"bad\");\n    return 0;\n}\n");
        Path image = folder.resolve("tcc.img");
        TestDisk.make(root, image, 256);
        TestDisk.delete(root);
        return image;
    }

    @Test
    void afterCompilingASmallProgram() throws IOException {
        Path image = imageWithCompiler();
        SnapshotCodec.Base base = SnapshotFiles.base(Guest.ARENA, RecipeTest.config(), image);
        try (RecipeTest.Driven machine = new RecipeTest.Driven(image)) {
            machine.type("tcc -o hello hello.c && ./hello\n", 3 * SECOND);
            assertTrue(machine.output.toString().contains("\rgood"), machine.output.toString());
            RecipeTest.check("a small C program compiled by tcc", machine, base, 2000, 400_000);
        }
    }
}
