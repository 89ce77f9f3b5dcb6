// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import kmos.headless.Expect;
import kmos.headless.FileDisk;
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

    private void check(Path image) throws Exception {
        Path partition = folder.resolve("partition.img");
        try (var in = Files.newInputStream(image)) {
            in.skipNBytes(PARTITION_START);
            Files.copy(in, partition, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
        assertTrue(e2fsck("-fp", partition) <= 1, "e2fsck -fp");
        assertEquals(0, e2fsck("-fn", partition), "e2fsck -fn");
    }

    private int e2fsck(String options, Path partition) throws Exception {
        Process p = new ProcessBuilder("/sbin/e2fsck", options, partition.toString()).inheritIO().redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        assertTrue(p.waitFor(60, TimeUnit.SECONDS), "e2fsck hangs");
        return p.exitValue();
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
