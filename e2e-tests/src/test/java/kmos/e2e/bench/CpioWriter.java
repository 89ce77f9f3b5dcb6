// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Packs a folder as a "newc" cpio archive (cpio(5)), with /dev/console and /dev/null added: an initramfs. */
final class CpioWriter implements AutoCloseable {
    private static final int DIRECTORY = 0040755, FILE = 0100000, LINK = 0120777, CONSOLE = 0020600, NULL = 0020666;

    private final OutputStream out;
    private long written;
    private int inode = 1;

    private CpioWriter(Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file));
    }

    static void write(Path folder, Path file) throws IOException {
        try (CpioWriter cpio = new CpioWriter(file)) {
            cpio.folder(folder, "");
            cpio.entry("dev/console", CONSOLE, new byte[0], 5, 1);
            cpio.entry("dev/null", NULL, new byte[0], 1, 3);
            cpio.entry("TRAILER!!!", 0, new byte[0], 0, 0);
        }
    }

    private void folder(Path folder, String prefix) throws IOException {
        List<Path> children = new ArrayList<>();
        try (Stream<Path> list = Files.list(folder)) {
            list.sorted().forEach(children::add);
        }
        for (Path p : children) {
            String name = prefix + p.getFileName();
            if (Files.isSymbolicLink(p)) {
                entry(name, LINK, Files.readSymbolicLink(p).toString().getBytes(StandardCharsets.UTF_8), 0, 0);
            } else if (Files.isDirectory(p)) {
                entry(name, DIRECTORY, new byte[0], 0, 0);
                folder(p, name + "/");
            } else {
                entry(name, FILE | (Files.isExecutable(p) ? 0755 : 0644), Files.readAllBytes(p), 0, 0);
            }
        }
    }

    private void entry(String name, int mode, byte[] data, int major, int minor) throws IOException {
        byte[] bytes = (name + "\0").getBytes(StandardCharsets.UTF_8);
        StringBuilder header = new StringBuilder("070701");
        for (int v : new int[] {inode++, mode, 0, 0, 1, 0, data.length, 0, 0, major, minor, bytes.length, 0}) {
            header.append(String.format(Locale.ROOT, "%08x", v));
        }
        put(header.toString().getBytes(StandardCharsets.US_ASCII));
        put(bytes);
        pad();
        put(data);
        pad();
    }

    private void put(byte[] bytes) throws IOException {
        out.write(bytes);
        written += bytes.length;
    }

    private void pad() throws IOException {
        put(new byte[(int) (-written & 3)]);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
