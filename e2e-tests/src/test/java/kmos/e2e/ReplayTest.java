// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import java.util.function.LongSupplier;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A recorded session is the same run again, whatever the slices and with compiled code: equal hashes every 10 million cycles, equal output. */
@Tag("slow")
class ReplayTest {
    private static RecordedSession session;
    private static Recording recording;

    @BeforeAll
    static void record() throws IOException {
        session = RecordedSession.record(1, 10_000_000);
        byte[] file = session.recording().toBytes();
        recording = Recording.parse(file);
        System.out.println("recorded session: " + recording.endCycles() + " cycles, " + recording.eventBytes() + " bytes of events, file of " + file.length);
    }

    private static void replay(int jitThreshold, LongSupplier slices) throws IOException {
        StringBuilder output = new StringBuilder();
        SystemConfig config = recording.systemConfig(null);
        config.codeCacheBytes = 8 << 20;
        config.jit = jitThreshold == 0 ? null : cpu -> new ChicoryBackend(cpu, false);
        config.jitThreshold = jitThreshold;
        try (FileDisk disk = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem system = new KmosSystem(Guest.ARENA, config, disk, b -> output.append((char) b));
            Replayer replayer = recording.replayer(system, true);
            while (replayer.step(slices.getAsLong(), Long.MAX_VALUE)) {
                continue;
            }
            assertEquals(recording.endCycles(), system.machine().clock().cycles());
            assertTrue(jitThreshold == 0 || system.cpu().jit().regionCount() > 100, "the session ran in compiled code");
            system.close();
        }
        assertEquals(session.output(), output.toString());
        assertTrue(replayer(recording) > 100, "hashes were compared");
    }

    /** Hashes in the recording. */
    private static long replayer(Recording r) {
        long n = 0;
        for (var e = r.events(); e.peek() != null; e.take()) {
            n += e.peek().event().kind() == kmos.system.OutsideEvent.HASH ? 1 : 0;
        }
        return n;
    }

    @Test
    void theSessionDidWhatItShould() {
        for (String text : new String[] {"Linux kmos", "hello from vi", "   4000    4000", "tick 3", "one", "last"}) {
            assertTrue(session.output().contains(text), text + " in " + session.output());
        }
    }

    @Test
    void replayGivesTheSameHashes_inLongSlices() throws IOException {
        replay(0, () -> 50_000_000);
    }

    @Test
    void replayGivesTheSameHashes_inRandomSlices() throws IOException {
        Random random = new Random(5);
        replay(0, () -> 1000L << random.nextInt(14));
    }

    /** No way of writing to memory forgets to mark the frame. */
    @Test
    void hashOfWhatChangedIsTheHashOfEverything() throws IOException {
        Random random = new Random(6);
        SystemConfig config = recording.systemConfig(null);
        config.codeCacheBytes = 8 << 20;
        try (FileDisk disk = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem system = new KmosSystem(Guest.ARENA, config, disk, b -> { });
            Replayer replayer = recording.replayer(system, false);
            for (int i = 0; replayer.step(1000L << random.nextInt(14), Long.MAX_VALUE); i++) {
                if (i % 20 == 0) {
                    assertEquals(system.fullStateHash(), system.stateHash(), "at " + system.machine().clock().nowNs());
                }
            }
            system.close();
        }
    }

    @Test
    void replayGivesTheSameHashes_inCompiledCode() throws IOException {
        replay(300, () -> 777_777);
    }
}
