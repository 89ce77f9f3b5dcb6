// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.CpuState;

/**
 * Writes a region's Wasm code. Inside, guest registers and flags live in locals; every way out brings them to memory with
 * the instruction pointer and the budget. Structured control flow follows the dominator tree.
 */
final class RegionEmitter {
    private final CodeWriter w;
    private final ExitWriter exits;
    private final AccessWriter accesses;
    private final CallWriter calls;
    private final DispatchWriter dispatch;
    private final List<RegionBlock> order;
    /** More than any way through the region without a check of the budget. */
    private final int longestWay;
    private final StackTracking stack;
    private final boolean chains;
    /** Cell of the region's twin that assumes nothing about the stack. */
    private final int twinCell;

    RegionEmitter(CodeWriter w, LinkCells cells, StackTracking stack, RangeEntries entries, boolean chains, int twinCell, List<RegionBlock> order) {
        this.w = w;
        this.order = order;
        this.stack = stack;
        this.chains = chains;
        this.twinCell = twinCell;
        int instructions = 0;
        int changed = 0;
        for (RegionBlock b : order) {
            instructions += b.instructions.size();
            changed |= b.touched;
        }
        longestWay = instructions;
        calls = new CallWriter(w, cells, longestWay);
        exits = new ExitWriter(w, calls, cells, chains, changed);
        accesses = new AccessWriter(w, exits, stack, entries);
        dispatch = new DispatchWriter(w, exits);
    }

    void emit() {
        exits.begin();
        prologue();
        tree(order.get(0));
        exits.finish();
    }

    private void prologue() {
        w.loadState(Wasm.I32_LOAD, CpuState.BUDGET);
        w.tee(w.fixed.budget);
        w.i32(longestWay);
        w.op(Wasm.I32_LE_S);
        w.returnIf(JitStatus.INTERPRET);
        w.loadState(w.addressLoad(), StackTracking.RSP * 8);
        w.set(w.fixed.stackBase);
        if (!stack.isEmpty()) {
            accesses.pinStack(twinCell, chains);
        }
        if (order.get(0).flow == RegionBlock.Flow.DISPATCH) {
            dispatch.begin(order.get(0));
        }
        loadRegisters(order.get(0));
    }

    /** What a block expects in locals, from memory. */
    private void loadRegisters(RegionBlock to) {
        exits.loadRegisters(to.neededIn);
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((to.vectorsNeededIn >> i & 1) != 0) {
                w.loadState(CodeWriter.loadOp(128), CpuState.XMM + i * 32);
                w.set(w.fixed.vectors[i]);
            }
        }
        if (to.flagsLiveIn && !to.entryFlags.isInMemory()) {
            // Of a loop head; others begin with the flags in memory.
            exits.loadFlags();
        }
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
            w.out.u8(Wasm.LOOP).u8(Wasm.VOID);
            w.enter(b, true);
            within(b, merges, 0);
            w.end();
        } else {
            within(b, merges, 0);
        }
    }

    private void within(RegionBlock b, List<RegionBlock> merges, int i) {
        if (i < merges.size()) {
            w.out.u8(Wasm.BLOCK).u8(Wasm.VOID);
            w.enter(merges.get(i), false);
            within(b, merges, i + 1);
            w.end();
            tree(merges.get(i));
        } else {
            block(b);
        }
    }

    private void branch(RegionBlock from, RegionBlock to) {
        boolean isBack = from.isBackEdge(to);
        if (!isBack && !to.isMerge) {
            tree(to);
        } else {
            w.branchTo(to, isBack);
        }
    }

    // Blocks

    private void block(RegionBlock b) {
        w.locals.releaseTemporaries();
        UseCounter.count(b);
        for (Node n : b.nodes) {
            effect(n);
        }
        switch (b.flow) {
            case LEAVE:
                exits.exit(b.end, JitStatus.INTERPRET, null);
                break;
            case JUMP:
                if (b.target == null) {
                    exits.goOn(b.end, null);
                } else {
                    if (b.isBackEdge(b.target)) {
                        checkBudget(b, null);
                    }
                    moves(b, null, b.target, null);
                    fpuMoves(b, b.target);
                    if (b.state >= 0) {
                        dispatch.toState(b);
                    }
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
            case EXPECTED:
                expected(b);
                break;
            case REPEAT:
                repeat(b);
                break;
            case DISPATCH:
                dispatch(b);
                break;
            default:
                exits.ret(b.end, b.terminator.operand());
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
            w.values.put(condition);
            if (b.target != null) {
                w.op(Wasm.I32_EQZ);
            }
            w.beginRare();
            exits.exit(b.end.at(b.target == null ? b.targetPc : b.nextPc), ExitWriter.CHAIN, null);
            w.end();
            if (b.target == null && b.next == null) {
                exits.exit(b.end.at(b.nextPc), ExitWriter.CHAIN, null);
                return;
            }
            RegionBlock stays = b.target != null ? b.target : b.next;
            moves(b, null, stays, null);
            fpuMoves(b, stays);
            branch(b, stays);
            return;
        }
        moves(b, condition, b.target, b.next);
        w.out.u8(Wasm.IF).u8(Wasm.VOID);
        w.enter(null, false);
        fpuMoves(b, b.target);
        branch(b, b.target);
        w.out.u8(Wasm.ELSE);
        fpuMoves(b, b.next);
        branch(b, b.next);
        w.end();
    }

    private void jumpIndirect(RegionBlock b) {
        Node address = b.terminator.operand();
        if (b.target == null) {
            exits.goOn(b.end, address);
            return;
        }
        if (b.isBackEdge(b.target)) {
            ifBudgetIsLow(b.end.done());
            exits.exit(b.end, JitStatus.INTERPRET, address);
            w.end();
        }
        if (b.jump != null) {
            moves(b, null, b.target, null);
        } else {
            w.putWide(address);
            moves(b, null, b.target, null);
            w.set(w.fixed.address64);
            dispatch.noIndex();
        }
        branch(b, b.target);
    }

    /** To next, where the return address on the stack or the entry of a linkage table mostly leads; else to another region. */
    private void expected(RegionBlock b) {
        Node address = b.terminator.operand();
        if (b.next == null) {
            exits.goOn(b.end, address);
            return;
        }
        w.values.put(address);
        w.address(b.nextPc);
        w.addressOp(Wasm.I32_NE, Wasm.I64_NE);
        w.beginRare();
        if (b.targetCheck != null) {
            w.values.beginExit();
            guard(b.targetCheck);
        }
        exits.exit(b.end, ExitWriter.CHAIN, address);
        w.end();
        if (b.isBackEdge(b.next)) {
            checkBudget(b, null);
        }
        moves(b, null, b.next, null);
        fpuMoves(b, b.next);
        branch(b, b.next);
    }

    /** To the target that the index or the address in their locals names; else to another region. */
    private void dispatch(RegionBlock b) {
        if (b.targets.stream().anyMatch(b::isBackEdge)) {
            ifBudgetIsLow(0);
            dispatch.address(b);
            toLocals(b);
            exits.leave(JitStatus.INTERPRET);
            w.end();
        }
        List<RegionBlock> successors = b.successors();
        dispatch.choose(b, successors);
        for (RegionBlock t : successors) {
            w.end();
            w.values.beginExit();
            moves(b, null, t, null);
            branch(b, t);
        }
        w.end();
        dispatch.address(b);
        toLocals(b);
        exits.chain();
    }

    /** What a block without instructions begins with, into the locals from where the common ends take it. */
    private void toLocals(RegionBlock b) {
        w.values.beginExit();
        exits.storeVectors(b.end, 0xFFFF);
        exits.loadRegisters(exits.stored() & ~b.neededIn & ~b.trackedRegisters());
        List<Integer> targets = new ArrayList<>();
        if (b.exitFlags != w.fixed.flags()) {
            exits.generalFlags(b.exitFlags, targets);
        }
        for (int register : StackTracking.REGISTERS) {
            if (b.isTracked(register)) {
                w.values.put(b.exitRegisters[register]);
                targets.add(w.fixed.registers[register]);
            }
        }
        w.setAll(targets);
    }

    /** The interpreter's handler does it; registers, flags and budget go through memory. */
    private void repeat(RegionBlock b) {
        exits.toLocals(b.end, null);
        exits.storeState();
        w.i32(b.repeat);
        w.out.u8(Wasm.CALL).u32(Imports.REPEAT);
        w.tee(w.fixed.status);
        w.returnStatus();
        w.loadState(Wasm.I64_LOAD, CpuState.RIP);
        w.i64(b.nextPc);
        w.op(Wasm.I64_NE);
        w.loadState(Wasm.I32_LOAD, CpuState.BUDGET);
        w.tee(w.fixed.budget);
        w.i32(longestWay);
        w.op(Wasm.I32_LT_S);
        w.op(Wasm.I32_OR);
        if (b.next == null) {
            w.op(Wasm.DROP);
            w.i32(JitStatus.INTERPRET);
            w.op(Wasm.RETURN);
            return;
        }
        w.returnIf(JitStatus.INTERPRET);
        loadRegisters(b.next);
        branch(b, b.next);
    }

    private void call(RegionBlock b) {
        calls.call(b, exits);
        if (b.next == null) {
            // A call all the same: the callee would not find back to whoever called this region.
            exits.goOn(b.nextPc);
            return;
        }
        loadRegisters(b.next);
        branch(b, b.next);
    }

    /** Opens an if for a budget that would not last through the region once more, after so many instructions. */
    private void ifBudgetIsLow(int done) {
        w.get(w.fixed.budget);
        w.i32(longestWay + done);
        w.op(Wasm.I32_LT_S);
        w.beginRare();
    }

    /** Leaves at the end of the block when the budget might not last for another round. */
    private void checkBudget(RegionBlock b, Node condition) {
        ifBudgetIsLow(b.end.done());
        if (condition == null) {
            exits.exit(b.flow == RegionBlock.Flow.EXPECTED ? b.end.at(b.nextPc) : b.end, JitStatus.INTERPRET, null);
        } else {
            w.values.beginExit();
            w.values.put(condition);
            w.beginRare();
            exits.exit(b.end.at(b.targetPc), JitStatus.INTERPRET, null);
            w.end();
            exits.exit(b.end.at(b.nextPc), JitStatus.INTERPRET, null);
        }
        w.end();
    }

    // Between blocks

    /** Brings changed registers, the successors' flags and the budget into locals; leaves the condition, if any, on the stack. */
    private void moves(RegionBlock b, Node condition, RegionBlock first, RegionBlock second) {
        List<Integer> targets = new ArrayList<>();
        if (condition != null) {
            w.values.put(condition);
        }
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((b.modified >> i & 1) != 0 && (UseCounter.moves(b, first, i) || UseCounter.moves(b, second, i))) {
                w.values.put(b.exitRegisters[i]);
                targets.add(w.fixed.registers[i]);
            }
        }
        for (int i = 0; i < Locals.REGISTERS; i++) {
            if ((b.vectorsModified >> i & 1) != 0) {
                w.values.put(b.exitVectors[i]);
                targets.add(w.fixed.vectors[i]);
            }
        }
        flagMoves(b, first, targets);
        if (second != null && !(first.flagsLiveIn && first.entryShape.equals(second.entryShape))) {
            flagMoves(b, second, targets);
        }
        w.setAll(targets);
        w.charge(b.end.done());
    }

    /** Brings the x87 to where the successor expects it. What it wants lies in locals of this block, which the moves before have left alone. */
    private void fpuMoves(RegionBlock b, RegionBlock to) {
        FpuStack s = b.fpuEnd;
        if (s == null) {
            return;
        }
        if (to.fpuIn == null) {
            exits.storeFpu(b.end);
            return;
        }
        List<Integer> targets = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            boolean isWanted = to.fpuIn.isLoaded(i);
            if (UseCounter.storesFpu(b, to, i)) {
                exits.storeFpuRegister(s.offset(i), s.significand(i), s.exponent(i));
            }
            if (isWanted && s.significand(i) != null) {
                move(s.significand(i), w.fixed.fpuSignificand(i), targets);
                move(s.exponent(i), w.fixed.fpuExponent(i), targets);
            } else if (isWanted) {
                exits.loadFpuRegister(s.offset(i));
                targets.add((int) w.fixed.fpuSignificand(i).imm);
                targets.add((int) w.fixed.fpuExponent(i).imm);
            }
        }
        move(s.status(null), w.fixed.fpuStatus(), targets);
        move(s.tags(null), w.fixed.fpuTags(), targets);
        move(s.topNow(null), w.fixed.fpuTop(), targets);
        w.setAll(targets);
    }

    private void flagMoves(RegionBlock b, RegionBlock to, List<Integer> targets) {
        if (to.flow == RegionBlock.Flow.DISPATCH) {
            exits.storeFlags(b.exitFlags);
            return;
        }
        if (!to.flagsLiveIn || to.entryFlags.isInMemory()) {
            return;
        }
        FlagState s = b.exitFlags, t = to.entryFlags;
        if (!t.isKnown()) {
            if (s != t) {
                exits.generalFlags(s, targets);
            }
            return;
        }
        if (t.x != null) {
            move(s.x, t.x, targets);
            move(s.y, t.y, targets);
            return;
        }
        move(s.a, t.a, targets);
        if (t.b != null) {
            move(s.b, t.b, targets);
        }
        if (t.fx != null) {
            move(s.fx, t.fx, targets);
        }
        if (to.entryShape.hasResult()) {
            move(s.r, t.r, targets);
        }
    }

    private void move(Node value, Node local, List<Integer> targets) {
        Node v = value.source();
        if (v.op != Node.LOCAL || v.imm != local.imm) {
            w.values.put(v);
            targets.add((int) local.imm);
        }
    }

    // Effects

    private void effect(Node n) {
        if (!n.isEffect()) {
            boolean isLeaf = n.op == Node.CONST || n.op == Node.REG || n.op == Node.XREG || n.op == Node.LOCAL || n.op == Node.ALIAS || n.op == Node.STATE_ADDRESS || n.op == Node.RECORD;
            if (!isLeaf && (n.uses > 1 || n.uses == 1 && n.exitUses > 0)) {
                w.values.put(n);
                n.local = w.locals.temporary(n.type());
                w.set(n.local);
            }
            return;
        }
        if (n.isDroppable() && n.uses + n.exitUses == 0) {
            return;
        }
        switch (n.op) {
            case Node.LOAD:
                if (n.jump != null) {
                    dispatch.load(n);
                } else {
                    accesses.load(n);
                }
                keep(n);
                break;
            case Node.STORE:
                accesses.store(n);
                break;
            case Node.GUEST_ADDRESS:
                if (!n.isOnStack()) {
                    accesses.guestAddress(n);
                    keep(n);
                }
                break;
            case Node.HOST_LOAD:
                accesses.hostLoad(n);
                keep(n);
                break;
            case Node.HOST_STORE:
                accesses.hostStore(n);
                break;
            case Node.STATE_LOAD:
                w.loadState(CodeWriter.loadOp(n.bits()), (int) n.imm);
                keep(n);
                break;
            case Node.STATE_STORE:
                w.beginStore();
                w.values.put(n.a);
                w.storeState(CodeWriter.storeOp(n.a.bits()), (int) n.imm);
                break;
            case Node.RELOAD:
                w.loadState(CodeWriter.loadOp(n.bits()), n.bits() == 128 ? CpuState.XMM + ((int) n.imm - Locals.REGISTERS) * 32 : (int) n.imm * 8);
                keep(n);
                break;
            case Node.DIVIDE:
                w.values.put(n.a);
                w.values.put(n.b);
                w.op((int) n.imm);
                keep(n);
                break;
            case Node.GUARD:
                if (!n.isDeferred) {
                    guard(n);
                }
                break;
            case Node.FPU_CHECK:
                checkFpu(n);
                break;
            case Node.FPU_CALL:
                fpuCall(n);
                break;
            case Node.FPU_SECOND:
                break;
            case Node.REPAIR:
                repair(n);
                break;
            case Node.HANDLER:
                handler(n);
                break;
            case Node.X87:
                x87(n);
                keep(n);
                break;
            default:
                throw new IllegalStateException("node " + n.op);
        }
    }

    private void guard(Node n) {
        w.values.put(n.a);
        w.op(Wasm.I32_EQZ);
        w.beginRare();
        if (n.b != null) {
            w.values.beginExit();
            w.values.put(n.b);
            w.op(Wasm.I32_EQZ);
            w.beginRare();
        }
        exits.exit(n.snapshot, JitStatus.INTERPRET, null);
        if (n.b != null) {
            w.end();
            w.values.beginExit();
        }
        w.end();
    }

    private void x87(Node n) {
        w.i32((int) n.imm);
        x87Operand(n.a);
        x87Operand(n.b);
        w.out.u8(Wasm.CALL).u32(Imports.X87);
    }

    private void repair(Node n) {
        w.values.put(n.a);
        w.op(Wasm.I32_EQZ);
        w.beginRare();
        w.values.beginExit();
        w.values.put(n.b);
        w.op(Wasm.I32_EQZ);
        w.beginRare();
        w.values.put(n.c);
        w.op(Wasm.I32_EQZ);
        w.beginRare();
        exits.exit(n.snapshot, JitStatus.INTERPRET, null);
        w.end();
        w.values.beginExit();
        w.values.put(n.d);
        n.local = n.second.source().local;
        w.set(n.local);
        w.end();
        w.end();
        w.values.beginExit();
    }

    private void checkFpu(Node n) {
        FpuEntry entry = n.fpuEntry;
        if (!entry.isSummaryTested() && entry.tested() == 0 && !entry.needsDefaultModes()) {
            return;
        }
        if (entry.isSummaryTested()) {
            w.values.put(n.a);
            w.i32(FpuEntry.SUMMARY);
            w.op(Wasm.I32_AND);
        } else {
            w.i32(0);
        }
        if (entry.tested() != 0) {
            differs(n.b, entry.tested(), entry.expected());
        }
        if (entry.needsDefaultModes()) {
            differs(n.c, FpuEntry.MODES, FpuEntry.DEFAULT_MODES);
        }
        w.beginRare();
        exits.exit(n.snapshot, JitStatus.INTERPRET, null);
        w.end();
    }

    /** Adds to what is on the stack where a value's bits are not these. */
    private void differs(Node value, int mask, int expected) {
        w.values.put(value);
        w.i32(mask);
        w.op(Wasm.I32_AND);
        w.i32(expected);
        w.op(Wasm.I32_XOR);
        w.op(Wasm.I32_OR);
    }

    private void fpuCall(Node n) {
        for (Node operand : new Node[] {n.a, n.b, n.c, n.d}) {
            if (operand != null) {
                w.values.put(operand);
            }
        }
        w.callFpuFunction((int) n.imm);
        if (n.second != null) {
            n.second.local = w.locals.temporary(Wasm.I32);
            w.set(n.second.local);
        }
        keep(n);
    }

    private void x87Operand(Node n) {
        if (n == null) {
            w.i32(0);
        } else {
            w.values.put(n);
        }
    }

    private void keep(Node n) {
        if (n.uses + n.exitUses == 0) {
            w.op(Wasm.DROP);
            return;
        }
        n.local = w.locals.temporary(n.type());
        w.set(n.local);
    }

    /** Calls an interpreter handler. What it reads goes to memory before; the rest only when it leaves. */
    private void handler(Node n) {
        HandlerEffect effect = n.handlerEffect;
        Snapshot s = n.snapshot;
        exits.storeRegisters(s, effect.reads() | effect.writes());
        exits.storeVectors(s, effect.vectors());
        if (effect.usesFlags()) {
            exits.storeFlags(s.flags());
        }
        w.storeBudget(s.done());
        w.i32((int) n.imm);
        w.out.u8(Wasm.CALL).u32(Imports.HANDLER);
        w.tee(w.fixed.status);
        w.rareIf().u8(Wasm.VOID);
        w.values.beginExit();
        exits.storeRegisters(s, ~(effect.reads() | effect.writes()));
        exits.storeVectors(s, ~effect.vectors());
        if (!effect.usesFlags()) {
            exits.storeFlags(s.flags());
        }
        w.get(w.fixed.status);
        w.out.u8(Wasm.RETURN).u8(Wasm.END);
        w.values.beginExit();
    }
}
