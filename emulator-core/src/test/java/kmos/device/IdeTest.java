// SPDX-License-Identifier: Apache-2.0
package kmos.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.base.Memory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdeTest {
    private final Bench b = new Bench().initPic();

    @BeforeEach
    void fillDisk() {
        for (int s = 0; s < 4096; s++) {
            Memory.put32(b.disk.data + s * 512, 0x1000 + s);
            Memory.put32(b.disk.data + s * 512 + 508, s);
        }
    }

    private void command(int code, int lba, int count) {
        b.ports.write8(0x1F6, 0xE0 | lba >> 24);
        b.ports.write8(0x1F2, count);
        b.ports.write8(0x1F3, lba);
        b.ports.write8(0x1F4, lba >> 8);
        b.ports.write8(0x1F5, lba >> 16);
        b.ports.write8(0x1F7, code);
    }

    private void extended(int code, int lba, int count) {
        b.ports.write8(0x1F6, 0xE0);
        b.ports.write8(0x1F2, count >> 8);
        b.ports.write8(0x1F3, lba >>> 24);
        b.ports.write8(0x1F4, 0);
        b.ports.write8(0x1F5, 0);
        b.ports.write8(0x1F2, count);
        b.ports.write8(0x1F3, lba);
        b.ports.write8(0x1F4, lba >> 8);
        b.ports.write8(0x1F5, lba >> 16);
        b.ports.write8(0x1F7, code);
    }

    private void prd(int... addressAndCount) {
        for (int i = 0; i < addressAndCount.length; i += 2) {
            b.memory.write32(0x1000 + i * 4, addressAndCount[i]);
            b.memory.write32(0x1004 + i * 4, addressAndCount[i + 1] & 0xFFFF | (i + 2 == addressAndCount.length ? 1 << 31 : 0));
        }
        b.ports.write32(0xC004, 0x1000);
        b.ports.write8(0xC002, 6);
    }

    @Test
    void identify_namesTheDiskAndItsSize() {
        command(0xEC, 0, 0);
        assertEquals(0x2E, b.interrupt());
        int[] id = new int[256];
        for (int i = 0; i < 256; i++) {
            id[i] = b.ports.read16(0x1F0);
        }
        StringBuilder model = new StringBuilder();
        for (int w = 27; w < 47; w++) {
            model.append((char) (id[w] >> 8)).append((char) (id[w] & 0xFF));
        }
        assertEquals("kmOS virtual disk", model.toString().trim());
        assertEquals(4096, id[60] | id[61] << 16);
        assertEquals(4096, id[100]);
        assertEquals(0x50, b.ports.read8(0x1F7));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"READ SECTORS: an interrupt a sector,       0x20, 3,   3",
                "READ SECTORS of 256 by a count of 0,       0x20, 0,   256",
                "READ MULTIPLE: an interrupt a block of 8,  0xC4, 20,  3"})
    void pioRead(String claim, String code, int count, int interrupts) {
        b.ports.write8(0x1F2, 8);
        b.ports.write8(0x1F7, 0xC6);
        b.interrupt();
        command(Integer.decode(code), 100, count);
        assertEquals(0x80, b.ports.read8(0x3F6), "busy until the virtual latency has passed");
        b.advance(100_000);
        int n = 0;
        for (int s = 0; s < (count == 0 ? 256 : count); s++) {
            n += b.interrupt() == 0x2E ? 1 : 0;
            assertEquals(0x58, b.ports.read8(0x1F7), "reading the status ends the interrupt");
            assertEquals(0x1064 + s, b.ports.read32(0x1F0));
            for (int i = 0; i < 254; i++) {
                b.ports.read16(0x1F0);
            }
        }
        assertEquals(interrupts, n);
        assertEquals(0x50, b.ports.read8(0x1F7));
    }

    @Test
    void pioWrite_andFlush() {
        command(0x30, 7, 2);
        assertEquals(-1, b.interrupt(), "no interrupt before the first block");
        for (int s = 0; s < 2; s++) {
            for (int i = 0; i < 256; i++) {
                b.ports.write16(0x1F0, s * 256 + i);
            }
            b.advance(s == 1 ? 100_000 : 0);
            assertEquals(0x2E, b.interrupt());
            b.ports.read8(0x1F7);
        }
        assertEquals(0x00010000, Memory.get32(b.disk.data + 7 * 512));
        assertEquals(0x01FF01FE, Memory.get32(b.disk.data + 8 * 512 + 508));
        command(0xE7, 0, 0);
        b.advance(100_000);
        assertEquals(0x2E, b.interrupt());
        assertEquals(1, b.disk.flushes);
    }

    @Test
    void dmaRead_scattersOverThePrdTable() {
        prd(0x4000, 512, 0x8000, 1024);
        b.ports.write8(0xC000, 8);
        command(0xC8, 50, 3);
        b.ports.write8(0xC000, 9);
        assertEquals(1, b.ports.read8(0xC002) & 7);
        b.advance(99_999);
        assertEquals(-1, b.interrupt());
        b.advance(1);
        assertEquals(0x2E, b.interrupt());
        assertEquals(4, b.ports.read8(0xC002) & 7);
        assertEquals(0x1032, b.memory.read32(0x4000));
        assertEquals(0x1033, b.memory.read32(0x8000));
        assertEquals(52, b.memory.read32(0x83FC));
        assertTrue((Memory.get8(b.memory.flagsAddress() + 8) & 1) != 0, "DMA marks frames dirty");
    }

    @Test
    void dmaReadExt_of600Sectors_isSeveralRequests() {
        int[] table = new int[10];
        for (int i = 0; i < 5; i++) {
            table[i * 2] = 0x10000 * (i + 1);
            table[i * 2 + 1] = i == 4 ? 600 * 512 - 4 * 65_536 : 0;
        }
        prd(table);
        b.ports.write8(0xC000, 8);
        extended(0x25, 1000, 600);
        b.ports.write8(0xC000, 9);
        b.advance(300_000);
        assertEquals(0x2E, b.interrupt());
        assertEquals(1599, b.memory.read32(0x10000 + 600 * 512 - 4));
        assertEquals(0x50, b.ports.read8(0x1F7));
    }

    @Test
    void dmaWrite_takesMemoryAtIssue() {
        prd(0x4000, 512);
        b.memory.write32(0x4000, 77);
        b.ports.write8(0xC000, 0);
        command(0xCA, 9, 1);
        b.ports.write8(0xC000, 1);
        b.memory.write32(0x4000, 78);
        b.advance(100_000);
        assertEquals(0x2E, b.interrupt());
        assertEquals(77, Memory.get32(b.disk.data + 9 * 512));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"beyond the end: IDNF,          0x20, 4095, 2, 0x10",
                "an unknown command: ABRT,      0x00, 0,    1, 0x04",
                "a packet device's: ABRT,       0xA1, 0,    1, 0x04",
                "an odd feature: ABRT,          0xEF, 0,    1, 0x04"})
    void errors(String claim, String code, int lba, int count, String error) {
        command(Integer.decode(code), lba, count);
        assertEquals(0x2E, b.interrupt());
        assertEquals(0x51, b.ports.read8(0x1F7));
        assertEquals(Integer.decode(error), b.ports.read8(0x1F1));
    }

    @Test
    void hostError_isUncorrectableData() {
        b.disk.error = "chunk 3 is missing";
        command(0x20, 5, 1);
        b.advance(100_000);
        assertEquals(0x2E, b.interrupt());
        assertEquals(0x51, b.ports.read8(0x1F7));
        assertEquals(0x40, b.ports.read8(0x1F1));
        assertEquals(5, b.ports.read8(0x1F3));
    }

    @Test
    void prdOutsideMemory_isABusMasterError() {
        prd(Bench.RAM - 256, 512);
        b.ports.write8(0xC000, 8);
        command(0xC8, 1, 1);
        b.ports.write8(0xC000, 9);
        b.advance(100_000);
        assertEquals(0x2E, b.interrupt());
        assertEquals(2, b.ports.read8(0xC002) & 3);
        assertEquals(0x51, b.ports.read8(0x1F7));
    }

    @Test
    void lateHost_stopsGuestTime() {
        b.disk.holds = true;
        command(0x20, 5, 1);
        b.advance(500_000);
        assertTrue(b.machine.isWaitingForHost());
        assertEquals(100_000, b.clock.nowNs());
        b.disk.release();
        assertFalse(b.machine.isWaitingForHost());
        assertEquals(0x2E, b.interrupt());
    }

    @Test
    void absentSlave_andEmptyChannel() {
        b.ports.write8(0x1F6, 0xB0);
        assertEquals(0, b.ports.read8(0x1F7));
        assertEquals(0x7F, b.ports.read8(0x177));
    }

    @Test
    void requestInFlight_isIssuedAgainAfterRestore() {
        prd(0x4000, 512);
        b.ports.write8(0xC000, 8);
        command(0xC8, 50, 1);
        b.ports.write8(0xC000, 9);
        b.advance(50_000);
        byte[] saved = b.save();
        Bench other = new Bench(b.disk);
        other.load(saved);
        assertArrayEquals(saved, other.save());
        other.advance(50_000);
        assertEquals(0x1032, other.memory.read32(0x4000));
        b.advance(50_000);
        assertArrayEquals(b.save(), other.save());
    }

    @Test
    void softReset_givesTheSignature() {
        b.ports.write8(0x3F6, 4);
        b.ports.write8(0x3F6, 0);
        assertEquals(1, b.ports.read8(0x1F2));
        assertEquals(1, b.ports.read8(0x1F3));
        assertEquals(0, b.ports.read8(0x1F4));
        assertEquals(0x50, b.ports.read8(0x1F7));
    }
}
