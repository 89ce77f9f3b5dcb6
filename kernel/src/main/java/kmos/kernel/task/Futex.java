// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Restart;
import kmos.kernel.mm.VmArea;

/**
 * futex(2): waiters in order of arrival, keyed by address space and address (private memory) or by inode and offset
 * (shared memory). A waiter object survives the restarts of its body in the task's frame.
 */
public final class Futex implements Stateful {
    /** One task that waits at a key. */
    public static final class Waiter implements Stateful {
        Stateful owner;
        long offset;
        int bitset;
        boolean isWoken;
        final WaitQueue queue = new WaitQueue();

        boolean isAt(Key key) {
            return owner == key.owner && offset == key.offset;
        }

        @Override
        public void state(StateFields s) {
            owner = s.ref("owner", owner, Stateful.class);
            offset = s.i64("offset", offset);
            bitset = s.i32("bitset", bitset);
            isWoken = s.bool("isWoken", isWoken);
            s.struct("queue", queue);
        }
    }

    /** What a futex word is known by. */
    public record Key(Stateful owner, long offset) { }

    private final List<Waiter> waiters = new ArrayList<>();

    /** The key of a user word. EINVAL: not aligned; EFAULT. */
    public static Key key(Task task, long address, boolean isPrivate) {
        if ((address & 3) != 0) {
            throw new ErrnoException(Errno.EINVAL);
        }
        if (Long.compareUnsigned(address, task.space().taskSize()) >= 0) {
            throw new ErrnoException(Errno.EFAULT);
        }
        if (!isPrivate) {
            VmArea area = task.space().find(address);
            if (area == null) {
                throw new ErrnoException(Errno.EFAULT);
            }
            if (area.isShared()) {
                return new Key(area.inode(), address - area.start() + area.fileOffset());
            }
        }
        return new Key(task.space(), address);
    }

    /**
     * FUTEX_WAIT_BITSET: 0 when woken; -EAGAIN: the word differs; -ETIMEDOUT; -ERESTARTSYS. deadlineNs in guest time,
     * NEVER for none.
     */
    public long await(Task task, long address, boolean isPrivate, int expected, int bitset, long deadlineNs) {
        if (bitset == 0) {
            return -Errno.EINVAL;
        }
        Waiter waiter = (Waiter) task.frame().scratch;
        if (waiter == null) {
            Key key = key(task, address, isPrivate);
            if (task.user().read32(address) != expected) {
                return -Errno.EAGAIN;
            }
            waiter = new Waiter();
            waiter.owner = key.owner;
            waiter.offset = key.offset;
            waiter.bitset = bitset;
            waiters.add(waiter);
            task.frame().scratch = waiter;
        }
        if (waiter.isWoken) {
            return 0;
        }
        if (task.kernel().nowNs() >= deadlineNs) {
            waiters.remove(waiter);
            return -Errno.ETIMEDOUT;
        }
        long result = task.blockOn(new WaitQueue[] {waiter.queue}, 1, deadlineNs);
        if (result != Task.BLOCKED) {
            waiters.remove(waiter);
            return deadlineNs == TimerQueue.NEVER ? -Restart.ERESTARTSYS : task.restartLater(deadlineNs);
        }
        return result;
    }

    /** Wakes up to count waiters whose bitset meets mask; returns how many. */
    public int wake(Key key, int count, int mask) {
        int woken = 0;
        for (int i = 0; i < waiters.size() && woken < count;) {
            Waiter w = waiters.get(i);
            if (w.isAt(key) && (w.bitset & mask) != 0) {
                waiters.remove(i);
                w.isWoken = true;
                w.queue.wakeAll();
                woken++;
            } else {
                i++;
            }
        }
        return woken;
    }

    /** Wakes count waiters of from and moves up to moveCount more to to; returns woken + moved. */
    public int requeue(Key from, Key to, int count, int moveCount) {
        int woken = wake(from, count, -1);
        int moved = 0;
        for (int i = 0, end = waiters.size(); i < end && moved < moveCount; i++) {
            Waiter w = waiters.get(i);
            if (w.isAt(from)) {
                w.owner = to.owner;
                w.offset = to.offset;
                moved++;
            }
        }
        return woken + moved;
    }

    /** The kernel itself changed a word (thread exit). Bad addresses wake nobody. */
    static void wakeAt(Task task, long address, int count) {
        Futex futexes = task.kernel().futexes();
        futexes.wake(key(task, address, true), count, -1);
        Key shared = key(task, address, false);
        if (shared.owner != task.space()) {
            futexes.wake(shared, count, -1);
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("waiters", waiters, Waiter.class);
    }
}
