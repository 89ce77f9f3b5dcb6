// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.ArrayList;
import java.util.List;

/**
 * Checkpoints in the order of time, within a bound of memory. When it is passed, the one goes whose neighbours are closest
 * together for their age: so the past is dense near the present and gets sparser. Two stay, whatever they take: a machine that uses
 * all of its RAM has that much in a checkpoint.
 */
final class CheckpointRing {
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
        while (bytes > limitBytes && all.size() > 2) {
            dropOne();
        }
    }

    private void dropOne() {
        long now = last().instructions;
        int least = 1;
        double leastGap = Double.MAX_VALUE;
        for (int i = 1; i < all.size() - 1; i++) {
            double gap = (double) (all.get(i + 1).instructions - all.get(i - 1).instructions) / (now - all.get(i).instructions + 1);
            if (gap < leastGap) {
                leastGap = gap;
                least = i;
            }
        }
        if (leastGap > 1) {
            // All are far apart already: the past begins later.
            bytes -= all.get(0).ownBytes(null, all.get(1));
            all.remove(0);
            log.dropBefore(all.get(0).position.segment());
            return;
        }
        bytes -= all.get(least).ownBytes(all.get(least - 1), all.get(least + 1));
        log.join(all.remove(least).position.segment());
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
