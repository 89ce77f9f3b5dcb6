// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kmos.isa.Emit;
import kmos.isa.Helper;
import kmos.isa.Operand;

/** Writes kmos.cpu.decode: one handler per form, the two interpreter loops, and the decoder's tables. */
public final class Generate {
    private static final int GROUP = 64;
    private static final int HOT_SHARED = 128, HOT_MODE = 128;

    /** One form: a row at an operand size in a shape, perhaps without flags, perhaps a comparison fused with a jump. */
    private record Form(IsaRow row, int width, Shape shape, boolean flagsLive, int fusedCondition, String body, boolean ends) { }

    private final List<IsaRow> rows;
    private final List<Form> forms = new ArrayList<>();
    private final Map<String, Integer> bodies = new LinkedHashMap<>();

    private Generate(List<IsaRow> rows) {
        this.rows = rows;
    }

    /** args: output directory of generated sources. */
    public static void main(String[] args) throws IOException {
        Generate g = new Generate(IsaTable.read());
        g.makeForms();
        BodyWriter.write(Path.of(args[0]).resolve("kmos/isa"), g.rows);
        Path dir = Path.of(args[0]).resolve("kmos/cpu/decode");
        Files.createDirectories(dir);
        g.writeAll(dir);
    }

    private void makeForms() {
        for (IsaRow row : rows) {
            for (int width : row.widths()) {
                for (Shape shape : shapes(row, width)) {
                    add(row, width, shape, true, -1);
                    if (row.has("hot") && row.flags.contains("w") && !row.flags.contains("r") || row.has("hot") && (row.flags.equals("k") || row.flags.equals("x"))) {
                        add(row, width, shape, false, -1);
                    }
                    if (fuses(row) && shape == Shape.R) {
                        for (int cc = 0; cc < 16; cc++) {
                            add(row, width, shape, true, cc);
                        }
                    }
                }
            }
        }
    }

    static boolean fuses(IsaRow row) {
        return row.has("hot") && (row.bodyMethod.equals("cmp") || row.bodyMethod.equals("test"));
    }

    private static List<Shape> shapes(IsaRow row, int width) {
        List<Shape> list = new ArrayList<>();
        boolean isHot = row.has("hot") && width != 1;
        boolean isStack = row.has("stack");
        if (row.canBeRegister()) {
            if (!isStack) {
                list.add(Shape.R);
            } else {
                list.add(Shape.RSX);
                if (isHot) {
                    list.add(Shape.RS32);
                    list.add(Shape.RS64);
                }
            }
        }
        if (row.canBeMemory() && !row.has("noaccess")) {
            list.add(Shape.MX);
            if (isHot) {
                list.addAll(List.of(Shape.M32B, Shape.M32X, Shape.M64B, Shape.M64X, Shape.M64R));
            }
        } else if (row.canBeMemory()) {
            list.add(Shape.MX);
        }
        return list;
    }

    private void add(IsaRow row, int width, Shape shape, boolean flagsLive, int fused) {
        List<Operand> operands = new ArrayList<>();
        boolean[] needsField = new boolean[row.operands.size()];
        int bits = 8 << width;
        for (int i = 0; i < row.operands.size(); i++) {
            operands.add(Operands.operand(row, row.operands.get(i), width, shape.isMemory()));
            needsField[i] = Operands.needsField(row.operands.get(i), shape.isMemory());
        }
        JavaEmit e = new JavaEmit(bits, shape, flagsLive, operands, needsField);
        invoke(row, e, operands);
        if (fused >= 0) {
            e.fuse();
            e.jumpIf(e.condition(fused));
        }
        forms.add(new Form(row, width, shape, flagsLive, fused, e.text(), e.ends()));
    }

    private static void invoke(IsaRow row, Emit e, List<Operand> operands) {
        List<Object> args = new ArrayList<>();
        List<Class<?>> types = new ArrayList<>();
        args.add(e);
        types.add(Emit.class);
        if (row.bodyArgument != null) {
            if (row.bodyArgument.matches("\\d+")) {
                args.add(Integer.valueOf(row.bodyArgument));
                types.add(int.class);
            } else {
                args.add(Helper.of(row.bodyArgument));
                types.add(Helper.class);
            }
        }
        for (Operand o : operands) {
            args.add(o);
            types.add(Operand.class);
        }
        try {
            Method m = Class.forName("kmos.isa." + row.bodyClass).getDeclaredMethod(row.bodyMethod, types.toArray(new Class<?>[0]));
            m.setAccessible(true);
            m.invoke(null, args.toArray());
        } catch (InvocationTargetException wrong) {
            throw new IllegalStateException("x86.isa: " + row.line + ": " + wrong.getCause(), wrong.getCause());
        } catch (ReflectiveOperationException missing) {
            throw new IllegalStateException("x86.isa: no body for " + row.line + ": " + missing, missing);
        }
    }

    // Numbers: hot ids first (0-127 32-bit, 128-255 both modes, 256-383 64-bit, so that each loop's switch has one range), then
    // the rest in groups of 64, those that see the budget last.

    private int firstBudgetId;
    private final Map<Form, Integer> ids = new LinkedHashMap<>();
    private final List<String> handlers = new ArrayList<>();
    private final List<Boolean> handlerEnds = new ArrayList<>();

    private void number() {
        List<Form> shared = new ArrayList<>(), only32 = new ArrayList<>(), only64 = new ArrayList<>(), cold = new ArrayList<>(), budget = new ArrayList<>();
        List<Form> ranked = new ArrayList<>(forms);
        ranked.sort((a, b) -> HotForms.rank(b.row, b.width, b.shape, b.flagsLive, b.fusedCondition)
            - HotForms.rank(a.row, a.width, a.shape, a.flagsLive, a.fusedCondition));
        for (Form f : ranked) {
            boolean isHot = HotForms.rank(f.row, f.width, f.shape, f.flagsLive, f.fusedCondition) > 0;
            if (f.row.has("budget")) {
                budget.add(f);
            } else if (isHot && (f.shape.is32()) && distinct(only32) < HOT_MODE) {
                only32.add(f);
            } else if (isHot && (f.shape.is64() || f.shape == Shape.R && f.width == 3) && distinct(only64) < HOT_MODE) {
                only64.add(f);
            } else if (isHot && f.shape == Shape.R && f.width != 3 && distinct(shared) < HOT_SHARED) {
                shared.add(f);
            } else {
                cold.add(f);
            }
        }
        assign(only32, 0);
        assign(shared, HOT_MODE);
        assign(only64, HOT_MODE + HOT_SHARED);
        int next = assign(cold, HOT_SHARED + 2 * HOT_MODE);
        firstBudgetId = next + GROUP - 1 & ~(GROUP - 1);
        assign(budget, firstBudgetId);
    }

    /** Forms with the same code share a handler, in the hot ranges only within one. */
    private int assign(List<Form> list, int from) {
        int next = from;
        boolean isCold = from >= HOT_SHARED + 2 * HOT_MODE;
        for (Form f : list) {
            Integer same = f.row.has("budget") ? null : bodies.get(f.body);
            if (same != null && (isCold || same >= from)) {
                ids.put(f, same);
                continue;
            }
            while (handlers.size() <= next) {
                handlers.add(null);
                handlerEnds.add(false);
            }
            handlers.set(next, f.body);
            handlerEnds.set(next, f.ends);
            bodies.put(f.body, next);
            ids.put(f, next);
            next++;
        }
        return next;
    }

    /** Distinct handlers in a list of forms. */
    private static int distinct(List<Form> list) {
        return (int) list.stream().map(Form::body).distinct().count();
    }

    private static final String HEAD = "// Generated from x86.isa by kmos.isa.build.Generate.\npackage kmos.cpu.decode;\n\nimport kmos.base.Memory;\nimport kmos.cpu.*;\nimport kmos.cpu.fpu.*;\n\n";

    private void writeAll(Path dir) throws IOException {
        number();
        for (int g = 0; g * GROUP < handlers.size(); g++) {
            writeGroup(dir, g);
        }
        StringBuilder cold = new StringBuilder(HEAD + "/** Dispatch by groups. */\npublic final class ColdHandlers {\n    private ColdHandlers() { }\n\n    public static int run(int cpu, int w, int ip) {\n        switch (w >>> 6 & 1023) {\n");
        for (int g = 0; g * GROUP < handlers.size(); g++) {
            cold.append("            case ").append(g).append(": return Handlers").append(g).append(".run(cpu, w, ip);\n");
        }
        cold.append("            default: throw new IllegalStateException(\"no handler \" + w);\n        }\n    }\n}\n");
        Output.write(dir.resolve("ColdHandlers.java"), cold);
        writeLoop(dir, "Interpreter32", 0);
        writeLoop(dir, "Interpreter64", HOT_MODE);
        TableWriter.write(dir, HEAD, rows, (row, width, shape) -> id(row, width, shape, true, -1), (row, width, shape) -> id(row, width, shape, false, -1),
            (row, width, cc) -> id(row, width, Shape.R, true, cc), firstBudgetId, handlers.size());
    }

    private int id(IsaRow row, int width, Shape shape, boolean flagsLive, int fused) {
        for (Form f : forms) {
            if (f.row == row && f.width == width && f.shape == shape && f.flagsLive == flagsLive && f.fusedCondition == fused) {
                return ids.get(f);
            }
        }
        return 0xFFFF;
    }

    private void writeGroup(Path dir, int g) throws IOException {
        StringBuilder run = new StringBuilder(), methods = new StringBuilder();
        for (int i = g * GROUP; i < Math.min(handlers.size(), (g + 1) * GROUP); i++) {
            if (handlers.get(i) == null) {
                continue;
            }
            boolean ends = handlerEnds.get(i);
            run.append("            case ").append(i & GROUP - 1).append(": ").append(ends ? "return f" + i + "(cpu, w, ip);\n" : "f" + i + "(cpu, w, ip); return 0;\n");
            methods.append("\n    static ").append(ends ? "int" : "void").append(" f").append(i).append("(int cpu, int w, int ip) { ")
                .append(handlers.get(i)).append("}\n");
        }
        Output.write(dir.resolve("Handlers" + g + ".java"), HEAD + "final class Handlers" + g + " {\n    static int run(int cpu, int w, int ip) {\n        switch (w & " + (GROUP - 1)
            + ") {\n" + run + "            default: throw new IllegalStateException();\n        }\n    }\n" + methods + "}\n");
    }

    private void writeLoop(Path dir, String name, int first) throws IOException {
        StringBuilder cases = new StringBuilder();
        for (int id = first; id < first + HOT_SHARED + HOT_MODE; id++) {
            if (id >= handlers.size() || handlers.get(id) == null) {
                continue;
            }
            String call = "Handlers" + id / GROUP + ".f" + id + "(cpu, w, ip)";
            cases.append("                        case ").append(id).append(": ")
                .append(handlerEnds.get(id) ? "ip = " + call + "; break;\n" : call + "; ip += 16; continue;\n");
        }
        String template;
        try (var in = Generate.class.getResourceAsStream("/kmos/isa/Interpreter.template")) {
            template = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        Output.write(dir.resolve(name + ".java"), template.replace("@NAME@", name).replace("@CASES@", cases)
            .replace("@BUDGET@", String.valueOf(firstBudgetId)));
    }
}
