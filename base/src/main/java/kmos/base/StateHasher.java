// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.List;

/**
 * Hashes what {@link StateWriter} would save, without making the bytes: names, values, and the shape of the object graph.
 * Two machines with the same hash are taken to be in the same state.
 */
public final class StateHasher extends StateFields {
    private static final int PAGE = 4096;

    private final StateTypes types;
    private final ObjectIds ids;
    private long hash;

    private StateHasher(StateTypes types) {
        this.types = types;
        ids = new ObjectIds(types);
    }

    /** The hash of root and its graph. */
    public static long hash(StateTypes types, Stateful root) {
        StateHasher h = new StateHasher(types);
        root.state(h);
        for (int i = 0; i < h.ids.queue().size(); i++) {
            Stateful object = h.ids.queue().get(i);
            h.mix(types.nameOf(object).hashCode());
            object.state(h);
        }
        return h.hash;
    }

    private void mix(long word) {
        hash = Hash64.mix(hash, word);
    }

    @Override
    public boolean isLoading() {
        return false;
    }

    @Override
    public long i64(String name, long value) {
        mix(name.hashCode());
        mix(value);
        return value;
    }

    @Override
    public int address(String name, int linear) {
        i64(name, linear == 0 ? -1 : linear - types.ramBase());
        return linear;
    }

    @Override
    public byte[] bytes(String name, byte[] value) {
        mix(name.hashCode());
        mix(value == null ? -1 : Hash64.of(value));
        return value;
    }

    @Override
    public void struct(String name, Stateful part) {
        mix(name.hashCode());
        part.state(this);
        mix(-1);
    }

    @Override
    public <T extends Stateful> T ref(String name, T value, Class<T> type) {
        mix(name.hashCode());
        mix(ids.of(value));
        return value;
    }

    @Override
    public <T extends Stateful> void refs(String name, List<T> list, Class<T> type) {
        mix(name.hashCode());
        mix(list.size());
        for (T each : list) {
            mix(ids.of(each));
        }
    }

    @Override
    public void memory(String name, int address, int count) {
        mix(name.hashCode());
        mix(count);
        if (types.isElsewhere(address)) {
            return;
        }
        for (int at = 0; at < count; at += PAGE) {
            int n = Math.min(PAGE, count - at);
            if (!Memory.isZero(address + at, n)) {
                mix(at);
                mix(Hash64.of(address + at, n));
            }
        }
    }
}
