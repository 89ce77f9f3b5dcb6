// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.base.Memory;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SDM vol. 1 chapter 13; the expected headers are also what a real processor gives. */
class XsaveTest {
    private static final int AREA = CpuHarness.DATA;
    private static final String XSAVE = "0FAE23", XRSTOR = "0FAE2B", XSAVEOPT = "0FAE33", XSAVEC = "0FC723";
    private CpuHarness h;
    private int ymm1;

    @BeforeEach
    void start() {
        h = new CpuHarness(64, CpuModel.v3());
        ymm1 = h.cpu.base() + CpuState.XMM + 32;
    }

    @AfterEach
    void end() {
        h.close();
    }

    private int execute(String hex, int mask) {
        h.code(CpuHarness.CODE, hex + "90");
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        h.cpu.setRegister(CpuContext.RBX, AREA);
        h.cpu.setRegister(CpuContext.RAX, mask);
        h.cpu.setRegister(CpuContext.RDX, 0);
        return h.run(1) == CpuExit.FAULT ? h.cpu.exitVector() : -1;
    }

    private long area(int offset) {
        return h.machine.memory().read64(AREA + offset);
    }

    private void setArea(int offset, long v) {
        h.machine.memory().write64(AREA + offset, v);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "XSAVE: what is in use and asked for,              0FAE23, 7, 6, 0",
        "XSAVE keeps the bits that were not asked for,     0FAE23, 2, 3, 0",
        "XSAVEOPT,                                         0FAE33, 7, 6, 0",
        "XSAVEC: compacted with the places asked for,     0FC723, 5, 4, 8000000000000005"})
    void header(String claim, String hex, int mask, long present, String compacted) {
        Memory.put64(ymm1, 0x1122334455667788L);
        Memory.put64(ymm1 + 16, 0xABCDEF);
        setArea(512, 1);
        assertEquals(-1, execute(hex, mask));
        assertEquals(present, area(512));
        assertEquals(compacted, Long.toHexString(area(520)));
    }

    @Test
    void xsave_thenXrstor_bringsTheUpperHalvesBack() {
        Memory.put64(ymm1, 0x1122334455667788L);
        Memory.put64(ymm1 + 24, 0xABCDEF);
        execute(XSAVE, 7);
        assertEquals(0xABCDEF, area(576 + 24));
        Memory.fill(ymm1, 32, 0x55);
        assertEquals(-1, execute(XRSTOR, 7));
        assertEquals(0x1122334455667788L, Memory.get64(ymm1));
        assertEquals(0xABCDEF, Memory.get64(ymm1 + 24));
    }

    @Test
    void xsaveopt_leavesWhatIsInItsInitialStateAlone() {
        setArea(576, 0x77);
        assertEquals(-1, execute(XSAVEOPT, 4));
        assertEquals(0x77, area(576));
        assertEquals(-1, execute(XSAVE, 4));
        assertEquals(0, area(576));
    }

    @Test
    void xrstor_givesAbsentComponentsTheirInitialState() {
        Memory.put64(ymm1 + 16, 0xABCDEF);
        setArea(24, 0x1F80);
        assertEquals(-1, execute(XRSTOR, 4));
        assertEquals(0, Memory.get64(ymm1 + 16));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "component that XCR0 does not have,          512, 8",
        "XCOMP_BV without its top bit,               520, 4",
        "compacted and present without a place,         520, 8000000000000001",
        "reserved bytes of the header,               528, 1"})
    void xrstor_refusesABadHeader_withNothingChanged(String claim, int offset, String value) {
        Memory.put64(ymm1 + 16, 0xABCDEF);
        execute(XSAVE, 7);
        setArea(offset, Long.parseUnsignedLong(value, 16));
        Memory.put64(ymm1 + 16, 0x1234);
        assertEquals(CpuFault.GP, execute(XRSTOR, 7));
        assertEquals(0x1234, Memory.get64(ymm1 + 16));
    }

    @Test
    void xrstor_refusesReservedMxcsrBits_onlyWhenMxcsrIsLoaded() {
        execute(XSAVE, 7);
        setArea(24, 0x10000);
        assertEquals(CpuFault.GP, execute(XRSTOR, 4));
        assertEquals(-1, execute(XRSTOR, 1));
    }

    @Test
    void aMisalignedAreaIsGeneralProtection() {
        assertEquals(CpuFault.GP, execute("0FAE6320", 7));
        assertEquals(CpuFault.GP, execute("0FC76320", 7));
        assertEquals(CpuFault.GP, execute("0FAE6B20", 7));
    }

    @Test
    void aReadOnlyAreaFaults_beforeAnythingIsWritten() {
        Memory.put64(ymm1, 1);
        // The area's YMM part is on the next page.
        int at = AREA + 0x1000 - 576;
        h.machine.memory().write64(h.entryAddress(AREA + 0x1000), AREA + 0x1000 | 5);
        h.code(CpuHarness.CODE, XSAVE);
        h.cpu.setInstructionPointer(CpuHarness.CODE);
        h.cpu.setRegister(CpuContext.RBX, at);
        h.cpu.setRegister(CpuContext.RAX, 7);
        assertEquals(CpuExit.FAULT, h.run(1));
        assertEquals(CpuFault.PF, h.cpu.exitVector());
        assertEquals(0, h.machine.memory().read64(at + 512));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"XCR0, 0, 7", "in use: SSE and AVX, 1, 6"})
    void xgetbv(String claim, int index, int expected) {
        Memory.put64(ymm1, 1);
        Memory.put64(ymm1 + 16, 1);
        h.cpu.setRegister(CpuContext.RCX, index);
        execute("0F01D0", 0);
        assertEquals(expected, h.cpu.register(CpuContext.RAX));
    }

    @Test
    void xsetbv_isPrivileged_andXgetbvKnowsTwoRegisters() {
        assertEquals(CpuFault.GP, execute("0F01D1", 7));
        h.cpu.setRegister(CpuContext.RCX, 2);
        assertEquals(CpuFault.GP, execute("0F01D0", 0));
    }

    @Test
    void theKernelsAreaIsTheSame() {
        Memory.put64(ymm1 + 16, 0xABCDEF);
        h.cpu.xsave(AREA);
        assertEquals(4, area(512));
        assertEquals(0xABCDEF, area(576 + 16));
        Memory.fill(ymm1, 32, 0);
        assertTrue(h.cpu.xrstor(AREA, -1));
        assertEquals(0xABCDEF, Memory.get64(ymm1 + 16));
        setArea(528, 1);
        assertFalse(h.cpu.xrstor(AREA, -1));
    }

    @Test
    void aTasksContextHoldsTheUpperHalves() {
        Memory.put64(ymm1 + 16, 0xABCDEF);
        h.cpu.save(AREA);
        Memory.fill(ymm1, 32, 0);
        h.cpu.load(AREA);
        assertEquals(0xABCDEF, Memory.get64(ymm1 + 16));
    }
}
