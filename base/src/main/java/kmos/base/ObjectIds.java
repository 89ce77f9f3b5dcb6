// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Numbers of the objects of a graph, from 1 in first-visit order behind the fixed ones, and the queue of those still to be visited. */
final class ObjectIds {
    /** Looked up only, never iterated. */
    private final Map<Stateful, Integer> ids = new IdentityHashMap<>();
    private final List<Stateful> queue = new ArrayList<>();
    private final StateTypes types;

    ObjectIds(StateTypes types) {
        this.types = types;
        for (Stateful object : types.fixed()) {
            ids.put(object, ids.size() + 1);
        }
    }

    /** 0 for null. An object without a number gets the next one and joins the queue; its class must have a name. */
    int of(Stateful object) {
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

    /** The objects numbered by {@link #of}, in their order; it grows while they are visited. */
    List<Stateful> queue() {
        return queue;
    }
}
