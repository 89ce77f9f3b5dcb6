// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.DecodedInstruction;

/** A basic block of a region: its instructions, where it goes, and what the passes found out about it. */
final class RegionBlock {
    /** How control leaves. LEAVE: the interpreter takes over at leavePc. */
    enum Flow {
        JUMP, CONDITIONAL, CALL, CALL_INDIRECT, JUMP_INDIRECT, RETURN, LEAVE,
        /** A computed transfer to next, where it is expected to go: an inlined function's return, or a jump through a constant address. */
        EXPECTED,
        /** A repeated string instruction: everything goes through memory, then on behind it. */
        REPEAT,
        /** Not guest code: where indirect jumps find their known targets. */
        DISPATCH
    }

    final long pc;
    final List<DecodedInstruction> instructions = new ArrayList<>();
    Flow flow;
    /** Target of a direct transfer; address behind the block (fall-through, return point). */
    long targetPc;
    long nextPc;
    /** Ends in a call that goes on in the callee's blocks. */
    boolean isInlinedCall;
    /** Ends in an inlined function's jump to another function, which returns to the inlined one's caller. */
    boolean isTailCall;
    /** Successors inside the region; null: outside. For calls, next is the return point. */
    RegionBlock target;
    RegionBlock next;

    /** Of a DISPATCH block: where computed jumps lead, and what is reached by number. */
    List<RegionBlock> targets = List.of();
    final List<RegionBlock> states = new ArrayList<>();
    /** Which of its target's states a jump without instructions of its own means; else -1. */
    int state = -1;
    /** Of a DISPATCH block: the table that some of the jumps go through, or null. */
    JumpTable table;
    /** Of a computed jump through that table. */
    JumpTables.Use jump;

    // Order and dominators (ControlFlow)
    int number = -1;
    int forwardPredecessors;
    RegionBlock dominator;
    boolean isLoopHead;
    boolean isMerge;
    final List<RegionBlock> predecessors = new ArrayList<>();
    final List<RegionBlock> dominated = new ArrayList<>();

    // IR
    List<Node> nodes;
    Terminator terminator;
    /** Of a computed transfer: the check of its target, if there is one. */
    Node targetCheck;
    /** Record of the repeated instruction that ends the block. */
    int repeat;
    /** What general registers hold at the start, where that is not known from the stack. */
    Node[] leaves;
    Node[] exitRegisters;
    Node[] exitVectors;
    /** Vector registers as the block begins: a snapshot that has this very array has them unchanged. */
    Node[] vectorsIn;
    FlagShape entryShape;
    FlagState entryFlags;
    FlagState exitFlags;
    /** Whether the block itself reads the flags that it begins with. */
    boolean readsEntryFlags;
    Snapshot end;
    boolean flagsLiveIn;
    /** What is known of floating point at the start and at the end; what back edges have left of it (null: none was asked). */
    FloatFacts floatFactsIn = FloatFacts.NONE;
    FloatFacts floatFactsOut = FloatFacts.NONE;
    FloatFacts floatFactsLeft;
    /** The x87 at the start (null: in memory) and at the end; what back edges bring besides (null: nothing is known yet), or that they bring it in memory. */
    FpuShape fpuIn;
    FpuShape fpuOut;
    FpuStack fpuEnd;
    FpuShape fpuBack;
    boolean isFpuInMemory;
    /** What is assumed of a loop head before its back edges are known turned out wrong. */
    boolean hasGeneralFlags;
    /** RSP and RBP at the start as distances from RSP at the region's entry, or StackTracking.UNKNOWN; registers (bits) where that failed. */
    final int[] stackIn = new int[StackTracking.REGISTERS.length];
    final int[] stackOut = new int[StackTracking.REGISTERS.length];
    int untracked;
    /** Registers that may differ from memory at the start; registers that the block changes. */
    int dirtyIn;
    int modified;
    /** Registers that differ from the block's start somewhere in it, perhaps only in the middle (push and pop). */
    int touched;
    /** Registers whose locals hold their values at the start: those that somebody reads there or later, and the dirty ones. The others' are in memory. */
    int neededIn;
    /** The same of vector registers. */
    int vectorsNeededIn;
    int vectorsDirtyIn;
    int vectorsModified;
    int vectorsTouched;

    RegionBlock(long pc) {
        this.pc = pc;
    }

    /** The same instructions with the same successors. */
    RegionBlock copy() {
        RegionBlock b = new RegionBlock(pc);
        b.instructions.addAll(instructions);
        b.flow = flow;
        b.targetPc = targetPc;
        b.nextPc = nextPc;
        b.isInlinedCall = isInlinedCall;
        b.isTailCall = isTailCall;
        b.target = target;
        b.next = next;
        return b;
    }

    boolean isCall() {
        return flow == Flow.CALL || flow == Flow.CALL_INDIRECT;
    }

    /** Whether the way to next goes through memory: registers are loaded again there. */
    boolean reloads() {
        return isCall() || flow == Flow.REPEAT;
    }

    /** Whether registers of the x87 may stay in locals on the way to the successors. */
    boolean keepsFpu() {
        return flow == Flow.JUMP || flow == Flow.CONDITIONAL || flow == Flow.EXPECTED;
    }

    /** Where control can go inside the region. */
    List<RegionBlock> successors() {
        List<RegionBlock> list = new ArrayList<>(targets);
        for (RegionBlock s : states) {
            if (!list.contains(s)) {
                list.add(s);
            }
        }
        if (target != null) {
            list.add(target);
        }
        if (next != null && next != target) {
            list.add(next);
        }
        return list;
    }

    /** Whether a register's value at the start is known from the stack base, so that its local need not hold it. */
    boolean isTracked(int register) {
        for (int i = 0; i < stackIn.length; i++) {
            if (StackTracking.REGISTERS[i] == register) {
                return stackIn[i] != StackTracking.UNKNOWN;
            }
        }
        return false;
    }

    /** Those registers, as bits. */
    int trackedRegisters() {
        int tracked = 0;
        for (int register : StackTracking.REGISTERS) {
            tracked |= isTracked(register) ? 1 << register : 0;
        }
        return tracked;
    }

    /** The one block that control comes from, without going through memory on the way; null: there are several, or none. */
    RegionBlock onlyPredecessor() {
        RegionBlock p = predecessors.size() == 1 ? predecessors.get(0) : null;
        return p == null || p.isBackEdge(this) || p.reloads() ? null : p;
    }

    /** The edge ends an iteration: the target comes first in the order. */
    boolean isBackEdge(RegionBlock to) {
        return to.number <= number;
    }

    DecodedInstruction last() {
        return instructions.get(instructions.size() - 1);
    }
}
