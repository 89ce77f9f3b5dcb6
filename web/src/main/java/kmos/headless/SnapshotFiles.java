// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kmos.base.MemoryArena;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.snapshot.BaseFile;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Recipe;
import kmos.system.snapshot.Restore;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;

/** Saves machines of the JVM into files and restores them, their own and those of a page. */
public final class SnapshotFiles {
    private static final long SLICE_CYCLES = 10_000_000;

    private SnapshotFiles() { }

    /** The name of an image's content: from the manifest beside it, when that is of it, or from its bytes. */
    public static String imageDigest(Path image) throws IOException {
        Path manifest = image.resolveSibling("manifest.json");
        if (image.endsWith("kmos.img") && Files.isReadable(manifest)) {
            Matcher digest = Pattern.compile("\"sha256\": \"([0-9a-f]{64})\"").matcher(Files.readString(manifest));
            if (digest.find()) {
                return digest.group(1);
            }
        }
        try (InputStream in = Files.newInputStream(image)) {
            return sha256(in);
        }
    }

    /** SHA-256 of all that the stream has, as lower-case hex. */
    static String sha256(InputStream in) throws IOException {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[1 << 16];
            for (int n = in.read(piece); n > 0; n = in.read(piece)) {
                sha.update(piece, 0, n);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Boots the base of a configuration in a machine of its own. */
    public static SnapshotCodec.Base base(MemoryArena arena, SystemConfig config, Path image) throws IOException {
        try (FileDisk disk = new FileDisk(image, false)) {
            KmosSystem system = new KmosSystem(arena, config, disk, b -> { });
            try {
                BaseFile.boot(system, SLICE_CYCLES);
                return SnapshotCodec.base(new MachineImage(system.saveState(), disk.changedBlocks()), system.fixedObjects());
            } finally {
                system.close();
            }
        }
    }

    /** The file is written beside its place and moved there whole. */
    public static void write(Path file, Snapshot snapshot) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.write(part, snapshot.toBytes());
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A snapshot of the system; base may be null. */
    public static Snapshot save(KmosSystem system, SystemConfig config, FileDisk disk, String imageDigest, SnapshotCodec.Base base) {
        Snapshot snapshot = MachineFacts.describe(config, imageDigest);
        SnapshotCodec.add(snapshot, new MachineImage(system.saveState(), disk.changedBlocks()), system.fixedObjects(), base, disk);
        return snapshot;
    }

    /** Puts the snapshot's machine into a freshly built one of the same kind. Throws kmos.system.snapshot.SnapshotException. */
    public static void restore(Snapshot snapshot, KmosSystem fresh, FileDisk disk, SnapshotCodec.Base base) {
        MachineImage image = SnapshotCodec.image(snapshot, base, disk);
        disk.restoreBlocks(image.disk());
        if (Recipe.isIn(snapshot)) {
            cook(fresh, snapshot);
        } else if (MachineFacts.isOfThisBuild(snapshot)) {
            Restore.load(fresh, image);
        } else {
            Restore.loadOfAnotherBuild(fresh, image);
        }
    }

    /** The machine starts from the disk that the recipe's did, and does what it did. */
    private static void cook(KmosSystem fresh, Snapshot recipe) {
        BaseFile.boot(fresh, SLICE_CYCLES);
        Recipe.Cook cook = new Recipe.Cook(fresh, recipe);
        while (cook.step(SLICE_CYCLES)) {
            continue;
        }
        cook.follow();
    }
}
