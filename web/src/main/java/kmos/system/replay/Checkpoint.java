// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.Arrays;

/** The machine at one place of its past: objects as bytes, memory and disk as images, and where the log stood. */
final class Checkpoint {
    private static final int PIECE = 4096;

    final long cycles;
    final long instructions;
    /** What the machine took to get here, as its host says: real time, or what is in proportion to it. */
    final long effortNs;
    /** As kmos.system.KmosSystem says. */
    final long lastRanCycles;
    final LastPlaces lastPlaces;
    final EventLog.Position position;
    final PageImage ram;
    final PageImage video;
    final PageImage disk;
    /** Bytes that would be free without it, kept up to date by {@link CheckpointRing}. */
    long freed;
    private final byte[][] state;
    private final int stateLength;
    /** Bytes of state that the checkpoint before does not have as well. */
    private final int ownState;

    /** lastPlaces: a copy of its own. before: the checkpoint taken last, with which equal pieces of the state are shared, or null. */
    Checkpoint(long cycles, long instructions, long effortNs, long lastRanCycles, LastPlaces lastPlaces, EventLog.Position position, PageImage ram, PageImage video, PageImage disk,
            byte[] state, Checkpoint before) {
        this.cycles = cycles;
        this.instructions = instructions;
        this.effortNs = effortNs;
        this.lastRanCycles = lastRanCycles;
        this.lastPlaces = lastPlaces;
        this.position = position;
        this.ram = ram;
        this.video = video;
        this.disk = disk;
        stateLength = state.length;
        this.state = new byte[(state.length + PIECE - 1) / PIECE][];
        int own = 0;
        for (int i = 0; i < this.state.length; i++) {
            int from = i * PIECE, to = Math.min(from + PIECE, state.length);
            byte[] old = before == null || i >= before.state.length ? null : before.state[i];
            if (old != null && Arrays.equals(old, 0, old.length, state, from, to)) {
                this.state[i] = old;
            } else {
                this.state[i] = Arrays.copyOfRange(state, from, to);
                own += to - from;
            }
        }
        ownState = own;
    }

    byte[] state() {
        byte[] all = new byte[stateLength];
        for (int i = 0; i < state.length; i++) {
            System.arraycopy(state[i], 0, all, i * PIECE, state[i].length);
        }
        return all;
    }

    /** Bytes that would be free without this checkpoint between its neighbours (null: none). */
    long ownBytes(Checkpoint before, Checkpoint after) {
        int pages = PageImage.pagesOnlyIn(before == null ? null : before.ram, ram, after == null ? null : after.ram)
            + PageImage.pagesOnlyIn(before == null ? null : before.video, video, after == null ? null : after.video)
            + PageImage.pagesOnlyIn(before == null ? null : before.disk, disk, after == null ? null : after.disk);
        return (long) pages * PageImage.PAGE + ownState;
    }
}
