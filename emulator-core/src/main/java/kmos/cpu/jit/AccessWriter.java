// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Accesses to guest memory: raw on the part of the stack that the region's entry looked up, else by a TLB look-up, one for each group. */
final class AccessWriter {
    private final CodeWriter w;
    private final ExitWriter exits;
    private final StackTracking stack;

    AccessWriter(CodeWriter w, ExitWriter exits, StackTracking stack) {
        this.w = w;
        this.exits = exits;
        this.stack = stack;
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
        translate(a, size, isWrite, n.lastPage, () -> {
            wide(a);
            miss(n, size, isWrite);
        });
        return 0;
    }

    /** Leaves the linear memory address of an operand, or what missed leaves where the TLB does not answer. */
    private void translate(int a, int size, boolean isWrite, LastPages.LastPage page, Runnable missed) {
        LastPages.LastPage last = page != null && page.isKept() ? page : null;
        if (last != null) {
            isOther(a, size, last);
            w.rareIf().u8(Wasm.I32);
            w.enter(null, false);
        }
        isMissed(a, size, isWrite);
        w.rareIf().u8(Wasm.I32);
        w.enter(null, false);
        missed.run();
        w.out.u8(Wasm.ELSE);
        found(a);
        if (last != null) {
            remember(a, last);
        }
        w.end();
        if (last != null) {
            w.out.u8(Wasm.ELSE);
            low(a);
            w.get(last.distance);
            w.op(Wasm.I32_ADD);
            w.end();
        }
    }

    /** Leaves whether size bytes at the address in a local lie elsewhere, not all in the page. */
    private void isOther(int a, int size, LastPages.LastPage last) {
        w.get(a);
        w.get(last.page);
        w.addressOp(Wasm.I32_SUB, Wasm.I64_SUB);
        w.address(0x1000 - size);
        w.addressOp(Wasm.I32_GT_U, Wasm.I64_GT_U);
    }

    /** The page of the address in a local, with the address in linear memory on the stack, which stays there. */
    private void remember(int a, LastPages.LastPage last) {
        w.tee(w.fixed.host);
        low(a);
        w.op(Wasm.I32_SUB);
        w.set(last.distance);
        w.get(a);
        w.address(~0xFFFL);
        w.addressOp(Wasm.I32_AND, Wasm.I64_AND);
        w.set(last.page);
        w.get(w.fixed.host);
    }

    /** At the region's entry, behind {@link #pinStack}. */
    void beginWithStack(LastPages.LastPage last) {
        w.get(w.fixed.stackHost);
        remember(w.fixed.stackPointer, last);
        w.op(Wasm.DROP);
    }

    private void low(int a) {
        w.get(a);
        if (w.is64) {
            w.op(Wasm.I32_WRAP_I64);
        }
    }

    /** By a call, with the guest address on the stack: leaves the one in linear memory, or the region at the access. */
    private void miss(Node n, int size, boolean isWrite) {
        w.i32(size | (isWrite ? JitAccess.WRITE : 0));
        w.out.u8(Wasm.CALL).u32(Imports.MISS);
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
        miss(n, size, isWrite);
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
        translate(a, g.high - g.low, g.isWrite, g.lastPage, () -> w.i32(0));
        w.set(g.local);
    }

    private void wide(int a) {
        w.get(a);
        if (!w.is64) {
            w.op(Wasm.I64_EXTEND_I32_U);
        }
    }

    /** Leaves whether the TLB does not answer for size bytes at the address in a local; the entry local names its entry. */
    private void isMissed(int a, int size, boolean isWrite) {
        w.get(a);
        w.address(7);
        w.addressOp(Wasm.I32_SHR_U, Wasm.I64_SHR_U);
        if (w.is64) {
            w.op(Wasm.I32_WRAP_I64);
        }
        w.i32(0x1FFE0);
        w.op(Wasm.I32_AND);
        w.get(w.fixed.tlb);
        w.op(Wasm.I32_ADD);
        w.set(w.fixed.entry);
        w.get(a);
        if (size > 1) {
            w.address(size - 1);
            w.addressOp(Wasm.I32_ADD, Wasm.I64_ADD);
        }
        w.address(0xFFF);
        w.addressOp(Wasm.I32_OR, Wasm.I64_OR);
        w.get(w.fixed.entry);
        w.memory(w.addressLoad(), isWrite ? 8 : 0);
        w.addressOp(Wasm.I32_NE, Wasm.I64_NE);
    }

    /** Leaves the address in linear memory that the TLB entry gives. */
    private void found(int a) {
        low(a);
        w.get(w.fixed.entry);
        w.memory(Wasm.I32_LOAD, 16);
        w.op(Wasm.I32_ADD);
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
        isMissed(a, stack.length(), true);
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
        found(a);
        w.out.u8(Wasm.END);
        w.set(w.fixed.stackHost);
    }
}
