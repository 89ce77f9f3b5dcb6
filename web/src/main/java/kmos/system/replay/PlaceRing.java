// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

/** The latest places of one kind, as cycles in rising order; the oldest are forgotten. */
final class PlaceRing {
    static final long UNKNOWN = -1;

    private final long[] cycles;
    private int next;
    private int count;

    /** capacity: a power of two. */
    PlaceRing(int capacity) {
        cycles = new long[capacity];
    }

    /** A place not before those that were added already. */
    void add(long place) {
        cycles[next] = place;
        next = next + 1 & cycles.length - 1;
        count = Math.min(count + 1, cycles.length);
    }

    /** The last place before a cycle, or UNKNOWN: it was forgotten, or there is none. */
    long before(long limit) {
        int low = 0, high = count; // of those from low on it is not known that they are before limit, those from high on are not
        while (low < high) {
            int middle = low + high >>> 1;
            if (at(middle) < limit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == 0 ? UNKNOWN : at(low - 1);
    }

    /** Forgets the places from a cycle on: another future begins there. */
    void dropFrom(long limit) {
        while (count > 0 && at(count - 1) >= limit) {
            next = next - 1 & cycles.length - 1;
            count--;
        }
    }

    private long at(int index) {
        return cycles[next - count + index & cycles.length - 1];
    }
}
