// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FIP, FOP and FDP (SDM vol. 1 §8.1.8) as FNSTENV and FXSAVE show them; the values are a real processor's. */
class X87PointersTest {
    private static final int ENVIRONMENT = CpuHarness.DATA + 0x100;
    private static final String FNSTENV = "D9B300010000";

    private static CpuHarness after(int bits, String hex) {
        CpuHarness h = new CpuHarness(bits).code(CpuHarness.CODE, hex + "F4");
        h.cpu.setRegister(CpuContext.RBX, CpuHarness.DATA);
        assertEquals(CpuExit.FAULT, h.run(100));
        assertEquals(CpuFault.GP, h.cpu.exitVector(), "reached HLT");
        return h;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "a load: its own place and opcode and operand,      DD8380000000,                 0, 583, 80",
        "the last one counts,                            DD8380000000 D9E8,            6, 1E8, 80",
        "prefixes do not belong to the opcode,           3EDD8380000000,               0, 583, 80",
        "control instructions do not count,              DD8380000000 D97B40 9B DBE2,  0, 583, 80",
        "FNOP and FINCSTP do,                            DD8380000000 D9D0 D9F7,       8, 1F7, 80"})
    void environment(String claim, String hex, int place, String opcode, String operand) {
        try (CpuHarness h = after(32, hex + FNSTENV)) {
            assertEquals(CpuHarness.CODE + place, h.machine.memory().read32(ENVIRONMENT + 12));
            assertEquals(Integer.parseInt(opcode, 16) << 16 | 0x23, h.machine.memory().read32(ENVIRONMENT + 16));
            assertEquals(CpuHarness.DATA + Integer.parseInt(operand, 16), h.machine.memory().read32(ENVIRONMENT + 20));
            assertEquals(0x2B, h.machine.memory().read16(ENVIRONMENT + 24));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "FNINIT clears them,   DD8380000000 DBE3,                                   0,        0",
        "FLDENV loads them,    D9B300010000 C7830C01000078563412 D9A300010000,      12345678, 0"})
    void fninitAndFldenv(String claim, String hex, String place, int operand) {
        try (CpuHarness h = after(32, hex + FNSTENV)) {
            assertEquals(Integer.parseInt(place, 16), h.machine.memory().read32(ENVIRONMENT + 12));
            assertEquals(operand, h.machine.memory().read32(ENVIRONMENT + 20));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "without a pending exception: zero,            32, D9E8,             0FAE83,   0, 0",
        "with one: offset and selector,                32, D92BD9EED9E8D8F1, 0FAE83,   B, 23",
        "in 64-bit code without REX.W the same,        64, D92BD9EED9E8D8F1, 0FAE83,   B, 33",
        "with REX.W 64 bits of offset,                 64, D92BD9EED9E8D8F1, 480FAE83, B, 0"})
    void fxsave(String claim, int bits, String hex, String save, String place, String selector) {
        // MOV word [rbx], 360: the control word that FLDCW loads, with zero divide unmasked; FLDZ, FLD1, FDIV ST(1).
        try (CpuHarness h = after(bits, "66C7036003" + hex + save + "00010000")) {
            int offset = Integer.parseInt(place, 16);
            assertEquals(offset == 0 ? 0 : CpuHarness.CODE + offset, h.machine.memory().read32(ENVIRONMENT + 8));
            assertEquals(Integer.parseInt(selector, 16), h.machine.memory().read32(ENVIRONMENT + 12));
        }
    }
}
