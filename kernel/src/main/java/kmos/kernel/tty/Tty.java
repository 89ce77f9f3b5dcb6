// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A terminal line. SKELETON: the owner of kmos.kernel.tty completes it. */
public final class Tty implements Stateful {
    @Override
    public void state(StateFields s) {
        throw new UnsupportedOperationException();
    }
}
