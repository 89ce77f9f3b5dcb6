// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.fs.block.BlockBuffers;
import kmos.kernel.mm.FrameAllocator;
import kmos.machine.PhysicalMemory;

/** Buffers of block caches: frames of guest RAM, so that devices can reach them. */
public final class FrameBuffers implements BlockBuffers {
    private final PhysicalMemory memory;
    private final FrameAllocator frames;

    public FrameBuffers(PhysicalMemory memory, FrameAllocator frames) {
        this.memory = memory;
        this.frames = frames;
    }

    @Override
    public int allocate() {
        int physical = frames.allocate();
        return physical < 0 ? 0 : memory.linear(physical);
    }

    @Override
    public void free(int address) {
        frames.release(address - memory.linear(0));
    }

    @Override
    public void written(int address, int count) {
        memory.written(address - memory.linear(0), count);
    }
}
