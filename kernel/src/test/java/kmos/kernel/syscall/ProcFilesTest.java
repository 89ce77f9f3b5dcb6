// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** /proc and /dev as programs read them. */
class ProcFilesTest {
    private final SyscallHarness h = new SyscallHarness(false);

    @BeforeEach
    void mount() {
        h.mount("proc", "/proc");
        h.mount("devtmpfs", "/dev");
        h.mount("devpts", "/dev/pts");
    }

    @AfterEach
    void close() {
        h.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/uptime", "/proc/loadavg", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/mounts", "/proc/filesystems",
        "/proc/devices", "/proc/interrupts", "/proc/partitions", "/proc/swaps", "/proc/vmstat", "/proc/sys/kernel/hostname",
        "/proc/sys/kernel/random/uuid", "/proc/sys/fs/file-max", "/proc/self/stat", "/proc/1/status", "/proc/self/statm", "/proc/thread-self/comm",
        "/proc/self/maps", "/proc/self/limits", "/proc/self/mountinfo", "/proc/self/task/1/stat", "/proc/self/io", "/proc/self/wchan", "/proc/self/net/unix", "/proc/net/unix"})
    void hasText(String path) {
        String text = h.readAll(path);
        assertTrue(text.length() > 0 && !text.startsWith("errno"), path + ": " + text);
    }

    @Test
    void stat_hasTheFieldsOfProcPidStat() {
        String[] fields = h.readAll("/proc/1/stat").trim().split(" ");
        assertEquals(52, fields.length);
        assertEquals("1", fields[0]);
        assertEquals("(init)", fields[1]);
        assertEquals("R", fields[2]);
    }

    @Test
    void mounts_inOrder() {
        assertEquals("rootfs / tmpfs rw,relatime 0 0\nproc /proc proc rw,nosuid,relatime 0 0\n"
            + "devtmpfs /dev devtmpfs rw,nosuid,relatime 0 0\ndevpts /dev/pts devpts rw,nosuid,relatime 0 0\n", h.readAll("/proc/mounts"));
    }

    @Test
    void uuid_hasVersion4() {
        String uuid = h.readAll("/proc/sys/kernel/random/uuid").trim();
        assertTrue(uuid.matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"), uuid);
        assertEquals(h.readAll("/proc/sys/kernel/random/boot_id"), h.readAll("/proc/sys/kernel/random/boot_id"));
    }

    @Test
    void hostname_canBeWritten() {
        h.write("/proc/sys/kernel/hostname", "box\n");
        assertEquals("box", h.kernel.hostName());
    }

    @Test
    void missingTask_isEnoent() {
        assertEquals(-ENOENT, h.call("open", "/proc/77/stat", 0, 0));
        assertEquals(-ENOENT, h.call("open", "/proc/01/stat", 0, 0));
        // Linux looks the name up first and finds none, before it sees that /proc makes no directories.
        assertEquals(-ENOENT, h.call("mkdir", "/proc/x", 0755));
    }

    @Test
    void exeOfATaskWithoutProgram_isEnoent() {
        assertEquals(-ENOENT, h.call("readlink", "/proc/self/exe", h.space(64), 64));
        long b = h.space(64);
        assertEquals(1, h.call("readlink", "/proc/self/cwd", b, 64));
        assertEquals("/", h.text(b, 1));
    }

    @Test
    void devices_nullZeroFull() {
        long b = h.space(16);
        long fd = h.call("open", "/dev/null", 2, 0);
        assertEquals(0, h.call("read", fd, b, 8));
        assertEquals(8, h.call("write", fd, b, 8));
        fd = h.call("open", "/dev/full", 2, 0);
        assertEquals(8, h.call("read", fd, b, 8));
        assertEquals(-ENOSPC, h.call("write", fd, b, 8));
        fd = h.call("open", "/dev/urandom", 0, 0);
        h.call("read", fd, b, 16);
        assertTrue(!h.text(b, 16).equals("\0".repeat(16)));
        assertEquals(-ENXIO, h.call("open", "/dev/tty", 2, 0));
        assertEquals(-ENXIO, h.call("open", "/dev/console", 2, 0));
    }

    @Test
    void ptys_openUnlockTalk() {
        long master = h.call("open", "/dev/ptmx", 2 | 0400, 0);
        assertTrue(master >= 0);
        long n = h.space(4);
        assertEquals(0, h.call("ioctl", master, 0x80045430, n));
        assertEquals(0, h.get(n, 4)[0]);
        assertEquals(-EIO, h.call("open", "/dev/pts/0", 2 | 0400, 0));
        assertEquals(0, h.call("ioctl", master, 0x40045431, h.space(4)));
        long slave = h.call("open", "/dev/pts/0", 2 | 0400, 0);
        assertTrue(slave >= 0, "slave " + slave);
        h.call("write", slave, "out\n", 4);
        long b = h.space(64);
        assertEquals(5, h.call("read", master, b, 64));
        assertEquals("out\r\n", h.text(b, 5));
        h.call("write", master, "in\r", 3);
        assertEquals(3, h.call("read", slave, b, 64));
        assertEquals("in\n", h.text(b, 3));
        h.call("close", slave);
        h.call("read", master, b, 64);
        assertEquals(-EIO, h.call("read", master, b, 64));
        h.call("close", master);
        assertEquals(-ENOENT, h.call("open", "/dev/pts/0", 2, 0));
    }
}
