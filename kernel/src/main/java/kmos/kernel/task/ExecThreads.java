// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.kernel.abi.SignalAbi;

/** execve of a process with several threads: the others end, the caller becomes the leader (Linux de_thread). */
public final class ExecThreads {
    private ExecThreads() { }

    public static boolean isAlone(Task task) {
        for (Task t : task.group().threads()) {
            if (t != task && !t.isEnded()) {
                return false;
            }
        }
        return true;
    }

    /** Tells the other threads to end: BLOCKED until they have, 0 when nobody is left, -ERESTARTSYS when the caller is to end too. */
    public static long endOthers(Task task) {
        ThreadGroup group = task.group();
        if (group.isExiting()) {
            return -kmos.kernel.abi.Restart.ERESTARTSYS;
        }
        if (group.executing() != task) {
            group.setExecuting(task);
            for (Task t : group.threads()) {
                if (t != task) {
                    t.signalArrived(true);
                }
            }
        }
        return task.blockKillable(group.threadEvents());
    }

    /** Takes over the pid of a leader that has ended. */
    public static void becomeLeader(Task task) {
        ThreadGroup group = task.group();
        group.setExecuting(null);
        Task leader = group.leader();
        if (leader == task) {
            return;
        }
        PidTable pids = task.kernel().pids();
        pids.remove(leader);
        pids.remove(task);
        Tracing.forget(leader);
        leader.end(TaskState.DEAD);
        group.threadEnded(leader);
        task.setIdentity(group.pid(), group);
        task.setExitSignal(SignalAbi.SIGCHLD);
        group.setLeader(task);
        pids.add(task);
    }
}
