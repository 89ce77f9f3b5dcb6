// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;

import kmos.base.TimerQueue;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Futex;
import kmos.kernel.task.Task;

/** futex(2). Priority inheritance is not offered: ENOSYS, as a kernel without it. */
final class FutexCalls {
    private static final int FUTEX_WAIT = 0, FUTEX_WAKE = 1, FUTEX_REQUEUE = 3, FUTEX_CMP_REQUEUE = 4, FUTEX_WAKE_OP = 5, FUTEX_WAIT_BITSET = 9,
        FUTEX_WAKE_BITSET = 10, FUTEX_PRIVATE_FLAG = 128, FUTEX_CLOCK_REALTIME = 256;

    private FutexCalls() { }

    static long futex(Task task, SyscallArgs args) {
        return futex(task, args, task.is64Bit());
    }

    static long futexTime64(Task task, SyscallArgs args) {
        return futex(task, args, true);
    }

    private static long futex(Task task, SyscallArgs args, boolean wide) {
        int op = args.int32(1);
        int command = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
        boolean isPrivate = (op & FUTEX_PRIVATE_FLAG) != 0;
        boolean isRealtime = (op & FUTEX_CLOCK_REALTIME) != 0;
        long address = args.raw(0);
        int value = args.int32(2);
        Futex futexes = task.kernel().futexes();
        if (isRealtime && command != FUTEX_WAIT_BITSET && command != FUTEX_WAIT) {
            return -ENOSYS;
        }
        switch (command) {
            case FUTEX_WAIT, FUTEX_WAIT_BITSET -> {
                if (task.frame().deadlineNs < 0) {
                    task.frame().deadlineNs = deadline(task, args.raw(3), command == FUTEX_WAIT_BITSET, isRealtime, wide);
                }
                return futexes.await(task, address, isPrivate, value, command == FUTEX_WAIT ? -1 : args.int32(5), task.frame().deadlineNs);
            }
            case FUTEX_WAKE -> {
                return futexes.wake(Futex.key(task, address, isPrivate), Math.max(1, value), -1);
            }
            case FUTEX_WAKE_BITSET -> {
                return args.int32(5) == 0 ? -EINVAL : futexes.wake(Futex.key(task, address, isPrivate), Math.max(1, value), args.int32(5));
            }
            case FUTEX_REQUEUE, FUTEX_CMP_REQUEUE -> {
                if (value < 0 || args.int32(3) < 0) {
                    return -EINVAL;
                }
                Futex.Key from = Futex.key(task, address, isPrivate);
                Futex.Key to = Futex.key(task, args.raw(4), isPrivate);
                if (command == FUTEX_CMP_REQUEUE && task.user().read32(address) != args.int32(5)) {
                    return -EAGAIN;
                }
                return futexes.requeue(from, to, value, args.int32(3));
            }
            case FUTEX_WAKE_OP -> {
                return wakeOp(task, args, isPrivate);
            }
            default -> {
                return -ENOSYS;
            }
        }
    }

    private static long deadline(Task task, long at, boolean isAbsolute, boolean isRealtime, boolean wide) {
        if (at == 0) {
            return TimerQueue.NEVER;
        }
        UserSpace user = task.user();
        long ns = wide ? TimeLayout.readTimespec64(user, at, task.is64Bit()) : TimeLayout.readTimespec(user, at, false);
        return isAbsolute ? Clocks.toMonotonic(task, isRealtime ? Clocks.CLOCK_REALTIME : Clocks.CLOCK_MONOTONIC, ns) : Clocks.deadline(task, ns);
    }

    /** Changes the second word, wakes waiters of the first and, if the old value meets the condition, of the second. */
    private static long wakeOp(Task task, SyscallArgs args, boolean isPrivate) {
        Futex futexes = task.kernel().futexes();
        UserSpace user = task.user();
        long second = args.raw(4);
        Futex.Key first = Futex.key(task, args.raw(0), isPrivate);
        Futex.Key other = Futex.key(task, second, isPrivate);
        int encoded = args.int32(5);
        int op = encoded >>> 28 & 7;
        int comparison = encoded >>> 24 & 15;
        int argument = encoded << 8 >> 20;
        int compareWith = encoded << 20 >> 20;
        if ((encoded & 8 << 28) != 0) {
            argument = 1 << (argument & 31);
        }
        if (op > 4 || comparison > 5) {
            return -ENOSYS;
        }
        user.prepareWrite(second, 4);
        int old = user.read32(second);
        user.write32(second, switch (op) {
            case 0 -> argument;
            case 1 -> old + argument;
            case 2 -> old | argument;
            case 3 -> old & ~argument;
            default -> old ^ argument;
        });
        boolean holds = switch (comparison) {
            case 0 -> old == compareWith;
            case 1 -> old != compareWith;
            case 2 -> old < compareWith;
            case 3 -> old <= compareWith;
            case 4 -> old > compareWith;
            default -> old >= compareWith;
        };
        int woken = futexes.wake(first, Math.max(1, args.int32(2)), -1);
        return holds ? woken + futexes.wake(other, Math.max(1, args.int32(3)), -1) : woken;
    }
}
