// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.fs.block.BlockCache;
import kmos.fs.block.MemoryDisk;
import kmos.fs.ext.ExtMkfs;
import kmos.fs.ext.ExtType;
import kmos.kernel.driver.FrameBuffers;
import kmos.kernel.syscall.SyscallHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How many looked-up names of a disk stay in memory. */
class DentryCacheTest {
    private static final int BLOCKS = 8192, DEVICE = 3 << 8 | 1;
    private final SyscallHarness h = new SyscallHarness(true);
    private DentryCache cache;

    @BeforeEach
    void mount() {
        byte[] image = new byte[BLOCKS * 1024];
        MemoryDisk disk = new MemoryDisk(image);
        FrameBuffers buffers = new FrameBuffers(h.kernel.machine().memory(), h.kernel.frames());
        ExtMkfs.format(new BlockCache(disk, 0, buffers, 128), new ExtMkfs.Options(1024, BLOCKS, 1000, new byte[16], "test", 1_700_000_000L));
        h.kernel.vfs().fileSystemTypes().add(new ExtType());
        h.kernel.vfs().blockDevices().add("hda1", DEVICE, disk);
        h.mount("devtmpfs", "/dev");
        h.call("mkdir", "/d", 0755);
        assertEquals(0, h.call("mount", "/dev/hda1", "/d", "ext2", 0, 0));
        cache = h.kernel.vfs().dentries();
    }

    @AfterEach
    void close() {
        h.close();
    }

    private void shrink() {
        for (int i = 0; i < 20; i++) {
            cache.shrink();
        }
    }

    @Test
    void unusedNames_areGivenUp_andFoundAgain() {
        h.call("mkdir", "/d/sub", 0755);
        for (int i = 0; i < 300; i++) {
            h.write("/d/sub/file" + i, "content " + i);
        }
        assertTrue(cache.size() >= 300);
        cache.setMaximum(20);
        shrink();
        assertTrue(cache.size() <= 20, "kept " + cache.size());
        for (int i = 0; i < 300; i += 37) {
            assertEquals("content " + i, h.readAll("/d/sub/file" + i));
        }
    }

    @Test
    void namesInUse_stay() {
        h.call("mkdir", "/d/work", 0755);
        h.call("mkdir", "/d/mounted", 0755);
        h.call("mkdir", "/d/bound", 0755);
        h.call("mkdir", "/d/bound/inner", 0755);
        h.call("mkdir", "/to", 0755);
        h.call("mount", "t", "/d/mounted", "tmpfs", 0, 0);
        h.call("mount", "/d/bound/inner", "/to", "none", 4096, 0);
        h.call("chdir", "/d/work");
        h.write("/d/open", "abc");
        long fd = h.call("open", "/d/open", 0, 0);
        cache.setMaximum(0);
        shrink();
        long b = h.space(64);
        assertEquals(8, h.call("getcwd", b, 64));
        assertEquals("/d/work", h.text(b, 7));
        assertEquals(3, h.call("read", fd, b, 10));
        h.write("/to/through", "x");
        assertEquals("x", h.readAll("/d/bound/inner/through"));
        h.write("/d/mounted/in", "y");
        assertEquals("y", h.readAll("/d/mounted/in"));
        assertEquals(0, h.call("unlink", "/d/open"));
    }

    @Test
    void blockBuffers_areGivenBackWhenMemoryIsShort() {
        for (int i = 0; i < 200; i++) {
            h.call("mkdir", "/d/dir" + i, 0755);
        }
        h.kernel.vfs().sync();
        int held = h.kernel.vfs().blockDevices().bufferPages();
        assertTrue(held > 200, "held " + held);
        assertEquals(100, h.kernel.vfs().blockDevices().reclaim(100));
        assertEquals(held - 100, h.kernel.vfs().blockDevices().bufferPages());
        assertEquals(-kmos.base.Errno.EEXIST, h.call("mkdir", "/d/dir7", 0755));
    }
}
