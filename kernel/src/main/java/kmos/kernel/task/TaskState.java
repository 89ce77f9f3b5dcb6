// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

/** Where a task is in its life; the letter is that of /proc/PID/stat. */
public enum TaskState {
    /** Running or in the run queue. */
    READY('R'),
    /** Waits interruptibly in a system call. */
    SLEEPING('S'),
    /** Waits for a page or a disk block. */
    DISK_SLEEP('D'),
    /** Waits for a child to exec or end (vfork) or other threads to end: only SIGKILL ends it early. */
    KILLABLE('D'),
    /** Stopped by job control. */
    STOPPED('T'),
    /** Stopped for its tracer (ptrace). */
    TRACED('t'),
    /** Ended, not yet waited for. */
    ZOMBIE('Z'),
    /** Ended and gone from the pid table. */
    DEAD('X');

    private final char letter;

    TaskState(char letter) {
        this.letter = letter;
    }

    public char letter() {
        return letter;
    }
}
