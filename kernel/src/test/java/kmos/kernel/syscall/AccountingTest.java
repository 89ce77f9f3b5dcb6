// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.EACCES;
import static kmos.base.Errno.EINVAL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.kernel.abi.SchedAbi;
import kmos.kernel.task.OutOfMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The numbers of /proc against what was really done. */
class AccountingTest {
    private static final int MEGABYTE = 1 << 20;
    private final SyscallHarness h = new SyscallHarness(false);

    @BeforeEach
    void mount() {
        h.mount("proc", "/proc");
        h.mount("devtmpfs", "/dev");
    }

    @AfterEach
    void close() {
        h.close();
    }

    private long value(String path, String name) {
        return valueIn(h.readAll(path), name);
    }

    private static long valueIn(String text, String name) {
        for (String line : text.split("\n")) {
            if (line.startsWith(name + ":") || line.startsWith(name + " ")) {
                return Long.parseLong(line.substring(name.length() + 1).replace("kB", "").trim());
            }
        }
        throw new AssertionError(name + " is not in " + text);
    }

    private long map(int bytes, int protection, int flags) {
        return h.call("mmap2", 0, bytes, protection, flags, -1, 0) & 0xFFFFFFFFL;
    }

    @Test
    void io_countsBytesAndCalls() {
        long memory = map(MEGABYTE, 3, 0x22);
        long file = h.call("open", "/f", 0102, 0644);
        long chars = value("/proc/self/io", "wchar");
        long calls = value("/proc/self/io", "syscw");
        assertEquals(MEGABYTE, h.call("write", file, memory, MEGABYTE));
        assertEquals(MEGABYTE, value("/proc/self/io", "wchar") - chars);
        assertEquals(1, value("/proc/self/io", "syscw") - calls);
        long read = h.task.io().readChars();
        long reads = h.task.io().readCalls();
        assertEquals(3, h.call("pread64", file, memory, 3, 0, 0));
        assertEquals(3, h.task.io().readChars() - read);
        assertEquals(1, h.task.io().readCalls() - reads);
        assertEquals(0, value("/proc/self/io", "write_bytes"), "a tmpfs has no disk");
    }

    @Test
    void io_aCallThatFailsCountsAsCallOnly() {
        long full = h.call("open", "/dev/full", 2, 0);
        long before = h.task.io().writtenChars();
        h.call("write", full, h.space(4), 4);
        assertEquals(before, h.task.io().writtenChars());
        assertEquals(1, h.task.io().writeCalls());
    }

    @Test
    void io_ofAThreadStandsInItsOwnDirectory() {
        h.task.io().written(7);
        h.task.group().io();
        assertEquals(7, value("/proc/self/task/1/io", "wchar"));
        assertTrue(h.readAll("/proc/self/task/1/task").startsWith("errno"));
    }

    @Test
    void meminfo_everyFrameIsCountedOnce() {
        h.write("/file", "x".repeat(20000));
        map(MEGABYTE, 3, 0x22);
        String m = h.readAll("/proc/meminfo");
        long known = 0;
        for (String name : new String[] {"Buffers", "Cached", "AnonPages", "PageTables", "KernelStack", "Slab"}) {
            known += valueIn(m, name);
        }
        assertEquals(valueIn(m, "MemTotal") - valueIn(m, "MemFree"), known);
        assertEquals(8, valueIn(m, "Slab"), "descriptor table and zero page");
        assertEquals(4, valueIn(m, "KernelStack"));
    }

    @Test
    void meminfo_touchedPagesAreAnonymousAndWrittenFilesAreCached() {
        long memory = map(MEGABYTE, 3, 0x22);
        long anonymous = value("/proc/meminfo", "AnonPages");
        for (int page = 0; page < 16; page++) {
            h.task.user().write8(memory + page * 4096, 1);
        }
        assertEquals(anonymous + 64, value("/proc/meminfo", "AnonPages"), 8);
        long shared = value("/proc/meminfo", "Shmem");
        h.write("/file", "x".repeat(40960));
        assertEquals(shared + 40, value("/proc/meminfo", "Shmem"));
    }

    @Test
    void meminfo_reservedMemoryIsCommitted() {
        long before = value("/proc/meminfo", "Committed_AS");
        map(MEGABYTE, 3, 0x22);
        assertEquals(before + 1024, value("/proc/meminfo", "Committed_AS"));
        map(MEGABYTE, 1, 0x22);
        assertEquals(before + 1024, value("/proc/meminfo", "Committed_AS"), "read-only memory needs none");
    }

    @Test
    void status_keepsTheHighestMarks() {
        long size = value("/proc/self/status", "VmSize");
        long memory = map(MEGABYTE, 3, 0x22);
        for (int page = 0; page < 100; page++) {
            h.task.user().write8(memory + page * 4096, 1);
        }
        h.call("munmap", memory, MEGABYTE);
        assertEquals(size, value("/proc/self/status", "VmSize"));
        assertEquals(size + 1024, value("/proc/self/status", "VmPeak"));
        assertTrue(value("/proc/self/status", "VmHWM") >= value("/proc/self/status", "VmRSS") + 380);
    }

    @Test
    void zeroPage_isNotResident() {
        long memory = map(MEGABYTE, 3, 0x22);
        long resident = h.task.space().residentPages();
        h.task.user().read8(memory);
        assertEquals(resident, h.task.space().residentPages());
        h.task.user().write8(memory, 1);
        assertEquals(resident + 1, h.task.space().residentPages());
        h.call("munmap", memory, MEGABYTE);
        assertEquals(resident, h.task.space().residentPages());
    }

    @Test
    void oomScoreAdj_rangeAndRights() {
        assertEquals(-EINVAL, put("/proc/self/oom_score_adj", "1001"));
        assertEquals(-EINVAL, put("/proc/self/oom_score_adj", "many"));
        assertEquals(3, put("/proc/self/oom_score_adj", "500"));
        assertEquals("500\n", h.readAll("/proc/self/oom_score_adj"));
        h.become(1000, 1000);
        assertEquals(3, put("/proc/self/oom_score_adj", "900"));
        assertEquals(-EACCES, put("/proc/self/oom_score_adj", "499"));
        assertEquals(3, put("/proc/self/oom_score_adj", "500"));
    }

    @Test
    void badness_initIsNeverKilled() {
        assertEquals(OutOfMemory.NEVER, OutOfMemory.badness(h.task.group(), 1000));
    }

    @Test
    void threadsMax_boundsRootToo() {
        h.task.group().setLimit(SchedAbi.RLIMIT_NPROC, -1, -1);
        assertEquals(h.kernel.frames().totalFrames() / 32, Long.parseLong(h.readAll("/proc/sys/kernel/threads-max").trim()));
    }

    private long put(String path, String text) {
        long fd = h.call("open", path, 1, 0);
        long n = fd < 0 ? fd : h.call("write", fd, text, text.length());
        h.call("close", fd);
        return n;
    }
}
