// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import kmos.base.LittleEndian;
import kmos.fs.Inode;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskWriterTest {
    @TempDir
    Path folder;

    private static RootTree tree() {
        RootTree tree = new RootTree();
        tree.addSkeleton();
        tree.addHome();
        tree.addLinks();
        tree.nodes().put("usr/bin/busybox", new RootTree.Node(Inode.S_IFREG | 04755, 0, 0, 5, new byte[200_000], null, false));
        tree.nodes().put("usr/bin/hard", new RootTree.Node(Inode.S_IFREG | 04755, 0, 0, 5, null, "usr/bin/busybox", true));
        return tree;
    }

    private static int run(StringBuilder output, String... command) throws IOException, InterruptedException {
        command[0] = Files.exists(Path.of("/usr/sbin", command[0])) ? "/usr/sbin/" + command[0] : "/sbin/" + command[0];
        Process p;
        try {
            p = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException missing) {
            throw new AssertionError(command[0] + " is missing: install the package e2fsprogs", missing);
        }
        output.append(new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        return p.waitFor();
    }

    @Test
    @Tag("slow")
    void disk_isClean_andTheSameTwice() throws Exception {
        byte[] disk = DiskWriter.write(tree());
        assertArrayEquals(disk, DiskWriter.write(tree()));
        assertEquals(0xAA55, LittleEndian.get16(disk, 510));
        assertEquals(0x83, disk[450] & 0xFF);
        assertEquals(Recipe.FIRST_SECTOR, LittleEndian.get32(disk, 454));
        Path image = folder.resolve("partition");
        Files.write(image, Arrays.copyOfRange(disk, Recipe.FIRST_SECTOR * 512, disk.length));
        StringBuilder out = new StringBuilder();
        assertEquals(0, run(out, "e2fsck", "-fn", image.toString()), out::toString);
        StringBuilder stat = new StringBuilder();
        run(stat, "debugfs", "-R", "stat /bin/hard", image.toString());
        assertTrue(stat.toString().contains("Mode:  04755") && stat.toString().contains("Links: 2"), stat::toString);
    }

    @Test
    void chunks_giveTheImageBack_andZerosNeedNoFile() throws Exception {
        byte[] image = new byte[4096 * 3 + 100];
        Arrays.fill(image, 0, 4096, (byte) 7);
        Arrays.fill(image, 8192, image.length, (byte) 9);
        ImageChunks.write(image, 4096, folder);
        String manifest = Files.readString(folder.resolve("manifest.json"));
        String[] list = manifest.substring(manifest.indexOf("\"chunks\"")).split("[\\[\\],\\n ]+");
        byte[] back = new byte[image.length];
        int at = 0;
        for (String item : list) {
            if (item.equals("null")) {
                at += 4096;
            } else if (item.length() == 66) {
                byte[] packed = Files.readAllBytes(folder.resolve("chunks/" + item.substring(1, 65) + ".gz"));
                byte[] piece = new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes();
                assertEquals(item.substring(1, 65), ImageChunks.sha256(piece));
                System.arraycopy(piece, 0, back, at, piece.length);
                at += 4096;
            }
        }
        assertArrayEquals(image, back);
        try (var files = Files.list(folder.resolve("chunks"))) {
            assertEquals(3, files.count());
        }
    }

    @Test
    void lock_isReadAsWritten_andBadLinesAreNamed() throws Exception {
        Path file = folder.resolve("lock");
        var entry = new LockFile.Entry("bash", "1:5.2-2+b1", "amd64", "amd64", "00ff");
        LockFile.write(file, java.util.List.of(entry));
        assertEquals(java.util.List.of(entry), LockFile.read(file));
        assertEquals("bash_1%3a5.2-2+b1_amd64.deb", entry.fileName());
        Files.writeString(file, "bash 1\n");
        BuildFailure bad = org.junit.jupiter.api.Assertions.assertThrows(BuildFailure.class, () -> LockFile.read(file));
        assertTrue(bad.getMessage().contains(":1:"));
    }
}
