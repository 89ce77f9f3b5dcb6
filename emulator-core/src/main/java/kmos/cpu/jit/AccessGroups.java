// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Coalescing: accesses at constant distances from the same value, close together, share one look-up, within a block and on in
 * blocks that are entered from there only. Where it fails, perhaps only because the whole lies across two pages, each is looked up by itself.
 */
final class AccessGroups {
    /** Bytes from the first to the last of a group: the longer, the more often it lies across pages. */
    private static final int MAX_LENGTH = 128;

    /** Accesses that share a look-up, which the first of them does. */
    static final class Group {
        /** The value that addresses are counted from, in the first one's block; null: they are constants, and origin is the first. */
        final Node base;
        final long origin;
        private final RegionBlock block;
        /** One of them writes: a page that may be written can be read as well. */
        boolean isWrite;
        /** Some are in other blocks than the first. */
        boolean isShared;
        int low;
        int high;
        final List<Node> members = new ArrayList<>();
        /** Wasm local with the linear memory address of its first byte, or 0 where the look-up failed; -1 before the first access. */
        int local = -1;
        /** Number of the RangeTlb entry that it asks. */
        int entry;

        Group(Node base, long origin, RegionBlock block) {
            this.base = base;
            this.origin = origin;
            this.block = block;
        }

        /** Takes an access in if that does not make it too long, and a write only where all others are sure to be followed by it. */
        boolean add(Node n, long distance, boolean writes, RegionBlock b) {
            int size = n.accessSize();
            long newLow = members.isEmpty() ? distance : Math.min(low, distance);
            long newHigh = members.isEmpty() ? distance + size : Math.max(high, distance + size);
            boolean isFar = newHigh - newLow > MAX_LENGTH || newLow < Integer.MIN_VALUE / 2 || newHigh > Integer.MAX_VALUE / 2;
            if (isFar || writes && !isWrite && b != block) {
                return false;
            }
            isWrite |= writes;
            isShared |= b != block;
            low = (int) newLow;
            high = (int) newHigh;
            members.add(n);
            n.groupOffset = (int) distance;
            return true;
        }
    }

    /**
     * A group as a block sees it: addresses are counted from one of its values (null: they are constants), and are there shift less
     * far away than from the group's.
     */
    private record Known(Node base, Group group, long shift) { }

    /** What can be joined at the end of each block. */
    private final Map<RegionBlock, List<Known>> scopes = new HashMap<>();
    private final List<Group> groups = new ArrayList<>();

    private AccessGroups() { }

    /** Finds the groups of a region's blocks, which are in reverse postorder; accesses on the pinned stack need no look-up. */
    static void find(List<RegionBlock> order) {
        AccessGroups all = new AccessGroups();
        order.forEach(all::add);
        for (Group g : all.groups) {
            if (g.members.size() > 1) {
                for (Node n : g.members) {
                    n.group = g;
                }
            }
        }
    }

    private void add(RegionBlock b) {
        List<Known> scope = begin(b);
        scopes.put(b, scope);
        for (Node n : b.nodes) {
            if (!n.isLookedUp()) {
                continue;
            }
            n.group = null;
            boolean writes = n.isWrite();
            Node a = n.a.source();
            if (a.isConst()) {
                place(scope, null, a.imm, n, writes, b);
            } else {
                place(scope, base(a), distance(a), n, writes, b);
            }
        }
    }

    private static boolean isSum(Node a) {
        return (a.op == Wasm.I32_ADD || a.op == Wasm.I64_ADD) && a.b.isConst();
    }

    /** What a constant is added to, or the address itself. */
    static Node base(Node a) {
        return isSum(a) ? a.a.source() : a;
    }

    /** That constant, or 0. */
    static long distance(Node a) {
        return isSum(a) ? a.b.imm : 0;
    }

    /** What a block's only way there brings along, if that does not go through other regions: in terms of its own registers. */
    private List<Known> begin(RegionBlock b) {
        List<Known> scope = new ArrayList<>();
        RegionBlock p = b.onlyPredecessor();
        if (p == null) {
            return scope;
        }
        for (Known k : scopes.get(p)) {
            if (k.base == null) {
                scope.add(k);
                continue;
            }
            for (int i = 0; i < Locals.REGISTERS; i++) {
                Node value = p.exitRegisters[i].source();
                if (base(value) == k.base) {
                    scope.add(new Known(b.leaves[i], k.group, k.shift + distance(value)));
                }
            }
        }
        return scope;
    }

    private void place(List<Known> scope, Node base, long distance, Node n, boolean writes, RegionBlock b) {
        for (Known k : scope) {
            if (k.base == base && k.group.add(n, distance + k.shift - k.group.origin, writes, b)) {
                return;
            }
        }
        Group g = new Group(base, base == null ? distance : 0, b);
        g.add(n, base == null ? 0 : distance, writes, b);
        groups.add(g);
        scope.add(new Known(base, g, 0));
    }
}
