// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.machine.CpuContext;
import kmos.machine.PhysicalMemory;

/**
 * A real x86 page table in guest RAM: PAE (levels 3, linear addresses of 32 bits) or four-level (SDM vol. 3A §4.4, §4.5).
 * It holds no references to the frames it maps: the address space counts those.
 */
public final class PageTable implements Stateful {
    /** Bits of an entry, SDM vol. 3A table 4-20. */
    public static final long PRESENT = 1, WRITABLE = 2, USER = 4, ACCESSED = 0x20, DIRTY = 0x40, NO_EXECUTE = 1L << 63,
        FRAME = 0x000FFFFFFFFFF000L;
    private static final int TABLE = (int) (PRESENT | WRITABLE | USER);

    private final PhysicalMemory memory;
    private final FrameAllocator frames;
    private final CpuContext cpu;
    private int levels;
    private int root;
    private int tableFrames;

    /** For loading a saved state. */
    public PageTable(PhysicalMemory memory, FrameAllocator frames, CpuContext cpu) {
        this.memory = memory;
        this.frames = frames;
        this.cpu = cpu;
    }

    /** An empty table, or null when memory is full. */
    static PageTable create(PhysicalMemory memory, FrameAllocator frames, CpuContext cpu, int levels) {
        PageTable t = new PageTable(memory, frames, cpu);
        t.levels = levels;
        t.root = frames.allocate();
        if (t.root < 0) {
            return null;
        }
        t.tableFrames = 1;
        if (levels == 3) {
            // The processor may cache the four PDPTEs at MOV CR3 (SDM vol. 3A §4.4.1), so they never change later.
            for (int i = 0; i < 4; i++) {
                int directory = frames.allocate();
                if (directory < 0) {
                    t.destroy();
                    return null;
                }
                t.tableFrames++;
                memory.write64(t.root + i * 8, directory | PRESENT);
            }
        }
        return t;
    }

    /** Value for CR3. */
    public int root() {
        return root;
    }

    public int levels() {
        return levels;
    }

    public int paging() {
        return levels == 3 ? CpuContext.PAGING_PAE : CpuContext.PAGING_4LEVEL;
    }

    /** Frames that the tables themselves take. */
    public int tableFrames() {
        return tableFrames;
    }

    /** The last-level entry for a linear address, 0 when there is none. */
    public long get(long linear) {
        int at = entry(linear);
        return at < 0 ? 0 : memory.read64(at);
    }

    /** Marks a mapped page as used. */
    void setAccessed(long linear) {
        int at = entry(linear);
        memory.write64(at, memory.read64(at) | ACCESSED);
    }

    /** Physical address of the last-level entry, -1 when its table does not exist. */
    int entry(long linear) {
        int table = root;
        for (int level = levels; level > 1; level--) {
            long e = memory.read64(table + index(linear, level) * 8);
            if ((e & PRESENT) == 0) {
                return -1;
            }
            table = (int) (e & FRAME);
        }
        return table + index(linear, 1) * 8;
    }

    /** The same, making tables on the way; -1 when memory is full. */
    int createEntry(long linear) {
        int table = root;
        for (int level = levels; level > 1; level--) {
            int at = table + index(linear, level) * 8;
            long e = memory.read64(at);
            if ((e & PRESENT) == 0) {
                int fresh = frames.allocate();
                if (fresh < 0) {
                    return -1;
                }
                tableFrames++;
                e = fresh | TABLE;
                memory.write64(at, e);
            }
            table = (int) (e & FRAME);
        }
        return table + index(linear, 1) * 8;
    }

    /** Writes an entry, making tables as needed, and forgets the old translation. False when memory is full. */
    public boolean set(long linear, long value) {
        int at = createEntry(linear);
        if (at < 0) {
            return false;
        }
        replace(at, linear, value);
        return true;
    }

    /** Writes an existing entry and forgets the old translation. */
    void replace(int at, long linear, long value) {
        long old = memory.read64(at);
        memory.write64(at, value);
        if ((old & PRESENT) != 0) {
            invalidate(linear);
        }
    }

    /** Writes an existing entry; the caller flushes. */
    void replaceQuietly(int at, long value) {
        memory.write64(at, value);
    }

    void invalidate(long linear) {
        if (cpu.cr3() == root) {
            cpu.invalidatePage(linear);
        } else {
            cpu.flushTlb(root);
        }
    }

    /** Forgets all translations made from this table. */
    void flush() {
        cpu.flushTlb(root);
    }

    /** The first linear address at or after from and below end whose entry is not 0; end when there is none. */
    long nextUsed(long from, long end) {
        long linear = from;
        search:
        while (Long.compareUnsigned(linear, end) < 0) {
            int table = root;
            for (int level = levels; level > 1; level--) {
                long e = memory.read64(table + index(linear, level) * 8);
                if ((e & PRESENT) == 0) {
                    long span = 1L << 12 + 9 * (level - 1);
                    linear = (linear & -span) + span;
                    if (linear == 0) {
                        return end;
                    }
                    continue search;
                }
                table = (int) (e & FRAME);
            }
            for (int i = index(linear, 1); i < 512; i++, linear += 4096) {
                if (Long.compareUnsigned(linear, end) >= 0) {
                    return end;
                }
                if (memory.read64(table + i * 8) != 0) {
                    return linear;
                }
            }
        }
        return end;
    }

    /** Gives back the frames of all tables. Nothing may use the table as CR3 afterwards. */
    void destroy() {
        cpu.flushTlb(root);
        freeTables(root, levels);
        root = 0;
        tableFrames = 0;
    }

    private void freeTables(int table, int level) {
        if (level > 1) {
            int count = level == 3 && levels == 3 ? 4 : 512;
            for (int i = 0; i < count; i++) {
                long e = memory.read64(table + i * 8);
                if ((e & PRESENT) != 0) {
                    freeTables((int) (e & FRAME), level - 1);
                }
            }
        }
        frames.release(table);
    }

    private static int index(long linear, int level) {
        return (int) (linear >>> 12 + 9 * (level - 1)) & 511;
    }

    @Override
    public void state(StateFields s) {
        levels = s.i32("levels", levels);
        root = s.i32("root", root);
        tableFrames = s.i32("tableFrames", tableFrames);
    }
}
