// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** e2fsck on the first partition of a disk image. */
public final class Fsck {
    private static final long PARTITION = 2048 * 512L;

    private Fsck() { }

    /** What is wrong with the disk beyond what e2fsck mends by itself after a crash; empty when nothing is. */
    public static String problems(Path disk) throws IOException {
        Path partition = Files.createTempFile("kmos", ".ext2");
        try {
            try (InputStream in = Files.newInputStream(disk); OutputStream out = Files.newOutputStream(partition)) {
                in.skipNBytes(PARTITION);
                in.transferTo(out);
            }
            return problemsOfPartition(partition);
        } finally {
            Files.deleteIfExists(partition);
        }
    }

    /** The same for a file that is the partition; it is mended in place. */
    public static String problemsOfPartition(Path partition) throws IOException {
        StringBuilder text = new StringBuilder();
        int mended = run(text, "-fp", partition);
        if (mended > 1) {
            return "e2fsck -fp ends with " + mended + "\n" + text;
        }
        int checked = run(text, "-fn", partition);
        return checked == 0 ? "" : "e2fsck -fn ends with " + checked + "\n" + text;
    }

    private static int run(StringBuilder text, String options, Path partition) throws IOException {
        Path program = List.of("/sbin/e2fsck", "/usr/sbin/e2fsck").stream().map(Path::of).filter(Files::isExecutable).findFirst()
            .orElseThrow(() -> new IOException("no e2fsck: apt-get install e2fsprogs"));
        Process process = new ProcessBuilder(program.toString(), options, partition.toString()).redirectErrorStream(true).start();
        text.append(new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1));
        try {
            return process.waitFor();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }
}
