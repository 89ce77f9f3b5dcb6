// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.CpuState;

/**
 * Ways out of a region. An exit brings the state into the region's own locals and branches to one of the common ends
 * behind the region's code: return a status, go on in the region of a known address, or in that of a computed one (the last two have a
 * second part, for who has stored everything), go to the dispatcher.
 */
final class ExitWriter {
    /** Beside the statuses of {@link JitStatus}: go on in the region at the new address. */
    static final int CHAIN = -1;
    /**
     * The common ends, as so many scopes outside the region's own: status, known address, the same with the state in memory, computed address, the same,
     * to the dispatcher with the state in memory.
     */
    private static final int STATUS = 0, KNOWN = 1, KNOWN_STORED = 2, COMPUTED = 3, COMPUTED_STORED = 4, DISPATCHER = 5, ENDS = 6;

    private final CodeWriter w;
    private final CallWriter calls;
    private final LinkCells cells;
    /** Regions go on in others by tail calls. */
    private final boolean chains;
    /** Registers that some block changes. */
    private final int modified;

    ExitWriter(CodeWriter w, CallWriter calls, LinkCells cells, boolean chains, int modified) {
        this.w = w;
        this.calls = calls;
        this.cells = cells;
        this.chains = chains;
        this.modified = modified;
    }

    /** Opens the blocks that the common ends follow. */
    void begin() {
        for (int i = 0; i < ENDS; i++) {
            w.out.u8(Wasm.BLOCK).u8(Wasm.VOID);
        }
    }

    /** Writes the common ends, all scopes closed. */
    void finish() {
        w.out.u8(Wasm.END);
        storeState();
        w.get(w.fixed.status);
        w.op(Wasm.RETURN);
        w.out.u8(Wasm.END);
        storeState();
        w.out.u8(Wasm.END);
        if (chains) {
            calls.link(w.fixed.entry);
            w.goOn(w.fixed.entry, LinkCells.SLOT, true);
        } else {
            w.i32(JitStatus.CONTINUE);
            w.op(Wasm.RETURN);
        }
        w.out.u8(Wasm.END);
        storeState();
        w.out.u8(Wasm.END);
        if (chains) {
            calls.lookUp();
            w.goOn(w.fixed.host, CallWriter.BLOCK_SLOT, true);
        }
        w.out.u8(Wasm.END);
        w.i32(JitStatus.CONTINUE);
    }

    /** Leaves in the state of the snapshot, at its address or at a computed one: with a status, or to the next region. */
    void exit(Snapshot s, int status, Node target) {
        toLocals(s, target);
        if (status != CHAIN) {
            leave(status);
        } else if (target != null) {
            chain();
        } else {
            to(s.pc(), KNOWN);
        }
    }

    /** Goes on in the region at the snapshot's address or at a computed one. Where that is the usual way on, only what memory lacks is stored. */
    void goOn(Snapshot s, Node target) {
        leaveStored(s, target);
        if (target == null) {
            to(s.pc(), KNOWN_STORED);
        } else if (chains) {
            calls.goOn();
        } else {
            end(COMPUTED_STORED);
        }
    }

    /** Goes on in the region at an address, the state being in memory. */
    void goOn(long pc) {
        to(pc, KNOWN_STORED);
    }

    /** Returns from the guest's function: to the region that called this one, or on in the region at the return address. */
    void ret(Snapshot s, Node target) {
        leaveStored(s, target);
        if (chains) {
            w.get(RegionLocals.DEPTH);
            w.op(Wasm.I32_EQZ);
            w.out.u8(Wasm.BR_IF).u32(w.depth() + COMPUTED_STORED);
        }
        w.i32(JitStatus.CONTINUE);
        w.op(Wasm.RETURN);
    }

    /** Goes to the dispatcher if what is on the stack holds, which it hardly ever does; the state is in memory. */
    void dispatchIf() {
        w.rareBranch(w.depth() + DISPATCHER);
    }

    private void leaveStored(Snapshot s, Node target) {
        w.values.beginExit();
        if (target == null) {
            w.i64(s.pc());
        } else {
            w.putWide(target);
        }
        w.set(w.fixed.address64);
        store(s);
        storePointer();
    }

    private void to(long pc, int end) {
        if (chains) {
            w.i32(cells.of(pc));
            w.set(w.fixed.entry);
        }
        end(end);
    }

    private void end(int end) {
        w.out.u8(Wasm.BR).u32(w.depth() + end);
    }

    /** Leaves with a status, the state being in the region's locals. */
    void leave(int status) {
        w.i32(status);
        w.set(w.fixed.status);
        end(STATUS);
    }

    /** Goes on at the address in its local, the state being in the region's locals. */
    void chain() {
        end(COMPUTED);
    }

    /** Brings a snapshot into the region's own locals, from where {@link #storeState} takes it; vector registers to memory. */
    void toLocals(Snapshot s, Node target) {
        w.values.beginExit();
        storeVectors(s, 0xFFFF);
        storeFpu(s);
        List<Integer> targets = new ArrayList<>();
        for (int i = 0; i < (w.is64 ? 16 : 8); i++) {
            Node v = s.registers()[i].source();
            boolean isThere = v.op == Node.REG && v.imm == i;
            if (!isThere) {
                w.values.put(v);
                targets.add(w.fixed.registers[i]);
            } else if (((modified & ~s.block().neededIn) >> i & 1) != 0) {
                w.loadState(w.addressLoad(), i * 8);
                targets.add(w.fixed.registers[i]);
            }
        }
        if (s.flags() != w.fixed.flags()) {
            generalFlags(s.flags(), targets);
        }
        if (target == null) {
            w.i64(s.pc());
        } else {
            w.putWide(target);
        }
        targets.add(w.fixed.address64);
        w.setAll(targets);
        w.charge(s.done());
        w.values.beginExit();
    }

    /** Flags of any kind into the locals for that. */
    void generalFlags(FlagState s, List<Integer> targets) {
        RegionLocals fixed = w.fixed;
        if (s.isInMemory()) {
            loadFlags();
            return;
        }
        if (s.isKnown()) {
            w.i32(s.fkValue());
            if (s.fx == null) {
                w.i32(0);
            } else {
                w.values.put(s.fx);
            }
            w.putWide(s.a);
            w.putWide(s.r);
        } else {
            w.values.put(s.fk);
            w.values.put(s.fx);
            w.values.put(s.a);
            w.values.put(s.r);
        }
        targets.addAll(List.of(fixed.fk, fixed.fx, fixed.fa, fixed.fr));
    }

    /** Flags from memory into their locals. */
    void loadFlags() {
        w.loadState(Wasm.I32_LOAD, CpuState.FK);
        w.set(w.fixed.fk);
        w.loadState(Wasm.I32_LOAD, CpuState.FX);
        w.set(w.fixed.fx);
        loadShifted(CpuState.FA, w.fixed.fa);
        loadShifted(CpuState.FR, w.fixed.fr);
    }

    private void loadShifted(int offset, int local) {
        w.loadState(Wasm.I64_LOAD, offset);
        shiftOfKind();
        w.op(Wasm.I64_SHR_U);
        w.set(local);
    }

    private void shiftOfKind() {
        w.get(w.fixed.fk);
        w.i32(8);
        w.op(Wasm.I32_SHR_U);
        w.op(Wasm.I64_EXTEND_I32_U);
    }

    /** Everything from the region's locals to memory. */
    void storeState() {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((modified >> i & 1) != 0) {
                w.beginStore();
                w.get(w.fixed.registers[i]);
                w.storeState(w.addressStore(), i * 8);
            }
        }
        storeFlags(w.fixed.flags());
        storePointer();
        w.storeBudget(0);
    }

    /** Everything of a snapshot that may differ from memory, but for the instruction pointer. */
    void store(Snapshot s) {
        storeRegisters(s, -1);
        storeVectors(s, -1);
        storeFpu(s);
        storeFlags(s.flags());
        w.storeBudget(s.done());
        w.values.beginExit();
    }

    /** The instruction pointer from its local. */
    void storePointer() {
        w.beginStore();
        w.get(w.fixed.address64);
        w.storeState(Wasm.I64_STORE, CpuState.RIP);
    }

    /** Registers from memory into their locals. */
    void loadRegisters(int mask) {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((mask >> i & 1) != 0) {
                w.loadState(w.addressLoad(), i * 8);
                w.set(w.fixed.registers[i]);
            }
        }
    }

    /** The registers that {@link #storeState} takes from their locals. */
    int stored() {
        return modified;
    }

    /** Vector registers of a snapshot, of those in the mask, that may differ from memory. */
    void storeVectors(Snapshot s, int mask) {
        if (s.vectors() == s.block().vectorsIn && s.block().vectorsDirtyIn == 0) {
            return;
        }
        for (int i = 0; i < Locals.REGISTERS; i++) {
            Node v = s.vectors()[i].source();
            boolean isDirty = v.op != Node.XREG || v.imm != i || (s.block().vectorsDirtyIn >> i & 1) != 0;
            if (isDirty && (mask >> i & 1) != 0) {
                w.beginStore();
                w.values.put(v);
                w.storeState(CodeWriter.storeOp(128), CpuState.XMM + i * 32);
            }
        }
    }

    /** What memory lacks of the x87. */
    void storeFpu(Snapshot s) {
        for (FpuStack.Store store : s.fpuStores()) {
            if (store.offset() == null) {
                w.beginStore();
            } else {
                w.values.put(store.offset());
            }
            if (store.value() == null) {
                w.loadState(Wasm.I32_LOAD, store.from());
                w.storeState(Wasm.I32_STORE, store.at());
            } else {
                w.values.put(store.value());
                w.storeState(CodeWriter.storeOp(store.value().bits()), store.at());
            }
        }
    }

    void storeFpuRegister(Node offset, Node significand, Node exponent) {
        w.values.put(offset);
        w.values.put(significand);
        w.memory(Wasm.I64_STORE, w.cpu + CpuState.ST);
        w.values.put(offset);
        w.values.put(exponent);
        w.i32(0xFFFF);
        w.op(Wasm.I32_AND);
        w.op(Wasm.I64_EXTEND_I32_U);
        w.memory(Wasm.I64_STORE, w.cpu + CpuState.ST + 8);
    }

    /** Leaves significand and exponent. */
    void loadFpuRegister(Node offset) {
        w.values.put(offset);
        w.memory(Wasm.I64_LOAD, w.cpu + CpuState.ST);
        w.values.put(offset);
        w.memory(Wasm.I32_LOAD, w.cpu + CpuState.ST + 8);
    }

    /** General registers of a snapshot, of those in the mask, that may differ from memory. */
    void storeRegisters(Snapshot s, int mask) {
        for (int i = 0; i < (w.is64 ? 16 : 8); i++) {
            Node v = s.registers()[i].source();
            boolean isDirty = v.op != Node.REG || v.imm != i || (s.block().dirtyIn >> i & 1) != 0;
            if (isDirty && (mask >> i & 1) != 0) {
                w.beginStore();
                w.values.put(v);
                w.storeState(w.addressStore(), i * 8);
            }
        }
    }

    void storeFlags(FlagState s) {
        if (s.isInMemory()) {
            return;
        }
        if (s.isKnown() && s.fx == null) {
            // FX lies behind FK.
            w.beginStore();
            w.i64(s.fkValue());
            w.storeState(Wasm.I64_STORE, CpuState.FK);
        } else {
            w.beginStore();
            if (s.isKnown()) {
                w.i32(s.fkValue());
            } else {
                w.values.put(s.fk);
            }
            w.storeState(Wasm.I32_STORE, CpuState.FK);
            w.beginStore();
            w.values.put(s.fx);
            w.storeState(Wasm.I32_STORE, CpuState.FX);
        }
        storeShifted(s, s.a, CpuState.FA);
        storeShifted(s, s.r, CpuState.FR);
    }

    private void storeShifted(FlagState s, Node v, int offset) {
        w.beginStore();
        w.putWide(v);
        if (!s.isKnown()) {
            w.values.put(s.fk);
            w.i32(8);
            w.op(Wasm.I32_SHR_U);
            w.op(Wasm.I64_EXTEND_I32_U);
            w.op(Wasm.I64_SHL);
        } else if (s.width < 64) {
            w.i64(64 - s.width);
            w.op(Wasm.I64_SHL);
        }
        w.storeState(Wasm.I64_STORE, offset);
    }
}
