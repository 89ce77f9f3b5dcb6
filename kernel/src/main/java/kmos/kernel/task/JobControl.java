// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.List;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/** Process groups and sessions: orphaned groups (POSIX.1-2017 §3.264) and the end of a session's leader. */
public final class JobControl {
    private JobControl() { }

    /** Whether no member has a parent in the same session but another group: nobody could continue it. */
    public static boolean isOrphaned(Kernel kernel, int processGroup) {
        return isOrphanedWithout(kernel, processGroup, null);
    }

    private static boolean isOrphanedWithout(Kernel kernel, int processGroup, ThreadGroup ignored) {
        for (ThreadGroup g : kernel.pids().members(processGroup)) {
            ThreadGroup parent = g.parent();
            if (g == ignored || g.isEnded() || parent == null || parent.pid() == 1) {
                continue;
            }
            if (parent.processGroup() != processGroup && parent.session() == g.session()) {
                return false;
            }
        }
        return true;
    }

    /** The child's parent ends: if that orphans the child's group and somebody in it is stopped, SIGHUP and SIGCONT. */
    static void parentGoes(ThreadGroup child, ThreadGroup parent) {
        if (child.processGroup() == parent.processGroup() || child.session() != parent.session()) {
            return;
        }
        if (isOrphanedWithout(child.kernel(), child.processGroup(), child)) {
            wakeStopped(child.kernel(), child.processGroup());
        }
    }

    /** The process itself ends: its own group may become orphaned by that. */
    static void groupLosesMember(Kernel kernel, ThreadGroup group) {
        ThreadGroup parent = group.parent();
        if (parent == null || parent.processGroup() == group.processGroup() || parent.session() != group.session()) {
            return;
        }
        if (isOrphanedWithout(kernel, group.processGroup(), group)) {
            wakeStopped(kernel, group.processGroup());
        }
    }

    private static void wakeStopped(Kernel kernel, int processGroup) {
        List<ThreadGroup> members = kernel.pids().members(processGroup);
        boolean isAnyStopped = false;
        for (ThreadGroup g : members) {
            isAnyStopped |= g.isStopping() && !g.isEnded();
        }
        if (isAnyStopped) {
            SignalSending.toProcessGroup(kernel, processGroup, SigInfo.kernel(SignalAbi.SIGHUP));
            SignalSending.toProcessGroup(kernel, processGroup, SigInfo.kernel(SignalAbi.SIGCONT));
        }
    }

    /** A session leader ends: the terminal hangs up and belongs to nobody. */
    static void sessionLeaderGone(ThreadGroup group) {
        if (group.isSessionLeader() && group.terminal() != null) {
            group.kernel().sessionEnded(group);
            for (ThreadGroup g : group.kernel().pids().groups()) {
                if (g.session() == group.session()) {
                    g.setTerminal(null);
                }
            }
        }
    }
}
