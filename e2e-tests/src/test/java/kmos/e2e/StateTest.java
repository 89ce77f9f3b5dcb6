// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import kmos.base.Hash64;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;
import kmos.system.snapshot.ImagePieces;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Restore;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The machine saved anywhere into a snapshot file and restored in a fresh one goes on as if nothing had happened. */
@Tag("slow")
class StateTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final int SAVES = Integer.getInteger("kmos.e2e.saves", 200);
    private static final long SEED = 20_260_101;
    private static final long SECOND = 1_000_000_000L;
    private static final long END = 4 * SECOND;
    private static final List<ScriptedSession.Typed> SCRIPT = List.of(
        new ScriptedSession.Typed(SECOND, "ls -l /etc | md5sum; echo text > /root/file; sync\n"),
        new ScriptedSession.Typed(3 * SECOND / 2, "lua5.4 -e 'for i=1,3 do print(i, math.sin(i)) end'; cat /proc/self/stat | wc -w\n"),
        new ScriptedSession.Typed(2 * SECOND, "(sleep 1; echo background) & seq 1 300 | sort -rn | head -2; trap 'echo hup' HUP; kill -HUP $$\n"),
        new ScriptedSession.Typed(5 * SECOND / 2, "lua5.4-i386 -e 'print(string.format(\"%.17g\", 0.1))'; sleep 0.2; cat > /tmp/x << E\nhere\nE\n"),
        new ScriptedSession.Typed(3 * SECOND, "wait; cat /tmp/x /root/file; exec 9< /etc/passwd; read -u 9 line; echo $line\n"));

    /** A machine, its disk, what it wrote, and where its script stands. */
    private static final class Run {
        final CopyDisk disk;
        final StringBuilder output = new StringBuilder();
        final KmosSystem system;
        final ScriptedSession session;

        final SystemConfig config = new SystemConfig();

        Run(CopyDisk disk) {
            this.disk = disk;
            config.memoryMegabytes = 64;
            config.codeCacheBytes = 8 << 20;
            config.kernel.rootDevice = "hda1";
            system = new KmosSystem(Guest.ARENA, config, disk, b -> output.append((char) b));
            session = new ScriptedSession(system, SCRIPT, END);
        }

        Run close() {
            system.close();
            return this;
        }

        void finish() {
            Random slices = new Random(output.length());
            while (session.step(slice(slices))) {
                continue;
            }
        }
    }

    private static long slice(Random random) {
        return 1000L << random.nextInt(14);
    }

    @Test
    void machine_goesOnTheSame_whenSavedAndLoadedAnywhere() throws IOException {
        check(SAVES, SEED);
    }

    @Tag("soak")
    @Test
    void machine_goesOnTheSame_manyMorePlaces() throws IOException {
        long first = Long.getLong("kmos.e2e.seed", 1);
        for (long seed = first; seed < first + 4; seed++) {
            System.out.println("state test seed " + seed);
            check(200, seed);
        }
    }

    private static void check(int saves, long seed) throws IOException {
        assertTrue(Files.isReadable(IMAGE), "no disk image at " + IMAGE.toAbsolutePath().normalize() + ": ./kmos build makes it");
        try (FileDisk image = new FileDisk(IMAGE, false)) {
            Run first = new Run(new CopyDisk(image));
            Random slices = new Random(seed);
            int steps = 0;
            while (first.session.step(slice(slices))) {
                steps++;
            }
            byte[] end = first.system.save();
            String output = first.output.toString();
            first.system.close();
            assertTrue(output.contains("background") && output.contains("0.10000000000000001"), output);

            TreeSet<Integer> places = new TreeSet<>();
            Random choice = new Random(seed);
            while (places.size() < Math.min(saves, steps)) {
                places.add(choice.nextInt(steps));
            }
            SnapshotCodec.Base base = SnapshotFiles.base(Guest.ARENA, new Run(new CopyDisk(image)).close().config, IMAGE);
            Run again = new Run(new CopyDisk(image));
            slices = new Random(seed);
            for (int step = 0; again.session.step(slice(slices)); step++) {
                if (places.contains(step)) {
                    continueFrom(again, image, base, step, end, output);
                }
            }
            assertSame("the same session again", end, again.system.save());
            again.system.close();
        }
    }

    private static void continueFrom(Run saved, FileDisk image, SnapshotCodec.Base base, int step, byte[] end, String output) {
        String where = "saved after slice " + step + ", guest time " + saved.system.machine().clock().nowNs();
        byte[] state = saved.system.save();
        Snapshot snapshot = MachineFacts.describe(saved.config, "");
        MachineImage machine = new MachineImage(saved.system.saveState(), saved.disk.changedBlocks(image));
        // Against the base and with its pieces of the image, or by itself.
        SnapshotCodec.add(snapshot, machine, saved.system.fixedObjects(), step % 4 == 0 ? null : base, step % 4 == 1 ? ImagePieces.NONE : image);
        Snapshot file = Snapshot.of(snapshot.toBytes());
        Run fresh = new Run(new CopyDisk(image));
        // What it printed while it was built is not part of the loaded machine.
        fresh.output.setLength(0);
        fresh.output.append(saved.output);
        try {
            MachineFacts.check(file, fresh.config, "");
            MachineImage back = SnapshotCodec.image(file, base, image);
            fresh.disk.restoreBlocks(back.disk());
            Restore.load(fresh.system, back);
            fresh.session.resume(saved.session);
            assertSame(where + ": saved, loaded, saved again", state, fresh.system.save());
            fresh.finish();
            assertSameText(where, output, fresh.output.toString());
            assertSame(where, end, fresh.system.save());
        } catch (RuntimeException failed) {
            throw new IllegalStateException(where, failed);
        } finally {
            fresh.system.close();
        }
    }

    private static void assertSameText(String what, String wanted, String got) {
        int at = 0;
        while (at < Math.min(wanted.length(), got.length()) && wanted.charAt(at) == got.charAt(at)) {
            at++;
        }
        String near = wanted.substring(Math.max(0, at - 40), Math.min(wanted.length(), at + 40));
        assertTrue(wanted.equals(got), what + ": output differs at " + at + ", wanted ..." + near + "..., got ..."
            + got.substring(Math.max(0, at - 40), Math.min(got.length(), at + 40)) + "...");
    }

    private static void assertSame(String what, byte[] wanted, byte[] got) {
        if (Hash64.of(wanted) == Hash64.of(got)) {
            return;
        }
        int at = 0;
        while (at < Math.min(wanted.length, got.length) && wanted[at] == got[at]) {
            at++;
        }
        assertEquals(Hash64.of(wanted), Hash64.of(got), what + ": states of " + wanted.length + " and " + got.length + " bytes differ from byte " + at);
    }
}
