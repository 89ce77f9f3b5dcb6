// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.util.Set;

/**
 * Which forms get a case of their own in the interpreter's main switch (the rest goes through a second level). By rank,
 * from what compilers emit most; at most 128 shared register forms and 128 more in each mode.
 */
final class HotForms {
    private static final Set<String> ARITHMETIC = Set.of("add", "sub", "and", "or", "xor", "cmp", "test");

    private HotForms() { }

    /** 0: not hot; else the higher the hotter. */
    static int rank(IsaRow row, int width, Shape shape, boolean flagsLive, int fused) {
        if (!row.has("hot") || width == 1 || shape == Shape.MX || shape == Shape.RSX) {
            return 0;
        }
        String m = row.bodyMethod;
        String o = String.join(",", row.operands);
        boolean wide = width >= 2;
        boolean toRegister = o.startsWith("G");
        if (fused >= 0) {
            int pair = fused >> 1;
            return wide && (pair == 1 || pair == 2 || pair == 3 || pair >= 6) && !o.startsWith("G") ? 60 : pair == 2 ? 30 : 0;
        }
        switch (m) {
            case "mov":
                return o.endsWith("I") || row.opcode == 0xB0 ? 20 : width == 0 ? 55 : 90;
            case "lea":
                return wide ? 85 : 0;
            case "push":
            case "pop":
            case "call":
            case "ret":
                return 80;
            case "jmp":
                return 70;
            case "jcc":
                return 75;
            case "movzx":
            case "movsx":
                return wide ? 65 : 0;
            default:
                break;
        }
        if (ARITHMETIC.contains(m)) {
            boolean isMemoryDestination = shape.isMemory() && !toRegister;
            int base = wide ? 64 : 30;
            if (m.equals("or") || m.equals("and")) {
                base -= 10;
            }
            if (isMemoryDestination && !m.equals("cmp") && !m.equals("test")) {
                base -= 30;
            }
            if (shape == Shape.M32X || shape == Shape.M64X || shape == Shape.M64R) {
                base -= 15;
            }
            return base + (flagsLive ? 0 : 1);
        }
        if (!wide) {
            return 0;
        }
        switch (m) {
            case "inc":
            case "dec":
            case "shl":
            case "shr":
            case "sar":
            case "imul2":
                return shape == Shape.R ? 50 : 10;
            case "rol":
            case "ror":
            case "neg":
            case "imul3":
                return shape == Shape.R ? 25 : 0;
            case "setcc":
            case "cmov":
                return 12;
            default:
                return 5;
        }
    }
}
