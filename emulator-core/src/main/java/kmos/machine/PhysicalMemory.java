// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import kmos.base.Memory;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WrittenPages;

/**
 * Guest RAM: a range of linear memory, physical addresses 0 to size - 1, plus one flag byte a frame. Every write by the
 * kernel or a device goes through here, so that frames are marked dirty and decoded code of the frame is dropped.
 * Addresses are checked by the caller; values are little-endian.
 */
public final class PhysicalMemory implements Stateful {
    public static final int FRAME_SHIFT = 12;
    public static final int FRAME_SIZE = 1 << FRAME_SHIFT;

    /** Frame flags: written in this period; holds decoded code; is in use as a page table; every write to it is told (see watch). */
    public static final int DIRTY = 1, CODE = 2, PAGE_TABLE = 4, WATCHED = 16;
    /** The longest store of an instruction. */
    private static final int LONGEST_STORE = 64;
    private static final long EIGHT_DIRTY = 0x0101010101010101L;

    private final int base;
    private final int size;
    private final int flags;
    private FrameWatcher watcher;
    private final WrittenPages pages = new WrittenPages() {
        @Override
        public boolean mayHoldData(int frame) {
            return lastWritten[frame] != 0 || (Memory.get8(flags + frame) & DIRTY) != 0;
        }

        @Override
        public void loaded(int frame) {
            lastWritten[frame] = period;
        }
    };
    /** Derived: the last ended period in which each frame was written. */
    private final int[] lastWritten;
    private int period = 1;
    /** Derived: the bytes that are watched, and whether they may have been written since takeWatchHit. */
    private int watchStart;
    private int watchEnd;
    private boolean isWatchHit;

    /** base: linear address of RAM, which is zero; flags: linear address of size / 4096 bytes. */
    public PhysicalMemory(int base, int size, int flags) {
        this.base = base;
        this.size = size;
        this.flags = flags;
        lastWritten = new int[size >>> FRAME_SHIFT];
    }

    public int size() {
        return size;
    }

    public int frameCount() {
        return size >>> FRAME_SHIFT;
    }

    /** Linear address of a physical address. Who writes there must call {@link #written}. */
    public int linear(int physical) {
        return base + physical;
    }

    /** Linear address of the table of frame flags, one byte each. */
    public int flagsAddress() {
        return flags;
    }

    public void setWatcher(FrameWatcher watcher) {
        this.watcher = watcher;
    }

    public int read8(int p) {
        return Memory.get8(base + p);
    }

    public int read16(int p) {
        return Memory.get16(base + p);
    }

    public int read32(int p) {
        return Memory.get32(base + p);
    }

    public long read64(int p) {
        return Memory.get64(base + p);
    }

    public void write8(int p, int v) {
        mark(p);
        Memory.put8(base + p, v);
    }

    public void write16(int p, int v) {
        mark(p);
        Memory.put16(base + p, v);
    }

    public void write32(int p, int v) {
        mark(p);
        Memory.put32(base + p, v);
    }

    public void write64(int p, long v) {
        mark(p);
        Memory.put64(base + p, v);
    }

    public void read(int p, byte[] to, int offset, int count) {
        Memory.read(base + p, to, offset, count);
    }

    public void write(int p, byte[] from, int offset, int count) {
        written(p, count);
        Memory.write(base + p, from, offset, count);
    }

    public void copy(int from, int to, int count) {
        written(to, count);
        Memory.copy(base + from, base + to, count);
    }

    public void fill(int p, int count, int value) {
        written(p, count);
        Memory.fill(base + p, count, value);
    }

    /** Marks the frames of [p, p + count) as written: call before or after writing through {@link #linear}. */
    public void written(int p, int count) {
        if (count <= 0) {
            return;
        }
        for (int f = p >>> FRAME_SHIFT, last = p + count - 1 >>> FRAME_SHIFT; f <= last; f++) {
            mark(f << FRAME_SHIFT);
        }
    }

    /**
     * Ends a period: the frames marked in it get its number, and their marks are cleared, so that they are marked again when
     * they are written again. Returns the number of the period that begins: since this call only frames with a
     * {@link #lastWritten} (asked after the next call) of at least that number were written.
     */
    public int endPeriod() {
        if (watcher != null) {
            watcher.forgetWriteTags();
        }
        int count = frameCount();
        for (int f = 0; f < count; f += 8) {
            if (count - f >= 8 && (Memory.get64(flags + f) & EIGHT_DIRTY) == 0) {
                continue;
            }
            for (int i = f; i < Math.min(f + 8, count); i++) {
                int flag = Memory.get8(flags + i);
                if ((flag & DIRTY) != 0) {
                    lastWritten[i] = period;
                    Memory.put8(flags + i, flag & (CODE | PAGE_TABLE | WATCHED));
                }
            }
        }
        return ++period;
    }

    /** From now on writes to these bytes, in one frame, are noticed; count 0: none. The guest's stores to the frame become slow. */
    public void watch(int physical, int count) {
        if (watchEnd > watchStart) {
            int old = flags + (watchStart >>> FRAME_SHIFT);
            Memory.put8(old, Memory.get8(old) & ~WATCHED);
        }
        watchStart = physical;
        watchEnd = physical + count;
        isWatchHit = false;
        if (count > 0) {
            if (watcher != null) {
                watcher.forgetWriteTags();
            }
            int at = flags + (physical >>> FRAME_SHIFT);
            Memory.put8(at, Memory.get8(at) | WATCHED);
        }
    }

    /** Whether the watched bytes may have been written since this was last asked: by a store near them, or by anybody else to their frame. */
    public boolean takeWatchHit() {
        boolean was = isWatchHit;
        isWatchHit = false;
        return was;
    }

    /** An instruction stores to a watched frame, from this address on. */
    public void watchedStore(int physical) {
        isWatchHit |= physical < watchEnd && physical + LONGEST_STORE > watchStart;
    }

    /** The period in which the frame was last written, of those that have ended; 0: never, so it is zero. */
    public int lastWritten(int frame) {
        return lastWritten[frame];
    }

    private void mark(int p) {
        int at = flags + (p >>> FRAME_SHIFT);
        int f = Memory.get8(at);
        if (f != DIRTY) {
            if ((f & (CODE | PAGE_TABLE)) != 0 && watcher != null) {
                watcher.frameWritten(p >>> FRAME_SHIFT);
                f = Memory.get8(at);
            }
            isWatchHit |= (f & WATCHED) != 0;
            Memory.put8(at, f | DIRTY);
        }
    }

    @Override
    public void state(StateFields s) {
        s.memory("ram", base, size, pages);
    }
}
