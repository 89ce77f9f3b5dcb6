// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Translations kept in locals: of the page that accesses relative to a register went to last. In a loop an access first compares its address
 * with that page, and asks the TLB only when it is another one. They hold from the region's entry to its end, for the same reason as the pinned
 * stack, whose page they begin with: nothing that compiled code does can take a translation away.
 */
final class LastPages {
    /** Fewer look-ups relative to a register are not worth while; more pages are more locals than the host has registers. */
    private static final int MIN_USES = 2, MAX_PAGES = 4;
    /** Bytes between the accesses: beyond that they are likely to go to several pages in turn. */
    private static final int REACH = 1024;

    /** A page's first address, and what is added to an address in it for its place in linear memory: numbers of locals; -1: has none. */
    static final class LastPage {
        int page = -1;
        int distance = -1;
        private int uses;
        /** Of the constants that are added to the register. */
        private long lowest = Long.MAX_VALUE;
        private long highest = Long.MIN_VALUE;

        boolean isKept() {
            return page >= 0;
        }

        private void use(long constant) {
            uses++;
            lowest = Math.min(lowest, constant);
            highest = Math.max(highest, constant);
        }
    }

    /** By register; separate ones for reading and for writing, for which a page must be dirty. */
    private final LastPage[] pages = new LastPage[2 * Locals.REGISTERS];
    /** In how many blocks each register gets a value that is not its own plus a constant. */
    private final int[] definitions = new int[Locals.REGISTERS];

    private final int stackBase;

    private LastPages(int stackBase) {
        this.stackBase = stackBase;
    }

    /** Notes in the look-ups of the blocks, which are in reverse postorder, which page they begin with; returns the pages that got locals. */
    static List<LastPage> find(List<RegionBlock> order, Locals locals, boolean is64, int stackBase) {
        LastPages all = new LastPages(stackBase);
        boolean[] isInLoop = inLoops(order);
        for (RegionBlock b : order) {
            if (isInLoop[b.number]) {
                b.nodes.forEach(all::use);
                all.define(b);
            }
        }
        List<LastPage> kept = all.worthWhile();
        for (LastPage p : kept) {
            p.page = locals.persistent(is64 ? Wasm.I64 : Wasm.I32);
            p.distance = locals.persistent(Wasm.I32);
        }
        return kept;
    }

    private void use(Node n) {
        AccessGroups.Group g = n.isLookedUp() ? n.group : null;
        int register = n.isLookedUp() && (g == null || g.lastPage == null) ? base(n.a) : -1;
        if (register < 0) {
            return;
        }
        int i = register * 2 + ((g != null ? g.isWrite : n.isWrite()) ? 1 : 0);
        if (pages[i] == null) {
            pages[i] = new LastPage();
        }
        pages[i].use(AccessGroups.distance(n.a.source()));
        if (g != null) {
            g.lastPage = pages[i];
        } else {
            n.lastPage = pages[i];
        }
    }

    private void define(RegionBlock b) {
        for (int i = 0; i < definitions.length; i++) {
            Node from = AccessGroups.base(b.exitRegisters[i].source());
            definitions[i] += isRegister(from) && register(from) == i ? 0 : 1;
        }
    }

    /** Of registers that point somewhere for a while: a scratch register goes to another page each time. */
    private List<LastPage> worthWhile() {
        List<LastPage> list = new ArrayList<>();
        for (int i = 0; i < pages.length; i++) {
            LastPage p = pages[i];
            if (p != null && p.uses >= Math.max(MIN_USES, 2 * definitions[i / 2]) && p.highest - p.lowest <= REACH) {
                list.add(p);
            }
        }
        list.sort((x, y) -> y.uses - x.uses);
        return list.subList(0, Math.min(list.size(), MAX_PAGES));
    }

    /**
     * The register that an address is counted from, as it is at the block's start; -1: none. An index is scaled, or computed in another way; of
     * arrays on the stack only those count that are known to be small.
     */
    private int base(Node address) {
        Node a = address.source();
        if (a.op != Wasm.I32_ADD && a.op != Wasm.I64_ADD) {
            return isRegister(a) ? register(a) : -1;
        }
        int first = base(a.a);
        int base = first >= 0 ? first : base(a.b);
        Node rest = first >= 0 ? a.b : a.a;
        boolean isFar = base == StackTracking.RSP && !rest.isConst() && largest(rest) > REACH;
        return isFar ? -1 : base;
    }

    /** What an unsigned value is at most. */
    private static long largest(Node value) {
        Node v = value.source();
        boolean isShifted = (v.op == Wasm.I32_SHL || v.op == Wasm.I64_SHL) && v.b.isConst() && v.b.imm >= 0 && v.b.imm < 8;
        if (isShifted && largest(v.a) <= REACH) {
            return largest(v.a) << v.b.imm;
        }
        if ((v.op == Wasm.I32_AND || v.op == Wasm.I64_AND) && v.b.isConst() && v.b.imm >= 0) {
            return v.b.imm;
        }
        return v.op == Wasm.I64_EXTEND_I32_U ? largest(v.a) : v.bits() < 32 ? (1L << v.bits()) - 1 : Long.MAX_VALUE;
    }

    private boolean isRegister(Node n) {
        return n.op == Node.REG || n.op == Node.LOCAL && n.imm == stackBase;
    }

    /** What is counted from the stack base, RBP perhaps too, belongs to RSP. */
    private int register(Node n) {
        return n.op == Node.REG ? (int) n.imm : StackTracking.RSP;
    }

    /** By number: which blocks run again after themselves. */
    private static boolean[] inLoops(List<RegionBlock> order) {
        boolean[] isInLoop = new boolean[order.size()];
        for (RegionBlock head : order) {
            if (!head.isLoopHead) {
                continue;
            }
            boolean[] seen = new boolean[order.size()];
            ArrayDeque<RegionBlock> work = new ArrayDeque<>();
            for (RegionBlock p : head.predecessors) {
                if (p.isBackEdge(head)) {
                    work.add(p);
                }
            }
            while (!work.isEmpty()) {
                RegionBlock b = work.poll();
                if (!seen[b.number]) {
                    seen[b.number] = true;
                    isInLoop[b.number] = true;
                    if (b != head) {
                        work.addAll(b.predecessors);
                    }
                }
            }
        }
        return isInLoop;
    }
}
