// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.base.Memory;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A compiled loop over four pages that are neighbours in RAM, so that one range translates them all, and what ends that. */
class RangeTlbTest {
    /** mov ecx, 4095; xor edx, edx; loop: mov [esi+ecx*4], ecx; add edx, [esi+ecx*4]; dec ecx; jnz loop; int 0x80. */
    private static final String CODE = "B9FF0F0000 31D2 890C8E 03148E FFC9 75F6 CD80";
    private static final int SUM = 4095 * 4096 / 2, PAGES = 4, SECOND = CpuHarness.DATA + 0x1000, OTHER = 0x400000;

    private static CpuHarness machine(int bits) {
        CpuHarness h = new CpuHarness(bits);
        h.compile(new ChicoryBackend(h.cpu.base(), false), 20);
        h.code(CpuHarness.CODE, CODE);
        for (int i = 0; i < 8; i++) {
            assertEquals(CpuExit.INT80, run(h));
        }
        check(h, CpuHarness.DATA);
        assertTrue(ranges(h) > 0, "no range is in use");
        return h;
    }

    private static int run(CpuHarness h) {
        h.cpu.setRegister(CpuContext.RSI, CpuHarness.DATA);
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        return h.run(1_000_000);
    }

    private static int ranges(CpuHarness h) {
        return Memory.get32(h.cpu.base() + CpuState.RANGES_USED);
    }

    /** The numbers that the loop wrote, its second page being somewhere, and their sum. */
    private static void check(CpuHarness h, int second) {
        assertEquals(SUM, (int) h.cpu.register(CpuContext.RDX));
        for (int i = 1; i < PAGES * 1024; i++) {
            int page = i >> 10 == 1 && second != CpuHarness.DATA ? second : CpuHarness.DATA + (i >> 10) * 0x1000;
            assertEquals(i, h.machine.memory().read32(page + (i & 1023) * 4), "number " + i);
        }
    }

    private static void map(CpuHarness h, int linear, long entry) {
        h.machine.memory().write64(h.entryAddress(linear), entry);
        h.cpu.invalidatePage(linear);
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void mostAccessesAskNoTlb(int bits) {
        try (CpuHarness h = machine(bits)) {
            Memory.fill(Memory.get32(h.cpu.base() + CpuState.TLB), CpuState.TLB_SIZE, 0);
            long before = Memory.get64(h.cpu.base() + CpuState.TLB_MISSES);
            assertEquals(CpuExit.INT80, run(h));
            check(h, CpuHarness.DATA);
            // The last 15 bytes of a range are the TLB's.
            assertEquals(1, Memory.get64(h.cpu.base() + CpuState.TLB_MISSES) - before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void aPageInAnotherFrame(int bits) {
        try (CpuHarness h = machine(bits)) {
            map(h, SECOND, OTHER | 7);
            for (int i = 0; i < 8; i++) {
                h.machine.memory().fill(OTHER, 0x1000, 0);
                assertEquals(CpuExit.INT80, run(h));
                check(h, OTHER);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void aPageThatMayNotBeWrittenAnyMore(int bits) {
        try (CpuHarness h = machine(bits)) {
            map(h, SECOND, SECOND | 0x65);
            assertEquals(CpuExit.FAULT, run(h));
            assertEquals(CpuFault.PF, h.cpu.exitVector());
            assertEquals(2047, (int) h.cpu.register(CpuContext.RCX));
            assertEquals(SECOND + 4092L, Memory.get64(h.cpu.base() + CpuState.CR2));
        }
    }

    @Test
    void codeOfTheOtherSizeInTheSameAddressSpace() {
        // 4 GiB above the data lie other frames.
        long above = 0x100000000L;
        try (CpuHarness h = machine(64)) {
            int directory = 0x710000, table = 0x711000, pointers = (int) (h.machine.memory().read64((int) h.cpu.cr3()) & ~0xFFFL);
            h.machine.memory().write64(pointers + 4 * 8, directory | 7);
            h.machine.memory().write64(directory + (CpuHarness.DATA >>> 21) * 8, table | 7);
            for (int page = 0; page < PAGES; page++) {
                h.machine.memory().write64(table + page * 8, OTHER + page * 0x1000 | 7);
            }
            for (int i = 0; i < 8; i++) {
                h.cpu.setRegister(CpuContext.RSI, above + CpuHarness.DATA);
                h.cpu.setInstructionPointer(CpuHarness.CODE);
                assertEquals(CpuExit.INT80, h.run(1_000_000));
            }
            assertEquals(4095, h.machine.memory().read32(OTHER + 4095 * 4));
            for (int i = 0; i < 8; i++) {
                h.machine.memory().fill(CpuHarness.DATA, PAGES * 0x1000, 0);
                h.machine.memory().fill(OTHER, PAGES * 0x1000, 0);
                h.cpu.resetUser(32, 0x23, 0x2B);
                assertEquals(CpuExit.INT80, run(h));
                check(h, CpuHarness.DATA);
                assertEquals(0, h.machine.memory().read32(OTHER + 4095 * 4));
                h.cpu.resetUser(64, 0x33, 0x2B);
                h.cpu.setRegister(CpuContext.RSI, above + CpuHarness.DATA);
                h.cpu.setInstructionPointer(CpuHarness.CODE);
                assertEquals(CpuExit.INT80, h.run(1_000_000));
                assertEquals(4095, h.machine.memory().read32(OTHER + 4095 * 4));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void anotherAddressSpace(int bits) {
        try (CpuHarness h = machine(bits)) {
            long cr3 = h.cpu.cr3();
            int copy = 0x710000;
            h.machine.memory().copy((int) cr3, copy, 0x1000);
            h.cpu.setPageTable(copy, bits == 64 ? CpuContext.PAGING_4LEVEL : CpuContext.PAGING_PAE);
            assertEquals(0, ranges(h));
            assertEquals(CpuExit.INT80, run(h));
            check(h, CpuHarness.DATA);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void writesAreNoticedInEachPeriod(int bits) {
        try (CpuHarness h = machine(bits)) {
            for (int i = 0; i < 4; i++) {
                int period = h.machine.memory().endPeriod();
                assertEquals(CpuExit.INT80, run(h));
                h.machine.memory().endPeriod();
                for (int page = 0; page < PAGES; page++) {
                    assertTrue(h.machine.memory().lastWritten((CpuHarness.DATA >>> 12) + page) >= period, "page " + page);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void pagesThatNobodyTouchedStayOutside(int bits) {
        try (CpuHarness h = machine(bits)) {
            for (int page : new int[] {CpuHarness.DATA - 0x1000, CpuHarness.DATA + PAGES * 0x1000}) {
                assertEquals(page | 7, h.machine.memory().read64(h.entryAddress(page)));
            }
            // mov eax, [esi]; int 0x80: read only, so no page becomes dirty.
            h.code(CpuHarness.CODE + 0x1000, "8B06 CD80");
            for (int i = 0; i < 100; i++) {
                h.cpu.setRegister(CpuContext.RSI, CpuHarness.DATA + PAGES * 0x1000);
                h.cpu.setInstructionPointer(CpuHarness.CODE + 0x1000);
                assertEquals(CpuExit.INT80, h.run(100));
            }
            assertEquals(CpuHarness.DATA + PAGES * 0x1000 | 0x27, h.machine.memory().read64(h.entryAddress(CpuHarness.DATA + PAGES * 0x1000)));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {32, 64})
    void codeInTheRangeIsSeenToChange(int bits) {
        try (CpuHarness h = machine(bits)) {
            for (int value = 1; value < 40; value++) {
                // mov eax, value; int 0x80, where the loop will write.
                h.code(SECOND, "B80" + value % 10 + "000000 CD80");
                h.machine.memory().written(SECOND, 7);
                for (int i = 0; i < 30; i++) {
                    h.cpu.setInstructionPointer(SECOND);
                    assertEquals(CpuExit.INT80, h.run(100));
                    assertEquals(value % 10, h.cpu.register(CpuContext.RAX));
                }
                assertEquals(CpuExit.INT80, run(h));
                check(h, CpuHarness.DATA);
                // 1024 and 1025 are add [eax+eax], al; add [ecx], al; add al, 0.
                h.cpu.setRegister(CpuContext.RAX, OTHER / 2);
                h.cpu.setInstructionPointer(SECOND);
                assertEquals(CpuExit.SLICE_END, h.run(3));
                assertEquals(SECOND + 7, h.cpu.instructionPointer());
            }
        }
    }
}
