// SPDX-License-Identifier: Apache-2.0
package kmos.fuzz;

import java.util.ArrayList;
import java.util.List;
import kmos.isa.build.RandomInstructions.Instruction;

/** Code with the state it starts from. Written down, it is a test of the recorded-vectors format. */
final class FuzzCase {
    /** Bytes of memory to set before. */
    record Chunk(int address, byte[] bytes) { }

    final int mode;
    List<Instruction> instructions = new ArrayList<>();
    final long[] gpr = new long[16];
    int flags = 0x202, fcw = 0x37F, fsw, ftw, mxcsr = 0x1F80;
    /** Physical registers: significand, sign and exponent. */
    final long[] stLow = new long[8];
    final int[] stHigh = new int[8];
    /** Four quadwords a register. */
    final long[] ymm = new long[64];
    List<Chunk> chunks = new ArrayList<>();

    FuzzCase(int mode) {
        this.mode = mode;
    }

    FuzzCase copy() {
        FuzzCase c = new FuzzCase(mode);
        c.instructions = new ArrayList<>(instructions);
        System.arraycopy(gpr, 0, c.gpr, 0, 16);
        c.flags = flags;
        c.fcw = fcw;
        c.fsw = fsw;
        c.ftw = ftw;
        c.mxcsr = mxcsr;
        System.arraycopy(stLow, 0, c.stLow, 0, 8);
        System.arraycopy(stHigh, 0, c.stHigh, 0, 8);
        System.arraycopy(ymm, 0, c.ymm, 0, 64);
        c.chunks = new ArrayList<>(chunks);
        return c;
    }

    int registers() {
        return mode == 64 ? 16 : 8;
    }

    byte[] code() {
        int n = 0;
        for (Instruction i : instructions) {
            n += i.code().length;
        }
        byte[] all = new byte[n];
        n = 0;
        for (Instruction i : instructions) {
            System.arraycopy(i.code(), 0, all, n, i.code().length);
            n += i.code().length;
        }
        return all;
    }

    /** The base state of a file: everything a test line does not name. */
    static String baseLine(int mode) {
        StringBuilder line = new StringBuilder("B");
        for (int i = 0; i < (mode == 64 ? 16 : 8); i++) {
            line.append(' ').append(register(mode, i)).append("=0").append(" x").append(i).append("=0 y").append(i).append("=0");
        }
        for (int i = 0; i < 8; i++) {
            line.append(" p").append(i).append("=0");
        }
        return line.append(" fl=202 fcw=37f fsw=0 ftw=0 mx=1f80").toString();
    }

    static String register(int mode, int n) {
        return n >= 8 ? "r" + n : (mode == 64 ? "r" : "e") + List.of("ax", "cx", "dx", "bx", "sp", "bp", "si", "di").get(n);
    }

    String instructionLine() {
        StringBuilder text = new StringBuilder("I ");
        for (byte b : code()) {
            hex(text, b & 0xFF, 2);
        }
        text.append(" -");
        for (Instruction i : instructions) {
            text.append(' ').append(i.body());
            if (i.argument() != null) {
                text.append('(').append(i.argument()).append(')');
            }
        }
        return text.toString();
    }

    String testLine(NativeCpu.Result r) {
        StringBuilder line = new StringBuilder("T");
        for (int i = 0; i < registers(); i++) {
            token(line, register(mode, i), gpr[i], 0);
            vector(line, i, ymm, 0, null);
            vector(line, i, ymm, 2, null);
        }
        for (int i = 0; i < 8; i++) {
            if (stLow[i] != 0 || stHigh[i] != 0) {
                line.append(" p").append(i).append('=');
                extended(line, stLow[i], stHigh[i]);
            }
        }
        token(line, "fl", flags, 0x202);
        token(line, "fcw", fcw, 0x37F);
        token(line, "fsw", fsw, 0);
        token(line, "ftw", ftw, 0);
        token(line, "mx", mxcsr, 0x1F80);
        for (Chunk c : chunks) {
            line.append(" m").append(Integer.toHexString(c.address)).append('=');
            for (byte b : c.bytes) {
                hex(line, b & 0xFF, 2);
            }
        }
        line.append(" >");
        results(line, r);
        return line.toString();
    }

    private void results(StringBuilder line, NativeCpu.Result r) {
        for (int i = 0; i < registers(); i++) {
            token(line, register(mode, i), r.gpr[i], gpr[i]);
            vector(line, i, r.ymm, 0, ymm);
            vector(line, i, r.ymm, 2, ymm);
        }
        for (int i = 0; i < 8; i++) {
            if (r.stLow[i] != stLow[i] || r.stHigh[i] != stHigh[i]) {
                line.append(" p").append(i).append('=');
                extended(line, r.stLow[i], r.stHigh[i]);
            }
        }
        token(line, "fl", r.flags & ~0x10000L, flags);
        token(line, "fcw", r.fcw, fcw);
        token(line, "fsw", r.fsw, fsw);
        token(line, "ftw", r.ftw, ftw);
        token(line, "mx", r.mxcsr, mxcsr);
        for (Chunk c : r.changes) {
            line.append(" m").append(Integer.toHexString(c.address)).append('=');
            hex(line, c.bytes[0] & 0xFF, 2);
        }
        int undefined = 0, undefinedStatus = 0;
        for (Instruction i : instructions) {
            undefined |= FuzzRules.undefinedFlags(i.body());
            undefinedStatus |= FuzzRules.undefinedStatus(i.body(), i.argument());
        }
        token(line, "u", undefined, 0);
        token(line, "fm", undefinedStatus, 0);
        long ip = r.trap == 3 ? r.ip - 1 : r.ip;
        if (r.trap != 3) {
            line.append(" exc=").append(r.trap);
            if (r.trap >= 10 && r.trap <= 14 || r.trap == 17) {
                line.append(" err=").append(Integer.toHexString(r.error));
            }
            if (r.trap == 14) {
                line.append(" cr2=").append(Long.toHexString(r.cr2));
            }
        }
        line.append(" ip=").append(Long.toHexString(ip));
    }

    private static void token(StringBuilder line, String name, long value, long usual) {
        if (value != usual) {
            line.append(' ').append(name).append('=').append(Long.toHexString(value));
        }
    }

    /** half 0: bits 0 to 127, 2: the upper ones; old: what they were, null for zero. */
    private static void vector(StringBuilder line, int n, long[] values, int half, long[] old) {
        int at = n * 4 + half;
        if (values[at] != (old == null ? 0 : old[at]) || values[at + 1] != (old == null ? 0 : old[at + 1])) {
            line.append(half == 0 ? " x" : " y").append(n).append('=');
            extended(line, values[at], values[at + 1]);
        }
    }

    private static void extended(StringBuilder line, long low, long high) {
        if (high != 0) {
            line.append(Long.toHexString(high));
            hex(line, low, 16);
        } else {
            line.append(Long.toHexString(low));
        }
    }

    private static void hex(StringBuilder line, long v, int digits) {
        String text = Long.toHexString(v);
        line.append("0".repeat(digits - text.length())).append(text);
    }
}
