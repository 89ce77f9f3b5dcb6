// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/** When no frame is left: the process with most resident memory is killed (Linux mm/oom_kill.c, without adjustments). */
public final class OutOfMemory {
    private OutOfMemory() { }

    /** Picks and kills a victim, unless one is on its way out already. Panics when only the first process is left. */
    public static void kill(Kernel kernel) {
        ThreadGroup victim = null;
        long most = -1;
        for (ThreadGroup g : kernel.pids().groups()) {
            Task t = g.threads().isEmpty() ? null : g.threads().get(g.threads().size() - 1);
            if (t == null || t.space() == null) {
                continue;
            }
            if (g.isExiting() || (g.sharedPending().set() & SignalAbi.bit(SignalAbi.SIGKILL)) != 0) {
                wakeForExit(g);
                return;
            }
            if (g.pid() != 1 && t.space().residentPages() > most) {
                most = t.space().residentPages();
                victim = g;
            }
        }
        if (victim == null) {
            kernel.panic("System is deadlocked on memory");
            return;
        }
        kernel.printk(3, "Out of memory: Killed process " + victim.pid() + " (" + victim.leader().name() + ") anon-rss:" + most * 4 + "kB");
        SignalSending.toGroup(victim, SigInfo.kernel(SignalAbi.SIGKILL));
        wakeForExit(victim);
    }

    /** A victim that itself waits for memory would wait for ever. */
    private static void wakeForExit(ThreadGroup g) {
        for (Task t : g.threads()) {
            t.wake();
        }
    }
}
