// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.CpuState;

/**
 * Writes a region's Wasm code. Inside, guest registers and flags live in locals; every way out brings them to memory with
 * the instruction pointer and the budget, and returns a status ({@link JitStatus}). Structured control flow follows the dominator tree.
 */
final class RegionEmitter {
    private static final int RSP = 4;
    /** Beside the statuses: go on in the region at the new address. */
    private static final int CHAIN = -1;
    /** Added to the opcode of a vector load or store. */
    private static final int VECTOR_ACCESS = 0x1000;

    private final int cpu;
    private final boolean is64;
    /** Regions go on in others by tail calls. */
    private final boolean chains;
    private final Locals locals;
    private final RegionLocals fixed;
    private final List<RegionBlock> order;
    private final int used;
    private final int modified;
    /** More than any way through the region without a check of the budget. */
    private final int longestWay;
    private final ByteWriter out = new ByteWriter();
    private final ValueWriter values;

    /** What encloses the code being written, innermost last: a block's merge point, a loop head, or null for an if. */
    private final List<RegionBlock> scopes = new ArrayList<>();
    private final List<Boolean> isLoopScope = new ArrayList<>();
    private final List<Integer> rareBranches = new ArrayList<>();

    RegionEmitter(int cpu, boolean chains, boolean is64, Locals locals, RegionLocals fixed, List<RegionBlock> order, int used) {
        this.cpu = cpu;
        this.chains = chains;
        this.is64 = is64;
        this.locals = locals;
        this.fixed = fixed;
        this.order = order;
        this.used = used;
        int instructions = 0;
        int changed = 0;
        for (RegionBlock b : order) {
            instructions += b.instructions.size();
            changed |= b.touched;
        }
        longestWay = instructions;
        modified = changed;
        values = new ValueWriter(out, locals, fixed);
    }

    /** Offsets in the code of branches that are hardly ever taken. */
    List<Integer> rareBranches() {
        return rareBranches;
    }

    ByteWriter emit() {
        out.u8(Wasm.BLOCK).u8(Wasm.VOID);
        out.u8(Wasm.BLOCK).u8(Wasm.VOID);
        prologue();
        tree(order.get(0));
        // Leaving, with a status in its local.
        out.u8(Wasm.END);
        storeState();
        get(fixed.status);
        out.u8(Wasm.RETURN);
        // Going on in another region, if there is one.
        out.u8(Wasm.END);
        storeState();
        if (!chains) {
            out.u8(Wasm.I32_CONST).s64(JitStatus.CONTINUE);
            return out;
        }
        lookUp();
        get(fixed.host);
        memoryOp(Wasm.I32_LOAD, 4);
        out.u8(Wasm.RETURN_CALL_INDIRECT).u32(ModuleWriter.REGION_TYPE).u8(0);
        return out;
    }

    private void prologue() {
        loadState(Wasm.I32_LOAD, CpuState.BUDGET);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.budget);
        out.u8(Wasm.I32_CONST).s64(longestWay).u8(Wasm.I32_LE_S);
        returnIf(JitStatus.INTERPRET);
        loadState(Wasm.I32_LOAD, CpuState.TLB);
        out.u8(Wasm.LOCAL_SET).u32(fixed.tlb);
        loadRegisters();
    }

    private void loadRegisters() {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((used >> i & 1) != 0) {
                loadState(is64 ? Wasm.I64_LOAD : Wasm.I32_LOAD, i * 8);
                out.u8(Wasm.LOCAL_SET).u32(fixed.registers[i]);
            }
        }
        loadState(Wasm.I32_LOAD, CpuState.FK);
        out.u8(Wasm.LOCAL_SET).u32(fixed.fk);
        loadState(Wasm.I32_LOAD, CpuState.FX);
        out.u8(Wasm.LOCAL_SET).u32(fixed.fx);
        loadShifted(CpuState.FA, fixed.fa);
        loadShifted(CpuState.FR, fixed.fr);
    }

    private void loadShifted(int offset, int local) {
        loadState(Wasm.I64_LOAD, offset);
        get(fixed.fk);
        out.u8(Wasm.I32_CONST).s64(8).u8(Wasm.I32_SHR_U).u8(Wasm.I64_EXTEND_I32_U).u8(Wasm.I64_SHR_U).u8(Wasm.LOCAL_SET).u32(local);
    }

    private void get(int local) {
        out.u8(Wasm.LOCAL_GET).u32(local);
    }

    /** A load from the vCPU's state at a constant address. */
    private void loadState(int op, int offset) {
        out.u8(Wasm.I32_CONST).s64(0);
        memoryOp(op, cpu + offset);
    }

    private void memoryOp(int op, int offset) {
        if (op >= VECTOR_ACCESS) {
            out.u8(VectorOps.PREFIX).u32(op - VECTOR_ACCESS);
        } else {
            out.u8(op);
        }
        out.u8(0).u32(offset);
    }

    // Structure

    private void tree(RegionBlock b) {
        List<RegionBlock> merges = new ArrayList<>();
        for (RegionBlock d : b.dominated) {
            if (d.isMerge) {
                merges.add(d);
            }
        }
        merges.sort((x, y) -> y.number - x.number);
        if (b.isLoopHead) {
            out.u8(Wasm.LOOP).u8(Wasm.VOID);
            enter(b, true);
            within(b, merges, 0);
            out.u8(Wasm.END);
            leave();
        } else {
            within(b, merges, 0);
        }
    }

    private void within(RegionBlock b, List<RegionBlock> merges, int i) {
        if (i < merges.size()) {
            out.u8(Wasm.BLOCK).u8(Wasm.VOID);
            enter(merges.get(i), false);
            within(b, merges, i + 1);
            out.u8(Wasm.END);
            leave();
            tree(merges.get(i));
        } else {
            block(b);
        }
    }

    private void enter(RegionBlock scope, boolean isLoop) {
        scopes.add(scope);
        isLoopScope.add(isLoop);
    }

    private void leave() {
        scopes.remove(scopes.size() - 1);
        isLoopScope.remove(isLoopScope.size() - 1);
    }

    private void branch(RegionBlock from, RegionBlock to) {
        boolean isBack = from.isBackEdge(to);
        if (!isBack && !to.isMerge) {
            tree(to);
            return;
        }
        for (int depth = 0, i = scopes.size() - 1; i >= 0; i--, depth++) {
            if (scopes.get(i) == to && isLoopScope.get(i) == isBack) {
                out.u8(Wasm.BR).u32(depth);
                return;
            }
        }
        throw new IllegalStateException("no scope for a branch");
    }

    // Blocks

    private void block(RegionBlock b) {
        locals.releaseTemporaries();
        countUses(b);
        for (Node n : b.nodes) {
            effect(b, n);
        }
        switch (b.flow) {
            case LEAVE:
                exit(b.end, JitStatus.INTERPRET, null);
                break;
            case JUMP:
                if (b.target == null) {
                    exit(b.end, CHAIN, null);
                } else {
                    if (b.isBackEdge(b.target)) {
                        checkBudget(b, null);
                    }
                    moves(b, null, b.target, null);
                    branch(b, b.target);
                }
                break;
            case CONDITIONAL:
                conditional(b);
                break;
            case CALL:
            case CALL_INDIRECT:
                call(b);
                break;
            case JUMP_INDIRECT:
                jumpIndirect(b);
                break;
            case REPEAT:
                repeat(b);
                break;
            case DISPATCH:
                dispatch(b);
                break;
            default:
                exit(b.end, JitStatus.CONTINUE, b.terminator.operand());
                break;
        }
    }

    private void conditional(RegionBlock b) {
        Node condition = b.terminator.operand();
        boolean isBack = b.target != null && b.isBackEdge(b.target) || b.next != null && b.isBackEdge(b.next);
        if (isBack) {
            checkBudget(b, condition);
        }
        if (b.target == null || b.next == null) {
            values.put(condition);
            if (b.target != null) {
                out.u8(Wasm.I32_EQZ);
            }
            beginIf();
            exit(b.end.at(b.target == null ? b.targetPc : b.nextPc), CHAIN, null);
            endIf();
            if (b.target == null && b.next == null) {
                exit(b.end.at(b.nextPc), CHAIN, null);
                return;
            }
            RegionBlock stays = b.target != null ? b.target : b.next;
            moves(b, null, stays, null);
            branch(b, stays);
            return;
        }
        moves(b, condition, b.target, b.next);
        out.u8(Wasm.IF).u8(Wasm.VOID);
        enter(null, false);
        branch(b, b.target);
        out.u8(Wasm.ELSE);
        branch(b, b.next);
        endIf();
    }

    private void jumpIndirect(RegionBlock b) {
        Node address = b.terminator.operand();
        if (b.target == null) {
            exit(b.end, CHAIN, address);
            return;
        }
        if (b.isBackEdge(b.target)) {
            ifBudgetIsLow(b.end.done);
            exit(b.end, JitStatus.INTERPRET, address);
            endIf();
        }
        putWide(address);
        moves(b, null, b.target, null);
        out.u8(Wasm.LOCAL_SET).u32(fixed.address64);
        branch(b, b.target);
    }

    /** To the block whose address stands in the address local, by a hash without collisions; else to another region. */
    private void dispatch(RegionBlock b) {
        if (b.targets.stream().anyMatch(b::isBackEdge)) {
            ifBudgetIsLow(0);
            out.u8(Wasm.I32_CONST).s64(JitStatus.INTERPRET).u8(Wasm.LOCAL_SET).u32(fixed.status).u8(Wasm.BR).u32(scopes.size());
            endIf();
        }
        TargetHash hash = TargetHash.of(b.targets);
        int n = hash.targets.size();
        for (int i = 0; i <= n; i++) {
            out.u8(Wasm.BLOCK).u8(Wasm.VOID);
            enter(null, false);
        }
        get(fixed.address64);
        out.u8(Wasm.I32_WRAP_I64).u8(Wasm.LOCAL_TEE).u32(fixed.entry);
        get(fixed.entry);
        out.u8(Wasm.I32_CONST).s64(hash.xorShift).u8(Wasm.I32_SHR_U).u8(Wasm.I32_XOR).u8(Wasm.I32_CONST).s64(hash.shift).u8(Wasm.I32_SHR_U);
        out.u8(Wasm.I32_CONST).s64(hash.slots.length - 1).u8(Wasm.I32_AND).u8(Wasm.BR_TABLE).u32(hash.slots.length);
        for (int slot : hash.slots) {
            out.u32(slot < 0 ? n : slot);
        }
        out.u32(n);
        for (int i = 0; i < n; i++) {
            leave();
            out.u8(Wasm.END);
            RegionBlock t = hash.targets.get(i);
            get(fixed.address64);
            out.u8(Wasm.I64_CONST).s64(t.pc).u8(Wasm.I64_NE).u8(Wasm.BR_IF).u32(n - 1 - i);
            branch(b, t);
        }
        leave();
        out.u8(Wasm.END);
        out.u8(Wasm.BR).u32(scopes.size() + 1);
    }

    /** The interpreter's handler does it; registers, flags and budget go through memory. */
    private void repeat(RegionBlock b) {
        toLocals(b.end, null);
        storeState();
        out.u8(Wasm.I32_CONST).s64(b.repeat).u8(Wasm.CALL).u32(Imports.REPEAT).u8(Wasm.LOCAL_TEE).u32(fixed.status);
        returnStatus();
        loadState(Wasm.I64_LOAD, CpuState.RIP);
        out.u8(Wasm.I64_CONST).s64(b.nextPc).u8(Wasm.I64_NE);
        loadState(Wasm.I32_LOAD, CpuState.BUDGET);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.budget).u8(Wasm.I32_CONST).s64(longestWay).u8(Wasm.I32_LT_S).u8(Wasm.I32_OR);
        if (b.next != null) {
            rareIf().u8(Wasm.VOID);
        } else {
            out.u8(Wasm.DROP);
        }
        out.u8(Wasm.I32_CONST).s64(JitStatus.INTERPRET).u8(Wasm.RETURN);
        if (b.next != null) {
            out.u8(Wasm.END);
            loadRegisters();
            branch(b, b.next);
        }
    }

    /** An if whose condition hardly ever holds: noted for the engine. */
    private ByteWriter rareIf() {
        rareBranches.add(out.size());
        return out.u8(Wasm.IF);
    }

    /** Returns a status if what is on the stack holds. */
    private void returnIf(int status) {
        rareIf().u8(Wasm.VOID);
        out.u8(Wasm.I32_CONST).s64(status).u8(Wasm.RETURN).u8(Wasm.END);
    }

    /** Returns the status local if what is on the stack, a status as well, is not 0. */
    private void returnStatus() {
        rareIf().u8(Wasm.VOID);
        get(fixed.status);
        out.u8(Wasm.RETURN).u8(Wasm.END);
    }

    /** Opens an if for a budget that would not last through the region once more, after so many instructions. */
    private void ifBudgetIsLow(int done) {
        get(fixed.budget);
        out.u8(Wasm.I32_CONST).s64(longestWay + done).u8(Wasm.I32_LT_S);
        beginIf();
    }

    private void beginIf() {
        rareIf().u8(Wasm.VOID);
        enter(null, false);
    }

    private void endIf() {
        leave();
        out.u8(Wasm.END);
    }

    /** Leaves at the end of the block when the budget might not last for another round. */
    private void checkBudget(RegionBlock b, Node condition) {
        ifBudgetIsLow(b.end.done);
        if (condition == null) {
            exit(b.end, JitStatus.INTERPRET, null);
        } else {
            values.beginExit();
            values.put(condition);
            beginIf();
            exit(b.end.at(b.targetPc), JitStatus.INTERPRET, null);
            endIf();
            exit(b.end.at(b.nextPc), JitStatus.INTERPRET, null);
        }
        endIf();
    }

    /** Brings changed registers, the successors' flags and the budget into locals; leaves the condition, if any, on the stack. */
    private void moves(RegionBlock b, Node condition, RegionBlock first, RegionBlock second) {
        List<Integer> targets = new ArrayList<>();
        if (condition != null) {
            values.put(condition);
        }
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((b.modified >> i & 1) != 0) {
                values.put(b.exitRegisters[i]);
                targets.add(fixed.registers[i]);
            }
        }
        flagMoves(b, first, targets);
        if (second != null && (second.entryFlags != first.entryFlags || !first.flagsLiveIn)) {
            flagMoves(b, second, targets);
        }
        setLocals(targets);
        charge(b.end.done);
    }

    /** Takes the locals' new values from the stack, the last one's first. */
    private void setLocals(List<Integer> targets) {
        for (int i = targets.size() - 1; i >= 0; i--) {
            out.u8(Wasm.LOCAL_SET).u32(targets.get(i));
        }
    }

    /** Takes instructions that were done from the budget. */
    private void charge(int done) {
        if (done != 0) {
            get(fixed.budget);
            out.u8(Wasm.I32_CONST).s64(done).u8(Wasm.I32_SUB).u8(Wasm.LOCAL_SET).u32(fixed.budget);
        }
    }

    private void flagMoves(RegionBlock b, RegionBlock to, List<Integer> targets) {
        if (!to.flagsLiveIn || to.entryFlags == b.exitFlags) {
            return;
        }
        FlagState s = b.exitFlags, t = to.entryFlags;
        if (t.isKnown()) {
            move(s.a, t.a, targets);
            if (t.r != t.a) {
                move(s.r, t.r, targets);
            }
            if (t.b != null) {
                move(s.b, t.b, targets);
            }
            if (t.fx != null) {
                move(s.fx, t.fx, targets);
            }
            return;
        }
        generalFlags(s, targets);
    }

    /** Flags of any kind into their locals. */
    private void generalFlags(FlagState s, List<Integer> targets) {
        FlagState t = fixed.flags();
        if (s.isKnown()) {
            out.u8(Wasm.I32_CONST).s64(s.fkValue());
            targets.add(fixed.fk);
            if (s.fx == null) {
                out.u8(Wasm.I32_CONST).s64(0);
            } else {
                values.put(s.fx);
            }
            targets.add(fixed.fx);
            putWide(s.a);
            targets.add(fixed.fa);
            putWide(s.r);
            targets.add(fixed.fr);
        } else {
            move(s.fk, t.fk, targets);
            move(s.fx, t.fx, targets);
            move(s.a, t.a, targets);
            move(s.r, t.r, targets);
        }
    }

    private void move(Node value, Node local, List<Integer> targets) {
        values.put(value);
        targets.add((int) local.imm);
    }

    private void putWide(Node v) {
        values.put(v);
        if (v.bits() < 64) {
            out.u8(Wasm.I64_EXTEND_I32_U);
        }
    }

    // Uses

    private void use(Node n) {
        if (n != null) {
            n.source().uses++;
        }
    }

    private void useInExit(Node n) {
        if (n != null) {
            n.source().exitUses++;
        }
    }

    private void useInExit(Snapshot s) {
        for (int i = 0; i < s.registers.length; i++) {
            useInExit(s.registers[i]);
        }
        useInExit(s.flags);
    }

    private void useInExit(FlagState s) {
        useInExit(s.fk);
        useInExit(s.fx);
        useInExit(s.a);
        useInExit(s.r);
    }

    private void countUses(RegionBlock b) {
        if (b.terminator != null) {
            if (b.flow == RegionBlock.Flow.CONDITIONAL) {
                use(b.terminator.operand());
            }
            useInExit(b.terminator.operand());
        }
        if (b.flow == RegionBlock.Flow.JUMP_INDIRECT && b.target != null) {
            use(b.terminator.operand());
        }
        boolean staysInside = b.target != null || b.next != null;
        useInExit(b.end);
        if (staysInside) {
            for (int i = 0; i < Locals.REGISTERS; i++) {
                if ((b.modified >> i & 1) != 0) {
                    use(b.exitRegisters[i]);
                }
            }
            if (b.target != null && b.target.flagsLiveIn || b.next != null && b.next.flagsLiveIn && !b.isCall()) {
                use(b.exitFlags.fk);
                use(b.exitFlags.fx);
                use(b.exitFlags.a);
                use(b.exitFlags.b);
                use(b.exitFlags.r);
            }
        }
        for (int i = b.nodes.size() - 1; i >= 0; i--) {
            Node n = b.nodes.get(i);
            if (n.op == Node.ALIAS) {
                continue;
            }
            if (n.isEffect() ? !isDroppable(n) || n.uses + n.exitUses > 0 : n.uses > 0) {
                use(n.a);
                use(n.b);
                use(n.c);
                use(n.d);
            } else if (n.exitUses > 0) {
                useInExit(n.a);
                useInExit(n.b);
                useInExit(n.c);
                useInExit(n.d);
            }
            if (n.snapshot != null) {
                useInExit(n.snapshot);
            }
        }
    }

    private static boolean isDroppable(Node n) {
        return n.op == Node.STATE_LOAD || n.op == Node.HOST_LOAD || n.op == Node.RELOAD || n.op == Node.DIVIDE;
    }

    // Effects

    private void effect(RegionBlock b, Node n) {
        if (!n.isEffect()) {
            boolean isLeaf = n.op == Node.CONST || n.op == Node.REG || n.op == Node.LOCAL || n.op == Node.ALIAS || n.op == Node.STATE_ADDRESS || n.op == Node.RECORD;
            if (!isLeaf && (n.uses > 1 || n.uses == 1 && n.exitUses > 0)) {
                values.put(n);
                n.local = locals.temporary(n.type());
                out.u8(Wasm.LOCAL_SET).u32(n.local);
            }
            return;
        }
        if (isDroppable(n) && n.uses + n.exitUses == 0) {
            return;
        }
        switch (n.op) {
            case Node.LOAD:
                hostAddress(n.a, n.bits() / 8, false, n.snapshot);
                memoryOp(loadOp(n.bits()), 0);
                keep(n);
                break;
            case Node.STORE:
                hostAddress(n.a, n.b.bits() / 8, true, n.snapshot);
                values.put(n.b);
                memoryOp(storeOp(n.b.bits()), 0);
                break;
            case Node.GUEST_ADDRESS:
                hostAddress(n.a, (int) n.imm & JitAccess.SIZE, (n.imm & JitAccess.WRITE) != 0, n.snapshot);
                keep(n);
                break;
            case Node.HOST_LOAD:
                values.put(n.a);
                memoryOp(loadOp(n.bits()), (int) n.imm);
                keep(n);
                break;
            case Node.HOST_STORE:
                values.put(n.a);
                values.put(n.b);
                memoryOp(storeOp(n.b.bits()), (int) n.imm);
                break;
            case Node.STATE_LOAD:
                loadState(loadOp(n.bits()), (int) n.imm);
                keep(n);
                break;
            case Node.STATE_STORE:
                out.u8(Wasm.I32_CONST).s64(0);
                values.put(n.a);
                memoryOp(storeOp(n.a.bits()), cpu + (int) n.imm);
                break;
            case Node.RELOAD:
                loadState(loadOp(n.bits()), (int) n.imm * 8);
                keep(n);
                break;
            case Node.DIVIDE:
                values.put(n.a);
                values.put(n.b);
                out.u8((int) n.imm);
                keep(n);
                break;
            case Node.GUARD:
                values.put(n.a);
                out.u8(Wasm.I32_EQZ);
                beginIf();
                exit(n.snapshot, JitStatus.INTERPRET, null);
                endIf();
                break;
            case Node.HANDLER:
                handler(b, n);
                break;
            default:
                throw new IllegalStateException("node " + n.op);
        }
    }

    private void keep(Node n) {
        if (n.uses + n.exitUses == 0) {
            out.u8(Wasm.DROP);
            return;
        }
        n.local = locals.temporary(n.type());
        out.u8(Wasm.LOCAL_SET).u32(n.local);
    }

    static int loadOp(int bits) {
        return bits == 128 ? VECTOR_ACCESS + VectorOps.LOAD : bits == 8 ? Wasm.I32_LOAD8_U : bits == 16 ? Wasm.I32_LOAD16_U : bits == 32 ? Wasm.I32_LOAD : Wasm.I64_LOAD;
    }

    static int storeOp(int bits) {
        return bits == 128 ? VECTOR_ACCESS + VectorOps.STORE : bits == 8 ? Wasm.I32_STORE8 : bits == 16 ? Wasm.I32_STORE16 : bits == 32 ? Wasm.I32_STORE : Wasm.I64_STORE;
    }

    /** Leaves the linear memory address of a guest operand on the stack: TLB look-up, and the miss helper behind it. */
    private void hostAddress(Node address, int size, boolean isWrite, Snapshot snapshot) {
        int a = values.local(address);
        get(a);
        if (is64) {
            out.u8(Wasm.I64_CONST).s64(7).u8(Wasm.I64_SHR_U).u8(Wasm.I32_WRAP_I64);
        } else {
            out.u8(Wasm.I32_CONST).s64(7).u8(Wasm.I32_SHR_U);
        }
        out.u8(Wasm.I32_CONST).s64(0x1FFE0).u8(Wasm.I32_AND);
        get(fixed.tlb);
        out.u8(Wasm.I32_ADD).u8(Wasm.LOCAL_SET).u32(fixed.entry);
        get(a);
        int wide = is64 ? Wasm.I64_CONST : Wasm.I32_CONST, wideAdd = is64 ? Wasm.I64_ADD : Wasm.I32_ADD;
        if (size > 1) {
            out.u8(wide).s64(size - 1).u8(wideAdd);
        }
        out.u8(wide).s64(0xFFF).u8(is64 ? Wasm.I64_OR : Wasm.I32_OR);
        get(fixed.entry);
        memoryOp(is64 ? Wasm.I64_LOAD : Wasm.I32_LOAD, isWrite ? 8 : 0);
        out.u8(is64 ? Wasm.I64_NE : Wasm.I32_NE);
        rareIf().u8(Wasm.I32);
        enter(null, false);
        get(a);
        if (!is64) {
            out.u8(Wasm.I64_EXTEND_I32_U);
        }
        out.u8(Wasm.I32_CONST).s64(size | (isWrite ? JitAccess.WRITE : 0)).u8(Wasm.CALL).u32(Imports.MISS);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.host).u8(Wasm.I32_EQZ);
        beginIf();
        exit(snapshot, JitStatus.INTERPRET, null);
        endIf();
        get(fixed.host);
        out.u8(Wasm.ELSE);
        get(a);
        if (is64) {
            out.u8(Wasm.I32_WRAP_I64);
        }
        get(fixed.entry);
        memoryOp(Wasm.I32_LOAD, 16);
        out.u8(Wasm.I32_ADD);
        endIf();
    }

    /** Calls an interpreter handler. What it reads goes to memory before; the rest only when it leaves. */
    private void handler(RegionBlock b, Node n) {
        HandlerEffect effect = n.handlerEffect;
        Snapshot s = n.snapshot;
        storeRegisters(b, s, effect.reads() | effect.writes());
        if (effect.usesFlags()) {
            storeFlags(s.flags);
        }
        storeBudget(s.done);
        out.u8(Wasm.I32_CONST).s64(n.imm).u8(Wasm.CALL).u32(Imports.HANDLER);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.status);
        rareIf().u8(Wasm.VOID);
        values.beginExit();
        storeRegisters(b, s, ~(effect.reads() | effect.writes()));
        if (!effect.usesFlags()) {
            storeFlags(s.flags);
        }
        get(fixed.status);
        out.u8(Wasm.RETURN).u8(Wasm.END);
        values.beginExit();
    }

    // Ways out

    private void storeRegisters(RegionBlock b, Snapshot s, int mask) {
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            Node v = s.registers[i].source();
            boolean isDirty = v.op != Node.REG || v.imm != i || (b.dirtyIn >> i & 1) != 0;
            if (isDirty && (mask >> i & 1) != 0) {
                out.u8(Wasm.I32_CONST).s64(0);
                values.put(v);
                memoryOp(is64 ? Wasm.I64_STORE : Wasm.I32_STORE, cpu + i * 8);
            }
        }
    }

    private void storeFlags(FlagState s) {
        out.u8(Wasm.I32_CONST).s64(0);
        if (s.isKnown()) {
            out.u8(Wasm.I32_CONST).s64(s.fkValue());
        } else {
            values.put(s.fk);
        }
        memoryOp(Wasm.I32_STORE, cpu + CpuState.FK);
        out.u8(Wasm.I32_CONST).s64(0);
        if (s.fx == null) {
            out.u8(Wasm.I32_CONST).s64(0);
        } else {
            values.put(s.fx);
        }
        memoryOp(Wasm.I32_STORE, cpu + CpuState.FX);
        storeShifted(s, s.a, CpuState.FA);
        storeShifted(s, s.r, CpuState.FR);
    }

    private void storeShifted(FlagState s, Node v, int offset) {
        out.u8(Wasm.I32_CONST).s64(0);
        putWide(v);
        if (!s.isKnown()) {
            values.put(s.fk);
            out.u8(Wasm.I32_CONST).s64(8).u8(Wasm.I32_SHR_U).u8(Wasm.I64_EXTEND_I32_U).u8(Wasm.I64_SHL);
        } else if (s.width < 64) {
            out.u8(Wasm.I64_CONST).s64(64 - s.width).u8(Wasm.I64_SHL);
        }
        memoryOp(Wasm.I64_STORE, cpu + offset);
    }

    private void storeBudget(int done) {
        out.u8(Wasm.I32_CONST).s64(0);
        get(fixed.budget);
        if (done != 0) {
            out.u8(Wasm.I32_CONST).s64(done).u8(Wasm.I32_SUB);
        }
        memoryOp(Wasm.I32_STORE, cpu + CpuState.BUDGET);
    }

    /** Leaves the region in the state of the snapshot, at its address or at a computed one: to the dispatcher, or to the next region. */
    private void exit(Snapshot s, int status, Node target) {
        toLocals(s, target);
        if (status != CHAIN) {
            out.u8(Wasm.I32_CONST).s64(status).u8(Wasm.LOCAL_SET).u32(fixed.status);
        }
        out.u8(Wasm.BR).u32(scopes.size() + (status == CHAIN ? 1 : 0));
    }

    /** Brings a snapshot into the region's own locals, from where {@link #storeState} takes it. */
    private void toLocals(Snapshot s, Node target) {
        values.beginExit();
        List<Integer> targets = new ArrayList<>();
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            Node v = s.registers[i].source();
            if (v.op != Node.REG || v.imm != i) {
                values.put(v);
                targets.add(fixed.registers[i]);
            }
        }
        if (s.flags != fixed.flags()) {
            generalFlags(s.flags, targets);
        }
        if (target == null) {
            out.u8(Wasm.I64_CONST).s64(s.pc);
        } else {
            putWide(target);
        }
        targets.add(fixed.address64);
        setLocals(targets);
        charge(s.done);
        values.beginExit();
    }

    private void storeState() {
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((modified >> i & 1) != 0) {
                out.u8(Wasm.I32_CONST).s64(0);
                get(fixed.registers[i]);
                memoryOp(is64 ? Wasm.I64_STORE : Wasm.I32_STORE, cpu + i * 8);
            }
        }
        storeFlags(fixed.flags());
        out.u8(Wasm.I32_CONST).s64(0);
        get(fixed.address64);
        memoryOp(Wasm.I64_STORE, cpu + CpuState.RIP);
        storeBudget(0);
    }

    // Calls: through the table when the callee is compiled; state in memory on both sides

    private void call(RegionBlock b) {
        Snapshot s = b.end.at(b.targetPc);
        Node target = b.flow == RegionBlock.Flow.CALL ? null : b.terminator.operand();
        if (b.next == null) {
            exit(s, CHAIN, target);
            return;
        }
        values.beginExit();
        values.put(b.exitRegisters[RSP]);
        out.u8(is64 ? Wasm.I64_CONST : Wasm.I32_CONST).s64(is64 ? 8 : 4).u8(is64 ? Wasm.I64_ADD : Wasm.I32_ADD).u8(Wasm.LOCAL_SET).u32(fixed.stackPointer);
        toLocals(s, target);
        storeState();
        lookUp();
        // Depth of nested calls, so that neither Wasm's nor the worker's stack runs over.
        loadState(Wasm.I32_LOAD, CpuState.CALL_DEPTH);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.status).u8(Wasm.I32_CONST).s64(JitRuntime.MAX_DEPTH).u8(Wasm.I32_GE_S);
        returnIf(JitStatus.CONTINUE);
        changeDepth(1);
        get(fixed.host);
        memoryOp(Wasm.I32_LOAD, 4);
        out.u8(Wasm.CALL_INDIRECT).u32(ModuleWriter.REGION_TYPE).u8(0);
        out.u8(Wasm.LOCAL_SET).u32(fixed.status);
        changeDepth(-1);
        get(fixed.status);
        returnStatus();
        // Back where it should be, with the stack as it was, and enough budget?
        loadState(Wasm.I64_LOAD, CpuState.RIP);
        out.u8(Wasm.I64_CONST).s64(b.nextPc).u8(Wasm.I64_NE);
        loadState(is64 ? Wasm.I64_LOAD : Wasm.I32_LOAD, RSP * 8);
        get(fixed.stackPointer);
        out.u8(is64 ? Wasm.I64_NE : Wasm.I32_NE).u8(Wasm.I32_OR);
        loadState(Wasm.I32_LOAD, CpuState.BUDGET);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.budget).u8(Wasm.I32_CONST).s64(longestWay).u8(Wasm.I32_LT_S).u8(Wasm.I32_OR);
        returnIf(JitStatus.CONTINUE);
        loadRegisters();
        branch(b, b.next);
    }

    private void changeDepth(int by) {
        out.u8(Wasm.I32_CONST).s64(0);
        loadState(Wasm.I32_LOAD, CpuState.CALL_DEPTH);
        out.u8(Wasm.I32_CONST).s64(by).u8(Wasm.I32_ADD);
        memoryOp(Wasm.I32_STORE, cpu + CpuState.CALL_DEPTH);
    }

    /** Finds the compiled block for RIP in the jump cache (address in the host local), or returns to the dispatcher. */
    private void lookUp() {
        get(fixed.address64);
        // BlockCache.hash
        out.u8(Wasm.I64_CONST).s64(12).u8(Wasm.I64_SHR_U).u8(Wasm.I32_WRAP_I64).u8(Wasm.LOCAL_TEE).u32(fixed.entry);
        get(fixed.entry);
        out.u8(Wasm.I32_CONST).s64(6).u8(Wasm.I32_SHR_U).u8(Wasm.I32_XOR).u8(Wasm.I32_CONST).s64(63).u8(Wasm.I32_AND).u8(Wasm.I32_CONST).s64(8).u8(Wasm.I32_SHL);
        get(fixed.address64);
        out.u8(Wasm.I32_WRAP_I64).u8(Wasm.LOCAL_TEE).u32(fixed.entry);
        get(fixed.entry);
        out.u8(Wasm.I32_CONST).s64(8).u8(Wasm.I32_SHR_U).u8(Wasm.I32_XOR).u8(Wasm.I32_CONST).s64(255).u8(Wasm.I32_AND).u8(Wasm.I32_OR);
        out.u8(Wasm.I32_CONST).s64(4).u8(Wasm.I32_SHL).u8(Wasm.LOCAL_TEE).u32(fixed.entry);
        memoryOp(Wasm.I64_LOAD, cpu + CpuState.JUMP_CACHE);
        get(fixed.address64);
        out.u8(Wasm.I64_NE);
        get(fixed.entry);
        memoryOp(Wasm.I32_LOAD, cpu + CpuState.JUMP_CACHE + 8);
        loadState(Wasm.I32_LOAD, CpuState.JUMP_GENERATION);
        out.u8(Wasm.I32_NE).u8(Wasm.I32_OR);
        returnIf(JitStatus.CONTINUE);
        get(fixed.entry);
        memoryOp(Wasm.I32_LOAD, cpu + CpuState.JUMP_CACHE + 12);
        out.u8(Wasm.LOCAL_TEE).u32(fixed.host);
        memoryOp(Wasm.I32_LOAD16_U, 0);
        out.u8(Wasm.I32_CONST).s64(CpuState.COMPILED_ID).u8(Wasm.I32_NE);
        returnIf(JitStatus.CONTINUE);
    }
}
