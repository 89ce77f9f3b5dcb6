// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Which forms get a case of their own in the interpreter's main switch; the rest goes through a second level. hot.txt lists
 * them in the order of a profile over Lua, bash, sort, awk, gzip and hashes of both word sizes; at most 128 register forms
 * for both modes and 128 more in each mode are taken.
 */
final class HotForms {
    private static final Map<String, Integer> RANKS = read();

    private HotForms() { }

    /** A form's line in hot.txt. */
    static String key(IsaRow row, int width, Shape shape, boolean flagsLive, int fused) {
        String[] columns = row.line.trim().split("\\s{2,}");
        return columns[0] + "  " + columns[1] + "  " + (8 << width) + "  " + shape + (flagsLive ? "" : "  nf") + (fused < 0 ? "" : "  j" + fused);
    }

    /** 0: not hot; else the higher the hotter. */
    static int rank(IsaRow row, int width, Shape shape, boolean flagsLive, int fused) {
        return RANKS.getOrDefault(key(row, width, shape, flagsLive, fused), 0);
    }

    private static Map<String, Integer> read() {
        Map<String, Integer> ranks = new HashMap<>();
        try (InputStream in = HotForms.class.getResourceAsStream("/kmos/isa/hot.txt")) {
            String[] lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n");
            for (int i = 0; i < lines.length; i++) {
                if (!lines[i].isBlank() && !lines[i].startsWith("#")) {
                    ranks.putIfAbsent(lines[i], lines.length - i);
                }
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("hot.txt", unreadable);
        }
        return ranks;
    }
}
