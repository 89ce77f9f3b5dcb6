// SPDX-License-Identifier: Apache-2.0
package kmos.device.video;

import kmos.base.Memory;
import kmos.base.StateFields;
import kmos.device.pci.PciFunction;
import kmos.machine.Device;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;

/**
 * The Bochs VBE display ("DISPI", interface version 0xB0C5): index port 0x1CE, data port 0x1CF, linear frame buffer in
 * PCI BAR 0, palette at 0x3C7-0x3C9. Pixels are 8 (palette), 15, 16, 24 or 32 bits. The host reads the frame buffer.
 *
 * <pre>
 * 0 id   1 xres   2 yres   3 bpp   4 enable   5 bank   6 virtual width   7 virtual height   8 x offset   9 y offset
 * 10 video memory in 64 KiB
 * </pre>
 */
public final class VbeDisplay implements Device, PortHandler, PciFunction.BarListener {
    public static final int LFB_ADDRESS = 0xE0000000;
    private static final int ID = 0, XRES = 1, YRES = 2, BPP = 3, ENABLE = 4, VIRT_WIDTH = 6, VIRT_HEIGHT = 7,
        X_OFFSET = 8, Y_OFFSET = 9, VIDEO_MEMORY_64K = 10, REGISTERS = 11;
    private static final int ENABLED = 1, GET_CAPS = 2, DAC_8BIT = 0x20, NO_CLEAR = 0x80;
    private static final int MAX_XRES = 1920, MAX_YRES = 1200, MAX_BPP = 32;

    private final int memory;
    private final int memorySize;
    private final PciFunction pci;
    private MmioSpace mmio;
    private long mappedAt = -1;
    private int index;
    private int[] registers = new int[REGISTERS];
    private byte[] palette = new byte[768];
    private int paletteRead, paletteWrite;

    /** memory: linear address of memorySize bytes (a power of two) of video memory. */
    public VbeDisplay(int memory, int memorySize) {
        this.memory = memory;
        this.memorySize = memorySize;
        this.pci = new PciFunction(0x1234, 0x1111, 0x030000, 2).subsystem(0x1AF4, 0x1100).enabled(3)
            .bar(0, LFB_ADDRESS, memorySize, 8).listener(this);
        registers[ID] = 0xB0C5;
    }

    public PciFunction pci() {
        return pci;
    }

    @Override
    public void attach(PortSpace ports, MmioSpace space) {
        mmio = space;
        ports.map(0x1CE, 2, this);
        ports.map(0x3C7, 3, this);
        barMoved(0, pci.barAddress(0), true);
    }

    @Override
    public void barMoved(int bar, long address, boolean isEnabled) {
        long wanted = isEnabled ? address : -1;
        if (wanted != mappedAt) {
            if (mappedAt >= 0) {
                mmio.unmap(mappedAt);
            }
            if (isEnabled) {
                mmio.mapMemory(address, memorySize, memory);
            }
            mappedAt = wanted;
        }
    }

    // The host's side

    public boolean isEnabled() {
        return (registers[ENABLE] & ENABLED) != 0;
    }

    public int width() {
        return registers[XRES];
    }

    public int height() {
        return registers[YRES];
    }

    /** Linear address of the video memory. */
    public int memoryAddress() {
        return memory;
    }

    public int memorySize() {
        return memorySize;
    }

    /** 8, 15, 16, 24 or 32. */
    public int bitsPerPixel() {
        return registers[BPP];
    }

    /** Linear address of the first visible pixel. */
    public int frameAddress() {
        return memory + registers[Y_OFFSET] * strideBytes() + registers[X_OFFSET] * bytesPerPixel();
    }

    public int strideBytes() {
        return registers[VIRT_WIDTH] * bytesPerPixel();
    }

    private int bytesPerPixel() {
        return registers[BPP] + 7 >> 3;
    }

    /** Palette entry as 0xRRGGBB. */
    public int color(int entry) {
        int shift = (registers[ENABLE] & DAC_8BIT) != 0 ? 0 : 2;
        int at = entry * 3;
        return (palette[at] & 0xFF) << shift + 16 & 0xFF0000 | (palette[at + 1] & 0xFF) << shift + 8 & 0xFF00
            | (palette[at + 2] & 0xFF) << shift & 0xFF;
    }

    // Registers

    @Override
    public int readPort(int port, int width) {
        switch (port) {
            case 0x1CE:
                return index;
            case 0x1CF:
                return readRegister();
            case 0x3C9:
                int value = palette[paletteRead] & 0xFF;
                paletteRead = (paletteRead + 1) % palette.length;
                return value;
            case 0x3C8:
                return paletteWrite / 3;
            default:
                return 0;
        }
    }

    private int readRegister() {
        if ((registers[ENABLE] & GET_CAPS) != 0 && index >= XRES && index <= BPP) {
            return index == XRES ? MAX_XRES : index == YRES ? MAX_YRES : MAX_BPP;
        }
        return index == VIDEO_MEMORY_64K ? memorySize >> 16 : index < REGISTERS ? registers[index] : 0xFFFF;
    }

    @Override
    public void writePort(int port, int width, int value) {
        switch (port) {
            case 0x1CE -> index = value & 0xFFFF;
            case 0x1CF -> writeRegister(value & 0xFFFF);
            case 0x3C7 -> paletteRead = (value & 0xFF) * 3;
            case 0x3C8 -> paletteWrite = (value & 0xFF) * 3;
            case 0x3C9 -> {
                palette[paletteWrite] = (byte) value;
                paletteWrite = (paletteWrite + 1) % palette.length;
            }
            default -> { }
        }
    }

    private void writeRegister(int value) {
        switch (index) {
            case ID -> {
                if (value >= 0xB0C0 && value <= 0xB0C5) {
                    registers[ID] = value;
                }
            }
            case XRES -> {
                if (!isEnabled() && value <= MAX_XRES) {
                    registers[XRES] = value & ~7;
                }
            }
            case YRES -> {
                if (!isEnabled() && value <= MAX_YRES) {
                    registers[YRES] = value;
                }
            }
            case BPP -> {
                int bpp = value == 0 ? 8 : value;
                if (!isEnabled() && (bpp == 8 || bpp == 15 || bpp == 16 || bpp == 24 || bpp == 32)) {
                    registers[BPP] = bpp;
                }
            }
            case ENABLE -> enable(value);
            case VIRT_WIDTH -> {
                int rows = value == 0 || bytesPerPixel() == 0 ? 0 : memorySize / (value * bytesPerPixel());
                if (isEnabled() && value >= registers[XRES] && rows >= registers[YRES]) {
                    registers[VIRT_WIDTH] = value;
                    registers[VIRT_HEIGHT] = rows;
                    registers[X_OFFSET] = 0;
                    registers[Y_OFFSET] = 0;
                }
            }
            case X_OFFSET -> {
                if (value + registers[XRES] <= registers[VIRT_WIDTH]) {
                    registers[X_OFFSET] = value;
                }
            }
            case Y_OFFSET -> {
                if (value + registers[YRES] <= registers[VIRT_HEIGHT]) {
                    registers[Y_OFFSET] = value;
                }
            }
            default -> { } // bank: there is no window at 0xA0000; virtual height is computed
        }
    }

    private void enable(int value) {
        if ((value & ENABLED) != 0 && !isEnabled()) {
            int row = registers[XRES] * bytesPerPixel();
            if (row == 0 || registers[YRES] == 0 || (long) row * registers[YRES] > memorySize) {
                return; // no such mode: stays off, as the driver sees when it reads the register
            }
            registers[VIRT_WIDTH] = registers[XRES];
            registers[VIRT_HEIGHT] = memorySize / row;
            registers[X_OFFSET] = 0;
            registers[Y_OFFSET] = 0;
            if ((value & NO_CLEAR) == 0) {
                Memory.fill(memory, memorySize, 0);
            }
        }
        registers[ENABLE] = value & 0xE3;
    }

    @Override
    public void state(StateFields s) {
        s.memory("memory", memory, memorySize);
        index = s.u16("index", index);
        registers = s.ints("registers", registers);
        palette = s.bytes("palette", palette);
        paletteRead = s.i32("paletteRead", paletteRead);
        paletteWrite = s.i32("paletteWrite", paletteWrite);
    }
}
