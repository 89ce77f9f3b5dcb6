// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.cpu.CpuState;

/** Calls of other regions, through the table; the state is in memory on both sides. */
final class CallWriter {
    /** Offset of the table slot in the record of a compiled region's block. */
    static final int BLOCK_SLOT = 4;

    private final CodeWriter w;
    private final LinkCells cells;
    /** Budget that a region needs to go on. */
    private final int longestWay;

    CallWriter(CodeWriter w, LinkCells cells, int longestWay) {
        this.w = w;
        this.cells = cells;
        this.longestWay = longestWay;
    }

    /** The call at the end of a block, up to where the callee has returned to the next block: registers are in memory then. */
    void call(RegionBlock b, ExitWriter exits) {
        Snapshot s = b.end;
        Node target = b.flow == RegionBlock.Flow.CALL ? null : b.terminator.operand();
        Node stack = s.registers()[StackTracking.RSP];
        boolean isTracked = b.stackOut[0] != StackTracking.UNKNOWN;
        w.values.beginExit();
        if (!isTracked) {
            w.values.put(stack);
            w.address(w.is64 ? 8 : 4);
            w.addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
            w.set(w.fixed.stackPointer);
        }
        if (target != null) {
            w.putWide(target);
            w.set(w.fixed.address64);
        }
        exits.store(s);
        if (target == null) {
            w.beginStore();
            w.i64(b.targetPc);
            w.storeState(Wasm.I64_STORE, CpuState.RIP);
        } else {
            exits.storePointer();
        }
        // Nested calls are bounded, so that neither Wasm's nor the worker's stack runs over.
        w.get(RegionLocals.DEPTH);
        w.i32(JitRuntime.MAX_DEPTH);
        w.op(Wasm.I32_GE_U);
        exits.dispatchIf();
        if (target == null) {
            int cell = cells.of(b.targetPc);
            w.i32(cell);
            w.set(w.fixed.entry);
            link(w.fixed.entry);
            nextDepth();
            w.i32(cell);
            w.memory(Wasm.I32_LOAD, LinkCells.SLOT);
        } else {
            nextDepth();
            find(cells.site());
        }
        w.out.u8(Wasm.CALL_INDIRECT).u32(ModuleWriter.REGION_TYPE).u8(0);
        w.tee(w.fixed.status);
        w.returnStatus();
        // Back where it should be, with the stack and the frame as they were, and enough budget?
        w.loadState(Wasm.I64_LOAD, CpuState.RIP);
        w.i64(b.nextPc);
        w.op(Wasm.I64_NE);
        exits.dispatchIf();
        if (isTracked) {
            for (int i = 0; i < StackTracking.REGISTERS.length; i++) {
                if (b.stackOut[i] != StackTracking.UNKNOWN) {
                    w.stackAddress(b.stackOut[i]);
                    dispatchIfOther(StackTracking.REGISTERS[i], exits);
                }
            }
        } else {
            w.get(w.fixed.stackPointer);
            dispatchIfOther(StackTracking.RSP, exits);
        }
        w.loadState(Wasm.I32_LOAD, CpuState.BUDGET);
        w.tee(w.fixed.budget);
        w.i32(longestWay);
        w.op(Wasm.I32_LT_S);
        exits.dispatchIf();
    }

    private void nextDepth() {
        w.get(RegionLocals.DEPTH);
        w.i32(1);
        w.op(Wasm.I32_ADD);
    }

    /** To the dispatcher where the register in memory is not the address on the stack. */
    private void dispatchIfOther(int register, ExitWriter exits) {
        w.loadState(w.addressLoad(), register * 8);
        w.addressOp(Wasm.I32_NE, Wasm.I64_NE);
        exits.dispatchIf();
    }

    /** Brings the link cell in a local up to date. */
    void link(int cell) {
        w.get(cell);
        w.memory(Wasm.I32_LOAD, LinkCells.GENERATION);
        w.loadState(Wasm.I32_LOAD, CpuState.JUMP_GENERATION);
        w.op(Wasm.I32_NE);
        w.rareIf().u8(Wasm.VOID);
        w.get(cell);
        w.out.u8(Wasm.CALL).u32(Imports.LINK);
        w.out.u8(Wasm.END);
    }

    /** Goes on by a tail call at the address in its local, found as a call's; the state is in memory. */
    void goOn() {
        w.get(RegionLocals.DEPTH);
        find(cells.site());
        w.out.u8(Wasm.RETURN_CALL_INDIRECT).u32(ModuleWriter.REGION_TYPE).u8(0);
    }

    /** Leaves the table slot of the region at the address in its local: by the call site's cells or by the jump cache; or returns to the dispatcher. */
    private void find(int site) {
        w.get(w.fixed.address64);
        w.get(w.fixed.address64);
        w.op(Wasm.I32_WRAP_I64);
        w.i32(LinkCells.WAY);
        w.op(Wasm.I32_AND);
        w.tee(w.fixed.way);
        w.memory(Wasm.I64_LOAD, site + LinkCells.ADDRESS);
        w.op(Wasm.I64_XOR);
        w.get(w.fixed.way);
        w.memory(Wasm.I32_LOAD, site + LinkCells.GENERATION);
        w.loadState(Wasm.I32_LOAD, CpuState.JUMP_GENERATION);
        w.op(Wasm.I32_XOR);
        w.op(Wasm.I64_EXTEND_I32_U);
        w.op(Wasm.I64_OR);
        w.i64(0);
        w.op(Wasm.I64_NE);
        w.rareIf().u8(Wasm.I32);
        lookUp();
        w.get(w.fixed.way);
        w.get(w.fixed.address64);
        w.memory(Wasm.I64_STORE, site + LinkCells.ADDRESS);
        w.get(w.fixed.way);
        w.loadState(Wasm.I32_LOAD, CpuState.JUMP_GENERATION);
        w.memory(Wasm.I32_STORE, site + LinkCells.GENERATION);
        w.get(w.fixed.host);
        w.memory(Wasm.I32_LOAD, BLOCK_SLOT);
        w.set(w.fixed.host);
        w.get(w.fixed.way);
        w.get(w.fixed.host);
        w.memory(Wasm.I32_STORE, site + LinkCells.SLOT);
        w.get(w.fixed.host);
        w.out.u8(Wasm.ELSE);
        w.get(w.fixed.way);
        w.memory(Wasm.I32_LOAD, site + LinkCells.SLOT);
        w.out.u8(Wasm.END);
    }

    /** Finds the compiled block for the address in its local in the jump cache (block in the host local), or returns to the dispatcher. */
    void lookUp() {
        RegionLocals l = w.fixed;
        w.get(l.address64);
        // BlockCache.hash
        w.i64(12);
        w.op(Wasm.I64_SHR_U);
        w.op(Wasm.I32_WRAP_I64);
        w.tee(l.entry);
        w.get(l.entry);
        w.i32(6);
        w.op(Wasm.I32_SHR_U);
        w.op(Wasm.I32_XOR);
        w.i32(63);
        w.op(Wasm.I32_AND);
        w.i32(8);
        w.op(Wasm.I32_SHL);
        w.get(l.address64);
        w.op(Wasm.I32_WRAP_I64);
        w.tee(l.entry);
        w.get(l.entry);
        w.i32(8);
        w.op(Wasm.I32_SHR_U);
        w.op(Wasm.I32_XOR);
        w.i32(255);
        w.op(Wasm.I32_AND);
        w.op(Wasm.I32_OR);
        w.i32(4);
        w.op(Wasm.I32_SHL);
        w.tee(l.entry);
        w.memory(Wasm.I64_LOAD, w.cpu + CpuState.JUMP_CACHE);
        w.get(l.address64);
        w.op(Wasm.I64_NE);
        w.get(l.entry);
        w.memory(Wasm.I32_LOAD, w.cpu + CpuState.JUMP_CACHE + 8);
        w.loadState(Wasm.I32_LOAD, CpuState.JUMP_GENERATION);
        w.op(Wasm.I32_NE);
        w.op(Wasm.I32_OR);
        w.returnIf(JitStatus.CONTINUE);
        w.get(l.entry);
        w.memory(Wasm.I32_LOAD, w.cpu + CpuState.JUMP_CACHE + 12);
        w.tee(l.host);
        w.memory(Wasm.I32_LOAD16_U, 0);
        w.i32(CpuState.COMPILED_ID);
        w.op(Wasm.I32_NE);
        w.returnIf(JitStatus.CONTINUE);
    }
}
