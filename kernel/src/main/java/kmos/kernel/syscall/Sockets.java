// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import kmos.kernel.task.Task;

/** The answers of a kernel without address families, until there is a network: no call here ever makes a socket. */
final class Sockets {
    private static final int SYS_SOCKET = 1, SYS_SOCKETPAIR = 8, SYS_SENDMMSG = 20;

    private Sockets() { }

    /** socket(2), socketpair(2). EAFNOSUPPORT. */
    static long create(Task task, SyscallArgs args) {
        return -EAFNOSUPPORT;
    }

    /** A call on a socket. EBADF; ENOTSOCK for every other descriptor. */
    static long onSocket(Task task, SyscallArgs args) {
        return onSocket(task, args.int32(0));
    }

    private static long onSocket(Task task, int fd) {
        return task.files().get(fd) == null ? -EBADF : -ENOTSOCK;
    }

    /** socketcall(2), i386. EINVAL: no such call; EFAULT. */
    static long socketcall(Task task, SyscallArgs args) {
        int call = args.int32(0);
        if (call < SYS_SOCKET || call > SYS_SENDMMSG) {
            return -EINVAL;
        }
        int first = task.user().read32(args.raw(1));
        return call == SYS_SOCKET || call == SYS_SOCKETPAIR ? -EAFNOSUPPORT : onSocket(task, first);
    }
}
