// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;

/** Makes pure nodes, folding constants and identities. Every node joins the block's list behind its operands. */
final class NodeFactory {
    private List<Node> nodes;

    void begin(List<Node> block) {
        nodes = block;
    }

    private Node make(int bits, int op, Node a, Node b, Node c, long imm) {
        Node n = new Node(bits, op, a, b, c, imm);
        nodes.add(n);
        return n;
    }

    Node leaf(int bits, int op, long imm) {
        return make(bits, op, null, null, null, imm);
    }

    Node constant(int bits, long v) {
        long x = bits == 64 ? v : bits == 32 ? (int) v : v & (1L << bits) - 1;
        return make(bits, Node.CONST, null, null, null, x);
    }

    Node stateAddress(int offset) {
        return make(32, Node.STATE_ADDRESS, null, null, null, offset);
    }

    Node record() {
        return make(32, Node.RECORD, null, null, null, 0);
    }

    /** A wasm instruction on one or two operands; op is the i32 opcode when they have at most 32 bits. */
    Node pure(int bits, int op, Node a, Node b) {
        return make(bits, op, a, b, null, 0);
    }

    /** A call of a pure imported function: its operands, then a constant. */
    Node call(int bits, int function, int constant, Node a, Node b, Node c, Node d) {
        Node n = new Node(bits, Node.PURE_CALL, a, b, c, d, function | (long) constant << 8);
        nodes.add(n);
        return n;
    }

    Node vector(int bits, int op, Node a, Node b, byte[] lanes) {
        Node n = make(bits, Node.VECTOR | op, a, b, null, 0);
        n.lanes = lanes;
        return n;
    }

    /** The bits of one vector where the mask has ones, of the other elsewhere. */
    Node vectorSelect(Node mask, Node ones, Node zeros) {
        return make(128, Node.VECTOR | VectorOps.BITSELECT, ones, zeros, mask, 0);
    }

    /** A lane of a vector register, zero-extended. */
    Node vectorLane(Node v, int bits, int lane) {
        if (bits == 128) {
            return v;
        }
        if (v.op == (Node.VECTOR | VectorOps.replace(bits)) && v.lanes[0] == lane) {
            return truncate(v.b, bits);
        }
        return vector(bits, VectorOps.extract(bits), v, null, new byte[] {(byte) lane});
    }

    Node withLane(Node v, Node value, int lane) {
        return value.bits() == 128 ? value : vector(128, VectorOps.replace(value.bits()), v, value, new byte[] {(byte) lane});
    }

    // Floating point, in the lowest lane

    Node floatLane(Node v, int bits) {
        int replace = bits == 64 ? VectorOps.F64_REPLACE : VectorOps.F32_REPLACE;
        if (v.op == (Node.VECTOR | replace)) {
            return v.b;
        }
        return floating(vector(bits, bits == 64 ? VectorOps.F64_EXTRACT : VectorOps.F32_EXTRACT, v, null, new byte[1]));
    }

    Node withFloatLane(Node v, Node value) {
        return vector(128, value.bits() == 64 ? VectorOps.F64_REPLACE : VectorOps.F32_REPLACE, v, value, new byte[1]);
    }

    Node floating(int bits, int op, Node a, Node b) {
        return floating(make(bits, op, a, b, null, 0));
    }

    private static Node floating(Node n) {
        n.isFloat = true;
        return n;
    }

    /** The bits of a floating-point value. */
    Node bitsOf(Node v) {
        return make(v.bits(), v.bits() == 64 ? Wasm.I64_REINTERPRET : Wasm.I32_REINTERPRET, v, null, null, 0);
    }

    Node floatOf(Node bits) {
        return floating(bits.bits(), bits.bits() == 64 ? Wasm.F64_REINTERPRET : Wasm.F32_REINTERPRET, bits, null);
    }

    /** A comparison by its f64 opcode; the f32 ones are in the same order below. */
    Node compareFloats(int f64op, Node a, Node b) {
        return make(1, a.bits() == 64 ? f64op : f64op - (Wasm.F64_EQ - Wasm.F32_EQ), a, b, null, 0);
    }

    private static int op(int i32, Node a) {
        return a.bits() == 64 ? i32 + Wasm.I64_ARITHMETIC : i32;
    }

    private Node masked(Node n, int bits) {
        return bits >= 32 ? n : make(bits, Wasm.I32_AND, n, constant(32, (1L << bits) - 1), null, 0);
    }

    Node add(Node a, Node b) {
        if (a.op == Node.STATE_ADDRESS) {
            if (!b.isConst()) {
                throw new Unsupported();
            }
            return stateAddress((int) (a.imm + b.imm));
        }
        if (a.isConst() && b.isConst()) {
            return constant(a.bits(), a.imm + b.imm);
        }
        if (b.isConst(0)) {
            return a;
        }
        if (a.isConst(0)) {
            return b;
        }
        // (x + c) + d: chains of stack pointer adjustments.
        if (b.isConst() && a.bits() >= 32 && a.op == op(Wasm.I32_ADD, a) && a.b.isConst()) {
            return add(a.a, constant(a.bits(), a.b.imm + b.imm));
        }
        return masked(make(a.bits(), op(Wasm.I32_ADD, a), a, b, null, 0), a.bits());
    }

    Node sub(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(a.bits(), a.imm - b.imm);
        }
        if (b.isConst()) {
            return add(a, constant(a.bits(), -b.imm));
        }
        return masked(make(a.bits(), op(Wasm.I32_SUB, a), a, b, null, 0), a.bits());
    }

    Node mul(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(a.bits(), a.imm * b.imm);
        }
        return masked(make(a.bits(), op(Wasm.I32_MUL, a), a, b, null, 0), a.bits());
    }

    Node and(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(a.bits(), a.imm & b.imm);
        }
        if (a.isConst(0) || b.isConst(0)) {
            return constant(a.bits(), 0);
        }
        if (b.isConst(ones(b.bits())) || a == b) {
            return a;
        }
        if (a.isConst(ones(a.bits()))) {
            return b;
        }
        return make(a.bits(), op(Wasm.I32_AND, a), a, b, null, 0);
    }

    private static long ones(int bits) {
        return bits >= 32 ? -1 : (1L << bits) - 1;
    }

    Node or(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(a.bits(), a.imm | b.imm);
        }
        if (b.isConst(0) || a == b) {
            return a;
        }
        if (a.isConst(0)) {
            return b;
        }
        return make(a.bits(), op(Wasm.I32_OR, a), a, b, null, 0);
    }

    Node xor(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(a.bits(), a.imm ^ b.imm);
        }
        if (a == b) {
            return constant(a.bits(), 0);
        }
        if (b.isConst(0)) {
            return a;
        }
        // The complement of a truth value is its own instruction's opposite.
        if (a.bits() == 1 && b.isConst(1)) {
            return not(a);
        }
        return make(a.bits(), op(Wasm.I32_XOR, a), a, b, null, 0);
    }

    Node not(Node condition) {
        if (condition.isConst()) {
            return constant(1, condition.imm ^ 1);
        }
        return make(1, Wasm.I32_EQZ, condition, null, null, 0);
    }

    /** Wasm takes a shift count of the value's own type. */
    private Node count(Node a, Node n) {
        return a.bits() == 64 ? zeroExtend(n, 64) : n.bits() == 64 ? truncate(n, 32) : n;
    }

    Node shl(Node a, Node count) {
        if (count.isConst(0)) {
            return a;
        }
        if (a.isConst() && count.isConst()) {
            return constant(a.bits(), a.bits() == 64 ? a.imm << count.imm : (int) a.imm << count.imm);
        }
        return masked(make(a.bits(), op(Wasm.I32_SHL, a), a, count(a, count), null, 0), a.bits());
    }

    Node shr(Node a, Node count) {
        if (count.isConst(0)) {
            return a;
        }
        if (a.isConst() && count.isConst()) {
            return constant(a.bits(), a.bits() == 64 ? a.imm >>> count.imm : (int) a.imm >>> count.imm);
        }
        return make(a.bits(), op(Wasm.I32_SHR_U, a), a, count(a, count), null, 0);
    }

    Node sar(Node a, Node count) {
        if (a.isConst() && count.isConst()) {
            long x = signed(a);
            return constant(a.bits(), x >> count.imm);
        }
        if (count.isConst(0)) {
            return a;
        }
        Node x = a.bits() < 32 ? signExtend(a, 32) : a;
        return masked(make(a.bits(), op(Wasm.I32_SHR_S, a), x, count(a, count), null, 0), a.bits());
    }

    private static long signed(Node a) {
        return a.bits() >= 32 ? a.imm : a.imm << 64 - a.bits() >> 64 - a.bits();
    }

    Node rotl(Node a, Node count) {
        if (count.isConst(0)) {
            return a;
        }
        return make(a.bits(), op(Wasm.I32_ROTL, a), a, count(a, count), null, 0);
    }

    Node zeroExtend(Node a, int bits) {
        if (bits == a.bits()) {
            return a;
        }
        if (a.isConst()) {
            return constant(bits, a.bits() >= 32 ? a.imm & 0xFFFFFFFFL : a.imm);
        }
        if (bits == 64) {
            return make(64, Wasm.I64_EXTEND_I32_U, a, null, null, 0);
        }
        return make(bits, Node.ALIAS, a, null, null, 0);
    }

    Node signExtend(Node a, int bits) {
        if (bits == a.bits()) {
            return a;
        }
        if (a.isConst()) {
            return constant(bits, signed(a));
        }
        Node x = a.bits() == 8 ? make(32, Wasm.I32_EXTEND8_S, a, null, null, 0) : a.bits() == 16 ? make(32, Wasm.I32_EXTEND16_S, a, null, null, 0) : a;
        if (bits == 64) {
            return make(64, Wasm.I64_EXTEND_I32_S, x, null, null, 0);
        }
        return bits == 32 ? x : masked(x, bits);
    }

    Node truncate(Node a, int bits) {
        if (bits == a.bits()) {
            return a;
        }
        if (a.isConst()) {
            return constant(bits, a.imm);
        }
        Node x = a;
        if (a.bits() == 64) {
            // The low half of what was extended is what it was.
            boolean isExtended = (a.op == Wasm.I64_EXTEND_I32_U || a.op == Wasm.I64_EXTEND_I32_S) && a.a.bits() == 32;
            x = isExtended ? a.a : make(32, Wasm.I32_WRAP_I64, a, null, null, 0);
        }
        if (bits == 32) {
            return x;
        }
        if (x.op == Node.ALIAS && x.a.bits() == bits) {
            return x.a;
        }
        return masked(x, bits);
    }

    Node equal(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(1, a.imm == b.imm ? 1 : 0);
        }
        if (b.isConst(0)) {
            return isZero(a);
        }
        return make(1, a.bits() == 64 ? Wasm.I64_EQ : Wasm.I32_EQ, a, b, null, 0);
    }

    Node isZero(Node a) {
        if (a.isConst()) {
            return constant(1, a.imm == 0 ? 1 : 0);
        }
        return make(1, a.bits() == 64 ? Wasm.I64_EQZ : Wasm.I32_EQZ, a, null, null, 0);
    }

    Node isNotZero(Node a) {
        if (a.isConst()) {
            return constant(1, a.imm != 0 ? 1 : 0);
        }
        return make(1, a.bits() == 64 ? Wasm.I64_NE : Wasm.I32_NE, a, constant(a.bits(), 0), null, 0);
    }

    /** A comparison by its i32 opcode; the i64 ones are in the same order 11 further. */
    Node compare(int i32op, Node a, Node b) {
        return make(1, a.bits() == 64 ? i32op + (Wasm.I64_EQ - Wasm.I32_EQ) : i32op, a, b, null, 0);
    }

    Node lessUnsigned(Node a, Node b) {
        if (a.isConst() && b.isConst()) {
            return constant(1, a.imm + Long.MIN_VALUE < b.imm + Long.MIN_VALUE ? 1 : 0);
        }
        return compare(Wasm.I32_LT_U, a, b);
    }

    Node select(Node condition, Node a, Node b) {
        if (condition.isConst()) {
            return condition.imm != 0 ? a : b;
        }
        if (a == b) {
            return a;
        }
        return make(a.bits(), Wasm.SELECT, a, b, condition, 0);
    }

    /** The same flags with the kind as a value. */
    FlagState unknown(FlagState s) {
        if (!s.isKnown()) {
            return s;
        }
        return FlagState.unknown(constant(32, s.fkValue()), s.fx == null ? constant(32, 0) : s.fx, zeroExtend(s.a, 64), zeroExtend(s.r, 64));
    }
}
