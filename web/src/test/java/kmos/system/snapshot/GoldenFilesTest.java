// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.TreeMap;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.replay.BadRecordingException;
import kmos.system.replay.EventLog;
import kmos.system.replay.EventSource;
import kmos.system.replay.Recording;
import org.junit.jupiter.api.Test;

/**
 * Files of each format version, as a page and this test made them: later builds read them as far as their version says, and refuse with the build's name
 * what only that build can run. A new version of a format gets files of its own; these stay.
 */
class GoldenFilesTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden");
    private static final String BUILD = "39a4d4a956fa6534", IMAGE = "2c33b472471021b2";

    private static byte[] file(String name) throws IOException {
        return Files.readAllBytes(FOLDER.resolve(name));
    }

    private static Snapshot snapshot(String name) throws IOException {
        return Snapshot.of(file(name));
    }

    @Test
    void version1_aPagesRecipe_isRead() throws IOException {
        Snapshot s = snapshot("snapshot-1-recipe.kmos");
        assertEquals(256, s.memoryMegabytes());
        assertEquals(2, s.cpuLevel());
        assertEquals(BUILD, s.fact("build"));
        assertEquals(IMAGE, s.fact("image"));
        assertTrue(Recipe.isIn(s));
        assertEquals("15b94c2996c13a97", s.fact(Recipe.HASH));
        assertEquals(8, count(EventLog.of(BootedBase.AT_NS, s.need("events"))));
        assertTrue(new String(s.need("screen"), java.nio.charset.StandardCharsets.UTF_8).startsWith("89 20\n"));
    }

    private static int count(EventLog log) {
        return count(log.cursor(log.first()));
    }

    private static int count(EventSource events) {
        int n = 0;
        for (; events.peek() != null; events.take()) {
            n++;
        }
        return n;
    }

    @Test
    void version1_aPagesState_isRead_andWantsItsBase() throws IOException {
        Snapshot s = snapshot("snapshot-1-state.kmos");
        assertTrue(SnapshotCodec.hasBase(s));
        assertEquals(1, SnapshotCodec.neededPieces(s).length);
        String message = assertThrows(SnapshotException.class, () -> SnapshotCodec.image(s, null, ImagePieces.NONE)).getMessage();
        assertTrue(message.contains("another version of kmOS, build " + BUILD), message);
        assertEquals("e8525e3fc1f3e3e9", s.fact("baseHash"));
    }

    @Test
    void anotherBuildsSnapshot_isRefusedByName() throws IOException {
        SystemConfig config = new SystemConfig();
        for (String name : new String[] {"snapshot-1-recipe.kmos", "snapshot-1-state.kmos"}) {
            Snapshot s = snapshot(name);
            String message = assertThrows(SnapshotException.class, () -> MachineFacts.check(s, config, IMAGE)).getMessage();
            assertTrue(message.contains("build " + BUILD) && message.contains("build " + KmosSystem.build()), message);
        }
    }

    @Test
    void version1_aPagesRecording_isRead_andRefusedByName() throws IOException {
        Recording r = Recording.parse(file("recording-1.recording"));
        assertEquals(BUILD, r.build());
        assertEquals(256, kmos.system.ConfigText.parse(r.config()).memoryMegabytes);
        assertEquals(5, count(r.events()));
        String message = assertThrows(BadRecordingException.class, () -> r.requireBuild(r.image())).getMessage();
        assertTrue(message.contains("build " + BUILD) && message.contains("build " + KmosSystem.build()), message);
    }

    /** A whole image without a base; -Dkmos.golden.accept=true writes it. */
    @Test
    void version1_aWholeImage_isDecoded() throws IOException {
        Random random = new Random(11);
        byte[] state = new byte[60_000];
        random.nextBytes(state);
        System.arraycopy(state, 0, state, 20_000, 15_000); // copies within, and runs
        java.util.Arrays.fill(state, 40_000, 50_000, (byte) 0);
        TreeMap<Integer, byte[]> disk = new TreeMap<>();
        for (int number : new int[] {3, 70_000}) {
            byte[] block = new byte[MachineImage.BLOCK_BYTES];
            System.arraycopy(state, number % 1000, block, 0, 2000);
            disk.put(number, block);
        }
        MachineImage wanted = new MachineImage(state, disk);
        Path golden = FOLDER.resolve("snapshot-1-image.kmos");
        if (Boolean.getBoolean("kmos.golden.accept")) {
            Snapshot made = new Snapshot(64, 2);
            SnapshotCodec.add(made, wanted, 0, null, ImagePieces.NONE);
            Files.write(golden, made.toBytes());
        }
        MachineImage found = SnapshotCodec.image(Snapshot.of(Files.readAllBytes(golden)), null, ImagePieces.NONE);
        assertNotNull(found);
        assertArrayEquals(wanted.state(), found.state());
        assertEquals(wanted.disk().keySet(), found.disk().keySet());
        wanted.disk().forEach((number, block) -> assertArrayEquals(block, found.disk().get(number)));
    }
}
