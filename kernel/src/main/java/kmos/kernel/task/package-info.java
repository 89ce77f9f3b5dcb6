// SPDX-License-Identifier: Apache-2.0
/**
 * Tasks, processes, sessions: how they are made, scheduled, wait, end and are waited for.
 *
 * <p>Read first: {@link kmos.kernel.task.Task}, {@link kmos.kernel.task.ThreadGroup}, {@link kmos.kernel.task.Scheduler}.
 * A task that is not READY is on the queues in its list and perhaps on a timer; waking takes it off all of them.
 */
package kmos.kernel.task;
