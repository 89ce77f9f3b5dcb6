// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import kmos.base.LittleEndian;
import kmos.base.StateTree;
import kmos.base.StateWriter;

/** What two saved states differ in, by the names of the fields. */
public final class StateDifference {
    private static final int PAGE = 4096;

    private final StateTree a;
    private final StateTree b;
    private final int limit;
    private final List<String> lines = new ArrayList<>();

    private StateDifference(StateTree a, StateTree b, int limit) {
        this.a = a;
        this.b = b;
        this.limit = limit;
    }

    /** One line for each field that differs, at most limit. fixedObjects: of the machines that saved the states. */
    public static List<String> of(byte[] first, byte[] second, int fixedObjects, int limit) {
        StateDifference d = new StateDifference(new StateTree(first, fixedObjects), new StateTree(second, fixedObjects), limit);
        d.compare();
        return d.lines;
    }

    private void compare() {
        int parts = Math.min(a.partCount(), b.partCount());
        for (int part = 0; part < parts && lines.size() < limit; part++) {
            String name = part == 0 ? "" : a.type(part) + "#" + part;
            if (!a.type(part).equals(b.type(part))) {
                add(name, a.type(part), b.type(part));
                return;
            }
            compare(part, name);
        }
        if (a.partCount() != b.partCount()) {
            add("number of objects", a.partCount() - 1, b.partCount() - 1);
        }
    }

    /** Fields come in the same order on both sides unless one has more objects or a field less: then the rest cannot be told apart. */
    private void compare(int part, String name) {
        List<String> path = new ArrayList<>();
        path.add(name);
        int t = a.firstToken(part), u = b.firstToken(part);
        int end = part + 1 < a.partCount() ? a.firstToken(part + 1) : Integer.MAX_VALUE;
        int depth = 0;
        for (; depth >= 0 && t < end && lines.size() < limit; t++, u++) {
            int kind = a.kind(t);
            if (kind == StateWriter.END) {
                if (b.kind(u) != kind) {
                    add(join(path, b.name(u)), "not there", "there");
                    return;
                }
                depth--;
                path.remove(path.size() - 1);
                continue;
            }
            String field = join(path, a.name(t));
            if (b.kind(u) == StateWriter.END || !a.name(t).equals(b.name(u))) {
                add(field, "there", "not there");
                return;
            }
            if (kind == StateWriter.STRUCT) {
                depth++;
                path.add(a.name(t));
            } else {
                compareValues(field, t, u);
            }
        }
    }

    private static String join(List<String> path, String name) {
        StringBuilder all = new StringBuilder();
        for (String each : path) {
            if (!each.isEmpty()) {
                all.append(each).append('.');
            }
        }
        return all.append(name).toString();
    }

    private void compareValues(String field, int t, int u) {
        if (Arrays.equals(a.bytes(), a.valueAt(t), a.valueEnd(t), b.bytes(), b.valueAt(u), b.valueEnd(u)) && a.kind(t) == b.kind(u)) {
            return;
        }
        if (a.kind(t) != b.kind(u)) {
            add(field, a.kind(t) == StateWriter.NULL ? "null" : "a value", b.kind(u) == StateWriter.NULL ? "null" : "a value");
            return;
        }
        switch (a.kind(t)) {
            case StateWriter.LONG -> add(field, number(LittleEndian.get64(a.bytes(), a.valueAt(t))), number(LittleEndian.get64(b.bytes(), b.valueAt(u))));
            case StateWriter.REF -> add(field, "object " + LittleEndian.get32(a.bytes(), a.valueAt(t)), "object " + LittleEndian.get32(b.bytes(), b.valueAt(u)));
            case StateWriter.REFS -> add(field, LittleEndian.get32(a.bytes(), a.valueAt(t)) + " references", LittleEndian.get32(b.bytes(), b.valueAt(u)) + " references");
            case StateWriter.MEMORY -> memory(field, pages(a, t), pages(b, u));
            default -> bytes(field, content(a, t), content(b, u), 0);
        }
    }

    private static String number(long value) {
        return value < 0 || value > 0xFFFF ? "0x" + Long.toHexString(value) : Long.toString(value);
    }

    private static byte[] content(StateTree tree, int token) {
        return Arrays.copyOfRange(tree.bytes(), tree.valueAt(token) + 4, tree.valueEnd(token));
    }

    private static TreeMap<Integer, byte[]> pages(StateTree tree, int token) {
        TreeMap<Integer, byte[]> pages = new TreeMap<>();
        int count = LittleEndian.get32(tree.bytes(), tree.valueAt(token));
        int at = tree.valueAt(token) + 4;
        for (int page = LittleEndian.get32(tree.bytes(), at); page != -1; page = LittleEndian.get32(tree.bytes(), at)) {
            int n = Math.min(PAGE, count - page);
            pages.put(page, Arrays.copyOfRange(tree.bytes(), at + 4, at + 4 + n));
            at += 4 + n;
        }
        return pages;
    }

    private void memory(String field, TreeMap<Integer, byte[]> first, TreeMap<Integer, byte[]> second) {
        TreeMap<Integer, byte[]> all = new TreeMap<>(first);
        all.putAll(second);
        for (Integer page : all.keySet()) {
            byte[] left = first.getOrDefault(page, new byte[PAGE]), right = second.getOrDefault(page, new byte[PAGE]);
            if (!Arrays.equals(left, right) && lines.size() < limit) {
                bytes(field, left, right, page);
            }
        }
    }

    private void bytes(String field, byte[] left, byte[] right, int offset) {
        int at = 0;
        while (at < left.length && at < right.length && left[at] == right[at]) {
            at++;
        }
        int from = at & ~7;
        add(field + "[0x" + Integer.toHexString(offset + at) + "]", hex(left, from), hex(right, from));
    }

    private static String hex(byte[] bytes, int from) {
        StringBuilder out = new StringBuilder();
        for (int i = from; i < Math.min(from + 8, bytes.length); i++) {
            int b = bytes[i] & 0xFF;
            out.append(out.length() == 0 ? "" : " ").append(b < 16 ? "0" : "").append(Integer.toHexString(b));
        }
        return out.length() == 0 ? "nothing" : out + " of " + bytes.length + " bytes";
    }

    private void add(String field, Object left, Object right) {
        if (lines.size() < limit) {
            lines.add(field + ": " + left + " / " + right);
        }
    }
}
