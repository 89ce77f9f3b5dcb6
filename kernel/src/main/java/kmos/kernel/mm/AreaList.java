// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;

/** The areas of an address space in order of their addresses: looking up, and finding room. Invariant: sorted and disjoint. */
final class AreaList {
    private static final long STACK_GUARD_GAP = 256 << 12;
    /** Blocks of memory from this size on lie so many bytes apart. */
    private static final long LARGE = 4 << 20, LARGE_GAP = 32 << 12;

    private final List<VmArea> areas = new ArrayList<>();
    private final long lowest;
    /** Derived: where the last look-up ended. */
    private int lastFound;

    /** lowest: no room is found below this address. */
    AreaList(long lowest) {
        this.lowest = lowest;
    }

    /** The list itself, for going through all and for the saved state. */
    List<VmArea> all() {
        return areas;
    }

    int size() {
        return areas.size();
    }

    VmArea get(int i) {
        return areas.get(i);
    }

    void add(int i, VmArea area) {
        areas.add(i, area);
    }

    VmArea remove(int i) {
        return areas.remove(i);
    }

    /** The first area that ends above address, or null. */
    VmArea endingAbove(long address) {
        int i = indexEndingAbove(address);
        return i < areas.size() ? areas.get(i) : null;
    }

    /** The area that holds an address, or null. */
    VmArea find(long address) {
        if (lastFound < areas.size()) {
            VmArea hint = areas.get(lastFound);
            if (address >= hint.start && address < hint.end) {
                return hint;
            }
        }
        int i = indexEndingAbove(address);
        if (i < areas.size() && areas.get(i).start <= address) {
            lastFound = i;
            return areas.get(i);
        }
        return null;
    }

    int indexEndingAbove(long address) {
        int low = 0;
        int high = areas.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (areas.get(middle).end > address) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * The same for a block of memory. Behind large ones some pages stay free: the processor's TLB has one entry for addresses 16 MiB apart, and a
     * loop that goes through two such blocks side by side, a few pages at a time, would miss it at every access.
     */
    long findFreeForBlock(long length, long mmapBase, long taskSize) {
        long from = length < LARGE ? -1 : findFreeBelow(length + LARGE_GAP, mmapBase);
        return from >= 0 ? from : findFree(length, mmapBase, taskSize);
    }

    /** A free range of length bytes below the mmap base, else anywhere; ENOMEM. */
    long findFree(long length, long mmapBase, long taskSize) {
        long from = findFreeBelow(length, mmapBase);
        if (from < 0) {
            from = findFreeBelow(length, taskSize);
        }
        if (from < 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        return from;
    }

    /** The lowest free range of length bytes between two addresses; ENOMEM. */
    long findFreeAbove(long low, long high, long length) {
        long bottom = low;
        for (int i = indexEndingAbove(low); bottom + length <= high; i++) {
            if (i == areas.size() || guardedStart(areas.get(i)) >= bottom + length) {
                return bottom;
            }
            bottom = areas.get(i).end;
        }
        throw new ErrnoException(Errno.ENOMEM);
    }

    private long findFreeBelow(long length, long limit) {
        long top = limit;
        for (int i = indexEndingAbove(limit - 1); i >= 0; i--) {
            if (i < areas.size()) {
                top = Math.min(top, guardedStart(areas.get(i)));
            }
            long bottom = i == 0 ? lowest : areas.get(i - 1).end;
            if (top - bottom >= length) {
                return top - length;
            }
        }
        return -1;
    }

    private long guardedStart(VmArea area) {
        return (area.flags & VmArea.GROWS_DOWN) != 0 ? Math.max(lowest, area.start - STACK_GUARD_GAP) : area.start;
    }

    boolean isFree(long start, long length) {
        VmArea next = endingAbove(start);
        return next == null || next.start >= start + length;
    }

    boolean isFreeWithGap(long start, long length) {
        VmArea next = endingAbove(start);
        return next == null || guardedStart(next) >= start + length;
    }

    /** Whether every page of the range belongs to some area. */
    boolean isMapped(long start, long end) {
        long at = start;
        for (int i = indexEndingAbove(start); at < end; i++) {
            if (i == areas.size() || areas.get(i).start > at) {
                return false;
            }
            at = areas.get(i).end;
        }
        return true;
    }
}
