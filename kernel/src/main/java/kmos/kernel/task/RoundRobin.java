// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.kernel.KernelConfig;

/**
 * First come, first served, each for one quantum; nicer tasks get shorter ones. Who waited goes before who used up a
 * quantum, but of {@link #WOKEN_IN_A_ROW} + 1 turns one belongs to the others, so that nobody starves.
 */
public final class RoundRobin implements SchedulingPolicy {
    private static final int WOKEN_IN_A_ROW = 8;

    private final List<Task> woken = new ArrayList<>();
    private final List<Task> queue = new ArrayList<>();
    private int wokenTurns;

    @Override
    public String name() {
        return "rr";
    }

    @Override
    public void add(Task task) {
        queue.add(task);
    }

    @Override
    public void addWoken(Task task) {
        woken.add(task);
    }

    @Override
    public Task next() {
        if (!woken.isEmpty() && (queue.isEmpty() || wokenTurns < WOKEN_IN_A_ROW)) {
            wokenTurns++;
            return woken.remove(0);
        }
        wokenTurns = 0;
        return queue.isEmpty() ? null : queue.remove(0);
    }

    @Override
    public void remove(Task task) {
        if (!woken.remove(task)) {
            queue.remove(task);
        }
    }

    @Override
    public long quantumNs(Task task) {
        return KernelConfig.QUANTUM_NS * (20 - task.nice()) / 20 + 100_000;
    }

    @Override
    public boolean isEmpty() {
        return queue.isEmpty() && woken.isEmpty();
    }

    @Override
    public int size() {
        return queue.size() + woken.size();
    }

    @Override
    public void state(StateFields s) {
        s.refs("woken", woken, Task.class);
        s.refs("queue", queue, Task.class);
        wokenTurns = s.i32("wokenTurns", wokenTurns);
    }
}
