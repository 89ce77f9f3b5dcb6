// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** Root, working directory and umask of a process (Linux fs_struct). SKELETON: the owner of kmos.kernel.vfs completes it. */
public final class FsContext implements Stateful {
    public FsContext copy() {
        throw new UnsupportedOperationException();
    }

    public FsContext retain() {
        throw new UnsupportedOperationException();
    }

    public void release() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void state(StateFields s) {
        throw new UnsupportedOperationException();
    }
}
