// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;

/** All tasks by thread id, in order of id. Ids go up and start again behind 300, as Linux's do. */
public final class PidTable implements Stateful {
    public static final int PID_MAX = 32768;
    private static final int RESERVED = 300;

    /** Derived from all: by tid. */
    private final Task[] byTid = new Task[PID_MAX];
    private final List<Task> all = new ArrayList<>();
    private int last;

    /** A free id that is no process group's or session's either; -1 when there is none. */
    int allocate() {
        for (int tried = 0; tried < PID_MAX; tried++) {
            last = last + 1 >= PID_MAX ? RESERVED : last + 1;
            if (byTid[last] == null && !isGroupOrSession(last)) {
                return last;
            }
        }
        return -1;
    }

    private boolean isGroupOrSession(int id) {
        for (int i = 0; i < all.size(); i++) {
            ThreadGroup g = all.get(i).group();
            if (g.processGroup() == id || g.session() == id) {
                return true;
            }
        }
        return false;
    }

    void add(Task task) {
        byTid[task.tid()] = task;
        int i = all.size();
        while (i > 0 && all.get(i - 1).tid() > task.tid()) {
            i--;
        }
        all.add(i, task);
    }

    void remove(Task task) {
        byTid[task.tid()] = null;
        all.remove(task);
    }

    /** The task with this thread id, zombies included, or null. */
    public Task task(int tid) {
        return tid > 0 && tid < PID_MAX ? byTid[tid] : null;
    }

    /** The process with this pid, zombies included, or null. */
    public ThreadGroup group(int pid) {
        Task t = task(pid);
        return t != null && t.group().pid() == pid ? t.group() : null;
    }

    /** All tasks in order of thread id, zombies included. */
    public List<Task> tasks() {
        return all;
    }

    /** All processes in order of pid, zombies included. */
    public List<ThreadGroup> groups() {
        List<ThreadGroup> groups = new ArrayList<>();
        for (Task t : all) {
            if (t.tid() == t.group().pid()) {
                groups.add(t.group());
            }
        }
        return groups;
    }

    /** Processes of a process group in order of pid. */
    public List<ThreadGroup> members(int processGroup) {
        List<ThreadGroup> members = new ArrayList<>();
        for (Task t : all) {
            if (t.tid() == t.group().pid() && t.group().processGroup() == processGroup) {
                members.add(t.group());
            }
        }
        return members;
    }

    /** Tasks that are ready or wait for a disk: what the load average counts. */
    int activeTasks() {
        int n = 0;
        for (int i = 0; i < all.size(); i++) {
            TaskState s = all.get(i).taskState();
            if (s == TaskState.READY || s == TaskState.DISK_SLEEP) {
                n++;
            }
        }
        return n;
    }

    /** Whether some task waits for a disk: then idle time is waiting time. */
    public boolean hasDiskSleeper() {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).taskState() == TaskState.DISK_SLEEP) {
                return true;
            }
        }
        return false;
    }

    public int lastPid() {
        return last;
    }

    /** After a load: what is derived from the loaded tasks. */
    public void rebuild() {
        Arrays.fill(byTid, null);
        for (Task t : all) {
            byTid[t.tid()] = t;
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("all", all, Task.class);
        last = s.i32("last", last);
    }
}
