// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.machine.CpuContext;
import kmos.machine.MmioSpace;
import kmos.machine.PhysicalMemory;

/**
 * Address translation: a direct-mapped software TLB of 4096 entries in linear memory in front of the page-table walk.
 * A tag is the page number with the low 12 bits set, so an empty entry never matches and an access that runs over the end
 * of its page misses by itself. The W tag is given only for pages that are dirty already and hold no decoded code.
 * 32-bit code passes ints and compares the low halves of the tags. (Intel SDM vol. 3A chapter 4.)
 */
public final class Mmu {
    static final int READ = 0, WRITE = 1, EXECUTE = 2;
    static final long WRITABLE = 2, DIRTY = 0x40, ADDRESS = 0x000FFFFFFFFFF000L;
    private static final long PRESENT = 1, USER = 4, ACCESSED = 0x20, LARGE = 0x80;
    /** How the offset of an entry in the TLB comes from an address; offset in an entry of what is added to addresses. */
    public static final int PAGE_TO_ENTRY = 7, ENTRY_MASK = 0x1FFE0, ENTRY_DISTANCE = 16;

    private Mmu() { }

    private static int entry(int cpu, int a) {
        return (a >>> PAGE_TO_ENTRY & ENTRY_MASK) + Memory.get32(cpu + CpuState.TLB);
    }

    static int entry(int cpu, long a) {
        return ((int) (a >>> PAGE_TO_ENTRY) & ENTRY_MASK) + Memory.get32(cpu + CpuState.TLB);
    }

    // Reads

    public static int read8(int cpu, int a) {
        int p = entry(cpu, a);
        if ((a | 0xFFF) == Memory.get32(p)) {
            return Memory.get8(a + Memory.get32(p + 16));
        }
        return (int) slowRead(cpu, a & 0xFFFFFFFFL, 1);
    }

    public static int read16(int cpu, int a) {
        int p = entry(cpu, a);
        if ((a + 1 | 0xFFF) == Memory.get32(p)) {
            return Memory.get16(a + Memory.get32(p + 16));
        }
        return (int) slowRead(cpu, a & 0xFFFFFFFFL, 2);
    }

    public static int read32(int cpu, int a) {
        int p = entry(cpu, a);
        if ((a + 3 | 0xFFF) == Memory.get32(p)) {
            return Memory.get32(a + Memory.get32(p + 16));
        }
        return (int) slowRead(cpu, a & 0xFFFFFFFFL, 4);
    }

    public static long read64(int cpu, int a) {
        int p = entry(cpu, a);
        if ((a + 7 | 0xFFF) == Memory.get32(p)) {
            return Memory.get64(a + Memory.get32(p + 16));
        }
        return slowRead(cpu, a & 0xFFFFFFFFL, 8);
    }

    public static int read8(int cpu, long a) {
        int p = entry(cpu, a);
        if ((a | 0xFFF) == Memory.get64(p)) {
            return Memory.get8((int) a + Memory.get32(p + 16));
        }
        return (int) slowRead(cpu, a, 1);
    }

    public static int read16(int cpu, long a) {
        int p = entry(cpu, a);
        if ((a + 1 | 0xFFF) == Memory.get64(p)) {
            return Memory.get16((int) a + Memory.get32(p + 16));
        }
        return (int) slowRead(cpu, a, 2);
    }

    public static int read32(int cpu, long a) {
        int p = entry(cpu, a);
        if ((a + 3 | 0xFFF) == Memory.get64(p)) {
            return Memory.get32((int) a + Memory.get32(p + 16));
        }
        return (int) slowRead(cpu, a, 4);
    }

    public static long read64(int cpu, long a) {
        int p = entry(cpu, a);
        if ((a + 7 | 0xFFF) == Memory.get64(p)) {
            return Memory.get64((int) a + Memory.get32(p + 16));
        }
        return slowRead(cpu, a, 8);
    }

    // Writes

    public static void write8(int cpu, int a, int v) {
        int p = entry(cpu, a);
        if ((a | 0xFFF) == Memory.get32(p + 8)) {
            Memory.put8(a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a & 0xFFFFFFFFL, v, 1);
        }
    }

    public static void write16(int cpu, int a, int v) {
        int p = entry(cpu, a);
        if ((a + 1 | 0xFFF) == Memory.get32(p + 8)) {
            Memory.put16(a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a & 0xFFFFFFFFL, v, 2);
        }
    }

    public static void write32(int cpu, int a, int v) {
        int p = entry(cpu, a);
        if ((a + 3 | 0xFFF) == Memory.get32(p + 8)) {
            Memory.put32(a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a & 0xFFFFFFFFL, v, 4);
        }
    }

    public static void write64(int cpu, int a, long v) {
        int p = entry(cpu, a);
        if ((a + 7 | 0xFFF) == Memory.get32(p + 8)) {
            Memory.put64(a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a & 0xFFFFFFFFL, v, 8);
        }
    }

    public static void write8(int cpu, long a, int v) {
        int p = entry(cpu, a);
        if ((a | 0xFFF) == Memory.get64(p + 8)) {
            Memory.put8((int) a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a, v, 1);
        }
    }

    public static void write16(int cpu, long a, int v) {
        int p = entry(cpu, a);
        if ((a + 1 | 0xFFF) == Memory.get64(p + 8)) {
            Memory.put16((int) a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a, v, 2);
        }
    }

    public static void write32(int cpu, long a, int v) {
        int p = entry(cpu, a);
        if ((a + 3 | 0xFFF) == Memory.get64(p + 8)) {
            Memory.put32((int) a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a, v, 4);
        }
    }

    public static void write64(int cpu, long a, long v) {
        int p = entry(cpu, a);
        if ((a + 7 | 0xFFF) == Memory.get64(p + 8)) {
            Memory.put64((int) a + Memory.get32(p + 16), v);
        } else {
            slowWrite(cpu, a, v, 8);
        }
    }

    // Read-modify-write: one look-up with the W tag, then raw accesses, then modified()

    public static int modify8(int cpu, int a) {
        int p = entry(cpu, a);
        return (a | 0xFFF) == Memory.get32(p + 8) ? a + Memory.get32(p + 16) : slowModify(cpu, a & 0xFFFFFFFFL, 1);
    }

    public static int modify16(int cpu, int a) {
        int p = entry(cpu, a);
        return (a + 1 | 0xFFF) == Memory.get32(p + 8) ? a + Memory.get32(p + 16) : slowModify(cpu, a & 0xFFFFFFFFL, 2);
    }

    public static int modify32(int cpu, int a) {
        int p = entry(cpu, a);
        return (a + 3 | 0xFFF) == Memory.get32(p + 8) ? a + Memory.get32(p + 16) : slowModify(cpu, a & 0xFFFFFFFFL, 4);
    }

    public static int modify64(int cpu, int a) {
        int p = entry(cpu, a);
        return (a + 7 | 0xFFF) == Memory.get32(p + 8) ? a + Memory.get32(p + 16) : slowModify(cpu, a & 0xFFFFFFFFL, 8);
    }

    public static int modify8(int cpu, long a) {
        int p = entry(cpu, a);
        return (a | 0xFFF) == Memory.get64(p + 8) ? (int) a + Memory.get32(p + 16) : slowModify(cpu, a, 1);
    }

    public static int modify16(int cpu, long a) {
        int p = entry(cpu, a);
        return (a + 1 | 0xFFF) == Memory.get64(p + 8) ? (int) a + Memory.get32(p + 16) : slowModify(cpu, a, 2);
    }

    public static int modify32(int cpu, long a) {
        int p = entry(cpu, a);
        return (a + 3 | 0xFFF) == Memory.get64(p + 8) ? (int) a + Memory.get32(p + 16) : slowModify(cpu, a, 4);
    }

    public static int modify64(int cpu, long a) {
        int p = entry(cpu, a);
        return (a + 7 | 0xFFF) == Memory.get64(p + 8) ? (int) a + Memory.get32(p + 16) : slowModify(cpu, a, 8);
    }

    /** After writing to what modify gave: brings a page-crossing operand back to where it belongs. */
    public static void modified(int cpu, int host) {
        if (host == cpu + CpuState.BOUNCE) {
            commitBounce(cpu);
        }
    }

    private static void commitBounce(int cpu) {
        long a = Memory.get64(cpu + CpuState.BOUNCE_ADDRESS);
        int n = Memory.get32(cpu + CpuState.BOUNCE_SIZE);
        for (int i = 0; i < n; i++) {
            Memory.put8(translate(cpu, wrapped(cpu, a + i), WRITE), Memory.get8(cpu + CpuState.BOUNCE + i));
        }
    }

    // Ranges, for helpers (SSE, x87, strings)

    /** Linear memory where count (up to 64) bytes at a can be read; copied to the bounce buffer when they cross a page. */
    public static int readable(int cpu, long a, int count, int alignment) {
        if (alignment != 0 && (a & alignment - 1) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        if ((a & 0xFFF) + count <= 0x1000) {
            int p = entry(cpu, a);
            return (a | 0xFFF) == Memory.get64(p) ? (int) a + Memory.get32(p + 16) : seen(cpu, a, count, READ, translate(cpu, a, READ));
        }
        checkEnd(cpu, a, count);
        for (int i = 0; i < count; i++) {
            Memory.put8(cpu + CpuState.BOUNCE + i, Memory.get8(translate(cpu, wrapped(cpu, a + i), READ)));
        }
        return seen(cpu, a, count, READ, cpu + CpuState.BOUNCE);
    }

    public static int readable(int cpu, int a, int count, int alignment) {
        return readable(cpu, a & 0xFFFFFFFFL, count, alignment);
    }

    /** Copies count bytes of linear memory to a, after all of the destination was checked. */
    public static void store(int cpu, long a, int from, int count, int alignment) {
        if (alignment != 0 && (a & alignment - 1) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        if ((a & 0xFFF) + count <= 0x1000) {
            int p = entry(cpu, a);
            int to = (a | 0xFFF) == Memory.get64(p + 8) ? (int) a + Memory.get32(p + 16) : seen(cpu, a, count, WRITE, translate(cpu, a, WRITE));
            if (count == 16) {
                long low = Memory.get64(from), high = Memory.get64(from + 8);
                Memory.put64(to, low);
                Memory.put64(to + 8, high);
            } else if (count == 8) {
                Memory.put64(to, Memory.get64(from));
            } else {
                Memory.copy(from, to, count);
            }
            return;
        }
        checkEnd(cpu, a, count);
        translate(cpu, wrapped(cpu, a), WRITE);
        seen(cpu, a, count, WRITE, translate(cpu, wrapped(cpu, (a | 0xFFF) + 1), WRITE));
        for (int i = 0; i < count; i++) {
            Memory.put8(translate(cpu, wrapped(cpu, a + i), WRITE), Memory.get8(from + i));
        }
    }

    public static void store(int cpu, int a, int from, int count, int alignment) {
        store(cpu, a & 0xFFFFFFFFL, from, count, alignment);
    }

    /** Faults as a store of count bytes at a would. */
    public static void checkWritable(int cpu, long a, int count) {
        if ((a & 0xFFF) + count > 0x1000) {
            checkEnd(cpu, a, count);
        }
        int host = translate(cpu, a, WRITE);
        if ((a & 0xFFF) + count > 0x1000) {
            translate(cpu, wrapped(cpu, (a | 0xFFF) + 1), WRITE);
        }
        seen(cpu, a, count, WRITE, host);
    }

    public static void checkWritable(int cpu, int a, int count) {
        checkWritable(cpu, a & 0xFFFFFFFFL, count);
    }

    /** Linear memory of one byte, for string instructions that stay inside the page. */
    static int readAddress(int cpu, long a) {
        int p = entry(cpu, a);
        return (a | 0xFFF) == Memory.get64(p) ? (int) a + Memory.get32(p + 16) : translate(cpu, a, READ);
    }

    static int writeAddress(int cpu, long a) {
        int p = entry(cpu, a);
        return (a | 0xFFF) == Memory.get64(p + 8) ? (int) a + Memory.get32(p + 16) : translate(cpu, a, WRITE);
    }

    /** Linear addresses outside 64-bit mode have 32 bits. */
    public static long wrapped(int cpu, long a) {
        return (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0 ? a : a & 0xFFFFFFFFL;
    }

    /** An operand that reaches over 4 GiB is beyond any segment's limit: #GP, or #SS when the segment is known to be the stack. */
    private static void checkEnd(int cpu, long a, int size) {
        if (a + size > 0x100000000L && (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) == 0) {
            throw Machines.cpu(cpu).fault().set(CpuFault.NOT_CANONICAL, 0, 0, false);
        }
    }

    /** Past its checks: what a debugger or the alignment check must know of an access. Returns host. */
    private static int seen(int cpu, long a, int size, int access, int host) {
        if (Debug.sees(cpu)) {
            Debug.access(cpu, a, size, access);
        }
        return host;
    }

    private static long slowRead(int cpu, long a, int size) {
        if ((a & 0xFFF) + size <= 0x1000) {
            int host = seen(cpu, a, size, READ, translate(cpu, a, READ));
            return size == 8 ? Memory.get64(host) : size == 4 ? Memory.get32(host) : size == 2 ? Memory.get16(host) : Memory.get8(host);
        }
        checkEnd(cpu, a, size);
        long v = 0;
        for (int i = 0; i < size; i++) {
            v |= (long) Memory.get8(translate(cpu, wrapped(cpu, a + i), READ)) << i * 8;
        }
        seen(cpu, a, size, READ, 0);
        return v;
    }

    private static void slowWrite(int cpu, long a, long v, int size) {
        if ((a & 0xFFF) + size <= 0x1000) {
            int host = seen(cpu, a, size, WRITE, translate(cpu, a, WRITE));
            if (size == 8) {
                Memory.put64(host, v);
            } else if (size == 4) {
                Memory.put32(host, (int) v);
            } else if (size == 2) {
                Memory.put16(host, (int) v);
            } else {
                Memory.put8(host, (int) v);
            }
            return;
        }
        checkEnd(cpu, a, size);
        translate(cpu, wrapped(cpu, a), WRITE);
        seen(cpu, a, size, WRITE, translate(cpu, wrapped(cpu, (a | 0xFFF) + 1), WRITE));
        for (int i = 0; i < size; i++) {
            Memory.put8(translate(cpu, wrapped(cpu, a + i), WRITE), (int) (v >>> i * 8));
        }
    }

    private static int slowModify(int cpu, long a, int size) {
        if ((a & 0xFFF) + size <= 0x1000) {
            return seen(cpu, a, size, WRITE, translate(cpu, a, WRITE));
        }
        checkEnd(cpu, a, size);
        translate(cpu, wrapped(cpu, a), WRITE);
        seen(cpu, a, size, WRITE, translate(cpu, wrapped(cpu, (a | 0xFFF) + 1), WRITE));
        for (int i = 0; i < size; i++) {
            Memory.put8(cpu + CpuState.BOUNCE + i, Memory.get8(translate(cpu, wrapped(cpu, a + i), WRITE)));
        }
        Memory.put64(cpu + CpuState.BOUNCE_ADDRESS, a);
        Memory.put32(cpu + CpuState.BOUNCE_SIZE, size);
        return cpu + CpuState.BOUNCE;
    }

    // The walk

    /** Translates one byte for an access, fills the TLB and returns its address in linear memory, or throws #PF, #GP. */
    static int translate(int cpu, long a, int access) {
        if (access != EXECUTE) {
            int p = entry(cpu, a);
            if ((a | 0xFFF) == Memory.get64(p + access * 8)) {
                return (int) a + Memory.get32(p + 16);
            }
            Memory.put64(cpu + CpuState.TLB_MISSES, Memory.get64(cpu + CpuState.TLB_MISSES) + 1);
        }
        int paging = Memory.get32(cpu + CpuState.PAGING);
        long physical;
        switch (paging) {
            case CpuContext.PAGING_OFF:
                physical = a & 0xFFFFFFFFL;
                break;
            case CpuContext.PAGING_32BIT:
                physical = walk32(cpu, a, access);
                break;
            default:
                physical = walk64(cpu, a, access, paging);
                break;
        }
        return fill(cpu, a, physical, access);
    }

    /**
     * Linear memory of one byte of code if it could be fetched now without any visible effect (present, allowed, accessed
     * bits set already, in RAM), else 0.
     */
    public static int probeCode(int cpu, long a) {
        return probe(cpu, a, EXECUTE);
    }

    /** The same for a byte that could be read. */
    public static int probeData(int cpu, long a) {
        return probe(cpu, a, READ);
    }

    /** Whether a store there would get past the page tables, perhaps with an effect. */
    public static boolean isWritable(int cpu, long a) {
        long needed = needed(cpu) | WRITABLE;
        return probe(cpu, a, needed, needed, false) != 0;
    }

    /** The same for a store: the page must be dirty already, without code, and not watched. Fills the TLB. */
    static int probeStore(int cpu, long a) {
        int p = entry(cpu, a);
        if ((a | 0xFFF) == Memory.get64(p + 8)) {
            return (int) a + Memory.get32(p + 16);
        }
        int host = probe(cpu, a, WRITE);
        int frame = host - Memory.get32(cpu + CpuState.RAM) >>> 12;
        boolean isPlain = host != 0 && (Memory.get8(Memory.get32(cpu + CpuState.FRAME_FLAGS) + frame) & (PhysicalMemory.CODE | PhysicalMemory.WATCHED)) == 0;
        return isPlain ? translate(cpu, a, WRITE) : 0;
    }

    /**
     * Linear memory of the last page table's entry for a page, 0 when there is none that tables above allow all accesses to: larger pages, paging modes whose
     * entries have four bytes or none.
     */
    static int leaf(int cpu, long a) {
        int levels = Memory.get32(cpu + CpuState.PAGING);
        if (levels != CpuContext.PAGING_PAE && levels != CpuContext.PAGING_4LEVEL) {
            return 0;
        }
        int ram = Memory.get32(cpu + CpuState.RAM);
        long table = Memory.get64(cpu + CpuState.CR3) & (levels == CpuContext.PAGING_PAE ? ~0x1FL : ADDRESS);
        for (int level = levels; ; level--) {
            if (table >= Memory.getUnsigned32(cpu + CpuState.RAM_SIZE)) {
                return 0;
            }
            int at = ram + (int) table + ((int) (a >>> 12 + 9 * (level - 1)) & 0x1FF) * 8;
            if (level == 1) {
                return at;
            }
            long e = Memory.get64(at);
            long bits = levels == CpuContext.PAGING_PAE && level == 3 ? PRESENT : needed(cpu) | WRITABLE;
            boolean isLarge = (e & LARGE) != 0 && (level == 2 || level == 3 && levels == CpuContext.PAGING_4LEVEL);
            if ((e & bits) != bits || isLarge) {
                return 0;
            }
            table = e & ADDRESS;
        }
    }

    private static int probe(int cpu, long a, int access) {
        long needed = needed(cpu) | (access == WRITE ? WRITABLE : 0);
        return probe(cpu, a, needed, needed | (access == WRITE ? DIRTY : 0), access == EXECUTE);
    }

    /** Bits of page table entries without which an access faults or has an effect on them. */
    static long needed(int cpu) {
        return PRESENT | ACCESSED | (Memory.get32(cpu + CpuState.CPL) == 3 ? USER : 0);
    }

    private static int probe(int cpu, long a, long needed, long neededLeaf, boolean isFetch) {
        int ram = Memory.get32(cpu + CpuState.RAM);
        long ramSize = Memory.getUnsigned32(cpu + CpuState.RAM_SIZE);
        int levels = Memory.get32(cpu + CpuState.PAGING);
        long physical = -1;
        if (levels == CpuContext.PAGING_OFF) {
            physical = a & 0xFFFFFFFFL;
        } else if (levels == CpuContext.PAGING_32BIT) {
            physical = probe32(cpu, a, ram, ramSize, needed, neededLeaf);
        } else if (levels != CpuContext.PAGING_4LEVEL || a << 16 >> 16 == a) {
            physical = probe64(cpu, a, levels, ram, ramSize, needed, neededLeaf, isFetch);
        }
        return physical >= 0 && physical < ramSize ? ram + (int) physical : 0;
    }

    private static long probe32(int cpu, long a, int ram, long ramSize, long needed, long neededLeaf) {
        long entry = Memory.getUnsigned32(ram + (Memory.get32(cpu + CpuState.CR3) & ~0xFFF) + ((int) (a >>> 22) & 0x3FF) * 4);
        if ((entry & LARGE) != 0) {
            return (entry & neededLeaf) == neededLeaf ? (entry & 0xFFC00000L) + (a & 0x3FFFFF) : -1;
        }
        if ((entry & needed) != needed || (entry & ~0xFFFL) >= ramSize) {
            return -1;
        }
        entry = Memory.getUnsigned32(ram + ((int) entry & ~0xFFF) + ((int) (a >>> 12) & 0x3FF) * 4);
        return (entry & neededLeaf) == neededLeaf ? (entry & 0xFFFFF000L) + (a & 0xFFF) : -1;
    }

    private static long probe64(int cpu, long a, int levels, int ram, long ramSize, long needed, long neededLeaf, boolean isFetch) {
        long table = Memory.get64(cpu + CpuState.CR3) & (levels == CpuContext.PAGING_PAE ? ~0x1FL : ADDRESS);
        for (int level = levels; ; level--) {
            int shift = 12 + 9 * (level - 1);
            if (table >= ramSize) {
                return -1;
            }
            long e = Memory.get64(ram + (int) table + ((int) (a >>> shift) & 0x1FF) * 8);
            boolean isPointer = levels == CpuContext.PAGING_PAE && level == 3;
            boolean isLeaf = level == 1 || (e & LARGE) != 0 && (level == 2 || level == 3 && !isPointer);
            long bits = isPointer ? PRESENT : isLeaf ? neededLeaf : needed;
            if ((e & bits) != bits || !isPointer && isFetch && e < 0) {
                return -1;
            }
            if (isLeaf) {
                long offset = (1L << shift) - 1;
                return (e & ADDRESS & ~offset) + (a & offset);
            }
            table = e & ADDRESS;
        }
    }

    private static int fill(int cpu, long a, long physical, int access) {
        int host;
        if (physical < Memory.getUnsigned32(cpu + CpuState.RAM_SIZE)) {
            int frame = (int) (physical >>> 12);
            int at = Memory.get32(cpu + CpuState.FRAME_FLAGS) + frame;
            if (access == WRITE) {
                int flags = Memory.get8(at);
                if ((flags & PhysicalMemory.CODE) != 0) {
                    if (Memory.get32(cpu + CpuState.IN_COMPILED) != 0) {
                        // The interpreter does this store, so that no region is dropped while it runs.
                        throw Machines.cpu(cpu).fault();
                    }
                    Machines.cpu(cpu).frameWritten(frame);
                    flags = Memory.get8(at);
                }
                Memory.put8(at, flags | PhysicalMemory.DIRTY | Cpu.HAD_WRITE_TAG);
                if ((flags & PhysicalMemory.WATCHED) != 0) {
                    Machines.cpu(cpu).machine().memory().watchedStore((int) physical);
                    return Memory.get32(cpu + CpuState.RAM) + (int) physical;
                }
            }
            host = Memory.get32(cpu + CpuState.RAM) + (int) physical;
        } else {
            MmioSpace.Window w = Machines.cpu(cpu).machine().mmio().find(physical);
            if (w == null || w.handler() != null) {
                // Nobody drives the bus: reads give ones, writes vanish.
                Memory.fill(cpu + CpuState.BOUNCE, 64, 0xFF);
                return cpu + CpuState.BOUNCE + 32;
            }
            host = w.linear() + (int) (physical - w.start());
        }
        if (access == EXECUTE || Debug.sees(cpu)) {
            return host;
        }
        int p = entry(cpu, a);
        long tag = a | 0xFFF;
        if (access == WRITE) {
            Memory.put64(p, tag);
            Memory.put64(p + 8, tag);
        } else {
            if (Memory.get64(p) != tag) {
                Memory.put64(p + 8, 0);
            }
            Memory.put64(p, tag);
        }
        Memory.put32(p + 16, host - (int) a);
        return host;
    }

    /** Two-level paging with 4 MiB pages (SDM vol. 3A §4.3). */
    private static long walk32(int cpu, long a, int access) {
        int ram = Memory.get32(cpu + CpuState.RAM);
        int pdeAt = ram + (Memory.get32(cpu + CpuState.CR3) & ~0xFFF) + ((int) (a >>> 22) & 0x3FF) * 4;
        int pde = Memory.get32(pdeAt);
        if ((pde & PRESENT) == 0) {
            throw pageFault(cpu, a, access, false);
        }
        if ((pde & LARGE) != 0) {
            check(cpu, a, access, pde, false);
            setBits32(cpu, pdeAt, pde, ACCESSED | (access == WRITE ? DIRTY : 0));
            return (pde & 0xFFC00000L) + (a & 0x3FFFFF);
        }
        int pteAt = ram + (pde & ~0xFFF) + ((int) (a >>> 12) & 0x3FF) * 4;
        int pte = Memory.get32(pteAt);
        if ((pte & PRESENT) == 0) {
            throw pageFault(cpu, a, access, false);
        }
        check(cpu, a, access, pde & pte, false);
        setBits32(cpu, pdeAt, pde, ACCESSED);
        setBits32(cpu, pteAt, pte, ACCESSED | (access == WRITE ? DIRTY : 0));
        return (pte & 0xFFFFF000L) + (a & 0xFFF);
    }

    /** Sets accessed and dirty bits of an entry; a frame that changes is marked as written. */
    private static void setBits32(int cpu, int at, int entry, long bits) {
        int wanted = (int) (entry | bits);
        if (wanted != entry) {
            Memory.put32(at, wanted);
            markTable(cpu, at);
        }
    }

    private static void markTable(int cpu, int at) {
        int physical = at - Memory.get32(cpu + CpuState.RAM);
        if ((physical & 0xFFFFFFFFL) < Memory.getUnsigned32(cpu + CpuState.RAM_SIZE)) {
            int flags = Memory.get32(cpu + CpuState.FRAME_FLAGS) + (physical >>> 12);
            Memory.put8(flags, Memory.get8(flags) | PhysicalMemory.DIRTY);
        }
    }

    /** PAE (three levels, PDPTEs without rights) and four-level paging, 2 MiB and 1 GiB pages, NX (SDM vol. 3A §4.4, §4.5). */
    private static long walk64(int cpu, long a, int access, int levels) {
        if (levels == CpuContext.PAGING_4LEVEL && a << 16 >> 16 != a) {
            throw Machines.cpu(cpu).fault().set(access == EXECUTE ? CpuFault.GP : CpuFault.NOT_CANONICAL, 0, 0, access == EXECUTE);
        }
        int ram = Memory.get32(cpu + CpuState.RAM);
        long ramSize = Memory.getUnsigned32(cpu + CpuState.RAM_SIZE);
        long table = Memory.get64(cpu + CpuState.CR3) & (levels == CpuContext.PAGING_PAE ? ~0x1FL : ADDRESS);
        long rights = WRITABLE | USER;
        boolean noExecute = false;
        for (int level = levels; ; level--) {
            int shift = 12 + 9 * (level - 1);
            if (table >= ramSize) {
                throw pageFault(cpu, a, access, false);
            }
            int at = ram + (int) table + ((int) (a >>> shift) & 0x1FF) * 8;
            long e = Memory.get64(at);
            if ((e & PRESENT) == 0) {
                throw pageFault(cpu, a, access, false);
            }
            boolean isPointer = levels == CpuContext.PAGING_PAE && level == 3;
            if (!isPointer) {
                rights &= e;
                noExecute |= e < 0;
            }
            if (level == 1 || (e & LARGE) != 0 && (level == 2 || level == 3 && !isPointer)) {
                check(cpu, a, access, rights, noExecute);
                setAccessed(cpu, a, levels, level, ram);
                long leaf = e | ACCESSED | (access == WRITE ? DIRTY : 0);
                if (leaf != e) {
                    Memory.put64(at, leaf);
                    markTable(cpu, at);
                }
                long offset = (1L << shift) - 1;
                return (e & ADDRESS & ~offset) + (a & offset);
            }
            table = e & ADDRESS;
        }
    }

    /** Accessed bits of the tables above the leaf, once all checks have passed. */
    private static void setAccessed(int cpu, long a, int levels, int leafLevel, int ram) {
        long table = Memory.get64(cpu + CpuState.CR3) & (levels == CpuContext.PAGING_PAE ? ~0x1FL : ADDRESS);
        for (int level = levels; level > leafLevel; level--) {
            int at = ram + (int) table + ((int) (a >>> 12 + 9 * (level - 1)) & 0x1FF) * 8;
            long e = Memory.get64(at);
            if ((e & ACCESSED) == 0 && !(levels == CpuContext.PAGING_PAE && level == 3)) {
                Memory.put64(at, e | ACCESSED);
                markTable(cpu, at);
            }
            table = e & ADDRESS;
        }
    }

    private static void check(int cpu, long a, int access, long rights, boolean noExecute) {
        boolean isUser = Memory.get32(cpu + CpuState.CPL) == 3;
        if (isUser && (rights & USER) == 0
            || access == WRITE && (rights & WRITABLE) == 0 && (isUser || (Memory.get32(cpu + CpuState.CR0) & 0x10000) != 0)
            || access == EXECUTE && noExecute) {
            throw pageFault(cpu, a, access, true);
        }
    }

    private static CpuFault pageFault(int cpu, long a, int access, boolean isProtection) {
        int error = (isProtection ? 1 : 0) | (access == WRITE ? 2 : 0) | (Memory.get32(cpu + CpuState.CPL) == 3 ? 4 : 0);
        if (access == EXECUTE && Memory.get32(cpu + CpuState.PAGING) != CpuContext.PAGING_32BIT) {
            error |= 16;
        }
        Memory.put64(cpu + CpuState.CR2, a);
        return Machines.cpu(cpu).fault().set(CpuFault.PF, error, a, access == EXECUTE);
    }
}
