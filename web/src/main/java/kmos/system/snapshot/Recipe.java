// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.replay.BadRecordingException;
import kmos.system.replay.DivergedException;
import kmos.system.replay.EventLog;
import kmos.system.replay.Replayer;

/**
 * How a machine came to be what it is: everything from outside since the base. Where little was done that took long, this is far
 * shorter than any state. A machine keeps its recipe from the base on ({@link #follow}) until it is too long to be of use.
 */
public final class Recipe {
    /** The fact that holds the hash of the machine that it gives. */
    public static final String HASH = "recipeHash";
    private static final String EVENTS = "events";
    /** More than a link can hold. */
    private static final int LIMIT_BYTES = 100_000;

    private final KmosSystem system;
    private final EventLog log;
    private final long startInstructions;
    private boolean isComplete = true;

    private Recipe(KmosSystem system, EventLog log, long startInstructions) {
        this.system = system;
        this.log = log;
        this.startInstructions = startInstructions;
        system.outside().setSecondListener((cycles, place, event) -> {
            isComplete &= log.size() < LIMIT_BYTES;
            if (isComplete) {
                log.event(cycles, place, event);
            }
        });
    }

    /** From here, the base, on. */
    public static Recipe follow(KmosSystem system) {
        return new Recipe(system, new EventLog(BootedBase.AT_NS), system.cpu().instructionCount());
    }

    /**
     * The events so far, and a mark of this place, for {@link #resume}: the machine is saved right behind this. Null when there is no recipe, or none just now
     * (the machine waits for its disk).
     */
    public byte[] saved() {
        if (!isComplete || !system.outside().settle()) {
            return null;
        }
        EventLog copy = EventLog.of(BootedBase.AT_NS, log.firstBytes());
        // The first event of a machine that was loaded has no place of its own: it follows this.
        copy.event(system.machine().clock().cycles(), system.outside().place(), new OutsideEvent(OutsideEvent.END, 0, 0));
        return copy.firstBytes();
    }

    /** Of a machine that was just loaded: goes on with what saved() gave, after so many instructions, when it was saved. */
    public static Recipe resume(KmosSystem system, byte[] saved, long instructions) {
        return new Recipe(system, EventLog.of(BootedBase.AT_NS, saved), system.cpu().instructionCount() - instructions);
    }

    /** Instructions that whoever opens it must run. */
    public long instructions() {
        return system.cpu().instructionCount() - startInstructions;
    }

    /** Puts the recipe up to now into a snapshot. False when there is none, or none just now (the machine waits for its disk). */
    public boolean add(Snapshot snapshot) {
        if (!isComplete || !system.outside().settle()) {
            return false;
        }
        system.outside().note(new OutsideEvent(OutsideEvent.HASH, system.stateHash(), 0));
        snapshot.setSection(EVENTS, log.firstBytes());
        snapshot.setFact(HASH, Long.toHexString(system.stateHash()));
        return isComplete;
    }

    public static boolean isIn(Snapshot snapshot) {
        return snapshot.section(EVENTS) != null;
    }

    /** Cooks: makes a machine that stands at the base what the recipe says. */
    public static final class Cook {
        private final KmosSystem system;
        private final Snapshot recipe;
        private final EventLog log;
        private final Replayer replayer;
        private final long startInstructions;

        /** SnapshotException: the recipe is damaged. */
        public Cook(KmosSystem system, Snapshot snapshot) {
            this.system = system;
            recipe = snapshot;
            startInstructions = system.cpu().instructionCount();
            try {
                log = EventLog.of(BootedBase.AT_NS, snapshot.need(EVENTS));
            } catch (BadRecordingException damaged) {
                throw new SnapshotException("this snapshot is damaged: " + damaged.getMessage());
            }
            system.outside().setFailures(Replayer.failures(log.cursor(log.first())));
            replayer = new Replayer(system, log.cursor(log.first()), true);
        }

        /** A slice; false when all is done, and checked. SnapshotException: this machine became another one. */
        public boolean step(long cycles) {
            try {
                if (replayer.step(cycles, Long.MAX_VALUE)) {
                    return true;
                }
            } catch (DivergedException other) {
                if (!MachineFacts.isOfThisBuild(recipe)) {
                    throw new SnapshotException("this snapshot was made by another version of kmOS, build " + MachineFacts.build(recipe)
                        + ". It holds what was typed, not the machine, and in this version that gives another machine: open it with the build that made it");
                }
                throw new SnapshotException("this snapshot cannot be made here: " + other.getMessage());
            }
            if (replayer.hashesCompared() == 0) {
                throw new SnapshotException("this snapshot is damaged: its recipe has no end");
            }
            return false;
        }

        /** The machine is there and its user goes on: so does its recipe. */
        public Recipe follow() {
            system.outside().setFailures(null);
            return new Recipe(system, log, startInstructions);
        }
    }
}
