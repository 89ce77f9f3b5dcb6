// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import org.junit.jupiter.api.Test;

/** Compiled jumps by the index into a table in read-only memory: what happens to the table is seen. */
class JumpTableTest {
    static final int JUMP = CpuHarness.CODE + 12;
    private static final int[] HANDLERS = {0x16, 0x1B, 0x20, 0x28};
    private static final int EACH = 250 * (1 + 16 + 256 + 4096);

    /**
     * mov ecx, 1000; mov ebx, DATA; xor edx, edx; jump: mov eax, ecx; and eax, 3; mov eax, [ebx+eax*4]; jmp eax; handlers: add edx, 1, 16, 256 or 4096;
     * jmp next; next: sub ecx, 1; jnz jump; int3. The table's page is read-only.
     */
    static void load(CpuHarness h) {
        h.code(CpuHarness.CODE, "b9e8030000 bb00002000 31d2 89c8 83e003 8b0483 ffe0 83c201 eb15 83c210 eb10 81c200010000 eb08 81c200100000 eb00 83e901 75d7 cc");
        table(h, CpuHarness.DATA, 0, 1, 2, 3);
        map(h, CpuHarness.DATA, 5);
    }

    private static void table(CpuHarness h, int at, int... handlers) {
        for (int i = 0; i < handlers.length; i++) {
            h.machine.memory().write32(at + i * 4, CpuHarness.CODE + HANDLERS[handlers[i]]);
        }
    }

    /** Puts a frame below 6 MiB at DATA, with these rights, accessed and dirty. */
    private static void map(CpuHarness h, int frame, int rights) {
        h.machine.memory().write64(h.entryAddress(CpuHarness.DATA), frame | 0x60 | rights);
        h.cpu.invalidatePage(CpuHarness.DATA);
    }

    private static CpuHarness compiled() {
        CpuHarness h = new CpuHarness(32);
        load(h);
        h.compile(new ChicoryBackend(h.cpu.base(), false), 20);
        for (int i = 0; i < 3; i++) {
            check(h, EACH);
        }
        assertTrue(h.cpu.jit().describe(JUMP).ir().contains("jump table 0x200000"), h.cpu.jit().describe(JUMP).ir());
        return h;
    }

    private static void check(CpuHarness h, int edx) {
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        h.run(1_000_000);
        assertEquals(CpuHarness.CODE + 0x36, h.cpu.instructionPointer());
        assertEquals(edx, (int) h.cpu.register(CpuContext.RDX));
    }

    @Test
    void aTableThatSomebodyElseChangesIsReadAgain() {
        try (CpuHarness h = compiled()) {
            table(h, CpuHarness.DATA, 1, 1, 1, 1);
            check(h, 1000 * 16);
            table(h, CpuHarness.DATA, 3, 2, 1, 0);
            check(h, EACH);
        }
    }

    @Test
    void aTableThatTheProgramChangesIsReadAgain() {
        try (CpuHarness h = compiled()) {
            map(h, CpuHarness.DATA, 7);
            // mov dword ptr [DATA+4], h0; int3
            h.code(CpuHarness.CODE + 0x100, "c7050400200016001000 cc");
            h.cpu.setInstructionPointer(CpuHarness.CODE + 0x100);
            h.run(10);
            check(h, EACH - 250 * 15);
        }
    }

    @Test
    void theSameTableInAnotherFrameServesAndIsWatched() {
        try (CpuHarness h = compiled()) {
            int regions = h.cpu.jit().regionCount();
            table(h, CpuHarness.DATA + 0x1000, 0, 1, 2, 3);
            map(h, CpuHarness.DATA + 0x1000, 5);
            check(h, EACH);
            assertEquals(regions, h.cpu.jit().regionCount());
            table(h, CpuHarness.DATA + 0x1000, 0, 0, 0, 0);
            check(h, 1000);
            map(h, CpuHarness.DATA, 5);
            check(h, EACH);
        }
    }
}
