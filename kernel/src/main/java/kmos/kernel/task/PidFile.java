// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Vfs;

/** A process as a file (pidfd_open(2)): stays that process's when its pid is given to another; readable when it has ended. */
public final class PidFile extends FileDescription {
    private ThreadGroup group;

    /** For loading a saved state. */
    public PidFile(Vfs vfs) {
        super(vfs);
    }

    public PidFile(Vfs vfs, int flags, ThreadGroup group) {
        super(vfs, vfs.pipeFs().anonymous(), flags);
        this.group = group;
    }

    /** Also when it has ended and was waited for: then nobody finds it by its pid any more. */
    public ThreadGroup group() {
        return group;
    }

    public boolean isReaped() {
        return group.leader().taskState() == TaskState.DEAD;
    }

    @Override
    public int poll() {
        return group.isEnded() ? Poll.READABLE : 0;
    }

    @Override
    public WaitQueue waitQueue() {
        return group.threadEvents();
    }

    @Override
    public String description() {
        return "anon_inode:[pidfd]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        group = s.ref("group", group, ThreadGroup.class);
    }
}
