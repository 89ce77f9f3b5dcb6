// SPDX-License-Identifier: Apache-2.0
package kmos.base;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The table STATE_TYPES: which classes may stand in a saved object graph, by name, and how an empty one is made; and the
 * fixed objects that exist on both sides (the kernel, a device) and are only referred to.
 */
public final class StateTypes {
    private final Map<String, Supplier<? extends Stateful>> makers = new HashMap<>();
    private final Map<Class<?>, String> names = new HashMap<>();
    private final List<Stateful> fixed = new ArrayList<>();
    private final int ramBase;
    private final List<Integer> elsewhere = new ArrayList<>();

    /** ramBase: linear address of the machine's RAM, to which saved addresses are relative. */
    public StateTypes(int ramBase) {
        this.ramBase = ramBase;
    }

    /**
     * The range of memory at this address is kept by somebody else: it is neither saved nor hashed, and loading leaves it alone.
     * The machine's RAM is the range at ramBase.
     */
    public StateTypes without(int address) {
        elsewhere.add(address);
        return this;
    }

    boolean isElsewhere(int address) {
        return elsewhere.contains(address);
    }

    int ramBase() {
        return ramBase;
    }

    /** Registers a class whose objects are created when a file is loaded. */
    public <T extends Stateful> StateTypes add(String name, Class<T> type, Supplier<T> maker) {
        Check.that(makers.put(name, maker) == null, "state type registered twice", name);
        names.put(type, name);
        return this;
    }

    /** Registers an object that exists before loading; once is enough. Same order on both sides. */
    public StateTypes fixed(Stateful object) {
        if (!fixed.contains(object)) {
            fixed.add(object);
        }
        return this;
    }

    /** Objects that exist before loading: the first numbers of a saved graph. */
    public int fixedCount() {
        return fixed.size();
    }

    String nameOf(Stateful object) {
        String name = names.get(object.getClass());
        Check.that(name != null, "not in STATE_TYPES", object.getClass().getName());
        return name;
    }

    /** A new object of the named type, or null for an unknown name. */
    Stateful create(String name) {
        Supplier<? extends Stateful> maker = makers.get(name);
        return maker == null ? null : maker.get();
    }

    List<Stateful> fixed() {
        return fixed;
    }
}
