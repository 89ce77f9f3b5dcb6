// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.isa.Value;

/**
 * One value or effect of a block's IR. Pure nodes have the Wasm opcode itself as op and may be computed anywhere in the
 * block; effects (LOAD and above) happen in their order. A value of up to 32 bits is an i32 (8 and 16 bits zero-extended).
 */
final class Node extends Value {
    /** Pure leaves: a constant; the value a guest register or a persistent local has at the block's start; STATE_LOAD is ordered by its makers. */
    static final int CONST = 0x100, REG = 0x101, LOCAL = 0x102;
    /** Pure: a call of the imported function in imm's low byte; behind a to d comes the constant above it. */
    static final int PURE_CALL = 0x103;
    /** Pure: the same i32 with another number of bits. */
    static final int ALIAS = 0x104;
    /** Pure leaf: the value a vector register has at the block's start. */
    static final int XREG = 0x107;
    /** Not code: an address in the vCPU's state, and the instruction's record; both only for their makers' eyes. */
    static final int STATE_ADDRESS = 0x105, RECORD = 0x106;

    /** Pure: the vector instruction in the low bits. */
    static final int VECTOR = 0x1000;

    /** Pure: the saturating conversion in the low bits. */
    static final int SATURATE = 0x2000;

    /** Effects. GUEST_ADDRESS: linear memory address of a guest operand; the others read or write there or in the vCPU's state. */
    static final int EFFECTS = 0x200;
    static final int LOAD = 0x200, STORE = 0x201, GUEST_ADDRESS = 0x202, HOST_LOAD = 0x203, HOST_STORE = 0x204, STATE_LOAD = 0x205, STATE_STORE = 0x206,
        /** Leaves the region at the instruction unless the first operand, or the second where there is one, holds. */
        GUARD = 0x207,
        /** Runs the interpreter's handler of the instruction; all registers go through memory. */
        HANDLER = 0x208,
        /** Division after its guards: must not be moved before them. */
        DIVIDE = 0x209,
        /** Reads a register (vector registers from 16) that a handler may have changed. */
        RELOAD = 0x20A,
        /** The x87 operation in imm (X87Calls). */
        X87 = 0x20B,
        /** Leaves the region unless the x87 is as its FpuEntry takes for granted: status, tags from TOP on, control. */
        FPU_CHECK = 0x20C,
        /** A call of the FpuFunctions function in imm; its second result is a node of its own. */
        FPU_CALL = 0x20D, FPU_SECOND = 0x20E,
        /** The value of another node, of the fourth operand where neither the first nor the second condition holds; leaves the region where the third does not hold either. */
        REPAIR = 0x20F;

    final int op;
    final Node a;
    final Node b;
    final Node c;
    /** Fourth operand, of calls only. */
    final Node d;
    final long imm;
    /** A floating-point value of its 32 or 64 bits. */
    boolean isFloat;
    /** Known to be zero or a normal number. */
    boolean isOrdinary;
    /** Of a vector whose lanes are all known to be no denormals (they may be infinities and NaNs): the bits of a lane; else 0. */
    int normalizedLanes;
    /** Lanes of a shuffle, bytes of a vector constant, number of a lane. */
    byte[] lanes;
    /** State at the start of the instruction, for effects that can leave the region. */
    Snapshot snapshot;

    /** Of accesses: distance from the stack base if the address needs no look-up, else StackTracking.UNKNOWN. */
    int stackOffset = StackTracking.UNKNOWN;

    /** Of accesses that share a look-up with others (null: with none), and the distance from what the group counts from. */
    AccessGroups.Group group;
    int groupOffset;

    /** Of the load of a jump's target from a table that is known. */
    JumpTables.Use jump;

    /** Of GUARD nodes: done only where the target that it checks is not the expected one. */
    boolean isDeferred;

    /** Of FPU_CHECK nodes. */
    FpuEntry fpuEntry;

    /** Of FPU_CALL nodes with two results the other one; of REPAIR nodes whose value it is usually. */
    Node second;

    /** Of HANDLER nodes. */
    HandlerEffect handlerEffect;

    /** Uses on the way that is taken normally, and uses by exits. */
    int uses;
    int exitUses;
    /** Wasm local that holds the value, or -1. */
    int local = -1;
    /** For nodes computed in an exit only: the exit, and the local there. */
    int exitId = -1;
    int exitLocal;

    Node(int bits, int op, Node a, Node b, Node c, long imm) {
        this(bits, op, a, b, c, null, imm);
    }

    Node(int bits, int op, Node a, Node b, Node c, Node d, long imm) {
        super(bits, null);
        this.op = op;
        this.a = a;
        this.b = b;
        this.c = c;
        this.d = d;
        this.imm = imm;
    }

    /** The node that computes this value. */
    Node source() {
        Node n = this;
        while (n.op == ALIAS) {
            n = n.a;
        }
        return n;
    }

    boolean isConst() {
        return op == CONST;
    }

    boolean isConst(long value) {
        return op == CONST && imm == value;
    }

    boolean isEffect() {
        return op >= EFFECTS && op < VECTOR;
    }

    /** Whether it looks an address up, calls the interpreter or tests a guard: then it can leave the region. */
    boolean canLeave() {
        return snapshot != null && !isOnStack();
    }

    /** An effect that may be left out when nobody uses its value. */
    boolean isDroppable() {
        return op == STATE_LOAD || op == HOST_LOAD || op == RELOAD || op == DIVIDE || op == FPU_SECOND || op == GUEST_ADDRESS && isOnStack() || op == LOAD && isOnStack();
    }

    /** Bytes of guest memory that it accesses. */
    int accessSize() {
        return op == LOAD ? bits() / 8 : op == STORE ? b.bits() / 8 : (int) imm & JitAccess.SIZE;
    }

    /** Of accesses. */
    boolean isWrite() {
        return op == STORE || op == GUEST_ADDRESS && (imm & JitAccess.WRITE) != 0;
    }

    /** A guest access that looks its address up, by itself or with others. */
    boolean isLookedUp() {
        return (op == LOAD || op == STORE || op == GUEST_ADDRESS) && !isOnStack() && jump == null;
    }

    /** A guest access whose address is known without a look-up. */
    boolean isOnStack() {
        return stackOffset != StackTracking.UNKNOWN;
    }

    int type() {
        return isFloat ? bits() == 64 ? Wasm.F64 : Wasm.F32 : type(bits());
    }

    static int type(int bits) {
        return bits == 128 ? Wasm.V128 : bits == 64 ? Wasm.I64 : Wasm.I32;
    }
}
