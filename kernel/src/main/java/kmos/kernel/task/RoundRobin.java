// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.kernel.KernelConfig;

/** First come, first served, each for one quantum; nicer tasks get shorter ones. */
public final class RoundRobin implements SchedulingPolicy {
    private final List<Task> queue = new ArrayList<>();

    @Override
    public String name() {
        return "rr";
    }

    @Override
    public void add(Task task) {
        queue.add(task);
    }

    @Override
    public Task next() {
        return queue.isEmpty() ? null : queue.remove(0);
    }

    @Override
    public void remove(Task task) {
        queue.remove(task);
    }

    @Override
    public long quantumCycles(Task task) {
        return KernelConfig.QUANTUM_CYCLES * (20 - task.nice()) / 20 + 100_000;
    }

    @Override
    public boolean isEmpty() {
        return queue.isEmpty();
    }

    @Override
    public int size() {
        return queue.size();
    }

    @Override
    public void state(StateFields s) {
        s.refs("queue", queue, Task.class);
    }
}
