// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import kmos.base.LittleEndian;
import kmos.base.StateTree;
import kmos.base.StateWriter;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.system.KmosSystem;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.MachineImage;
import kmos.system.snapshot.Restore;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import kmos.system.snapshot.SnapshotException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Snapshots of another build: restored when everything in them is understood, or refused with the build's name. */
@Tag("slow")
class OtherBuildTest {
    private static final Path IMAGE = Path.of(System.getProperty("kmos.disk", "../target/disk/kmos.img"));
    private static final String OTHER = "0123456789abcdef";
    private static final long SECOND = 1_000_000_000L;

    private static RecipeTest.Driven machine;
    private static SnapshotCodec.Base base;
    private static MachineImage saved;

    @BeforeAll
    static void work() throws IOException {
        base = SnapshotFiles.base(Guest.ARENA, RecipeTest.config(), IMAGE);
        machine = new RecipeTest.Driven(IMAGE);
        machine.type("sleep 1000 & echo $((6 * 7)) > /root/answer\n", SECOND);
        saved = new MachineImage(machine.system.saveState(), machine.disk.changedBlocks());
    }

    @AfterAll
    static void end() throws IOException {
        machine.close();
    }

    private static Snapshot ofOther(Snapshot s) {
        s.setFact("build", OTHER);
        return Snapshot.of(s.toBytes());
    }

    private static Snapshot whole(byte[] state) {
        Snapshot s = MachineFacts.describe(RecipeTest.config(), "");
        SnapshotCodec.add(s, new MachineImage(state, saved.disk()), machine.system.fixedObjects(), null, machine.disk);
        return ofOther(s);
    }

    /** Hash of the machine that is restored. */
    private static long restored(Snapshot snapshot) throws IOException {
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem fresh = new KmosSystem(Guest.ARENA, RecipeTest.config(), disk, b -> { });
            try {
                MachineFacts.checkKind(snapshot, RecipeTest.config(), "");
                SnapshotFiles.restore(snapshot, fresh, disk, base);
                return fresh.stateHash();
            } finally {
                fresh.close();
            }
        }
    }

    private static void assertRefused(String words, Snapshot snapshot) {
        String message = assertThrows(SnapshotException.class, () -> restored(snapshot)).getMessage();
        assertTrue(message.startsWith("this snapshot") && message.contains(words), message);
    }

    @Test
    void aRecipe_isCookedAndCompared() throws IOException {
        assertEquals(machine.system.stateHash(), restored(ofOther(machine.recipe())));
    }

    @Test
    void aRecipeThatGivesAnotherMachineHere_isRefusedByTheBuildsName() {
        Snapshot recipe = machine.recipe();
        byte[] events = recipe.section("events").clone();
        events[events.length - 1] ^= 1; // of the hash of the machine that it gave there
        recipe.setSection("events", events);
        assertRefused("another version of kmOS, build " + OTHER, ofOther(recipe));
    }

    @Test
    void aDeltaFromTheSameStart_isRestored() throws IOException {
        Snapshot delta = SnapshotFiles.save(machine.system, RecipeTest.config(), machine.disk, "", base);
        assertEquals(machine.system.stateHash(), restored(ofOther(delta)));
    }

    @Test
    void aDeltaFromAnotherStart_isRefusedByTheBuildsName() {
        Snapshot delta = SnapshotFiles.save(machine.system, RecipeTest.config(), machine.disk, "", base);
        delta.setFact("baseHash", "1234");
        assertRefused("another version of kmOS, build " + OTHER, ofOther(delta));
    }

    @Test
    void aWholeState_isRestored() throws IOException {
        assertEquals(machine.system.stateHash(), restored(whole(saved.state())));
    }

    @Test
    void statesOfAnotherMeaning_areRefused() {
        Snapshot s = whole(saved.state());
        s.setFact("state", "2");
        assertRefused("another meaning (version 2, here 1)", s);
        s.setFact("state", "x");
        assertRefused("state is x", s);
    }

    /** A field that a later build dropped or named anew: what it said would be lost. */
    @Test
    void aFieldThatIsNotKnownHere_isRefusedByItsName() {
        byte[] state = saved.state().clone();
        byte[] name = "isStarted".getBytes(StandardCharsets.US_ASCII);
        int at = new String(state, 0, 1000, StandardCharsets.ISO_8859_1).indexOf("isStarted");
        assertTrue(at > 0);
        state[at + name.length - 1] = 'x';
        assertRefused("does not know: machine.isStartex", whole(state));
    }

    /** A field that this build added has its default. */
    @Test
    void aFieldThatTheOtherBuildDidNotHave_hasItsDefault() throws IOException {
        byte[] state = without(saved.state(), new StateTree(saved.state(), machine.system.fixedObjects()));
        try (FileDisk disk = new FileDisk(IMAGE, false)) {
            KmosSystem fresh = new KmosSystem(Guest.ARENA, RecipeTest.config(), disk, b -> { });
            try {
                disk.restoreBlocks(saved.disk());
                assertFalse(Restore.loadOfAnotherBuild(fresh, new MachineImage(state, saved.disk())));
                assertEquals(machine.system.stateHash(), fresh.stateHash());
            } finally {
                fresh.close();
            }
        }
    }

    /** The state without a number of some object that is 0, as it would be if it had never been saved. */
    private static byte[] without(byte[] state, StateTree tree) {
        Set<String> known = new HashSet<>();
        for (int t = 0; t < tree.firstToken(tree.partCount() - 1); t++) {
            boolean isCandidate = tree.kind(t) == StateWriter.LONG && t > tree.firstToken(1) && LittleEndian.get64(state, tree.valueAt(t)) == 0;
            if (tree.kind(t) != StateWriter.END && !known.add(tree.name(t)) && isCandidate) {
                int from = tree.valueAt(t) - 3, to = tree.valueEnd(t); // kind, name's number, value
                byte[] cut = new byte[state.length - (to - from)];
                System.arraycopy(state, 0, cut, 0, from);
                System.arraycopy(state, to, cut, from, state.length - to);
                LittleEndian.put32(cut, cut.length - 4, LittleEndian.get32(state, state.length - 4) - (to - from));
                return cut;
            }
        }
        throw new IllegalStateException("no such field");
    }
}
