// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.snapshot.BootedBase;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Recipe;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import kmos.system.snapshot.SnapshotException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A machine made again from what was done to it, and the sizes of snapshots either way (docs/performance.md). */
@Tag("slow")
class RecipeTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final long SECOND = 1_000_000_000L;

    static SystemConfig config() {
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = 64;
        config.codeCacheBytes = 8 << 20;
        config.kernel.rootDevice = "hda1";
        return config;
    }

    /** A machine driven as the page drives it: slices of any length, input when it comes, its own clock and entropy. */
    static final class Driven implements AutoCloseable {
        final FileDisk disk;
        final KmosSystem system;
        final Recipe recipe;
        final Random random = new Random(3);
        final StringBuilder output = new StringBuilder();
        final Path image;

        Driven() throws IOException {
            this(IMAGE);
        }

        Driven(Path image) throws IOException {
            this.image = image;
            disk = new FileDisk(image, false);
            system = new KmosSystem(Guest.ARENA, config(), disk, b -> output.append((char) b));
            BootedBase base = new BootedBase(system);
            while (base.step(700_000)) {
                continue;
            }
            recipe = Recipe.follow(system);
            system.becomeOwn(0x1234_5678_9ABC_DEFL, 1_800_000_000L * SECOND);
        }

        void type(String text, long ns) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            long end = system.machine().clock().nowNs() + ns;
            int typed = 0;
            while (system.machine().clock().nowNs() < end) {
                if (typed < bytes.length && system.serialRoom() > 0) {
                    system.typeSerial(bytes[typed++]);
                }
                long next = system.runSlice(1 + random.nextInt(3_000_000));
                long now = system.machine().clock().nowNs();
                if (next > now) {
                    system.idleTo(Math.min(Math.min(next, end), now + 20_000_000));
                } else {
                    system.catchUp(now + random.nextInt(50_000_000));
                }
            }
        }

        Snapshot recipe() {
            Snapshot s = MachineFacts.describe(config(), "");
            SnapshotCodec.add(s, new MachineImage(new byte[0], new TreeMap<>()), 0, null, disk);
            assertTrue(recipe.add(s), "no recipe");
            return s;
        }

        @Override
        public void close() throws IOException {
            system.close();
            disk.close();
        }
    }

    private static long made(Snapshot snapshot, Path image) throws IOException {
        try (FileDisk disk = new FileDisk(image, false)) {
            KmosSystem fresh = new KmosSystem(Guest.ARENA, config(), disk, b -> { });
            try {
                SnapshotFiles.restore(snapshot, fresh, disk, null);
                return fresh.stateHash();
            } finally {
                fresh.close();
            }
        }
    }

    @Test
    void recipesAndStates_giveTheSameMachine_andAreSmall() throws IOException {
        SnapshotCodec.Base base = SnapshotFiles.base(Guest.ARENA, config(), IMAGE);
        try (Driven machine = new Driven()) {
            check("fresh prompt", machine, base, 1000, 12_000);
            machine.type("ls /\nsleep 1000 & sleep 2000 &\n", SECOND);
            machine.type("vi notes\n", SECOND);
            machine.type("ihello wor", SECOND);
            check("ls, two jobs, vi half typed", machine, base, 2000, 60_000);
            machine.type("\033", SECOND);
            machine.type(":q!\n", SECOND);
            machine.type("lua5.4 -e 'local f=io.open(\"/root/out\",\"w\") for i=1,20000 do f:write(i*i,\" \") end f:close()'; sync\n", 6 * SECOND);
            check("a file of 170 kB made by Lua", machine, base, 2000, 400_000);
        }
    }

    static void check(String what, Driven machine, SnapshotCodec.Base base, int recipeLimit, int stateLimit) throws IOException {
        byte[] recipe = machine.recipe().toBytes();
        byte[] state = SnapshotFiles.save(machine.system, config(), machine.disk, "", base).toBytes();
        System.out.println("snapshot of " + what + ": recipe " + recipe.length + " bytes (" + machine.recipe.instructions() / 1_000_000 + " million instructions), state " + state.length);
        assertEquals(machine.system.stateHash(), made(Snapshot.of(recipe), machine.image), what);
        assertTrue(recipe.length <= recipeLimit, "recipe of " + recipe.length);
        assertTrue(state.length <= stateLimit, "state of " + state.length);
    }

    @Test
    void aRecipeThatWasChanged_isRefused() throws IOException {
        try (Driven machine = new Driven()) {
            machine.type("echo $((6 * 7))\n", SECOND);
            Snapshot good = machine.recipe();
            byte[] events = good.section("events").clone();
            for (int at = 0; at < events.length; at += Math.max(1, events.length / 12)) {
                byte[] bad = events.clone();
                bad[at] ^= 5;
                Snapshot forged = machine.recipe();
                forged.setSection("events", bad);
                String message = assertThrows(SnapshotException.class, () -> made(forged, IMAGE), "byte " + at).getMessage();
                assertTrue(message.startsWith("this snapshot"), message);
            }
        }
    }
}
