// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.base.Memory;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random bytes executed: any exit is fine, a Java exception or a hang is not. The seed is part of the test's name. */
class GarbageCodeTest {
    @ParameterizedTest(name = "{0}-bit code, seed {1}")
    @CsvSource({"16, 20260100", "32, 20260101", "64, 20260102"})
    void aMillionRandomBlobsNeverThrow(int bits, long seed) {
        execute(bits, seed, 400_000, false);
    }

    @ParameterizedTest(name = "{0}-bit code, seed {1}")
    @CsvSource({"32, 20260103", "64, 20260104"})
    void randomBlobsNeverThrowInCompiledCode(int bits, long seed) {
        execute(bits, seed, 2_000, true);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}-bit code, seed {1}")
    @CsvSource({"16, 0", "32, 1", "32, 2", "64, 3", "64, 4"})
    void moreSeedsNeverThrow(int bits, long seed) {
        execute(bits, seed, 1_000_000, false);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}-bit code, seed {1}")
    @CsvSource({"32, 5", "64, 6"})
    void moreSeedsNeverThrowInCompiledCode(int bits, long seed) {
        execute(bits, seed, 100_000, true);
    }

    /** Segments of 16 bits, 64 KiB from 0 for data and at the code's page for code; or flat ones. */
    private static void enter(CpuHarness h, int bits) {
        h.cpu.resetUser(bits == 64 ? 64 : 32, bits == 64 ? 0x33 : 0x23, 0x2B);
        if (bits == 16) {
            int gdt = 0x6FF000;
            h.machine.memory().write64(gdt + 8, 0x0000FB000000FFFFL | (long) CpuHarness.CODE << 16);
            h.machine.memory().write64(gdt + 16, 0x0000F3000000FFFFL | (long) CpuHarness.DATA << 16);
            h.cpu.setGdt(gdt, 23);
            h.cpu.loadSegment(CpuContext.CS, 0x0B);
            h.cpu.loadSegment(CpuContext.SS, 0x13);
            h.cpu.loadSegment(CpuContext.DS, 0x13);
            h.cpu.loadSegment(CpuContext.ES, 0x13);
        }
    }

    private static void execute(int bits, long seed, int count, boolean isCompiled) {
        try (CpuHarness h = new CpuHarness(bits, CpuModel.max())) {
            if (isCompiled) {
                h.compile();
            }
            enter(h, bits);
            int mode = Memory.get32(h.cpu.base() + CpuState.MODE);
            long random = seed;
            for (int i = 0; i < count; i++) {
                int at = CpuHarness.CODE + 0xF00;
                for (int k = 0; k < 16; k += 8) {
                    random = random * 6364136223846793005L + 1442695040888963407L;
                    h.machine.memory().write64(at + k, random ^ random >>> 29);
                }
                if ((i & 1) != 0) {
                    // Every second blob is VEX: C4 with one of its three maps, or C5.
                    int map = (int) (random >>> 40) & 3;
                    h.machine.memory().write8(at, map == 0 ? 0xC5 : 0xC4);
                    if (map != 0) {
                        h.machine.memory().write8(at + 1, 0xE0 | map);
                    }
                }
                for (int r = 0; r < 8; r++) {
                    random = random * 6364136223846793005L + 1442695040888963407L;
                    Memory.put64(h.cpu.base() + r * 8, r == 4 ? CpuHarness.STACK : (random >>> 44) + CpuHarness.DATA);
                }
                h.cpu.setFlags(0x202);
                h.cpu.setInstructionPointer(bits == 16 ? at - CpuHarness.CODE : at);
                int exit = h.run(20);
                assertTrue(exit >= CpuExit.SLICE_END && exit <= CpuExit.FAULT);
                if (Memory.get32(h.cpu.base() + CpuState.MODE) != mode || (i & 1023) == 0) {
                    enter(h, bits);
                }
            }
            assertTrue(!isCompiled || h.cpu.jit().regionCount() > count / 4, "regions: " + (isCompiled ? h.cpu.jit().regionCount() : 0));
        }
    }
}
