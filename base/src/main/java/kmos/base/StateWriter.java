// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Saves a root and everything reachable by {@link #ref} into bytes.
 *
 * <p>Layout: magic, then the root's fields, then for each object its fields, then the type name of each object; a
 * trailer gives the object count. A field is name index (a new name follows its first index), kind, payload.
 * Identity maps are only looked up, never iterated.
 */
public final class StateWriter extends StateFields {
    static final int MAGIC = 0x31534B4D;
    /** Kinds of fields, as {@link StateTree} shows them. */
    public static final int END = 0, LONG = 1, BYTES = 2, NULL = 3, STRUCT = 4, REF = 5, REFS = 6, MEMORY = 7;
    private static final int PAGE = 4096;

    private final StateTypes types;
    private final Map<String, Integer> nameIds = new java.util.HashMap<>();
    private final Map<Stateful, Integer> ids = new IdentityHashMap<>();
    private final List<Stateful> queue = new ArrayList<>();
    private byte[] out = new byte[1 << 16];
    private int length;

    private StateWriter(StateTypes types) {
        this.types = types;
        for (Stateful object : types.fixed()) {
            ids.put(object, ids.size() + 1);
        }
    }

    /** The saved form of root and its graph. */
    public static byte[] save(StateTypes types, Stateful root) {
        StateWriter w = new StateWriter(types);
        w.put32(MAGIC);
        root.state(w);
        w.put8(END);
        for (int i = 0; i < w.queue.size(); i++) {
            w.queue.get(i).state(w);
            w.put8(END);
        }
        int table = w.length;
        for (Stateful object : w.queue) {
            w.putText(types.nameOf(object));
        }
        w.put32(w.queue.size());
        w.put32(table);
        byte[] result = new byte[w.length];
        System.arraycopy(w.out, 0, result, 0, w.length);
        return result;
    }

    @Override
    public boolean isLoading() {
        return false;
    }

    @Override
    public long i64(String name, long value) {
        head(name, LONG);
        put64(value);
        return value;
    }

    @Override
    public int address(String name, int linear) {
        i64(name, linear == 0 ? -1 : linear - types.ramBase());
        return linear;
    }

    @Override
    public byte[] bytes(String name, byte[] value) {
        if (value == null) {
            head(name, NULL);
            return null;
        }
        head(name, BYTES);
        put32(value.length);
        reserve(value.length);
        System.arraycopy(value, 0, out, length, value.length);
        length += value.length;
        return value;
    }

    @Override
    public void struct(String name, Stateful part) {
        head(name, STRUCT);
        part.state(this);
        put8(END);
    }

    @Override
    public <T extends Stateful> T ref(String name, T value, Class<T> type) {
        head(name, REF);
        put32(id(value));
        return value;
    }

    @Override
    public <T extends Stateful> void refs(String name, List<T> list, Class<T> type) {
        head(name, REFS);
        put32(list.size());
        for (T each : list) {
            put32(id(each));
        }
    }

    @Override
    public void memory(String name, int address, int count) {
        if (types.isElsewhere(address)) {
            head(name, NULL);
            return;
        }
        head(name, MEMORY);
        put32(count);
        for (int at = 0; at < count; at += PAGE) {
            int n = Math.min(PAGE, count - at);
            if (!Memory.isZero(address + at, n)) {
                put32(at);
                reserve(n);
                Memory.read(address + at, out, length, n);
                length += n;
            }
        }
        put32(-1);
    }

    private int id(Stateful object) {
        if (object == null) {
            return 0;
        }
        Integer id = ids.get(object);
        if (id == null) {
            types.nameOf(object);
            id = ids.size() + 1;
            ids.put(object, id);
            queue.add(object);
        }
        return id;
    }

    private void head(String name, int kind) {
        put8(kind);
        Integer id = nameIds.get(name);
        if (id == null) {
            id = nameIds.size();
            nameIds.put(name, id);
            put16(id);
            putText(name);
        } else {
            put16(id);
        }
    }

    private void putText(String text) {
        put8(text.length());
        for (int i = 0; i < text.length(); i++) {
            put8(text.charAt(i));
        }
    }

    private void put8(int v) {
        reserve(1);
        out[length++] = (byte) v;
    }

    private void put16(int v) {
        reserve(2);
        LittleEndian.put16(out, length, v);
        length += 2;
    }

    private void put32(int v) {
        reserve(4);
        LittleEndian.put32(out, length, v);
        length += 4;
    }

    private void put64(long v) {
        reserve(8);
        LittleEndian.put64(out, length, v);
        length += 8;
    }

    private void reserve(int count) {
        if (out.length - length < count) {
            byte[] larger = new byte[Math.max(out.length * 2, length + count)];
            System.arraycopy(out, 0, larger, 0, length);
            out = larger;
        }
    }
}
