// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import java.util.Arrays;
import kmos.cpu.jit.CompileBudget;
import kmos.cpu.jit.Jit;

/**
 * Hot places that wait for the region compiler, and go on being counted meanwhile. Between two stretches of the interpreter the hottest of the address
 * space that is about to run is compiled, if the budget allows. Derived: when something is compiled cannot be seen by the guest.
 */
public final class CompileQueue {
    /** Beyond that, what becomes hot is not taken; it will be when it is hotter. */
    private static final int MAX = 256, MAX_TWINS = 64;
    /** A twin is as urgent as a place so many times as hot as the threshold asks. */
    private static final double HEAT_OF_TWIN = 4;

    private final int cpu;
    private final Jit jit;
    private final CompileBudget budget;
    private final double threshold;
    /** Blocks of the interpreter. */
    private final int[] blocks = new int[MAX];
    /** The general registers with which they were entered when they joined. */
    private final long[][] registers = new long[MAX][];
    private int count;
    /** Cells of regions whose twin is wanted. */
    private final int[] twins = new int[MAX_TWINS];
    private int twinCount;
    /** Whether it could be worth while to look. */
    private boolean isDue;

    CompileQueue(int cpu, Jit jit, CompileBudget budget, int threshold) {
        this.cpu = cpu;
        this.jit = jit;
        this.budget = budget;
        this.threshold = threshold;
    }

    void beginSlice() {
        budget.beginSlice(jit.backend().milliseconds());
        isDue = count + twinCount > 0;
    }

    /** The longest time that compiling took within a slice, milliseconds. */
    public double longestMs() {
        return budget.longestMs();
    }

    void endSlice(boolean waits) {
        budget.endSlice(jit.backend().milliseconds(), waits);
    }

    /** False when there is no room. */
    boolean add(int block) {
        if (count == MAX) {
            return false;
        }
        registers[count] = Jit.registers(cpu);
        blocks[count++] = block;
        isDue = true;
        return true;
    }

    /** The twin of the region of a cell is wanted. False when there is no room. */
    boolean addTwin(int cell) {
        if (twinCount == MAX_TWINS) {
            return false;
        }
        twins[twinCount++] = cell;
        isDue = true;
        return true;
    }

    boolean isDue() {
        return isDue;
    }

    /** How many places wait. */
    public int size() {
        return count + twinCount;
    }

    /** All blocks are gone. */
    void clear() {
        Arrays.fill(registers, 0, count, null);
        count = 0;
        twinCount = 0;
    }

    /** Compiles what the budget allows now. */
    void compile() {
        isDue = false;
        for (int i = twinCount - 1; i >= 0 && budget.hasTimeFor(HEAT_OF_TWIN); i--) {
            int cell = twins[i];
            if (!jit.isWaitingElsewhere(cell)) {
                twins[i] = twins[--twinCount];
                spend(() -> CompiledCode.compileTwin(cpu, cell));
            }
        }
        for (int i = hottest(); i >= 0 && budget.allows(BlockCache.entries(blocks[i]) / threshold); i = hottest()) {
            int block = blocks[i];
            long[] entered = registers[i];
            remove(i);
            spend(() -> BlockCache.compile(cpu, block, entered));
        }
    }

    /** While the machine has nothing to do: compiles the hottest, at nobody's expense. False when there is nothing that can be compiled now. */
    public boolean compileIdle() {
        int i = hottest();
        if (i < 0) {
            return false;
        }
        int block = blocks[i];
        long[] entered = registers[i];
        remove(i);
        BlockCache.compile(cpu, block, entered);
        return true;
    }

    private void spend(Runnable compilation) {
        double begin = jit.backend().milliseconds();
        compilation.run();
        budget.spend(jit.backend().milliseconds() - begin);
    }

    private void remove(int i) {
        BlockCache.stopWaiting(blocks[i]);
        blocks[i] = blocks[--count];
        registers[i] = registers[count];
        registers[count] = null;
    }

    /** Index of the hottest block that can be compiled in this address space, or -1. Forgets those whose code was overwritten. */
    private int hottest() {
        int best = -1;
        for (int i = count - 1; i >= 0; i--) {
            if (BlockCache.isDropped(blocks[i])) {
                remove(i);
                if (best == count) {
                    best = i;
                }
            } else if ((best < 0 || BlockCache.entries(blocks[i]) > BlockCache.entries(blocks[best])) && BlockCache.isHere(cpu, blocks[i])) {
                best = i;
            }
        }
        return best;
    }
}
