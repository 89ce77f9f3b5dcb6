// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.Kernel;

/**
 * Keeps the task that has the processor and the end of its quantum; asks the policy for the next. The quantum is saved, so
 * where a slice ends cannot be seen by a program.
 */
public final class Scheduler implements Stateful {
    /** So long a task runs at least before one that was woken takes its place. */
    private static final long GRANULARITY_NS = 500_000;
    private static final int LOAD_SHIFT = 11;
    private static final long LOAD_INTERVAL_NS = 5_000_000_000L;
    /** e^(-5/60), e^(-5/300), e^(-5/900) in fixed point, as Linux's loadavg. */
    private static final int[] LOAD_DECAY = {1884, 2014, 2037};

    private final Kernel kernel;
    private SchedulingPolicy policy = new RoundRobin();
    private Task running;
    private long quantumStartNs;
    private long quantumEndNs;
    private boolean mustReschedule;
    private long switches;
    private final long[] load = new long[3];
    private long nextLoadNs = LOAD_INTERVAL_NS;

    public Scheduler(Kernel kernel) {
        this.kernel = kernel;
    }

    /** The task that has the processor, or null. */
    public Task running() {
        return running;
    }

    /** End of its quantum in guest time. */
    public long quantumEndNs() {
        return quantumEndNs;
    }

    /** Context switches since boot (/proc/stat ctxt). */
    public long switches() {
        return switches;
    }

    public SchedulingPolicy policy() {
        return policy;
    }

    /** Ready tasks, the running one included. */
    public int readyCount() {
        return policy.size() + (running != null ? 1 : 0);
    }

    /** Exchanges the policy; ready tasks move over in their order. */
    public void setPolicy(SchedulingPolicy other) {
        for (Task t = policy.next(); t != null; t = policy.next()) {
            other.add(t);
        }
        policy = other;
    }

    /** The task became ready: it preempts the running one. */
    void enqueue(Task task) {
        if (task != running) {
            policy.addWoken(task);
            if (running != null) {
                quantumEndNs = Math.min(quantumEndNs, Math.max(kernel.nowNs(), quantumStartNs + GRANULARITY_NS));
            }
        }
    }

    /** The task stopped being ready. */
    void dequeue(Task task) {
        if (task == running) {
            running = null;
        } else {
            policy.remove(task);
        }
    }

    /** sched_yield(2), or memory is short: others first. */
    public void yield() {
        mustReschedule = true;
    }

    /** The task to run now, or null when all wait. */
    public Task pick() {
        long now = kernel.nowNs();
        if (now >= nextLoadNs) {
            updateLoad(now, kernel.pids().activeTasks());
        }
        if (running != null && !mustReschedule && now < quantumEndNs) {
            return running;
        }
        mustReschedule = false;
        if (running != null) {
            Task previous = running;
            if (policy.isEmpty()) {
                quantumStartNs = now;
                quantumEndNs = now + policy.quantumNs(previous);
                return previous;
            }
            running = null;
            previous.countPreemption();
            policy.add(previous);
        }
        running = policy.next();
        if (running != null) {
            quantumStartNs = now;
            quantumEndNs = now + policy.quantumNs(running);
            switches++;
        }
        return running;
    }

    /** Guest time went on without a task to run: what it was sampled for meanwhile is zero. */
    public void idled() {
        updateLoad(kernel.nowNs(), 0);
    }

    private void updateLoad(long now, int activeTasks) {
        long active = (long) activeTasks << LOAD_SHIFT;
        while (nextLoadNs <= now) {
            for (int i = 0; i < 3; i++) {
                load[i] = load[i] * LOAD_DECAY[i] + active * ((1 << LOAD_SHIFT) - LOAD_DECAY[i]) >> LOAD_SHIFT;
            }
            nextLoadNs += LOAD_INTERVAL_NS;
        }
    }

    /** Load average over 1, 5, 15 minutes (which 0 to 2) in hundredths. */
    public int loadHundredths(int which) {
        return (int) (load[which] * 100 + (1 << LOAD_SHIFT - 1) >> LOAD_SHIFT);
    }

    @Override
    public void state(StateFields s) {
        policy = s.ref("policy", policy, SchedulingPolicy.class);
        running = s.ref("running", running, Task.class);
        quantumStartNs = s.i64("quantumStartNs", quantumStartNs);
        quantumEndNs = s.i64("quantumEndNs", quantumEndNs);
        mustReschedule = s.bool("mustReschedule", mustReschedule);
        switches = s.i64("switches", switches);
        load[0] = s.i64("load1", load[0]);
        load[1] = s.i64("load5", load[1]);
        load[2] = s.i64("load15", load[2]);
        nextLoadNs = s.i64("nextLoadNs", nextLoadNs);
    }
}
