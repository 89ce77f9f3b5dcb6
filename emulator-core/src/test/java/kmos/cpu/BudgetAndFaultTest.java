// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.base.Hash64;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Exact budgets and precise faults: where a slice ends cannot be seen, and a fault leaves the instruction's start. */
class BudgetAndFaultTest {
    /** A loop with arithmetic, memory, a call, REP MOVS and a conditional; then INT 0x80. */
    private static final String PROGRAM =
        // mov ebx, 200000; mov ecx, 50; L: push ecx; lea esi, [ebx]; lea edi, [ebx+0x805]; mov ecx, 19; rep movsb; pop ecx
        "BB00002000 B932000000 51 8D33 8DBB05080000 B913000000 F3A4 59"
        // add [ebx], ecx; adc eax, [ebx]; ror eax, 3; cmp eax, ecx; jb +1; inc edx; call F; dec ecx; jnz L; int 0x80; F: xor edx, eax; ret
        + "010B 1303 C1C803 39C8 7201 42 E805000000 49 75DB CD80 31C2 C3";

    private static long finalState(int bits, int slice) {
        try (CpuHarness h = new CpuHarness(bits)) {
            h.code(CpuHarness.CODE, PROGRAM);
            int exit = CpuExit.SLICE_END;
            for (int i = 0; i < 200_000 && exit == CpuExit.SLICE_END; i++) {
                exit = h.run(slice);
            }
            assertEquals(CpuExit.INT80, exit);
            byte[] data = new byte[0x2000];
            h.machine.memory().read(CpuHarness.DATA, data, 0, data.length);
            long hash = Hash64.of(data);
            for (int r = 0; r < 8; r++) {
                hash = Hash64.mix(hash, h.cpu.register(r));
            }
            return Hash64.mix(Hash64.mix(hash, h.cpu.flags()), h.machine.clock().cycles());
        }
    }

    @ParameterizedTest(name = "slices of {0}")
    @CsvSource({"1", "2", "3", "7", "19", "64", "1009"})
    void everySliceLengthEndsInTheSameState(int slice) {
        assertEquals(finalState(32, 1_000_000), finalState(32, slice));
    }

    @Test
    void aSliceRunsExactlyItsInstructions() {
        try (CpuHarness h = new CpuHarness(32)) {
            h.code(CpuHarness.CODE, PROGRAM);
            for (int i = 1; i <= 500; i++) {
                assertEquals(CpuExit.SLICE_END, h.run(1));
                assertEquals(i, h.cpu.instructionCount());
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "page fault in the middle of a block,  32, 31C0 40 40 8B0D00003000 40 CD80, 14, 100004, 3, 2",
        "divide error in the middle,           32, 31C0 40 31C9 F7F1 40 CD80,       0,  100005, 3, 1",
        "undefined opcode,                     32, 40 0F0B 40 CD80,                 6,  100001, 1, 1",
        "privileged instruction,               64, FFC0 F4 FFC0 CD80,               13, 100002, 1, 1",
        "syscall is undefined in 32-bit mode,  32, 40 0F05,                         6,  100001, 1, 1"})
    void aFaultLeavesTheInstructionsStart(String claim, int bits, String code, int vector, String ip, long count, long eax) {
        try (CpuHarness h = new CpuHarness(bits)) {
            h.machine.memory().write64(h.entryAddress(0x300000), 0);
            h.code(CpuHarness.CODE, code);
            assertEquals(CpuExit.FAULT, h.run(1000));
            assertEquals(vector, h.cpu.exitVector());
            assertEquals(Long.parseLong(ip, 16), h.cpu.instructionPointer());
            assertEquals(count, h.cpu.instructionCount());
            assertEquals(eax, h.cpu.register(CpuContext.RAX));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "register with a stack,    FFD0,           2FFFF8, 13",
        "memory with a stack,      FF142500002000, 2FFFF8, 13",
        "register without a stack, FFD0,           3FFFF8, 14",
        "memory without a stack,   FF142500002000, 3FFFF8, 14"})
    void aCallOfABadAddressLooksAtTheStackFirst(String claim, String code, String slot, int vector) {
        try (CpuHarness h = new CpuHarness(64)) {
            int stack = Integer.parseInt(slot, 16);
            h.machine.memory().write64(h.entryAddress(0x3FF000), 0);
            h.machine.memory().write64(CpuHarness.DATA, 1L << 63);
            h.machine.memory().write64(stack, 77);
            h.cpu.setRegister(CpuContext.RAX, 1L << 63);
            h.cpu.setRegister(CpuContext.RSP, stack + 8);
            h.code(CpuHarness.CODE, code);
            assertEquals(CpuExit.FAULT, h.run(100));
            assertEquals(vector, h.cpu.exitVector());
            assertEquals(CpuHarness.CODE, h.cpu.instructionPointer());
            assertEquals(stack + 8, h.cpu.register(CpuContext.RSP));
            assertEquals(77, h.machine.memory().read64(stack));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "lea at the block's start,           488D05FFFFFF7F,       0, 80100006",
        "lea behind other instructions,      90 90 488D05F8FFFF7F, 2, 80100001",
        "lea just below 2 GiB of the block,  90 488D05F7FFFF7F,    1, 800FFFFF",
        "lea farthest back,                  90 488D0500000080,    1, ffffffff80100008",
        "load,                               90 8B05FFFFFF7F,      1, 80100006",
        "store,                              90 8905FFFFFF7F,      1, 80100006",
        "load with an immediate,             90 813DFFFFFF7F11223344, 1, 8010000a",
        "vector load,                        90 0F1005FFFFFF7F,    1, 80100007",
        "x87 load,                           90 D905FFFFFF7F,      1, 80100006"})
    void ripRelativeAddressesReachAllOf2GiB(String claim, String code, int before, String address) {
        try (CpuHarness h = new CpuHarness(64)) {
            h.code(CpuHarness.CODE, code + "0F0B");
            assertEquals(CpuExit.FAULT, h.run(1000));
            boolean isLea = claim.startsWith("lea");
            assertEquals(isLea ? 6 : 14, h.cpu.exitVector());
            assertEquals(Long.parseUnsignedLong(address, 16), isLea ? h.cpu.register(CpuContext.RAX) : h.cpu.exitAddress());
            assertEquals(before + (isLea ? 1 : 0), h.cpu.instructionCount());
        }
    }

    @Test
    void theMmuSetsAccessedAndDirtyBits() {
        try (CpuHarness h = new CpuHarness(32)) {
            // mov eax, [200000]; mov [201000], eax; int 0x80
            h.code(CpuHarness.CODE, "A100002000 A300102000 CD80");
            assertEquals(CpuExit.INT80, h.run(100));
            assertEquals(0x20, h.machine.memory().read64(h.entryAddress(0x200000)) & 0x60);
            assertEquals(0x60, h.machine.memory().read64(h.entryAddress(0x201000)) & 0x60);
        }
    }

    @Test
    void noExecutePagesFaultWithTheInstructionFetchBit() {
        try (CpuHarness h = new CpuHarness(64)) {
            h.machine.memory().write64(h.entryAddress(CpuHarness.CODE), CpuHarness.CODE | 7 | Long.MIN_VALUE);
            h.code(CpuHarness.CODE, "90");
            assertEquals(CpuExit.FAULT, h.run(10));
            assertEquals(CpuFault.PF, h.cpu.exitVector());
            assertEquals(0x15, h.cpu.exitErrorCode());
        }
    }

    @Test
    void singleStepTrapsBehindEachInstruction() {
        try (CpuHarness h = new CpuHarness(32)) {
            h.code(CpuHarness.CODE, "40 40 40");
            h.cpu.setFlags(h.cpu.flags() | 0x100);
            for (int i = 1; i <= 3; i++) {
                assertEquals(CpuExit.FAULT, h.run(100));
                assertEquals(CpuFault.DB, h.cpu.exitVector());
                assertEquals(CpuHarness.CODE + i, h.cpu.instructionPointer());
            }
        }
    }
}
