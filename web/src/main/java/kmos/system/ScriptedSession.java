// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import kmos.base.Hash64;
import kmos.base.TimerQueue;
import kmos.machine.VirtualClock;

/**
 * A session without a host's influence: each line is typed when the guest is idle behind a prompt, and idle time is skipped.
 * The same image, configuration and lines lead to the same state and output on every host. Build the system with a serial
 * sink that also calls {@link #sent}.
 */
public final class ScriptedSession {
    /** Slices end at multiples of this guest time, wherever the host made them pause. */
    private static final long GRID_NS = 1_000_000;

    private final String prompt;
    private final String[] lines;
    private final StringBuilder tail = new StringBuilder();
    private int next;
    private long sliceEnd;

    /** prompt: how output ends when the guest wants a line. */
    public ScriptedSession(String prompt, String... lines) {
        this.prompt = prompt;
        this.lines = lines;
    }

    /** A byte that the guest sent on the serial line. */
    public void sent(int value) {
        tail.append((char) value);
        if (tail.length() > 4096) {
            tail.delete(0, tail.length() - prompt.length());
        }
    }

    /**
     * Runs one slice, or less when the host must answer first (see Machine.isWaitingForHost). False: the prompt behind the last
     * line is there, or the machine has ended. IllegalStateException: no prompt can come any more.
     */
    public boolean step(KmosSystem system) {
        VirtualClock clock = system.machine().clock();
        if (sliceEnd <= clock.nowNs()) {
            sliceEnd = (clock.nowNs() / GRID_NS + 1) * GRID_NS;
        }
        long due = system.runSlice(sliceEnd - clock.nowNs());
        if (!system.isRunning()) {
            return false;
        }
        if (system.machine().isWaitingForHost() || due <= clock.nowNs()) {
            return true;
        }
        if (isAtPrompt()) {
            if (next == lines.length) {
                return false;
            }
            type(system, lines[next++] + "\n");
            return true;
        }
        if (due == TimerQueue.NEVER) {
            throw new IllegalStateException("the guest waits for ever; it said: " + tail);
        }
        system.idleTo(due);
        return true;
    }

    private boolean isAtPrompt() {
        int from = tail.length() - prompt.length();
        return from >= 0 && tail.indexOf(prompt, from) == from;
    }

    private void type(KmosSystem system, String text) {
        tail.setLength(0);
        for (int i = 0; i < text.length(); i++) {
            system.typeSerial(text.charAt(i));
        }
    }

    /** Hash of the whole saved state, as 16 hex digits. */
    public static String stateHash(KmosSystem system) {
        String digits = Long.toHexString(Hash64.of(system.save()));
        return "0000000000000000".substring(digits.length()) + digits;
    }
}
