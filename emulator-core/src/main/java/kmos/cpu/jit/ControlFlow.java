// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;
import kmos.isa.InstructionBodies;

/**
 * Puts a region's blocks into reverse postorder, finds dominators and loop heads, and leads edges that make the graph
 * irreducible through a state machine. After it, Wasm's structured control flow can express the rest (N. Ramsey, "Beyond
 * Relooper", ICFP 2022).
 */
final class ControlFlow {
    private ControlFlow() { }

    /**
     * The reachable blocks in reverse postorder. A loop that begins where the region does is entered through a copy of its first block, so that its head begins with
     * what is known inside of it. Where another loop goes on in the middle of this one, which then has two ways in, that is worth a state machine for loops with
     * floating point only.
     */
    static List<RegionBlock> order(List<RegionBlock> blocks, InstructionBodies bodies) {
        RegionBlock entry = blocks.get(0);
        boolean beginsWithLoop = entry.flow != RegionBlock.Flow.DISPATCH && blocks.stream().anyMatch(b -> b.target == entry || b.next == entry);
        boolean isPeeled = beginsWithLoop && (hasFloats(entry, bodies) || irreducible(dominated(entry.copy())).isEmpty());
        List<RegionBlock> order = reducible(isPeeled ? entry.copy() : entry);
        classify(order);
        return order;
    }

    private static boolean hasFloats(RegionBlock b, InstructionBodies bodies) {
        return b.instructions.stream().map(d -> bodies.name(d.row)).anyMatch(name -> name.startsWith("Simd.") || name.startsWith("Fpu."));
    }

    private static List<RegionBlock> reducible(RegionBlock first) {
        RegionBlock entry = first;
        for (;;) {
            List<RegionBlock> order = dominated(entry);
            List<RegionBlock[]> edges = irreducible(order);
            if (edges.isEmpty()) {
                return order;
            }
            entry = throughStates(entry, edges);
        }
    }

    private static List<RegionBlock> dominated(RegionBlock entry) {
        List<RegionBlock> order = reversePostorder(entry);
        connect(order);
        dominators(order);
        return order;
    }

    private static List<RegionBlock> reversePostorder(RegionBlock entry) {
        List<RegionBlock> post = new ArrayList<>();
        List<RegionBlock> stack = new ArrayList<>();
        List<int[]> state = new ArrayList<>();
        java.util.Set<RegionBlock> seen = java.util.Collections.newSetFromMap(new java.util.IdentityHashMap<>());
        stack.add(entry);
        state.add(new int[1]);
        seen.add(entry);
        while (!stack.isEmpty()) {
            RegionBlock b = stack.get(stack.size() - 1);
            int step = state.get(state.size() - 1)[0]++;
            // The fall-through last in postorder, so that it comes right behind its block.
            List<RegionBlock> successors = b.successors();
            RegionBlock s = step < successors.size() ? successors.get(step) : null;
            if (s == null) {
                post.add(b);
                stack.remove(stack.size() - 1);
                state.remove(state.size() - 1);
            } else if (seen.add(s)) {
                stack.add(s);
                state.add(new int[1]);
            }
        }
        List<RegionBlock> order = new ArrayList<>();
        for (int i = post.size() - 1; i >= 0; i--) {
            RegionBlock b = post.get(i);
            b.number = order.size();
            order.add(b);
        }
        return order;
    }

    private static void connect(List<RegionBlock> order) {
        for (RegionBlock b : order) {
            b.predecessors.clear();
            b.dominated.clear();
            b.dominator = null;
        }
        for (RegionBlock b : order) {
            for (RegionBlock s : b.successors()) {
                s.predecessors.add(b);
            }
        }
    }

    /** K. Cooper, T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm". */
    private static void dominators(List<RegionBlock> order) {
        RegionBlock entry = order.get(0);
        entry.dominator = entry;
        boolean isChanged = true;
        while (isChanged) {
            isChanged = false;
            for (int i = 1; i < order.size(); i++) {
                RegionBlock b = order.get(i);
                RegionBlock d = null;
                for (RegionBlock p : b.predecessors) {
                    if (p.dominator != null) {
                        d = d == null ? p : intersect(p, d);
                    }
                }
                if (b.dominator != d) {
                    b.dominator = d;
                    isChanged = true;
                }
            }
        }
        entry.dominator = null;
    }

    private static RegionBlock intersect(RegionBlock x, RegionBlock y) {
        RegionBlock a = x, b = y;
        while (a != b) {
            while (a.number > b.number) {
                a = a.dominator;
            }
            while (b.number > a.number) {
                b = b.dominator;
            }
        }
        return a;
    }

    private static boolean dominates(RegionBlock a, RegionBlock b) {
        for (RegionBlock x = b; x != null; x = x.dominator) {
            if (x == a) {
                return true;
            }
        }
        return false;
    }

    /** Edges (from, to) back to a block that does not dominate their source: there are other ways into that loop. */
    private static List<RegionBlock[]> irreducible(List<RegionBlock> order) {
        List<RegionBlock[]> edges = new ArrayList<>();
        for (RegionBlock b : order) {
            for (RegionBlock t : b.successors()) {
                if (b.isBackEdge(t) && !dominates(t, b)) {
                    edges.add(new RegionBlock[] {b, t});
                }
            }
        }
        return edges;
    }

    /** Leads such edges through the region's first block, a state machine that goes on at their targets by number. Returns that block. */
    private static RegionBlock throughStates(RegionBlock entry, List<RegionBlock[]> edges) {
        RegionBlock machine = entry;
        if (entry.flow != RegionBlock.Flow.DISPATCH) {
            machine = new RegionBlock(0);
            machine.flow = RegionBlock.Flow.DISPATCH;
            machine.states.add(entry);
        }
        for (RegionBlock[] edge : edges) {
            RegionBlock from = edge[0], to = edge[1];
            if (to.flow == RegionBlock.Flow.DISPATCH) {
                // A computed jump into a loop around another one: by the address, in another region.
                from.target = null;
                continue;
            }
            if (!machine.states.contains(to)) {
                machine.states.add(to);
            }
            RegionBlock way = new RegionBlock(to.pc);
            way.flow = RegionBlock.Flow.JUMP;
            way.targetPc = to.pc;
            way.nextPc = to.pc;
            way.target = machine;
            way.state = machine.states.indexOf(to);
            from.target = from.target == to ? way : from.target;
            from.next = from.next == to ? way : from.next;
            from.targets = from.targets.stream().map(t -> t == to ? way : t).toList();
        }
        return machine;
    }

    private static void classify(List<RegionBlock> order) {
        for (RegionBlock b : order) {
            b.isLoopHead = false;
            b.forwardPredecessors = 0;
            for (RegionBlock p : b.predecessors) {
                if (p.isBackEdge(b)) {
                    b.isLoopHead = true;
                } else {
                    b.forwardPredecessors++;
                }
            }
            // Both arms of a conditional going to the same block make it a merge as well.
            for (RegionBlock p : b.predecessors) {
                if (p.target == b && p.next == b) {
                    b.forwardPredecessors++;
                }
            }
            b.isMerge = b.forwardPredecessors > 1;
            if (b.dominator != null) {
                b.dominator.dominated.add(b);
            }
        }
    }
}
