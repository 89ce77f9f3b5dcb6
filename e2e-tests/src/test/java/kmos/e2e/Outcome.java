// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the runner printed, by program: the status line and the output. */
final class Outcome {
    private Outcome() { }

    static Map<String, String> parse(String text) {
        Map<String, String> outcomes = new LinkedHashMap<>();
        String name = null;
        StringBuilder body = new StringBuilder();
        for (String line : text.replace("\r", "").split("\n")) {
            if (line.startsWith("@@ ")) {
                if (name != null) {
                    outcomes.put(name, body.toString());
                }
                String[] words = line.split(" ", 3);
                name = words[1].equals("end") && words.length == 2 ? null : words[1];
                body.setLength(0);
                body.append(words.length > 2 ? words[2] : "").append('\n');
            } else if (line.startsWith("|")) {
                body.append(line, 1, line.length()).append('\n');
            }
        }
        return outcomes;
    }
}
