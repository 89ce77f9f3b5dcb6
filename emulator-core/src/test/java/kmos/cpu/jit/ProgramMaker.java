// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes random programs that end: a loop counted in memory around instructions, forward jumps and calls of short functions
 * behind the loop. BX, BP, SI, DI (and R12 to R15) mostly hold data addresses.
 */
final class ProgramMaker {
    private static final int COUNTER = 0x200010;

    private final SplittableRandom random;
    private final boolean is64;
    /** Mostly x87. */
    private final boolean isFloating;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProgramMaker(SplittableRandom random, int bits) {
        this.random = random;
        is64 = bits == 64;
        isFloating = random.nextInt(4) == 0;
    }

    byte[] make() {
        // mov dword [COUNTER], n (absolute: SIB without base)
        emit(0xC7, 0x04, 0x25);
        immediate(COUNTER, 4);
        immediate(3 + random.nextInt(30), 4);
        int top = out.size();
        int n = 4 + random.nextInt(24);
        List<Integer> jumps = new ArrayList<>();
        List<Integer> calls = new ArrayList<>();
        List<byte[]> pieces = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int start = out.size();
            int kind = random.nextInt(20);
            if (kind == 0) {
                emit(0x70 | random.nextInt(16));
                jumps.add(out.size());
                emit(0);
            } else if (kind == 1) {
                emit(0xE8);
                calls.add(out.size());
                immediate(0, 4);
            } else {
                instruction();
            }
            pieces.add(new byte[] {(byte) (start >> 8), (byte) start});
        }
        int end = out.size();
        // sub dword [COUNTER], 1; jnz top
        emit(0x83, 0x2C, 0x25);
        immediate(COUNTER, 4);
        emit(1, 0x0F, 0x85);
        immediate(top - (out.size() + 4), 4);
        emit(0xCC);
        byte[] program = out.toByteArray();
        for (int at : jumps) {
            int target = end;
            for (byte[] p : pieces) {
                int start = (p[0] & 0xFF) << 8 | p[1] & 0xFF;
                if (start > at && start - at - 1 < 128 && random.nextInt(4) == 0) {
                    target = start;
                    break;
                }
            }
            program[at] = (byte) (target - at - 1 < 128 ? target - at - 1 : 0);
        }
        out.reset();
        out.writeBytes(program);
        for (int at : calls) {
            int function = out.size();
            for (int i = random.nextInt(4); i >= 0; i--) {
                plain();
            }
            emit(0xC3);
            program = out.toByteArray();
            int distance = function - (at + 4);
            for (int i = 0; i < 4; i++) {
                program[at + i] = (byte) (distance >> 8 * i);
            }
            out.reset();
            out.writeBytes(program);
        }
        return out.toByteArray();
    }

    private void emit(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
    }

    private void immediate(long v, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (v >> 8 * i));
        }
    }

    private int pick(int... values) {
        return values[random.nextInt(values.length)];
    }

    /** Prefixes of the operand size; returns the size of an immediate, 2 or 4. */
    private int size() {
        int kind = random.nextInt(6);
        if (kind == 0) {
            emit(0x66);
            return 2;
        }
        if (is64 && kind < 4) {
            emit(0x48);
        }
        return 4;
    }

    /** ModRM with reg: a register that is not the stack pointer, or memory near a data pointer. */
    private void modrm(int reg) {
        if (random.nextInt(5) < 2) {
            int base = pick(3, 5, 6, 7);
            if (random.nextInt(6) == 0) {
                emit(0x84 | reg << 3, pick(0, 1, 2) << 3 | base | random.nextInt(2) << 6);
                immediate(random.nextInt(64), 4);
            } else {
                emit(0x40 | reg << 3 | base, random.nextInt(128));
            }
        } else {
            emit(0xC0 | reg << 3 | pick(0, 1, 2, 0, 1, 2, 3, 6));
        }
    }

    private int reg() {
        return pick(0, 1, 2, 0, 1, 2, 3, 5, 6, 7);
    }

    private void instruction() {
        if (isFloating && random.nextBoolean()) {
            x87();
            return;
        }
        switch (random.nextInt(12)) {
            case 0: stack(); break;
            case 1: vector(); break;
            case 2: x87(); break;
            default: plain(); break;
        }
    }

    private void stack() {
        // push and pop of the same kind, so that the stack stays level mostly.
        emit(0x50 | pick(0, 1, 2, 3));
        plain();
        emit(0x58 | pick(0, 1, 2));
    }

    private void vector() {
        int x = 0xC0 | random.nextInt(8) << 3 | random.nextInt(8);
        switch (random.nextInt(4)) {
            case 0: emit(0x66, 0x0F, pick(0xFC, 0xFD, 0xFE, 0xD4, 0xF8, 0xEF, 0xEB, 0xDB, 0xDF, 0x74, 0x76, 0x60, 0x6C, 0xF4, 0xE5, 0x67), x); break;
            case 1: emit(0x66, 0x0F, 0x70, x, random.nextInt(256)); break;
            case 2: emit(0x66, 0x0F, 0x7E, 0xC0 | random.nextInt(8) << 3 | pick(0, 1, 2)); break;
            default: emit(0xF3, 0x0F, pick(0x6F, 0x7F), 0x40 | random.nextInt(8) << 3 | pick(3, 5, 6, 7), random.nextInt(128)); break;
        }
    }

    /** A push, some work and a pop, so that the register stack stays level mostly; sometimes one of them alone. */
    private void x87() {
        if (random.nextInt(8) == 0) {
            x87Any();
            return;
        }
        x87Push();
        for (int i = random.nextInt(4); i > 0; i--) {
            if (random.nextInt(4) == 0) {
                x87Push();
                x87Work();
                x87Pop();
            } else {
                x87Work();
            }
        }
        x87Pop();
    }

    private void x87Any() {
        switch (random.nextInt(5)) {
            case 0: x87Push(); break;
            case 1: x87Pop(); break;
            case 2: emit(0xD9, pick(0xF6, 0xF7, 0xE4, 0xE5, 0xD0)); break;
            case 3: emit(pick(0xDD, 0xDB), random.nextInt(8) == 0 ? 0xE3 : 0xC0 | random.nextInt(3)); break;
            default: x87Work(); break;
        }
    }

    private void x87Memory(int opcode, int reg) {
        emit(opcode, 0x40 | reg << 3 | pick(3, 5, 6, 7), random.nextInt(128));
    }

    private void x87Push() {
        switch (random.nextInt(6)) {
            case 0: x87Memory(pick(0xD9, 0xDD), 0); break;
            case 1: x87Memory(pick(0xDB, 0xDF), 0); break;
            case 2: x87Memory(0xDF, 5); break;
            case 3: emit(0xD9, 0xC0 | random.nextInt(3)); break;
            default: emit(0xD9, pick(0xE8, 0xEE, 0xEB, 0xE8)); break;
        }
    }

    private void x87Pop() {
        switch (random.nextInt(5)) {
            case 0: x87Memory(pick(0xD9, 0xDD), 3); break;
            case 1: x87Memory(pick(0xDB, 0xDF), 3); break;
            case 2: emit(0xDE, 0xC0 | pick(0, 1, 4, 5, 6, 7) << 3 | 1); break;
            case 3: emit(0xDF, pick(0xE8, 0xF0) | random.nextInt(2)); break;
            default: emit(0xDD, 0xD8 | random.nextInt(3)); break;
        }
    }

    private void x87Work() {
        int i = random.nextInt(3);
        switch (random.nextInt(9)) {
            case 0: emit(0xD8, 0xC0 | random.nextInt(8) << 3 | i); break;
            case 1: emit(0xDC, 0xC0 | pick(0, 1, 4, 5, 6, 7) << 3 | i); break;
            case 2: emit(0xD9, 0xC8 | i); break;
            case 3: emit(0xD9, pick(0xE0, 0xE1, 0xFA, 0xFC)); break;
            case 4: emit(0xDB, pick(0xE8, 0xF0) | i); break;
            case 5: x87Memory(pick(0xD8, 0xDC, 0xDA, 0xDE), random.nextInt(8)); break;
            case 6: x87Memory(pick(0xD9, 0xDD), 2); break;
            case 7: emit(0xDF, 0xE0); break;
            default: emit(0xDD, 0xD0 | i); break;
        }
    }

    /** An integer instruction without a jump. */
    private void plain() {
        switch (random.nextInt(16)) {
            case 0:
            case 1:
            case 2: { // arithmetic between register and operand
                int op = random.nextInt(8) << 3;
                size();
                emit(op | pick(1, 3));
                modrm(reg());
                break;
            }
            case 3: { // the same with bytes
                emit(random.nextInt(8) << 3 | pick(0, 2));
                modrm(random.nextInt(4));
                break;
            }
            case 4: {
                size();
                emit(0x83);
                modrm(random.nextInt(8));
                emit(random.nextInt(256));
                break;
            }
            case 5: {
                int imm = size();
                emit(0x81);
                modrm(random.nextInt(8));
                immediate(random.nextInt(), imm);
                break;
            }
            case 6: {
                size();
                emit(0xC1);
                modrm(pick(0, 1, 2, 3, 4, 5, 7));
                emit(random.nextInt(70));
                break;
            }
            case 7: {
                size();
                emit(0xD3);
                modrm(pick(0, 1, 2, 3, 4, 5, 7));
                break;
            }
            case 8: {
                size();
                emit(0xFF);
                modrm(random.nextInt(2));
                break;
            }
            case 9: {
                size();
                emit(0x0F, pick(0xAF, 0xBC, 0xBD, 0xB6, 0xB7, 0xBE, 0xBF, 0xA3, 0xA5, 0xAD, 0xC1, 0xB1));
                modrm(reg());
                break;
            }
            case 10: {
                size();
                emit(0x0F, 0x40 | random.nextInt(16));
                modrm(reg());
                break;
            }
            case 11: {
                emit(0x0F, 0x90 | random.nextInt(16));
                modrm(0);
                break;
            }
            case 12: {
                size();
                emit(0xF7);
                modrm(pick(2, 3, 4, 5, 6, 7));
                break;
            }
            case 13: {
                size();
                emit(pick(0x89, 0x8B, 0x87, 0x85));
                modrm(pick(0, 1, 2));
                break;
            }
            case 14: {
                size();
                emit(0x0F, 0xBA);
                modrm(pick(4, 5, 6, 7));
                emit(random.nextInt(64));
                break;
            }
            default: {
                emit(pick(0x98, 0x99, 0xF5, 0xF8, 0xF9, 0x9F, 0x9E));
                break;
            }
        }
    }
}
