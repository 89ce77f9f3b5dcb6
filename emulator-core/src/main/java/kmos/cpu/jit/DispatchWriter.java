// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;
import kmos.cpu.CpuState;

/** Computed jumps inside a region: by index into a known jump table, or by a hash of the address without collisions. */
final class DispatchWriter {
    private final CodeWriter w;
    private final ExitWriter exits;

    DispatchWriter(CodeWriter w, ExitWriter exits) {
        this.w = w;
        this.exits = exits;
    }

    /** The load of a jump's target from a known table: leaves the region unless it is that table's, notes the index, leaves the entry on the stack. */
    void load(Node n) {
        JumpTables.Use use = n.jump;
        int index = w.values.local(use.index());
        boolean isWide = use.index().source().bits() == 64;
        if (use.isChecked()) {
            w.get(index);
            w.out.u8(isWide ? Wasm.I64_CONST : Wasm.I32_CONST).s64(use.table().count);
            w.op(isWide ? Wasm.I64_GE_U : Wasm.I32_GE_U);
            leaveIf(n.snapshot);
        }
        w.get(index);
        if (isWide) {
            w.op(Wasm.I32_WRAP_I64);
        }
        w.set(w.fixed.jumpIndex);
        for (JumpTables.Guess g : use.guesses()) {
            w.values.put(g.node());
            w.address(g.value());
            w.addressOp(Wasm.I32_NE, Wasm.I64_NE);
            leaveIf(n.snapshot);
        }
        entry(use.table());
    }

    private void leaveIf(Snapshot s) {
        w.beginRare();
        exits.exit(s, JitStatus.INTERPRET, null);
        w.end();
    }

    /** The table's entry by the index in its local. */
    private void entry(JumpTable t) {
        w.get(w.fixed.jumpIndex);
        w.i32(t.entryBytes == 8 ? 3 : 2);
        w.op(Wasm.I32_SHL);
        w.memory(CodeWriter.loadOp(t.entryBytes * 8), t.copy);
    }

    /** Before a jump that is not known by its index. */
    void noIndex() {
        w.i32(-1);
        w.set(w.fixed.jumpIndex);
    }

    /** Sets the address local where only the index is known. */
    void address(RegionBlock b) {
        JumpTable t = b.table;
        if (t == null) {
            return;
        }
        w.get(w.fixed.jumpIndex);
        w.i32(0);
        w.op(Wasm.I32_GE_S);
        w.out.u8(Wasm.IF).u8(Wasm.VOID);
        entry(t);
        if (t.entryBytes < 8) {
            w.op(w.is64 ? Wasm.I64_EXTEND_I32_S : Wasm.I64_EXTEND_I32_U);
        }
        w.i64(t.base);
        w.op(Wasm.I64_ADD);
        if (!w.is64) {
            w.i64(0xFFFFFFFFL);
            w.op(Wasm.I64_AND);
        }
        w.set(w.fixed.address64);
        w.out.u8(Wasm.END);
    }

    /** At the region's entry, which is such a block: at the address in the state, or at the first one. */
    void begin(RegionBlock b) {
        if (b.targets.isEmpty()) {
            w.i32(stateIndex(b, 0));
            w.set(w.fixed.jumpIndex);
        } else {
            w.loadState(Wasm.I64_LOAD, CpuState.RIP);
            w.set(w.fixed.address64);
            noIndex();
        }
    }

    /** Before a jump to a state. */
    void toState(RegionBlock b) {
        w.i32(stateIndex(b.target, b.state));
        w.set(w.fixed.jumpIndex);
    }

    /** States come behind the table's entries. */
    private static int stateIndex(RegionBlock b, int state) {
        return (b.table == null ? 0 : b.table.count) + state;
    }

    /** Opens a scope for each successor, the first innermost; falls out of all of them where none is meant. Leaves the branches in place. */
    void choose(RegionBlock b, List<RegionBlock> successors) {
        int n = successors.size();
        for (int i = 0; i <= n; i++) {
            open();
        }
        int indices = stateIndex(b, b.states.size());
        if (indices > 0) {
            open();
            w.get(w.fixed.jumpIndex);
            w.out.u8(Wasm.BR_TABLE).u32(indices);
            for (int i = 0; i < stateIndex(b, 0); i++) {
                w.out.u32(1 + indexOf(b.targets, b.table.target(i), n));
            }
            for (RegionBlock s : b.states) {
                w.out.u32(1 + successors.indexOf(s));
            }
            w.out.u32(0);
            w.end();
        }
        if (!b.targets.isEmpty()) {
            // The targets are the first of the successors.
            byAddress(TargetHash.of(b.targets));
        }
        w.out.u8(Wasm.BR).u32(n);
    }

    private void byAddress(TargetHash hash) {
        int n = hash.targets.size();
        for (int i = 0; i <= n; i++) {
            open();
        }
        byHash(hash);
        for (int i = 0; i < n; i++) {
            w.end();
            w.get(w.fixed.address64);
            w.i64(hash.targets.get(i).pc);
            w.op(Wasm.I64_EQ);
            // Out of the hash's scopes that are still open, to the target's.
            w.out.u8(Wasm.BR_IF).u32(n);
            w.out.u8(Wasm.BR).u32(n - 1 - i);
        }
        w.end();
    }

    private void open() {
        w.out.u8(Wasm.BLOCK).u8(Wasm.VOID);
        w.enter(null, false);
    }

    private static int indexOf(List<RegionBlock> targets, long pc, int otherwise) {
        for (int i = 0; i < targets.size(); i++) {
            if (targets.get(i).pc == pc) {
                return i;
            }
        }
        return otherwise;
    }

    private void byHash(TargetHash hash) {
        w.get(w.fixed.address64);
        w.op(Wasm.I32_WRAP_I64);
        w.tee(w.fixed.entry);
        w.get(w.fixed.entry);
        w.i32(hash.xorShift);
        w.op(Wasm.I32_SHR_U);
        w.op(Wasm.I32_XOR);
        w.i32(hash.shift);
        w.op(Wasm.I32_SHR_U);
        w.i32(hash.slots.length - 1);
        w.op(Wasm.I32_AND);
        w.out.u8(Wasm.BR_TABLE).u32(hash.slots.length);
        for (int slot : hash.slots) {
            w.out.u32(slot < 0 ? hash.targets.size() : slot);
        }
        w.out.u32(hash.targets.size());
    }
}
