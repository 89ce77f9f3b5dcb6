// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link StateWriter} saved, as a list of tokens (fields, and ends of structs and parts), so that it can be looked through
 * and its objects numbered anew without the classes it was made from. StateFormatException: not well formed.
 *
 * <p>Objects are numbered from 1: first the fixed ones of the machine, which are not in the bytes, then those that are.
 * Part 0 is the root, part i is the object fixed + i.
 */
public final class StateTree {
    private static final int MAX_DEPTH = 32;

    private final byte[] in;
    private final int fixedCount;
    private final List<String> names = new ArrayList<>();
    private final String[] types;
    private final int[] partStarts;
    private int[] kinds = new int[1 << 12];
    private int[] nameIds = new int[1 << 12];
    private int[] values = new int[1 << 12];
    private int[] ends = new int[1 << 12];
    private int tokens;
    private int at;

    /** fixedCount: how many objects the machine has before any is loaded. */
    public StateTree(byte[] saved, int fixedCount) {
        this.in = saved;
        this.fixedCount = fixedCount;
        if (saved.length < 12 || LittleEndian.get32(saved, 0) != StateWriter.MAGIC) {
            throw new StateFormatException("not a saved kmOS state");
        }
        int count = LittleEndian.get32(saved, saved.length - 8);
        int table = LittleEndian.get32(saved, saved.length - 4);
        if (count < 0 || count > saved.length || table < 4 || table > saved.length - 8) {
            throw new StateFormatException("saved state is truncated");
        }
        partStarts = new int[count + 2];
        types = new String[count + 1];
        at = 4;
        for (int i = 0; i <= count; i++) {
            partStarts[i] = tokens;
            fields(0);
        }
        partStarts[count + 1] = tokens;
        at = table;
        types[0] = "";
        Map<String, String> one = new HashMap<>();
        for (int i = 1; i <= count; i++) {
            String type = text();
            String known = one.putIfAbsent(type, type);
            types[i] = known == null ? type : known;
        }
    }

    private void fields(int depth) {
        if (depth > MAX_DEPTH) {
            throw new StateFormatException("saved state is nested too deeply");
        }
        for (;;) {
            int kind = get8();
            if (kind == StateWriter.END) {
                token(kind, 0, at);
                return;
            }
            int name = get16();
            if (name == names.size()) {
                names.add(text());
            } else if (name > names.size()) {
                throw new StateFormatException("saved state has a bad field name");
            }
            int value = at;
            skipValue(kind);
            token(kind, name, value);
            if (kind == StateWriter.STRUCT) {
                fields(depth + 1);
            }
        }
    }

    private void skipValue(int kind) {
        switch (kind) {
            case StateWriter.LONG -> skip(8);
            case StateWriter.NULL, StateWriter.STRUCT -> { }
            case StateWriter.BYTES -> skip(get32());
            case StateWriter.REF -> checkId(get32());
            case StateWriter.REFS -> {
                int n = get32();
                if (n < 0 || n > (in.length - at) / 4) {
                    throw new StateFormatException("saved state is truncated");
                }
                for (int i = 0; i < n; i++) {
                    checkId(get32());
                }
            }
            case StateWriter.MEMORY -> {
                int count = get32();
                for (int page = get32(); page != -1; page = get32()) {
                    if (page < 0 || page >= count) {
                        throw new StateFormatException("saved state has a memory page out of range");
                    }
                    skip(Math.min(4096, count - page));
                }
            }
            default -> throw new StateFormatException("saved state has an unknown field kind " + kind);
        }
    }

    private void checkId(int id) {
        if (id < 0 || id >= fixedCount + types.length) {
            throw new StateFormatException("saved state refers to an object that is not there");
        }
    }

    private void token(int kind, int name, int value) {
        if (tokens == kinds.length) {
            kinds = grown(kinds);
            nameIds = grown(nameIds);
            values = grown(values);
            ends = grown(ends);
        }
        kinds[tokens] = kind;
        nameIds[tokens] = name;
        values[tokens] = value;
        ends[tokens++] = at;
    }

    private static int[] grown(int[] a) {
        int[] larger = new int[a.length * 2];
        System.arraycopy(a, 0, larger, 0, a.length);
        return larger;
    }

    private String text() {
        int n = get8();
        int from = at;
        skip(n);
        StringBuilder s = new StringBuilder(n);
        for (int i = 0; i < n; i++) {
            s.append((char) (in[from + i] & 0xFF));
        }
        return s.toString();
    }

    private int get8() {
        skip(1);
        return in[at - 1] & 0xFF;
    }

    private int get16() {
        skip(2);
        return LittleEndian.get16(in, at - 2);
    }

    private int get32() {
        skip(4);
        return LittleEndian.get32(in, at - 4);
    }

    private void skip(int count) {
        if (count < 0 || in.length - at < count) {
            throw new StateFormatException("saved state is truncated");
        }
        at += count;
    }

    // Looking

    /** The root and all objects. */
    public int partCount() {
        return types.length;
    }

    public int fixedCount() {
        return fixedCount;
    }

    /** Name of a part's class; empty for the root. */
    public String type(int part) {
        return types[part];
    }

    /** Index of a part's first token; its last is the END before the next part's first. */
    public int firstToken(int part) {
        return partStarts[part];
    }

    public int kind(int token) {
        return kinds[token];
    }

    /** Name of the field that a token is; not for END. */
    public String name(int token) {
        return names.get(nameIds[token]);
    }

    /** Offset in {@link #bytes} where the token's value begins. */
    public int valueAt(int token) {
        return values[token];
    }

    /** Offset behind the token's value. */
    public int valueEnd(int token) {
        return ends[token];
    }

    /** The saved bytes. */
    public byte[] bytes() {
        return in;
    }

    // Writing

    /**
     * The parts in another order: order[i] is the part that becomes part i (order[0] = 0), newIds[id] the new number of the
     * object that is number id here (fixed ones keep theirs).
     */
    public byte[] renumbered(int[] order, int[] newIds) {
        StateBytes out = new StateBytes(in.length); // the same fields in another order
        out.put32(StateWriter.MAGIC);
        int[] newNames = new int[names.size()];
        int known = 0;
        for (int part : order) {
            for (int t = partStarts[part]; t < partStarts[part + 1]; t++) {
                out.put8(kinds[t]);
                if (kinds[t] == StateWriter.END) {
                    continue;
                }
                int name = nameIds[t];
                if (newNames[name] == 0) {
                    newNames[name] = ++known;
                    out.put16(known - 1);
                    out.putText(names.get(name));
                } else {
                    out.put16(newNames[name] - 1);
                }
                putValue(out, t, newIds);
            }
        }
        int table = out.length();
        for (int i = 1; i < order.length; i++) {
            out.putText(types[order[i]]);
        }
        out.put32(order.length - 1);
        out.put32(table);
        return out.take();
    }

    private void putValue(StateBytes out, int t, int[] newIds) {
        if (kinds[t] == StateWriter.REF) {
            out.put32(newIds[LittleEndian.get32(in, values[t])]);
        } else if (kinds[t] == StateWriter.REFS) {
            int n = LittleEndian.get32(in, values[t]);
            out.put32(n);
            for (int i = 1; i <= n; i++) {
                out.put32(newIds[LittleEndian.get32(in, values[t] + 4 * i)]);
            }
        } else {
            out.put(in, values[t], ends[t] - values[t]);
        }
    }

    /** The same graph as {@link StateWriter} numbers it: in the order of first visits from the root. What no one refers to goes. */
    public byte[] canonical() {
        int[] newIds = new int[fixedCount + types.length];
        for (int id = 1; id <= fixedCount; id++) {
            newIds[id] = id;
        }
        int[] order = new int[types.length];
        int count = 1;
        for (int i = 0; i < count; i++) {
            int part = order[i];
            for (int t = partStarts[part]; t < partStarts[part + 1]; t++) {
                if (kinds[t] != StateWriter.REF && kinds[t] != StateWriter.REFS) {
                    continue;
                }
                for (int v = values[t] + (kinds[t] == StateWriter.REFS ? 4 : 0); v < ends[t]; v += 4) {
                    int id = LittleEndian.get32(in, v);
                    if (id > fixedCount && newIds[id] == 0) {
                        newIds[id] = fixedCount + count;
                        order[count++] = id - fixedCount;
                    }
                }
            }
        }
        int[] used = new int[count];
        System.arraycopy(order, 0, used, 0, count);
        return renumbered(used, newIds);
    }
}
