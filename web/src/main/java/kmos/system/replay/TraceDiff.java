// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.List;
import kmos.system.KmosSystem;

/**
 * Finds the first step in which two runs that should be alike are not: runs both, comparing hashes, then halves the stretch in
 * which the difference came up until it is a single instruction or step of the kernel.
 */
public final class TraceDiff {
    private static final int LINES = 40;

    /** One of the two runs: a machine that stands where its events begin, and how it is run. */
    public static final class Side {
        private final KmosSystem system;
        private final DiskHistory disk;
        private final EventLog log;
        private final MemoryHistory memory;
        private final long sliceCycles;
        private EventLog.Cursor cursor;
        private Replayer replayer;

        /** disk: what the system was built with, or null; it answers at once. */
        public Side(KmosSystem system, DiskHistory disk, Recording recording, long sliceCycles) {
            this.system = system;
            this.disk = disk;
            this.sliceCycles = sliceCycles;
            memory = new MemoryHistory(system);
            log = new EventLog(system.machine().clock().cycles());
            EventSource all = recording.events();
            for (TimedEvent e = all.peek(); e != null; e = all.peek()) {
                log.event(e.cycles(), e.place(), e.event());
                all.take();
            }
            system.outside().setFailures(Replayer.failures(recording.events()));
            begin(new EventLog.Position(log.first(), 0, log.first().startCycles()));
        }

        private void begin(EventLog.Position position) {
            cursor = log.cursor(position);
            replayer = new Replayer(system, cursor, false);
        }

        private long now() {
            return system.machine().clock().cycles();
        }

        /** Runs to a time; what stops it is part of the run, so it is answered as text (empty: nothing did). */
        private String runTo(long cycles) {
            try {
                replayer.runTo(cycles, sliceCycles);
                return "";
            } catch (DivergedException other) {
                return other.getMessage();
            }
        }

        private Checkpoint checkpoint() {
            memory.capture();
            return new Checkpoint(now(), 0, 0, 0, new LastPlaces(), cursor.position(), memory.ram(), memory.video(), disk == null ? PageImage.empty(0) : disk.capture(),
                system.saveWithoutMemory(), null);
        }

        private void restore(Checkpoint c) {
            memory.restore(c.ram, c.video);
            if (disk != null) {
                disk.restore(c.disk);
            }
            system.loadWithoutMemory(c.state());
            begin(c.position);
        }

        private boolean isAtEnd() {
            return cursor.peek() == null;
        }
    }

    /**
     * The answer. equalTo: guest time up to which both are equal; where: what was about to be done there; differences: fields after
     * it, first side / second side. Empty differences: the runs are equal to their end.
     */
    public record Result(long equalTo, String where, List<String> differences) { }

    private final Side a;
    private final Side b;

    public TraceDiff(Side a, Side b) {
        this.a = a;
        this.b = b;
    }

    /** Compares at every so many cycles, then narrows down. */
    public Result find(long every) {
        Checkpoint equalA = a.checkpoint(), equalB = b.checkpoint();
        long low = a.now();
        if (!isEqual("", "")) {
            return new Result(low, "the start", differences());
        }
        long high;
        for (long at = low + every;; at += every) {
            if (!isEqual(a.runTo(at), b.runTo(at))) {
                high = at;
                break;
            }
            if (a.isAtEnd() && b.isAtEnd()) {
                return new Result(a.now(), "the end", List.of());
            }
            equalA = a.checkpoint();
            equalB = b.checkpoint();
            low = at;
        }
        while (high - low > 1) {
            long middle = low + high >>> 1;
            a.restore(equalA);
            b.restore(equalB);
            if (isEqual(a.runTo(middle), b.runTo(middle))) {
                low = middle;
                if (a.now() < high) {
                    equalA = a.checkpoint();
                    equalB = b.checkpoint();
                }
            } else {
                high = middle;
            }
        }
        a.restore(equalA);
        b.restore(equalB);
        long equalTo = a.now();
        String where = where();
        a.runTo(high);
        b.runTo(high);
        return new Result(equalTo, where, differences());
    }

    private boolean isEqual(String stopA, String stopB) {
        return stopA.equals(stopB) && a.now() == b.now() && a.system.stateHash() == b.system.stateHash();
    }

    private String where() {
        var task = a.system.kernel().current();
        TimedEvent next = a.cursor.peek();
        return (task == null ? "nothing runs" : task.name() + " (" + task.tid() + ") at rip 0x" + Long.toHexString(a.system.cpu().instructionPointer()))
            + (next == null ? "" : ", next event of kind " + next.event().kind() + " at " + next.cycles());
    }

    private List<String> differences() {
        return StateDifference.of(a.system.saveState(), b.system.saveState(), a.system.fixedObjects(), LINES);
    }
}
