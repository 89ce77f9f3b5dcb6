// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.Stateful;

/** Who runs next. Policies can be exchanged; the ready tasks are then handed over one by one. */
public interface SchedulingPolicy extends Stateful {
    String name();

    /** A task's quantum ended. */
    void add(Task task);

    /** A task that waited became ready: what it waited for makes it urgent. */
    void addWoken(Task task);

    /** Takes the next task out, or null. */
    Task next();

    /** A ready task is to leave without having run. */
    void remove(Task task);

    /** How long the task may run before others get a turn, in ns of guest time. */
    long quantumNs(Task task);

    boolean isEmpty();

    int size();
}
