// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Poll.*;

import kmos.base.LittleEndian;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;

/** Waiting for several files at once: poll(2), select(2) and their p forms. */
final class Polling {
    private static final int POLLFD_SIZE = 8;

    private Polling() { }

    // poll

    static long poll(Task task, SyscallArgs args) {
        int timeoutMs = args.int32(2);
        setDeadline(task, timeoutMs < 0 ? TimerQueue.NEVER : timeoutMs * 1_000_000L);
        long result = poll(task, args.raw(0), args.unsigned32(1));
        // restart_syscall(2) goes on with what is left of the timeout.
        return result == -Restart.ERESTARTNOHAND ? task.restartLater(task.frame().deadlineNs) : result;
    }

    static long ppoll(Task task, SyscallArgs args) {
        return ppoll(task, args, task.is64Bit());
    }

    static long ppollTime64(Task task, SyscallArgs args) {
        return ppoll(task, args, true);
    }

    private static long ppoll(Task task, SyscallArgs args, boolean is64) {
        long timeout = args.raw(2);
        if (task.frame().deadlineNs < 0) {
            setDeadline(task, timeout == 0 ? TimerQueue.NEVER : UserArgs.timespecNs(task, timeout, is64));
        }
        long bad = SignalMask.install(task, args.raw(3), args.raw(4));
        if (bad != 0) {
            return bad;
        }
        long result = poll(task, args.raw(0), args.unsigned32(1));
        return finish(task, result, timeout, is64 ? TIMESPEC_64 : TIMESPEC_32);
    }

    /** Ready descriptors; 0 after the deadline; BLOCKED; -ERESTARTNOHAND. */
    private static long poll(Task task, long address, long count) {
        if (count > FileIo.unsignedLimit(task.group().limit(SchedAbi.RLIMIT_NOFILE))) {
            return -EINVAL;
        }
        int n = (int) count;
        byte[] fds = UserArgs.get(task, address, n * POLLFD_SIZE);
        WaitQueue[] queues = new WaitQueue[n];
        int queueCount = 0;
        int ready = 0;
        for (int i = 0; i < n; i++) {
            int fd = LittleEndian.get32(fds, i * POLLFD_SIZE);
            int wanted = LittleEndian.get16(fds, i * POLLFD_SIZE + 4);
            int events = 0;
            if (fd >= 0) {
                FileDescription file = task.files().get(fd);
                events = file == null || file.isPathOnly() ? POLLNVAL : file.poll() & (wanted | POLLERR | POLLHUP);
                if (file != null && file.waitQueue() != null) {
                    queues[queueCount++] = file.waitQueue();
                }
            }
            LittleEndian.put16(fds, i * POLLFD_SIZE + 6, events);
            ready += events != 0 ? 1 : 0;
        }
        if (ready == 0 && (!isPast(task) || task.hasPendingSignal())) {
            return block(task, queues, queueCount);
        }
        for (int i = 0; i < n; i++) {
            task.user().write16(address + i * POLLFD_SIZE + 6, LittleEndian.get16(fds, i * POLLFD_SIZE + 6));
        }
        return ready;
    }

    // select

    private static final int TIMEVAL = 0, TIMESPEC_32 = 1, TIMESPEC_64 = 2;

    /** select(2), _newselect on i386: the timeval is written back with what is left. */
    static long select(Task task, SyscallArgs args) {
        return select(task, args.int32(0), args.raw(1), args.raw(2), args.raw(3), args.raw(4));
    }

    /** i386 old_select (82): one pointer to the five arguments. */
    static long oldSelect(Task task, SyscallArgs args) {
        byte[] b = UserArgs.get(task, args.raw(0), 20);
        return select(task, LittleEndian.get32(b, 0), LittleEndian.getUnsigned32(b, 4), LittleEndian.getUnsigned32(b, 8),
            LittleEndian.getUnsigned32(b, 12), LittleEndian.getUnsigned32(b, 16));
    }

    private static long select(Task task, int n, long in, long out, long except, long timeout) {
        if (task.frame().deadlineNs < 0) {
            long ns = TimerQueue.NEVER;
            if (timeout != 0) {
                int word = task.is64Bit() ? 8 : 4;
                byte[] b = UserArgs.get(task, timeout, 2 * word);
                long seconds = word == 8 ? LittleEndian.get64(b, 0) : LittleEndian.get32(b, 0);
                long us = word == 8 ? LittleEndian.get64(b, 8) : LittleEndian.get32(b, 4);
                if (seconds < 0 || us < 0) {
                    return -EINVAL;
                }
                ns = seconds > 9_000_000_000L ? TimerQueue.NEVER : seconds * 1_000_000_000L + us * 1000;
            }
            setDeadline(task, ns);
        }
        return finish(task, select(task, n, in, out, except), timeout, TIMEVAL);
    }

    static long pselect6(Task task, SyscallArgs args) {
        return pselect6(task, args, task.is64Bit());
    }

    static long pselect6Time64(Task task, SyscallArgs args) {
        return pselect6(task, args, true);
    }

    /** The sixth argument points to { sigset_t *, size_t }. */
    private static long pselect6(Task task, SyscallArgs args, boolean is64) {
        long timeout = args.raw(4);
        if (task.frame().deadlineNs < 0) {
            setDeadline(task, timeout == 0 ? TimerQueue.NEVER : UserArgs.timespecNs(task, timeout, is64));
        }
        if (args.raw(5) != 0) {
            int word = task.is64Bit() ? 8 : 4;
            byte[] pair = UserArgs.get(task, args.raw(5), 2 * word);
            long bad = SignalMask.install(task, UserArgs.word(pair, 0, word), UserArgs.word(pair, 1, word));
            if (bad != 0) {
                return bad;
            }
        }
        long result = select(task, args.int32(0), args.raw(1), args.raw(2), args.raw(3));
        return finish(task, result, timeout, is64 ? TIMESPEC_64 : TIMESPEC_32);
    }

    private static long select(Task task, int n, long in, long out, long except) {
        if (n < 0) {
            return -EINVAL;
        }
        // Linux looks at whole words of the descriptor table, which has 64 places at least.
        int capacity = Math.max(64, task.files().capacity());
        int count = Math.min(n, capacity);
        int word = task.is64Bit() ? 8 : 4;
        int bytes = (n + 8 * word - 1) / (8 * word) * word;
        bytes = Math.min(bytes, (capacity + 63) / 64 * 8);
        byte[][] sets = {set(task, in, bytes), set(task, out, bytes), set(task, except, bytes)};
        int[] masks = {READABLE | POLLRDBAND | POLLHUP | POLLERR, WRITABLE | POLLWRBAND | POLLERR, POLLPRI};
        byte[][] results = new byte[3][bytes];
        WaitQueue[] queues = new WaitQueue[count];
        int queueCount = 0;
        int ready = 0;
        for (int fd = 0; fd < count; fd++) {
            int asked = 0;
            for (int s = 0; s < 3; s++) {
                asked |= sets[s] != null && (sets[s][fd >> 3] >> (fd & 7) & 1) != 0 ? 1 << s : 0;
            }
            if (asked == 0) {
                continue;
            }
            FileDescription file = task.files().get(fd);
            if (file == null || file.isPathOnly()) {
                return -EBADF;
            }
            int events = file.poll();
            for (int s = 0; s < 3; s++) {
                if ((asked >> s & 1) != 0 && (events & masks[s]) != 0) {
                    results[s][fd >> 3] |= 1 << (fd & 7);
                    ready++;
                }
            }
            if (file.waitQueue() != null) {
                queues[queueCount++] = file.waitQueue();
            }
        }
        if (ready == 0 && (!isPast(task) || task.hasPendingSignal())) {
            return block(task, queues, queueCount);
        }
        long[] addresses = {in, out, except};
        for (int s = 0; s < 3; s++) {
            if (addresses[s] != 0) {
                UserArgs.put(task, addresses[s], results[s]);
            }
        }
        return ready;
    }

    private static byte[] set(Task task, long address, int bytes) {
        return address == 0 ? null : UserArgs.get(task, address, bytes);
    }

    // Deadlines

    /** Computes the absolute deadline once; later runs of the body keep it. */
    static void setDeadline(Task task, long timeoutNs) {
        if (task.frame().deadlineNs < 0) {
            task.frame().deadlineNs = timeoutNs == TimerQueue.NEVER ? TimerQueue.NEVER : task.kernel().deadlineAfter(timeoutNs);
        }
    }

    static boolean isPast(Task task) {
        return task.kernel().nowNs() >= task.frame().deadlineNs;
    }

    static long block(Task task, WaitQueue[] queues, int count) {
        long result = task.blockOn(queues, count, task.frame().deadlineNs);
        return result == -Restart.ERESTARTSYS ? -Restart.ERESTARTNOHAND : result;
    }

    /** Writes back what is left of the timeout, as Linux does for select, pselect and ppoll; the temporary mask goes. */
    private static long finish(Task task, long result, long address, int layout) {
        if (result == Task.BLOCKED) {
            return result;
        }
        SignalMask.finish(task, result);
        if (address != 0 && result != -EINVAL && result != -EBADF && task.frame().deadlineNs != TimerQueue.NEVER) {
            long left = Math.max(0, task.frame().deadlineNs - task.kernel().nowNs());
            long seconds = left / 1_000_000_000L;
            long rest = left % 1_000_000_000L;
            boolean is64 = layout == TIMESPEC_64 || layout == TIMEVAL && task.is64Bit();
            byte[] b = new byte[is64 ? 16 : 8];
            long low = layout == TIMEVAL ? rest / 1000 : rest;
            if (is64) {
                LittleEndian.put64(b, 0, seconds);
                LittleEndian.put64(b, 8, low);
            } else {
                LittleEndian.put32(b, 0, (int) seconds);
                LittleEndian.put32(b, 4, (int) low);
            }
            // A time that cannot be written is no error (poll_select_finish).
            task.user().copyOut(b, 0, address, b.length);
        }
        return result;
    }
}
