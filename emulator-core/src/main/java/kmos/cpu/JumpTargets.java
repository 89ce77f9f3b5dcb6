// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;

/**
 * Where computed jumps of a function lead, as far as the interpreter has seen: blocks near it that were entered through
 * computed addresses. The function is taken to end where the next one begins that somebody called.
 */
public final class JumpTargets {
    /** Bytes that the target of a jump table is away at most. */
    private static final int DISTANCE = 16384;
    /** Targets entered less often than this fraction of the compiler's threshold stay outside. */
    private static final int SELDOM = 32;

    private record Target(long pc, int entries) { }

    private final List<Target> targets = new ArrayList<>();
    private long first;
    private long end;

    private JumpTargets(long first, long end) {
        this.first = first;
        this.end = end;
    }

    /** Of the function around pc. */
    public static JumpTargets around(int cpu, long pc) {
        JumpTargets t = new JumpTargets(Math.max(0, pc - DISTANCE), pc + DISTANCE);
        for (long page = t.first >>> 12; page <= t.end >>> 12; page++) {
            t.addPage(cpu, page << 12, pc);
        }
        t.targets.removeIf(x -> x.pc < t.first || x.pc >= t.end);
        t.targets.sort((x, y) -> y.entries != x.entries ? Integer.compare(y.entries, x.entries) : Long.compare(x.pc, y.pc));
        return t;
    }

    private void addPage(int cpu, long page, long pc) {
        int host = Mmu.probeCode(cpu, page);
        if (host == 0) {
            return;
        }
        int mode = Memory.get32(cpu + CpuState.MODE);
        int least = Math.max(1, Machines.cpu(cpu).jitThreshold() / SELDOM);
        int frame = host - Memory.get32(cpu + CpuState.RAM) >>> 12;
        for (int block = Memory.get32(Memory.get32(cpu + CpuState.FRAME_BLOCKS) + frame * 4); block != 0; block = Memory.get32(block + BlockCache.FRAME_NEXT)) {
            long start = Memory.get64(block - 24);
            if (start >>> 12 != page >>> 12 || Memory.get32(block - 28) != mode || Memory.get16(block) == CpuState.COMPILED_ID) {
                continue;
            }
            int marks = BlockCache.marks(block);
            if ((marks & BlockCache.CALLED) != 0) {
                if (start <= pc) {
                    first = Math.max(first, start);
                } else {
                    end = Math.min(end, start);
                }
            } else if ((marks & BlockCache.JUMPED) != 0 && BlockCache.entries(block) >= least) {
                targets.add(new Target(start, BlockCache.entries(block)));
            }
        }
    }

    /** First address and address behind the function, as far as is known. */
    public long first() {
        return first;
    }

    public long end() {
        return end;
    }

    /** The most used ones first. */
    public long[] addresses(int limit) {
        return targets.stream().limit(limit).mapToLong(Target::pc).toArray();
    }
}
