// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.base.StateFields;

/** The inode of a pipe(2). */
public final class PipeInode extends PseudoInode {
    private boolean isAnonymous;

    /** For loading a saved state. */
    public PipeInode() { }

    PipeInode(PipeFs fs, long number, int uid, int gid, long nowNs) {
        super(fs, number, S_IFIFO | 0600, uid, gid, nowNs);
    }

    /** No file type in st_mode. */
    void becomeAnonymous() {
        isAnonymous = true;
    }

    @Override
    public int mode() {
        return isAnonymous ? 0600 : super.mode();
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        isAnonymous = s.bool("isAnonymous", isAnonymous);
    }
}
