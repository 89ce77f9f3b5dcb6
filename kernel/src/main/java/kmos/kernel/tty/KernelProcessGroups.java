// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.task.JobControl;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;

/** {@link ProcessGroups} over the kernel's table of processes. */
public final class KernelProcessGroups implements ProcessGroups {
    private final Kernel kernel;

    public KernelProcessGroups(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public void signalGroup(int processGroup, int signal) {
        SignalSending.toProcessGroup(kernel, processGroup, SigInfo.kernel(signal));
    }

    @Override
    public void signalSessionLeader(int session, int signal) {
        ThreadGroup leader = kernel.pids().group(session);
        if (leader != null) {
            SignalSending.toGroup(leader, SigInfo.kernel(signal));
        }
    }

    @Override
    public boolean isOrphaned(int processGroup) {
        return JobControl.isOrphaned(kernel, processGroup);
    }

    @Override
    public boolean isInSession(int processGroup, int session) {
        for (ThreadGroup g : kernel.pids().members(processGroup)) {
            if (g.session() == session) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean exists(int processGroup) {
        return !kernel.pids().members(processGroup).isEmpty();
    }

    @Override
    public boolean isIgnoredOrBlocked(Task task, int signal) {
        return (task.signalMask() & SignalAbi.bit(signal)) != 0 || task.group().actions().handler(signal) == SignalAbi.SIG_IGN;
    }

    @Override
    public void detachSession(int session) {
        for (ThreadGroup g : kernel.pids().groups()) {
            if (g.session() == session) {
                g.setTerminal(null);
            }
        }
    }
}
