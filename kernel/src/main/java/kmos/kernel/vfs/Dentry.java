// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A name in the directory tree. SKELETON: the owner of kmos.kernel.vfs completes it. */
public final class Dentry implements Stateful {
    public String name() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void state(StateFields s) {
        throw new UnsupportedOperationException();
    }
}
