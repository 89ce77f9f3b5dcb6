// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Counts how often a block's nodes are used on the way that is normally taken, and how often by exits only. */
final class UseCounter {
    private UseCounter() { }

    static void count(RegionBlock b) {
        if (b.terminator != null) {
            boolean isTested = b.flow == RegionBlock.Flow.CONDITIONAL || b.flow == RegionBlock.Flow.EXPECTED
                || b.flow == RegionBlock.Flow.JUMP_INDIRECT && b.target != null && b.jump == null;
            if (isTested) {
                use(b.terminator.operand());
            }
            useInExit(b.terminator.operand());
        }
        useInExit(b.end);
        if (b.target != null || b.next != null) {
            for (int i = 0; i < Locals.REGISTERS; i++) {
                if ((b.modified >> i & 1) != 0 && (moves(b, b.target, i) || moves(b, b.next, i))) {
                    use(b.exitRegisters[i]);
                }
            }
            for (int i = 0; i < Locals.REGISTERS; i++) {
                if ((b.vectorsModified >> i & 1) != 0 && !b.reloads()) {
                    use(b.exitVectors[i]);
                }
            }
            useFpu(b, b.target);
            useFpu(b, b.next);
            useFlags(b.exitFlags, b.target);
            useFlags(b.exitFlags, b.reloads() ? null : b.next);
        }
        for (int i = b.nodes.size() - 1; i >= 0; i--) {
            countOperands(b.nodes.get(i));
        }
    }

    private static void useFpu(RegionBlock b, RegionBlock to) {
        if (b.fpuEnd == null || to == null) {
            return;
        }
        if (to.fpuIn == null) {
            for (FpuStack.Store s : b.end.fpuStores()) {
                use(s.offset());
                use(s.value());
            }
            return;
        }
        for (int i = 0; i < 8; i++) {
            boolean isStored = storesFpu(b, to, i), isLoaded = to.fpuIn.isLoaded(i);
            if (isStored || isLoaded) {
                use(b.fpuEnd.significand(i));
                use(b.fpuEnd.exponent(i));
            }
            if (isStored || isLoaded && b.fpuEnd.significand(i) == null) {
                use(b.fpuEnd.offset(i));
            }
        }
        use(b.fpuEnd.status(null));
        use(b.fpuEnd.tags(null));
        use(b.fpuEnd.topNow(null));
    }

    /** Whether ST(i) goes to memory on the way to a successor that takes the x87 in locals. */
    static boolean storesFpu(RegionBlock from, RegionBlock to, int i) {
        return from.fpuEnd.isDirty(i) && !(to.fpuIn.isLoaded(i) && to.fpuIn.isDirty(i));
    }

    private static void useFlags(FlagState s, RegionBlock to) {
        if (to == null || !to.flagsLiveIn) {
            return;
        }
        if (to.entryFlags.x != null) {
            use(s.x);
            use(s.y);
            return;
        }
        use(s.fk);
        use(s.fx);
        use(s.a);
        use(s.b);
        use(s.r);
    }

    /** Whether the register's local must hold its value at the successor. */
    static boolean moves(RegionBlock from, RegionBlock to, int register) {
        return to != null && !from.reloads() && !to.isTracked(register);
    }

    private static void countOperands(Node n) {
        if (n.op == Node.ALIAS) {
            return;
        }
        if (n.isDeferred) {
            useInExit(n.a);
            useInExit(n.b);
            useInExit(n.snapshot);
            return;
        }
        if (n.isEffect() ? !n.isDroppable() || n.uses + n.exitUses > 0 : n.uses > 0) {
            if (n.jump != null) {
                use(n.jump.index());
                n.jump.guesses().forEach(g -> use(g.node()));
            } else if (!n.isOnStack()) {
                use(n.a);
            }
            boolean isSecondSeldom = n.op == Node.GUARD || n.op == Node.REPAIR;
            if (isSecondSeldom) {
                useInExit(n.b);
            } else {
                use(n.b);
            }
            if (n.op == Node.REPAIR) {
                useInExit(n.c);
                useInExit(n.d);
                // It takes over the local, so there must be one.
                use(n.second);
                use(n.second);
            } else {
                use(n.c);
                use(n.d);
            }
        } else if (n.exitUses > 0) {
            useInExit(n.a);
            useInExit(n.b);
            useInExit(n.c);
            useInExit(n.d);
        }
        if (n.canLeave()) {
            useInExit(n.snapshot);
        }
    }

    private static void use(Node n) {
        if (n != null) {
            n.source().uses++;
        }
    }

    private static void useInExit(Node n) {
        if (n != null) {
            n.source().exitUses++;
        }
    }

    private static void useInExit(Snapshot s) {
        for (Node register : s.registers()) {
            useInExit(register);
        }
        if (s.vectors() != s.block().vectorsIn) {
            for (Node vector : s.vectors()) {
                useInExit(vector);
            }
        }
        for (FpuStack.Store store : s.fpuStores()) {
            useInExit(store.offset());
            useInExit(store.value());
        }
        useInExit(s.flags().fk);
        useInExit(s.flags().fx);
        useInExit(s.flags().a);
        useInExit(s.flags().r);
    }
}
