// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** Somebody on a {@link WaitQueue}: a task, an epoll item. Part of the saved state. */
public interface Waiter extends Stateful {
    /** Called once for each wake-up while still on the queue; the waiter takes itself off if it is done. */
    void woken(WaitQueue queue);

    /** A saved state was loaded in which this waiter is on the queue: queues are saved with their owners, not here. */
    default void restoredOn(WaitQueue queue) {
    }
}
