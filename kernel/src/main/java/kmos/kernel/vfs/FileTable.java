// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A process's descriptors (Linux files_struct). SKELETON: the owner of kmos.kernel.vfs completes it. */
public final class FileTable implements Stateful {
    /** The open file behind fd, or null (EBADF). */
    public FileDescription get(int fd) {
        throw new UnsupportedOperationException();
    }

    /** A copy with the same descriptions, each retained (fork). */
    public FileTable copy() {
        throw new UnsupportedOperationException();
    }

    /** One more task shares this table (clone with CLONE_FILES). */
    public FileTable retain() {
        throw new UnsupportedOperationException();
    }

    /** One task less; the last one closes everything. */
    public void release() {
        throw new UnsupportedOperationException();
    }

    /** Closes descriptors marked close-on-exec. */
    public void closeOnExec() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void state(StateFields s) {
        throw new UnsupportedOperationException();
    }
}
