// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.ArrayList;
import java.util.List;

/**
 * Coalescing: accesses of a block at constant distances from the same value, close together and all reads or all writes, share
 * one look-up in the TLB. Where it fails, perhaps only because the whole lies across two pages, each is looked up by itself.
 */
final class AccessGroups {
    /** Bytes from the first to the last of a group: the longer, the more often it lies across pages. */
    private static final int MAX_LENGTH = 128;

    /** Accesses that share a look-up. */
    static final class Group {
        /** The value that addresses are counted from; null: they are constants, and origin is the first. */
        final Node base;
        final long origin;
        final boolean isWrite;
        int low;
        int high;
        final List<Node> members = new ArrayList<>();
        /** Wasm local with the linear memory address of its first byte, or 0 where the look-up failed; -1 before the first access. */
        int local = -1;

        Group(Node base, long origin, boolean isWrite) {
            this.base = base;
            this.origin = origin;
            this.isWrite = isWrite;
        }

        /** Takes an access in if that does not make it too long. */
        boolean add(Node n, long distance, int size) {
            long newLow = members.isEmpty() ? distance : Math.min(low, distance);
            long newHigh = members.isEmpty() ? distance + size : Math.max(high, distance + size);
            if (newHigh - newLow > MAX_LENGTH || newLow < Integer.MIN_VALUE / 2 || newHigh > Integer.MAX_VALUE / 2) {
                return false;
            }
            low = (int) newLow;
            high = (int) newHigh;
            members.add(n);
            n.groupOffset = (int) distance;
            return true;
        }
    }

    private AccessGroups() { }

    /** Finds the groups of a block; accesses on the pinned stack need no look-up. */
    static void find(RegionBlock b) {
        List<Group> groups = new ArrayList<>();
        for (Node n : b.nodes) {
            boolean isAccess = n.op == Node.LOAD || n.op == Node.STORE || n.op == Node.GUEST_ADDRESS;
            if (!isAccess || n.isOnStack()) {
                continue;
            }
            n.group = null;
            boolean isWrite = n.op == Node.STORE || n.op == Node.GUEST_ADDRESS && (n.imm & JitAccess.WRITE) != 0;
            int size = n.accessSize();
            Node a = n.a.source();
            if (a.isConst()) {
                place(groups, null, a.imm, n, 0, size, isWrite);
            } else if ((a.op == Wasm.I32_ADD || a.op == Wasm.I64_ADD) && a.b.isConst()) {
                place(groups, a.a.source(), 0, n, a.b.imm, size, isWrite);
            } else {
                place(groups, a, 0, n, 0, size, isWrite);
            }
        }
        assign(groups);
    }

    private static void place(List<Group> groups, Node base, long origin, Node n, long distance, int size, boolean isWrite) {
        for (Group g : groups) {
            if (g.base == base && g.isWrite == isWrite && g.add(n, distance + origin - g.origin, size)) {
                return;
            }
        }
        Group g = new Group(base, origin, isWrite);
        g.add(n, distance, size);
        groups.add(g);
    }

    private static void assign(List<Group> groups) {
        for (Group g : groups) {
            if (g.members.size() > 1) {
                for (Node n : g.members) {
                    n.group = g;
                }
            }
        }
    }
}
