// SPDX-License-Identifier: Apache-2.0
package kmos.device.disk;

import kmos.base.StateFields;
import kmos.device.pci.PciFunction;
import kmos.machine.Device;
import kmos.machine.IrqLine;
import kmos.machine.MmioSpace;
import kmos.machine.PhysicalMemory;
import kmos.machine.PortSpace;

/**
 * The IDE function of Intel's PIIX3 (290550): two channels in compatibility mode (0x1F0/0x3F6 IRQ 14, 0x170/0x376 IRQ
 * 15) with two drives each, and bus-master registers at BAR 4 ("Programming Interface for Bus Master IDE Controller").
 */
public final class IdeController implements Device, PciFunction.BarListener {
    public static final int BUS_MASTER_PORT = 0xC000;

    private final PciFunction pci;
    private final IdeChannel primary;
    private final IdeChannel secondary;
    private PortSpace ports;
    private int mappedAt = -1;

    /** disks: primary master, primary slave, secondary master, secondary slave; null where there is none. */
    public IdeController(PhysicalMemory memory, IrqLine primaryIrq, IrqLine secondaryIrq, AtaDisk... disks) {
        pci = new PciFunction(0x8086, 0x7010, 0x010180, 0).enabled(5).bar(4, BUS_MASTER_PORT, 16, 1).listener(this);
        primary = new IdeChannel(memory, primaryIrq, disk(disks, 0), disk(disks, 1));
        secondary = new IdeChannel(memory, secondaryIrq, disk(disks, 2), disk(disks, 3));
    }

    private static AtaDisk disk(AtaDisk[] disks, int i) {
        return i < disks.length ? disks[i] : null;
    }

    public PciFunction pci() {
        return pci;
    }

    @Override
    public void attach(PortSpace space, MmioSpace mmio) {
        ports = space;
        primary.attach(space, 0x1F0, 0x3F6);
        secondary.attach(space, 0x170, 0x376);
        barMoved(4, pci.barAddress(4), true);
    }

    @Override
    public void barMoved(int bar, long address, boolean isEnabled) {
        int wanted = isEnabled ? (int) address : -1;
        if (wanted == mappedAt) {
            return;
        }
        if (mappedAt >= 0) {
            ports.unmap(mappedAt, 16);
        }
        if (wanted >= 0) {
            int base = wanted;
            ports.map(base, 8, primary.busMaster(base));
            ports.map(base + 8, 8, secondary.busMaster(base + 8));
        }
        mappedAt = wanted;
    }

    @Override
    public void state(StateFields s) {
        s.struct("primary", primary);
        s.struct("secondary", secondary);
    }
}
