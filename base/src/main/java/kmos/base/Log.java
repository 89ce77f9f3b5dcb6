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

    public static final int EXEC = 0, FS = 1, IDE = 2, IRQ = 3, MM = 4, SCHED = 5, SIGNAL = 6, SYSCALL = 7, TTY = 8;
    private static final String[] NAMES = {"exec", "fs", "ide", "irq", "mm", "sched", "signal", "syscall", "tty"};
    private static final String[] MEANINGS = {"programs that start and tasks that end", "mounts, write-back", "commands to the disk and their ends",
        "interrupts", "page faults, reclaim, out of memory", "context switches", "signals sent and delivered", "entries by number, waits, results",
        "input, settings, foreground groups"};

    /** The categories with what they show, one a line: for a tool's help. */
    public static String help() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < NAMES.length; i++) {
            text.append(NAMES[i]).append(": ").append(MEANINGS[i]).append('\n');
        }
        return text.toString();
    }

    private final Sink sink;
    private int enabled;

    public Log(Sink sink) {
        this.sink = sink;
    }

    /** Switches categories on by a comma-separated list of names; "all" is every one. Returns the first unknown name, or null. */
    public String enable(String categories) {
        for (String name : categories.split(",")) {
            if (name.equals("all")) {
                enabled = (1 << NAMES.length) - 1;
                continue;
            }
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
