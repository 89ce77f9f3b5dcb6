// SPDX-License-Identifier: Apache-2.0
package kmos.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.fs.block.BlockCache;
import kmos.fs.block.MissingBlocks;
import kmos.fs.ext.ExtType;
import org.junit.jupiter.api.Assertions;

/** A mounted image for tests: does with inodes and pages what the kernel does, on a disk where everything misses first. */
public final class Volume {
    static final long NOW = 1_800_000_000L * 1_000_000_000L;
    private static final int PAGE = Memory.START + (64 << 20);

    public final MissingBlocks disk;
    public final BlockCache cache;
    public final FileSystem fs;

    public Volume(byte[] image, boolean isReadOnly) {
        disk = new MissingBlocks(image);
        cache = new BlockCache(disk, 0x801, new TestBuffers(256), 64);
        fs = disk.run(() -> new ExtType().mount(cache, isReadOnly));
    }

    public Inode walk(String path) {
        Inode at = disk.run(fs::root);
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                Inode directory = at;
                at = disk.run(() -> directory.lookup(name));
                release(directory);
                if (at == null) {
                    return null;
                }
            }
        }
        return at;
    }

    public void release(Inode inode) {
        if (inode.release()) {
            disk.run(inode::evict);
        }
    }

    public List<String> list(String path) {
        Inode directory = walk(path);
        List<String> names = new ArrayList<>();
        long[] position = {0};
        for (;;) {
            int before = names.size();
            disk.run(() -> directory.readDirectory(position[0], (name, number, type, next) -> {
                names.add(name);
                position[0] = next;
                return true;
            }));
            if (names.size() == before) {
                release(directory);
                return names;
            }
        }
    }

    public byte[] read(String path) {
        Inode file = walk(path);
        byte[] bytes = read(file);
        release(file);
        return bytes;
    }

    public byte[] read(Inode file) {
        byte[] bytes = new byte[(int) file.size()];
        for (int at = 0; at < bytes.length; at += 4096) {
            page(file, at / 4096);
            Memory.read(PAGE, bytes, at, Math.min(4096, bytes.length - at));
        }
        return bytes;
    }

    private CachedPage page(Inode file, long index) {
        Memory.fill(PAGE, 4096, 0xEE);
        CachedPage page = new CachedPage(file, index, PAGE);
        disk.run(() -> file.readPage(page));
        while (page.hasPendingIo()) {
            Assertions.assertTrue(disk.answer());
        }
        if (page.error() != 0) {
            throw new kmos.base.ErrnoException(page.error());
        }
        Assertions.assertTrue(page.isUpToDate());
        return page;
    }

    /** Writes as write(2) does, and lets the pages go to the disk. */
    public void write(Inode file, long offset, byte[] bytes, long now) {
        int done = 0;
        while (done < bytes.length) {
            long at = offset + done;
            int inPage = (int) (at % 4096);
            int n = Math.min(4096 - inPage, bytes.length - done);
            CachedPage page = page(file, at / 4096);
            disk.run(() -> file.prepareWrite(page, inPage, inPage + n));
            Memory.write(PAGE + inPage, bytes, done, n);
            if (at + n > file.size()) {
                disk.run(() -> file.setSize(at + n, now));
            } else {
                disk.run(() -> file.touch(now));
            }
            disk.run(() -> file.writePage(page));
            while (page.hasPendingIo()) {
                Assertions.assertTrue(disk.answer());
            }
            done += n;
        }
    }

    /** Cuts as truncate(2) does: what lies behind the end in the last page is zeroed and written. */
    public void truncate(Inode file, long size, long now) {
        if (size < file.size() && size % 4096 != 0) {
            CachedPage page = page(file, size / 4096);
            Memory.fill(PAGE + (int) (size % 4096), 4096 - (int) (size % 4096), 0);
            disk.run(() -> file.writePage(page));
            while (page.hasPendingIo()) {
                Assertions.assertTrue(disk.answer());
            }
        }
        disk.run(() -> file.setSize(size, now));
    }

    public void sync() {
        disk.run(fs::sync);
    }

    public void unmount() {
        disk.run(fs::unmount);
    }

    /** Runs one of e2fsprogs. Fails, and says how to install it, when it is missing. */
    public static int tool(StringBuilder output, String... command) throws IOException, InterruptedException {
        Process p;
        try {
            ProcessBuilder b = new ProcessBuilder(command).redirectErrorStream(true);
            b.environment().put("PATH", b.environment().get("PATH") + ":/usr/sbin:/sbin");
            String name = command[0];
            command[0] = Files.exists(Path.of("/usr/sbin", name)) ? "/usr/sbin/" + name : "/sbin/" + name;
            p = b.start();
        } catch (IOException missing) {
            throw new AssertionError(command[0] + " is missing: install the package e2fsprogs", missing);
        }
        p.getOutputStream().close();
        output.append(new String(p.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1));
        return p.waitFor();
    }

    public static void assertClean(byte[] image) throws IOException, InterruptedException {
        Path file = Files.createTempFile("kmos", ".img");
        try {
            Files.write(file, image);
            StringBuilder out = new StringBuilder();
            Assertions.assertEquals(0, tool(out, "e2fsck", "-fn", file.toString()), out::toString);
        } finally {
            Files.delete(file);
        }
    }

    /** What a crash left: preening may repair (exit 0 or 1), then it is clean. */
    public static void assertRecovers(byte[] image) throws IOException, InterruptedException {
        Path file = Files.createTempFile("kmos", ".img");
        try {
            Files.write(file, image);
            StringBuilder out = new StringBuilder();
            int status = tool(out, "e2fsck", "-fp", file.toString());
            Assertions.assertTrue(status <= 1, "e2fsck -fp: " + status + "\n" + out);
            Assertions.assertEquals(0, tool(out, "e2fsck", "-fn", file.toString()), out::toString);
        } finally {
            Files.delete(file);
        }
    }

    /** An image made by mke2fs, filled from a folder when that is not null. */
    public static byte[] mke2fs(int kib, Path folder, String... options) throws IOException, InterruptedException {
        Path file = Files.createTempFile("kmos", ".img");
        try {
            List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F", "-t", "ext2"));
            command.addAll(List.of(options));
            if (folder != null) {
                command.addAll(List.of("-d", folder.toString()));
            }
            command.addAll(List.of(file.toString(), kib + "k"));
            StringBuilder out = new StringBuilder();
            Assertions.assertEquals(0, tool(out, command.toArray(new String[0])), out::toString);
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }
}
