// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import java.util.List;
import kmos.base.Errno;
import kmos.base.Log;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.task.TaskState;
import kmos.kernel.task.ThreadGroup;

/** Sending signals to tasks, processes and process groups (Linux kernel/signal.c, prepare_signal and complete_signal). */
public final class SignalSending {
    private static final long STOPS = SignalAbi.bit(SignalAbi.SIGSTOP) | SignalAbi.bit(SignalAbi.SIGTSTP) | SignalAbi.bit(SignalAbi.SIGTTIN)
        | SignalAbi.bit(SignalAbi.SIGTTOU);

    private SignalSending() { }

    /** To a process: any of its threads may take it. */
    public static void toGroup(ThreadGroup group, SigInfo info) {
        log(group.kernel(), "to process " + group.pid(), info);
        if (group.isEnded() || !prepare(group, info.signal)) {
            return;
        }
        if (isDropped(group, group.leader(), info)) {
            return;
        }
        group.sharedPending().add(info);
        group.signalEvents().wakeAll();
        if (info.signal == SignalAbi.SIGKILL) {
            // Takes effect at once, also on what is stopped (Linux complete_signal).
            group.startExit(SignalAbi.SIGKILL);
            // A second one ends also the stop that a tracer asked for before the exit.
            for (Task t : group.threads()) {
                t.signalArrived(true);
            }
            return;
        }
        Task taker = chooseTaker(group, info.signal);
        if (taker != null) {
            taker.signalArrived(false);
        }
    }

    private static void log(Kernel kernel, String whom, SigInfo info) {
        if (kernel.trace().on(Log.SIGNAL)) {
            kernel.trace().debug(Log.SIGNAL, SignalAbi.name(info.signal) + " " + whom + " code " + info.code);
        }
    }

    /** To one thread. */
    public static void toTask(Task task, SigInfo info) {
        log(task.kernel(), "to task " + task.tid(), info);
        if (task.isEnded() || !prepare(task.group(), info.signal)) {
            return;
        }
        if (isDropped(task.group(), task, info)) {
            return;
        }
        if (info.signal == SignalAbi.SIGKILL) {
            toGroup(task.group(), info);
            return;
        }
        task.pending().add(info);
        task.group().signalEvents().wakeAll();
        if ((task.signalMask() & SignalAbi.bit(info.signal)) == 0 || task.isWaitingForSignal(info.signal)) {
            task.signalArrived(false);
        }
    }

    /** A fault of the task itself: not blockable, not ignorable; then its action becomes the default (force_sig_info). */
    public static void force(Task task, SigInfo info) {
        SignalActions actions = task.group().actions();
        long bit = SignalAbi.bit(info.signal);
        if ((task.signalMask() & bit) != 0 || actions.handler(info.signal) == SignalAbi.SIG_IGN) {
            actions.setDefault(info.signal);
            task.setSignalMask(task.signalMask() & ~bit);
        }
        if (actions.handler(info.signal) == SignalAbi.SIG_DFL) {
            task.group().setUnkillable(false);
        }
        task.pending().add(info);
        task.signalArrived(false);
    }

    /** To every process of a process group. Returns how many there were. */
    public static int toProcessGroup(Kernel kernel, int processGroup, SigInfo info) {
        List<ThreadGroup> members = kernel.pids().members(processGroup);
        for (ThreadGroup g : members) {
            toGroup(g, info);
        }
        return members.size();
    }

    /** Whether sender may send the signal to target: 0 or -EPERM (kill(2)). */
    public static int permission(Task sender, Task target, int signal) {
        Credentials from = sender.credentials();
        Credentials to = target.credentials();
        if (sender.group() == target.group() || from.isRoot() || from.euid() == to.suid() || from.euid() == to.uid()
            || from.uid() == to.suid() || from.uid() == to.uid()) {
            return 0;
        }
        return signal == SignalAbi.SIGCONT && sender.group().session() == target.group().session() ? 0 : -Errno.EPERM;
    }

    /** SIGCHLD and the wake-up of waiters, when a process stops, goes on or ends. code is CLD_*. */
    public static void notifyParent(ThreadGroup child, int code, int status, int signal) {
        notifyParent(child, code, status, signal, child.parent());
    }

    /** The same for a child that is reaped already. */
    public static void notifyParent(ThreadGroup child, int code, int status, int signal, ThreadGroup parent) {
        if (parent == null) {
            return;
        }
        boolean isStopOrContinue = code == SignalAbi.CLD_STOPPED || code == SignalAbi.CLD_CONTINUED;
        if (signal > 0 && !(isStopOrContinue && parent.actions().has(SignalAbi.SIGCHLD, SignalAbi.SA_NOCLDSTOP))) {
            SigInfo info = SigInfo.of(signal, code);
            info.pid = child.pid();
            info.uid = child.leader().credentials().uid();
            info.status = status;
            info.userTicks = child.userNs() / 10_000_000;
            info.systemTicks = child.systemNs() / 10_000_000;
            toGroup(parent, info);
        }
        parent.childEvents().wakeAll();
    }

    /** Stop signals and SIGCONT cancel each other; SIGCONT starts what is stopped, whatever its action is. */
    private static boolean prepare(ThreadGroup group, int signal) {
        if (SignalActions.isStop(signal)) {
            removePending(group, SignalAbi.bit(SignalAbi.SIGCONT));
        } else if (signal == SignalAbi.SIGCONT) {
            removePending(group, STOPS);
            group.continueAll();
        }
        return true;
    }

    /** Its action became "ignore": what is pending goes. */
    public static void discard(ThreadGroup group, int signal) {
        removePending(group, SignalAbi.bit(signal));
    }

    /** Takes a pending signal for sigtimedwait; the task's own first. */
    public static SigInfo take(Task task, int signal) {
        SigInfo info = task.pending().take(signal);
        return info != null ? info : task.group().sharedPending().take(signal);
    }

    /** The entry that take would give, left where it is. */
    static SigInfo peek(Task task, int signal) {
        SigInfo info = task.pending().peek(signal);
        return info != null ? info : task.group().sharedPending().peek(signal);
    }

    private static void removePending(ThreadGroup group, long mask) {
        group.sharedPending().removeAll(mask);
        for (Task t : group.threads()) {
            t.pending().removeAll(mask);
        }
    }

    private static boolean isDropped(ThreadGroup group, Task task, SigInfo info) {
        long bit = SignalAbi.bit(info.signal);
        if ((task.signalMask() & bit) != 0 || (task.realSignalMask() & bit) != 0) {
            // Blocked: may be waited for, or its action may change.
            return false;
        }
        if (isUnkillable(group, info)) {
            return true;
        }
        // A tracer is told of signals that the task ignores, too.
        return task.tracing() == null && group.actions().isIgnored(info.signal) && info.signal != SignalAbi.SIGKILL;
    }

    /** The first process gets only what it has a handler for (SIGNAL_UNKILLABLE), except for its own faults. */
    static boolean isUnkillable(ThreadGroup group, SigInfo info) {
        return group.isUnkillable() && group.actions().handler(info.signal) == SignalAbi.SIG_DFL;
    }

    private static Task chooseTaker(ThreadGroup group, int signal) {
        long bit = SignalAbi.bit(signal);
        Task leader = group.leader();
        if (leader.taskState() != TaskState.ZOMBIE && wants(leader, bit, signal)) {
            return leader;
        }
        for (Task t : group.threads()) {
            if (wants(t, bit, signal)) {
                return t;
            }
        }
        return null;
    }

    private static boolean wants(Task t, long bit, int signal) {
        return !t.isEnded() && ((t.signalMask() & bit) == 0 || t.isWaitingForSignal(signal));
    }

    /** kill(2) target selection: pid > 0 a process, 0 the own group, -1 all, below -1 a group. 0 or -errno. */
    public static int kill(Task sender, int pid, SigInfo info) {
        Kernel kernel = sender.kernel();
        if (pid > 0) {
            Task target = kernel.pids().task(pid);
            return target == null ? -Errno.ESRCH : send(sender, target.group(), info);
        }
        int found = 0;
        int failed = 0;
        int last = 0;
        for (ThreadGroup g : kernel.pids().groups()) {
            boolean isTarget = pid == -1 ? g.pid() > 1 && g != sender.group()
                : g.processGroup() == (pid == 0 ? sender.group().processGroup() : -pid);
            if (isTarget) {
                int result = send(sender, g, info);
                found++;
                if (result != 0) {
                    failed++;
                    last = result;
                }
            }
        }
        if (found == 0) {
            return -Errno.ESRCH;
        }
        return pid == -1 ? 0 : failed == found ? last : 0;
    }

    private static int send(Task sender, ThreadGroup group, SigInfo info) {
        int result = permission(sender, group.leader(), info.signal);
        if (result == 0 && info.signal != 0) {
            toGroup(group, info);
        }
        return result;
    }

    /** Default limits of queued signals: EAGAIN for sigqueue beyond RLIMIT_SIGPENDING. */
    public static boolean isQueueFull(ThreadGroup group) {
        return Long.compareUnsigned(group.sharedPending().size(), group.limit(SchedAbi.RLIMIT_SIGPENDING)) >= 0;
    }
}
