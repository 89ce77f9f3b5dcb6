// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import static kmos.kernel.abi.SchedAbi.*;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SigInfoLayout;
import kmos.kernel.mm.UserSpace;

/** wait4, waitpid, waitid (Linux kernel/exit.c, do_wait). */
public final class Wait {
    /** What was found: the child or traced task and what happened to it (CLD_*). */
    private record Event(Task task, int code, int status) {
        ThreadGroup child() {
            return task.group();
        }
    }

    private Wait() { }

    /** wait4(2): pid, -errno, 0 with WNOHANG, BLOCKED. */
    public static long wait4(Task task, int pid, long statusAddress, int options, long usageAddress) {
        if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WCLONE | WALL)) != 0) {
            return -Errno.EINVAL;
        }
        if (pid == Integer.MIN_VALUE) {
            return -Errno.ESRCH;
        }
        int type = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
        int id = pid == 0 ? task.group().processGroup() : Math.abs(pid);
        boolean[] hasAny = new boolean[1];
        Event e = find(task, type, id, options | WEXITED, hasAny);
        if (e == null) {
            return nothing(task, options, hasAny[0]);
        }
        UserSpace user = task.user();
        prepare(user, statusAddress, 4);
        prepare(user, usageAddress, task.is64Bit() ? 144 : 72);
        Usage usage = Usage.ofGroupWithChildren(e.child());
        int childPid = e.task.tid();
        consume(task, e, options);
        if (statusAddress != 0) {
            user.write32(statusAddress, waitStatus(e));
        }
        if (usageAddress != 0) {
            usage.write(user, usageAddress, task.is64Bit());
        }
        return childPid;
    }

    /** waitid(2): 0, -errno, BLOCKED. */
    public static long waitid(Task task, int type, int id, long infoAddress, int options, long usageAddress) {
        if ((options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | WNOTHREAD | WCLONE | WALL)) != 0
            || (options & (WEXITED | WSTOPPED | WCONTINUED)) == 0) {
            return -Errno.EINVAL;
        }
        int which = type == P_PGID && id == 0 ? task.group().processGroup() : id;
        if (type == P_PIDFD && id >= 0) {
            if (!(task.files().get(id) instanceof PidFile process)) {
                return -Errno.EBADF;
            }
            // A child that is reaped has left its parent's list: nobody else is found under its pid.
            int pid = process.isReaped() ? 0 : process.group().pid();
            return waitid(task, P_PID, pid, infoAddress, options, usageAddress, process.isNonBlocking());
        }
        if (type < P_ALL || type > P_PGID || type == P_PID && id <= 0 || type == P_PGID && id < 0) {
            return -Errno.EINVAL;
        }
        return waitid(task, type, which, infoAddress, options, usageAddress, false);
    }

    private static long waitid(Task task, int type, int which, long infoAddress, int options, long usageAddress, boolean isNonBlocking) {
        boolean[] hasAny = new boolean[1];
        Event e = find(task, type, which, options, hasAny);
        UserSpace user = task.user();
        if (e == null) {
            if (hasAny[0] && isNonBlocking && (options & WNOHANG) == 0) {
                return -Errno.EAGAIN;
            }
            long result = nothing(task, options, hasAny[0]);
            if (result == 0 && infoAddress != 0) {
                writeInfo(user, infoAddress, null, task.is64Bit());
            }
            return result;
        }
        prepare(user, infoAddress, SigInfoLayout.SIZE);
        prepare(user, usageAddress, task.is64Bit() ? 144 : 72);
        Usage usage = Usage.ofGroupWithChildren(e.child());
        SigInfo info = SigInfo.of(SignalAbi.SIGCHLD, e.code);
        info.pid = e.task.tid();
        info.uid = e.task.credentials().uid();
        info.status = e.status;
        consume(task, e, options);
        if (usageAddress != 0) {
            usage.write(user, usageAddress, task.is64Bit());
        }
        if (infoAddress != 0) {
            writeInfo(user, infoAddress, info, task.is64Bit());
        }
        return 0;
    }

    private static void writeInfo(UserSpace user, long at, SigInfo info, boolean is64Bit) {
        int u = is64Bit ? 16 : 12;
        user.write32(at, info == null ? 0 : info.signal);
        user.write32(at + 4, 0);
        user.write32(at + 8, info == null ? 0 : info.code);
        user.write32(at + u, info == null ? 0 : info.pid);
        user.write32(at + u + 4, info == null ? 0 : info.uid);
        user.write32(at + u + 8, info == null ? 0 : info.status);
    }

    private static long nothing(Task task, int options, boolean hasAny) {
        if (!hasAny) {
            return -Errno.ECHILD;
        }
        return (options & WNOHANG) != 0 ? 0 : task.blockOn(task.group().childEvents());
    }

    /** What cannot be brought in now unwinds before the child is consumed; a bad address shows at the write itself. */
    private static void prepare(UserSpace user, long address, int size) {
        if (address != 0) {
            try {
                user.prepareWrite(address, size);
            } catch (ErrnoException badAddress) {
                return;
            }
        }
    }

    private static Event find(Task task, int type, int id, int options, boolean[] hasAny) {
        for (ThreadGroup child : task.group().children()) {
            if (!isEligible(child, type, id, options)) {
                continue;
            }
            hasAny[0] = true;
            Event e = ofChild(task, child, options);
            if (e != null) {
                return e;
            }
        }
        for (Task traced : task.group().tracees()) {
            if (type == P_PID && traced.tid() != id || type == P_PGID && traced.group().processGroup() != id) {
                continue;
            }
            hasAny[0] = true;
            Event e = ofTracee(task, traced, options);
            if (e != null) {
                return e;
            }
        }
        return null;
    }

    private static Event ofChild(Task task, ThreadGroup child, int options) {
        Tracing tracing = child.leader().tracing();
        if (child.isTracedByOther()) {
            // Its tracer is told first.
            return null;
        }
        if (child.isEnded() && child.leader().taskState() == TaskState.ZOMBIE) {
            return (options & WEXITED) != 0 ? ended(child.leader(), child.waitStatus()) : null;
        }
        if (tracing != null) {
            return null;
        }
        if (child.unseenChange() == SignalAbi.CLD_STOPPED && (options & WSTOPPED) != 0) {
            return new Event(child.leader(), SignalAbi.CLD_STOPPED, child.stopSignal());
        }
        if (child.unseenChange() == SignalAbi.CLD_CONTINUED && (options & WCONTINUED) != 0) {
            return new Event(child.leader(), SignalAbi.CLD_CONTINUED, SignalAbi.SIGCONT);
        }
        return null;
    }

    private static Event ended(Task who, int status) {
        boolean isExit = (status & 0x7F) == 0;
        return new Event(who, isExit ? SignalAbi.CLD_EXITED : SignalAbi.CLD_KILLED, isExit ? status >>> 8 & 0xFF : status & 0x7F);
    }

    /** Stops of a traced task are told without WUNTRACED; the end of one that is no child, and of its threads, comes here too. */
    private static Event ofTracee(Task task, Task traced, int options) {
        int stop = traced.tracing().unseenStop(traced);
        if (stop != 0) {
            return new Event(traced, SignalAbi.CLD_TRAPPED, stop);
        }
        ThreadGroup group = traced.group();
        if (traced.taskState() != TaskState.ZOMBIE || (options & WEXITED) == 0) {
            return null;
        }
        if (traced != group.leader()) {
            return ended(traced, traced.exitCode());
        }
        return group.isEnded() && group.parent() != task.group() ? ended(traced, group.waitStatus()) : null;
    }

    private static boolean isEligible(ThreadGroup child, int type, int id, int options) {
        if (type == P_PID && child.pid() != id || type == P_PGID && child.processGroup() != id) {
            return false;
        }
        boolean isClone = child.leader().exitSignal() != SignalAbi.SIGCHLD;
        return (options & WALL) != 0 || isClone == ((options & WCLONE) != 0);
    }

    private static void consume(Task task, Event e, int options) {
        if ((options & WNOWAIT) != 0) {
            return;
        }
        if (e.code == SignalAbi.CLD_TRAPPED) {
            e.task.tracing().seen();
        } else if (e.code == SignalAbi.CLD_STOPPED || e.code == SignalAbi.CLD_CONTINUED) {
            e.child().changeSeen();
        } else if (e.task != e.child().leader() || e.child().isTracedByOther()) {
            Exit.reapTraced(e.task);
        } else {
            task.group().addChildUsage(e.child());
            Exit.reap(e.child());
        }
    }

    private static int waitStatus(Event e) {
        switch (e.code) {
            case SignalAbi.CLD_EXITED:
                return e.status << 8;
            case SignalAbi.CLD_STOPPED, SignalAbi.CLD_TRAPPED:
                return e.status << 8 | 0x7F;
            case SignalAbi.CLD_CONTINUED:
                return 0xFFFF;
            default:
                return e.status;
        }
    }
}
