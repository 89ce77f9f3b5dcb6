// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;

/** The ring of printk lines that dmesg shows, each as {@code <6>[    0.000000] text}. */
public final class KernelLog implements Stateful {
    /** Gets each line as it is logged (the console), without the level. Not part of the state. */
    public interface Sink {
        void line(String text);
    }

    /** Size of the ring in characters. */
    public static final int MAX_CHARS = 1 << 17;

    private final List<String> lines = new ArrayList<>();
    private int chars;
    /** Number of the first line kept, counted from boot. */
    private long firstSequence;
    /** Where SYSLOG_ACTION_READ goes on, and where CLEAR hid lines. */
    private long readSequence;
    private long clearSequence;
    private Sink sink;
    private int consoleLevel = 7;
    private final WaitQueue added = new WaitQueue();

    public void setSink(Sink sink) {
        this.sink = sink;
    }

    void add(int level, long nowNs, String text) {
        String line = stamp(nowNs) + text;
        lines.add("<" + level + ">" + line + "\n");
        chars += line.length() + 4;
        while (chars > MAX_CHARS && lines.size() > 1) {
            chars -= lines.remove(0).length();
            firstSequence++;
        }
        added.wakeAll();
        if (sink != null && level < consoleLevel) {
            sink.line(line);
        }
    }

    private static String stamp(long nowNs) {
        String seconds = String.valueOf(nowNs / 1_000_000_000L);
        String micros = String.valueOf(1_000_000 + nowNs / 1000 % 1_000_000).substring(1);
        return "[" + " ".repeat(Math.max(0, 5 - seconds.length())) + seconds + "." + micros + "] ";
    }

    /** Woken when a line is added. */
    public WaitQueue waitQueue() {
        return added;
    }

    public long firstSequence() {
        return firstSequence;
    }

    /** Sequence number that the next line will get. */
    public long endSequence() {
        return firstSequence + lines.size();
    }

    /** A line with its level and newline. */
    public String line(long sequence) {
        return lines.get((int) (sequence - firstSequence));
    }

    void setConsoleLevel(int level) {
        consoleLevel = level;
    }

    public long clearSequence() {
        return Math.max(clearSequence, firstSequence);
    }

    public void clear() {
        clearSequence = endSequence();
    }

    public long readSequence() {
        return Math.max(readSequence, firstSequence);
    }

    public void setReadSequence(long sequence) {
        readSequence = sequence;
    }

    @Override
    public void state(StateFields s) {
        StringBuilder all = new StringBuilder();
        for (String line : lines) {
            all.append(line);
        }
        s.struct("added", added);
        String text = s.text("text", all.toString());
        consoleLevel = s.i32("consoleLevel", consoleLevel);
        firstSequence = s.i64("firstSequence", firstSequence);
        readSequence = s.i64("readSequence", readSequence);
        clearSequence = s.i64("clearSequence", clearSequence);
        if (s.isLoading()) {
            lines.clear();
            chars = 0;
            for (int at = 0; at < text.length();) {
                int end = text.indexOf('\n', at) + 1;
                lines.add(text.substring(at, end));
                chars += end - at;
                at = end;
            }
        }
    }
}
