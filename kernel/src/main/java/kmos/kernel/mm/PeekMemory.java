// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.kernel.Kernel;
import kmos.machine.PhysicalMemory;

/** A look at user memory that changes nothing: only pages that are there, no accessed bits, no faults. For tracing. */
public final class PeekMemory {
    private final PhysicalMemory memory;
    private final AddressSpace space;
    private final boolean is64Bit;

    public PeekMemory(Kernel kernel, AddressSpace space, boolean is64Bit) {
        memory = kernel.machine().memory();
        this.space = space;
        this.is64Bit = is64Bit;
    }

    /** The byte, or -1 when its page is not there. */
    public int byteAt(long address) {
        if (space == null || Long.compareUnsigned(address, space.taskSize()) >= 0) {
            return -1;
        }
        long e = space.pageTable().get(address);
        return (e & PageTable.PRESENT) == 0 ? -1 : memory.read8((int) (e & PageTable.FRAME) | (int) address & 0xFFF);
    }

    /** A 32-bit word, missing bytes as ones. */
    public int word32(long address) {
        return byteAt(address) & 0xFF | (byteAt(address + 1) & 0xFF) << 8 | (byteAt(address + 2) & 0xFF) << 16 | (byteAt(address + 3) & 0xFF) << 24;
    }

    /** A pointer or long. */
    public long word(long address) {
        long low = word32(address) & 0xFFFFFFFFL;
        return is64Bit ? low | (long) word32(address + 4) << 32 : low;
    }
}
