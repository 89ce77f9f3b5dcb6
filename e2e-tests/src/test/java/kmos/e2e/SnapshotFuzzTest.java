// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Restore;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import kmos.system.snapshot.SnapshotException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Snapshot files that nobody should trust: a clear refusal or a machine, and the machine that runs is not touched. */
@Tag("slow")
class SnapshotFuzzTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final long SEED = Long.getLong("kmos.e2e.seed", 1);
    private static final int FILES = 20;

    private static SystemConfig config() {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.rootDevice = "hda1";
        return config;
    }

    @Test
    void damagedAndForgedSnapshots_areRefusedAndTheRunningMachineGoesOn() throws IOException {
        check(1000, 100);
    }

    @Tag("soak")
    @Test
    void manyMoreDamagedAndForgedSnapshots() throws IOException {
        check(100_000, 5000);
    }

    private static void check(int damaged, int forged) throws IOException {
        SnapshotCodec.Base base = SnapshotFiles.base(Guest.ARENA, config(), IMAGE);
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem running = new KmosSystem(Guest.ARENA, config(), disk, b -> { });
            ScriptedSession session = new ScriptedSession(running,
                List.of(new ScriptedSession.Typed(1_000_000_000L, "sleep 1000 & echo text > /root/x; lua5.4 -e 'print(1)'\n")), 2_000_000_000L);
            while (session.step(1_000_000)) {
                continue;
            }
            Snapshot snapshot = SnapshotFiles.save(running, config(), disk, "", base);
            long before = session.hash();
            damage(snapshot.toBytes(), damaged);
            forge(snapshot, base, disk, forged);
            assertEquals(before, session.hash(), "the running machine was touched");
            running.close();
        }
    }

    private static void damage(byte[] file, int count) {
        Random random = new Random(SEED);
        int accepted = 0;
        for (int i = 0; i < count; i++) {
            byte[] bad = file.clone();
            int n = 1 + random.nextInt(4);
            for (int k = 0; k < n; k++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                Snapshot.of(bad);
                accepted++;
            } catch (SnapshotException refused) {
                assertTrue(refused.getMessage().startsWith("this"), refused.getMessage());
            }
        }
        assertTrue(accepted <= count / 50 + 5, accepted + " of " + count + " damaged files were accepted");
    }

    /** Checksums fit, the machine inside does not. Most of the time would go into writing files, so only some go that way: what is in it is the same. */
    private static void forge(Snapshot good, SnapshotCodec.Base base, FileDisk disk, int count) {
        Random random = new Random(SEED);
        MachineImage image = SnapshotCodec.image(good, base, disk);
        int refused = 0;
        for (int i = 0; i < count; i++) {
            byte[] state = image.state().clone();
            // Not in RAM, which is the larger part: what is there is any program's business.
            for (int k = 0; k < 3; k++) {
                int at = random.nextBoolean() ? random.nextInt(2000) : state.length - 1 - random.nextInt(150_000);
                state[at] = (byte) random.nextInt();
            }
            KmosSystem fresh = new KmosSystem(Guest.ARENA, config(), new CopyDisk(disk), b -> { });
            try {
                MachineImage forged = new MachineImage(state, image.disk());
                Restore.load(fresh, i % FILES == 0 ? throughAFile(forged, fresh, disk) : forged);
            } catch (SnapshotException wanted) {
                refused++;
                assertTrue(wanted.getMessage().startsWith("this snapshot"), wanted.getMessage());
            } finally {
                fresh.close();
            }
        }
        assertTrue(refused > count / 10, "refused " + refused + " of " + count);
    }

    private static MachineImage throughAFile(MachineImage forged, KmosSystem fresh, FileDisk disk) {
        Snapshot file = MachineFacts.describe(config(), "");
        SnapshotCodec.add(file, forged, fresh.fixedObjects(), null, disk);
        return SnapshotCodec.image(Snapshot.of(file.toBytes()), null, disk);
    }
}
