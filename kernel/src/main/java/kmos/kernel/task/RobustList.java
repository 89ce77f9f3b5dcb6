// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.kernel.mm.UserSpace;

/** Robust futexes of an ending task (linux/futex.h, Documentation/locking/robust-futex-ABI). */
final class RobustList {
    private static final int FUTEX_WAITERS = 0x80000000, FUTEX_OWNER_DIED = 0x40000000, FUTEX_TID_MASK = 0x3FFFFFFF;
    private static final int LIST_LIMIT = 2048;

    private RobustList() { }

    /** Marks every lock that the task held and wakes one waiter each. ErrnoException EFAULT; NotReady: safe to repeat. */
    static void release(Task task) {
        long head = task.robustList();
        if (head == 0) {
            return;
        }
        UserSpace user = task.user();
        boolean is64 = task.space().is64Bit();
        user.setWord64(is64);
        int word = is64 ? 8 : 4;
        long entry = user.readWord(head);
        long offset = is64 ? user.readWord(head + word) : (int) user.readWord(head + word);
        long pendingEntry = user.readWord(head + 2L * word);
        for (int i = 0; i < LIST_LIMIT && (entry & ~1L) != head; i++) {
            long next = user.readWord(entry & ~1L);
            if (entry != pendingEntry) {
                died(task, (entry & ~1L) + offset, (entry & 1) != 0, false);
            }
            entry = next;
        }
        if (pendingEntry != 0) {
            died(task, (pendingEntry & ~1L) + offset, (pendingEntry & 1) != 0, true);
        }
        task.setRobustList(0, 0);
    }

    private static void died(Task task, long futex, boolean isPriorityInheriting, boolean isPending) {
        int value = task.user().read32(futex);
        if (isPending && !isPriorityInheriting && value == 0) {
            Futex.wakeAt(task, futex, 1);
            return;
        }
        if ((value & FUTEX_TID_MASK) != task.tid()) {
            return;
        }
        task.user().write32(futex, value & FUTEX_WAITERS | FUTEX_OWNER_DIED);
        if ((value & FUTEX_WAITERS) != 0 && !isPriorityInheriting) {
            Futex.wakeAt(task, futex, 1);
        }
    }
}
