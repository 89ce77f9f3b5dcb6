// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/**
 * Encodings of rows of x86.isa with random registers, addresses, immediates and harmless prefixes, for fuzzing. The
 * processor under test judges what they mean, so an encoding need not be a valid one.
 */
public final class RandomInstructions {
    /** base, index: register numbers of the memory operand or -1; address: it has one and disp, scale say where. */
    public record Instruction(byte[] code, String body, String argument, boolean hasMemory, int base, int index, int scale, int displacement, int addressBits) { }

    private final List<IsaRow> rows = new ArrayList<>();
    private final IntUnaryOperator random;
    private final byte[] out = new byte[32];
    private int length;
    private boolean hasMemory;
    private int base, index, scale, displacement;
    private boolean isCode16;

    /** random.applyAsInt(n) gives 0 to n - 1. Rows whose body ("Class.method") the filter refuses are left out. */
    public RandomInstructions(IntUnaryOperator random, Predicate<String> filter) throws IOException {
        this.random = random;
        for (IsaRow row : IsaTable.read()) {
            if (filter.test(row.bodyClass + "." + row.bodyMethod) && (row.bodyArgument == null || filter.test(row.bodyArgument))) {
                rows.add(row);
            }
        }
    }

    public int rowCount() {
        return rows.size();
    }

    private int any(int n) {
        return random.applyAsInt(n);
    }

    private boolean rarely(int n) {
        return any(n) == 0;
    }

    private void put(int b) {
        out[length++] = (byte) b;
    }

    /** An instruction of mode 16, 32 or 64. */
    public Instruction next(int mode) {
        for (;;) {
            IsaRow row = rows.get(any(rows.size()));
            if (!row.has(mode == 64 ? "i64" : "o64")) {
                return encode(row, mode);
            }
        }
    }

    private Instruction encode(IsaRow row, int mode) {
        length = 0;
        isCode16 = mode == 16;
        hasMemory = false;
        base = index = -1;
        scale = displacement = 0;
        int addressBits = mode;
        // Intel's processors ignore it before near branches of 64-bit code, AMD's cut the target.
        boolean isBranch = mode == 64 && row.bodyClass.equals("Control");
        // A double shift of 16 bits by more than 16 is undefined.
        boolean isDoubleShift = row.bodyMethod.equals("shld") || row.bodyMethod.equals("shrd");
        boolean mayHave66 = row.prefix != 0 && row.prefix != 1 && !row.isVex && !isBranch;
        if (mayHave66 && (isDoubleShift ? mode == 16 : rarely(mode == 16 ? 2 : 5))) {
            put(0x66);
        }
        if (rarely(mode == 16 ? 8 : 30)) {
            put(0x67);
            addressBits = mode == 32 ? 16 : 32;
        }
        if (rarely(40)) {
            put(mode == 64 ? 0x3E : new int[] {0x26, 0x36, 0x3E}[any(3)]);
        }
        int modrm = modRm(row);
        if (row.has("lock") && modrm >= 0 && modrm < 0xC0 && rarely(6)) {
            put(0xF0);
        }
        if (row.has("rep") && rarely(2)) {
            put(rarely(2) ? 0xF2 : 0xF3);
        }
        int rex = mode == 64 ? any(16) : 0;
        if (row.rexW >= 0) {
            rex = rex & 7 | row.rexW << 3;
        }
        int operandBits = (rex & 8) != 0 ? 64 : hasPrefix66() == (mode == 16) ? 32 : 16;
        opcode(row, mode, rex, modrm);
        if (modrm >= 0) {
            put(modrm);
            if (modrm < 0xC0) {
                memory(modrm, rex, addressBits, mode == 16 ? 0x8000 : 0x200000);
            }
        }
        for (String o : row.operands) {
            immediate(o, operandBits, addressBits);
        }
        byte[] code = new byte[length];
        System.arraycopy(out, 0, code, 0, length);
        return new Instruction(code, row.bodyClass + "." + row.bodyMethod, row.bodyArgument, hasMemory, base, index, scale, displacement, addressBits);
    }

    private boolean hasPrefix66() {
        for (int i = 0; i < length && i < 4; i++) {
            if (out[i] == 0x66) {
                return true;
            }
        }
        return false;
    }

    private int modRm(IsaRow row) {
        if (!row.hasModRm) {
            return -1;
        }
        int reg = row.reg >= 0 ? row.reg : any(8), rm = row.rm >= 0 ? row.rm : any(8);
        boolean isMemory = row.mod == 0 || row.mod < 0 && row.canBeMemory() && (!row.canBeRegister() || rarely(2));
        return (isMemory ? any(3) : 3) << 6 | reg << 3 | rm;
    }

    private void opcode(IsaRow row, int mode, int rex, int modrm) {
        int register = row.isRegisterInOpcode ? any(8) : 0;
        if (row.isVex) {
            int map = row.map - IsaRow.VEX_MAPS;
            int pp = Math.max(row.prefix, 0);
            int vexL = row.vexL >= 0 ? row.vexL : any(2);
            boolean usesVvvv = row.operands.stream().anyMatch(o -> o.charAt(0) == 'H' || o.charAt(0) == 'B' && o.length() == 2) || row.has("vsib");
            int vvvv = usesVvvv ? any(mode == 64 ? 16 : 8) : 0;
            put(0xC4);
            put((~rex & 7) << 5 | map);
            put((rex & 8) << 4 | (~vvvv & 15) << 3 | vexL << 2 | pp);
            put(row.opcode);
            return;
        }
        int prefix = row.prefix > 0 ? new int[] {0, 0x66, 0xF3, 0xF2}[row.prefix] : 0;
        if (prefix != 0) {
            put(prefix);
        }
        if (mode == 64 && (rex != 0 || rarely(4))) {
            put(0x40 | rex);
        }
        if (row.map > IsaRow.ONE_BYTE) {
            put(0x0F);
        }
        if (row.map > IsaRow.TWO_BYTE) {
            put(row.map == IsaRow.MAP_0F38 ? 0x38 : 0x3A);
        }
        put(row.opcode + register);
    }

    private void memory(int modrm, int rex, int addressBits, int data) {
        hasMemory = true;
        int mod = modrm >>> 6, rm = modrm & 7;
        int size = mod == 1 ? 1 : mod == 2 ? 4 : 0;
        if (addressBits == 16) {
            size = mod == 0 ? rm == 6 ? 2 : 0 : mod;
            base = new int[] {3, 3, 5, 5, 6, 7, 5, 3}[rm];
            index = new int[] {6, 7, 6, 7, -1, -1, -1, -1}[rm];
            base = mod == 0 && rm == 6 ? -1 : base;
        } else if (rm == 4) {
            int sib = any(256);
            put(sib);
            scale = sib >>> 6;
            index = (sib >>> 3 & 7 | (rex & 2) << 2) == 4 ? -1 : sib >>> 3 & 7 | (rex & 2) << 2;
            base = sib & 7 | (rex & 1) << 3;
            if ((sib & 7) == 5 && mod == 0) {
                base = -1;
                size = 4;
            }
        } else {
            base = rm | (rex & 1) << 3;
            if (rm == 5 && mod == 0) {
                base = -1;
                size = 4;
            }
        }
        displacement = size == 1 ? (byte) any(256) : size == 2 ? 0x8000 + any(0x2000) : size == 4 ? base < 0 ? data + any(0x2000) : any(0x4000) - 0x2000 : 0;
        putNumber(displacement, size);
    }

    private void putNumber(long v, int size) {
        for (int i = 0; i < size; i++) {
            put((int) (v >>> i * 8));
        }
    }

    private long number() {
        switch (any(4)) {
            case 0: return any(8) - 4;
            case 1: return 1L << any(32);
            case 2: return ~(1L << any(32));
            default: return any(1 << 16) | (long) any(1 << 16) << 16;
        }
    }

    private void immediate(String operand, int operandBits, int addressBits) {
        switch (operand) {
            case "Ib": case "Ibs": putNumber(rarely(3) ? number() : any(64), 1); break;
            case "Iz": putNumber(number(), operandBits == 16 ? 2 : 4); break;
            case "Iv": putNumber(number() << (rarely(2) ? 30 : 0), operandBits / 8); break;
            case "Iw": putNumber(any(64), 2); break;
            case "Iwb": putNumber(any(64), 2); putNumber(any(34), 1); break;
            // To the next instruction or out of the code: inside, other instructions would begin, and loops cost time.
            case "Jb": putNumber(rarely(4) ? -(any(32) + 80) : rarely(2) ? 0 : 64 + any(60), 1); break;
            case "Jz": putNumber(operandBits == 32 && isCode16 && rarely(3) ? number() : rarely(4) ? -(any(512) + 80) : rarely(2) ? 0 : 64 + any(512), operandBits == 16 && addressBits != 64 ? 2 : 4); break;
            case "Lx": putNumber(any(16) << 4, 1); break;
            default:
                if (operand.charAt(0) == 'O') {
                    putNumber((addressBits == 16 ? 0x8000 : 0x200000) + any(0x1FF0), addressBits / 8);
                }
                break;
        }
    }
}
