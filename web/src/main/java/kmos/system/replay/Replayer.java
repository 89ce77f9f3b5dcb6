// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import kmos.machine.HostFailures;
import kmos.machine.VirtualClock;
import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.OutsideEvents;

/**
 * Drives a machine through recorded events, whatever the slices: each event is applied where it was taken, idle time goes as
 * far as the next event lets it. Recorded hashes are compared.
 */
public final class Replayer {
    private final KmosSystem system;
    private final OutsideEvents outside;
    private final EventSource events;
    private final boolean comparesHashes;
    private final OutsideEvent.Listener heard;
    private long hashesCompared;

    /** The system stands where the events begin. */
    public Replayer(KmosSystem system, EventSource events, boolean comparesHashes) {
        this(system, events, comparesHashes, (cycles, place, event) -> { });
    }

    /** The same, and every event is told before it is applied: so a machine that replays can record. */
    public Replayer(KmosSystem system, EventSource events, boolean comparesHashes, OutsideEvent.Listener heard) {
        this.heard = heard;
        this.system = system;
        this.outside = system.outside();
        this.events = events;
        this.comparesHashes = comparesHashes;
    }

    /** Failed disk requests of all events, for {@link OutsideEvents#setFailures}: they must be known before they happen. */
    public static HostFailures failures(EventSource all) {
        TreeMap<Long, String> failed = new TreeMap<>();
        for (TimedEvent e = all.peek(); e != null; e = all.peek()) {
            if (e.event().kind() == OutsideEvent.DISK_FAILURE) {
                failed.put(e.event().a(), new String(e.event().bytes(), StandardCharsets.UTF_8));
            }
            all.take();
        }
        return new HostFailures() {
            @Override
            public String expected(long deadlineNs) {
                return failed.get(deadlineNs);
            }

            @Override
            public void happened(long deadlineNs, String error) { }
        };
    }

    /** How many recorded hashes were equal. */
    public long hashesCompared() {
        return hashesCompared;
    }

    private long now() {
        return system.machine().clock().cycles();
    }

    /**
     * One slice of at most cycles towards limit (a cycle), which is not passed by more than one kernel step. False when
     * limit or the end of the events is reached, or the machine has stopped. Waiting for the host it returns true: call again when
     * the host has answered.
     */
    public boolean step(long cycles, long limit) {
        TimedEvent e = events.peek();
        if (e == null || !system.isRunning() && !isHere(e)) {
            return false;
        }
        if (outside.isBoundary() && isHere(e)) {
            apply(e);
            return true;
        }
        long now = now();
        if (now >= limit && outside.isBoundary()) {
            return false;
        }
        if (e.place() != OutsideEvent.SAME && now > e.cycles()) {
            throw new DivergedException(now, "the replay is at " + now + " cycles, but the next recorded event came at " + e.cycles());
        }
        long end = Math.min(limit, e.cycles());
        if (outside.isIdle()) {
            if (now == e.cycles()) {
                throw new DivergedException(now, "the replayed machine is idle at " + now + " cycles, the recorded one was busy");
            }
            system.idleTo(Math.min(outside.wakeNs(), VirtualClock.nsFrom(end)));
            return true;
        }
        // At the event's time but not yet idle: what is left to do takes no time.
        long room = now >= end ? (outside.isBoundary() ? 1 : 0) : Math.min(cycles, end - now);
        system.runSlice(room);
        return true;
    }

    /** Everything up to limit in slices of at most cycles. The disk answers at once. */
    public void runTo(long limit, long cycles) {
        while (step(cycles, limit)) {
            if (system.machine().isWaitingForHost()) {
                throw new IllegalStateException("the disk does not answer within the call");
            }
        }
    }

    /** Whether all events were applied. */
    public boolean isAtEnd() {
        return events.peek() == null;
    }

    /** Whether the next step applies an event. */
    boolean isEventNext() {
        TimedEvent e = events.peek();
        return e != null && outside.isBoundary() && isHere(e);
    }

    private boolean isHere(TimedEvent e) {
        return switch (e.place()) {
            case OutsideEvent.SAME -> true;
            case OutsideEvent.IDLE -> now() == e.cycles() && outside.isIdle();
            default -> now() == e.cycles() && !outside.isIdle();
        };
    }

    private void apply(TimedEvent e) {
        events.take();
        heard.event(e.cycles(), e.place(), e.event());
        if (e.event().kind() == OutsideEvent.HASH && comparesHashes) {
            long hash = system.stateHash();
            if (hash != e.event().a()) {
                throw new DivergedException(now(), "at " + now() + " cycles the state's hash is " + Long.toHexString(hash) + ", recorded was "
                    + Long.toHexString(e.event().a()));
            }
            hashesCompared++;
        }
        outside.apply(e.event());
    }
}
