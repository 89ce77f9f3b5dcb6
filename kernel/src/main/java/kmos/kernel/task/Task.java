// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.base.Waiter;
import kmos.kernel.Kernel;
import kmos.kernel.mm.UserMemory;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.FsContext;

/** A thread of execution (Linux task_struct). SKELETON of the agreed surface; the owner of kmos.kernel.task completes it. */
public final class Task implements Stateful, Waiter {
    /** A body's answer when the task was parked; never reaches a program. */
    public static final long BLOCKED = Long.MIN_VALUE;

    private Kernel kernel;
    private FileTable files;
    private FsContext fs;

    public Kernel kernel() {
        return kernel;
    }

    /** Thread id, as gettid(2). */
    public int tid() {
        throw new UnsupportedOperationException();
    }

    public ThreadGroup group() {
        throw new UnsupportedOperationException();
    }

    public boolean is64Bit() {
        throw new UnsupportedOperationException();
    }

    public Credentials credentials() {
        throw new UnsupportedOperationException();
    }

    /** This task's view of its user memory. */
    public UserMemory user() {
        throw new UnsupportedOperationException();
    }

    public FileTable files() {
        return files;
    }

    /** Working directory, root, umask. */
    public FsContext fs() {
        return fs;
    }

    public SyscallFrame frame() {
        throw new UnsupportedOperationException();
    }

    /** A signal that would interrupt an interruptible wait is pending. */
    public boolean hasPendingSignal() {
        throw new UnsupportedOperationException();
    }

    /**
     * Parks the task on a queue until woken; the body then runs again. Returns BLOCKED, or -ERESTARTSYS at once when a
     * signal is pending. Interruptible.
     */
    public long blockOn(WaitQueue queue) {
        throw new UnsupportedOperationException();
    }

    /**
     * The same on several queues and with a deadline in guest ns ({@link kmos.base.TimerQueue#NEVER} for none). The body
     * looks at the clock itself when it runs again.
     */
    public long blockOn(WaitQueue[] queues, int count, long deadlineNs) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void woken(WaitQueue queue) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void state(StateFields s) {
        throw new UnsupportedOperationException();
    }
}
