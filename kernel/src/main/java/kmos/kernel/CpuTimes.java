// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** Where the processor's time went since boot, in ns: the cpu line of /proc/stat. */
public final class CpuTimes implements Stateful {
    private long userNs, niceNs, systemNs, idleNs, ioWaitNs, interruptNs;

    /** A program ran. */
    public void user(long ns, boolean isNice) {
        if (isNice) {
            niceNs += ns;
        } else {
            userNs += ns;
        }
    }

    public void system(long ns) {
        systemNs += ns;
    }

    void interrupt(long ns) {
        interruptNs += ns;
    }

    /** isWaitingForDisk: some task could run if its block were there. */
    void idle(long ns, boolean isWaitingForDisk) {
        if (isWaitingForDisk) {
            ioWaitNs += ns;
        } else {
            idleNs += ns;
        }
    }

    public long userNs() {
        return userNs;
    }

    public long niceNs() {
        return niceNs;
    }

    public long systemNs() {
        return systemNs;
    }

    public long idleNs() {
        return idleNs;
    }

    public long ioWaitNs() {
        return ioWaitNs;
    }

    public long interruptNs() {
        return interruptNs;
    }

    @Override
    public void state(StateFields s) {
        userNs = s.i64("userNs", userNs);
        niceNs = s.i64("niceNs", niceNs);
        systemNs = s.i64("systemNs", systemNs);
        idleNs = s.i64("idleNs", idleNs);
        ioWaitNs = s.i64("ioWaitNs", ioWaitNs);
        interruptNs = s.i64("interruptNs", interruptNs);
    }
}
