// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A probe says when its instruction was last about to run, wherever in a block it stands, and nothing else comes out differently. */
class CodeProbeTest {
    /** xor edx, edx; mov ecx, 300; outer: mov eax, 3; inner: add edx, eax; dec eax; jnz inner; add edx, 100000h; dec ecx; jnz outer; int 0x80. */
    private static final String CODE = "31D2 B92C010000 B803000000 01C2 FFC8 75FA 81C200001000 FFC9 75EB CD80";
    private static final int LENGTH = 30, END = 300 * 13 + 3;

    private static CpuHarness harness(int bits, int start, boolean isCompiled) {
        CpuHarness h = new CpuHarness(bits);
        if (isCompiled) {
            h.compile(new ChicoryBackend(h.cpu.base(), false), 20);
        }
        h.code(start, CODE);
        return h;
    }

    private static void begin(CpuHarness h, int start) {
        h.cpu.setInstructionPointer(start);
        h.cpu.setRegister(CpuContext.RDX, 0);
    }

    /** By single steps, after so many: when the instruction at address was last about to run. */
    private static long stepped(int bits, int start, long address, long cycles) {
        long last = -1;
        try (CpuHarness h = harness(bits, start, false)) {
            begin(h, start);
            for (long at = 0; at < cycles; at++) {
                last = h.cpu.instructionPointer() == address ? at : last;
                h.run(1);
            }
        }
        return last;
    }

    /** Every byte of the program is probed, most of them within an instruction; pageEnd: how many bytes are on the first page. */
    @ParameterizedTest
    @CsvSource({"64, false, 40", "64, true, 40", "64, true, 15", "64, false, 21", "32, false, 40", "32, true, 40", "32, true, 21"})
    void itIsFoundWhereverItStands(int bits, boolean isCompiled, int pageEnd) {
        int start = 0x101000 - pageEnd;
        Random random = new Random(bits + pageEnd);
        try (CpuHarness h = harness(bits, start, isCompiled)) {
            for (int offset = 0; offset < LENGTH; offset++) {
                long until = 1 + random.nextInt(END - 1);
                long wanted = stepped(bits, start, start + offset, until);
                for (int i = 0; i < 3; i++) { // as it comes, and when there are blocks or regions without a probe
                    begin(h, start);
                    h.cpu.probe(start + offset, h.cpu.cr3());
                    long from = h.machine.clock().cycles();
                    while (h.machine.clock().cycles() - from < until) {
                        h.run(Math.min(from + until - h.machine.clock().cycles(), 1 + random.nextInt(100 << random.nextInt(6))));
                    }
                    assertEquals(wanted, h.cpu.probeHit() < 0 ? -1 : h.cpu.probeHit() - from, "offset " + offset + " until " + until);
                    assertEquals(until, h.machine.clock().cycles() - from);
                    h.cpu.endProbe();
                    assertEquals(CpuExit.INT80, h.run(END));
                    assertEquals(END, h.machine.clock().cycles() - from, "the rest took what it takes");
                    assertEquals(300 * 0x100006, h.cpu.register(CpuContext.RDX));
                }
            }
            if (isCompiled) {
                long before = h.cpu.jit().counters().instructions();
                begin(h, start);
                h.run(END);
                assertTrue(h.cpu.jit().counters().instructions() - before > END * 0.9, "behind the last probe it is compiled again");
            }
        }
    }

    /** Only code of the probed page is left to the interpreter. */
    @ParameterizedTest
    @CsvSource({"64", "32"})
    void codeOnOtherPagesRunsCompiled(int bits) {
        try (CpuHarness h = harness(bits, CpuHarness.CODE, true)) {
            for (int i = 0; i < 3; i++) {
                begin(h, CpuHarness.CODE);
                h.run(END);
            }
            for (int page = 1; page < 3; page++) {
                h.cpu.probe(CpuHarness.CODE + page * 4096L, h.cpu.cr3());
                long before = h.cpu.jit().counters().instructions();
                begin(h, CpuHarness.CODE);
                h.run(END);
                assertTrue(h.cpu.jit().counters().instructions() - before > END * 0.9, "compiled " + (h.cpu.jit().counters().instructions() - before));
                h.cpu.endProbe();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "1, -1"})
    void itIsOfOneAddressSpace(long otherCr3, long wanted) {
        try (CpuHarness h = harness(64, CpuHarness.CODE, false)) {
            begin(h, CpuHarness.CODE);
            h.cpu.probe(CpuHarness.CODE + 12, h.cpu.cr3() + otherCr3 * 4096);
            h.run(5);
            assertEquals(wanted, h.cpu.probeHit());
            assertEquals(5, h.machine.clock().cycles());
        }
    }
}
