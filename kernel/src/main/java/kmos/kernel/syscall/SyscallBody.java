// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import kmos.kernel.task.Task;

/**
 * What a system call does. Returns a result, -errno, or {@link Task#BLOCKED} after task.blockOn; may throw NotReady
 * (run again when it is here) or ErrnoException. Runs again from the top after a wait: see task.frame().
 */
public interface SyscallBody {
    long call(Task task, SyscallArgs args);
}
