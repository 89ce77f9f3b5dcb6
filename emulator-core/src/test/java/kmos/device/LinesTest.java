// SPDX-License-Identifier: Apache-2.0
package kmos.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import kmos.base.Memory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Serial port, keyboard and mouse, PCI configuration, display. */
class LinesTest {
    private final Bench b = new Bench().initPic();

    // 16550

    @Test
    void transmit_leavesAtOnce_andAsksForMore() {
        b.ports.write8(0x3FC, 8);
        b.ports.write8(0x3F9, 2);
        assertEquals(0x24, b.interrupt(), "an empty transmitter asks when enabled");
        assertEquals(2, b.ports.read8(0x3FA) & 15);
        assertEquals(1, b.ports.read8(0x3FA) & 15, "reading IIR cleared it");
        b.ports.write8(0x3FB, 3);
        b.ports.write8(0x3F8, 'A');
        assertEquals("A", b.serial.toString());
        assertEquals(0x24, b.interrupt());
        assertEquals(0x60, b.ports.read8(0x3FD));
    }

    @Test
    void receive_interruptsUntilEmpty() {
        b.ports.write8(0x3FA, 0xC7);
        b.ports.write8(0x3FC, 8);
        b.ports.write8(0x3F9, 1);
        b.pc.uart().receive('x');
        assertEquals(0x24, b.interrupt());
        assertEquals(0xCC, b.ports.read8(0x3FA), "below the trigger level: character timeout");
        for (int i = 0; i < 40; i++) {
            b.pc.uart().receive(i);
        }
        assertEquals(0xC4, b.ports.read8(0x3FA));
        assertEquals('x', b.ports.read8(0x3F8));
        for (int i = 0; i < 40; i++) {
            assertEquals(1, b.ports.read8(0x3FD) & 1);
            assertEquals(i, b.ports.read8(0x3F8));
        }
        assertEquals(0, b.ports.read8(0x3FD) & 1);
        assertEquals(0xC1, b.ports.read8(0x3FA));
    }

    @Test
    void loopback_turnsBytesAndModemLinesRound() {
        b.ports.write8(0x3FB, 3);
        b.ports.write8(0x3FC, 0x1A);
        assertEquals(0x90, b.ports.read8(0x3FE) & 0xF0, "RTS to CTS, OUT2 to DCD: how drivers probe");
        b.ports.write8(0x3F8, 'q');
        b.ports.write8(0x3F8, 'r');
        assertEquals("", b.serial.toString());
        assertEquals(2, b.ports.read8(0x3FD) & 2, "overrun without a FIFO");
        assertEquals('q', b.ports.read8(0x3F8));
    }

    @Test
    void divisorLatch_hidesDataAndInterruptEnable() {
        b.ports.write8(0x3FB, 0x83);
        b.ports.write8(0x3F8, 12);
        b.ports.write8(0x3F9, 1);
        assertEquals(12, b.ports.read8(0x3F8));
        b.ports.write8(0x3FB, 3);
        assertEquals(0, b.ports.read8(0x3F9));
        assertEquals("", b.serial.toString());
    }

    // 8042

    @ParameterizedTest(name = "{0}")
    @CsvSource({"A down in set 1,            0x1E,  true,  0x45, 1E",
                "A up in set 1,              0x1E,  false, 0x45, 9E",
                "arrow up sends E0 first,    0x148, true,  0x45, E0 48",
                "untranslated is set 2,      0x1E,  true,  0x05, 1C",
                "with F0 for up,             0x148, false, 0x05, E0 F0 75"})
    void key(String claim, String code, boolean isDown, String config, String expected) {
        b.ports.write8(0x64, 0x60);
        b.ports.write8(0x60, Integer.decode(config));
        b.pc.ps2().key(Integer.decode(code), isDown);
        StringBuilder got = new StringBuilder();
        while ((b.ports.read8(0x64) & 1) != 0) {
            assertEquals(0x21, b.interrupt());
            String hex = Integer.toHexString(b.ports.read8(0x60)).toUpperCase();
            got.append(hex.length() < 2 ? "0" : "").append(hex).append(' ');
        }
        assertEquals(expected, got.toString().trim());
    }

    @Test
    void keyboardCommands_areAcknowledged() {
        b.ports.write8(0x64, 0xAA);
        assertEquals(0x55, b.ports.read8(0x60));
        b.ports.write8(0x60, 0xF2);
        assertEquals(0xFA, b.ports.read8(0x60));
        assertEquals(0xAB, b.ports.read8(0x60));
        assertEquals(0x41, b.ports.read8(0x60));
        b.ports.write8(0x60, 0x01);
        assertEquals(0xFE, b.ports.read8(0x60), "unknown: resend");
    }

    @Test
    void mouse_reportsThreeBytesAfterEnable() {
        b.ports.write8(0x64, 0x60);
        b.ports.write8(0x60, 0x47);
        b.pc.ps2().mouse(1, 1, 0);
        b.ports.write8(0x64, 0xD4);
        b.ports.write8(0x60, 0xF4);
        assertEquals(0x2C, b.interrupt());
        assertEquals(0xFA, b.ports.read8(0x60));
        b.pc.ps2().mouse(4, -2, 1);
        assertEquals(0x21, b.ports.read8(0x64) & 0x21);
        assertEquals(0x09, b.ports.read8(0x60) & 0x1F, "left button; x positive");
        assertEquals(5, b.ports.read8(0x60), "movement before the enable was kept");
        assertEquals(0xFF, b.ports.read8(0x60));
    }

    // PCI

    private int config(int device, int function, int register) {
        b.ports.write32(0xCF8, 0x80000000 | device << 11 | function << 8 | register);
        return b.ports.read32(0xCFC);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"host bridge 440FX,     0, 0, 0,    0x12378086",
                "PIIX3 ISA,             1, 0, 0,    0x70008086",
                "is multi-function,     1, 0, 0x0C, 0x00800000",
                "PIIX3 IDE,             1, 1, 0,    0x70108086",
                "IDE class and revision,1, 1, 8,    0x01018000",
                "bus master port,       1, 1, 0x20, 0x0000C001",
                "VBE,                   2, 0, 0,    0x11111234",
                "frame buffer,          2, 0, 0x10, 0xE0000008",
                "an empty slot,         3, 0, 0,    0xFFFFFFFF"})
    void pci(String claim, int device, int function, String register, String expected) {
        assertEquals(Long.decode(expected).intValue(), config(device, function, Integer.decode(register)));
    }

    @Test
    void bar_showsItsSizeAndMovesTheWindow() {
        config(2, 0, 0x10);
        b.ports.write32(0xCFC, -1);
        assertEquals(-PcMachine.VIDEO_MEMORY | 8, b.ports.read32(0xCFC));
        b.ports.write32(0xCFC, 0xF0000000);
        assertNotNull(b.machine.mmio().find(0xF0000000L));
        assertNull(b.machine.mmio().find(0xE0000000L));
    }

    // Display

    @Test
    void mode_isSetThroughDispi() {
        assertEquals(0xB0C5, b.dispi(0));
        b.dispi(1, 800);
        b.dispi(2, 600);
        b.dispi(3, 32);
        b.dispi(4, 0x41);
        assertEquals(0x41, b.dispi(4));
        assertEquals(1310, b.dispi(7), "rows that fit in 4 MiB");
        assertEquals(3200, b.pc.display().strideBytes());
        b.dispi(9, 100);
        int lfb = b.machine.mmio().find(0xE0000000L).linear();
        assertEquals(lfb + 320_000, b.pc.display().frameAddress());
        b.dispi(1, 640);
        assertEquals(800, b.dispi(1), "no new size while on");
    }

    @Test
    void modeThatDoesNotFit_staysOff() {
        b.dispi(1, 1920);
        b.dispi(2, 1200);
        b.dispi(3, 32);
        b.dispi(4, 0x41);
        assertEquals(0, b.dispi(4));
    }

    @Test
    void everything_isSavedAndLoaded() {
        mode_isSetThroughDispi();
        Memory.put32(b.pc.display().frameAddress(), 0x123456);
        b.pc.uart().receive('z');
        b.pc.ps2().key(0x1E, true);
        b.ports.write8(0x43, 0x34);
        b.ports.write8(0x40, 0);
        b.ports.write8(0x40, 0x10);
        b.ports.write8(0x70, 11);
        b.ports.write8(0x71, 0x52);
        b.advance(1_234_567);
        byte[] saved = b.save();
        Bench other = new Bench(b.disk);
        other.load(saved);
        assertArrayEquals(saved, other.save());
        b.advance(3_000_000_000L);
        other.advance(3_000_000_000L);
        assertArrayEquals(b.save(), other.save());
        assertEquals('z', other.ports.read8(0x3F8));
    }
}
