// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.List;

/**
 * Hands out ranges of linear memory to machines, page-aligned and zeroed. In the page one machine takes what it needs
 * at boot; in a test JVM many machines come and go, so ranges can be given back.
 */
public final class MemoryArena {
    private record Range(int start, int size) { }

    private final int limit;
    /** From here on all bytes are zero: nobody had them yet. */
    private int untouched;
    private final List<Range> used = new ArrayList<>();

    /** An arena over [Memory.START, limit). */
    public MemoryArena(int limit) {
        this(limit, limit);
    }

    private MemoryArena(int limit, int untouched) {
        this.limit = limit;
        this.untouched = untouched;
    }

    /** An arena over linear memory that is new and therefore zero: to clear it once more would make the host provide all of it. */
    public static MemoryArena ofNewMemory(int limit) {
        return new MemoryArena(limit, Memory.START);
    }

    /** First fit. Throws IllegalStateException naming the shortage when there is no room. */
    public int allocate(int size) {
        int rounded = size + 0xFFF & ~0xFFF;
        int at = Memory.START;
        int i = 0;
        for (; i < used.size(); i++) {
            Range r = used.get(i);
            if (r.start - at >= rounded) {
                break;
            }
            at = r.start + r.size;
        }
        if (limit - at < rounded) {
            throw new IllegalStateException("linear memory is full: " + (rounded >> 10) + " KiB wanted, "
                + (limit - at >> 10) + " KiB left");
        }
        used.add(i, new Range(at, rounded));
        if (at < untouched) {
            Memory.fill(at, Math.min(rounded, untouched - at), 0);
        }
        untouched = Math.max(untouched, at + rounded);
        return at;
    }

    public void free(int start) {
        used.removeIf(r -> r.start == start);
    }
}
