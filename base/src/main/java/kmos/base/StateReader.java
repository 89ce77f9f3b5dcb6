// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads what {@link StateWriter} saved. The whole file is parsed first ({@link StateFormatException} if it is not well
 * formed), then objects are created by type name, then every state method picks its fields by name.
 */
public final class StateReader extends StateFields {
    private record Reference(int id) { }

    private record References(int[] ids) { }

    private record MemoryRange(int count, int pagesAt) { }

    private final StateTypes types;
    private final byte[] in;
    private final List<String> names = new ArrayList<>();
    private final List<Stateful> objects = new ArrayList<>();
    private int at;
    private Map<String, Object> fields;

    private StateReader(StateTypes types, byte[] in) {
        this.types = types;
        this.in = in;
    }

    /** Loads saved into root, which is as its constructor left it. */
    public static void load(StateTypes types, Stateful root, byte[] saved) {
        StateReader r = new StateReader(types, saved);
        if (saved.length < 12 || r.get32() != StateWriter.MAGIC) {
            throw new StateFormatException("not a saved kmOS state");
        }
        int objectCount = LittleEndian.get32(saved, saved.length - 8);
        int table = LittleEndian.get32(saved, saved.length - 4);
        if (objectCount < 0 || objectCount > saved.length || table < 4 || table > saved.length - 8) {
            throw new StateFormatException("saved state is truncated");
        }
        List<Map<String, Object>> parsed = new ArrayList<>();
        for (int i = 0; i <= objectCount; i++) {
            parsed.add(r.parseFields(0));
        }
        r.at = table;
        r.objects.addAll(types.fixed());
        List<Stateful> created = new ArrayList<>();
        for (int i = 0; i < objectCount; i++) {
            String type = r.getText();
            Stateful object = types.create(type);
            if (object == null) {
                throw new StateFormatException("saved state holds an object of unknown type " + type);
            }
            created.add(object);
        }
        r.objects.addAll(created);
        r.apply(root, parsed.get(0));
        for (int i = 0; i < objectCount; i++) {
            r.apply(created.get(i), parsed.get(i + 1));
        }
    }

    private void apply(Stateful object, Map<String, Object> values) {
        Map<String, Object> outer = fields;
        fields = values;
        object.state(this);
        fields = outer;
    }

    private Map<String, Object> parseFields(int depth) {
        if (depth > 32) {
            throw new StateFormatException("saved state is nested too deeply");
        }
        Map<String, Object> map = new HashMap<>();
        for (;;) {
            int kind = get8();
            if (kind == StateWriter.END) {
                return map;
            }
            int id = get16();
            if (id == names.size()) {
                names.add(getText());
            } else if (id > names.size()) {
                throw new StateFormatException("saved state has a bad field name");
            }
            map.put(names.get(id), parseValue(kind, depth));
        }
    }

    private Object parseValue(int kind, int depth) {
        switch (kind) {
            case StateWriter.LONG:
                need(8);
                at += 8;
                return LittleEndian.get64(in, at - 8);
            case StateWriter.NULL:
                return null;
            case StateWriter.BYTES: {
                int n = get32();
                need(n);
                byte[] b = new byte[n];
                System.arraycopy(in, at, b, 0, n);
                at += n;
                return b;
            }
            case StateWriter.STRUCT:
                return parseFields(depth + 1);
            case StateWriter.REF:
                return new Reference(get32());
            case StateWriter.REFS: {
                int n = get32();
                if (n < 0 || n > (in.length - at) / 4) {
                    throw new StateFormatException("saved state is truncated");
                }
                int[] ids = new int[n];
                for (int i = 0; i < n; i++) {
                    ids[i] = get32();
                }
                return new References(ids);
            }
            case StateWriter.MEMORY: {
                int count = get32();
                int start = at;
                for (int page = get32(); page != -1; page = get32()) {
                    int n = Math.min(4096, count - page);
                    if (page < 0 || n <= 0) {
                        throw new StateFormatException("saved state has a memory page out of range");
                    }
                    need(n);
                    at += n;
                }
                return new MemoryRange(count, start);
            }
            default:
                throw new StateFormatException("saved state has an unknown field kind " + kind);
        }
    }

    @Override
    public boolean isLoading() {
        return true;
    }

    @Override
    public boolean keepsRam() {
        return types.isElsewhere(types.ramBase());
    }

    @Override
    public long i64(String name, long value) {
        Object v = fields.get(name);
        return v instanceof Long n ? n : value;
    }

    @Override
    public int address(String name, int linear) {
        if (!(fields.get(name) instanceof Long offset)) {
            return linear;
        }
        return offset < 0 ? 0 : (int) (offset + types.ramBase());
    }

    @Override
    public byte[] bytes(String name, byte[] value) {
        if (!fields.containsKey(name)) {
            return value;
        }
        return fields.get(name) instanceof byte[] b ? b : null;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void struct(String name, Stateful part) {
        if (fields.get(name) instanceof Map<?, ?> map) {
            apply(part, (Map<String, Object>) map);
        }
    }

    @Override
    public <T extends Stateful> T ref(String name, T value, Class<T> type) {
        return fields.get(name) instanceof Reference r ? object(r.id, type, name) : value;
    }

    @Override
    public <T extends Stateful> void refs(String name, List<T> list, Class<T> type) {
        if (fields.get(name) instanceof References r) {
            list.clear();
            for (int id : r.ids) {
                list.add(object(id, type, name));
            }
        }
    }

    @Override
    public void memory(String name, int address, int count) {
        memory(name, address, count, null);
    }

    @Override
    public void memory(String name, int address, int count, WrittenPages written) {
        if (!(fields.get(name) instanceof MemoryRange m)) {
            return;
        }
        if (m.count != count) {
            throw new StateFormatException(name + " has " + m.count + " bytes in the saved state, " + count + " here");
        }
        clear(address, count, written);
        at = m.pagesAt;
        for (int page = get32(); page != -1; page = get32()) {
            int n = Math.min(4096, count - page);
            Memory.write(address + page, in, at, n);
            if (written != null) {
                written.loaded(page / 4096);
            }
            at += n;
        }
    }

    private static void clear(int address, int count, WrittenPages written) {
        if (written == null) {
            Memory.fill(address, count, 0);
            return;
        }
        for (int page = 0; page < count / 4096; page++) {
            if (written.mayHoldData(page)) {
                Memory.fill(address + page * 4096, 4096, 0);
                written.loaded(page);
            }
        }
    }

    private <T extends Stateful> T object(int id, Class<T> type, String name) {
        if (id == 0) {
            return null;
        }
        if (id < 0 || id > objects.size()) {
            throw new StateFormatException(name + " refers to an object that is not there");
        }
        Stateful object = objects.get(id - 1);
        if (!type.isInstance(object)) {
            throw new StateFormatException(name + " refers to an object of the wrong type");
        }
        return type.cast(object);
    }

    private int get8() {
        need(1);
        return in[at++] & 0xFF;
    }

    private int get16() {
        need(2);
        at += 2;
        return LittleEndian.get16(in, at - 2);
    }

    private int get32() {
        need(4);
        at += 4;
        return LittleEndian.get32(in, at - 4);
    }

    private String getText() {
        int n = get8();
        need(n);
        StringBuilder s = new StringBuilder(n);
        for (int i = 0; i < n; i++) {
            s.append((char) (in[at++] & 0xFF));
        }
        return s.toString();
    }

    private void need(int count) {
        if (count < 0 || in.length - at < count) {
            throw new StateFormatException("saved state is truncated");
        }
    }
}
