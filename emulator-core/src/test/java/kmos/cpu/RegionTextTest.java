// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kmos.cpu.jit.RegionText;
import org.junit.jupiter.api.Test;

/**
 * What the compiler makes of some small loops, against listings in src/test/resources. A change of the compiler changes them:
 * read the difference, then {@code mvn -pl base,isa,emulator-core test -Dtest=RegionTextTest -Dkmos.golden=write
 * -Dsurefire.failIfNoSpecifiedTests=false} writes them anew.
 */
class RegionTextTest {
    private static final Path GOLDEN = Path.of("src/test/resources/kmos/cpu/regions");

    /** An engine that never runs a module. */
    private static final class Engine extends TestEngine {
        @Override
        public int run(int slot) {
            throw new IllegalStateException("a region runs");
        }
    }

    /** mov ecx, 100; mov esi, DATA; xor eax, eax; loop: add eax, [rsi+rcx*4]; mov [rsi+rcx*4-4], eax; sub ecx, 1; jne loop; int3. */
    @Test
    void aLoopOverMemory() throws IOException {
        check("memory", 64, CpuHarness.CODE + 12, "b964000000 be00002000 31c0 03048e 89448efc 83e901 75f4 cc");
    }

    /** mov ecx, 50; loop: push ecx; call f; pop ecx; dec ecx; jne loop; int3; f: mov eax, [esp+4]; lea edx, [eax+eax*2+7]; mov [DATA], edx; ret. */
    @Test
    void aCallThatIsInlined() throws IOException {
        check("call", 32, CpuHarness.CODE + 5, "b932000000 51 e805000000 59 49 75f6 cc 8b442404 8d544007 891500002000 c3");
    }

    /**
     * mov dword ptr [DATA+0x800], 0x1fa0; ldmxcsr [DATA+0x800] (inexact already); mov esi, DATA; mov edi, DATA + 0x400; xorps xmm2, xmm2; loop: movaps xmm0, [rsi]; mulpd xmm0, xmm0; addpd xmm2, xmm0; paddd xmm3, xmm0;
     * movsd [rsi+8], xmm2; add rsi, 16; cmp rsi, rdi; jb loop; int3.
     */
    @Test
    void aLoopOfVectors() throws IOException {
        check("vectors", 64, CpuHarness.CODE + 32, "c7042500082000a01f0000 0fae142500082000 be00002000 bf00042000 0f57d2 0f2806 660f59c0 660f58d0 660ffed8 f20f115608 4883c610 4839fe 72e3 cc");
    }

    /** fninit; mov esi, 200000; mov edi, 200400; loop: fld qword [esi]; fmul st0; fadd qword [esi+8]; fstp qword [esi+8]; add esi, 8; cmp esi, edi; jb loop; int3. */
    @Test
    void aLoopOfTheX87() throws IOException {
        check("x87", 32, CpuHarness.CODE + 12, "dbe3 be00002000 bf00042000 dd06 d8c8 dc4608 dd5e08 83c608 39fe 72ef cc");
    }

    /** The loop of {@link JumpTableTest}: the jump goes by the table's index. */
    @Test
    void aJumpThroughATable() throws IOException {
        try (CpuHarness h = new CpuHarness(32)) {
            JumpTableTest.load(h);
            h.compile(new Engine(), 1_000_000);
            for (int i = 0; i < 200; i++) {
                // Seldom used targets stay outside.
                h.cpu.setInstructionPointer(CpuHarness.CODE);
                h.run(100_000);
            }
            check(h, "table", JumpTableTest.JUMP);
        }
    }

    @Test
    void nothingIsCompiledWhereNothingRan() {
        try (CpuHarness h = new CpuHarness(64)) {
            h.compile(new Engine(), 1000);
            assertNull(h.cpu.jit().describe(CpuHarness.DATA - 0x1000 + 0x100000 * 4L));
        }
    }

    @Test
    void observersSeeWhatIsInstalled() {
        try (CpuHarness h = new CpuHarness(64)) {
            h.compile(new Engine(), 20);
            h.code(CpuHarness.CODE, "b913000000 be00002000 31c0 03048e 89448efc 83e901 75f4 cc");
            List<RegionText> seen = new ArrayList<>();
            h.cpu.jit().observe(seen::add);
            // Nineteen rounds do not reach the threshold; the second run's first does, and stops before the region would run.
            h.run(2 + 1 + 4 * 19);
            assertTrue(seen.isEmpty());
            assertEquals(0, h.cpu.jit().counters().regions());
            h.cpu.setInstructionPointer(CpuHarness.CODE);
            org.junit.jupiter.api.Assertions.assertThrows(IllegalStateException.class, () -> h.run(100));
            assertEquals(1, seen.size());
            assertEquals(CpuHarness.CODE + 12, seen.get(0).pc());
            assertEquals(seen.get(0).bytes(), h.cpu.jit().codeBytes());
            assertEquals(1, h.cpu.jit().counters().regions());
            assertEquals(1, h.cpu.jit().liveRegions());
        }
    }

    private static void check(String name, int bits, long pc, String code) throws IOException {
        try (CpuHarness h = new CpuHarness(bits)) {
            h.compile(new Engine(), 1_000_000);
            h.code(CpuHarness.CODE, code);
            h.run(100_000);
            check(h, name, pc);
        }
    }

    private static void check(CpuHarness h, String name, long pc) throws IOException {
        String actual = h.cpu.jit().describe(pc).file();
        assertFalse(actual.contains("not known"), actual);
        Path file = GOLDEN.resolve(name + ".txt");
        if ("write".equals(System.getProperty("kmos.golden"))) {
            Files.writeString(file, actual);
        }
        assertEquals(Files.readString(file), actual, "the listing of " + name + " has changed; how to renew it: see RegionTextTest");
    }
}
