// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.List;
import java.util.Map;

/**
 * Saves a root and everything reachable by {@link #ref} into bytes.
 *
 * <p>Layout: magic, then the root's fields, then for each object its fields, then the type name of each object; a
 * trailer gives the object count. A field is name index (a new name follows its first index), kind, payload.
 */
public final class StateWriter extends StateFields {
    static final int MAGIC = 0x31534B4D;
    /** Kinds of fields, as {@link StateTree} shows them. */
    public static final int END = 0, LONG = 1, BYTES = 2, NULL = 3, STRUCT = 4, REF = 5, REFS = 6, MEMORY = 7;
    private static final int PAGE = 4096;

    private final StateTypes types;
    private final Map<String, Integer> nameIds = new java.util.HashMap<>();
    private final ObjectIds ids;
    private final StateBytes out = new StateBytes(1 << 16);

    private StateWriter(StateTypes types) {
        this.types = types;
        ids = new ObjectIds(types);
    }

    /** The saved form of root and its graph. */
    public static byte[] save(StateTypes types, Stateful root) {
        StateWriter w = new StateWriter(types);
        w.out.put32(MAGIC);
        root.state(w);
        w.out.put8(END);
        List<Stateful> queue = w.ids.queue();
        for (int i = 0; i < queue.size(); i++) {
            queue.get(i).state(w);
            w.out.put8(END);
        }
        int table = w.out.length();
        for (Stateful object : queue) {
            w.out.putText(types.nameOf(object));
        }
        w.out.put32(queue.size());
        w.out.put32(table);
        return w.out.toArray();
    }

    @Override
    public boolean isLoading() {
        return false;
    }

    @Override
    public long i64(String name, long value) {
        head(name, LONG);
        out.put64(value);
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
        out.put32(value.length);
        out.put(value, 0, value.length);
        return value;
    }

    @Override
    public void struct(String name, Stateful part) {
        head(name, STRUCT);
        part.state(this);
        out.put8(END);
    }

    @Override
    public <T extends Stateful> T ref(String name, T value, Class<T> type) {
        head(name, REF);
        out.put32(ids.of(value));
        return value;
    }

    @Override
    public <T extends Stateful> void refs(String name, List<T> list, Class<T> type) {
        head(name, REFS);
        out.put32(list.size());
        for (T each : list) {
            out.put32(ids.of(each));
        }
    }

    @Override
    public void memory(String name, int address, int count) {
        memory(name, address, count, null);
    }

    @Override
    public void memory(String name, int address, int count, WrittenPages written) {
        if (types.isElsewhere(address)) {
            head(name, NULL);
            return;
        }
        head(name, MEMORY);
        out.put32(count);
        for (int at = 0; at < count; at += PAGE) {
            int n = Math.min(PAGE, count - at);
            if ((written == null || written.mayHoldData(at / PAGE)) && !Memory.isZero(address + at, n)) {
                out.put32(at);
                out.putMemory(address + at, n);
            }
        }
        out.put32(-1);
    }

    private void head(String name, int kind) {
        out.put8(kind);
        Integer id = nameIds.get(name);
        if (id == null) {
            id = nameIds.size();
            nameIds.put(name, id);
            out.put16(id);
            out.putText(name);
        } else {
            out.put16(id);
        }
    }
}
