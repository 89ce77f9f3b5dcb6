// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.base.Memory;
import kmos.cpu.BlockCache;
import kmos.cpu.CpuState;
import kmos.cpu.DecodedInstruction;

/** Interpreter records of single instructions, for compiled code that calls their handlers. Laid out like a block of one. */
final class RecordStore {
    private static final int SIZE = 112;

    private final int start;
    private final int end;
    private int next;

    RecordStore(int start, int size) {
        this.start = start;
        end = start + size;
        next = start;
    }

    boolean hasRoomFor(int instructions) {
        return end - next >= instructions * SIZE;
    }

    void clear() {
        next = start;
    }

    /** What {@link #release} takes. */
    int mark() {
        return next;
    }

    /** Forgets the records made since the mark. */
    void release(int mark) {
        next = mark;
    }

    /** Address of a new record for the instruction. */
    int record(DecodedInstruction d) {
        int at = next + BlockCache.HEADER;
        next += SIZE;
        for (int i = 0; i < 4; i++) {
            Memory.put32(at + i * 4, d.recordWord(i));
        }
        Memory.put32(at + 12, d.recordWord(3));
        Memory.put64(at - 24, d.pc);
        Memory.put32(at - 16, -1);
        Memory.put32(at - 4, 1);
        Memory.put64(at + 16, 0);
        Memory.put32(at + 24, at);
        Memory.put32(at + 28, 0);
        Memory.put64(at + 32, d.next());
        Memory.put64(at + 40, d.next());
        return at;
    }

    /** Address of room for so many bytes. */
    int bytes(int count) {
        int at = next;
        next += count + 15 & ~15;
        return at;
    }

    /** Whether the handler sees the exact budget, which compiled code does not keep in memory. */
    static boolean seesBudget(DecodedInstruction d) {
        return d.handler() >= kmos.cpu.decode.IsaTables.FIRST_BUDGET_ID && d.handler() != CpuState.RESUME_ID;
    }
}
