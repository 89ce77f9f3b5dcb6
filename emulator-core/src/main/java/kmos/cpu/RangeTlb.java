// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.machine.PhysicalMemory;

/**
 * Range translations for compiled code, in front of the TLB: runs of pages that are neighbours in RAM too, so that one comparison and one addition
 * translate an address. Code reads entries at constant addresses; which one an access asks is settled when it is compiled. They hold what TLB
 * entries could hold at the same time, and all go whenever a translation of the current address space may. The last bytes of a range, where a larger access
 * would end outside, are the TLB's.
 */
public final class RangeTlb {
    /** Offsets in an entry: first address; one more than the last distance from there at which 16, or 128, bytes begin; the first address in linear memory. */
    public static final int START = 0, LENGTH = 8, LONG_LENGTH = 16, HOST = 24;
    /** Accesses elsewhere until the entry is made again. */
    public static final int COUNTDOWN = 28;
    public static final int ENTRY_SIZE = 32, ENTRIES = 1024;
    /** Largest accesses that the two lengths are for. */
    public static final int SHORT = 16, LONG = 128;
    /**
     * Number of the entry for the stack. Its range begins later than it could, so that one comparison is enough for up to so many bytes: where what is compared
     * is the end of them, their beginning cannot lie before the range.
     */
    public static final int STACK = 0, STACK_MARGIN = 2048;
    /** A short stretch in an address space had better ask the TLB; finding out how far a long range reaches takes its time. */
    private static final int FIRST_WAIT = 8, MIN_WAIT = 512;
    private static final int MAX_PAGES = 2048;
    private static final int PLAIN = PhysicalMemory.DIRTY | Cpu.HAD_WRITE_TAG;

    private RangeTlb() { }

    /** Compiled code went to a page that the TLB knows, outside the range of an entry: one with an even number is for pages that may be written. */
    static void missed(int cpu, int number, long a) {
        int entry = cpu + CpuState.RANGES + number * ENTRY_SIZE;
        int countdown = Memory.get32(entry + COUNTDOWN) - 1;
        Memory.put32(entry + COUNTDOWN, countdown);
        if (countdown < 0) {
            refill(cpu, entry, a, (number & 1) == 0);
        }
    }

    /** The range around such a page. */
    private static void refill(int cpu, int entry, long a, boolean isWrite) {
        use(cpu, entry);
        int lastAt = cpu + (isWrite ? CpuState.LAST_WRITE_RANGE : CpuState.LAST_READ_RANGE);
        int last = Memory.get32(lastAt);
        boolean isStack = entry == cpu + CpuState.RANGES + STACK * ENTRY_SIZE;
        if (!isStack && last != 0 && last != entry && Memory.get64(last + LENGTH) > a - Memory.get64(last + START) && a >= Memory.get64(last + START)) {
            // Many entries ask for the same range one after the other.
            Memory.copy(last, entry, COUNTDOWN);
            Memory.put32(entry + COUNTDOWN, MIN_WAIT);
            return;
        }
        long page = a & ~0xFFFL;
        long e = entryOf(cpu, page);
        int before = 0;
        int after = 0;
        long bytes = 0;
        if (isFree(cpu, e, e, isWrite)) {
            before = run(cpu, page, e, -1, isWrite);
            after = run(cpu, page, e, 1, isWrite);
            bytes = before + after + 1L << 12;
        }
        int margin = isStack ? STACK_MARGIN : 0;
        // In use even where there is no range.
        Memory.put64(entry + START, bytes == 0 ? -1 : page - ((long) before << 12) + margin);
        Memory.put64(entry + LENGTH, bytes == 0 ? 0 : bytes - margin - SHORT + 1);
        Memory.put64(entry + LONG_LENGTH, bytes == 0 ? 0 : bytes - margin - LONG + 1);
        Memory.put32(entry + HOST, Memory.get32(cpu + CpuState.RAM) + (int) (e & Mmu.ADDRESS) - (before << 12) + margin);
        Memory.put32(entry + COUNTDOWN, MIN_WAIT + 4 * (before + after));
        if (!isStack) {
            Memory.put32(lastAt, entry);
        }
    }

    /** Notes that there is something to clear. */
    private static void use(int cpu, int entry) {
        if ((Memory.get64(entry + LENGTH) | Memory.get64(entry + START)) == 0) {
            int used = Memory.get32(cpu + CpuState.RANGES_USED);
            Memory.put32(cpu + CpuState.RANGES_IN_USE + used * 4, entry);
            Memory.put32(cpu + CpuState.RANGES_USED, used + 1);
        }
    }

    private static long entryOf(int cpu, long page) {
        int leaf = Mmu.leaf(cpu, page);
        return leaf == 0 ? 0 : Memory.get64(leaf);
    }

    /** How many pages in a direction, 1 or -1, belong to the range of a page and its entry. */
    private static int run(int cpu, long page, long e, int direction, boolean isWrite) {
        int count = 0;
        int leaf = Mmu.leaf(cpu, page);
        for (long next = page + direction * 0x1000L; count < MAX_PAGES; next += direction * 0x1000L) {
            if (isOutside(cpu, next)) {
                return count;
            }
            boolean isInNextTable = (next >>> 12 & 0x1FF) == (direction > 0 ? 0 : 0x1FF);
            leaf = isInNextTable ? Mmu.leaf(cpu, next) : leaf + direction * 8;
            if (leaf == 0 || !isFree(cpu, Memory.get64(leaf), e + (next - page), isWrite)) {
                return count;
            }
            count++;
        }
        return count;
    }

    /** 32-bit code has 4 GiB; of 64-bit addresses those are canonical whose upper bits are copies of bit 47. */
    private static boolean isOutside(int cpu, long a) {
        return (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0 ? a << 16 >> 16 != a : a >>> 32 != 0;
    }

    /** Whether a page can be accessed without any effect on page tables and frames, and lies in the frame that another entry names. */
    private static boolean isFree(int cpu, long e, long other, boolean isWrite) {
        long needed = Mmu.needed(cpu) | (isWrite ? Mmu.WRITABLE | Mmu.DIRTY : 0);
        long frame = e & Mmu.ADDRESS;
        if ((e & needed) != needed || ((e ^ other) & Mmu.ADDRESS) != 0 || frame >= Memory.getUnsigned32(cpu + CpuState.RAM_SIZE)) {
            return false;
        }
        return !isWrite || (Memory.get8(Memory.get32(cpu + CpuState.FRAME_FLAGS) + (int) (frame >>> 12))
            & (PLAIN | PhysicalMemory.CODE | PhysicalMemory.WATCHED)) == PLAIN;
    }

    static void clear(int cpu) {
        int used = Memory.get32(cpu + CpuState.RANGES_USED);
        for (int i = 0; i < used; i++) {
            int entry = Memory.get32(cpu + CpuState.RANGES_IN_USE + i * 4);
            Memory.put64(entry + START, 0);
            Memory.put64(entry + LENGTH, 0);
            Memory.put64(entry + LONG_LENGTH, 0);
            Memory.put32(entry + COUNTDOWN, FIRST_WAIT);
        }
        Memory.put32(cpu + CpuState.RANGES_USED, 0);
    }
}
