// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.List;

/** Who waits for an event, in order of arrival. A wake-up may be spurious: waiters look again. */
public final class WaitQueue implements Stateful {
    private final List<Waiter> waiters = new ArrayList<>();

    public void add(Waiter waiter) {
        waiters.add(waiter);
    }

    /** Takes off one entry of this waiter, if it is there. */
    public void remove(Waiter waiter) {
        for (int i = 0; i < waiters.size(); i++) {
            if (waiters.get(i) == waiter) {
                waiters.remove(i);
                return;
            }
        }
    }

    public boolean isEmpty() {
        return waiters.isEmpty();
    }

    public int size() {
        return waiters.size();
    }

    /** Wakes everybody who waits now. */
    public void wakeAll() {
        if (waiters.isEmpty()) {
            return;
        }
        for (Waiter waiter : new ArrayList<>(waiters)) {
            waiter.woken(this);
        }
    }

    /** Wakes the first in line. Returns false when nobody waits. */
    public boolean wakeOne() {
        if (waiters.isEmpty()) {
            return false;
        }
        waiters.get(0).woken(this);
        return true;
    }

    @Override
    public void state(StateFields s) {
        s.refs("waiters", waiters, Waiter.class);
        if (s.isLoading()) {
            for (Waiter waiter : waiters) {
                waiter.restoredOn(this);
            }
        }
    }
}
