// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Breakpoint registers, the resume flag, single steps and alignment checks (SDM vol. 3B §17.2, §17.3). */
class DebugRegistersTest {
    private static final int ENABLE_0 = 1, EXECUTE = 0, WRITE = 1 << 16, READ_WRITE = 3 << 16, TWO = 1 << 18, FOUR = 3 << 18, EIGHT = 2 << 18;

    private static void assertTrap(CpuHarness h, int status, int offset) {
        assertEquals(CpuExit.FAULT, h.run(100));
        assertEquals(CpuFault.DB, h.cpu.exitVector());
        assertEquals(status, h.cpu.exitDebugStatus());
        assertEquals(CpuHarness.CODE + offset, h.cpu.instructionPointer());
    }

    @Test
    void anInstructionBreakpointFaultsBeforeItAndTheResumeFlagLetsItRun() {
        try (CpuHarness h = new CpuHarness(32)) {
            // inc eax; inc eax; inc eax; int 0x80
            h.code(CpuHarness.CODE, "40 40 40 CD80");
            h.cpu.setDebugRegister(0, CpuHarness.CODE + 1);
            h.cpu.setDebugRegister(7, ENABLE_0 | EXECUTE);
            assertTrap(h, 1, 1);
            assertEquals(1, h.cpu.register(CpuContext.RAX));
            assertTrap(h, 1, 1);
            h.cpu.setFlags(h.cpu.flags() | 0x10000);
            assertEquals(CpuExit.INT80, h.run(100));
            assertEquals(3, h.cpu.register(CpuContext.RAX));
            assertEquals(0, h.cpu.flags() & 0x10000);
        }
    }

    @Test
    void aBreakpointInALoopHitsEveryTime() {
        try (CpuHarness h = new CpuHarness(64)) {
            // mov ecx, 3; L: dec ecx; jnz L; int 0x80
            h.code(CpuHarness.CODE, "B903000000 FFC9 75FC CD80");
            h.cpu.setDebugRegister(3, CpuHarness.CODE + 5);
            h.cpu.setDebugRegister(7, 1 << 6);
            for (int i = 3; i >= 1; i--) {
                assertTrap(h, 8, 5);
                assertEquals(i, h.cpu.register(CpuContext.RCX));
                h.cpu.setFlags(h.cpu.flags() | 0x10000);
            }
            assertEquals(CpuExit.INT80, h.run(100));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a store,                                     A300002000, 200000, 458753, 5",
        "a load does not trap a write breakpoint,     A100002000, 200000, 65537, -1",
        "a load traps a read-write breakpoint,        A100002000, 200000, 196609, 5",
        "the access's last byte,                      A3FDFF1F00, 200000, 65537, 5",
        "one byte before,                             A3FCFF1F00, 200000, 65537, -1",
        "one byte behind,                             A302002000, 200000, 327681, -1",
        "the address is rounded to the length,        A202002000, 200003, 851969, 5",
        "a read-modify-write,                         FF0500002000, 200000, 851969, 6",
        "push,                                        50, 2FFFFC, 851969, 1",
        "SSE store,                                   0F110500002000, 200008, 851969, 7",
        "SSE load,                                    0F100500002000, 20000C, 983041, 7",
        "x87 store of 10 bytes,                       DB3D00002000, 200009, 65537, 6",
        "bit test in memory far away,                 0FA30D00002000, 200000, 983041, 7",
        "across a page,                               A3FE0F2000, 201001, 65537, 5",
        "lea,                                         8D0500002000, 200000, 983041, -1",
        "a prefetch,                                  0F180D00002000, 200000, 983041, -1"})
    void aDataBreakpointTrapsBehindTheAccess(String claim, String code, String address, int control, int end) {
        try (CpuHarness h = new CpuHarness(32)) {
            h.code(CpuHarness.CODE, code + "90 CD80");
            h.cpu.setDebugRegister(0, Long.parseLong(address, 16));
            h.cpu.setDebugRegister(7, control);
            if (end < 0) {
                assertEquals(CpuExit.INT80, h.run(100));
            } else {
                assertTrap(h, 1, end);
                assertEquals(CpuExit.INT80, h.run(100));
            }
        }
    }

    @Test
    void aWatchedRepeatStopsAtTheIterationThatTouches() {
        try (CpuHarness h = new CpuHarness(32)) {
            // mov edi, 200000; mov ecx, 10; rep stosd; int 0x80
            h.code(CpuHarness.CODE, "BF00002000 B90A000000 F3AB CD80");
            h.cpu.setDebugRegister(1, CpuHarness.DATA + 12);
            h.cpu.setDebugRegister(7, 1 << 2 | (WRITE | FOUR) << 4);
            assertTrap(h, 2, 10);
            assertEquals(6, h.cpu.register(CpuContext.RCX));
            assertEquals(CpuExit.INT80, h.run(100));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a step that jumps there,         E9FBFF0400, 256, 0, 16384",
        "a step that calls there,         E8FBFF0400, 256, 0, 16384",
        "a step that returns there,       C3,         256, 0, 16384",
        "a watched push of a call there,  E8FBFF0400, 0,   851969, 1"})
    void theTrapComesBeforeTheNextInstructionCannotBeFetched(String claim, String code, long trapFlag, int control, int status) {
        try (CpuHarness h = new CpuHarness(32)) {
            int next = CpuHarness.CODE + 0x50000;
            h.code(CpuHarness.CODE, code);
            h.machine.memory().write64(h.entryAddress(next), 0);
            h.machine.memory().write32(CpuHarness.STACK, next);
            h.cpu.setFlags(h.cpu.flags() | trapFlag);
            h.cpu.setDebugRegister(0, CpuHarness.STACK - 4);
            h.cpu.setDebugRegister(7, control);
            assertTrap(h, status, 0x50000);
            assertEquals(0, h.cpu.flags() & 0x10000);
            assertEquals(CpuExit.FAULT, h.run(100));
            assertEquals(CpuFault.PF, h.cpu.exitVector());
            assertEquals(next, h.cpu.exitAddress());
        }
    }

    @Test
    void aFaultingAccessDoesNotTrap() {
        try (CpuHarness h = new CpuHarness(32)) {
            h.code(CpuHarness.CODE, "A300003000 CD80");
            h.machine.memory().write64(h.entryAddress(0x300000), 0);
            h.cpu.setDebugRegister(0, 0x300000);
            h.cpu.setDebugRegister(7, ENABLE_0 | READ_WRITE | FOUR);
            assertEquals(CpuExit.FAULT, h.run(100));
            assertEquals(CpuFault.PF, h.cpu.exitVector());
            assertEquals(0x10000, h.cpu.flags() & 0x10000);
            h.machine.memory().write64(h.entryAddress(0x300000), 0x300007);
            assertTrap(h, 1, 5);
        }
    }

    @Test
    void aStepAndABreakpointAreReportedTogether() {
        try (CpuHarness h = new CpuHarness(64)) {
            // mov [rbx], rax; nop
            h.code(CpuHarness.CODE, "488903 90");
            h.cpu.setRegister(CpuContext.RBX, CpuHarness.DATA);
            h.cpu.setDebugRegister(2, CpuHarness.DATA);
            h.cpu.setDebugRegister(7, 1 << 4 | (WRITE | EIGHT) << 8);
            h.cpu.setFlags(h.cpu.flags() | 0x100);
            assertTrap(h, 1 << 14 | 4, 3);
            assertTrap(h, 1 << 14, 4);
        }
    }

    @Test
    void breakpointsBelongToTheContextAndAFreshOneHasNone() {
        try (CpuHarness h = new CpuHarness(32)) {
            h.cpu.setDebugRegister(0, 0x1234);
            h.cpu.setDebugRegister(7, ENABLE_0 | WRITE | TWO);
            h.cpu.save(0x500000);
            h.cpu.resetUser(32, 0x23, 0x2B);
            assertEquals(0x400, h.cpu.debugRegister(7));
            assertEquals(0, h.cpu.debugRegister(0));
            h.cpu.load(0x500000);
            assertEquals(ENABLE_0 | WRITE | TWO | 0x400, h.cpu.debugRegister(7));
            assertEquals(0x1234, h.cpu.debugRegister(0));
        }
    }

    @Test
    void watchedAndUnwatchedRunsEndInTheSameState() {
        long plain = 0;
        for (int mode = 0; mode < 3; mode++) {
            try (CpuHarness h = new CpuHarness(32)) {
                // mov esi, 200000; mov edi, 201004; mov ecx, 40; cld; rep movsd; push eax; pop ebx; add [esi], ecx; int 0x80
                h.code(CpuHarness.CODE, "BE00002000 BF04102000 B928000000 FC F3A5 50 5B 010E CD80");
                h.cpu.setDebugRegister(0, 0x500000);
                h.cpu.setDebugRegister(7, mode == 1 ? ENABLE_0 | READ_WRITE | FOUR : 0);
                h.cpu.setFlags(h.cpu.flags() | (mode == 2 ? 0x40000 : 0));
                assertEquals(CpuExit.INT80, h.run(1000));
                long state = h.cpu.register(CpuContext.RSI) * 31 + h.cpu.register(CpuContext.RDI) + h.machine.clock().cycles() * 97;
                plain = mode == 0 ? state : plain;
                assertEquals(plain, state);
            }
        }
    }
}
