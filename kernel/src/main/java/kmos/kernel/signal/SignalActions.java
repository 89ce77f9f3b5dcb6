// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.abi.SignalAbi;

/** What a process does on each signal (Linux sighand_struct); shared by tasks cloned with CLONE_SIGHAND. */
public final class SignalActions implements Stateful {
    private long[] handlers = new long[SignalAbi.NSIG + 1];
    private long[] masks = new long[SignalAbi.NSIG + 1];
    private long[] restorers = new long[SignalAbi.NSIG + 1];
    private int[] flags = new int[SignalAbi.NSIG + 1];
    private int users = 1;

    public long handler(int signal) {
        return handlers[signal];
    }

    public long mask(int signal) {
        return masks[signal];
    }

    public long restorer(int signal) {
        return restorers[signal];
    }

    public int flags(int signal) {
        return flags[signal];
    }

    public boolean has(int signal, int flag) {
        return (flags[signal] & flag) != 0;
    }

    public void set(int signal, long handler, int flag, long restorer, long mask) {
        handlers[signal] = handler;
        flags[signal] = flag;
        restorers[signal] = restorer;
        masks[signal] = mask & ~(SignalAbi.bit(SignalAbi.SIGKILL) | SignalAbi.bit(SignalAbi.SIGSTOP));
    }

    void setDefault(int signal) {
        handlers[signal] = SignalAbi.SIG_DFL;
    }

    /** Whether the signal has no effect now: ignored, or by default. */
    public boolean isIgnored(int signal) {
        return handlers[signal] == SignalAbi.SIG_IGN || handlers[signal] == SignalAbi.SIG_DFL && isIgnoredByDefault(signal);
    }

    static boolean isIgnoredByDefault(int signal) {
        return signal == SignalAbi.SIGCHLD || signal == SignalAbi.SIGURG || signal == SignalAbi.SIGWINCH || signal == SignalAbi.SIGCONT;
    }

    static boolean isStop(int signal) {
        return signal >= SignalAbi.SIGSTOP && signal <= SignalAbi.SIGTTOU;
    }

    /** fork: an own copy. */
    public SignalActions copy() {
        SignalActions c = new SignalActions();
        c.handlers = handlers.clone();
        c.masks = masks.clone();
        c.restorers = restorers.clone();
        c.flags = flags.clone();
        return c;
    }

    public SignalActions retain() {
        users++;
        return this;
    }

    public void release() {
        users--;
    }

    public boolean isShared() {
        return users > 1;
    }

    /** exec, CLONE_CLEAR_SIGHAND: handlers become the default, ignored signals stay ignored. */
    public void resetHandlers() {
        for (int i = 1; i <= SignalAbi.NSIG; i++) {
            if (handlers[i] != SignalAbi.SIG_IGN) {
                handlers[i] = SignalAbi.SIG_DFL;
            }
            flags[i] = 0;
            masks[i] = 0;
            restorers[i] = 0;
        }
    }

    /** Ignored and caught signals as sets, for /proc/PID/status. */
    public long ignoredSet() {
        return collect(true);
    }

    public long caughtSet() {
        return collect(false);
    }

    private long collect(boolean wantIgnored) {
        long set = 0;
        for (int i = 1; i <= SignalAbi.NSIG; i++) {
            if (wantIgnored ? handlers[i] == SignalAbi.SIG_IGN : handlers[i] != SignalAbi.SIG_IGN && handlers[i] != SignalAbi.SIG_DFL) {
                set |= SignalAbi.bit(i);
            }
        }
        return set;
    }

    @Override
    public void state(StateFields s) {
        handlers = s.longs("handlers", handlers);
        masks = s.longs("masks", masks);
        restorers = s.longs("restorers", restorers);
        flags = s.ints("flags", flags);
        users = s.i32("users", users);
    }
}
