// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/** The pipe behind a named FIFO while somebody has it open. */
public final class Fifo implements Stateful {
    private Inode inode;
    private Pipe pipe = new Pipe();

    /** For loading a saved state. */
    public Fifo() { }

    Fifo(Inode inode) {
        this.inode = inode;
    }

    Inode inode() {
        return inode;
    }

    public Pipe pipe() {
        return pipe;
    }

    @Override
    public void state(StateFields s) {
        inode = s.ref("inode", inode, Inode.class);
        pipe = s.ref("pipe", pipe, Pipe.class);
    }
}
