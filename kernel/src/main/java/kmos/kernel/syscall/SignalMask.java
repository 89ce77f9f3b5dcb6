// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.EINTR;
import static kmos.base.Errno.EINVAL;

import kmos.kernel.abi.Restart;
import kmos.kernel.task.Task;

/** The temporary signal mask of ppoll, pselect6 and epoll_pwait. */
final class SignalMask {
    private SignalMask() { }

    /** address 0: none. EINVAL when the size is not that of a kernel sigset (8); EFAULT. Safe to repeat. */
    static long install(Task task, long address, long size) {
        if (address == 0) {
            return 0;
        }
        if (size != 8) {
            return -EINVAL;
        }
        task.useTemporaryMask(task.user().read64(address));
        return 0;
    }

    /** An interrupted call keeps the mask until its signal is handled; otherwise the old one is back at once. */
    static void finish(Task task, long result) {
        if (result != -EINTR && !Restart.isRestart(result)) {
            task.restoreSignalMask();
        }
    }
}
