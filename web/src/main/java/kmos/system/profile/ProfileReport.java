// SPDX-License-Identifier: Apache-2.0
package kmos.system.profile;

import java.util.List;

/** A profile as text, in the manner of perf report --stdio. */
public final class ProfileReport {
    /** Functions with a smaller share of the process are summed up. */
    private static final double SMALLEST = 0.001;

    private ProfileReport() { }

    public static String text(Profiler profiler) {
        StringBuilder s = new StringBuilder();
        s.append("# one sample every ").append(profiler.period()).append(" cycles of guest time; ").append(profiler.samples()).append(" samples in programs, ")
            .append(profiler.idleSamples()).append(" while nothing ran\n");
        for (ProcessProfile p : profiler.processes()) {
            s.append("\nprocess ").append(p.pid()).append(' ').append(p.name()).append(p.is64() ? " (64-bit)" : " (32-bit)").append(": ").append(p.samples()).append(" samples, ")
                .append(percent(p.samples(), profiler.samples())).append(" %\n");
            List<ProcessProfile.Function> functions = p.functions();
            long rest = p.elsewhere();
            for (ProcessProfile.Function f : functions) {
                if (f.samples() < p.samples() * SMALLEST) {
                    rest += f.samples();
                    continue;
                }
                line(s, p, f.samples(), f.symbol(), f.place() + ", hottest at 0x" + Long.toHexString(f.pc()));
            }
            if (rest > 0) {
                line(s, p, rest, "(others)", "");
            }
        }
        return s.toString();
    }

    private static void line(StringBuilder s, ProcessProfile p, long samples, String symbol, String place) {
        pad(s, percent(samples, p.samples()), 7).append(" %");
        pad(s, Long.toString(samples), 9).append("  ").append(symbol);
        for (int i = symbol.length(); i < 32 && !place.isEmpty(); i++) {
            s.append(' ');
        }
        s.append(place.isEmpty() ? "" : "  ").append(place).append('\n');
    }

    private static StringBuilder pad(StringBuilder s, String text, int width) {
        for (int i = text.length(); i < width; i++) {
            s.append(' ');
        }
        return s.append(text);
    }

    /** With two digits. */
    private static String percent(long part, long whole) {
        long hundredths = whole == 0 ? 0 : (part * 20_000 + whole) / (2 * whole);
        return hundredths / 100 + "." + hundredths / 10 % 10 + hundredths % 10;
    }
}
