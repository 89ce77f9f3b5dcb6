// SPDX-License-Identifier: Apache-2.0
package kmos.device.pci;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Check;
import kmos.base.StateFields;
import kmos.machine.Device;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;

/** PCI bus 0 behind configuration mechanism 1 (PCI 2.2 §3.2.2.3.2): address at 0xCF8, data at 0xCFC. */
public final class PciBus implements Device, PortHandler {
    private record Slot(int device, int function, PciFunction config) { }

    private final List<Slot> slots = new ArrayList<>();
    private int address;

    @Override
    public void attach(PortSpace ports, MmioSpace mmio) {
        ports.map(0xCF8, 8, this);
    }

    public void plug(int device, int function, PciFunction config) {
        Check.that(find(device, function) == null, "two functions in one PCI slot", device);
        slots.add(new Slot(device, function, config));
    }

    private PciFunction find(int device, int function) {
        for (Slot slot : slots) {
            if (slot.device == device && slot.function == function) {
                return slot.config;
            }
        }
        return null;
    }

    /** The function that 0xCF8 selects, or null: configuration cycles off, other bus, empty slot. */
    private PciFunction selected() {
        return address < 0 && (address >>> 16 & 0xFF) == 0 ? find(address >>> 11 & 31, address >>> 8 & 7) : null;
    }

    @Override
    public int readPort(int port, int width) {
        int ones = width == 32 ? -1 : (1 << width) - 1;
        if (port < 0xCFC) {
            return port == 0xCF8 && width == 32 ? address : ones;
        }
        PciFunction f = selected();
        return f == null ? ones : f.read(address & 0xFC | port & 3, width);
    }

    @Override
    public void writePort(int port, int width, int value) {
        if (port < 0xCFC) {
            if (port == 0xCF8 && width == 32) {
                address = value & 0x80FFFFFC;
            }
            return;
        }
        PciFunction f = selected();
        if (f != null) {
            f.write(address & 0xFC | port & 3, width, value);
        }
    }

    @Override
    public void state(StateFields s) {
        address = s.i32("address", address);
        for (Slot slot : slots) {
            s.struct("slot" + slot.device + "." + slot.function, slot.config);
        }
    }
}
