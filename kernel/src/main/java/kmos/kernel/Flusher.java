// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.ErrnoException;
import kmos.base.Errno;
import kmos.base.Log;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.kernel.mm.PageCache;
import kmos.kernel.vfs.Vfs;

/**
 * Writes back in the background: 5 s after something became dirty everything is written and the disks are flushed. What a
 * disk refused stays dirty, is told in the log, and is tried again 5 s later.
 */
public final class Flusher implements TimerTarget {
    private static final long INTERVAL_NS = 5_000_000_000L, RETRY_NS = 10_000_000L;

    private final Kernel kernel;
    private TimerQueue.Timer timer;
    private boolean hasFailed;

    Flusher(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Called where a program may have changed something; arms the timer when there is something to write. */
    void check() {
        if ((timer == null || !timer.isArmed()) && isDirty()) {
            arm(INTERVAL_NS);
        }
    }

    private boolean isDirty() {
        return kernel.pageCache().hasDirtyPages() || kernel.vfs().blockDevices().isDirty();
    }

    private void arm(long ns) {
        timer = kernel.timers().arm(kernel.nowNs() + ns, this, 0);
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        PageCache pages = kernel.pageCache();
        Vfs vfs = kernel.vfs();
        try {
            if (pages.keepFailedWrites() > 0) {
                failed("lost async page write");
                return;
            }
            if (pages.hasFailedWrites()) {
                report("lost async page write");
            }
            if (kernel.trace().on(Log.FS)) {
                kernel.trace().debug(Log.FS, "write-back of " + pages.dirtyPages() + " pages, " + vfs.blockDevices().dirtyBuffers() + " metadata blocks");
            }
            pages.startWritebackAll();
            if (pages.isWritingBack()) {
                arm(RETRY_NS);
                return;
            }
            vfs.syncFileSystems();
            hasFailed = pages.hasFailedWrites();
            check();
        } catch (NotReady wait) {
            arm(RETRY_NS);
        } catch (ErrnoException refused) {
            failed(Errno.message(refused.errno()));
        }
    }

    private void failed(String what) {
        report(what);
        arm(INTERVAL_NS);
    }

    private void report(String what) {
        if (!hasFailed) {
            kernel.printk(3, "Buffer I/O error: write-back failed (" + what + "); what is unwritten is kept and tried again every 5 s");
        }
        hasFailed = true;
    }

    @Override
    public void state(StateFields s) {
        timer = s.ref("timer", timer, TimerQueue.Timer.class);
        hasFailed = s.bool("hasFailed", hasFailed);
    }
}
