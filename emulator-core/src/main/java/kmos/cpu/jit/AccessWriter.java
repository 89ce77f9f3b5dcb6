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
        int a = w.values.local(n.a);
        int entry = entries.take(isWrite);
        translate(a, size, entry, () -> {
            wide(a);
            miss(n, size, isWrite, entry);
        });
        return 0;
    }

    /** Leaves the linear memory address of an operand, or what missed leaves where it lies outside the range of an entry. */
    private void translate(int a, int size, int entry, Runnable missed) {
        isOutside(a, size, entry);
        w.rareIf().u8(Wasm.I32);
        w.enter(null, false);
        missed.run();
        w.out.u8(Wasm.ELSE);
        found(a, entry);
        w.end();
    }

    /** Leaves whether size bytes at the address in a local are not all in the range of an entry. */
    private void isOutside(int a, int size, int entry) {
        Check.that(size <= RangeTlb.LONG, "an access without a range", size);
        w.get(a);
        w.loadState(w.addressLoad(), RangeEntries.offset(entry) + RangeTlb.START);
        w.addressOp(Wasm.I32_SUB, Wasm.I64_SUB);
        w.loadState(w.addressLoad(), RangeEntries.offset(entry) + (size <= RangeTlb.SHORT ? RangeTlb.LENGTH : RangeTlb.LONG_LENGTH));
        w.addressOp(Wasm.I32_GE_U, Wasm.I64_GE_U);
    }

    /** Leaves the linear memory address that the range of an entry gives. */
    private void found(int a, int entry) {
        low(a);
        w.loadState(Wasm.I32_LOAD, RangeEntries.offset(entry) + RangeTlb.DISTANCE);
        w.op(Wasm.I32_ADD);
    }

    private void low(int a) {
        w.get(a);
        if (w.is64) {
            w.op(Wasm.I32_WRAP_I64);
        }
    }

    /** By a call, with the guest address on the stack: leaves the one in linear memory, or the region at the access. */
    private void miss(Node n, int size, boolean isWrite, int entry) {
        w.i32(size | (isWrite ? JitAccess.WRITE : 0) | entry << JitAccess.ENTRY_SHIFT);
        w.out.u8(Wasm.CALL).u32(ModuleWriter.TLB_FUNCTION);
        w.tee(w.fixed.host);
        w.op(Wasm.I32_EQZ);
        w.beginRare();
        exits.exit(n.snapshot, JitStatus.INTERPRET, null);
        w.end();
        w.get(w.fixed.host);
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
        miss(n, size, isWrite, g.entry);
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
        int a;
        if (g.base != null && g.low == 0) {
            a = w.values.local(g.base);
        } else {
            a = w.locals.temporary(w.is64 ? Wasm.I64 : Wasm.I32);
            if (g.base == null) {
                w.address(g.origin + g.low);
            } else {
                w.values.put(g.base);
                w.address(g.low);
                w.addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
            }
            w.set(a);
        }
        g.local = g.isShared ? w.locals.persistent(Wasm.I32) : w.locals.temporary(Wasm.I32);
        g.entry = entries.take(g.isWrite);
        int size = g.high - g.low;
        translate(a, size, g.entry, () -> {
            wide(a);
            w.i32(size | (g.isWrite ? JitAccess.WRITE : 0) | JitAccess.ONLY_TLB | g.entry << JitAccess.ENTRY_SHIFT);
            w.out.u8(Wasm.CALL).u32(ModuleWriter.TLB_FUNCTION);
        });
        w.set(g.local);
    }

    private void wide(int a) {
        w.get(a);
        if (!w.is64) {
            w.op(Wasm.I64_EXTEND_I32_U);
        }
    }

    /**
     * At the region's entry: looks up the stack that it touches. Where that fails, nothing of the region has run: its twin
     * without this assumption goes on, if there is one, else the interpreter.
     */
    void pinStack(int cell, boolean chains) {
        int a = w.fixed.stackPointer;
        w.get(w.fixed.stackBase);
        w.address(stack.low());
        w.addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
        w.set(a);
        int rest = stack.length() - RangeTlb.LONG;
        int end = rest > 0 ? w.locals.temporary(w.is64 ? Wasm.I64 : Wasm.I32) : a;
        if (rest > 0) {
            w.get(a);
            w.address(rest);
            w.addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
            w.set(end);
        }
        isOutside(end, RangeTlb.LONG, RangeTlb.STACK);
        w.rareIf().u8(Wasm.I32);
        wide(a);
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
        w.out.u8(Wasm.ELSE);
        found(a, RangeTlb.STACK);
        w.out.u8(Wasm.END);
        w.set(w.fixed.stackHost);
    }
}
