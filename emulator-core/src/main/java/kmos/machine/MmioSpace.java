// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import java.util.ArrayList;
import java.util.List;

/** Physical windows outside RAM: device registers, and device memory (a frame buffer) that is plain linear memory. */
public final class MmioSpace {
    /** One window; handler is null for device memory, which then starts at linear. */
    public record Window(long start, int size, MmioHandler handler, int linear) { }

    private final List<Window> windows = new ArrayList<>();

    public void map(long start, int size, MmioHandler handler) {
        windows.add(new Window(start, size, handler, 0));
    }

    /** Device memory at the linear address given: the guest may read and write it like RAM. */
    public void mapMemory(long start, int size, int linear) {
        windows.add(new Window(start, size, null, linear));
    }

    public void unmap(long start) {
        windows.removeIf(w -> w.start == start);
    }

    /** The window that holds a physical address, or null. */
    public Window find(long physical) {
        for (Window w : windows) {
            if (physical >= w.start && physical < w.start + w.size) {
                return w;
            }
        }
        return null;
    }
}
