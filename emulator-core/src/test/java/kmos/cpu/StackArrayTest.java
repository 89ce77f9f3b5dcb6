// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An array on the stack with an index of a byte, in compiled code and interpreted: in one page, and over two that are no neighbours in RAM. */
class StackArrayTest {
    /** xor edx, edx; mov ecx, 600; loop: movzx eax, cl; mov [esp+eax*4-48h], ecx; mov ebx, ecx; and ebx, 15; add edx, [esp+ebx*4-48h]; dec ecx; jnz loop; int 0x80. */
    private static final String CODE = "31D2 B958020000 0FB6C1 894C84B8 89CB 83E30F 03549CB8 FFC9 75EC CD80";
    private static final int OTHER = 0x280000;

    private static CpuHarness machine(int bits, int below) {
        CpuHarness h = new CpuHarness(bits);
        h.code(CpuHarness.CODE, CODE);
        h.machine.memory().write64(h.entryAddress(CpuHarness.STACK), OTHER | 7);
        h.cpu.setRegister(CpuContext.RSP, CpuHarness.STACK - below);
        return h;
    }

    private static void run(CpuHarness h) {
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        assertEquals(CpuExit.INT80, h.run(1_000_000));
    }

    @ParameterizedTest
    @CsvSource({"32, 0x800", "32, 0x102", "64, 0x800", "64, 0x102", "64, 0x40"})
    void compiledAsInterpreted(int bits, String below) {
        try (CpuHarness plain = machine(bits, Integer.decode(below)); CpuHarness compiled = machine(bits, Integer.decode(below))) {
            compiled.compile(new ChicoryBackend(compiled.cpu.base(), false), 20);
            for (int i = 0; i < 8; i++) {
                run(plain);
                run(compiled);
                assertEquals(plain.cpu.register(CpuContext.RDX), compiled.cpu.register(CpuContext.RDX));
                assertEquals(plain.machine.clock().cycles(), compiled.machine.clock().cycles());
            }
            for (int page : new int[] {CpuHarness.STACK - 0x1000, OTHER}) {
                for (int i = 0; i < 0x1000; i += 8) {
                    assertEquals(plain.machine.memory().read64(page + i), compiled.machine.memory().read64(page + i), Integer.toHexString(page + i));
                }
            }
            double share = compiled.cpu.jit().counters().instructions() / (double) compiled.machine.clock().cycles();
            assertTrue(share > 0.9, "in compiled code " + share);
        }
    }
}
