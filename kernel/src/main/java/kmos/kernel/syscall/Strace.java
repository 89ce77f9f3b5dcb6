// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import kmos.kernel.task.Task;

/** Prints system calls as strace(1) does. */
public final class Strace {
    /** Where lines go. */
    public interface Sink {
        void line(String text);
    }

    private final Sink sink;

    public Strace(Sink sink) {
        this.sink = sink;
    }

    void entered(Task task, Syscall row) {
    }

    void left(Task task, Syscall row, long result) {
        sink.line(row == null ? "syscall" : row.name());
    }
}
