// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SnapshotTest {
    private static Snapshot example() {
        Snapshot s = new Snapshot(256, 2);
        s.setFact("title", "Gr\u00fc\u00dfe");
        s.setSection("a", new byte[] {1, 2, 3});
        s.setSection("large", new byte[100_000]);
        return s;
    }

    @Test
    void factsAndSectionsComeBack() {
        byte[] file = example().toBytes();
        Snapshot s = Snapshot.of(file);
        assertEquals(256, s.memoryMegabytes());
        assertEquals(2, s.cpuLevel());
        assertEquals("Gr\u00fc\u00dfe", s.fact("title"));
        assertNull(s.fact("other"));
        assertArrayEquals(new byte[] {1, 2, 3}, s.section("a"));
        assertEquals(100_000, s.section("large").length);
        assertTrue(file.length < 300);
    }

    @Test
    void aRecipe_tellsWhetherItsMachineFoundAWrittenDisk() {
        TreeMap<Integer, byte[]> disk = new TreeMap<>();
        assertFalse(SnapshotCodec.startsFromWrittenDisk(recipeFrom(disk)));
        disk.put(7, new byte[MachineImage.BLOCK_BYTES]);
        assertTrue(SnapshotCodec.startsFromWrittenDisk(recipeFrom(disk)));
    }

    /** What WebSnapshots puts into a recipe beside the events. */
    private static Snapshot recipeFrom(TreeMap<Integer, byte[]> disk) {
        Snapshot recipe = new Snapshot(256, 2);
        SnapshotCodec.add(recipe, new MachineImage(new byte[0], disk), 0, null, ImagePieces.NONE);
        return recipe;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "another kind of file,  0, 1,  not a kmOS snapshot",
        "a later format,        8, 99, format version 99",
        "RAM that no one has,  11, 99, header makes no sense",
        "an unknown processor, 12, 9,  header makes no sense",
        "a longer body,        14, 99, truncated or damaged",
        "a wrong checksum,     20, 99, checksum",
        "a damaged body,       30, 99, damaged"})
    void refuses(String what, int at, int value, String words) {
        byte[] file = example().toBytes();
        file[at] = (byte) value;
        String message = assertThrows(SnapshotException.class, () -> Snapshot.of(file)).getMessage();
        assertTrue(message.contains(words), what + ": " + message);
    }

    @Test
    void everyTruncation_isRefused() {
        byte[] file = example().toBytes();
        for (int n = 0; n < file.length; n++) {
            byte[] cut = Arrays.copyOf(file, n);
            assertThrows(SnapshotException.class, () -> Snapshot.of(cut));
        }
    }

    @Test
    void everyMutation_isRefused() {
        byte[] file = example().toBytes();
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = file.clone();
            int at = random.nextInt(bad.length);
            bad[at] ^= (byte) (1 + random.nextInt(255));
            try {
                // A bit that the inflater does not look at may differ, nothing that it gives.
                Snapshot same = Snapshot.of(bad);
                assertArrayEquals(file, same.toBytes(), "byte " + at);
                assertTrue(at > 26, "byte " + at + " does not count");
            } catch (SnapshotException refused) {
                assertTrue(refused.getMessage().startsWith("this"), refused.getMessage());
            }
        }
    }

    @Test
    void aMachineOfAnotherKind_isRefusedByName() {
        SystemConfig config = new SystemConfig();
        config.kernel.seed = -5;
        Snapshot s = Snapshot.of(MachineFacts.describe(config, "0123456789abcdef0123").toBytes());
        SystemConfig here = new SystemConfig();
        MachineFacts.apply(s, here);
        assertEquals(-5, here.kernel.seed);
        MachineFacts.check(s, here, "0123456789abcdefXYZ");
        assertMessage("disk image 0123456789abcdef, here is ffff", () -> MachineFacts.check(s, here, "ffff"));
        here.kernel.isHosted = true;
        assertMessage("other options", () -> MachineFacts.check(s, here, "0123456789abcdef"));
        s.setFact("build", "of old");
        assertMessage("kmOS build of old, this is build " + KmosSystem.build(), () -> MachineFacts.check(s, here, "0123456789abcdef"));
    }

    /** A file of format 1 that was once made (64 MiB, the shell has echoed "golden"): every later kmOS reads it or says why not. */
    @Test
    void theGoldenFileOfFormat1_isRead_andRefusedOnlyForItsBuild() throws IOException {
        Snapshot s;
        try (InputStream in = SnapshotTest.class.getResourceAsStream("version-1.kmos")) {
            s = Snapshot.of(in.readAllBytes());
        }
        assertEquals(64, s.memoryMegabytes());
        assertTrue(SnapshotCodec.hasBase(s));
        assertTrue(s.section("delta").length > 1000);
        assertTrue(SnapshotCodec.neededPieces(s).length < 10);
        SystemConfig config = new SystemConfig();
        config.kernel.rootDevice = "hda1";
        MachineFacts.apply(s, config);
        assertEquals(new SystemConfig().kernel.seed, config.kernel.seed);
        if (KmosSystem.build().equals(s.fact("build"))) {
            MachineFacts.check(s, config, s.fact("image"));
        } else {
            assertMessage("of kmOS build " + s.fact("build"), () -> MachineFacts.check(s, config, s.fact("image")));
        }
    }

    private static void assertMessage(String words, Runnable action) {
        String message = assertThrows(SnapshotException.class, action::run).getMessage();
        assertTrue(message.contains(words), message);
    }
}
