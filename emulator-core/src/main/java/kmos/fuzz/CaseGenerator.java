// SPDX-License-Identifier: Apache-2.0
package kmos.fuzz;

import java.io.IOException;
import kmos.isa.build.RandomInstructions;
import kmos.isa.build.RandomInstructions.Instruction;

/** Random cases: a few instructions, and a state in which most of their memory operands lie in the data area. */
final class CaseGenerator {
    private static final int DATA = 0x200000, DATA_SIZE = 0x2000, LOW_DATA = 0x8000, MAX_CODE = 60;
    private static final long[] SPECIAL = {0, 1, -1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFFL, 0x80000000L, 0xFFFFFFFFL, Long.MAX_VALUE, Long.MIN_VALUE};
    private static final long[] DOUBLES = {0, Long.MIN_VALUE, 0x3FF0000000000000L, 0xBFF8000000000000L, 0x7FF0000000000000L, 0xFFF0000000000000L, 0x7FF8000000000001L,
        0x7FF0000000000001L, 0xFFF8000000000000L, 1, 0x000FFFFFFFFFFFFFL, 0x0010000000000000L, 0x7FEFFFFFFFFFFFFFL, 0x43E0000000000000L, 0xC1E0000000000000L, 0x3FD5555555555555L};
    private static final int[] FLOATS = {0, 0x80000000, 0x3F800000, 0xBFC00000, 0x7F800000, 0xFF800000, 0x7FC00001, 0x7F800001, 0xFFC00000, 1, 0x007FFFFF, 0x00800000, 0x7F7FFFFF,
        0x4F000000, 0xCF000000, 0x3EAAAAAB};

    private final RandomInstructions instructions;
    private long state;

    CaseGenerator(long seed) throws IOException {
        state = seed;
        instructions = new RandomInstructions(this::below, FuzzRules::isFuzzed);
    }

    int rowCount() {
        return instructions.rowCount();
    }

    /** SplitMix64: the same cases for a seed on every host. */
    private long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }

    private int below(int n) {
        return (int) ((next() >>> 33) % n);
    }

    private boolean rarely(int n) {
        return below(n) == 0;
    }

    FuzzCase make(int mode) {
        for (;;) {
            FuzzCase c = new FuzzCase(mode);
            int count = below(5) < 3 ? 1 : 2 + below(3);
            for (int i = 0; i < count; i++) {
                Instruction x = instructions.next(mode);
                boolean isLast = i == count - 1;
                if (!isLast && (FuzzRules.undefinedFlags(x.body()) != 0 || FuzzRules.undefinedStatus(x.body(), x.argument()) != 0)) {
                    i--;
                    continue;
                }
                c.instructions.add(x);
            }
            boolean comparesUnmasked = c.instructions.stream().anyMatch(x -> x.body().equals("Fpu.fldcw"))
                && c.instructions.stream().anyMatch(x -> FuzzRules.isX87Comparison(x.body(), x.argument()));
            if (c.code().length <= MAX_CODE && !comparesUnmasked && !entersKernel(c.code())) {
                fill(c);
                return c;
            }
        }
    }

    /** SYSCALL, SYSENTER, INT anywhere, also where only a jump into an instruction would find it. */
    private static boolean entersKernel(byte[] code) {
        for (int i = 0; i < code.length; i++) {
            int a = code[i] & 0xFF, b = i + 1 < code.length ? code[i + 1] & 0xFF : 0xCC;
            if (a == 0xCD || a == 0x0F && (b == 0x05 || b == 0x34)) {
                return true;
            }
        }
        return false;
    }

    private int dataAddress(int mode) {
        return mode == 16 ? rarely(12) ? 0xFFF0 + below(20) : LOW_DATA + below(DATA_SIZE - 64) & (rarely(3) ? -1 : -16)
            : rarely(6) ? LOW_DATA + below(DATA_SIZE) : rarely(12) ? DATA + DATA_SIZE - 20 + below(40) : rarely(30) ? 0x203000 + below(0x1000)
            : DATA + below(DATA_SIZE - 64) & (rarely(3) ? -1 : -16);
    }

    private long general(int mode) {
        long v = rarely(3) ? next() >>> below(64) : rarely(2) ? SPECIAL[below(SPECIAL.length)] : dataAddress(mode);
        // A random 32-bit address could name the program that runs the case.
        return mode == 64 ? v : rarely(4) ? v & 0xFFFFFFFFL : v & 0x7FFFF | (rarely(8) ? 0xFFFF0000L : 0);
    }

    private void fill(FuzzCase c) {
        for (int i = 0; i < c.registers(); i++) {
            c.gpr[i] = general(c.mode);
        }
        int stack = c.mode == 16 ? LOW_DATA : DATA;
        c.gpr[4] = stack + 0x400 + below(0x1800) & (rarely(8) ? -1 : -16);
        if (rarely(2)) {
            c.gpr[5] = stack + 0x400 + below(0x1800);
        }
        c.flags = 0x202 | below(0x1000) & 0x8D5 | (rarely(8) ? 0x400 : 0);
        for (int i = 0; i < c.registers() * 4; i += 2) {
            vector(c.ymm, i);
        }
        x87(c);
        c.mxcsr = (rarely(6) ? below(64) << 7 : 0x1F80) | below(4) << 13 | (rarely(6) ? 0x8000 : 0) | (rarely(6) ? 0x40 : 0) | (rarely(5) ? below(64) : 0);
        for (int i = 0; i < c.instructions.size(); i++) {
            aim(c, c.instructions.get(i), i == 0);
        }
    }

    private void vector(long[] values, int at) {
        switch (below(4)) {
            case 0:
                values[at] = next();
                values[at + 1] = next();
                break;
            case 1:
                values[at] = DOUBLES[below(DOUBLES.length)];
                values[at + 1] = DOUBLES[below(DOUBLES.length)];
                break;
            case 2:
                values[at] = FLOATS[below(FLOATS.length)] & 0xFFFFFFFFL | (long) FLOATS[below(FLOATS.length)] << 32;
                values[at + 1] = FLOATS[below(FLOATS.length)] & 0xFFFFFFFFL | (long) FLOATS[below(FLOATS.length)] << 32;
                break;
            default:
                values[at] = SPECIAL[below(SPECIAL.length)];
                values[at + 1] = rarely(2) ? 0 : SPECIAL[below(SPECIAL.length)];
                break;
        }
    }

    private void x87(FuzzCase c) {
        for (int i = 0; i < 8; i++) {
            c.stLow[i] = rarely(3) ? next() : rarely(4) ? SPECIAL[below(SPECIAL.length)] : next() | Long.MIN_VALUE;
            c.stHigh[i] = rarely(3) ? below(0x10000) : rarely(4) ? new int[] {0, 0x8000, 0x7FFF, 0xFFFF, 1, 0x7FFE}[below(6)] : (below(2) << 15) + 0x3FFF + below(80) - 40;
        }
        c.ftw = rarely(6) ? below(256) : 255 & ~(rarely(3) ? 1 << below(8) : 0);
        c.fcw = 0x40 | (rarely(6) ? below(64) : 0x3F) | (rarely(2) ? 0x300 : below(4) << 8) | below(4) << 10;
        c.fsw = below(8) << 11 | below(0x8000) & 0x4700 | (rarely(6) ? below(128) : 0);
        if (c.instructions.stream().anyMatch(x -> FuzzRules.isX87Comparison(x.body(), x.argument()))) {
            c.fcw |= 1;
        }
        // The summary bits follow from the rest.
        c.fsw = c.fsw & ~0x8080 | ((c.fsw & ~c.fcw & 0x3F) != 0 ? 0x8080 : 0);
    }

    /** Makes the instruction's memory operand point into the data area, and puts something there. */
    private void aim(FuzzCase c, Instruction x, boolean isFirst) {
        if (x.body().startsWith("Strings.") || x.body().equals("SimdMoves.maskMove") || x.body().equals("Moves.xlat")) {
            c.gpr[6] = dataAddress(c.mode);
            c.gpr[7] = dataAddress(c.mode);
            c.gpr[3] = dataAddress(c.mode);
            c.gpr[1] = below(40);
        }
        if (!x.hasMemory() || !isFirst || rarely(12)) {
            return;
        }
        if (x.base() >= 0 && x.index() >= 0 && x.index() != x.base()) {
            c.gpr[x.index()] = below(64);
        }
        int target = x.addressBits() == 16 ? LOW_DATA + below(DATA_SIZE) : dataAddress(c.mode);
        long rest = target - x.displacement();
        if (x.base() >= 0) {
            rest -= x.index() >= 0 && x.index() != x.base() ? c.gpr[x.index()] << x.scale() : 0;
            c.gpr[x.base()] = c.mode == 64 ? rest : rest & 0xFFFFFFFFL;
        }
        if (x.body().startsWith("BitOps.bt")) {
            c.gpr[0] &= 0xFF;
        }
        byte[] bytes = new byte[64];
        for (int i = 0; i < 64; i += 16) {
            long[] v = new long[2];
            vector(v, 0);
            for (int k = 0; k < 16; k++) {
                bytes[i + k] = (byte) (v[k / 8] >>> k % 8 * 8);
            }
        }
        int at = target & ~15;
        boolean isInside = at >= DATA && at + 64 <= DATA + DATA_SIZE || at >= LOW_DATA && at + 64 <= LOW_DATA + DATA_SIZE;
        if (isInside) {
            c.chunks.add(new FuzzCase.Chunk(at, bytes));
        }
    }
}
