// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kmos.base.MemoryArena;
import kmos.headless.Expect;
import kmos.headless.FileDisk;
import kmos.host.BlockBackend;
import kmos.system.SystemConfig;

/** The built image, booted as a user's would be: init, and login shells on ttyS0 and tty1. Writes are forgotten. */
final class BootedImage implements AutoCloseable {
    static final Path IMAGE = Path.of(System.getProperty("kmos.image", "../target/disk/kmos.img"));
    static final Path FONT = IMAGE.resolveSibling("console.psf");

    private final FileDisk disk;
    final Expect expect;

    BootedImage() throws IOException {
        disk = new FileDisk(IMAGE, false);
        expect = boot(disk);
    }

    /** A system of 192 MiB with a display, started from any disk. */
    static Expect boot(BlockBackend disk) throws IOException {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 192;
        config.kernel.rootDevice = "hda1";
        config.font = Files.readAllBytes(FONT);
        return new Expect(new MemoryArena(Integer.getInteger("kmos.memory", 384) << 20), config, disk);
    }

    @Override
    public void close() throws IOException {
        expect.close();
        disk.close();
    }
}
