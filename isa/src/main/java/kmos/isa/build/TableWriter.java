// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Writes IsaTables: the decision tree, the rows' properties and the form numbers, as string constants unpacked at boot. */
final class TableWriter {
    /** Number of a form, 0xFFFF where there is none. */
    interface FormId {
        int of(IsaRow row, int width, Shape shape);
    }

    /** Number of a comparison fused with a conditional jump. */
    interface FusedId {
        int of(IsaRow row, int width, int condition);
    }

    /** Row attributes as the decoder sees them. */
    static final int MODRM = 1, LOCK = 2, D64 = 4, F64 = 8, REP = 16, END = 32, PURE = 64, STACK = 128, NO_ACCESS = 256, REGISTER_RM = 512, FUSES = 1024, LEA = 2048, ELSE_PLAIN = 4096, VSIB = 8192, X87 = 16384;

    private TableWriter() { }

    static void write(Path dir, String head, List<IsaRow> rows, FormId ids, FormId noFlags, FusedId fused, int firstBudgetId, int idCount) throws IOException {
        StringBuilder out = new StringBuilder(head);
        out.append("/** The decoder's tables; see kmos.cpu.Decoder. */\npublic final class IsaTables {\n");
        out.append("    public static final int ROWS = ").append(rows.size()).append(", FIRST_BUDGET_ID = ").append(firstBudgetId).append(", IDS = ").append(idCount).append(";\n");
        int[] tree = DecodeTree.build(rows);
        char[] t = new char[tree.length];
        for (int i = 0; i < t.length; i++) {
            t[i] = (char) tree[i];
        }
        constant(out, "TREE", new String(t));
        StringBuilder props = new StringBuilder(), formText = new StringBuilder(), nfText = new StringBuilder(), fusedText = new StringBuilder();
        for (IsaRow row : rows) {
            props.append((char) attributes(row)).append((char) row.widthKind()).append((char) row.widths()[0]).append((char) flagClass(row));
            for (int i = 0; i < 4; i++) {
                props.append((char) (i < row.operands.size() ? Operands.code(row.operands.get(i)) : Operands.NONE));
            }
            int fusedAt = Generate.fuses(row) ? fusedText.length() / 64 : 0xFFFF;
            props.append((char) fusedAt);
            props.append((char) (row.bodyMethod.equals("jcc") ? Integer.parseInt(row.bodyArgument) : 0xFFFF));
            props.append((char) row.features).append((char) (row.features >>> 16));
            for (int width = 0; width < 4; width++) {
                for (Shape shape : Shape.values()) {
                    formText.append((char) ids.of(row, width, shape));
                    nfText.append((char) noFlags.of(row, width, shape));
                }
            }
            if (Generate.fuses(row)) {
                for (int width = 0; width < 4; width++) {
                    for (int cc = 0; cc < 16; cc++) {
                        fusedText.append((char) fused.of(row, width, cc));
                    }
                }
            }
        }
        constant(out, "PROPERTIES", props.toString());
        constant(out, "FORMS", formText.toString());
        constant(out, "NO_FLAGS", nfText.toString());
        constant(out, "FUSED", fusedText.toString());
        out.append("\n    private IsaTables() { }\n}\n");
        Output.write(dir.resolve("IsaTables.java"), out);
    }

    private static int attributes(IsaRow row) {
        int a = row.hasModRm ? MODRM : 0;
        a |= row.has("lock") ? LOCK : 0;
        a |= row.has("d64") ? D64 : 0;
        a |= row.has("f64") ? F64 : 0;
        a |= row.has("rep") ? REP : 0;
        a |= row.has("end") ? END : 0;
        a |= row.has("pure") ? PURE : 0;
        a |= row.has("stack") ? STACK : 0;
        a |= row.has("noaccess") ? NO_ACCESS : 0;
        a |= row.has("rmreg") ? REGISTER_RM : 0;
        a |= Generate.fuses(row) ? FUSES : 0;
        a |= row.has("lea") ? LEA : 0;
        a |= row.has("fpu") && row.hasModRm ? X87 : 0;
        a |= row.has("vsib") ? VSIB : 0;
        a |= row.has("else-plain") ? ELSE_PLAIN : 0;
        return a;
    }

    /** 0 none, 1 writes all six, 2 writes some, 3 reads, 4 keeps the carry, 5 writes CF and OF (can be dropped, kills nothing). */
    private static int flagClass(IsaRow row) {
        if (row.flags.contains("r")) {
            return 3;
        }
        return row.flags.equals("w") ? 1 : row.flags.equals("k") ? 4 : row.flags.equals("x") ? 5 : row.flags.contains("p") ? 2 : 0;
    }

    /** Long strings are split: a class file's constant holds 65,535 bytes of UTF-8. */
    static void constant(StringBuilder out, String name, String text) {
        int part = 16000;
        StringBuilder parts = new StringBuilder();
        for (int i = 0, n = 0; i < text.length(); i += part, n++) {
            out.append("    private static final String ").append(name).append('_').append(n).append(" = \"");
            for (int j = i; j < Math.min(text.length(), i + part); j++) {
                char c = text.charAt(j);
                if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
                    out.append(c);
                } else if (c == '\n' || c == '\r' || c == '"' || c == '\\') {
                    out.append(c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '"' ? "\\\"" : "\\\\");
                } else {
                    String hex = Integer.toHexString(c);
                    out.append("\\u").append("0000".substring(hex.length())).append(hex);
                }
            }
            out.append("\";\n");
            parts.append(n == 0 ? "" : ", ").append(name).append('_').append(n);
        }
        out.append("    public static final String[] ").append(lower(name)).append("() {\n        return new String[] {").append(parts).append("};\n    }\n\n");
    }

    private static String lower(String name) {
        StringBuilder s = new StringBuilder();
        boolean isUpper = false;
        for (char c : name.toCharArray()) {
            if (c == '_') {
                isUpper = true;
            } else {
                s.append(isUpper ? c : Character.toLowerCase(c));
                isUpper = false;
            }
        }
        return s.toString();
    }
}
