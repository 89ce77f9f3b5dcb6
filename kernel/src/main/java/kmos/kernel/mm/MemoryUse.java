// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import java.util.ArrayList;
import java.util.List;
import kmos.kernel.Kernel;
import kmos.kernel.task.Task;

/**
 * Who holds which frames now, in pages, for /proc/meminfo and /proc/vmstat. Every frame that is not free belongs to exactly
 * one of: buffers, cached, anonymous, pageTables, kernelStacks, kernel. Names of files and inodes are Java objects outside
 * of guest RAM and take none of it.
 *
 * @param mapped     cached pages that some program has in its page table
 * @param committed  what programs could come to use: private writable areas and shared memory
 * @param kernel     the rest: descriptor tables, the zero page, DMA tables
 */
public record MemoryUse(int total, int free, int buffers, int cached, int shared, int anonymous, int mapped, int mappedFiles, int pageTables,
    int kernelStacks, int kernel, int dirty, int writeback, long committed) {
    private static final byte OTHER = 0, CACHED = 1, CACHED_SHARED = 2, SEEN = 4;

    /** Looks at all page tables: for a reader of /proc, not for hot paths. */
    public static MemoryUse count(Kernel kernel) {
        PageCache cache = kernel.pageCache();
        byte[] kinds = new byte[kernel.machine().memory().frameCount()];
        cache.markFrames(kinds, CACHED, CACHED_SHARED);
        kinds[kernel.zeroFrame() >>> 12] = SEEN;
        int[] mapped = new int[3];
        int tables = 0;
        int stacks = 0;
        long committed = cache.unbackedPages();
        List<AddressSpace> seen = new ArrayList<>();
        for (Task t : kernel.pids().tasks()) {
            stacks += t.contextFrame() >= 0 ? 1 : 0;
            AddressSpace space = t.space();
            if (space == null || space.users() > 1 && seen.contains(space)) {
                continue;
            }
            seen.add(space);
            tables += space.pageTable().tableFrames();
            committed += space.committedPages();
            space.countFrames(kinds, mapped, SEEN);
        }
        int total = kernel.frames().totalFrames();
        int free = kernel.frames().freeFrames();
        int buffers = kernel.vfs().blockDevices().bufferPages();
        int cached = cache.pageCount();
        int rest = total - free - buffers - cached - mapped[OTHER] - tables - stacks;
        return new MemoryUse(total, free, buffers, cached, cache.unbackedPages(), mapped[OTHER], mapped[CACHED] + mapped[CACHED_SHARED],
            mapped[CACHED], tables, stacks, rest, cache.dirtyPages() + kernel.vfs().blockDevices().dirtyBuffers(),
            cache.writebackPages(), committed);
    }
}
