// SPDX-License-Identifier: Apache-2.0
package kmos.device.disk;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.machine.IrqLine;
import kmos.machine.PhysicalMemory;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;

/**
 * One IDE cable with up to two drives, and its bus master.
 *
 * <pre>
 * bus master   0 command (bit 0 start, bit 3 to memory)   2 status (0 active, 1 error, 2 interrupt)   4 PRD table address
 * PRD entry    0 physical address (32 bits)   4 byte count (16 bits, 0 is 65,536)   7 bit 7: last entry
 * </pre>
 */
final class IdeChannel implements Stateful, PortHandler, AtaDisk.Cable {
    private static final int START = 1, TO_MEMORY = 8;
    private static final int ACTIVE = 1, ERROR = 2, INTERRUPT = 4, DMA_CAPABLE = 0x60;
    private static final int NIEN = 2, SRST = 4, HOB = 0x80;

    private final PhysicalMemory memory;
    private final IrqLine irq;
    private final AtaDisk[] disks = new AtaDisk[2];
    private int commandPort, controlPort;
    private int selected;
    private int control;
    private boolean isInterrupting;
    private int masterCommand, masterStatus, tableAddress;
    private int entryAt, entryOffset;
    private boolean isTableDone, wantsDma;

    IdeChannel(PhysicalMemory memory, IrqLine irq, AtaDisk master, AtaDisk slave) {
        this.memory = memory;
        this.irq = irq;
        disks[0] = master;
        disks[1] = slave;
        for (AtaDisk d : disks) {
            if (d != null) {
                d.plug(this);
                masterStatus |= d == master ? 0x20 : 0x40;
            }
        }
    }

    void attach(PortSpace ports, int commandBase, int controlBase) {
        commandPort = commandBase;
        controlPort = controlBase;
        ports.map(commandBase, 8, this);
        ports.map(controlBase, 1, this);
    }

    private AtaDisk drive() {
        return disks[selected];
    }

    private boolean isEmpty() {
        return disks[0] == null && disks[1] == null;
    }

    @Override
    public int readPort(int port, int width) {
        AtaDisk drive = drive();
        if (port == commandPort && width >= 16) {
            return drive == null ? width == 32 ? -1 : 0xFFFF : drive.readData(width);
        }
        if (isEmpty()) {
            return 0x7F; // D7 has a pull-down: BSY reads as 0 with nobody there
        }
        if (port == controlPort) {
            return drive == null ? 0 : drive.status();
        }
        int offset = port - commandPort;
        if (offset == 7) {
            setInterrupt(false);
            return drive == null ? 0 : drive.status();
        }
        return drive == null ? 0 : drive.readRegister(offset, (control & HOB) != 0);
    }

    @Override
    public void writePort(int port, int width, int value) {
        if (port == controlPort) {
            writeControl(value);
            return;
        }
        int offset = port - commandPort;
        AtaDisk drive = drive();
        if (offset == 0) {
            if (drive != null && width >= 16) {
                drive.writeData(width, value);
            }
            return;
        }
        control &= ~HOB;
        if (offset == 7) {
            setInterrupt(false);
            if (drive != null) {
                drive.command(value & 0xFF);
            }
            return;
        }
        if (offset == 6) {
            selected = value >>> 4 & 1;
        }
        for (AtaDisk d : disks) {
            if (d != null) {
                d.writeRegister(offset, value & 0xFF);
            }
        }
    }

    private void writeControl(int value) {
        boolean ends = (control & SRST) != 0 && (value & SRST) == 0;
        control = value & 0xFF;
        if (ends) {
            selected = 0;
            wantsDma = false;
            setInterrupt(false);
            for (AtaDisk d : disks) {
                if (d != null) {
                    d.reset();
                }
            }
        }
        updateLine();
    }

    private void setInterrupt(boolean isHigh) {
        isInterrupting = isHigh;
        updateLine();
    }

    private void updateLine() {
        irq.set(isInterrupting && (control & NIEN) == 0);
    }

    // The drive's side

    @Override
    public void interrupt() {
        masterStatus |= INTERRUPT;
        setInterrupt(true);
    }

    @Override
    public void requestDma() {
        wantsDma = true;
        grant();
    }

    private void grant() {
        AtaDisk drive = drive();
        if (wantsDma && (masterCommand & START) != 0 && drive != null) {
            wantsDma = false;
            drive.dmaReady();
        }
    }

    @Override
    public boolean transfer(int linear, int count, boolean isToMemory) {
        if (isToMemory != ((masterCommand & TO_MEMORY) != 0)) {
            return false;
        }
        int done = 0;
        while (done < count) {
            if (isTableDone || !isRam(entryAt, 8)) {
                return false;
            }
            int address = memory.read32(entryAt) & ~1;
            int word = memory.read32(entryAt + 4);
            int size = (word & 0xFFFE) == 0 ? 0x10000 : word & 0xFFFE;
            int n = Math.min(size - entryOffset, count - done);
            if (!isRam(address + entryOffset, n)) {
                return false;
            }
            if (isToMemory) {
                memory.written(address + entryOffset, n);
                kmos.base.Memory.copy(linear + done, memory.linear(address + entryOffset), n);
            } else {
                kmos.base.Memory.copy(memory.linear(address + entryOffset), linear + done, n);
            }
            done += n;
            entryOffset += n;
            if (entryOffset == size) {
                entryOffset = 0;
                entryAt += 8;
                isTableDone = word < 0;
            }
        }
        return true;
    }

    private boolean isRam(int physical, int count) {
        return physical >= 0 && physical <= memory.size() - count;
    }

    @Override
    public void dmaEnded(boolean isError) {
        if (isError) {
            masterStatus |= ERROR;
        }
        masterStatus &= ~ACTIVE;
    }

    // Bus-master registers

    PortHandler busMaster(int base) {
        return new PortHandler() {
            @Override
            public int readPort(int port, int width) {
                return switch (port - base) {
                    case 0 -> masterCommand;
                    case 2 -> masterStatus;
                    case 4 -> width == 32 ? tableAddress : tableAddress & (1 << width) - 1;
                    case 5, 6, 7 -> tableAddress >>> (port - base - 4) * 8 & (1 << width) - 1;
                    default -> 0;
                };
            }

            @Override
            public void writePort(int port, int width, int value) {
                switch (port - base) {
                    case 0 -> writeMasterCommand(value);
                    case 2 -> {
                        int cleared = value & (ERROR | INTERRUPT);
                        masterStatus = masterStatus & ~DMA_CAPABLE & ~cleared | value & DMA_CAPABLE;
                    }
                    case 4, 5, 6, 7 -> {
                        int shift = (port - base - 4) * 8;
                        int mask = width == 32 ? -1 : (1 << width) - 1;
                        tableAddress = (tableAddress & ~(mask << shift) | (value & mask) << shift) & ~3;
                    }
                    default -> { }
                }
            }
        };
    }

    private void writeMasterCommand(int value) {
        boolean starts = (value & ~masterCommand & START) != 0;
        masterCommand = value & (START | TO_MEMORY);
        if (starts) {
            masterStatus |= ACTIVE;
            entryAt = tableAddress;
            entryOffset = 0;
            isTableDone = false;
            grant();
        } else if ((value & START) == 0) {
            masterStatus &= ~ACTIVE;
        }
    }

    @Override
    public void state(StateFields s) {
        selected = s.u8("selected", selected);
        control = s.u8("control", control);
        isInterrupting = s.bool("isInterrupting", isInterrupting);
        masterCommand = s.u8("masterCommand", masterCommand);
        masterStatus = s.u8("masterStatus", masterStatus);
        tableAddress = s.i32("tableAddress", tableAddress);
        entryAt = s.i32("entryAt", entryAt);
        entryOffset = s.i32("entryOffset", entryOffset);
        isTableDone = s.bool("isTableDone", isTableDone);
        wantsDma = s.bool("wantsDma", wantsDma);
        if (disks[0] != null) {
            s.struct("master", disks[0]);
        }
        if (disks[1] != null) {
            s.struct("slave", disks[1]);
        }
    }
}
