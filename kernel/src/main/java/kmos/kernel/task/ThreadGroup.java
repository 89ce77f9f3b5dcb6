// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.tty.Tty;

/** A process (Linux signal_struct and thread group). SKELETON: the owner of kmos.kernel.task completes it. */
public final class ThreadGroup implements Stateful {
    public int pid() {
        throw new UnsupportedOperationException();
    }

    public int processGroup() {
        throw new UnsupportedOperationException();
    }

    public int session() {
        throw new UnsupportedOperationException();
    }

    /** The controlling terminal, or null. */
    public Tty terminal() {
        throw new UnsupportedOperationException();
    }

    public void setTerminal(Tty tty) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void state(StateFields s) {
        throw new UnsupportedOperationException();
    }
}
