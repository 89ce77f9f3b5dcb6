// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kmos.e2e.Fsck;
import kmos.headless.Expect;
import kmos.headless.FileDisk;
import kmos.host.BlockBackend;
import kmos.kernel.KernelState;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a system ends: by command, and by a disk that cannot be used; and what of its files is there afterwards. */
@Tag("slow")
class EndStateTest {
    private static final int PARTITION_START = 2048 * 512;

    @TempDir
    private Path folder;

    private Path copy() throws IOException {
        return Files.copy(BootedImage.IMAGE, folder.resolve("copy.img"));
    }

    @ParameterizedTest
    @CsvSource({"poweroff, POWERED_OFF, Power down", "reboot, RESTARTING, Restarting system", "halt, HALTED, System halted"})
    void shutdown_isAClearEnd_andNothingIsLost(String command, KernelState state, String line) throws Exception {
        Path image = copy();
        try (FileDisk disk = new FileDisk(image, true); Expect user = BootedImage.boot(disk)) {
            user.login();
            user.send("echo not synced > /root/kept; " + command + "\n");
            user.run(30 * Expect.SECOND_NS);
            assertEquals(state, user.system().kernel().state());
            assertTrue(user.output().contains("reboot: " + line), user.output());
        }
        check(image);
        try (FileDisk disk = new FileDisk(image, true); Expect user = BootedImage.boot(disk)) {
            user.login();
            assertEquals("not synced\n[0]", user.command("cat /root/kept"));
        }
    }

    /** The power goes: what is older than the flusher's 5 seconds is on the disk, and e2fsck finds nothing it cannot mend. */
    @Test
    void powerLoss_keepsWhatIsOlderThanFiveSeconds() throws Exception {
        Path image = copy();
        try (FileDisk disk = new FileDisk(image, true); Expect user = BootedImage.boot(disk)) {
            user.login();
            user.command("mkdir /root/d; seq 1 30000 > /root/d/numbers; sleep 6");
        }
        check(image);
        try (FileDisk disk = new FileDisk(image, true); Expect user = BootedImage.boot(disk)) {
            user.login();
            assertEquals("30000\n[0]", user.command("wc -l < /root/d/numbers"));
        }
    }

    @Test
    void failingDisk_isEio_andWhatWasNotWrittenIsTriedAgain() throws Exception {
        Path image = copy();
        try (FileDisk disk = new FileDisk(image, true)) {
            FailingDisk failing = new FailingDisk(disk);
            try (Expect user = BootedImage.boot(failing)) {
                user.login();
                // The programs below are in the page cache then.
                user.command("cat /etc/hostname /nonexistent | wc -c; sync /nonexistent; sync /etc/hostname; dmesg | tail -1; sleep 0; echo known > /root/precious");
                failing.failsReads = true;
                String read = user.command("cat /usr/bin/lua5.4-i386 | wc -c");
                assertTrue(read.contains("Input/output error"), read);
                failing.failsReads = false;
                failing.failsWrites = true;
                String synced = user.command("sync /root/precious");
                assertTrue(synced.contains("Input/output error") && synced.endsWith("[1]"), synced);
                String log = user.command("sleep 12; dmesg | tail -3");
                assertTrue(log.contains("Buffer I/O error"), log);
                failing.failsWrites = false;
                user.command("sleep 12");
                assertEquals("known\n[0]", user.command("cat /root/precious"));
            }
        }
        check(image);
        try (FileDisk disk = new FileDisk(image, true); Expect user = BootedImage.boot(disk)) {
            user.login();
            assertEquals("known\n[0]", user.command("cat /root/precious"));
        }
    }

    /** Refuses what it is told to refuse. */
    private static final class FailingDisk implements BlockBackend {
        private final BlockBackend disk;
        private boolean failsReads;
        private boolean failsWrites;

        FailingDisk(BlockBackend disk) {
            this.disk = disk;
        }

        @Override
        public long sectorCount() {
            return disk.sectorCount();
        }

        @Override
        public void read(long sector, int count, int address, long token, Completion done) {
            if (failsReads) {
                done.complete(token, "the test's will");
            } else {
                disk.read(sector, count, address, token, done);
            }
        }

        @Override
        public void write(long sector, int count, int address, long token, Completion done) {
            if (failsWrites) {
                done.complete(token, "the test's will");
            } else {
                disk.write(sector, count, address, token, done);
            }
        }

        @Override
        public void flush(long token, Completion done) {
            disk.flush(token, done);
        }
    }

    private static void check(Path image) throws Exception {
        assertEquals("", Fsck.problems(image));
    }

    // Disks that cannot be used

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "no partition table | 510 | 0000 | no such partition",
        "no file system | 1049656 | 0000 | no file system that this kernel knows",
        "absurd block size | 1049624 | FFFFFFFF | block size",
        "absurd inode size | 1049688 | FFFF | inode",
        "no inodes per group | 1049640 | 00000000 | group"})
    void damagedDisk_panicsWithTheReason(String what, int offset, String bytes, String reason) throws Exception {
        Path image = copy();
        try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
            file.seek(offset);
            file.write(java.util.HexFormat.of().parseHex(bytes));
        }
        assertPanic(image, reason);
    }

    @ParameterizedTest
    @CsvSource({"0, truncated", "512, truncated", "1048576, truncated", "1049600, no file system", "1060352, larger than the device"})
    void truncatedDisk_panicsWithTheReason(long size, String reason) throws Exception {
        Path image = copy();
        try (var file = new java.io.RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(size);
        }
        assertPanic(image, reason);
    }

    private void assertPanic(Path image, String reason) throws Exception {
        try (FileDisk disk = new FileDisk(image, false); Expect user = BootedImage.boot(disk)) {
            user.run(20 * Expect.SECOND_NS);
            assertEquals(KernelState.PANICKED, user.system().kernel().state(), user.output());
            String text = user.system().kernel().stateReason();
            assertTrue(text.startsWith("VFS: Unable to mount root fs on hda1: "), text);
            assertTrue(text.toLowerCase().contains(reason.toLowerCase()), text);
            assertFalse(text.contains("null"), text);
            assertTrue(user.consoleScreen().contains("Kernel panic"), user.consoleScreen());
        }
    }
}
