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
    /** Successors inside the region; null: outside. For calls, next is the return point. */
    RegionBlock target;
    RegionBlock next;

    /** Of a DISPATCH block. */
    List<RegionBlock> targets = List.of();

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
    /** Record of the repeated instruction that ends the block. */
    int repeat;
    Node[] exitRegisters;
    FlagState entryFlags;
    FlagState exitFlags;
    Snapshot end;
    boolean flagsLiveIn;
    /** Registers that may differ from memory at the start; registers that the block changes. */
    int dirtyIn;
    int modified;
    /** Registers that differ from the block's start somewhere in it, perhaps only in the middle (push and pop). */
    int touched;
    RegionBlock(long pc) {
        this.pc = pc;
    }

    boolean isCall() {
        return flow == Flow.CALL || flow == Flow.CALL_INDIRECT;
    }

    /** Whether the way to next goes through memory: registers are loaded again there. */
    boolean reloads() {
        return isCall() || flow == Flow.REPEAT;
    }

    /** Where control can go inside the region. */
    List<RegionBlock> successors() {
        if (flow == Flow.DISPATCH) {
            return targets;
        }
        List<RegionBlock> list = new ArrayList<>(2);
        if (target != null) {
            list.add(target);
        }
        if (next != null && next != target) {
            list.add(next);
        }
        return list;
    }

    /** The edge ends an iteration: the target comes first in the order. */
    boolean isBackEdge(RegionBlock to) {
        return to.number <= number;
    }

    DecodedInstruction last() {
        return instructions.get(instructions.size() - 1);
    }
}
