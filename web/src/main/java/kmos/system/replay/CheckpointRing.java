// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.ArrayList;
import java.util.List;
import kmos.machine.VirtualClock;

/**
 * Checkpoints in the order of time, within a bound of memory. When it is passed, the one goes whose neighbours are closest
 * together, by what it takes to run from one to the other, for their age: so the past is dense in its last second, even in its last minute, and gets
 * sparser before that. One that takes much memory goes earlier: many others can stay in its place. Two stay, whatever they take: a machine that uses
 * all of its RAM has that much in a checkpoint.
 */
final class CheckpointRing {
    private static final double NEAR_NS = 1e9, MINUTE_NS = 60e9;
    /** When the closest are so far apart, for an age of a second or more in s, all are sparse, and the past begins later. */
    private static final double SPARSEST = 16;
    /** One that takes more counts as if its neighbours were that much closer, at most so many times. What is only far from others takes less. */
    private static final double HEAVY_BYTES = 4 << 20, HEAVIEST = 3;
    private final EventLog log;
    private final long limitBytes;
    private final List<Checkpoint> all = new ArrayList<>();
    private long bytes;

    CheckpointRing(EventLog log, long limitBytes) {
        this.log = log;
        this.limitBytes = limitBytes;
    }

    /** The checkpoint, taken now, is the newest. */
    void add(Checkpoint c) {
        bytes += c.ownBytes(last(), null);
        all.add(c);
        measure(all.size() - 2);
        while (bytes > limitBytes && all.size() > 2) {
            dropOne();
        }
    }

    /** One of the inner checkpoints has a new neighbour. */
    private void measure(int i) {
        if (i > 0 && i < all.size() - 1) {
            all.get(i).freed = all.get(i).ownBytes(all.get(i - 1), all.get(i + 1));
        }
    }

    private void dropOne() {
        long now = last().cycles;
        int least = 1;
        double leastGap = Double.MAX_VALUE;
        for (int i = 1; i < all.size() - 1; i++) {
            double gap = (all.get(i + 1).effortNs - all.get(i - 1).effortNs) / weight(now - all.get(i).cycles) / Math.max(1, Math.min(HEAVIEST, all.get(i).freed / HEAVY_BYTES));
            if (gap < leastGap) {
                leastGap = gap;
                least = i;
            }
        }
        if (leastGap > SPARSEST) {
            bytes -= all.get(0).ownBytes(null, all.get(1));
            all.remove(0);
            log.dropBefore(all.get(0).position.segment());
            return;
        }
        bytes -= all.get(least).freed;
        log.join(all.remove(least).position.segment());
        measure(least - 1);
        measure(least);
    }

    /** Whoever goes back does so within the last minute mostly, so all of that is to be near a checkpoint. */
    private static double weight(long ageCycles) {
        double age = (double) ageCycles / VirtualClock.CYCLES_PER_NS;
        return Math.min(age + 1, NEAR_NS) * Math.max(1, age / MINUTE_NS);
    }

    Checkpoint first() {
        return all.get(0);
    }

    Checkpoint last() {
        return all.isEmpty() ? null : all.get(all.size() - 1);
    }

    /** The newest one not after a guest time, or null. */
    Checkpoint before(long cycles) {
        Checkpoint found = null;
        for (Checkpoint c : all) {
            if (c.cycles <= cycles) {
                found = c;
            }
        }
        return found;
    }

    /** Another future begins at a guest time: what came after is gone. */
    void dropAfter(long cycles) {
        while (last().cycles > cycles) {
            Checkpoint c = all.remove(all.size() - 1);
            bytes -= c.ownBytes(last(), null);
        }
    }

    int size() {
        return all.size();
    }

    long bytes() {
        return bytes;
    }
}
