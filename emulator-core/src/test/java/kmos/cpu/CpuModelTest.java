// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import kmos.base.Memory;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CPUID says what works, what it does not say is #UD, and the processor's state has room for it. */
class CpuModelTest {
    /** Exception vector after one instruction, -1 for none. */
    private static int vector(String model, int bits, String hex) {
        try (CpuHarness h = new CpuHarness(bits, CpuModel.of(model)).code(CpuHarness.CODE, hex + "90")) {
            h.cpu.setRegister(CpuContext.RBX, CpuHarness.DATA);
            return h.run(1) == CpuExit.FAULT ? h.cpu.exitVector() : -1;
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "PSHUFB (SSSE3),                0F3800C1,         -1, -1, -1",
        "CRC32 (SSE4.2),                F20F38F0C1,       -1, -1, -1",
        "VADDPS,                        C5F058C1,          6, -1, -1",
        "VPADDD on 256 bits (AVX2),     C5F5FEC1,          6, -1, -1",
        "ANDN (BMI1),                   C4E270F2C1,        6, -1, -1",
        "MULX (BMI2),                   C4E273F6C1,        6, -1, -1",
        "VFMADD132PS,                   C4E27198C1,        6, -1, -1",
        "VCVTPH2PS (F16C),              C4E27913C1,        6, -1, -1",
        "MOVBE,                         0F38F003,          6, -1, -1",
        "XGETBV,                        0F01D0,            6, -1, -1",
        "XSAVE,                         0FAE23,            6, -1, -1",
        "AESENC,                        660F38DCC1,        6,  6, -1",
        "VAESENC,                       C4E271DCC1,        6,  6, -1",
        "PCLMULQDQ,                     660F3A44C100,      6,  6, -1",
        "SHA256MSG1,                    0F38CCC1,          6,  6, -1",
        "ADCX,                          660F38F6C1,        6,  6, -1",
        "RDFSBASE,                      F30FAEC0,          6,  6,  6",
        "WRGSBASE,                      F30FAED8,          6,  6,  6"})
    void whatAModelDoesNotClaimIsUndefined(String claim, String hex, int v2, int v3, int max) {
        String[] models = {"v2", "v3", "max"};
        int[] expected = {v2, v3, max};
        for (int bits = 32; bits <= 64; bits += 32) {
            for (int i = 0; i < 3; i++) {
                assertEquals(expected[i], vector(models[i], bits, hex), models[i] + " in " + bits + "-bit code");
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "without LZCNT F3 0F BD is BSR,   v2,  F30FBDC1, 8",
        "with it LZCNT,                   v3,  F30FBDC1, 23",
        "without BMI1 F3 0F BC is BSF,    v2,  F30FBCC1, 4",
        "with it TZCNT of zero is 32,     v3,  F30FBCC3, 32"})
    void prefixedBitScans(String claim, String model, String hex, int expected) {
        try (CpuHarness h = new CpuHarness(32, CpuModel.of(model)).code(CpuHarness.CODE, hex + "90")) {
            h.cpu.setRegister(CpuContext.RCX, 0x110);
            h.run(1);
            assertEquals(expected, h.cpu.register(CpuContext.RAX));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "leaf 1 ECX of v2,              v2,  1, 0, 1, 80982201",
        "leaf 1 ECX of v3,              v3,  1, 0, 1, BCD83201",
        "leaf 1 ECX of max,             max, 1, 0, 1, BED83203",
        "leaf 7 EBX of v2,              v2,  7, 0, 3, 0",
        "leaf 7 EBX of v3,              v3,  7, 0, 3, 128",
        "leaf 7 EBX of max,             max, 7, 0, 3, 20080128",
        "no leaf D without XSAVE,       v2,  D, 0, 0, 0",
        "leaf D: XCR0,                  v3,  D, 0, 0, 7",
        "leaf D: size of the area,      v3,  D, 0, 1, 340",
        "leaf D.1: XSAVEOPT C XGETBV1,  v3,  D, 1, 0, 7",
        "leaf D.2: place of AVX state,  v3,  D, 2, 3, 240",
        "LZCNT in leaf 80000001 ECX,    v3,  80000001, 0, 1, 21"})
    void cpuidAgrees(String claim, String model, String leaf, int subleaf, int register, String expected) {
        try (CpuHarness h = new CpuHarness(32, CpuModel.of(model)).code(CpuHarness.CODE, "0FA290")) {
            h.cpu.setRegister(CpuContext.RAX, Long.parseLong(leaf, 16));
            h.cpu.setRegister(CpuContext.RCX, subleaf);
            h.run(1);
            assertEquals(expected, Long.toHexString(h.cpu.register(register)).toUpperCase());
        }
    }

    @Test
    void aModelThatDoesNotExistIsNull() {
        assertNull(CpuModel.of("v4"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "LES and not VEX: memory operand in 32-bit code,  32, C403,           -1",
        "66 before VEX,                                32, 66C5F058C1,      6",
        "F3 before VEX,                                64, F3C5F058C1,      6",
        "LOCK before VEX,                              64, F0C5F058C1,      6",
        "REX before VEX,                               64, 48C5F058C1,      6",
        "vvvv where there is no second source,         64, C5F028C1,        6",
        "256 bits where there are only 128,            64, C4E27D41C1,      6",
        "W1 where W0 is asked for,                     64, C4E2F918C1,      6",
        "a map that does not exist,                    64, C4E47958C1,      6",
        "a register form of a memory-only move,        64, C5F912C1,        6",
        "gather into its own mask,                     64, C4E2799004D3,    6",
        "gather without SIB,                           64, C4E2719003,      6",
        "EVEX in 64-bit code,                          64, 62F17C4858C1,    6",
        "EVEX in 32-bit code,                          32, 62F17C4858C1,    6",
        "VEX beyond 15 bytes with prefixes,            64, 676767676767676767676767C5F058C1, 13"})
    void vexEncodings(String claim, int bits, String hex, int expected) {
        try (CpuHarness h = new CpuHarness(bits, CpuModel.max()).code(CpuHarness.CODE, hex + "9090")) {
            h.cpu.setRegister(CpuContext.RBX, CpuHarness.DATA);
            int exit = h.run(1);
            assertEquals(expected, exit == CpuExit.FAULT ? h.cpu.exitVector() : -1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v2", "v3", "max"})
    void aProgramNeverRunsWithTaskSwitchedOrEmulation(String model) {
        for (int bits = 32; bits <= 64; bits += 32) {
            // CLTS, MOV CR0, LMSW: #GP; then x87, MMX and SSE, in a context that was saved and loaded, do not raise #NM.
            for (String hex : new String[] {"0F06", "0F22C0", "0F01F0"}) {
                assertEquals(CpuFault.GP, vector(model, bits, hex));
            }
            try (CpuHarness h = new CpuHarness(bits, CpuModel.of(model)).code(CpuHarness.CODE, "D9EB 0FFCC9 0F77 660FFCC9 9B 90")) {
                h.cpu.save(CpuHarness.DATA);
                h.cpu.resetUser(bits, bits == 64 ? 0x33 : 0x23, 0x2B);
                assertEquals(0, Memory.get64(h.cpu.base() + CpuState.CR0) & 0xC);
                h.cpu.load(CpuHarness.DATA);
                assertEquals(0, Memory.get64(h.cpu.base() + CpuState.CR0) & 0xC);
                assertEquals(CpuExit.SLICE_END, h.run(6));
            }
        }
    }
}
