// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import kmos.base.MemoryArena;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.replay.BadRecordingException;
import kmos.system.replay.DivergedException;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import kmos.system.snapshot.SnapshotException;

/** {@code ./kmos headless --replay FILE}: runs a recording, prints what the machine prints, compares the recorded hashes. */
record ReplayCommand(Path file, Path disk, Path font, long until, long sliceCycles, int jitThreshold, boolean printsStatistics) implements Callable<Integer> {
    private static final int DIVERGED = 1, BAD_FILE = 2;

    @Override
    public Integer call() throws IOException {
        try (FileDisk image = new FileDisk(disk, false)) {
            Recording recording = Recording.parse(Files.readAllBytes(file));
            recording.requireBuild(SnapshotFiles.imageDigest(disk));
            SystemConfig config = recording.systemConfig(font(recording));
            if (jitThreshold > 0) {
                config.jit = cpu -> new ChicoryBackend(cpu, true);
                config.jitThreshold = jitThreshold;
            }
            MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
            Snapshot start = recording.start() == null ? null : Snapshot.of(recording.start());
            SnapshotCodec.Base base = null;
            if (start != null) {
                MachineFacts.check(start, config, recording.image());
                base = SnapshotCodec.hasBase(start) ? SnapshotFiles.base(arena, config, disk) : null;
            }
            KmosSystem system = new KmosSystem(arena, config, image, b -> System.out.write(b));
            if (start != null) {
                SnapshotFiles.restore(start, system, image, base);
            }
            Replayer replayer = recording.replayer(system, true);
            long begin = System.nanoTime();
            replayer.runTo(until, sliceCycles);
            System.out.flush();
            System.err.println("\nreplayed to " + system.machine().clock().cycles() + " cycles, " + replayer.hashesCompared() + " hashes were equal; the state's hash is now "
                + Long.toHexString(system.stateHash()));
            if (printsStatistics) {
                System.err.println(system.cpu().instructionCount() + " instructions in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            }
            return 0;
        } catch (BadRecordingException | SnapshotException bad) {
            System.err.println("headless: " + file + ": " + bad.getMessage());
            return BAD_FILE;
        } catch (DivergedException diverged) {
            System.out.flush();
            System.err.println("\nheadless: the replay went another way: " + diverged.getMessage() + " (./kmos tracediff finds where)");
            return DIVERGED;
        }
    }

    /** The display's font: the given one, or the one beside the disk image if the recorded machine had a display. */
    private byte[] font(Recording recording) throws IOException {
        if (recording.config().contains("font none\n")) {
            return null;
        }
        return Files.readAllBytes(font != null ? font : disk.resolveSibling("console.psf"));
    }
}
