// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import kmos.base.Hash64;
import kmos.base.LittleEndian;
import kmos.base.StateTree;
import kmos.base.StateWriter;

/**
 * Which object of a state is which object of an earlier one. Numbers in a saved graph are in the order of visits, so that one
 * new object shifts all that follow. Both graphs are walked together from the root; fields pair by name, elements of lists first
 * by what they contain, then by order. A wrong pair costs bytes and nothing else.
 */
final class StateMatch {
    private final StateTree base;
    private final StateTree now;
    private final int fixed;
    /** By part of now: the part of base, or -1. */
    private final int[] baseOf;
    private final boolean[] isTaken;
    private final ArrayDeque<Integer> queue = new ArrayDeque<>();

    private StateMatch(StateTree base, StateTree now) {
        this.base = base;
        this.now = now;
        fixed = now.fixedCount();
        baseOf = new int[now.partCount()];
        isTaken = new boolean[base.partCount()];
        for (int i = 1; i < baseOf.length; i++) {
            baseOf[i] = -1;
        }
        isTaken[0] = true;
    }

    /** The bytes of now with its objects in base's order where they pair, new ones behind: a good source for a delta. */
    static byte[] align(StateTree base, StateTree now) {
        StateMatch m = new StateMatch(base, now);
        m.queue.add(0);
        while (!m.queue.isEmpty()) {
            m.walk(m.queue.remove());
        }
        return m.renumber();
    }

    private byte[] renumber() {
        int[] nowOf = new int[base.partCount()];
        for (int i = 1; i < baseOf.length; i++) {
            if (baseOf[i] >= 0) {
                nowOf[baseOf[i]] = i;
            }
        }
        int[] order = new int[baseOf.length];
        int[] newIds = new int[fixed + baseOf.length];
        for (int id = 0; id <= fixed; id++) {
            newIds[id] = id;
        }
        int count = 1;
        for (int b = 1; b < nowOf.length; b++) {
            if (nowOf[b] != 0) {
                order[count++] = nowOf[b];
            }
        }
        for (int i = 1; i < baseOf.length; i++) {
            if (baseOf[i] < 0) {
                order[count++] = i;
            }
        }
        for (int i = 1; i < count; i++) {
            newIds[fixed + order[i]] = fixed + i;
        }
        return now.renumbered(order, newIds);
    }

    private void walk(int part) {
        int b = base.firstToken(baseOf[part]);
        int n = now.firstToken(part);
        int depth = 0;
        for (;; b++, n++) {
            int kind = now.kind(n);
            if (kind != base.kind(b) && !(isScalar(kind) && isScalar(base.kind(b)))) {
                return; // the same class with other fields (some depend on others): what was paired is good
            }
            if (kind == StateWriter.END) {
                if (depth-- == 0) {
                    return;
                }
                continue;
            }
            if (!now.name(n).equals(base.name(b))) {
                return;
            }
            if (kind == StateWriter.STRUCT) {
                depth++;
            } else if (kind == StateWriter.REF && base.kind(b) == StateWriter.REF) {
                pair(id(base, base.valueAt(b)), id(now, now.valueAt(n)));
            } else if (kind == StateWriter.REFS && base.kind(b) == StateWriter.REFS) {
                pairLists(b, n);
            }
        }
    }

    private static boolean isScalar(int kind) {
        return kind != StateWriter.END && kind != StateWriter.STRUCT;
    }

    private static int id(StateTree tree, int at) {
        return LittleEndian.get32(tree.bytes(), at);
    }

    private boolean pair(int baseId, int nowId) {
        int b = baseId - fixed;
        int n = nowId - fixed;
        if (b <= 0 || n <= 0 || baseOf[n] >= 0 || isTaken[b] || !base.type(b).equals(now.type(n))) {
            return false;
        }
        baseOf[n] = b;
        isTaken[b] = true;
        queue.add(n);
        return true;
    }

    private void pairLists(int b, int n) {
        int baseCount = id(base, base.valueAt(b));
        int nowCount = id(now, now.valueAt(n));
        int same = 0; // most lists only grow at their end
        while (same < Math.min(baseCount, nowCount) && isAlike(element(base, b, same), element(now, n, same))) {
            pair(element(base, b, same), element(now, n, same));
            same++;
        }
        Map<Long, ArrayDeque<Integer>> byContent = new HashMap<>();
        for (int i = same; i < baseCount; i++) {
            int id = element(base, b, i);
            if (id > fixed && !isTaken[id - fixed]) {
                byContent.computeIfAbsent(content(base, id - fixed), k -> new ArrayDeque<>()).add(id);
            }
        }
        for (int i = same; i < nowCount; i++) {
            int id = element(now, n, i);
            if (id > fixed && baseOf[id - fixed] < 0) {
                ArrayDeque<Integer> alike = byContent.get(content(now, id - fixed));
                if (alike != null && !alike.isEmpty()) {
                    pair(alike.remove(), id);
                }
            }
        }
        int j = same;
        for (int i = same; i < nowCount; i++) {
            int id = element(now, n, i);
            if (id <= fixed || baseOf[id - fixed] >= 0) {
                continue;
            }
            while (j < baseCount && (element(base, b, j) <= fixed || isTaken[element(base, b, j) - fixed])) {
                j++;
            }
            if (j < baseCount) {
                pair(element(base, b, j), id);
            }
        }
    }

    private static int element(StateTree tree, int token, int index) {
        return id(tree, tree.valueAt(token) + 4 + 4 * index);
    }

    private boolean isAlike(int baseId, int nowId) {
        if (baseId <= fixed || nowId <= fixed) {
            return baseId == nowId;
        }
        return content(base, baseId - fixed) == content(now, nowId - fixed);
    }

    /** Hash of an object's class and of what it holds itself, references aside. */
    private static long content(StateTree tree, int part) {
        long hash = tree.type(part).hashCode();
        int depth = 0;
        for (int t = tree.firstToken(part);; t++) {
            int kind = tree.kind(t);
            if (kind == StateWriter.END && depth-- == 0) {
                return hash;
            }
            if (kind == StateWriter.STRUCT) {
                depth++;
            } else if (kind == StateWriter.LONG) {
                hash = Hash64.mix(hash, LittleEndian.get64(tree.bytes(), tree.valueAt(t)));
            } else if (kind == StateWriter.BYTES) {
                for (int at = tree.valueAt(t); at < tree.valueEnd(t); at++) {
                    hash = Hash64.mix(hash, tree.bytes()[at]);
                }
            }
        }
    }
}
