// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.base.Check;
import kmos.cpu.RangeTlb;

/** Accesses to guest memory: raw on the part of the stack that the region's entry looked up, else by the range of an entry, one look-up for each group. */
final class AccessWriter {
    private final CodeWriter w;
    private final ExitWriter exits;
    private final StackTracking stack;
    private final RangeEntries entries;

    AccessWriter(CodeWriter w, ExitWriter exits, StackTracking stack, RangeEntries entries) {
        this.w = w;
        this.exits = exits;
        this.stack = stack;
        this.entries = entries;
    }

    void load(Node n) {
        w.memory(CodeWriter.loadOp(n.bits()), address(n, n.bits() / 8, false));
    }

    void store(Node n) {
        int offset = address(n, n.b.bits() / 8, true);
        w.values.put(n.b);
        w.memory(CodeWriter.storeOp(n.b.bits()), offset);
    }

    void hostLoad(Node n) {
        w.memory(CodeWriter.loadOp(n.bits()), hostAddress(n));
    }

    void hostStore(Node n) {
        int offset = hostAddress(n);
        w.values.put(n.b);
        w.memory(CodeWriter.storeOp(n.b.bits()), offset);
    }

    /** Linear memory address of an operand that is accessed by others. */
    void guestAddress(Node n) {
        int offset = address(n, n.accessSize(), (n.imm & JitAccess.WRITE) != 0);
        if (offset != 0) {
            w.i32(offset);
            w.op(Wasm.I32_ADD);
        }
    }

    private int hostAddress(Node n) {
        if (n.isOnStack()) {
            w.get(w.fixed.stackHost);
            return n.stackOffset - stack.low();
        }
        w.values.put(n.a);
        return (int) n.imm;
    }

    /** Leaves an address in linear memory; returns what must be added to it. */
    private int address(Node n, int size, boolean isWrite) {
        if (n.isOnStack()) {
            w.get(w.fixed.stackHost);
            return n.stackOffset - stack.low();
        }
        if (n.group != null) {
            return grouped(n, size, isWrite);
        }
        w.values.put(n.a);
        int entry = entries.take(isWrite);
        translate(size, entry, () -> miss(n, size, isWrite, entry, TlbFunctions.BY_DISTANCE));
        return 0;
    }

    /** Leaves the linear memory address of the operand whose address is on the stack, or what missed leaves, with the distance on the stack, where it lies outside the range of an entry. */
    private void translate(int size, int entry, Runnable missed) {
        isOutside(size, entry);
        w.rareIf().u8(Wasm.I32);
        w.enter(null, false);
        w.get(w.fixed.distance);
        w.widenAddress();
        missed.run();
        w.out.u8(Wasm.ELSE);
        found(entry);
        w.end();
    }

    /** Leaves whether size bytes at the address on the stack are not all in the range of an entry; its distance from the first one is in the local for that. */
    private void isOutside(int size, int entry) {
        Check.that(size <= RangeTlb.LONG, "an access without a range", size);
        w.loadState(w.addressLoad(), RangeEntries.offset(entry) + RangeTlb.START);
        w.addressOp(Wasm.I32_SUB, Wasm.I64_SUB);
        w.tee(w.fixed.distance);
        w.loadState(w.addressLoad(), RangeEntries.offset(entry) + (size <= RangeTlb.SHORT ? RangeTlb.LENGTH : RangeTlb.LONG_LENGTH));
        w.addressOp(Wasm.I32_GE_U, Wasm.I64_GE_U);
    }

    /** Leaves the linear memory address at the distance in its local. */
    private void found(int entry) {
        w.get(w.fixed.distance);
        if (w.is64) {
            w.op(Wasm.I32_WRAP_I64);
        }
        w.loadState(Wasm.I32_LOAD, RangeEntries.offset(entry) + RangeTlb.HOST);
        w.op(Wasm.I32_ADD);
    }

    /** Linear memory has less than 2 GiB. The engine does not know of a call's result that the upper half of its register is clear, and would clear it at each use. */
    private void clearUpper() {
        w.i32(Integer.MAX_VALUE);
        w.op(Wasm.I32_AND);
    }

    /** By a call of one of {@link TlbFunctions}, with its first operand on the stack: leaves the address in linear memory, or the region at the access. */
    private void miss(Node n, int size, boolean isWrite, int entry, int function) {
        w.i32(size | (isWrite ? JitAccess.WRITE : 0) | entry << JitAccess.ENTRY_SHIFT);
        w.out.u8(Wasm.CALL).u32(ModuleWriter.TLB_FUNCTIONS + function);
        w.tee(w.fixed.host);
        w.op(Wasm.I32_EQZ);
        w.beginRare();
        exits.exit(n.snapshot, JitStatus.INTERPRET, null);
        w.end();
        w.get(w.fixed.host);
        clearUpper();
    }

    private int grouped(Node n, int size, boolean isWrite) {
        AccessGroups.Group g = n.group;
        if (g.local < 0) {
            lookUp(g);
        }
        int offset = n.groupOffset - g.low;
        w.get(g.local);
        w.op(Wasm.I32_EQZ);
        w.rareIf().u8(Wasm.I32);
        w.enter(null, false);
        w.putWide(n.a);
        miss(n, size, isWrite, g.entry, TlbFunctions.BY_ADDRESS);
        if (offset != 0) {
            w.i32(offset);
            w.op(Wasm.I32_SUB);
        }
        w.out.u8(Wasm.ELSE);
        w.get(g.local);
        w.end();
        return offset;
    }

    /** The whole group at once; nothing happens where that fails. */
    private void lookUp(AccessGroups.Group g) {
        if (g.base == null) {
            w.address(g.origin + g.low);
        } else {
            w.values.put(g.base);
            if (g.low != 0) {
                w.address(g.low);
                w.addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
            }
        }
        g.local = g.isShared ? w.locals.persistent(Wasm.I32) : w.locals.temporary(Wasm.I32);
        g.entry = entries.take(g.isWrite);
        int size = g.high - g.low;
        translate(size, g.entry, () -> {
            w.i32(size | (g.isWrite ? JitAccess.WRITE : 0) | JitAccess.ONLY_TLB | g.entry << JitAccess.ENTRY_SHIFT);
            w.out.u8(Wasm.CALL).u32(ModuleWriter.TLB_FUNCTIONS + TlbFunctions.BY_DISTANCE);
            clearUpper();
        });
        w.set(g.local);
    }

    /**
     * At the region's entry: looks up the stack that it touches. Where that fails, nothing of the region has run: its twin
     * without this assumption goes on, if there is one, else the interpreter.
     */
    void pinStack(int cell, boolean chains) {
        int rest = Math.max(stack.length() - RangeTlb.LONG, 0);
        w.stackAddress(stack.low() + rest);
        isOutside(RangeTlb.LONG, RangeTlb.STACK);
        w.rareIf().u8(Wasm.I32);
        w.stackAddress(stack.low());
        w.widenAddress();
        w.i32(stack.length());
        w.i32(cell);
        w.out.u8(Wasm.CALL).u32(Imports.PIN);
        w.tee(w.fixed.host);
        w.op(Wasm.I32_EQZ);
        w.rareIf().u8(Wasm.VOID);
        w.i32(cell);
        w.memory(Wasm.I32_LOAD, LinkCells.SLOT);
        w.op(Wasm.I32_EQZ);
        w.returnIf(JitStatus.INTERPRET);
        w.i32(cell);
        w.set(w.fixed.entry);
        w.goOn(w.fixed.entry, LinkCells.SLOT, chains);
        w.out.u8(Wasm.END);
        w.get(w.fixed.host);
        clearUpper();
        w.out.u8(Wasm.ELSE);
        found(RangeTlb.STACK);
        if (rest != 0) {
            w.i32(rest);
            w.op(Wasm.I32_SUB);
        }
        w.out.u8(Wasm.END);
        w.set(w.fixed.stackHost);
    }
}
