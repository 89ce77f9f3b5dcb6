// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import kmos.base.Clock;
import kmos.base.StateFields;
import kmos.base.Stateful;

/** Guest time: 1 cycle = 1 ns. Moved by instructions, charges for kernel entries and idle jumps; never asks the host. */
public final class VirtualClock implements Clock, Stateful {
    private long cycles;

    @Override
    public long nowNs() {
        return cycles;
    }

    /** Guest work was done: cycles may only grow. */
    public void advance(long count) {
        cycles += count;
    }

    /** Idle: jumps forward to a deadline (or stays, when it has passed). */
    public void advanceTo(long deadline) {
        cycles = Math.max(cycles, deadline);
    }

    @Override
    public void state(StateFields s) {
        cycles = s.i64("cycles", cycles);
    }
}
