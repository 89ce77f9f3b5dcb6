// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import java.util.Arrays;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.base.WaitQueue;
import kmos.kernel.task.Task;

/**
 * Makes life hard for tests, by {@link KernelConfig}: every page fault finds its page missing once, every wait ends once
 * too early, every call finds the caches empty. No program may see a difference.
 */
public final class Chaos implements TimerTarget {
    private static final int CODE_PAGE = 0;
    private static final long PAGE_DELAY_NS = 1000;
    /** Early wake-ups come after 1 us to 8 ms. */
    private static final int DELAY_BITS = 14;

    private final Kernel kernel;
    private final WaitQueue page = new WaitQueue();
    private final KernelRandom random;
    private TimerQueue.Timer pageTimer;
    /** Pages that were missed and have not been touched since: process and page number. */
    private long[] missed = new long[0];
    private boolean areNamesForgotten;

    Chaos(Kernel kernel, long seed) {
        this.kernel = kernel;
        random = new KernelRandom(~seed);
    }

    /** A task is about to get this page: NotReady at the first of two times. */
    public void touch(long address) {
        Task task = kernel.current();
        if (!kernel.config().missEveryPageOnce || task == null || task.isEnded()) {
            return;
        }
        long key = (long) task.tid() << 40 | address >>> 12;
        for (int i = 0; i < missed.length; i++) {
            if (missed[i] == key) {
                if (!task.isInSyscall()) {
                    remove(i);
                }
                return;
            }
        }
        missed = Arrays.copyOf(missed, missed.length + 1);
        missed[missed.length - 1] = key;
        if (pageTimer == null) {
            pageTimer = kernel.timers().arm(kernel.nowNs() + PAGE_DELAY_NS, this, CODE_PAGE);
        }
        throw new NotReady(page);
    }

    /** The call is over: its pages may be missing again. (Within one call not: execve makes its new pages anew each time.) */
    public void callEnded(Task task) {
        if (kernel.config().forgetsCaches) {
            kernel.pageCache().reclaim(Integer.MAX_VALUE);
            kernel.vfs().blockDevices().forgetClean();
            areNamesForgotten = true;
        }
        for (int i = missed.length - 1; i >= 0; i--) {
            if (missed[i] >>> 40 == task.tid()) {
                remove(i);
            }
        }
    }

    private void remove(int i) {
        missed[i] = missed[missed.length - 1];
        missed = Arrays.copyOf(missed, missed.length - 1);
    }

    /** Between tasks: names go when no body can hold them. */
    void betweenTasks() {
        if (areNamesForgotten) {
            areNamesForgotten = false;
            kernel.vfs().dentries().forgetUnused();
        }
    }

    /** A task starts to wait. */
    public void parked(Task task) {
        if (kernel.config().spuriousWakeUps && task.tid() > 0) {
            long delay = 1000L << (int) (random.next64() >>> 1) % DELAY_BITS;
            kernel.timers().arm(kernel.nowNs() + delay, this, task.tid());
        }
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        if (code == CODE_PAGE) {
            pageTimer = null;
            page.wakeAll();
            return;
        }
        Task task = kernel.pids().task(code);
        if (task != null) {
            task.wake();
        }
    }

    @Override
    public void state(StateFields s) {
        s.struct("page", page);
        s.struct("random", random);
        pageTimer = s.ref("pageTimer", pageTimer, TimerQueue.Timer.class);
        missed = s.longs("missed", missed);
        areNamesForgotten = s.bool("areNamesForgotten", areNamesForgotten);
    }
}
