// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kmos.isa.Operand;

/**
 * Writes kmos.isa.InstructionBodies: the way from a row's number to its meaning and operands for back ends that run the
 * bodies in the machine (the region compiler), where reflection is not to be had.
 */
final class BodyWriter {
    private static final int GROUP = 100;

    private BodyWriter() { }

    static void write(Path dir, List<IsaRow> rows) throws IOException {
        Map<String, Integer> calls = new LinkedHashMap<>();
        Map<String, Integer> lists = new LinkedHashMap<>();
        StringBuilder bodyOfRow = new StringBuilder(), listOfForm = new StringBuilder(), names = new StringBuilder();
        for (IsaRow row : rows) {
            StringBuilder call = new StringBuilder(row.bodyClass).append('.').append(row.bodyMethod).append("(e");
            if (row.bodyArgument != null) {
                call.append(row.bodyArgument.matches("\\d+") ? ", " + row.bodyArgument : ", Helper.of(\"" + row.bodyArgument + "\")");
            }
            for (int i = 0; i < row.operands.size(); i++) {
                call.append(", o[").append(i).append(']');
            }
            bodyOfRow.append((char) number(calls, call.append(')').toString()));
            names.append(names.length() == 0 ? "" : " ").append(row.bodyClass).append('.').append(row.bodyMethod).append(row.bodyArgument == null ? "" : ":" + row.bodyArgument);
            for (int width = 0; width < 4; width++) {
                for (int memory = 0; memory < 2; memory++) {
                    StringBuilder list = new StringBuilder();
                    for (String text : row.operands) {
                        Operand o = Operands.operand(row, text, width, memory == 1);
                        list.append("new Operand(Operand.Kind.").append(o.kind()).append(", ").append(o.bits()).append(", ").append(o.number()).append("), ");
                    }
                    listOfForm.append((char) number(lists, list.toString()));
                }
            }
        }
        StringBuilder out = new StringBuilder("// Generated from x86.isa by kmos.isa.build.Generate.\npackage kmos.isa;\n\n"
            + "/** Meanings and operands by row number. */\npublic final class InstructionBodies {\n    private final char[] bodies;\n    private final char[] lists;\n"
            + "    private final String[] names;\n    private final Operand[][] operands = new Operand[" + lists.size() + "][];\n\n    public InstructionBodies() {\n"
            + "        bodies = join(bodyOfRow()).toCharArray();\n        lists = join(listOfForm()).toCharArray();\n        names = join(names()).split(\" \");\n    }\n\n"
            + "    private static String join(String[] parts) {\n        StringBuilder s = new StringBuilder();\n        for (String part : parts) {\n            s.append(part);\n        }\n        return s.toString();\n    }\n\n"
            + "    /** The body's name, \"Alu.add\". */\n    public String name(int row) {\n        return names[row];\n    }\n\n"
            + "    /** Operands of a row at a width (log2 of its bytes), with ModRM.rm in memory or in a register. */\n    public Operand[] operands(int row, int width, boolean isMemory) {\n"
            + "        int list = lists[(row * 4 + width) * 2 + (isMemory ? 1 : 0)];\n        if (operands[list] == null) {\n            operands[list] = make(list);\n        }\n        return operands[list];\n    }\n\n"
            + "    /** Tells the row's meaning to e. */\n    public void emit(int row, Emit e, Operand[] o) {\n        int body = bodies[row];\n        switch (body / " + GROUP + ") {\n");
        List<String> texts = new ArrayList<>(calls.keySet());
        for (int g = 0; g * GROUP < texts.size(); g++) {
            out.append("            case ").append(g).append(": emit").append(g).append("(body, e, o); break;\n");
        }
        out.append("            default: throw new IllegalStateException();\n        }\n    }\n");
        for (int g = 0; g * GROUP < texts.size(); g++) {
            out.append("\n    private static void emit").append(g).append("(int body, Emit e, Operand[] o) {\n        switch (body) {\n");
            for (int i = g * GROUP; i < Math.min(texts.size(), (g + 1) * GROUP); i++) {
                out.append("            case ").append(i).append(": ").append(texts.get(i)).append("; break;\n");
            }
            out.append("            default: throw new IllegalStateException();\n        }\n    }\n");
        }
        List<String> operandLists = new ArrayList<>(lists.keySet());
        out.append("\n    private static Operand[] make(int list) {\n        switch (list / " + GROUP + ") {\n");
        for (int g = 0; g * GROUP < operandLists.size(); g++) {
            out.append("            case ").append(g).append(": return make").append(g).append("(list);\n");
        }
        out.append("            default: throw new IllegalStateException();\n        }\n    }\n");
        for (int g = 0; g * GROUP < operandLists.size(); g++) {
            out.append("\n    private static Operand[] make").append(g).append("(int list) {\n        switch (list) {\n");
            for (int i = g * GROUP; i < Math.min(operandLists.size(), (g + 1) * GROUP); i++) {
                out.append("            case ").append(i).append(": return new Operand[] {").append(operandLists.get(i)).append("};\n");
            }
            out.append("            default: throw new IllegalStateException();\n        }\n    }\n");
        }
        out.append('\n');
        TableWriter.constant(out, "BODY_OF_ROW", bodyOfRow.toString());
        TableWriter.constant(out, "LIST_OF_FORM", listOfForm.toString());
        TableWriter.constant(out, "NAMES", names.toString());
        Files.createDirectories(dir);
        Output.write(dir.resolve("InstructionBodies.java"), out.append("}\n"));
    }

    private static int number(Map<String, Integer> numbers, String text) {
        return numbers.computeIfAbsent(text, t -> numbers.size());
    }
}
