// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.CpuState;

/** The code of one region under construction, with the pieces that all its writers share, and what encloses the place being written. */
final class CodeWriter {
    /** Added to the opcode of a vector load or store. */
    private static final int VECTOR_ACCESS = 0x1000;

    final ByteWriter out = new ByteWriter();
    final int cpu;
    final boolean is64;
    final Locals locals;
    final RegionLocals fixed;
    final ValueWriter values;
    /** Innermost last: a block's merge point, a loop head, or null for an if. */
    private final List<RegionBlock> scopes = new ArrayList<>();
    private final List<Boolean> isLoopScope = new ArrayList<>();
    private final List<Integer> rareBranches = new ArrayList<>();
    private boolean callsFpuFunctions;

    CodeWriter(int cpu, boolean is64, Locals locals, RegionLocals fixed, int stackLow) {
        this.cpu = cpu;
        this.is64 = is64;
        this.locals = locals;
        this.fixed = fixed;
        values = new ValueWriter(this, stackLow);
    }

    /** Offsets in the code of branches that are hardly ever taken. */
    List<Integer> rareBranches() {
        return rareBranches;
    }

    boolean callsFpuFunctions() {
        return callsFpuFunctions;
    }

    void callFpuFunction(int function) {
        callsFpuFunctions = true;
        out.u8(Wasm.CALL).u32(ModuleWriter.FPU_FUNCTIONS + function);
    }

    // Scopes

    void enter(RegionBlock scope, boolean isLoop) {
        scopes.add(scope);
        isLoopScope.add(isLoop);
    }

    void leave() {
        scopes.remove(scopes.size() - 1);
        isLoopScope.remove(isLoopScope.size() - 1);
    }

    /** How many scopes enclose the place. */
    int depth() {
        return scopes.size();
    }

    /** A branch to the merge point or the loop head of a block. */
    void branchTo(RegionBlock to, boolean isLoop) {
        for (int depth = 0, i = scopes.size() - 1; i >= 0; i--, depth++) {
            if (scopes.get(i) == to && isLoopScope.get(i) == isLoop) {
                out.u8(Wasm.BR).u32(depth);
                return;
            }
        }
        throw new IllegalStateException("no scope for a branch");
    }

    // Instructions

    void get(int local) {
        out.u8(Wasm.LOCAL_GET).u32(local);
    }

    void set(int local) {
        out.u8(Wasm.LOCAL_SET).u32(local);
    }

    void tee(int local) {
        out.u8(Wasm.LOCAL_TEE).u32(local);
    }

    void i32(int v) {
        out.u8(Wasm.I32_CONST).s64(v);
    }

    void i64(long v) {
        out.u8(Wasm.I64_CONST).s64(v);
    }

    void op(int opcode) {
        out.u8(opcode);
    }

    /** A constant or an operation of the code's address width. */
    void address(long v) {
        out.u8(is64 ? Wasm.I64_CONST : Wasm.I32_CONST).s64(is64 ? v : (int) v);
    }

    void addressOp(int i32op, int i64op) {
        out.u8(is64 ? i64op : i32op);
    }

    int addressLoad() {
        return is64 ? Wasm.I64_LOAD : Wasm.I32_LOAD;
    }

    int addressStore() {
        return is64 ? Wasm.I64_STORE : Wasm.I32_STORE;
    }

    void memory(int op, int offset) {
        if (op >= VECTOR_ACCESS) {
            out.u8(VectorOps.PREFIX).u32(op - VECTOR_ACCESS);
        } else {
            out.u8(op);
        }
        out.u8(0).u32(offset);
    }

    /** A load from the vCPU's state at a constant address. */
    void loadState(int op, int offset) {
        i32(0);
        memory(op, cpu + offset);
    }

    /** The address for {@link #storeState}, before the value. */
    void beginStore() {
        i32(0);
    }

    void storeState(int op, int offset) {
        memory(op, cpu + offset);
    }

    static int loadOp(int bits) {
        return bits == 128 ? VECTOR_ACCESS + VectorOps.LOAD : bits == 8 ? Wasm.I32_LOAD8_U : bits == 16 ? Wasm.I32_LOAD16_U : bits == 32 ? Wasm.I32_LOAD : Wasm.I64_LOAD;
    }

    static int storeOp(int bits) {
        return bits == 128 ? VECTOR_ACCESS + VectorOps.STORE : bits == 8 ? Wasm.I32_STORE8 : bits == 16 ? Wasm.I32_STORE16 : bits == 32 ? Wasm.I32_STORE : Wasm.I64_STORE;
    }

    // Conditions that hardly ever hold

    /** An if whose condition, on the stack, hardly ever holds: noted for the engine. Not a scope yet. */
    ByteWriter rareIf() {
        rareBranches.add(out.size());
        return out.u8(Wasm.IF);
    }

    /** A branch on such a condition. */
    void rareBranch(int depth) {
        rareBranches.add(out.size());
        out.u8(Wasm.BR_IF).u32(depth);
    }

    /** Opens such an if as a scope. */
    void beginRare() {
        rareIf().u8(Wasm.VOID);
        enter(null, false);
    }

    void end() {
        leave();
        out.u8(Wasm.END);
    }

    /** Returns a status if what is on the stack holds; the state is in memory. */
    void returnIf(int status) {
        rareIf().u8(Wasm.VOID);
        i32(status);
        out.u8(Wasm.RETURN).u8(Wasm.END);
    }

    /** Returns the status local if what is on the stack, a status as well, is not 0. */
    void returnStatus() {
        rareIf().u8(Wasm.VOID);
        get(fixed.status);
        out.u8(Wasm.RETURN).u8(Wasm.END);
    }

    /** Goes on in the region whose table slot lies at the address in a local, plus offset: by a tail call, or a call where there are none. */
    void goOn(int local, int offset, boolean hasTailCalls) {
        get(RegionLocals.DEPTH);
        get(local);
        memory(Wasm.I32_LOAD, offset);
        out.u8(hasTailCalls ? Wasm.RETURN_CALL_INDIRECT : Wasm.CALL_INDIRECT).u32(ModuleWriter.REGION_TYPE).u8(0);
        if (!hasTailCalls) {
            op(Wasm.RETURN);
        }
    }

    /** Takes the locals' new values from the stack, the last one's first. */
    void setAll(List<Integer> targets) {
        for (int i = targets.size() - 1; i >= 0; i--) {
            set(targets.get(i));
        }
    }

    /** Leaves the address at a distance from RSP at the region's entry. */
    void stackAddress(int offset) {
        get(fixed.stackBase);
        address(offset);
        addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
    }

    /** Makes an address on the stack 64 bits wide. */
    void widenAddress() {
        if (!is64) {
            op(Wasm.I64_EXTEND_I32_U);
        }
    }

    /** Leaves a value as 64 bits. */
    void putWide(Node v) {
        values.put(v);
        if (v.bits() < 64) {
            out.u8(Wasm.I64_EXTEND_I32_U);
        }
    }

    /** Takes instructions that were done from the budget. */
    void charge(int done) {
        if (done != 0) {
            get(fixed.budget);
            i32(done);
            op(Wasm.I32_SUB);
            set(fixed.budget);
        }
    }

    void storeBudget(int done) {
        beginStore();
        get(fixed.budget);
        if (done != 0) {
            i32(done);
            op(Wasm.I32_SUB);
        }
        storeState(Wasm.I32_STORE, CpuState.BUDGET);
    }
}
