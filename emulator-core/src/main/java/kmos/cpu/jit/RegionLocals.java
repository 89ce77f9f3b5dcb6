// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** The locals every region has: nesting depth (its parameter), guest registers, flags, instruction budget and scratch. */
final class RegionLocals {
    /** The parameter: calls around this one. */
    static final int DEPTH = 0;

    final int[] registers = new int[Locals.REGISTERS];
    /** Of the vector registers that the region uses; the others have none. */
    final int[] vectors = new int[Locals.REGISTERS];
    final int fk;
    final int fx;
    final int fa;
    final int fr;
    final int budget;
    /** RSP at the entry, and the linear memory address of the lowest byte of the stack that needs no look-up. */
    final int stackBase;
    final int stackHost;
    /** Scratch within one access. */
    final int entry;
    final int host;
    final int status;
    final int address64;
    /** Which entry of its table a computed jump uses; -1: none, the address counts. */
    final int jumpIndex;
    final int stackPointer;
    /** Of a computed target among a call site's cells. */
    final int way;
    /** Of an access from the beginning of its range. */
    final int distance;
    private final Locals locals;
    /** Of the x87, made when they are first asked for: registers counted from TOP, status, tags, TOP. */
    private final Node[] fpuSignificands = new Node[8];
    private final Node[] fpuExponents = new Node[8];
    private final Node[] fpuWords = new Node[3];
    private final FlagState flags;
    /** Flags of a known kind where blocks meet, by role and width. */
    private final Node[] flagOperands = new Node[4 * 65];
    private final Node[] floatOperands = new Node[4];

    RegionLocals(Locals locals, boolean is64) {
        this.locals = locals;
        int type = is64 ? Wasm.I64 : Wasm.I32;
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            registers[i] = locals.persistent(type);
        }
        stackBase = locals.persistent(type);
        stackPointer = locals.persistent(type);
        distance = locals.persistent(type);
        fk = locals.persistent(Wasm.I32);
        fx = locals.persistent(Wasm.I32);
        budget = locals.persistent(Wasm.I32);
        stackHost = locals.persistent(Wasm.I32);
        entry = locals.persistent(Wasm.I32);
        way = locals.persistent(Wasm.I32);
        host = locals.persistent(Wasm.I32);
        status = locals.persistent(Wasm.I32);
        jumpIndex = locals.persistent(Wasm.I32);
        fa = locals.persistent(Wasm.I64);
        fr = locals.persistent(Wasm.I64);
        address64 = locals.persistent(Wasm.I64);
        flags = FlagState.unknown(leaf(32, fk), leaf(32, fx), leaf(64, fa), leaf(64, fr));
    }

    private static Node leaf(int bits, int local) {
        return new Node(bits, Node.LOCAL, null, null, null, local);
    }

    Node fpuSignificand(int register) {
        return made(fpuSignificands, register, 64);
    }

    Node fpuExponent(int register) {
        return made(fpuExponents, register, 32);
    }

    Node fpuStatus() {
        return made(fpuWords, 0, 32);
    }

    Node fpuTags() {
        return made(fpuWords, 1, 32);
    }

    Node fpuTop() {
        return made(fpuWords, 2, 32);
    }

    private Node made(Node[] leaves, int i, int bits) {
        if (leaves[i] == null) {
            leaves[i] = leaf(bits, locals.persistent(Node.type(bits)));
        }
        return leaves[i];
    }

    /** Gives locals to vector registers. */
    void useVectors(int mask) {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((mask >> i & 1) != 0) {
                vectors[i] = locals.persistent(Wasm.V128);
            }
        }
    }

    /** Flags of any kind, in their locals. */
    FlagState flags() {
        return flags;
    }

    /** Flags of a shape in their locals; f makes the result where it is not carried. */
    FlagState flags(FlagShape s, NodeFactory f) {
        if (s.kind() == FlagState.COMPARED) {
            return FlagState.compared(f, floatOperand(0, s.width()), floatOperand(1, s.width()));
        }
        if (s.kind() < 0) {
            return s.kind() == FlagState.MEMORY ? FlagState.inMemory() : flags;
        }
        Node a = flagOperand(0, s.width()), b = s.hasSecond() ? flagOperand(1, s.width()) : null;
        Node r = s.hasResult() ? flagOperand(2, s.width()) : f.sub(a, b);
        return FlagState.known(s.kind(), s.width(), s.hasExplicit() ? flagOperand(3, 32) : null, a, b, r);
    }

    private Node floatOperand(int role, int width) {
        int i = role * 2 + width / 64;
        if (floatOperands[i] == null) {
            floatOperands[i] = leaf(width, locals.persistent(width == 64 ? Wasm.F64 : Wasm.F32));
            floatOperands[i].isFloat = true;
        }
        return floatOperands[i];
    }

    private Node flagOperand(int role, int width) {
        int i = role * 65 + width;
        if (flagOperands[i] == null) {
            flagOperands[i] = leaf(width, locals.persistent(Node.type(width)));
        }
        return flagOperands[i];
    }
}
