// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** Counts how often a block's nodes are used on the way that is normally taken, and how often by exits only. */
final class UseCounter {
    private UseCounter() { }

    static void count(RegionBlock b) {
        if (b.terminator != null) {
            boolean isTested = b.flow == RegionBlock.Flow.CONDITIONAL || b.flow == RegionBlock.Flow.RETURN_INLINED
                || b.flow == RegionBlock.Flow.JUMP_INDIRECT && b.target != null;
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
            if (b.target != null && b.target.flagsLiveIn || b.next != null && b.next.flagsLiveIn && !b.reloads()) {
                use(b.exitFlags.fk);
                use(b.exitFlags.fx);
                use(b.exitFlags.a);
                use(b.exitFlags.b);
                use(b.exitFlags.r);
            }
        }
        for (int i = b.nodes.size() - 1; i >= 0; i--) {
            countOperands(b.nodes.get(i));
        }
    }

    /** Whether the register's local must hold its value at the successor. */
    static boolean moves(RegionBlock from, RegionBlock to, int register) {
        return to != null && !from.reloads() && !to.isTracked(register);
    }

    private static void countOperands(Node n) {
        if (n.op == Node.ALIAS) {
            return;
        }
        if (n.isEffect() ? !n.isDroppable() || n.uses + n.exitUses > 0 : n.uses > 0) {
            if (!n.isOnStack()) {
                use(n.a);
            }
            use(n.b);
            use(n.c);
            use(n.d);
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
        useInExit(s.flags().fk);
        useInExit(s.flags().fx);
        useInExit(s.flags().a);
        useInExit(s.flags().r);
    }
}
