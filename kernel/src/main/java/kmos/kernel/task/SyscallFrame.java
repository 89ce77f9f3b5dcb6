// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.Stateful;

/**
 * What must survive when a system call parks and its body runs again from the top: progress, an absolute deadline, a
 * stage, one object. Cleared when the call finishes.
 */
public final class SyscallFrame implements Stateful {
    /** Body-defined; 0 when the call starts. */
    public int stage;
    /** Body-defined, e.g. bytes moved so far; 0 when the call starts. */
    public long progress;
    /** Absolute guest time at which the wait times out, or -1 while not yet computed. */
    public long deadlineNs = -1;
    /** Body-defined object, or null. */
    public Stateful scratch;

    public void clear() {
        stage = 0;
        progress = 0;
        deadlineNs = -1;
        scratch = null;
    }

    @Override
    public void state(StateFields s) {
        stage = s.i32("stage", stage);
        progress = s.i64("progress", progress);
        deadlineNs = s.i64("deadlineNs", deadlineNs);
        scratch = s.ref("scratch", scratch, Stateful.class);
    }
}
