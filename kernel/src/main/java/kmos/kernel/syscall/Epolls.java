// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Poll.*;

import kmos.base.LittleEndian;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.Restart;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.EpollFile;
import kmos.kernel.vfs.FileDescription;

/** epoll_create(2), epoll_ctl(2), epoll_wait(2). */
final class Epolls {
    private Epolls() { }

    static long create(Task task, SyscallArgs args) {
        return args.int32(0) <= 0 ? -EINVAL : create(task, 0);
    }

    static long create1(Task task, SyscallArgs args) {
        return (args.int32(0) & ~Fcntl.O_CLOEXEC) != 0 ? -EINVAL : create(task, args.int32(0));
    }

    private static long create(Task task, int flags) {
        return FileIo.install(task, new EpollFile(task.kernel().vfs(), Fcntl.O_RDWR), flags != 0);
    }

    /** Order as Linux: EFAULT, EBADF, EPERM, EINVAL, then EEXIST, ENOENT, ELOOP. */
    static long ctl(Task task, SyscallArgs args) {
        int operation = args.int32(1);
        byte[] event = operation == EPOLL_CTL_DEL ? null : UserArgs.get(task, args.raw(3), EpollFile.EVENT_SIZE);
        int fd = args.int32(2);
        FileDescription on = task.files().get(args.int32(0));
        FileDescription file = task.files().get(fd);
        if (on == null || file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (file.waitQueue() == null) {
            return -EPERM;
        }
        if (on == file || !(on instanceof EpollFile epoll)) {
            return -EINVAL;
        }
        switch (operation) {
            case EPOLL_CTL_ADD: return epoll.add(fd, file, LittleEndian.get32(event, 0), LittleEndian.get64(event, 4));
            case EPOLL_CTL_MOD: return epoll.modify(fd, file, LittleEndian.get32(event, 0), LittleEndian.get64(event, 4));
            case EPOLL_CTL_DEL: return epoll.delete(fd, file);
            default: return -EINVAL;
        }
    }

    static long epollWait(Task task, SyscallArgs args) {
        setMilliseconds(task, args.int32(3));
        return waitForEvents(task, args);
    }

    static long epollPwait(Task task, SyscallArgs args) {
        setMilliseconds(task, args.int32(3));
        return masked(task, args);
    }

    /** epoll_pwait2: a struct timespec of 64-bit fields in both ABIs. */
    static long epollPwait2(Task task, SyscallArgs args) {
        if (task.frame().deadlineNs < 0) {
            Polling.setDeadline(task, args.raw(3) == 0 ? TimerQueue.NEVER : UserArgs.timespecNs(task, args.raw(3), true));
        }
        return masked(task, args);
    }

    private static long masked(Task task, SyscallArgs args) {
        long bad = SignalMask.install(task, args.raw(4), args.raw(5));
        if (bad != 0) {
            return bad;
        }
        long result = waitForEvents(task, args);
        if (result != Task.BLOCKED) {
            SignalMask.finish(task, result);
        }
        return result;
    }

    private static void setMilliseconds(Task task, int timeoutMs) {
        Polling.setDeadline(task, timeoutMs < 0 ? TimerQueue.NEVER : timeoutMs * 1_000_000L);
    }

    private static long waitForEvents(Task task, SyscallArgs args) {
        int limit = args.int32(2);
        if (limit <= 0 || limit > Integer.MAX_VALUE / EpollFile.EVENT_SIZE) {
            return -EINVAL;
        }
        FileDescription on = task.files().get(args.int32(0));
        if (on == null) {
            return -EBADF;
        }
        if (!(on instanceof EpollFile epoll)) {
            return -EINVAL;
        }
        byte[] events = epoll.collect(limit);
        if (events.length == 0) {
            if (Polling.isPast(task)) {
                return 0;
            }
            long result = task.blockOn(new WaitQueue[] {epoll.waitQueue()}, 1, task.frame().deadlineNs);
            // epoll_wait is never restarted (signal(7)).
            return result == -Restart.ERESTARTSYS ? -EINTR : result;
        }
        UserArgs.put(task, args.raw(1), events);
        epoll.delivered(events.length / EpollFile.EVENT_SIZE);
        return events.length / EpollFile.EVENT_SIZE;
    }
}
