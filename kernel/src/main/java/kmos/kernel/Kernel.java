// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.machine.Machine;

/** The kernel: its parts and the event loop. SKELETON: both kernel owners add their parts here. */
public final class Kernel implements Stateful {
    private final Machine machine;

    public Kernel(Machine machine) {
        this.machine = machine;
    }

    public Machine machine() {
        return machine;
    }

    /** Guest time in ns since boot. */
    public long nowNs() {
        return machine.clock().nowNs();
    }

    @Override
    public void state(StateFields s) {
        s.struct("machine", machine);
    }
}
