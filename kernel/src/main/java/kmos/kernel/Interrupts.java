// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;

/** Who handles which interrupt line, and how often it came (/proc/interrupts). Wired at boot. */
public final class Interrupts implements Stateful {
    private static final int LINES = 16;

    private final List<List<IrqHandler>> handlers = new ArrayList<>();
    private final String[] names = new String[LINES];
    private long[] counts = new long[LINES];
    private long spurious;

    Interrupts() {
        for (int i = 0; i < LINES; i++) {
            handlers.add(new ArrayList<>());
        }
    }

    /** Lines may be shared; name as in /proc/interrupts. */
    public void register(int irq, String name, IrqHandler handler) {
        handlers.get(irq).add(handler);
        names[irq] = names[irq] == null ? name : names[irq] + ", " + name;
    }

    /** The line asked for attention. Nobody there: counted and ignored, as a spurious interrupt. */
    void handle(int irq) {
        counts[irq]++;
        List<IrqHandler> line = handlers.get(irq);
        spurious += line.isEmpty() ? 1 : 0;
        for (int i = 0; i < line.size(); i++) {
            line.get(i).interrupt();
        }
    }

    /** Name of the drivers on a line, or null. */
    public String name(int irq) {
        return names[irq];
    }

    public long count(int irq) {
        return counts[irq];
    }

    /** Interrupts of all lines. */
    public long total() {
        long sum = 0;
        for (long n : counts) {
            sum += n;
        }
        return sum;
    }

    /** Interrupts that nobody was there for ("ERR"). */
    public long spurious() {
        return spurious;
    }

    /** Handlers are wired at boot; only the counts are saved. */
    @Override
    public void state(StateFields s) {
        counts = s.longs("counts", counts);
        spurious = s.i64("spurious", spurious);
    }
}
