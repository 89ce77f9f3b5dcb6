// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.ENOENT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.kernel.syscall.SyscallHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** mount(2) with MS_BIND and MS_REC: which mounts come along. */
class MountTreeTest {
    private static final int MS_BIND = 4096, MS_REC = 16384;
    private final SyscallHarness h = new SyscallHarness(true);

    @AfterEach
    void close() {
        h.close();
    }

    private void tree() {
        for (String d : new String[] {"/a", "/a/b", "/a/other", "/to", "/plain"}) {
            h.call("mkdir", d, 0755);
        }
        assertEquals(0, h.call("mount", "one", "/a/b", "tmpfs", 0, 0));
        h.call("mkdir", "/a/b/c", 0755);
        assertEquals(0, h.call("mount", "two", "/a/b/c", "tmpfs", 0, 0));
        h.write("/a/b/c/deep", "deep");
        assertEquals(0, h.call("mount", "three", "/plain", "tmpfs", 0, 0));
    }

    @Test
    void bind_showsOnlyItsOwnFileSystem() {
        tree();
        assertEquals(0, h.call("mount", "/a", "/to", "none", MS_BIND, 0));
        assertEquals("errno " + ENOENT, h.readAll("/to/b/c/deep"));
    }

    @Test
    void recursiveBind_bringsWhatIsMountedBelow() {
        tree();
        int before = h.kernel.vfs().mounts().mounts().size();
        assertEquals(0, h.call("mount", "/a", "/to", "none", MS_BIND | MS_REC, 0));
        assertEquals("deep", h.readAll("/to/b/c/deep"));
        assertEquals(before + 3, h.kernel.vfs().mounts().mounts().size(), "/plain stays behind");
        assertEquals(0, h.call("umount2", "/a/b/c", 0));
        assertEquals("deep", h.readAll("/to/b/c/deep"), "the copy is a mount of its own");
        assertEquals(0, h.call("umount2", "/to", 2), "lazily, with all within");
        assertEquals(before - 1, h.kernel.vfs().mounts().mounts().size());
    }

    @Test
    void recursiveBind_ofASubdirectory_takesOnlyMountsWithinIt() {
        tree();
        assertEquals(0, h.call("mount", "/a/other", "/to", "none", MS_BIND | MS_REC, 0));
        assertEquals("errno " + ENOENT, h.readAll("/to/b/c/deep"));
    }
}
