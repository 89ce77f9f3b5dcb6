// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.task.Task;

/** Events of the memory system since boot (/proc/vmstat); what a program caused is also counted with its task. */
public final class PageEvents implements Stateful {
    private static final int PAGE = 4096;

    private Kernel kernel;
    private long faults, majorFaults, dirtied, written, reclaimed, oomKills;

    void setOwner(Kernel owner) {
        kernel = owner;
    }

    /** A page fault was served; majors had to wait for a disk. */
    public void fault(boolean isMajor) {
        faults++;
        majorFaults += isMajor ? 1 : 0;
    }

    /** A page of a file on a disk became dirty. */
    public void pageDirtied() {
        dirtied++;
        Task t = kernel.current();
        if (t != null) {
            t.io().dirtied(PAGE);
        }
    }

    /** A dirty page was cut off before it was written. */
    public void pageCancelled() {
        Task t = kernel.current();
        if (t != null) {
            t.io().cancelled(PAGE);
        }
    }

    public void pageWritten() {
        written++;
    }

    public void pagesReclaimed(int count) {
        reclaimed += count;
    }

    public void processKilled() {
        oomKills++;
    }

    public long faults() {
        return faults;
    }

    public long majorFaults() {
        return majorFaults;
    }

    public long dirtied() {
        return dirtied;
    }

    public long written() {
        return written;
    }

    public long reclaimed() {
        return reclaimed;
    }

    public long oomKills() {
        return oomKills;
    }

    @Override
    public void state(StateFields s) {
        faults = s.i64("faults", faults);
        majorFaults = s.i64("majorFaults", majorFaults);
        dirtied = s.i64("dirtied", dirtied);
        written = s.i64("written", written);
        reclaimed = s.i64("reclaimed", reclaimed);
        oomKills = s.i64("oomKills", oomKills);
    }
}
