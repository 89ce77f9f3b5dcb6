// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * Decodes one instruction: prefixes, opcode through the generated decision tree, ModRM and SIB, immediates. The result
 * stands in the fields and is reused; operand fields are byte offsets into the register file (numbers for vector registers).
 */
final class Decoder {
    /** Operand codes, as kmos.isa.build.Operands numbers them; width in bits 8 to 10. */
    private static final int E = 1, G = 2, Z = 3, IMM8 = 4, IMM8_SIGNED = 5, IMM_Z = 6, IMM_FULL = 7, IMM16 = 8, IMM16_8 = 9, REL8 = 10, REL_Z = 11,
        OFFSET = 12, FAR = 13, SEGMENT = 14, V = 15, W = 16, P = 17, Q = 18, M = 19, U = 20, N = 21, ST_I = 22, CONTROL = 23, H = 24, B = 25, L = 26;
    private static final int MODE = 1, PREFIX = 2, MOD = 3, REG = 4, RM = 5, REX_W = 6, VEX_L = 7;

    /** Shapes, as kmos.isa.build.Shape orders them. */
    static final int R = 0, RS32 = 1, RS64 = 2, RSX = 3, MX = 4, M32B = 5, M32X = 6, M64B = 7, M64X = 8, M64R = 9;

    /** Outcome of decode. */
    static final int OK = 0, UNDEFINED = 1, TOO_LONG = 2, NEEDS_MORE_BYTES = 3;

    private static final class Overrun extends RuntimeException {
        private static final long serialVersionUID = 1;

        Overrun() {
            super(null, null, false, false);
        }
    }

    private final IsaProperties isa;
    /** Extensions that this processor has (kmos.isa.Features); a form that needs another is undefined. */
    private final int features;
    private final Overrun overrun = new Overrun();
    private int p;
    private int limit;

    // Result
    int row;
    int attributes;
    int width;
    int shape;
    int a;
    int b;
    int x;
    int scale;
    int segment;
    int addressSize;
    int disp;
    int imm;
    int immHigh;
    boolean hasFullImmediate;
    /** Branch displacement, when the row has one. */
    int relative;
    boolean isRelative;
    int length;

    private int mode;
    private int rex;
    private int osz;
    private int repPrefix;
    /** Inverted VEX.vvvv, or 0; VEX.L. */
    private int vvvv;
    private int vexL;
    private boolean usesVvvv;
    private int modrm;
    private boolean hasMemory;
    private boolean isRip;
    private int fieldsUsed;

    Decoder(IsaProperties isa, int features) {
        this.isa = isa;
        this.features = features;
    }

    private int fetch8() {
        if (p >= limit) {
            throw overrun;
        }
        return Memory.get8(p++);
    }

    private int fetch16() {
        int v = fetch8();
        return v | fetch8() << 8;
    }

    private int fetch32() {
        if (p + 4 > limit) {
            throw overrun;
        }
        int v = Memory.get32(p);
        p += 4;
        return v;
    }

    /** Decodes at linear-memory address start, of which available bytes may be read, in the mode of BlockCache. */
    int decode(int start, int available, int codeMode) {
        p = start;
        limit = start + Math.min(15, available);
        mode = codeMode;
        try {
            int result = decodeInstruction();
            length = p - start;
            return result;
        } catch (Overrun end) {
            length = Math.min(15, available);
            return available >= 15 ? TOO_LONG : NEEDS_MORE_BYTES;
        }
    }

    private int decodeInstruction() {
        boolean is64 = (mode & BlockCache.BITS64) != 0;
        boolean is32 = (mode & BlockCache.BITS32) != 0;
        boolean has66 = false, has67 = false, hasLock = false;
        int segmentPrefix = -1;
        rex = 0;
        repPrefix = 0;
        vvvv = 0;
        int c;
        prefixes:
        for (;;) {
            c = fetch8();
            switch (c) {
                case 0x66: has66 = true; break;
                case 0x67: has67 = true; break;
                case 0xF0: hasLock = true; break;
                case 0xF2: case 0xF3: repPrefix = c; break;
                case 0x26: case 0x2E: case 0x36: case 0x3E:
                    if (!is64) {
                        segmentPrefix = c >> 3 & 3;
                    }
                    break;
                case 0x64: case 0x65: segmentPrefix = c & 7; break;
                default:
                    if (is64 && (c & 0xF0) == 0x40) {
                        rex = c;
                        c = fetch8();
                        // A prefix behind REX takes its effect away: the loop goes on only if this is one.
                        if (isPrefix(c) || (c & 0xF0) == 0x40) {
                            p--;
                            rex = 0;
                            continue;
                        }
                    }
                    break prefixes;
            }
        }
        int map = 0;
        int treePrefix = repPrefix == 0xF3 ? 2 : repPrefix == 0xF2 ? 3 : has66 ? 1 : 0;
        if ((c & 0xFE) == 0xC4 && (is64 || isVex())) {
            if (has66 || hasLock || repPrefix != 0 || rex != 0) {
                return UNDEFINED;
            }
            int prefix = decodeVex(c, is64);
            map = prefix >> 8;
            treePrefix = prefix & 3;
            if (map < 4 || map > 6) {
                return UNDEFINED;
            }
            c = fetch8();
        }
        osz = is64 && (rex & 8) != 0 ? 3 : has66 ? (is32 || is64 ? 1 : 2) : is32 || is64 ? 2 : 1;
        int defaultAddress = is64 ? Ea.A64 : is32 ? Ea.A32 : Ea.A16;
        addressSize = !has67 ? defaultAddress : is64 ? Ea.A32 : is32 ? Ea.A16 : Ea.A32;
        if (c == 0x0F && map == 0) {
            c = fetch8();
            map = 1;
            if (c == 0x38 || c == 0x3A) {
                map = c == 0x38 ? 2 : 3;
                c = fetch8();
            }
        }
        int opcode = c;
        modrm = -1;
        int start = map << 8 | (map == 0 && c == 0x90 && (rex & 1) != 0 ? 0x91 : c);
        int cell = find(start, treePrefix, is64);
        if (cell == 0) {
            return UNDEFINED;
        }
        row = cell - 1;
        int at = row * IsaProperties.ROW;
        int missing = (isa.rows[at + 10] | isa.rows[at + 11] << 16) & ~features;
        if (missing != 0) {
            // LZCNT and TZCNT are BSR and BSF with a prefix that a processor without them ignores.
            if ((isa.rows[at] & IsaProperties.ELSE_PLAIN) == 0) {
                return UNDEFINED;
            }
            row = find(start, 0, is64) - 1;
            at = row * IsaProperties.ROW;
        }
        attributes = isa.rows[at];
        int widthKind = isa.rows[at + 1];
        if (is64 && (attributes & IsaProperties.F64) != 0) {
            osz = 3;
        } else if (is64 && (attributes & IsaProperties.D64) != 0) {
            osz = osz == 1 ? 1 : 3;
        }
        width = widthKind == 0 ? isa.rows[at + 2] : widthKind == 1 ? osz : widthKind == 2 ? Math.max(2, osz) : 2 + vexL;
        usesVvvv = false;
        a = b = 0;
        x = CpuState.ZERO;
        scale = disp = imm = immHigh = relative = 0;
        isRelative = hasFullImmediate = hasMemory = isRip = false;
        fieldsUsed = 0;
        segment = 3;
        if ((attributes & IsaProperties.MODRM) != 0) {
            peekModRm();
            p++;
            if (modrm < 0xC0 && (attributes & IsaProperties.REGISTER_RM) == 0) {
                hasMemory = true;
                decodeMemory();
            }
        }
        for (int i = 0; i < 4; i++) {
            int code = isa.rows[at + 4 + i];
            if (code != 0 && !operand(code & 0xFF, code >> 8, opcode)) {
                return UNDEFINED;
            }
        }
        if ((attributes & IsaProperties.X87) != 0) {
            // FOP, for the instruction pointers of the x87, in the word that the form does not need.
            int fop = (opcode & 7) << 8 | modrm;
            if (hasMemory) {
                imm = fop;
            } else {
                disp = fop;
            }
        }
        if (vvvv != 0 && !usesVvvv || (attributes & IsaProperties.VSIB) != 0 && !isGather()) {
            return UNDEFINED;
        }
        if (hasLock && ((attributes & IsaProperties.LOCK) == 0 || !hasMemory)) {
            return UNDEFINED;
        }
        if (segmentPrefix >= 0) {
            segment = segmentPrefix;
        } else if (!hasMemory && (attributes & IsaProperties.STACK) != 0) {
            segment = 2;
        }
        if ((attributes & IsaProperties.REP) != 0) {
            imm = repPrefix;
        }
        if (isRip) {
            addressSize = Ea.RIP;
        }
        chooseShape(is64, defaultAddress);
        return OK;
    }

    /** Legacy prefixes (SDM vol. 2A §2.1.1). */
    static boolean isPrefix(int c) {
        return c == 0x66 || c == 0x67 || c == 0xF0 || c == 0xF2 || c == 0xF3 || (c & 0xE7) == 0x26 || c == 0x64 || c == 0x65;
    }

    private int find(int start, int prefix, boolean is64) {
        int cell = isa.tree[start];
        while (cell < 0) {
            int node = -cell;
            int index;
            switch (isa.tree[node]) {
                case MODE: index = is64 ? 1 : 0; break;
                case PREFIX: index = prefix; break;
                case MOD: index = peekModRm() >= 0xC0 ? 1 : 0; break;
                case REG: index = peekModRm() >> 3 & 7; break;
                case RM: index = peekModRm() & 7; break;
                case REX_W: index = (rex & 8) != 0 ? 1 : 0; break;
                case VEX_L: index = vexL; break;
                default: throw new IllegalStateException("decode tree");
            }
            cell = isa.tree[node + 1 + index];
        }
        return cell;
    }

    /** Outside 64-bit mode C4 and C5 are LES and LDS when a memory ModRM follows. */
    private boolean isVex() {
        int next = fetch8();
        p--;
        return (next & 0xC0) == 0xC0;
    }

    /** The bytes behind C4 or C5 (SDM vol. 2A §2.3.5): sets rex, vvvv, vexL; returns map &lt;&lt; 8 | pp. */
    private int decodeVex(int c, boolean is64) {
        int map = 1;
        int v = fetch8();
        if (c == 0xC5) {
            rex = ~v >>> 5 & 4;
        } else {
            // Outside 64-bit mode inverted R and X are ones (else it were LES), B is ignored.
            rex = is64 ? ~v >>> 5 & 7 : 0;
            map = v & 0x1F;
            v = fetch8();
            rex |= v >>> 4 & 8;
        }
        vvvv = ~v >>> 3 & (is64 ? 15 : 7);
        vexL = v >>> 2 & 1;
        return map + 3 << 8 | v & 3;
    }

    private int peekModRm() {
        if (modrm < 0) {
            modrm = fetch8();
            p--;
        }
        return modrm;
    }

    private void chooseShape(boolean is64, int defaultAddress) {
        boolean isFlat32 = (mode & (BlockCache.FLAT | BlockCache.BITS32 | BlockCache.STACK32)) == (BlockCache.FLAT | BlockCache.BITS32 | BlockCache.STACK32);
        int general = hasMemory ? MX : (attributes & IsaProperties.STACK) != 0 ? RSX : R;
        int fast = general;
        if (hasMemory) {
            // A CS override is general: code cannot be written, whatever its base.
            boolean plainSegment = segment < 4 && (is64 || isFlat32 && segment != 1);
            if (plainSegment && isRip) {
                fast = M64R;
            } else if (plainSegment && addressSize == defaultAddress && (is64 || isFlat32)) {
                fast = (is64 ? M64B : M32B) + (x == CpuState.ZERO ? 0 : 1);
            }
        } else if (general == RSX) {
            fast = is64 ? RS64 : isFlat32 ? RS32 : RSX;
        }
        shape = form(width, fast) != IsaProperties.NONE ? fast : general;
    }

    private int form(int w, int s) {
        return isa.forms[(row * 4 + w) * IsaProperties.SHAPES + s];
    }

    /** A copy of what was decoded last, for an instruction at pc. */
    DecodedInstruction copy(long pc) {
        return new DecodedInstruction(this, pc, hasMemory);
    }

    /** Handler of the decoded form; NONE when the combination does not exist. */
    int formId() {
        return form(width, shape);
    }

    private void take(int value) {
        if (fieldsUsed++ == 0) {
            a = value;
        } else {
            b = value;
        }
    }

    /** Byte offset of a general register; without REX the numbers 4 to 7 mean AH CH DH BH when 8 bits wide. */
    private int registerOffset(int number, int w) {
        int bytes = w == 4 ? width : w == 5 ? Math.max(2, osz) : w;
        if (bytes == 0 && rex == 0 && number >= 4) {
            return (number - 4) * 8 + 1;
        }
        return number * 8;
    }

    private boolean operand(int kind, int w, int opcode) {
        int reg = modrm >> 3 & 7 | (rex & 4) << 1;
        int rm = modrm & 7 | (rex & 1) << 3;
        switch (kind) {
            case E:
                if (!hasMemory) {
                    take(registerOffset(rm, w));
                }
                return true;
            case G:
                take(registerOffset(reg, w));
                return true;
            case Z:
                take(registerOffset(opcode & 7 | (rex & 1) << 3, w));
                return true;
            case IMM8:
                imm = imm & 0xFF00 | fetch8();
                return true;
            case IMM8_SIGNED:
                imm = (byte) fetch8();
                return true;
            case IMM_Z:
                imm = osz == 1 ? (short) fetch16() : fetch32();
                return true;
            case IMM_FULL:
                if (osz == 3) {
                    hasFullImmediate = true;
                    imm = fetch32();
                    immHigh = fetch32();
                } else {
                    imm = osz == 1 ? fetch16() : fetch32();
                }
                return true;
            case IMM16:
                imm = fetch16();
                return true;
            case IMM16_8:
                imm = fetch16();
                imm |= fetch8() << 16;
                return true;
            case REL8:
                relative = (byte) fetch8();
                isRelative = true;
                return true;
            case REL_Z:
                relative = osz == 1 ? (short) fetch16() : fetch32();
                isRelative = true;
                return true;
            case OFFSET:
                hasFullImmediate = true;
                imm = addressSize == Ea.A16 ? fetch16() : fetch32();
                immHigh = addressSize == Ea.A64 ? fetch32() : 0;
                return true;
            case FAR:
                disp = osz == 1 ? fetch16() : fetch32();
                imm = fetch16();
                return true;
            case SEGMENT:
                take(modrm >> 3 & 7);
                return (modrm >> 3 & 7) < 6;
            case V:
            case U:
            case P:
            case N:
                take(kind == V ? reg : kind == U ? rm : kind == P ? reg & 7 : rm & 7);
                return kind == V || kind == P || !hasMemory;
            case W:
            case Q:
                if (!hasMemory) {
                    take(kind == W ? rm : rm & 7);
                }
                return true;
            case M:
                return hasMemory;
            case ST_I:
                imm = modrm & 7;
                return true;
            case CONTROL:
                // CR0, CR2, CR3, CR4, CR8; DR0 to DR7. The rest is #UD even where the instruction is not allowed at all.
                boolean isDebug = (opcode & 1) != 0;
                take(reg * 8);
                return isDebug ? reg < 8 : reg == 0 || reg >= 2 && reg <= 4 || reg == 8;
            case H:
            case B:
                usesVvvv = true;
                imm = imm & 0xFF | (kind == H ? vvvv : vvvv * 8) << 8;
                return true;
            case L:
                imm = imm & ~0xFF | fetch8() & ((mode & BlockCache.BITS64) != 0 ? 0xF0 : 0x70);
                return true;
            default:
                throw new IllegalStateException("operand code");
        }
    }

    private void decodeMemory() {
        int mod = modrm >> 6, rm = modrm & 7;
        if (addressSize == Ea.A16) {
            decodeMemory16(mod, rm);
            return;
        }
        b = (rm | (rex & 1) << 3) * 8;
        if (rm == 4) {
            int sib = fetch8();
            int base = sib & 7;
            int index = sib >> 3 & 7 | (rex & 2) << 2;
            b = (base | (rex & 1) << 3) * 8;
            if (index != 4 || (attributes & IsaProperties.VSIB) != 0) {
                x = index * 8;
                scale = sib >> 6;
            }
            if (base == 5 && mod == 0) {
                b = CpuState.ZERO;
                disp = fetch32();
                return;
            }
            rm = base;
        } else if (mod == 0 && rm == 5) {
            b = CpuState.ZERO;
            disp = fetch32();
            isRip = (mode & BlockCache.BITS64) != 0;
            return;
        }
        if (b == 32 || b == 40) {
            segment = 2;
        }
        disp = mod == 0 ? 0 : mod == 1 ? (byte) fetch8() : fetch32();
    }

    /** VSIB needs a SIB byte, and destination, mask and index must be three registers (SDM vol. 2A §2.3.12). */
    private boolean isGather() {
        int index = x / 8;
        return addressSize != Ea.A16 && (modrm & 7) == 4 && a != vvvv && a != index && vvvv != index;
    }

    private void decodeMemory16(int mod, int rm) {
        // BX+SI BX+DI BP+SI BP+DI SI DI BP BX (SDM vol. 2A table 2-1)
        b = (rm == 0 || rm == 1 || rm == 7 ? 3 : rm == 2 || rm == 3 || rm == 6 ? 5 : rm == 4 ? 6 : 7) * 8;
        if (rm < 4) {
            x = ((rm & 1) == 0 ? 6 : 7) * 8;
        }
        if (mod == 0 && rm == 6) {
            b = CpuState.ZERO;
            disp = (short) fetch16();
            return;
        }
        if (b == 40) {
            segment = 2;
        }
        disp = mod == 0 ? 0 : mod == 1 ? (byte) fetch8() : (short) fetch16();
    }

    /** Whether the decoded form can raise a fault: then no flag writer before it may be dropped. */
    boolean canFault() {
        return (attributes & IsaProperties.PURE) == 0 || hasMemory && (attributes & IsaProperties.LEA) == 0;
    }

    int flagClass() {
        return isa.rows[row * IsaProperties.ROW + 3];
    }

    int noFlagsId() {
        return isa.noFlags[(row * 4 + width) * IsaProperties.SHAPES + shape];
    }

    boolean fuses() {
        return (attributes & IsaProperties.FUSES) != 0 && shape == R;
    }

    int fusedIndex() {
        return isa.rows[row * IsaProperties.ROW + 8] * 4 + width;
    }

    /** Condition of a Jcc, or NONE. */
    int condition() {
        return isa.rows[row * IsaProperties.ROW + 9];
    }

    int fusedId(int fusedIndex, int condition) {
        return isa.fused[fusedIndex * 16 + condition];
    }

    boolean ends() {
        return (attributes & IsaProperties.END) != 0;
    }

    /** Record word 0 to 3. */
    int word0(int id) {
        return id & 0xFFFF | a << 16 | b << 24;
    }

    int word1() {
        return hasFullImmediate ? imm : disp;
    }

    int word2() {
        return hasFullImmediate ? immHigh : imm;
    }

    int word3(int offsetInBlock, int number) {
        return x | scale << 8 | segment << 10 | addressSize << 13 | offsetInBlock << 15 | number << 25;
    }

    boolean isRipRelative() {
        return isRip;
    }

    /**
     * A RIP-relative displacement that counts from the instruction's end, so many bytes behind the block's start, becomes one
     * that counts from that start. Close to 2 GiB only the general form has room for it ({@link Ea}).
     */
    void rebase(int distance) {
        long sum = (long) disp + distance;
        disp = (int) sum;
        if (sum != disp) {
            scale = 1;
            shape = MX;
        }
    }

    /** Operand size of a near branch: 1 for 16 bits, 2, 3. */
    int operandSize() {
        return osz;
    }
}
