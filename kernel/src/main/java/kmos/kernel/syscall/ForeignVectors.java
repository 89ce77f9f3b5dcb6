// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import kmos.kernel.mm.ForeignMemory;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.IoBuffer;

/** process_vm_readv(2) and process_vm_writev(2): between the caller's memory and another process's (Linux mm/process_vm_access.c). */
final class ForeignVectors {
    private static final int STEP = 4096;

    private ForeignVectors() { }

    static long readv(Task task, SyscallArgs args) {
        return move(task, args, false);
    }

    static long writev(Task task, SyscallArgs args) {
        return move(task, args, true);
    }

    /** Bytes moved before the first that cannot be. EINVAL, EFAULT; ESRCH: no process, or an ended one; EPERM. */
    private static long move(Task task, SyscallArgs args, boolean isWrite) {
        if (UserArgs.signed(task, args.raw(5)) != 0) {
            return -EINVAL;
        }
        IoBuffer local = UserArgs.vector(task, args.raw(1), UserArgs.signed(task, args.raw(2)));
        if (local.remaining() == 0) {
            return 0;
        }
        UserArgs.Ranges remote = UserArgs.ranges(task, args.raw(3), UserArgs.signed(task, args.raw(4)));
        long total = 0;
        for (long length : remote.lengths()) {
            total += length;
        }
        if (total == 0) {
            return 0;
        }
        Task target = task.kernel().pids().task(args.int32(0));
        if (target == null || target.space() == null) {
            return -ESRCH;
        }
        if (!Ptrace.mayAccess(task, target)) {
            return -EPERM;
        }
        local.skip(task.frame().progress);
        ForeignMemory memory = ForeignMemory.withProtection(task.kernel(), target.space());
        long begin = 0;
        boolean isDone = false;
        for (int i = 0; i < remote.lengths().length && !isDone; i++) {
            long end = begin + remote.lengths()[i];
            while (task.frame().progress < end && local.remaining() > 0 && !isDone) {
                long at = remote.bases()[i] + task.frame().progress - begin;
                int wanted = (int) Math.min(Math.min(STEP - (at & STEP - 1), end - task.frame().progress), local.remaining());
                int n = isWrite ? write(memory, at, local, wanted) : read(memory, at, local, wanted);
                task.frame().progress += Math.max(n, 0);
                isDone = n < wanted;
            }
            begin = end;
        }
        return task.frame().progress > 0 ? task.frame().progress : -EFAULT;
    }

    /** Within a page. NotReady before any effect. */
    private static int read(ForeignMemory memory, long at, IoBuffer local, int count) {
        byte[] bytes = new byte[count];
        int n = memory.read(at, bytes, 0, count);
        return n == 0 ? 0 : local.put(bytes, 0, n);
    }

    /** Within a page, which is brought in first: after that nothing can be missing, and only then the buffer moves on. */
    private static int write(ForeignMemory memory, long at, IoBuffer local, int count) {
        if (!memory.prepareWrite(at)) {
            return 0;
        }
        byte[] bytes = new byte[count];
        int n = local.get(bytes, 0, count);
        return n <= 0 ? n : memory.write(at, bytes, 0, n);
    }
}
