// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.ArrayList;
import java.util.List;
import kmos.machine.PhysicalMemory;
import kmos.system.KmosSystem;

/**
 * Finds the step that last wrote some bytes of RAM before a place: runs the stretches between checkpoints, the last one first, with
 * the frame watched, in slices that get smaller where it was written; each instruction that may have been it is then tried with the
 * bytes inverted, so that one that wrote what was there already is found as well.
 */
final class WriteSearch {
    private static final long FIRST_STRIDE = 65_536, SECOND_STRIDE = 256;
    private static final int STEPS_AT_ONCE = 1000;

    private record Candidate(long place, boolean hasChanged) { }

    private final TimeTravel travel;
    private final KmosSystem system;
    private final PhysicalMemory ram;
    private final int physical;
    private final int count;
    private final long origin;
    private final List<Candidate> candidates = new ArrayList<>();
    private long passFrom;
    private long end;
    private long stride;
    private long lastPlace;
    private long hitPlace;
    private long hitEnd;
    /** The candidate that is tried, or -1 while scanning. */
    private int trial = -1;
    private boolean isTried;
    private boolean isOver;
    private boolean wasFound;

    WriteSearch(TimeTravel travel, KmosSystem system, int physical, int count) {
        this.travel = travel;
        this.system = system;
        this.ram = system.machine().memory();
        this.physical = physical;
        this.count = count;
        origin = travel.now();
        ram.watch(physical, count);
        beginPass(origin);
    }

    boolean wasFound() {
        return wasFound;
    }

    /** A piece of work; false when the machine stands before the step that wrote, or where it stood if there is none. */
    boolean work(long cycles) {
        if (travel.isMoving()) {
            travel.move(cycles);
        } else if (isOver) {
            ram.watch(0, 0);
            return false;
        } else if (trial >= 0) {
            tryOne();
        } else {
            scan();
        }
        return true;
    }

    private void beginPass(long until) {
        Checkpoint from = travel.before(until - 1);
        if (from == null || from.cycles >= until) {
            finish(origin, false);
            return;
        }
        passFrom = from.cycles;
        beginScan(from.cycles, until, FIRST_STRIDE);
    }

    private void beginScan(long from, long until, long newStride) {
        end = until;
        stride = newStride;
        hitPlace = -1;
        candidates.clear();
        travel.moveTo(from);
    }

    private void finish(long place, boolean found) {
        wasFound = found;
        isOver = true;
        travel.moveTo(place);
    }

    private void scan() {
        for (int i = 0; i < STEPS_AT_ONCE; i++) {
            if (system.outside().isBoundary()) {
                lastPlace = travel.now();
            }
            long before = value();
            ram.takeWatchHit();
            if (travel.now() >= end || !travel.replayer().step(stride, end)) {
                scanned();
                return;
            }
            if (ram.takeWatchHit()) {
                hitPlace = lastPlace;
                hitEnd = travel.now();
                if (stride == 1) {
                    candidates.add(new Candidate(lastPlace, value() != before));
                }
            }
            if (system.machine().isWaitingForHost()) {
                return;
            }
        }
    }

    private void scanned() {
        if (hitPlace < 0) {
            beginPass(passFrom);
        } else if (stride > 1) {
            beginScan(hitPlace, hitEnd, stride > SECOND_STRIDE ? SECOND_STRIDE : 1);
        } else {
            trial = candidates.size() - 1;
            isTried = false;
        }
    }

    private void tryOne() {
        Candidate c = candidates.get(trial);
        if (c.hasChanged) {
            finish(c.place, true);
            return;
        }
        if (!isTried) {
            isTried = true;
            travel.moveTo(c.place);
            return;
        }
        invert();
        long inverted = value();
        while (travel.now() <= c.place && travel.replayer().step(1, c.place + 1) && !system.machine().isWaitingForHost()) {
            continue;
        }
        boolean isWriter = value() != inverted;
        isTried = false;
        if (isWriter) {
            finish(c.place, true);
        } else if (trial > 0) {
            trial--;
        } else {
            trial = -1;
            beginPass(c.place);
        }
    }

    private long value() {
        long v = 0;
        for (int i = 0; i < count; i++) {
            v |= (long) ram.read8(physical + i) << i * 8;
        }
        return v;
    }

    private void invert() {
        for (int i = 0; i < count; i++) {
            ram.write8(physical + i, ~ram.read8(physical + i));
        }
    }
}
