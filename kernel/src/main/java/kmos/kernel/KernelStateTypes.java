// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.StateTypes;
import kmos.base.TimerQueue;
import kmos.fs.block.BlockStateTypes;
import kmos.fs.ext.ExtType;
import kmos.kernel.driver.FrameBuffers;

/** The kernel's part of the table STATE_TYPES: every class whose objects are created when a state is loaded. */
public final class KernelStateTypes {
    private KernelStateTypes() { }

    public static void register(StateTypes types, Kernel kernel) {
        types.add("Timer", TimerQueue.Timer.class, TimerQueue.Timer::new);
        BlockStateTypes.register(types, new FrameBuffers(kernel.machine().memory(), kernel.frames()));
        ExtType.registerState(types);
    }
}
