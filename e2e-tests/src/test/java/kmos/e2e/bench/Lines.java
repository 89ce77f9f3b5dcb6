// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a benchmark printed: its marks, with the time at which each line came. */
final class Lines {
    private static final Pattern MARK = Pattern.compile("@(begin|stop|end) (\\S+) ?([\\d.]*) ?(\\w*) ?([\\d.]*)");

    /** A result: real seconds between its marks by the reader's clock, processor seconds as the program knows them. */
    record Result(String name, double realSeconds, double ownSeconds, String checksum) { }

    private final Map<String, Double> begun = new HashMap<>();
    private final Map<String, Double> stopped = new HashMap<>();
    private final List<Result> results = new ArrayList<>();
    private final StringBuilder said = new StringBuilder();

    /** seconds: when the line came. */
    void add(String text, double seconds) {
        Matcher m = MARK.matcher(text.trim());
        if (!m.lookingAt()) {
            said.append(text).append('\n');
        } else if (m.group(1).equals("begin")) {
            begun.put(m.group(2), seconds);
        } else if (m.group(1).equals("stop")) {
            stopped.put(m.group(2), seconds);
        } else {
            double end = stopped.getOrDefault(m.group(2), seconds);
            results.add(new Result(m.group(2), end - begun.getOrDefault(m.group(2), end), Double.parseDouble(m.group(5)), m.group(4)));
        }
    }

    List<Result> results() {
        return results;
    }

    /** Lines that are no marks. */
    String said() {
        return said.toString();
    }
}
