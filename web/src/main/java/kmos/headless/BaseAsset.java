// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kmos.base.MemoryArena;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.snapshot.BaseFile;
import kmos.system.snapshot.MachineImage;

/**
 * Part of the build of the site: boots the page's usual machine on the JVM and writes its base as a gzip'ed {@link BaseFile}. Arguments: the
 * folder of the disk image, the file.
 */
public final class BaseAsset {
    private static final long SLICE_CYCLES = 10_000_000;

    private BaseAsset() { }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        SystemConfig config = config(Files.readAllBytes(folder.resolve("console.psf")));
        byte[] file = make(new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20), config, folder.resolve("kmos.img"));
        GzipFile.write(Path.of(args[1]), file);
        System.out.println("base: " + file.length + " bytes, packed " + Files.size(Path.of(args[1])));
    }

    /** What the page builds its machine from when its address asks for nothing else. */
    public static SystemConfig config(byte[] font) {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 256;
        config.font = font;
        config.kernel.rootDevice = "hda1";
        return config;
    }

    static byte[] make(MemoryArena arena, SystemConfig config, Path image) throws IOException {
        try (FileDisk disk = new FileDisk(image, false)) {
            KmosSystem system = new KmosSystem(arena, config, disk, b -> { });
            try {
                BaseFile.boot(system, SLICE_CYCLES);
                return BaseFile.of(new MachineImage(system.saveState(), disk.changedBlocks()), config, SnapshotFiles.imageDigest(image));
            } finally {
                system.close();
            }
        }
    }
}
