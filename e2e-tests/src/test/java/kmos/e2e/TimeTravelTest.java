// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kmos.cpu.Mmu;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.headless.FileDisk;
import kmos.machine.VirtualClock;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;
import kmos.system.replay.DiskHistory;
import kmos.system.replay.Recorder;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import kmos.system.replay.TimeTravel;
import kmos.system.replay.TraceDiff;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Going back gives the states that were, from checkpoints and by running on from them; and from there another future is possible. */
@Tag("slow")
class TimeTravelTest {
    private static final long SECOND = 1_000_000_000L;
    /** A second of guest time in cycles: places are named so. */
    private static final long CYCLES = VirtualClock.CYCLES_PER_SECOND;
    private static final int STEPS = Integer.getInteger("kmos.e2e.steps", 1000);
    private static final List<ScriptedSession.Typed> SCRIPT = List.of(
        new ScriptedSession.Typed(SECOND, "echo precious > /root/file; sync; ls -l /etc | md5sum\n"),
        new ScriptedSession.Typed(2 * SECOND, "lua5.4 -e 'local x=0 for i=1,400000 do x=x+i%7 end print(x)'\n"),
        new ScriptedSession.Typed(4 * SECOND, "rm /root/file; sync; echo removed; cat /root/file\n"),
        new ScriptedSession.Typed(5 * SECOND, "echo 3 > /proc/sys/vm/drop_caches; (sleep 0.2; echo late) & seq 1 300 | sort -rn | head -1; wait\n"));

    /** A minute in which something is done every few seconds. */
    private static final long MINUTE = 60 * SECOND;
    private static final int PLACES = 20;

    private static List<ScriptedSession.Typed> minute() {
        List<ScriptedSession.Typed> script = new ArrayList<>(SCRIPT);
        for (int at = 8; at < 60; at += 4) {
            script.add(new ScriptedSession.Typed(at * SECOND, switch (at / 4 % 4) {
                case 0 -> "seq 1 2000 | sort -rn | md5sum\n";
                case 1 -> "lua5.4 -e 'local t={} for i=1,20000 do t[i]=i*i end print(#t)'; echo " + at + " > /root/file; sync\n";
                case 2 -> "(sleep 1; echo late) & for i in 1 2 3; do sleep 0.2; echo tick $i; done; wait\n";
                default -> "ls -l /etc | wc -l; lua5.4-i386 -e 'print(2^53)'\n";
            }));
        }
        return script;
    }

    private static final class Run implements AutoCloseable {
        final StringBuilder output = new StringBuilder();
        final SystemConfig config = RecordedSession.config();
        final FileDisk image;
        final KmosSystem system;
        final TimeTravel travel;

        Run(long limitBytes) throws IOException {
            image = new FileDisk(RecordedSession.IMAGE, false);
            DiskHistory disk = new DiskHistory(image, false);
            system = new KmosSystem(Guest.ARENA, config, disk, b -> output.append((char) b));
            travel = new TimeTravel(system, disk, limitBytes);
        }

        void session(List<ScriptedSession.Typed> script, long end) {
            ScriptedSession session = new ScriptedSession(system, script, end);
            while (session.step(3_000_000)) {
                travel.afterSlice();
            }
        }

        long now() {
            return system.machine().clock().cycles();
        }

        void go(long cycles) {
            travel.seek(cycles);
            travel.finish();
        }

        boolean back(int kind) {
            travel.searchBack(kind);
            travel.finish();
            return travel.wasFound();
        }

        @Override
        public void close() throws IOException {
            system.close();
            image.close();
        }
    }

    /** A run of its own through all places: its hash at each must be the one found when going back. */
    private static void assertForwardHashes(Recording recording, TreeMap<Long, Long> hashes) throws IOException {
        try (FileDisk image = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem system = new KmosSystem(Guest.ARENA, recording.systemConfig(null), image, b -> { });
            Replayer replayer = recording.replayer(system, true);
            for (Map.Entry<Long, Long> place : hashes.entrySet()) {
                replayer.runTo(place.getKey(), 10_000_000);
                assertEquals(place.getKey(), system.machine().clock().cycles());
                assertEquals(Long.toHexString(place.getValue()), Long.toHexString(system.stateHash()), "at " + place.getKey());
            }
            system.close();
        }
    }

    @Test
    void steppingBackAThousandTimes_overAMinute_givesTheForwardHashes() throws IOException {
        try (Run run = new Run(64 << 20)) {
            run.session(minute(), MINUTE);
            long present = run.system.stateHash();
            assertTrue(run.output.toString().contains("late"), run.output.toString());
            assertTrue(run.travel.enterPast());
            TreeMap<Long, Long> hashes = new TreeMap<>();
            long firsts = 0, all = 0;
            for (int i = 0; i < STEPS; i++) {
                long begin = System.nanoTime();
                boolean isFirst = i % (STEPS / PLACES) == 0;
                if (isFirst) {
                    run.go(MINUTE / SECOND * CYCLES * (PLACES - i * PLACES / STEPS) / PLACES);
                    hashes.put(run.now(), run.system.stateHash());
                }
                long before = run.now();
                assertTrue(run.back(TimeTravel.INSTRUCTION));
                assertTrue(run.now() < before, "step " + i + " from " + before + " to " + run.now());
                hashes.put(run.now(), run.system.stateHash());
                firsts += isFirst ? System.nanoTime() - begin : 0;
                all += System.nanoTime() - begin;
            }
            System.out.println(STEPS + " steps back in " + PLACES + " places: the first ones " + firsts / 1_000_000 / PLACES + " ms each, the others "
                + (all - firsts) / 1_000_000 / (STEPS - PLACES) + " ms, with the hash");
            run.travel.returnToPresent();
            assertEquals(present, run.system.stateHash(), "the present as it was left");
            assertForwardHashes(Recording.of(run.config, "", null, run.travel.log()), hashes);
        }
    }

    @Test
    void systemCallsAndSwitchesAreFoundBackwards_fromThePresentToTheBoot() throws IOException {
        try (Run run = new Run(64 << 20)) {
            run.session(SCRIPT, 6 * SECOND);
            assertTrue(run.travel.enterPast());
            TreeMap<Long, Long> hashes = new TreeMap<>();
            for (int kind : new int[] {TimeTravel.SYSTEM_CALL, TimeTravel.CONTEXT_SWITCH, TimeTravel.INSTRUCTION}) {
                run.go(Long.MAX_VALUE);
                for (int i = 0; i < 30; i++) {
                    long before = run.now();
                    assertTrue(run.back(kind));
                    assertTrue(run.now() < before);
                    if (kind == TimeTravel.SYSTEM_CALL) {
                        long rip = run.system.cpu().instructionPointer();
                        assertTrue(run.system.kernel().current() != null && rip != 0, "a program is about to call");
                    }
                    hashes.put(run.now(), run.system.stateHash());
                }
            }
            run.go(0);
            assertFalse(run.back(TimeTravel.SYSTEM_CALL), "before the boot there is nothing");
            run.travel.returnToPresent();
            assertForwardHashes(Recording.of(run.config, "", null, run.travel.log()), hashes);
        }
    }

    @Test
    void removedFileIsThereBeforeItsRemoval_andAnotherFutureReadsIt() throws IOException {
        try (Run run = new Run(64 << 20)) {
            run.session(SCRIPT, 6 * SECOND);
            assertTrue(run.output.toString().contains("No such file"), run.output.toString());
            assertTrue(run.travel.enterPast());
            run.go(3 * CYCLES + CYCLES / 2);
            run.travel.branch();
            run.output.setLength(0);
            run.session(List.of(new ScriptedSession.Typed(4 * SECOND, "echo 3 > /proc/sys/vm/drop_caches; cat /root/file; echo done\n")), 5 * SECOND);
            assertTrue(run.output.toString().contains("\nprecious"), run.output.toString());
            // The branch has a past, too.
            long present = run.system.stateHash();
            TreeMap<Long, Long> hashes = new TreeMap<>();
            assertTrue(run.travel.enterPast());
            for (long at = CYCLES / 2; at < 5 * CYCLES; at += CYCLES / 4) {
                run.go(at);
                hashes.put(run.now(), run.system.stateHash());
            }
            run.travel.returnToPresent();
            assertEquals(present, run.system.stateHash());
            assertForwardHashes(Recording.of(run.config, "", null, run.travel.log()), hashes);
        }
    }

    @Test
    void lastWriterOfAnAddressIsFound() throws IOException {
        try (Run run = new Run(64 << 20)) {
            run.session(SCRIPT, 6 * SECOND);
            assertTrue(run.travel.enterPast());
            int tried = 0;
            for (long place : new long[] {2 * CYCLES + 9_000_000, 2 * CYCLES + 60_000_000, 2 * CYCLES + 120_000_000}) {
                run.go(place);
                run.back(TimeTravel.INSTRUCTION);
                long origin = run.now();
                long stack = run.system.cpu().register(4);
                int physical = physical(run.system, stack);
                if (physical < 0) {
                    continue;
                }
                tried++;
                long value = run.system.machine().memory().read64(physical);
                assertTrue(run.travel.searchWrite(stack, 8));
                run.travel.finish();
                assertTrue(run.travel.wasFound());
                long writer = run.now();
                assertTrue(writer < origin, writer + " before " + origin);
                // It writes even what is inverted first; and what it leaves is what was there at the origin.
                run.go(writer + 1);
                assertEquals(value, run.system.machine().memory().read64(physical), "nobody wrote after it");
                run.go(writer);
                run.system.machine().memory().write64(physical, ~value);
                run.go(writer + 1);
                assertTrue(run.system.machine().memory().read64(physical) != ~value, "the step at " + writer + " writes");
                run.travel.returnToPresent();
                assertTrue(run.travel.enterPast());
            }
            assertTrue(tried > 0, "a program ran at one of the places");
        }
    }

    @Test
    void breakpointIsReachedBackwards() throws IOException {
        try (Run run = new Run(64 << 20)) {
            run.session(SCRIPT, 6 * SECOND);
            assertTrue(run.travel.enterPast());
            run.go(2 * CYCLES + 60_000_000);
            run.back(TimeTravel.INSTRUCTION);
            long address = run.system.cpu().instructionPointer();
            long early = run.now();
            run.go(early + 3000);
            run.travel.searchBreakpoint(address);
            run.travel.finish();
            assertTrue(run.travel.wasFound());
            assertEquals(address, run.system.cpu().instructionPointer());
            assertTrue(run.now() >= early && run.now() < early + 3000, run.now() + " from " + early);
            for (long place = run.now() + 1; place < early + 3000; place++) {
                run.go(place);
                assertTrue(run.now() >= early + 3000 || run.system.cpu().instructionPointer() != address, "it ran again at " + place);
                place = run.now();
            }
        }
    }

    /** An instruction in the middle of a block that last ran before a long loop. */
    @Test
    void breakpointIsReachedBackwards_overALongLoop() throws IOException {
        try (Run run = new Run(64 << 20)) {
            run.session(List.of(new ScriptedSession.Typed(SECOND, "lua5.4 -e 'local x=0 for i=1,1500000 do x=x+i%7 end print(x)'\n")), 2 * SECOND);
            long present = run.system.stateHash();
            assertTrue(run.travel.enterPast());
            assertTrue(run.back(TimeTravel.SYSTEM_CALL)); // the shell waits for input
            // The two system calls between which the loop is.
            long after;
            do {
                after = run.now();
                assertTrue(run.back(TimeTravel.SYSTEM_CALL));
            } while (after - run.now() < CYCLES / 40);
            for (int i = 0; i < 3; i++) {
                assertTrue(run.back(TimeTravel.INSTRUCTION));
            }
            long early = run.now(), address = run.system.cpu().instructionPointer(), cr3 = run.system.cpu().cr3();
            assertEquals("lua5.4", run.system.kernel().current().name());
            run.go(after);
            long begin = System.nanoTime();
            run.travel.searchBreakpoint(address, cr3);
            run.travel.finish();
            long found = run.now();
            System.out.println("breakpoint " + (after - found) / (CYCLES / 1000) + " ms of guest time before: found in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            assertTrue(run.travel.wasFound());
            assertEquals(address, run.system.cpu().instructionPointer());
            assertTrue(found >= early, found + " is not before " + early);
            TreeMap<Long, Long> hashes = new TreeMap<>(Map.of(found, run.system.stateHash()));
            run.travel.returnToPresent();
            assertEquals(present, run.system.stateHash());
            Recording recording = Recording.of(run.config, "", null, run.travel.log());
            assertForwardHashes(recording, hashes);
            assertEquals(-1, lastRun(recording, address, cr3, found + 1, after), "behind it there is none");
            assertEquals(found, lastRun(recording, address, cr3, found, after));
        }
    }

    /** When an instruction was last about to run, in a run of its own from one place to another; -1: it was not. */
    private static long lastRun(Recording recording, long address, long cr3, long from, long to) throws IOException {
        try (FileDisk image = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem system = new KmosSystem(Guest.ARENA, recording.systemConfig(null), image, b -> { });
            Replayer replayer = recording.replayer(system, false);
            replayer.runTo(from, 10_000_000);
            system.cpu().probe(address, cr3);
            replayer.runTo(to, 10_000_000);
            system.close();
            return system.cpu().probeHit();
        }
    }

    private static int physical(KmosSystem system, long linear) {
        int host = Mmu.probeData(system.cpu().base(), linear);
        return host == 0 ? -1 : host - system.machine().memory().linear(0);
    }

    /** The differences are named, and the step is the one that read the byte's interrupt. */
    @Test
    void tracediffFindsWhereTwoRunsBeginToDiffer() throws IOException {
        Recording one = recorded("echo same; echo 5\n", 300);
        Recording other = recorded("echo same; echo 6\n", 300);
        TraceDiff.Result result = compare(one, other, 0);
        assertEquals(VirtualClock.cyclesAt(300_000_000 - 1), result.equalTo(), result.where());
        assertTrue(result.differences().stream().anyMatch(line -> line.contains("uart") || line.contains("serial")), result.differences().toString());
        assertEquals(List.of(), compare(one, one, 300).differences());
    }

    private static Recording recorded(String text, long milliseconds) throws IOException {
        SystemConfig config = RecordedSession.config();
        try (FileDisk image = new FileDisk(RecordedSession.IMAGE, false)) {
            KmosSystem system = new KmosSystem(Guest.ARENA, config, image, b -> { });
            Recorder recorder = new Recorder(system, config, 0);
            ScriptedSession session = new ScriptedSession(system, List.of(new ScriptedSession.Typed(milliseconds * 1_000_000, text)), SECOND);
            while (session.step(1_000_000)) {
                recorder.afterSlice();
            }
            Recording recording = recorder.finish("");
            system.close();
            return recording;
        }
    }

    private static TraceDiff.Result compare(Recording one, Recording other, int jitThreshold) throws IOException {
        try (FileDisk imageA = new FileDisk(RecordedSession.IMAGE, false); FileDisk imageB = new FileDisk(RecordedSession.IMAGE, false)) {
            DiskHistory diskA = new DiskHistory(imageA, false), diskB = new DiskHistory(imageB, false);
            SystemConfig configB = RecordedSession.config();
            configB.jit = jitThreshold == 0 ? null : cpu -> new ChicoryBackend(cpu, false);
            configB.jitThreshold = jitThreshold;
            KmosSystem a = new KmosSystem(Guest.ARENA, RecordedSession.config(), diskA, b -> { });
            KmosSystem b = new KmosSystem(Guest.ARENA, configB, diskB, c -> { });
            TraceDiff.Result result = new TraceDiff(new TraceDiff.Side(a, diskA, one, 20_000_000), new TraceDiff.Side(b, diskB, other, 777_777)).find(100_000_000);
            a.close();
            b.close();
            return result;
        }
    }

    @Test
    void checkpointsStayWithinTheirBound() throws IOException {
        try (Run run = new Run(12 << 20)) {
            run.session(SCRIPT, 6 * SECOND);
            assertTrue(run.travel.checkpointBytes() <= 12 << 20, run.travel.checkpointBytes() + " bytes");
            System.out.println(run.travel.checkpoints() + " checkpoints of " + run.travel.checkpointBytes() + " bytes, " + run.travel.log().size() + " bytes of events");
        }
    }
}
