// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A disk for the tests: MBR, one ext2 partition with the programs, the runner, and the host's libraries and shell. */
final class TestDisk {
    private static final int SECTOR = 512;
    private static final int FIRST_SECTOR = 2048;
    private static final String[] FILES = {
        "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6", "/lib/x86_64-linux-gnu/libm.so.6", "/lib/x86_64-linux-gnu/libdl.so.2",
        "/lib/x86_64-linux-gnu/libpthread.so.0", "/lib/x86_64-linux-gnu/libgcc_s.so.1", "/lib/ld-linux.so.2", "/lib32/libc.so.6", "/lib32/libm.so.6",
        "/lib32/libdl.so.2", "/lib32/libpthread.so.0", "/lib32/libgcc_s.so.1", "/bin/dash"};

    private TestDisk() { }

    /** Makes the image of a variant. */
    static Path make(Variant variant, Path programs, int megabytes) throws IOException {
        return make(variant.folder(), programs, megabytes);
    }

    static Path make(String name, Path programs, int megabytes) throws IOException {
        Path root = Programs.TARGET.resolve("root-" + name);
        delete(root);
        for (String folder : new String[] {"dev", "proc", "sys", "tmp", "run", "work", "bin", "etc", "root", "lib/i386-linux-gnu", "t"}) {
            Files.createDirectories(root.resolve(folder));
        }
        for (String file : FILES) {
            copyIfThere(root, file);
        }
        Files.setPosixFilePermissions(root.resolve("root"), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(root.resolve("bin/sh"), Path.of("dash"));
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
        Files.writeString(root.resolve("etc/ld.so.conf"), "");
        try (var files = Files.list(programs)) {
            for (Path p : files.toList()) {
                Files.copy(p, root.resolve("t").resolve(p.getFileName().toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        Files.copy(Programs.TARGET.resolve("runner"), root.resolve("runner"), StandardCopyOption.COPY_ATTRIBUTES);
        Path image = Programs.TARGET.resolve(name + ".img");
        make(root, image, megabytes);
        delete(root);
        return image;
    }

    /** A partitioned image with a folder's files in one ext2 file system. */
    static void make(Path root, Path image, int megabytes) throws IOException {
        Files.deleteIfExists(image);
        long sectors = megabytes * 2048L;
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(sectors * SECTOR);
            file.seek(446);
            file.write(partition(FIRST_SECTOR, (int) sectors - FIRST_SECTOR));
            file.seek(510);
            file.write(new byte[] {0x55, (byte) 0xAA});
        }
        Tool.run(image.toAbsolutePath().getParent(), List.of("mke2fs", "-q", "-t", "ext2", "-b", "1024", "-I", "128", "-E", "offset=" + FIRST_SECTOR * SECTOR + ",root_owner=0:0",
            "-d", root.toAbsolutePath().toString(), image.toAbsolutePath().toString(), (sectors - FIRST_SECTOR) / 2 + "k"));
    }

    private static byte[] partition(int first, int count) {
        byte[] row = new byte[16];
        row[4] = (byte) 0x83;
        for (int i = 0; i < 4; i++) {
            row[8 + i] = (byte) (first >>> 8 * i);
            row[12 + i] = (byte) (count >>> 8 * i);
        }
        return row;
    }

    private static void copyIfThere(Path root, String file) throws IOException {
        Path from = Path.of(file);
        if (Files.exists(from)) {
            Path to = root.resolve(file.substring(1));
            Files.createDirectories(to.getParent());
            Files.copy(from.toRealPath(), to, StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    static void delete(Path tree) throws IOException {
        if (!Files.exists(tree, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var all = Files.walk(tree)) {
            for (Path p : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }
}
