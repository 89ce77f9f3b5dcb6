// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that go through a procedure linkage table or a register: what is called joins the region, or is found by the call site's own cell. */
class LinkedCallTest {
    private static final int THRESHOLD = 20, ROUNDS = 1000;
    /** Of the table entry, behind the address that EBX names in 32-bit programs. */
    private static final int ENTRY = CpuHarness.DATA + 12;

    /** mov ecx, 1000; loop: ...; dec ecx; jnz loop; int 0x80 */
    private static void run(CpuHarness h, long rbx) {
        h.cpu.setRegister(CpuContext.RAX, 0);
        h.cpu.setRegister(CpuContext.RBX, rbx);
        h.cpu.setRegister(CpuContext.RDX, 0);
        h.cpu.setRegister(CpuContext.RSP, CpuHarness.STACK);
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        assertEquals(CpuExit.INT80, h.run(10_000_000));
    }

    /**
     * f: inc eax; ret, behind it g: add edx, 3; ret. The third function learns where its table is (call thunk; add ebx, distance) and calls through it twice, and
     * once a function that is too large to join.
     */
    @ParameterizedTest
    @CsvSource({
        "64, B9E8030000 E806000000 FFC975F7CD80 F30F1EFA F2FF25F1FF0F00 90 FFC0C3 83C203C3, 0x1C, 0x1F, 0x5, 1",
        "32, B9E8030000 E805000000 4975F8CD80 FF630C 40C3 83C203C3, 0x12, 0x14, 0x5, 1",
        "32, B9E8030000 E809000000 4975F8CD80 8B1C24C3 53 E8F6FFFFFF 81C3E7FF0F00 E836000000 E831000000 E802000000 5BC3"
            + "9090909090909090909090909090909090909090909090909090909090909090909090909090909090 C3 FF630C 40C3 83C203C3, 0x5D, 0x5F, 0x5, 2"})
    void throughALinkageTable(int bits, String code, String f, String g, String loop, int calls) {
        int first = CpuHarness.CODE + Integer.decode(f), second = CpuHarness.CODE + Integer.decode(g);
        try (CpuHarness h = new CpuHarness(bits).code(CpuHarness.CODE, code); CpuHarness interpreted = new CpuHarness(bits).code(CpuHarness.CODE, code)) {
            h.compile(new ChicoryBackend(h.cpu.base(), false), THRESHOLD);
            for (int function : new int[] {first, second, first}) {
                for (CpuHarness x : new CpuHarness[] {h, interpreted}) {
                    x.machine.memory().write64(ENTRY, function);
                    run(x, CpuHarness.DATA);
                    assertEquals(function == first ? calls * ROUNDS : 0, x.cpu.register(CpuContext.RAX));
                    assertEquals(function == first ? 0 : 3 * calls * ROUNDS, x.cpu.register(CpuContext.RDX));
                    assertEquals(CpuHarness.STACK, x.cpu.register(CpuContext.RSP));
                }
                assertEquals(interpreted.machine.clock().cycles(), h.machine.clock().cycles());
            }
            long head = CpuHarness.CODE + Integer.decode(loop);
            assertTrue(h.cpu.jit().regionsWith(first).contains(head), h.cpu.jit().regionsWith(first).toString());
            assertTrue(!h.cpu.jit().regionsWith(second).contains(head), h.cpu.jit().regionsWith(second).toString());
        }
    }

    /** mov ecx, 1000; loop: call rbx; dec ecx; jnz loop; int 0x80; f: inc eax; ret: then f is another function, and then another one is called. */
    @Test
    void throughARegister() {
        int f = CpuHarness.CODE + 0x11, other = CpuHarness.CODE + 0x1000;
        try (CpuHarness h = new CpuHarness(64).code(CpuHarness.CODE, "B9E8030000 90909090 FFD3 FFC975FACD80 FFC0C3").code(other, "FFCA C3")) {
            h.compile(new ChicoryBackend(h.cpu.base(), false), THRESHOLD);
            run(h, f);
            assertEquals(ROUNDS, h.cpu.register(CpuContext.RAX));
            long before = h.cpu.jit().counters().instructions();
            long start = h.machine.clock().cycles();
            run(h, f);
            assertTrue(h.cpu.jit().counters().instructions() - before > (h.machine.clock().cycles() - start) * 0.99);
            h.code(f, "83C002 C3");
            h.cpu.frameWritten(f >>> 12);
            run(h, f);
            assertEquals(2 * ROUNDS, h.cpu.register(CpuContext.RAX));
            run(h, other);
            assertEquals(-ROUNDS, (int) h.cpu.register(CpuContext.RDX));
            assertEquals(0, h.cpu.register(CpuContext.RAX));
            run(h, f);
            assertEquals(2 * ROUNDS, h.cpu.register(CpuContext.RAX));
        }
    }

    /** mov ecx, 1000; loop: mov ebx, ecx; and ebx, 3; call [table+ebx*size]; dec ecx; jnz loop; int 0x80: four functions in turn, two of which have the same cell. */
    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void throughATableOfFunctions(int bits) {
        int[] functions = {CpuHarness.CODE + 0x100, CpuHarness.CODE + 0x110, CpuHarness.CODE + 0x180, CpuHarness.CODE + 0x1230};
        String call = bits == 64 ? "FF14DD00002000 FFC9 75F0" : "FF149D00002000 49 75F1";
        try (CpuHarness h = new CpuHarness(bits).code(CpuHarness.CODE, "B9E8030000 89CB 83E303" + call + "CD80")) {
            h.compile(new ChicoryBackend(h.cpu.base(), false), THRESHOLD);
            int[] steps = {1, 10, 100, 7};
            for (int i = 0; i < 4; i++) {
                h.machine.memory().write64(CpuHarness.DATA + i * bits / 8, functions[i]);
                // add eax, step; ret
                h.code(functions[i], String.format("83C0%02X C3", steps[i]));
            }
            for (int round = 0; round < 6; round++) {
                run(h, 0);
                assertEquals((steps[0] + steps[1] + steps[2] + steps[3]) * ROUNDS / 4, h.cpu.register(CpuContext.RAX));
                int changed = round % 4;
                steps[changed] += 3;
                h.code(functions[changed], String.format("83C0%02X C3", steps[changed]));
                h.cpu.frameWritten(functions[changed] >>> 12);
            }
        }
    }
}
