// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.kernel.syscall.Dispatcher;
import kmos.kernel.task.Task;

/** What happens to pending signals on the way back to user mode. */
public final class SignalDelivery {
    private SignalDelivery() { }

    /** False when the task does not go to user mode now. */
    public static boolean deliver(Task task, Dispatcher dispatcher) {
        throw new UnsupportedOperationException();
    }
}
