// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;
import kmos.base.Memory;
import kmos.cpu.CpuState;

/** The x87 through the instructions of a block that is being built: followed as a {@link FpuStack}, or in memory. */
final class FpuTracking {
    private final BlockBuilder e;
    private final NodeFactory f;
    private final int cpu;
    /** Null: in memory. */
    private FpuStack stack;

    FpuTracking(BlockBuilder e, NodeFactory f, int cpu) {
        this.e = e;
        this.f = f;
        this.cpu = cpu;
    }

    /** Starts a block; shape: how the x87 comes there, null in memory. */
    void begin(FpuShape shape, RegionLocals locals) {
        stack = shape == null ? null : new FpuStack(new FpuEntry(f, locals, shape), locals, shape);
    }

    FpuStack stack() {
        return stack;
    }

    void set(FpuStack s) {
        stack = s;
    }

    /** What memory lacks now. */
    List<FpuStack.Store> stores() {
        return stack == null ? List.of() : stack.stores(f);
    }

    /** The registers, for an instruction that changes them; what it takes for granted is tested where they are followed from. */
    FpuStack change() {
        stack = stack == null ? new FpuStack(new FpuEntry(e, f)) : new FpuStack(stack);
        stack.entry.test(this, e, f);
        return stack;
    }

    void check(FpuEntry entry, Node status, Node tags, Node control) {
        e.exiting(0, Node.FPU_CHECK, status, tags, control, 0).fpuEntry = entry;
    }

    Node status() {
        return stack == null ? e.stateLoad(32, CpuState.FSW) : stack.status(f);
    }

    Node load(int bits, Node offset, int at) {
        return e.effect(bits, Node.HOST_LOAD, offset, null, null, cpu + at);
    }

    /** A function's first result; the second one, where there is one, is a node of its own. */
    Node call(int function, Node a, Node sa, Node b, Node sb) {
        Node n = e.effect(new Node(function == FpuFunctions.COMPARE ? 32 : 64, Node.FPU_CALL, a, sa, b, sb, function));
        if (FpuFunctions.hasFlags(function)) {
            n.second = e.effect(32, Node.FPU_SECOND, null, null, null, 0);
        }
        return n;
    }

    /** Brings everything to memory, for somebody who looks there. */
    void store() {
        stores().forEach(this::store);
        stack = null;
    }

    private void store(FpuStack.Store s) {
        Node v = s.value() == null ? e.stateLoad(32, s.from()) : s.value();
        if (s.offset() == null) {
            e.stateStore(s.at(), v);
        } else {
            e.effect(0, Node.HOST_STORE, s.offset(), v, null, cpu + s.at());
        }
    }

    /** At the block's end: the x87 for the blocks behind it, with nothing but registers, status and tags to come; or null, all of it is in memory. */
    FpuStack end(boolean staysInLocals) {
        if (!staysInLocals) {
            store();
        } else if (stack != null) {
            stack.notes(f).forEach(this::store);
            stack = stack.withoutNotes();
        }
        return stack;
    }

    /** The control word's modes at this time are those that {@link FpuFunctions} knows: else its instructions are better left to others. */
    boolean isDefaultNow() {
        return (Memory.get32(cpu + CpuState.FCW) & FpuEntry.MODES) == FpuEntry.DEFAULT_MODES;
    }

    /** An operation in memory. */
    Node inMemory(int code, Node a, Node b) {
        store();
        return e.effect(32, Node.X87, a, b, null, code);
    }
}
