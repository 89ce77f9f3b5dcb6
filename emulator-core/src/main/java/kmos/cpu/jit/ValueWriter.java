// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Writes the code of values: from their locals, or computed in place when only one or only exits want them. */
final class ValueWriter {
    private final CodeWriter w;
    private final ByteWriter out;
    /** Offset of the lowest stack byte that needs no look-up. */
    private final int stackLow;
    private int exit;

    ValueWriter(CodeWriter w, int stackLow) {
        this.w = w;
        this.stackLow = stackLow;
        out = w.out;
    }

    /** What is computed from here on for exits only is computed once until the next call. */
    void beginExit() {
        exit++;
    }

    /** Leaves the value on the stack. */
    void put(Node node) {
        Node n = node.source();
        switch (n.op) {
            case Node.CONST:
                if (n.bits() == 64) {
                    out.u8(Wasm.I64_CONST).s64(n.imm);
                } else {
                    out.u8(Wasm.I32_CONST).s64((int) n.imm);
                }
                return;
            case Node.REG:
                out.u8(Wasm.LOCAL_GET).u32(w.fixed.registers[(int) n.imm]);
                return;
            case Node.XREG:
                out.u8(Wasm.LOCAL_GET).u32(w.fixed.vectors[(int) n.imm]);
                return;
            case Node.LOCAL:
                out.u8(Wasm.LOCAL_GET).u32((int) n.imm);
                return;
            default:
                break;
        }
        if (n.local >= 0) {
            out.u8(Wasm.LOCAL_GET).u32(n.local);
            return;
        }
        if (n.op == Node.GUEST_ADDRESS && n.isOnStack()) {
            w.get(w.fixed.stackHost);
            w.i32(n.stackOffset - stackLow);
            w.op(Wasm.I32_ADD);
            return;
        }
        if (n.isEffect()) {
            throw new IllegalStateException("effect " + n.op + " not computed");
        }
        if (n.uses == 0 && n.exitId == exit) {
            out.u8(Wasm.LOCAL_GET).u32(n.exitLocal);
            return;
        }
        compute(n);
        if (n.uses == 0 && n.exitUses > 1) {
            n.exitId = exit;
            n.exitLocal = w.locals.temporary(n.type());
            out.u8(Wasm.LOCAL_TEE).u32(n.exitLocal);
        }
    }

    private void compute(Node n) {
        if (n.a != null) {
            put(n.a);
        }
        if (n.b != null) {
            put(n.b);
        }
        if (n.c != null) {
            put(n.c);
        }
        if (n.op == Node.PURE_CALL) {
            if (n.d != null) {
                put(n.d);
            }
            int constant = (int) (n.imm >> 8);
            if (constant >= 0) {
                out.u8(Wasm.I32_CONST).s64(constant);
            }
            out.u8(Wasm.CALL).u32((int) n.imm & 0xFF);
        } else if (n.op >= Node.SATURATE) {
            out.u8(Wasm.SATURATING).u32(n.op - Node.SATURATE);
        } else if (n.op >= Node.VECTOR) {
            out.u8(VectorOps.PREFIX).u32(n.op - Node.VECTOR);
            if (n.lanes != null) {
                for (byte lane : n.lanes) {
                    out.u8(lane);
                }
            }
        } else {
            out.u8(n.op);
        }
    }

    /** A local that holds the value, its own or a new one. */
    int local(Node node) {
        Node n = node.source();
        if (n.op == Node.REG) {
            return w.fixed.registers[(int) n.imm];
        }
        if (n.op == Node.XREG) {
            return w.fixed.vectors[(int) n.imm];
        }
        if (n.op == Node.LOCAL) {
            return (int) n.imm;
        }
        if (n.local >= 0) {
            return n.local;
        }
        put(n);
        int local = w.locals.temporary(n.type());
        out.u8(Wasm.LOCAL_SET).u32(local);
        return local;
    }
}
