// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A region is made again when what it left out has become hot: code that had not run, and code beyond its bound. */
class RegionGrowthTest {
    private static final int THRESHOLD = 20, ROUNDS = 1000;

    private static void run(CpuHarness h, int rbx) {
        h.cpu.setRegister(CpuContext.RAX, 0);
        h.cpu.setRegister(CpuContext.RBX, rbx);
        h.cpu.setRegister(CpuContext.RDX, 0);
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        assertEquals(CpuExit.INT80, h.run(10_000_000));
    }

    @Test
    void aBranchThatIsTakenOnlyLater() {
        // mov ecx, 1000; loop: test ebx, ebx; jnz other; inc eax; back: dec ecx; jnz loop; int 0x80; other: add edx, 3; jmp back.
        long loop = CpuHarness.CODE + 5, other = CpuHarness.CODE + 15;
        try (CpuHarness h = new CpuHarness(32).code(CpuHarness.CODE, "B9E8030000 85DB 7506 40 49 75F8 CD80 83C203 EBF6")) {
            h.compile(new ChicoryBackend(h.cpu.base(), false), THRESHOLD);
            run(h, 0);
            assertEquals(List.of(loop), h.cpu.jit().regionsWith(loop));
            assertEquals(List.of(), h.cpu.jit().regionsWith(other));
            run(h, 1);
            assertEquals(3 * ROUNDS, h.cpu.register(CpuContext.RDX));
            assertTrue(h.cpu.jit().regionsWith(other).contains(loop), h.cpu.jit().regionsWith(other).toString());
            long before = h.cpu.jit().counters().instructions();
            long start = h.machine.clock().cycles();
            run(h, 1);
            assertTrue(h.cpu.jit().counters().instructions() - before > (h.machine.clock().cycles() - start) * 0.99);
        }
    }

    /** mov ecx, 1000; loop: so many times inc eax, with a jump to the next or without; dec ecx; jnz loop; int 0x80. */
    @ParameterizedTest
    @CsvSource({"40 EB00, 150", "40, 300"})
    void aLoopThatIsLongerThanTheBound(String step, int steps) {
        int bytes = step.replace(" ", "").length() / 2;
        StringBuilder code = new StringBuilder("B9E8030000");
        for (int i = 0; i < steps; i++) {
            code.append(step);
        }
        code.append("49 0F85");
        int back = -(steps * bytes + 7);
        for (int i = 0; i < 4; i++) {
            code.append(String.format("%02X", back >> i * 8 & 0xFF));
        }
        long loop = CpuHarness.CODE + 5, last = loop + (steps - 1) * bytes;
        try (CpuHarness h = new CpuHarness(32).code(CpuHarness.CODE, code + "CD80")) {
            h.compile(new ChicoryBackend(h.cpu.base(), false), THRESHOLD);
            run(h, 0);
            assertEquals(steps * ROUNDS, h.cpu.register(CpuContext.RAX));
            assertTrue(h.cpu.jit().regionsWith(last).contains(loop), h.cpu.jit().regionsWith(last).toString());
        }
    }
}
