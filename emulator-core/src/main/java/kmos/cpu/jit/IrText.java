// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import kmos.cpu.Disassembler;

/**
 * The IR of a region's blocks as text, after all passes: one node a line, in the order in which the block has them. Nodes that
 * nobody uses are left out, like the emitter does; constants, registers and locals stand where they are used.
 */
final class IrText {
    private final List<RegionBlock> order;
    private final boolean is64;
    private final StateNames state;
    private final WasmNames names = new WasmNames();
    private final StringBuilder out = new StringBuilder();
    private Map<Node, Integer> numbers;
    private int next;
    private long lastPc;

    IrText(List<RegionBlock> order, boolean is64, StateNames state) {
        this.order = order;
        this.is64 = is64;
        this.state = state;
    }

    String print() {
        for (RegionBlock b : order) {
            block(b);
        }
        return out.toString();
    }

    static String label(RegionBlock b) {
        return b.flow == RegionBlock.Flow.DISPATCH ? "B" + b.number + " dispatch" : "B" + b.number + " 0x" + Long.toHexString(b.pc);
    }

    private void block(RegionBlock b) {
        out.append(label(b)).append(':');
        out.append(b.isLoopHead ? " loop head" : "").append(b.isMerge ? " merge" : "");
        out.append("  ; flags ").append(shape(b.entryShape)).append(b.flagsLiveIn ? " live" : " dead");
        tracked(b);
        out.append('\n');
        numbers = new IdentityHashMap<>();
        next = 0;
        lastPc = -1;
        for (Node n : b.nodes) {
            if (isShown(n)) {
                node(n);
            }
        }
        registers(b);
        end(b);
    }

    private static String shape(FlagShape s) {
        return s == null || s.kind() == FlagState.UNKNOWN ? "of any kind" : s.kind() == FlagState.MEMORY ? "in memory" : "of kind " + s.kind() + ", " + s.width() + " bits";
    }

    private void tracked(RegionBlock b) {
        for (int i = 0; i < b.stackIn.length; i++) {
            if (b.stackIn[i] != StackTracking.UNKNOWN) {
                out.append(", ").append(Disassembler.general(StackTracking.REGISTERS[i] * 8, is64 ? 64 : 32)).append(" = stack");
                out.append(b.stackIn[i] < 0 ? "" : "+").append(b.stackIn[i]);
            }
        }
    }

    private static boolean isLeaf(Node n) {
        return n.op == Node.CONST || n.op == Node.REG || n.op == Node.XREG || n.op == Node.LOCAL || n.op == Node.ALIAS || n.op == Node.STATE_ADDRESS || n.op == Node.RECORD;
    }

    private static boolean isShown(Node n) {
        return !isLeaf(n) && (n.isEffect() && !n.isDroppable() || n.uses + n.exitUses > 0);
    }

    private void node(Node n) {
        if (n.snapshot != null && n.snapshot.pc() != lastPc) {
            lastPc = n.snapshot.pc();
            out.append("  ; 0x").append(Long.toHexString(lastPc)).append('\n');
        }
        out.append("  ");
        if (n.bits() > 0) {
            out.append(name(n)).append(": ").append(n.isFloat ? "f" : "i").append(n.bits()).append(" = ");
        }
        out.append(operation(n));
        if (n.uses == 0 && !n.isEffect()) {
            out.append("  ; in exits only");
        }
        out.append('\n');
    }

    private String operation(Node n) {
        switch (n.op) {
            case Node.LOAD: return n.jump != null ? jump(n.jump) : (n.isOnStack() ? "stack load" + n.bits() : "load" + n.bits()) + address(n);
            case Node.STORE: return (n.isOnStack() ? "stack store" : "store") + n.b.bits() + address(n) + " <- " + use(n.b);
            case Node.GUEST_ADDRESS: return "look up" + address(n) + " for " + (n.imm & JitAccess.SIZE) + " bytes" + ((n.imm & JitAccess.WRITE) != 0 ? " to write" : "");
            case Node.HOST_LOAD: return "host load" + n.bits() + " [" + use(n.a) + offset(n.imm) + "]";
            case Node.HOST_STORE: return "host store" + n.b.bits() + " [" + use(n.a) + offset(n.imm) + "] <- " + use(n.b);
            case Node.STATE_LOAD: return "state load" + n.bits() + " " + StateNames.field((int) n.imm);
            case Node.STATE_STORE: return "state store" + n.a.bits() + " " + StateNames.field((int) n.imm) + " <- " + use(n.a);
            case Node.GUARD: return "guard " + use(n.a) + (n.b == null ? "" : " or " + use(n.b));
            case Node.X87: return "x87 operation " + n.imm + operands(n);
            case Node.FPU_CHECK: return "check x87: tags & " + hex(n.fpuEntry.tested()) + " = " + hex(n.fpuEntry.expected()) + (n.fpuEntry.needsDefaultModes() ? ", default modes" : "");
            case Node.FPU_CALL: return FpuFunctions.name((int) n.imm) + operands(n);
            case Node.FPU_SECOND: return "second result";
            case Node.REPAIR: return use(n.second) + " if " + use(n.a) + " or " + use(n.b) + ", else if " + use(n.c) + " " + use(n.d);
            case Node.HANDLER: return "handler " + state.address((int) n.imm);
            case Node.DIVIDE: return names.plain((int) n.imm) + operands(n);
            case Node.RELOAD: return "reload " + (n.imm < Locals.REGISTERS ? Disassembler.general((int) n.imm * 8, n.bits()) : "xmm" + (n.imm - Locals.REGISTERS));
            case Node.PURE_CALL: return Imports.name((int) n.imm & 0xFF) + operands(n) + ((int) (n.imm >> 8) >= 0 ? " " + (n.imm >> 8) : "");
            default: return pure(n);
        }
    }

    private static String hex(int v) {
        return "0x" + Integer.toHexString(v);
    }

    private String pure(Node n) {
        String name = n.op >= Node.SATURATE ? names.saturating(n.op - Node.SATURATE) : n.op >= Node.VECTOR ? names.vector(n.op - Node.VECTOR) : names.plain(n.op);
        StringBuilder s = new StringBuilder(name == null ? n.op == Wasm.SELECT ? "select" : "op_" + Integer.toHexString(n.op) : name).append(operands(n));
        if (n.lanes != null) {
            s.append(" {");
            for (int i = 0; i < n.lanes.length; i++) {
                s.append(i == 0 ? "" : " ").append(n.lanes[i] & 0xFF);
            }
            s.append('}');
        }
        return s.toString();
    }

    private String address(Node n) {
        if (!n.isOnStack()) {
            return " [" + use(n.a) + "]";
        }
        return " [stack" + (n.stackOffset < 0 ? "" : "+") + n.stackOffset + "]";
    }

    private static String offset(long offset) {
        return offset == 0 ? "" : "+" + offset;
    }

    private String operands(Node n) {
        StringBuilder s = new StringBuilder();
        for (Node x : new Node[] {n.a, n.b, n.c, n.d}) {
            if (x != null) {
                s.append(' ').append(use(x));
            }
        }
        return s.toString();
    }

    private String name(Node n) {
        return "v" + numbers.computeIfAbsent(n, x -> next++);
    }

    private String jump(JumpTables.Use use) {
        StringBuilder s = new StringBuilder("jump table 0x" + Long.toHexString(use.table().address) + " [" + use(use.index()) + "]");
        for (JumpTables.Guess g : use.guesses()) {
            s.append(s.indexOf(" if ") < 0 ? " if " : " and ").append(use(g.node())).append(" = 0x").append(Long.toHexString(g.value()));
        }
        return s.toString();
    }

    private String use(Node node) {
        Node n = node.source();
        switch (n.op) {
            case Node.CONST: return n.imm > -10 && n.imm < 10 ? Long.toString(n.imm) : "0x" + Long.toHexString(n.bits() == 64 ? n.imm : n.imm & 0xFFFFFFFFL);
            case Node.REG: return Disassembler.general((int) n.imm * 8, n.bits());
            case Node.XREG: return "xmm" + n.imm;
            case Node.LOCAL: return state.local((int) n.imm);
            case Node.STATE_ADDRESS: return "&" + StateNames.field((int) n.imm);
            case Node.RECORD: return "record";
            default: return name(n);
        }
    }

    /** What the block leaves in registers. */
    private void registers(RegionBlock b) {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((b.modified >> i & 1) != 0) {
                out.append("  ").append(Disassembler.general(i * 8, is64 ? 64 : 32)).append(" := ").append(use(b.exitRegisters[i])).append('\n');
            }
            if ((b.vectorsModified >> i & 1) != 0) {
                out.append("  xmm").append(i).append(" := ").append(use(b.exitVectors[i])).append('\n');
            }
        }
        if (b.exitFlags != b.entryFlags && b.exitFlags.isKnown()) {
            out.append("  flags := kind ").append(b.exitFlags.kind).append(", ").append(b.exitFlags.width).append(" bits: ").append(use(b.exitFlags.a));
            out.append(b.exitFlags.b == null ? "" : ", " + use(b.exitFlags.b)).append(" -> ").append(use(b.exitFlags.r)).append('\n');
        }
    }

    private void end(RegionBlock b) {
        out.append("  ").append(b.flow.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
        if (b.terminator != null && b.terminator.operand() != null) {
            out.append(' ').append(use(b.terminator.operand()));
        }
        if (b.flow == RegionBlock.Flow.DISPATCH) {
            for (RegionBlock t : b.targets) {
                out.append(" B").append(t.number);
            }
            for (RegionBlock t : b.states) {
                out.append(" state B").append(t.number);
            }
        } else if (b.flow == RegionBlock.Flow.CONDITIONAL) {
            out.append(" ? ").append(place(b.target, b.targetPc)).append(" : ").append(place(b.next, b.nextPc));
        } else if (b.flow == RegionBlock.Flow.JUMP || b.flow == RegionBlock.Flow.CALL) {
            out.append(" to ").append(place(b.target, b.targetPc));
        }
        if (b.isCall() || b.flow == RegionBlock.Flow.REPEAT || b.flow == RegionBlock.Flow.EXPECTED || b.flow == RegionBlock.Flow.LEAVE) {
            out.append(", next ").append(place(b.next, b.nextPc));
        }
        out.append('\n');
    }

    private static String place(RegionBlock b, long pc) {
        return b != null ? "B" + b.number : "0x" + Long.toHexString(pc) + " (outside)";
    }
}
