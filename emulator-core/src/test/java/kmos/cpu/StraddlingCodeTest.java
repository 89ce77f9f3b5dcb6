// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Instructions that straddle two pages are compiled like others, wherever in a region they stand. */
class StraddlingCodeTest {
    private static final int PAGE = 0x101000;
    /** xor edx, edx; mov ecx, 500; outer: mov eax, 3; add edx, eax; dec eax; jnz -5; add edx, 100000h; dec ecx; jnz outer; int 0x80. */
    private static final String CODE = "31D2 B9F4010000 B803000000 01C2 48 75FB 81C200001000 49 75ED CD80";
    private static final int LENGTH = 28;

    private static CpuHarness compiled(Set<Long> regions) {
        CpuHarness h = new CpuHarness(32);
        h.compile(new ChicoryBackend(h.cpu.base(), false), 20);
        h.cpu.jit().observe(r -> regions.add(r.pc()));
        return h;
    }

    private static void run(CpuHarness h, int start) {
        h.cpu.setInstructionPointer(start);
        assertEquals(CpuExit.INT80, h.run(1_000_000));
    }

    /** With every byte of the program as the first one of the second page. */
    @Test
    void theSame_whereverThePageEnds() {
        for (int before = 0; before <= LENGTH; before++) {
            int start = PAGE - before;
            try (CpuHarness plain = new CpuHarness(32); CpuHarness compiled = compiled(new HashSet<>())) {
                plain.code(start, CODE);
                compiled.code(start, CODE);
                for (int i = 0; i < 4; i++) {
                    run(plain, start);
                    run(compiled, start);
                    assertEquals(plain.cpu.register(CpuContext.RDX), compiled.cpu.register(CpuContext.RDX));
                    assertEquals(plain.machine.clock().cycles(), compiled.machine.clock().cycles());
                }
                double share = compiled.cpu.jit().counters().instructions() / (double) compiled.machine.clock().cycles();
                assertTrue(share > 0.95, before + " bytes on the first page: in compiled code " + share);
            }
        }
    }

    /** xor edx, edx; mov ecx, 500; head: add edx, 100006h; dec ecx; jnz head; int 0x80, with 1 to 5 bytes of the loop's head on the first page. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void aLoopHeadIsCompiled_andAgainWhenItsSecondPageChanges(int onFirst) {
        int start = PAGE - 7 - onFirst;
        Set<Long> regions = new HashSet<>();
        try (CpuHarness h = compiled(regions)) {
            h.code(start, "31D2 B9F4010000 81C206001000 49 75F7 CD80");
            for (int i = 0; i < 3; i++) {
                run(h, start);
                assertEquals(500 * 0x100006, h.cpu.register(CpuContext.RDX));
            }
            assertTrue(regions.contains((long) PAGE - onFirst), regions.toString());
            regions.clear();
            h.code(PAGE - onFirst + 5, "20"); // add edx, 20100006h
            for (int i = 0; i < 3; i++) {
                run(h, start);
                assertEquals(500L * 0x20100006 & 0xFFFFFFFFL, h.cpu.register(CpuContext.RDX));
            }
            assertTrue(regions.contains((long) PAGE - onFirst), "compiled again: " + regions);
        }
    }

    /** mov eax, 11223344h; int 0x80 with one byte of the move on the first page: the interpreter keeps it, and sees what becomes of either page. */
    @Test
    void theInterpreterSeesEitherPageChange() {
        int start = PAGE - 1;
        try (CpuHarness h = new CpuHarness(32)) {
            h.code(start, "B844332211 CD80");
            assertEquals(0x11223344, movedBy(h, start));
            assertEquals(0x11223344, movedBy(h, start));
            h.code(PAGE, "45");
            assertEquals(0x11223345, movedBy(h, start));
            assertEquals(0x11223345, movedBy(h, start));
            h.code(start, "BA"); // into EDX
            assertEquals(0, movedBy(h, start));
            assertEquals(0x11223345, h.cpu.register(CpuContext.RDX));
        }
    }

    /** The same where the program itself stores into the second page between two runs of the instruction. */
    @Test
    void theInterpreterSeesTheProgramsOwnStores() {
        try (CpuHarness h = new CpuHarness(32)) {
            // mov ecx, 100; head: mov eax, 11223344h (four bytes of it on the second page); add edx, eax; inc byte [PAGE]; dec ecx; jnz head; int 0x80.
            h.code(PAGE - 6, "B964000000 B844332211 01C2 FE0500101000 49 75F0 CD80");
            h.cpu.setRegister(CpuContext.RDX, 0);
            run(h, PAGE - 6);
            int expected = 0;
            for (int i = 0; i < 100; i++) {
                expected += 0x11223300 + 0x44 + i;
            }
            assertEquals(expected, (int) h.cpu.register(CpuContext.RDX));
        }
    }

    /** The second page becomes another frame. */
    @Test
    void theInterpreterSeesAnotherMapping() {
        int start = PAGE - 1, other = 0x180000;
        try (CpuHarness h = new CpuHarness(32)) {
            h.code(start, "B844332211 CD80").code(other, "88776655 CD80");
            assertEquals(0x11223344, movedBy(h, start));
            assertEquals(0x11223344, movedBy(h, start));
            h.machine.memory().write64(h.entryAddress(PAGE), other | 7);
            h.cpu.invalidatePage(PAGE);
            assertEquals(0x55667788, movedBy(h, start));
        }
    }

    private static int movedBy(CpuHarness h, int start) {
        h.cpu.setRegister(CpuContext.RAX, 0);
        run(h, start);
        return (int) h.cpu.register(CpuContext.RAX);
    }
}
