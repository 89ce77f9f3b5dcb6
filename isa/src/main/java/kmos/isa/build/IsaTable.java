// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import kmos.isa.Features;

/** Reads x86.isa. A malformed row stops the build with its line. */
final class IsaTable {
    private IsaTable() { }

    static List<IsaRow> read() throws IOException {
        List<IsaRow> rows = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
            IsaTable.class.getResourceAsStream("/kmos/isa/x86.isa"), StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    add(rows, parse(line));
                }
            }
        }
        return rows;
    }

    /** A row for AVX with 128 bits and AVX2 with 256 (avx/avx2) is two. */
    private static void add(List<IsaRow> rows, IsaRow row) {
        if (row.has("avx/avx2")) {
            IsaRow wide = parse(row.line);
            wide.vexL = 1;
            wide.features |= Features.AVX2;
            row.vexL = 0;
            row.features |= Features.AVX;
            wide.index = rows.size();
            rows.add(wide);
        }
        row.index = rows.size();
        rows.add(row);
    }

    private static IsaRow parse(String line) {
        String[] columns = line.trim().split("\\s{2,}");
        if (columns.length < 4) {
            throw new IllegalArgumentException("x86.isa: columns are bytes, operands, body, flags, notes: " + line);
        }
        IsaRow row = new IsaRow();
        row.line = line;
        parseBytes(row, columns[0]);
        if (!columns[1].equals("-")) {
            row.operands.addAll(List.of(columns[1].split(",")));
        }
        String body = columns[2];
        int open = body.indexOf('(');
        row.bodyArgument = open < 0 ? null : body.substring(open + 1, body.length() - 1);
        String name = open < 0 ? body : body.substring(0, open);
        row.bodyClass = name.substring(0, name.indexOf('.'));
        row.bodyMethod = name.substring(name.indexOf('.') + 1);
        row.flags = columns[3];
        row.notes = new LinkedHashSet<>(columns.length > 4 ? List.of(columns[4].split("\\s+")) : List.of());
        for (String note : row.notes) {
            row.features |= Math.max(0, Features.bit(note));
        }
        return row;
    }

    private static void parseBytes(IsaRow row, String text) {
        List<Integer> opcode = new ArrayList<>();
        boolean isFirst = true;
        for (String t : text.split(" ")) {
            if (t.equals("V")) {
                row.isVex = true;
                continue;
            } else if (t.equals("L0") || t.equals("L1")) {
                row.vexL = t.charAt(1) - '0';
                continue;
            } else if (t.equals("NP")) {
                row.prefix = 0;
            } else if (isFirst && t.equals("66")) {
                row.prefix = 1;
            } else if (isFirst && t.equals("F3")) {
                row.prefix = 2;
            } else if (isFirst && t.equals("F2")) {
                row.prefix = 3;
            } else if (t.equals("W0") || t.equals("W1")) {
                row.rexW = t.charAt(1) - '0';
                continue;
            } else if (t.startsWith("/")) {
                row.hasModRm = true;
                String[] p = t.substring(1).split(":");
                if (!p[0].equals("r")) {
                    row.reg = Integer.parseInt(p[0]);
                }
                if (p.length > 1) {
                    row.mod = p[1].equals("m") ? 0 : 1;
                }
            } else if (t.startsWith("rm=")) {
                row.rm = Integer.parseInt(t.substring(3));
            } else if (t.endsWith("+r")) {
                row.isRegisterInOpcode = true;
                opcode.add(Integer.parseInt(t.substring(0, 2), 16));
            } else {
                opcode.add(Integer.parseInt(t, 16));
            }
            isFirst = false;
        }
        int n = opcode.size();
        row.opcode = opcode.get(n - 1);
        if (n == 1) {
            row.map = IsaRow.ONE_BYTE;
        } else if (n == 2 && opcode.get(0) == 0x0F) {
            row.map = IsaRow.TWO_BYTE;
        } else if (n == 3 && opcode.get(0) == 0x0F && (opcode.get(1) == 0x38 || opcode.get(1) == 0x3A)) {
            row.map = opcode.get(1) == 0x38 ? IsaRow.MAP_0F38 : IsaRow.MAP_0F3A;
        } else {
            throw new IllegalArgumentException("x86.isa: opcode " + text);
        }
        if (row.isVex) {
            row.map += IsaRow.VEX_MAPS;
        }
    }
}
