// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import java.util.Locale;
import java.util.Map;
import kmos.isa.Operand;

/**
 * Names of instructions (Intel SDM vol. 2): the instruction table names meanings, and several opcodes share one. Where the
 * meaning does not tell, the opcode does. A few AVX forms that no compiler of today emits much keep their meaning's name.
 */
final class Mnemonics {
    private static final String[] CONDITIONS = {"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"};
    private static final String[] FPU = {"add", "mul", "com", "comp", "sub", "subr", "div", "divr"};
    private static final String[] FCMOV = {"b", "e", "be", "u", "nb", "ne", "nbe", "nu"};
    private static final String[] FPU_CONSTANTS = {"fld1", "fldl2t", "fldl2e", "fldpi", "fldlg2", "fldln2", "fldz"};
    private static final String[] FMA = {"madd", "msub", "nmadd", "nmsub", "maddsub", "msubadd"}, FMA_ORDER = {"132", "213", "231"},
        LOGIC = {"and", "andn", "or", "xor"}, FENCES = {"", "lfence", "mfence", "sfence"}, PREFETCHES = {"prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2"};
    private static final Map<Integer, String> BROADCASTS = Map.of(0x18, "broadcastss", 0x19, "broadcastsd", 0x1A, "broadcastf128", 0x58, "pbroadcastd", 0x59, "pbroadcastq",
        0x5A, "broadcasti128", 0x78, "pbroadcastb", 0x79, "pbroadcastw");
    private static final Map<Integer, String> PRIVILEGED = Map.of(0xF4, "hlt", 0xFA, "cli", 0xFB, "sti", 0x06, "clts", 0x08, "invd", 0x09, "wbinvd", 0x30, "wrmsr", 0x32, "rdmsr");

    /** Meanings whose instruction has another name; those of a row with an argument are looked for with it first. */
    private final Map<String, String> names = Map.ofEntries(
        Map.entry("imul1", "imul"), Map.entry("imul2", "imul"), Map.entry("imul3", "imul"), Map.entry("retImm", "ret"), Map.entry("retFar", "retf"),
        Map.entry("retFarImm", "retf"), Map.entry("jmpFar", "jmp"), Map.entry("jmpFarImm", "jmp"), Map.entry("callFar", "call"), Map.entry("callFarImm", "call"),
        Map.entry("movFromControl", "mov"), Map.entry("movToControl", "mov"), Map.entry("movFromSegment", "mov"), Map.entry("movToSegment", "mov"),
        Map.entry("pushSegment", "push"), Map.entry("popSegment", "pop"), Map.entry("intN", "int"),
        Map.entry("udE", "ud1"), Map.entry("fnstswAx", "fnstsw"), Map.entry("loadFarPointer", "lfs"),
        Map.entry("fcom:0", "fcom"), Map.entry("fcom:1", "fcomp"), Map.entry("fcom:4", "fucom"), Map.entry("fcom:5", "fucomp"),
        Map.entry("fcomi:0", "fcomi"), Map.entry("fcomi:1", "fcomip"), Map.entry("fcomi:4", "fucomi"), Map.entry("fcomi:5", "fucomip"),
        Map.entry("fcompp:0", "fcompp"), Map.entry("fcompp:4", "fucompp"), Map.entry("fist:0", "fist"), Map.entry("fist:1", "fistp"), Map.entry("fist:3", "fisttp"),
        Map.entry("fldSt", "fld"), Map.entry("fstSt", "fst"), Map.entry("fstpSt", "fstp"),
        Map.entry("toHalf", "cvtps2ph"), Map.entry("moveMaskMmx", "pmovmskb"),
        Map.entry("zeroAll", "zeroall"), Map.entry("zeroAll64", "zeroall"), Map.entry("zeroUpper", "zeroupper"), Map.entry("zeroUpper64", "zeroupper"),
        Map.entry("maskLoad32", "maskmovps"), Map.entry("maskLoad64", "maskmovpd"), Map.entry("maskStore32", "maskmovps"), Map.entry("maskStore64", "maskmovpd"),
        Map.entry("permilpdImmediate", "permilpd"));

    /** name: the meaning in the instruction table, "Class.method:argument". bytes: the instruction. */
    String of(String name, Operand[] operands, byte[] bytes) {
        int colon = name.indexOf(':');
        String method = name.substring(name.indexOf('.') + 1, colon < 0 ? name.length() : colon);
        String argument = colon < 0 ? "" : name.substring(colon + 1);
        String known = names.get(argument.isEmpty() || !isNumber(argument) ? method : method + ':' + argument);
        String plain = known != null ? known : isNumber(argument) ? numbered(name, method, Integer.parseInt(argument), bytes) : argument.isEmpty() ? unnumbered(name, method, bytes)
            : named(method, argument.substring(argument.indexOf('.') + 1), bytes);
        boolean isVex = name.startsWith("Avx.") || hasVex(operands);
        return isVex && !plain.startsWith("v") ? "v" + plain : plain;
    }

    private static boolean isNumber(String s) {
        return !s.isEmpty() && Character.isDigit(s.charAt(0));
    }

    private static boolean hasVex(Operand[] operands) {
        for (Operand o : operands) {
            if (o.isVex()) {
                return true;
            }
        }
        return false;
    }

    /** Named by the helper that does it. */
    private String named(String method, String helper, byte[] bytes) {
        int opcode = bytes[opcodeAt(bytes)];
        if (method.equals("packed") && opcode >= 0x54 && opcode <= 0x57) {
            // ANDPS and its like are PAND and its like.
            return LOGIC[opcode - 0x54] + (has(bytes, 0x66) ? "pd" : "ps");
        }
        if (opcode == 0x14 || opcode == 0x15) {
            return opcode == 0x14 ? "unpcklps" : "unpckhps";
        }
        String known = names.get(helper);
        if (known != null) {
            return known;
        }
        if (method.equals("storePop")) {
            return helper.startsWith("fst") ? "fstp" : helper;
        }
        // A number at the end is an operand size, unless it belongs to the name (SHA256MSG1, FPREM1, F2XM1).
        boolean isSized = helper.endsWith("16") || helper.endsWith("32") || helper.endsWith("64") || helper.endsWith("80") || helper.endsWith("256")
            || helper.startsWith("blendvp") || helper.startsWith("pblendvb");
        int end = helper.length();
        while (isSized && Character.isDigit(helper.charAt(end - 1))) {
            end--;
        }
        return helper.substring(0, end);
    }

    private static String unnumbered(String name, String method, byte[] bytes) {
        if (name.startsWith("SimdMoves.")) {
            return move(method, bytes);
        }
        if (method.startsWith("rep") && name.startsWith("Strings.")) {
            String repeated = method.substring(3).toLowerCase(Locale.ROOT);
            boolean isComparing = repeated.equals("cmps") || repeated.equals("scas");
            return (!isComparing ? "rep " : has(bytes, 0xF2) ? "repne " : "repe ") + repeated;
        }
        int opcode = bytes[opcodeAt(bytes)] & 0xFF;
        switch (method) {
            case "movsx": return opcode == 0x63 ? "movsxd" : method;
            case "nop": case "nopE": case "touch": return hint(opcode, bytes);
            case "fence": return FENCES[bytes[bytes.length - 1] >> 3 & 3];
            case "privileged": case "privilegedIo": return PRIVILEGED.getOrDefault(opcode, method);
            case "broadcast": return BROADCASTS.getOrDefault(opcode, method);
            default: return method.toLowerCase(Locale.ROOT);
        }
    }

    /** What does nothing here: PAUSE, ENDBR, PREFETCH, NOP. */
    private static String hint(int opcode, byte[] bytes) {
        int last = bytes[bytes.length - 1] & 0xFF;
        if (opcode == 0x90) {
            return has(bytes, 0xF3) ? "pause" : "nop";
        }
        if (opcode == 0x1E && has(bytes, 0xF3) && (last & 0xFE) == 0xFA) {
            return last == 0xFA ? "endbr64" : "endbr32";
        }
        return opcode == 0x18 ? PREFETCHES[bytes[opcodeAt(bytes) + 1] >> 3 & 3] : opcode == 0x0D ? "prefetchw" : "nop";
    }

    private static String numbered(String name, String method, int n, byte[] bytes) {
        switch (method) {
            case "jcc": return "j" + CONDITIONS[n];
            case "setcc": return "set" + CONDITIONS[n];
            case "cmov": return "cmov" + CONDITIONS[n];
            case "real": case "toTop": case "toRegister": return "f" + FPU[n];
            case "integer": return "fi" + FPU[n];
            case "toRegisterPop": return "f" + FPU[n] + "p";
            case "fcmov": return "fcmov" + FCMOV[n];
            case "constant": return FPU_CONSTANTS[n];
            case "unpackHalves": return (bytes[opcodeAt(bytes)] & 0x60) == 0x60 ? n == 0 ? "punpcklqdq" : "punpckhqdq" : (n == 0 ? "unpckl" : "unpckh") + (has(bytes, 0x66) ? "pd" : "ps");
            case "pextr": case "pinsr": return method + (n == 8 ? "b" : "w");
            case "fmaPd": case "fmaPs": case "fmaSd": case "fmaSs":
                return "f" + FMA[n & 7] + FMA_ORDER[n >> 3] + method.substring(3).toLowerCase(Locale.ROOT);
            default: return name.startsWith("SimdMoves.") ? move(method, bytes) : method.toLowerCase(Locale.ROOT);
        }
    }

    /** Moves of vectors: the same meaning for all element types, so only prefix and opcode tell. */
    private static String move(String method, byte[] bytes) {
        int at = opcodeAt(bytes);
        int prefix = prefix(bytes);
        int opcode = bytes[at] & 0xFF;
        String type = prefix == 0x66 ? "pd" : prefix == 0xF3 ? "ss" : prefix == 0xF2 ? "sd" : "ps";
        switch (opcode) {
            case 0x10: case 0x11: return prefix == 0xF3 || prefix == 0xF2 ? "mov" + type : "movu" + type;
            case 0x12: return prefix == 0xF2 ? "movddup" : method.equals("movhlps") ? method : "movl" + type;
            case 0x13: return "movl" + type;
            case 0x16: return method.equals("movlhps") ? method : "movh" + type;
            case 0x17: return "movh" + type;
            case 0x28: case 0x29: return "mova" + type;
            case 0x2A: return "movntdqa";
            case 0x2B: return "movnt" + type;
            case 0x6E: return (bytes[at - 2] & 0xF8) == 0x48 ? "movq" : "movd";
            case 0x7E: return prefix == 0xF3 || (bytes[at - 2] & 0xF8) == 0x48 ? "movq" : "movd";
            case 0x6F: case 0x7F: return prefix == 0x66 ? "movdqa" : prefix == 0xF3 ? "movdqu" : "movq";
            case 0xD6: return method.equals("storeQuad") ? "movq" : method;
            case 0xE7: return prefix == 0x66 ? "movntdq" : "movntq";
            case 0xF0: return "lddqu";
            case 0xC3: return "movnti";
            case 0xF7: return prefix == 0x66 ? "maskmovdqu" : "maskmovq";
            default: return method.toLowerCase(Locale.ROOT);
        }
    }

    private static boolean has(byte[] bytes, int prefix) {
        return prefix(bytes) == prefix;
    }

    /** The prefix that is part of the opcode: 66, F3, F2 or 0. F2 and F3 win over 66. */
    private static int prefix(byte[] bytes) {
        int found = 0;
        int end = opcodeAt(bytes);
        for (int i = 0; i < end; i++) {
            int b = bytes[i] & 0xFF;
            if (b == 0xC5 || b == 0xC4) {
                return new int[] {0, 0x66, 0xF3, 0xF2}[bytes[end - 1] & 3];
            }
            if (b == 0xF2 || b == 0xF3 || b == 0x66 && found == 0) {
                found = b;
            }
        }
        return found;
    }

    /** Index of the opcode byte behind prefixes, VEX and the escapes 0F, 0F38, 0F3A. */
    private static int opcodeAt(byte[] bytes) {
        int i = 0;
        while (isPrefix(bytes[i] & 0xFF)) {
            i++;
        }
        int b = bytes[i] & 0xFF;
        // LES, LDS and C4, C5 as VEX: only the latter are moves of vectors.
        if (b == 0xC5 && bytes.length > i + 2) {
            return i + 2;
        }
        if (b == 0xC4 && bytes.length > i + 3) {
            return i + 3;
        }
        if (b >>> 4 == 4 && i + 1 < bytes.length) {
            // REX: INC and DEC of 32-bit code end here.
            b = bytes[++i] & 0xFF;
        }
        if (b == 0x0F) {
            b = bytes[++i] & 0xFF;
            if (b == 0x38 || b == 0x3A) {
                i++;
            }
        }
        return i;
    }

    private static boolean isPrefix(int b) {
        return b == 0x66 || b == 0x67 || b == 0xF0 || b == 0xF2 || b == 0xF3 || (b & 0xE7) == 0x26 || b == 0x64 || b == 0x65;
    }
}
