// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import org.junit.jupiter.api.Test;

/** A loop with two entries stays in one region, by its state machine. */
class IrreducibleLoopTest {
    private static final int OUTER = CpuHarness.CODE + 7;
    /**
     * mov ecx, 5000; xor edx, edx; outer: test cl, 1; jz middle; top: add edx, 1; middle: add edx, 16; sub ecx, 1; jz end; test cl, 2; jnz top; jmp outer;
     * end: int3.
     */
    private static final String CODE = "b988130000 31d2 f6c101 7403 83c201 83c210 83e901 7407 f6c102 75f0 ebe9 cc";

    private static void run(CpuHarness h) {
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        h.run(1_000_000);
        assertEquals(CpuHarness.CODE + 0x1F, h.cpu.instructionPointer());
    }

    @Test
    void aLoopWithTwoEntriesIsCompiledWhole() {
        try (CpuHarness plain = new CpuHarness(32); CpuHarness compiled = new CpuHarness(32)) {
            plain.code(CpuHarness.CODE, CODE);
            compiled.code(CpuHarness.CODE, CODE);
            compiled.compile(new ChicoryBackend(compiled.cpu.base(), false), 20);
            for (int i = 0; i < 3; i++) {
                run(plain);
                run(compiled);
                assertEquals(plain.cpu.register(CpuContext.RDX), compiled.cpu.register(CpuContext.RDX));
                assertEquals(plain.machine.clock().cycles(), compiled.machine.clock().cycles());
            }
            String ir = compiled.cpu.jit().describe(OUTER).ir();
            assertTrue(ir.contains("dispatch state B"), ir);
        }
    }
}
