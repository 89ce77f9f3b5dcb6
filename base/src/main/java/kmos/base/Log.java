// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/**
 * Diagnostics by category, for developers ({@code ./kmos headless --log ide,tty}). The guest's kernel log (dmesg) is
 * something else. Not part of the state: switching it on changes nothing.
 */
public final class Log {
    /** Where lines go. */
    public interface Sink {
        void line(String text);
    }

    public static final int CPU = 0, MMU = 1, IDE = 2, TTY = 3, FS = 4, SYSCALL = 5, SIGNAL = 6, SCHED = 7, EXEC = 8, HOST = 9, DEVICE = 10;
    private static final String[] NAMES = {"cpu", "mmu", "ide", "tty", "fs", "syscall", "signal", "sched", "exec", "host", "device"};

    private final Sink sink;
    private int enabled;

    public Log(Sink sink) {
        this.sink = sink;
    }

    /** Switches categories on by a comma-separated list of names. Returns the first unknown name, or null. */
    public String enable(String categories) {
        for (String name : categories.split(",")) {
            int found = -1;
            for (int i = 0; i < NAMES.length; i++) {
                if (NAMES[i].equals(name)) {
                    found = i;
                }
            }
            if (found < 0) {
                return name;
            }
            enabled |= 1 << found;
        }
        return null;
    }

    public boolean on(int category) {
        return (enabled & 1 << category) != 0;
    }

    public void debug(int category, String text) {
        sink.line(NAMES[category] + ": " + text);
    }
}
