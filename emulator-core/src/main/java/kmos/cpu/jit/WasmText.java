// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** The region's function in a module that {@link ModuleWriter} made as text: flat instructions of WebAssembly's text format, one a line. Locals with a fixed role have a name. */
final class WasmText {
    private final WasmNames names = new WasmNames();
    private final StateNames state;
    private final byte[] bytes;
    private final StringBuilder out = new StringBuilder();
    private int at;

    WasmText(byte[] module, StateNames state) {
        bytes = module;
        this.state = state;
    }

    String print() {
        at = 8;
        while (at < bytes.length) {
            int id = bytes[at++];
            int end = u32() + at;
            if (id == 10) {
                u32();
                int size = u32();
                region(at + size);
            }
            at = end;
        }
        return out.toString();
    }

    private void region(int end) {
        out.append("(func $region (param $depth i32) (result i32)\n");
        int local = 1;
        for (int groups = u32(); groups > 0; groups--) {
            int count = u32();
            String type = WasmNames.type(bytes[at++] & 0xFF);
            out.append("  (local ").append('$').append(local).append(count > 1 ? " … $" + (local + count - 1) : "").append(' ').append(type).append(")\n");
            local += count;
        }
        int depth = 1;
        while (at < end) {
            int op = bytes[at++] & 0xFF;
            if (op == Wasm.END || op == Wasm.ELSE) {
                depth--;
            }
            if (depth == 0 && at == end) {
                break;
            }
            for (int i = 0; i < depth; i++) {
                out.append("  ");
            }
            if (!instruction(op)) {
                out.append(";; opcode ").append(Integer.toHexString(op)).append(" is not known, ").append(end - at).append(" bytes follow\n");
                at = end;
                break;
            }
            out.append('\n');
            if (op == Wasm.BLOCK || op == Wasm.LOOP || op == Wasm.IF || op == Wasm.ELSE) {
                depth++;
            }
        }
        out.append(")\n");
    }

    private boolean instruction(int op) {
        switch (op) {
            case 0x00: out.append("unreachable"); return true;
            case 0x01: out.append("nop"); return true;
            case Wasm.BLOCK: out.append("block").append(blockType()); return true;
            case Wasm.LOOP: out.append("loop").append(blockType()); return true;
            case Wasm.IF: out.append("if").append(blockType()); return true;
            case Wasm.ELSE: out.append("else"); return true;
            case Wasm.END: out.append("end"); return true;
            case Wasm.BR: out.append("br ").append(u32()); return true;
            case Wasm.BR_IF: out.append("br_if ").append(u32()); return true;
            case Wasm.BR_TABLE:
                out.append("br_table");
                for (int n = u32(); n >= 0; n--) {
                    out.append(' ').append(u32());
                }
                return true;
            case Wasm.RETURN: out.append("return"); return true;
            case Wasm.CALL: out.append("call ").append(function(u32())); return true;
            case 0x12: out.append("return_call ").append(function(u32())); return true;
            case Wasm.CALL_INDIRECT: indirect("call_indirect"); return true;
            case Wasm.RETURN_CALL_INDIRECT: indirect("return_call_indirect"); return true;
            case Wasm.DROP: out.append("drop"); return true;
            case Wasm.SELECT: out.append("select"); return true;
            case Wasm.LOCAL_GET: out.append("local.get ").append(state.local(u32())); return true;
            case Wasm.LOCAL_SET: out.append("local.set ").append(state.local(u32())); return true;
            case Wasm.LOCAL_TEE: out.append("local.tee ").append(state.local(u32())); return true;
            case Wasm.I32_CONST: out.append("i32.const ").append(state.address((int) signed())); return true;
            case Wasm.I64_CONST: constant64(signed()); return true;
            case Wasm.SATURATING: return append(names.saturating(u32()));
            case VectorOps.PREFIX: return vector(u32());
            default: break;
        }
        String memory = names.memory(op);
        if (memory != null) {
            out.append(memory);
            offset();
            return true;
        }
        return append(names.plain(op));
    }

    private boolean append(String name) {
        out.append(name == null ? "" : name);
        return name != null;
    }

    private void constant64(long v) {
        out.append("i64.const ").append(v);
        if (v > 0xFFFF || v < -0xFFFF) {
            out.append(" ;; 0x").append(Long.toHexString(v));
        }
    }

    private static String function(int index) {
        boolean isTlb = index < ModuleWriter.FPU_FUNCTIONS;
        return "$" + (index < Imports.COUNT ? Imports.name(index) : isTlb ? TlbFunctions.name(index - ModuleWriter.TLB_FUNCTIONS) : FpuFunctions.name(index - ModuleWriter.FPU_FUNCTIONS));
    }

    private void indirect(String name) {
        int type = u32();
        u32();
        out.append(name).append(" (type ").append(type == ModuleWriter.REGION_TYPE ? "$region" : Integer.toString(type)).append(')');
    }

    private String blockType() {
        long type = signed();
        return type == -0x40 ? "" : type >= 0 ? " (type " + type + ")" : " (result " + WasmNames.type((int) type & 0x7F) + ")";
    }

    private void offset() {
        u32();
        int offset = u32();
        if (offset != 0) {
            out.append(" offset=").append(state.address(offset));
        }
    }

    private boolean vector(int op) {
        if (!append(names.vector(op))) {
            return false;
        }
        if (op <= VectorOps.STORE || op >= 92 && op <= 93) {
            offset();
        } else if (op == VectorOps.CONST) {
            out.append(" i64x2 0x").append(Long.toHexString(raw64())).append(" 0x").append(Long.toHexString(raw64()));
        } else if (op == VectorOps.SHUFFLE) {
            for (int i = 0; i < 16; i++) {
                out.append(' ').append(bytes[at++] & 0xFF);
            }
        } else if (op >= 84 && op <= 91) {
            offset();
            out.append(' ').append(bytes[at++] & 0xFF);
        } else if (op >= 21 && op <= 34) {
            out.append(' ').append(bytes[at++] & 0xFF);
        }
        return true;
    }

    private long raw64() {
        long v = 0;
        for (int i = 0; i < 8; i++) {
            v |= (bytes[at++] & 0xFFL) << i * 8;
        }
        return v;
    }

    private int u32() {
        int v = 0;
        for (int shift = 0;; shift += 7) {
            int b = bytes[at++];
            v |= (b & 0x7F) << shift;
            if (b >= 0) {
                return v;
            }
        }
    }

    private long signed() {
        long v = 0;
        int shift = 0;
        for (;;) {
            int b = bytes[at++];
            v |= (long) (b & 0x7F) << shift;
            shift += 7;
            if (b >= 0) {
                return shift < 64 && (b & 0x40) != 0 ? v | -1L << shift : v;
            }
        }
    }
}
