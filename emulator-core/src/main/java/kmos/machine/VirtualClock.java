// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import kmos.base.Clock;
import kmos.base.StateFields;
import kmos.base.Stateful;

/**
 * Guest time: a count of cycles of a 4 GHz processor, four to a nanosecond. Moved by instructions (one cycle each), charges for
 * kernel entries and idle jumps; never asks the host. Devices and the kernel think in nanoseconds; what must name an exact place
 * in a run (a slice's end, RDTSC, a recorded event) counts cycles.
 */
public final class VirtualClock implements Clock, Stateful {
    private static final int CYCLES_PER_NS_SHIFT = 2;
    public static final long CYCLES_PER_NS = 1 << CYCLES_PER_NS_SHIFT, CYCLES_PER_SECOND = 1_000_000_000L << CYCLES_PER_NS_SHIFT;

    private long cycles;

    /** The nanosecond that the present cycle is part of. */
    @Override
    public long nowNs() {
        return cycles >> CYCLES_PER_NS_SHIFT;
    }

    public long cycles() {
        return cycles;
    }

    /** The first cycle of a nanosecond; Long.MAX_VALUE when it never comes. */
    public static long cyclesAt(long ns) {
        return ns > Long.MAX_VALUE >> CYCLES_PER_NS_SHIFT ? Long.MAX_VALUE : ns << CYCLES_PER_NS_SHIFT;
    }

    /** The first nanosecond that begins at a cycle or after it. */
    public static long nsFrom(long cycle) {
        long ns = cycle >> CYCLES_PER_NS_SHIFT;
        return cyclesAt(ns) == cycle ? ns : ns + 1;
    }

    /** So many instructions were executed. */
    public void advanceCycles(long count) {
        cycles += count;
    }

    /** Work was done that takes so long. */
    public void advanceNs(long ns) {
        cycles += cyclesAt(ns);
    }

    /** Idle: jumps forward to a deadline (or stays, when it has passed). */
    public void advanceToNs(long deadlineNs) {
        cycles = Math.max(cycles, cyclesAt(deadlineNs));
    }

    @Override
    public void state(StateFields s) {
        cycles = s.i64("cycles", cycles);
    }
}
