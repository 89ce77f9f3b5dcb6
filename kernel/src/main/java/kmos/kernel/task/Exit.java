// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.base.NotReady;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/** The end of tasks and processes (Linux kernel/exit.c). */
public final class Exit {
    private static final int COMMAND_PID = 2;

    private Exit() { }

    /** The task ends with a status in wait(2) form: its resources go, its parent is told. NotReady before any effect. */
    public static void exit(Task task, int code) {
        Kernel kernel = task.kernel();
        ThreadGroup group = task.group();
        if (isLastThread(task) && group.pid() == 1) {
            kernel.panic("Attempted to kill init! exitcode=0x" + hex8(group.isExiting() ? group.groupExitCode() : code));
            return;
        }
        if (kernel.trace().on(Log.EXEC)) {
            kernel.trace().debug(Log.EXEC, task.name() + "[" + task.tid() + "] ends with status 0x" + Integer.toHexString(group.isExiting() ? group.groupExitCode() : code));
        }
        releaseUserState(task);
        if (isLastThread(task)) {
            lastThreadGone(task);
        }
        task.setExitCode(group.isExiting() ? group.groupExitCode() : code);
        group.noteMaxPages(task.space().maxResidentPages());
        AddressSpace space = task.space();
        kernel.loop().forget(task);
        task.setSpace(null);
        space.release();
        task.files().release();
        task.setFiles(null);
        task.fs().release();
        task.setFs(null);
        task.finishVfork();
        task.pending().clear();
        task.frame().clear();
        boolean isLeader = task == group.leader();
        // A thread that is traced stays as a zombie for its tracer's wait.
        boolean isTracedThread = !isLeader && task.tracing() != null;
        task.end(isLeader || isTracedThread ? TaskState.ZOMBIE : TaskState.DEAD);
        kernel.frames().release(task.contextFrame());
        task.setContextFrame(-1);
        if (isTracedThread) {
            tellTracer(task);
        } else if (!isLeader) {
            group.threadEnded(task);
            kernel.pids().remove(task);
        }
        group.threadEvents().wakeAll();
        if (group.isEnded()) {
            groupEnded(group);
        }
    }

    private static void tellTracer(Task task) {
        int status = task.exitCode();
        boolean isExit = (status & 0x7F) == 0;
        SigInfo info = SigInfo.of(SignalAbi.SIGCHLD, isExit ? SignalAbi.CLD_EXITED : SignalAbi.CLD_KILLED);
        info.pid = task.tid();
        info.uid = task.credentials().uid();
        info.status = isExit ? status >>> 8 & 0xFF : status & 0x7F;
        ThreadGroup tracer = task.tracing().tracer();
        SignalSending.toGroup(tracer, info);
        tracer.childEvents().wakeAll();
    }

    /** The tracer has waited for a zombie of its: a thread is gone, a process is its parent's business again. */
    static void reapTraced(Task task) {
        Tracing.forget(task);
        tracerLeaves(task);
    }

    /** A zombie is not traced any more. */
    static void tracerLeaves(Task task) {
        ThreadGroup group = task.group();
        if (task != group.leader()) {
            task.end(TaskState.DEAD);
            group.threadEnded(task);
            task.kernel().pids().remove(task);
            group.threadEvents().wakeAll();
            if (group.isEnded()) {
                groupEnded(group);
            }
        } else if (group.isEnded()) {
            tellParent(group);
        }
    }

    private static boolean isLastThread(Task task) {
        for (Task t : task.group().threads()) {
            if (t != task && !t.isEnded()) {
                return false;
            }
        }
        return true;
    }

    /** Robust futexes and the CLEARTID word: what others may wait for in this task's memory. */
    private static void releaseUserState(Task task) {
        try {
            RobustList.release(task);
        } catch (NotReady page) {
            throw page;
        } catch (ErrnoException badList) {
            task.setRobustList(0, 0);
        }
        if (task.clearChildTid() != 0 && task.space().users() > 1) {
            try {
                task.user().write32(task.clearChildTid(), 0);
                Futex.wakeAt(task, task.clearChildTid(), 1);
            } catch (ErrnoException badAddress) {
                task.setClearChildTid(0);
            }
        }
        task.setClearChildTid(0);
    }

    /** The process is over although its leader may still have to be waited for: terminal, children, timers. */
    private static void lastThreadGone(Task task) {
        ThreadGroup group = task.group();
        group.timers().clear();
        JobControl.sessionLeaderGone(group);
        Tracing.tracerGone(group);
        reparentChildren(group);
    }

    private static void reparentChildren(ThreadGroup group) {
        Kernel kernel = group.kernel();
        ThreadGroup reaper = reaperOf(group);
        for (ThreadGroup child : new ArrayList<>(group.children())) {
            int deathSignal = child.leader().parentDeathSignal();
            JobControl.parentGoes(child, group);
            group.children().remove(child);
            child.setParent(reaper);
            reaper.children().add(child);
            child.leader().setExitSignal(SignalAbi.SIGCHLD);
            if (deathSignal != 0 && !child.isEnded()) {
                SignalSending.toGroup(child, SigInfo.kernel(deathSignal));
            }
            if (child.isEnded() && !child.isTracedByOther()) {
                tellParent(child);
            }
        }
        JobControl.groupLosesMember(kernel, group);
    }

    private static ThreadGroup reaperOf(ThreadGroup group) {
        for (ThreadGroup g = group.parent(); g != null; g = g.parent()) {
            if (g.isChildSubreaper() && !g.isEnded() && !g.isExiting()) {
                return g;
            }
        }
        return group.kernel().pids().group(1);
    }

    private static void groupEnded(ThreadGroup group) {
        if (group.kernel().config().isCommand && group.pid() == COMMAND_PID) {
            group.kernel().commandEnded(group.waitStatus());
        }
        group.kernel().commands().ended(group);
        if (group.isTracedByOther()) {
            tellTracer(group.leader());
        } else {
            tellParent(group);
        }
    }

    /** SIGCHLD, or the child disappears at once when the parent does not want to wait for it. */
    private static void tellParent(ThreadGroup group) {
        ThreadGroup parent = group.parent();
        int status = group.waitStatus();
        int code = (status & 0x7F) == 0 ? SignalAbi.CLD_EXITED : SignalAbi.CLD_KILLED;
        int signal = group.leader().exitSignal();
        boolean isUnwanted = signal == SignalAbi.SIGCHLD && (parent.actions().handler(SignalAbi.SIGCHLD) == SignalAbi.SIG_IGN
            || parent.actions().has(SignalAbi.SIGCHLD, SignalAbi.SA_NOCLDWAIT));
        boolean isSilent = signal == SignalAbi.SIGCHLD && parent.actions().handler(SignalAbi.SIGCHLD) == SignalAbi.SIG_IGN;
        if (isUnwanted) {
            reap(group);
        }
        SignalSending.notifyParent(group, code, code == SignalAbi.CLD_EXITED ? status >>> 8 & 0xFF : status & 0x7F, isSilent ? 0 : signal, parent);
    }

    /** A zombie goes for good: its pid is free again. */
    static void reap(ThreadGroup group) {
        Task leader = group.leader();
        ThreadGroup parent = group.parent();
        Tracing.forget(leader);
        leader.end(TaskState.DEAD);
        group.kernel().pids().remove(leader);
        if (parent != null) {
            parent.children().remove(group);
        }
        group.setParent(null);
    }

    private static String hex8(int value) {
        String digits = Integer.toHexString(value);
        return "0".repeat(8 - digits.length()) + digits;
    }
}
