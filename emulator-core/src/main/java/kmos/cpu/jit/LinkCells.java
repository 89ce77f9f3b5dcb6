// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kmos.base.Memory;

/**
 * Where compiled code finds the region of a known address: a cell per address in linear memory with the address, the
 * translations' generation for which the slot holds, and the table slot (0 while there is no region: a function that returns at once). A call site
 * with computed targets has some cells of its own, for the last ones: three bits of a target say which.
 */
public final class LinkCells {
    /** Offsets in a cell. */
    public static final int ADDRESS = 0, GENERATION = 8, SLOT = 12;
    private static final int SIZE = 16;
    /** Of an address, the distance of its cell from a call site's first; functions begin at multiples of 16. */
    static final int WAY = 0x70;
    static final int WAYS = 8;

    private final int start;
    private final int end;
    private int next;
    private final Map<Long, Integer> byAddress = new HashMap<>();
    private final List<Integer> sites = new ArrayList<>();

    LinkCells(int start, int size) {
        this.start = start;
        end = start + size;
        next = start;
    }

    boolean hasRoomFor(int cells) {
        return end - next >= cells * SIZE;
    }

    /** For {@link #release}: what is made from now on. */
    int mark() {
        return next;
    }

    /** Takes back what was made since the mark. */
    void release(int mark) {
        next = mark;
        byAddress.values().removeIf(cell -> cell >= mark);
        sites.removeIf(site -> site >= mark);
    }

    void clear() {
        next = start;
        byAddress.clear();
        sites.clear();
    }

    /** Linear memory of the cell for an address. */
    int of(long pc) {
        Integer known = byAddress.get(pc);
        if (known != null) {
            return known;
        }
        int cell = make(pc, -1);
        byAddress.put(pc, cell);
        return cell;
    }

    /** The region at an address is no more. */
    void unlink(long pc) {
        Integer cell = byAddress.get(pc);
        if (cell != null) {
            Memory.put32(cell + GENERATION, -1);
            Memory.put32(cell + SLOT, 0);
        }
        for (int site : sites) {
            int way = site + ((int) pc & WAY);
            if (Memory.get64(way + ADDRESS) == pc) {
                Memory.put32(way + GENERATION, -1);
            }
        }
    }

    /** The first of a call site's cells, which it writes. */
    int site() {
        int site = next;
        for (int i = 0; i < WAYS; i++) {
            make(0, -1);
        }
        sites.add(site);
        return site;
    }

    private int make(long pc, int generation) {
        int cell = next;
        next += SIZE;
        Memory.put64(cell + ADDRESS, pc);
        Memory.put32(cell + GENERATION, generation);
        Memory.put32(cell + SLOT, 0);
        return cell;
    }

    /** A cell for the twin of the region at an address: its slot, and in place of the generation how often it was missed. */
    int twin(long pc) {
        return make(pc, 0);
    }
}
