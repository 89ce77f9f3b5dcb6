// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SelfModifyingCodeTest {
    /** Every slice length gives the same: 1 instruction at a time as well as all at once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void addToOwnCodePage_goesOn(int slice) {
        try (CpuHarness h = new CpuHarness(32)) {
            // mov ecx, 5; mov eax, 2; L: add [100800], eax; dec ecx; jnz L; int 0x80
            h.code(CpuHarness.CODE, "B905000000 B802000000 010500081000 49 75F7 CD80");
            int exit = CpuExit.SLICE_END;
            for (int i = 0; i < 200 && exit == CpuExit.SLICE_END; i++) {
                exit = h.run(slice);
            }
            assertEquals(CpuExit.INT80, exit);
            assertEquals(10, h.machine.memory().read32(0x100800));
            assertEquals(2 + 5 * 3 + 1, h.cpu.instructionCount());
        }
    }

    @Test
    void storeIntoTheNextInstruction_isSeen() {
        try (CpuHarness h = new CpuHarness(32)) {
            // mov byte [L+1], 7; L: mov al, 1; int 0x80
            h.code(CpuHarness.CODE, "C6050800100007 B001 CD80");
            assertEquals(CpuExit.INT80, h.run(100));
            assertEquals(7, h.cpu.register(CpuContext.RAX));
        }
    }

    @Test
    void writeByTheKernel_isSeen() {
        try (CpuHarness h = new CpuHarness(64)) {
            h.code(CpuHarness.CODE, "B001 CD80");
            assertEquals(CpuExit.INT80, h.run(100));
            h.code(CpuHarness.CODE, "B002 CD80");
            h.cpu.setInstructionPointer(CpuHarness.CODE);
            assertEquals(CpuExit.INT80, h.run(100));
            assertEquals(2, h.cpu.register(CpuContext.RAX));
        }
    }

    @Test
    void instructionOnTwoPages_changedOnTheSecond_isSeen() {
        try (CpuHarness h = new CpuHarness(32)) {
            // mov eax, imm32 from 100FFE on; int 0x80
            h.code(0x100FFE, "B801000000 CD80");
            for (int i = 1; i <= 3; i++) {
                h.machine.memory().write8(0x101000, i);
                h.cpu.setInstructionPointer(0x100FFE);
                assertEquals(CpuExit.INT80, h.run(100));
                assertEquals(1 | i << 8, h.cpu.register(CpuContext.RAX));
            }
        }
    }
}
