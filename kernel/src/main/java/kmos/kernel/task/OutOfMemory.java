// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.Log;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/**
 * When no frame is left: the process with most badness is killed (Linux mm/oom_kill.c), of equals the newest. So a fork
 * bomb loses its children before the shells that were there before it.
 */
public final class OutOfMemory {
    /** Badness of what is never killed. */
    public static final long NEVER = Long.MIN_VALUE;
    private static final int ADJUSTMENT_NEVER = -1000;

    private OutOfMemory() { }

    /** Resident pages and page tables, plus so many thousandths of memory as oom_score_adj says; or NEVER. */
    public static long badness(ThreadGroup g, long totalPages) {
        AddressSpace space = space(g);
        if (space == null || g.pid() == 1 || g.oomAdjustment() == ADJUSTMENT_NEVER) {
            return NEVER;
        }
        return space.residentPages() + space.pageTable().tableFrames() + g.oomAdjustment() * (totalPages / 1000);
    }

    private static AddressSpace space(ThreadGroup g) {
        for (Task t : g.threads()) {
            if (t.space() != null) {
                return t.space();
            }
        }
        return null;
    }

    /** Picks and kills a victim, unless one is on its way out already. Panics when nobody may be killed. */
    public static void kill(Kernel kernel) {
        ThreadGroup victim = null;
        long most = NEVER;
        long total = kernel.frames().totalFrames();
        for (ThreadGroup g : kernel.pids().groups()) {
            if (space(g) == null) {
                continue;
            }
            if (g.isExiting() || (g.sharedPending().set() & SignalAbi.bit(SignalAbi.SIGKILL)) != 0) {
                wakeForExit(g);
                return;
            }
            long badness = badness(g, total);
            if (badness != NEVER && badness >= most) {
                most = badness;
                victim = g;
            }
        }
        if (victim == null) {
            kernel.panic("System is deadlocked on memory");
            return;
        }
        report(kernel, victim);
        if (kernel.trace().on(Log.MM)) {
            kernel.trace().debug(Log.MM, "out of memory: badness of " + victim.pid() + " is " + most + " of " + total);
        }
        kernel.pageEvents().processKilled();
        AddressSpace shared = space(victim);
        for (ThreadGroup g : kernel.pids().groups()) {
            // Who shares the memory keeps it from being freed.
            if (space(g) == shared && g.pid() != 1) {
                SignalSending.toGroup(g, SigInfo.kernel(SignalAbi.SIGKILL));
                wakeForExit(g);
            }
        }
    }

    private static void report(Kernel kernel, ThreadGroup victim) {
        AddressSpace space = space(victim);
        long[] files = space.residentFilePages();
        kernel.printk(3, "Out of memory: Killed process " + victim.pid() + " (" + victim.leader().name() + ") total-vm:" + space.totalPages() * 4
            + "kB, anon-rss:" + (space.residentPages() - files[0] - files[1]) * 4 + "kB, file-rss:" + files[0] * 4 + "kB, shmem-rss:"
            + files[1] * 4 + "kB, UID:" + victim.leader().credentials().uid() + " pgtables:" + space.pageTable().tableFrames() * 4
            + "kB oom_score_adj:" + victim.oomAdjustment());
    }

    /** A victim that itself waits for memory would wait for ever. */
    private static void wakeForExit(ThreadGroup g) {
        for (Task t : g.threads()) {
            t.wake();
        }
    }
}
