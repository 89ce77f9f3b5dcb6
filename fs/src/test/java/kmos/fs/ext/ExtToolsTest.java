// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.fs.TestBuffers;
import kmos.fs.Volume;
import kmos.fs.block.BlockCache;
import kmos.fs.block.MemoryDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** ext2 judged by e2fsprogs: we read what they wrote, they find no fault with what we wrote. */
class ExtToolsTest {
    private static final long NOW = 1_800_000_000_123_456_789L;

    @TempDir
    Path folder;

    private static byte[] noise(int size, long seed) {
        byte[] b = new byte[size];
        new Random(seed).nextBytes(b);
        return b;
    }

    @ParameterizedTest(name = "reads what mke2fs wrote, block size {0}, revision {1}")
    @CsvSource({"1024, 1", "2048, 1", "4096, 1", "1024, 0"})
    void read(int blockSize, int revision) throws Exception {
        byte[] small = noise(13, 1);
        byte[] large = noise(300_000, 2); // into the double indirect blocks of 1 KiB
        Files.write(folder.resolve("small"), small);
        Files.createDirectories(folder.resolve("a/b/c"));
        Files.write(folder.resolve("a/b/c/large"), large);
        Files.createSymbolicLink(folder.resolve("fast"), Path.of("a/b"));
        String slow = "x/".repeat(60) + "end";
        Files.createSymbolicLink(folder.resolve("slow"), Path.of(slow));
        for (int i = 0; i < 120; i++) {
            Files.write(folder.resolve("a/file-with-a-longer-name-" + i), new byte[0]);
        }
        Volume v = new Volume(Volume.mke2fs(4096, folder, "-b", "" + blockSize, "-r", "" + revision), true);
        assertArrayEquals(small, v.read("/small"));
        assertArrayEquals(large, v.read("/a/b/c/large"));
        assertEquals("a/b", v.disk.run(() -> v.walk("fast").readLink()));
        assertEquals(slow, v.disk.run(() -> v.walk("slow").readLink()));
        assertEquals(120 + 3, v.list("/a").size());
        assertNull(v.walk("/a/none"));
        assertTrue(v.disk.misses > 10);
        Inode file = v.walk("/small");
        assertEquals(13, file.size());
        assertEquals(1, file.links());
        assertEquals(Files.getLastModifiedTime(folder.resolve("small")).toMillis() / 1000, file.modifyTimeNs() / 1_000_000_000L);
    }

    @ParameterizedTest(name = "what we wrote passes e2fsck, block size {0}")
    @ValueSource(ints = {1024, 2048, 4096})
    void write(int blockSize) throws Exception {
        Volume v = new Volume(Volume.mke2fs(8192, null, "-b", "" + blockSize), false);
        Inode root = v.disk.run(v.fs::root);
        Inode dir = v.disk.run(() -> root.create("dir", Inode.S_IFDIR | 0755, 1000, 70_000, 0, NOW));
        byte[] data = noise(700_000, 3);
        Inode file = v.disk.run(() -> dir.create("file", Inode.S_IFREG | 0644, 1, 2, 0, NOW));
        v.write(file, 5000, data, NOW);
        v.disk.run(() -> dir.symlink("short", "../target", 0, 0, NOW));
        v.disk.run(() -> dir.symlink("long", "y".repeat(100), 0, 0, NOW));
        v.disk.run(() -> dir.create("null", Inode.S_IFCHR | 0666, 0, 0, 0x103, NOW));
        v.disk.run(() -> dir.create("big", Inode.S_IFBLK | 0660, 0, 0, 259 << 8 | 5, NOW));
        v.disk.run(() -> dir.create("fifo", Inode.S_IFIFO | 0600, 0, 0, 0, NOW));
        v.disk.run(() -> root.link("hard", file, NOW));
        for (int i = 0; i < 200; i++) {
            String name = "entry-number-" + i;
            v.release(v.disk.run(() -> dir.create(name, Inode.S_IFREG | 0644, 0, 0, 0, NOW)));
        }
        v.truncate(file, 300_001, NOW);
        v.unmount();
        Volume.assertClean(v.disk.bytes());

        Volume again = new Volume(v.disk.bytes(), true);
        byte[] got = again.read("/hard");
        assertEquals(300_001, got.length);
        assertEquals(0, got[4999]);
        for (int i = 5000; i < got.length; i++) {
            assertEquals(data[i - 5000], got[i]);
        }
        assertEquals(0x103, again.walk("/dir/null").deviceNumber());
        assertEquals(259 << 8 | 5, again.walk("/dir/big").deviceNumber());
        assertEquals(70_000, again.walk("/dir").gid());
        assertEquals(2, again.walk("/dir/file").links());
        long stored = again.walk("/dir").modifyTimeNs();
        assertEquals(NOW, stored, "inodes of 256 bytes keep nanoseconds");
    }

    @Test
    void debugfs_readsOurFile() throws Exception {
        Volume v = new Volume(Volume.mke2fs(4096, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        Inode file = v.disk.run(() -> root.create("file", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        byte[] data = noise(400_000, 4);
        v.write(file, 0, data, NOW);
        v.unmount();
        Path image = Files.write(folder.resolve("image"), v.disk.bytes());
        Path out = folder.resolve("out");
        StringBuilder text = new StringBuilder();
        assertEquals(0, Volume.tool(text, "debugfs", "-R", "dump /file " + out, image.toString()), text::toString);
        assertArrayEquals(data, Files.readAllBytes(out));
    }

    @ParameterizedTest(name = "attributes that we wrote are read by debugfs and pass e2fsck, block size {0}")
    @ValueSource(ints = {1024, 4096})
    void attributes(int blockSize) throws Exception {
        Volume v = new Volume(Volume.mke2fs(4096, null, "-b", "" + blockSize), false);
        Inode root = v.disk.run(v.fs::root);
        Inode file = v.disk.run(() -> root.create("file", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        Inode gone = v.disk.run(() -> root.create("gone", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        for (String name : new String[] {"user.zz", "trusted.t", "user.a", "user.bbbb", "security.selinux"}) {
            v.disk.run(() -> file.setAttribute(name, ("value of " + name).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), NOW));
        }
        v.disk.run(() -> file.setAttribute("user.a", new byte[0], NOW));
        v.disk.run(() -> file.setAttribute("user.zz", null, NOW));
        v.disk.run(() -> gone.setAttribute("user.x", new byte[3], NOW));
        ErrnoException full = assertThrows(ErrnoException.class, () -> v.disk.run(() -> file.setAttribute("user.big", new byte[5000], NOW)));
        assertEquals(Errno.ENOSPC, full.errno());
        assertEquals("[user.a, user.bbbb, trusted.t, security.selinux]", v.disk.run(file::attributeNames).toString());
        v.disk.run(() -> root.unlink("gone", gone, NOW));
        v.release(gone);
        v.unmount();
        Volume.assertClean(v.disk.bytes());
        Path image = Files.write(folder.resolve("image"), v.disk.bytes());
        StringBuilder text = new StringBuilder();
        assertEquals(0, Volume.tool(text, "debugfs", "-R", "ea_get /file user.bbbb", image.toString()), text::toString);
        assertTrue(text.toString().contains("value of user.bbbb"), text::toString);
        Volume again = new Volume(v.disk.bytes(), true);
        assertEquals(0, again.disk.run(() -> again.walk("/file").attribute("user.a")).length);
    }

    @Test
    void unnamedFiles_areOrphans_untilTheyGetAName() throws Exception {
        Volume v = new Volume(Volume.mke2fs(4096, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        Inode named = v.disk.run(() -> root.unnamed(Inode.S_IFREG | 0600, 0, 0, NOW));
        Inode dropped = v.disk.run(() -> root.unnamed(Inode.S_IFREG | 0600, 0, 0, NOW));
        v.write(dropped, 0, noise(9000, 5), NOW);
        v.disk.run(() -> root.link("name", named, NOW));
        v.release(dropped);
        v.unmount();
        Volume.assertClean(v.disk.bytes());
        assertEquals(1, new Volume(v.disk.bytes(), true).walk("/name").links());
    }

    @Test
    void exchange_ofDirectoriesAndFiles_isClean() throws Exception {
        Volume v = new Volume(Volume.mke2fs(4096, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        Inode one = v.disk.run(() -> root.create("one", Inode.S_IFDIR | 0755, 0, 0, 0, NOW));
        Inode two = v.disk.run(() -> root.create("two", Inode.S_IFDIR | 0755, 0, 0, 0, NOW));
        Inode inner = v.disk.run(() -> one.create("inner", Inode.S_IFDIR | 0755, 0, 0, 0, NOW));
        Inode file = v.disk.run(() -> two.create("file", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        v.disk.run(() -> one.exchange("inner", inner, two, "file", file, NOW));
        assertEquals(2, one.links());
        assertEquals(3, two.links());
        v.unmount();
        Volume.assertClean(v.disk.bytes());
    }

    @Test
    void ownMkfs_isClean_andTheSameTwice() throws Exception {
        byte[] first = mkfs(70_000, 1024);
        assertArrayEquals(first, mkfs(70_000, 1024));
        Volume.assertClean(first);
        Volume.assertClean(mkfs(3000, 4096));
        Volume v = new Volume(first, false);
        Inode root = v.disk.run(v.fs::root);
        v.disk.run(() -> root.create("x", Inode.S_IFDIR | 0755, 0, 0, 0, NOW));
        v.unmount();
        Volume.assertClean(v.disk.bytes());
    }

    private static byte[] mkfs(int blocks, int blockSize) {
        byte[] image = new byte[blocks * blockSize];
        BlockCache cache = new BlockCache(new MemoryDisk(image), 0, new TestBuffers(256), 128);
        ExtMkfs.format(cache, new ExtMkfs.Options(blockSize, blocks, 1000, new byte[16], "test", 1_700_000_000L));
        return image;
    }

    @Test
    void openUnlinkedFile_isAnOrphan_untilItIsClosedOrTheDiskMountedAgain() throws Exception {
        Volume v = new Volume(Volume.mke2fs(2048, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        long free = v.disk.run(v.fs::statistics).freeBlocks();
        Inode[] files = new Inode[3];
        for (int i = 0; i < 3; i++) {
            String name = "f" + i;
            files[i] = v.disk.run(() -> root.create(name, Inode.S_IFREG | 0644, 0, 0, 0, NOW));
            v.write(files[i], 0, noise(50_000, i), NOW);
        }
        for (int i = 0; i < 3; i++) {
            String name = "f" + i;
            Inode file = files[i];
            v.disk.run(() -> root.unlink(name, file, NOW));
        }
        assertArrayEquals(noise(50_000, 1), v.read(files[1]));
        v.release(files[1]); // from the middle of the chain
        v.sync();
        Volume.assertRecovers(v.disk.durable);
        Volume again = new Volume(v.disk.durable, false);
        assertEquals(free, again.disk.run(again.fs::statistics).freeBlocks());
        again.unmount();
        Volume.assertClean(again.disk.bytes());
    }

    @Test
    void fullDisk_givesEnospc_andStaysClean() throws Exception {
        Volume v = new Volume(Volume.mke2fs(256, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        Inode file = v.disk.run(() -> root.create("file", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        ErrnoException full = assertThrows(ErrnoException.class, () -> v.write(file, 0, new byte[300_000], NOW));
        assertEquals(Errno.ENOSPC, full.errno());
        assertEquals(0, v.disk.run(v.fs::statistics).freeBlocks());
        v.truncate(file, 0, NOW);
        v.write(file, 0, new byte[100_000], NOW);
        v.unmount();
        Volume.assertClean(v.disk.bytes());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"an ext4 feature (extents) is refused,      96,   0x42, EINVAL, extents",
                "a journal to replay is refused,            96,   0x06, EINVAL, needs_recovery",
                "an unknown read-only feature: EROFS,       100,  0x400, EROFS, read-only",
                "a wild block size is corrupt,              24,   9,    EUCLEAN, block size",
                "more blocks than the device,               4,    0x7FFFFFFF, EUCLEAN, larger",
                "inodes that do not fit,                    40,   0,    EUCLEAN, inodes",
                "no magic,                                  56,   0,    EINVAL, superblock"})
    void superblock(String claim, int offset, String value, String errno, String message) throws Exception {
        byte[] image = Volume.mke2fs(1024, null, "-b", "1024");
        kmos.base.LittleEndian.put32(image, 1024 + offset, Integer.decode(value));
        BlockCache cache = new BlockCache(new MemoryDisk(image), 0, new TestBuffers(256), 64);
        ErrnoException e = assertThrows(ErrnoException.class, () -> new ExtType().mount(cache, false));
        assertEquals(errno, Errno.name(e.errno()));
        assertTrue(cache.message().contains(message), cache.message());
    }

    @Test
    void deviceError_isEio_andSyncReportsItOnce() throws Exception {
        Volume v = new Volume(Volume.mke2fs(1024, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        v.disk.run(() -> root.create("file", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        v.disk.errno = Errno.EIO;
        assertEquals(Errno.EIO, assertThrows(ErrnoException.class, v::sync).errno());
        v.disk.errno = 0;
        v.sync();
        assertNotNull(v.walk("/file"));
        Volume.assertRecovers(v.disk.durable);
    }

    @Test
    void hugeSparseFile_needsFewBlocks_andFreesInSteps() throws Exception {
        Volume v = new Volume(Volume.mke2fs(8192, null, "-b", "1024"), false);
        Inode root = v.disk.run(v.fs::root);
        Inode file = v.disk.run(() -> root.create("sparse", Inode.S_IFREG | 0644, 0, 0, 0, NOW));
        byte[] mark = {1, 2, 3};
        v.write(file, 3_000_000_000L, mark, NOW);
        v.write(file, 100_000, noise(3_000_000, 9), NOW);
        assertTrue(file.blocks() < 7000);
        v.sync();
        Volume.assertRecovers(v.disk.durable);
        v.disk.run(() -> root.unlink("sparse", file, NOW));
        v.release(file);
        v.unmount();
        Volume.assertClean(v.disk.bytes());
    }
}
