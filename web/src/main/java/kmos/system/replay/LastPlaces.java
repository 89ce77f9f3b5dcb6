// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import kmos.kernel.ExecutionProbe;

/**
 * Where the last system call was and the last switch, as places to go to. It follows the machine in the present and in the past and goes back with it,
 * so the place before this one is always known and need not be searched for, however far it is.
 */
final class LastPlaces implements ExecutionProbe {
    /** There was none since history began. */
    static final long NONE = -1;

    private long systemCall = NONE;
    private long contextSwitch = NONE;
    /** The last switch at an earlier time than that: the machine may stand where contextSwitch is. */
    private long earlierSwitch = NONE;

    /** The place is before the instruction. */
    @Override
    public void systemCall(long cycles) {
        systemCall = cycles - 1;
    }

    @Override
    public void contextSwitch(long cycles) {
        if (cycles != contextSwitch) {
            earlierSwitch = contextSwitch;
            contextSwitch = cycles;
        }
    }

    /** The last system call before now, which is where the machine stands. */
    long systemCallBefore(long now) {
        return systemCall < now ? systemCall : NONE;
    }

    long contextSwitchBefore(long now) {
        return contextSwitch < now ? contextSwitch : earlierSwitch;
    }

    LastPlaces copy() {
        LastPlaces copy = new LastPlaces();
        copy.set(this);
        return copy;
    }

    void set(LastPlaces other) {
        systemCall = other.systemCall;
        contextSwitch = other.contextSwitch;
        earlierSwitch = other.earlierSwitch;
    }
}
