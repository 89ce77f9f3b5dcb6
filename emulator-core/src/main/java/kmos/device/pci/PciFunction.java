// SPDX-License-Identifier: Apache-2.0
package kmos.device.pci;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.Stateful;

/**
 * The 256 bytes of configuration space of one function (PCI 2.2 §6.1), with a mask of writable bits.
 * Offsets: 0 vendor, 2 device, 4 command, 6 status, 8 revision, 9 class, 0xE header type, 0x10 BARs, 0x3C interrupt.
 */
public final class PciFunction implements Stateful {
    /** Told where a base address register points now; the window is open when the command register enables it. */
    public interface BarListener {
        void barMoved(int bar, long address, boolean isEnabled);
    }

    private static final int COMMAND = 4, BAR0 = 0x10;

    private byte[] config = new byte[256];
    private final byte[] writable = new byte[256];
    private BarListener listener;

    /** classCode: base class, sub-class and programming interface, as 0xCCSSPP. */
    public PciFunction(int vendor, int device, int classCode, int revision) {
        LittleEndian.put16(config, 0, vendor);
        LittleEndian.put16(config, 2, device);
        LittleEndian.put32(config, 8, classCode << 8 | revision);
        LittleEndian.put16(writable, COMMAND, 0x0507);
        writable[0x0C] = (byte) 0xFF;
        writable[0x0D] = (byte) 0xFF;
        writable[0x3C] = (byte) 0xFF;
    }

    /** One of several functions of its device. */
    public PciFunction multiFunction() {
        config[0x0E] |= (byte) 0x80;
        return this;
    }

    public PciFunction subsystem(int vendor, int device) {
        LittleEndian.put16(config, 0x2C, vendor);
        LittleEndian.put16(config, 0x2E, device);
        return this;
    }

    /** Sets command bits as a firmware would leave them: 1 I/O, 2 memory, 4 bus master. */
    public PciFunction enabled(int command) {
        LittleEndian.put16(config, COMMAND, command);
        return this;
    }

    /** A base address register: flags 1 for I/O, 8 for prefetchable memory; size is a power of two. */
    public PciFunction bar(int number, int address, int size, int flags) {
        LittleEndian.put32(config, BAR0 + number * 4, address | flags);
        LittleEndian.put32(writable, BAR0 + number * 4, -size);
        return this;
    }

    public PciFunction listener(BarListener barListener) {
        listener = barListener;
        return this;
    }

    public long barAddress(int number) {
        int value = LittleEndian.get32(config, BAR0 + number * 4);
        return (value & 1) != 0 ? value & 0xFFFC : value & 0xFFFFFFF0L;
    }

    public int read(int offset, int width) {
        return switch (width) {
            case 8 -> LittleEndian.get8(config, offset);
            case 16 -> LittleEndian.get16(config, offset & 0xFE);
            default -> LittleEndian.get32(config, offset & 0xFC);
        };
    }

    public void write(int offset, int width, int value) {
        int at = width == 8 ? offset : width == 16 ? offset & 0xFE : offset & 0xFC;
        for (int i = 0; i < width / 8; i++) {
            int mask = writable[at + i] & 0xFF;
            config[at + i] = (byte) (config[at + i] & ~mask | value >>> i * 8 & mask);
        }
        if (listener != null && (at < 6 || at >= BAR0 && at < 0x28)) {
            tellBars();
        }
    }

    private void tellBars() {
        int command = LittleEndian.get16(config, COMMAND);
        for (int bar = 0; bar < 6; bar++) {
            if (LittleEndian.get32(writable, BAR0 + bar * 4) != 0) {
                boolean isIo = (config[BAR0 + bar * 4] & 1) != 0;
                listener.barMoved(bar, barAddress(bar), (command & (isIo ? 1 : 2)) != 0);
            }
        }
    }

    @Override
    public void state(StateFields s) {
        config = s.bytes("config", config);
        if (s.isLoading() && listener != null) {
            tellBars();
        }
    }
}
