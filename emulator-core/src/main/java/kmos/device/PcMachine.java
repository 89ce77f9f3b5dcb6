// SPDX-License-Identifier: Apache-2.0
package kmos.device;

import kmos.base.MemoryArena;
import kmos.base.StateTypes;
import kmos.device.disk.AtaDisk;
import kmos.device.disk.IdeController;
import kmos.device.input.Ps2Controller;
import kmos.device.irq.Pic8259;
import kmos.device.pci.PciBus;
import kmos.device.pci.PciFunction;
import kmos.device.serial.Uart16550;
import kmos.device.timer.Pit8254;
import kmos.device.timer.Rtc146818;
import kmos.device.video.VbeDisplay;
import kmos.host.BlockBackend;
import kmos.host.ByteSink;
import kmos.machine.Machine;

/**
 * The board: what is wired to what. The processor is set by who builds the system.
 *
 * <pre>
 *            PCI 00:00 440FX   00:01.0 PIIX3 ISA   00:01.1 PIIX3 IDE   00:02 VBE display (BAR 0: frame buffer)
 *   ISA   0x20 PIC   0x40 PIT   0x60 keyboard   0x70 RTC   0x1CE VBE   0x1F0 IDE   0x3F8 serial   0xC000 IDE bus master
 *   IRQ   0 PIT   1 keyboard   4 serial   8 RTC   12 mouse   14, 15 IDE
 * </pre>
 */
public final class PcMachine {
    public static final int VIDEO_MEMORY = 4 << 20;

    private final Machine machine;
    private final Pit8254 pit;
    private final Rtc146818 rtc;
    private final Uart16550 uart;
    private final Ps2Controller ps2;
    private final AtaDisk disk;
    private final VbeDisplay display;
    private final int buffer, videoMemory;

    private PcMachine(Machine machine, MemoryArena arena, BlockBackend backend, ByteSink serial, long epochSeconds) {
        this.machine = machine;
        var clock = machine.clock();
        var timers = machine.timers();
        var pic = machine.add("pic", new Pic8259());
        machine.setInterruptController(pic);
        pit  = machine.add("pit", new Pit8254(clock, timers, pic.line(0)));
        ps2  = machine.add("ps2", new Ps2Controller(pic.line(1), pic.line(12)));
        uart = machine.add("uart0", new Uart16550(0x3F8, pic.line(4), serial));
        rtc  = machine.add("rtc", new Rtc146818(clock, timers, pic.line(8), epochSeconds));

        buffer = backend == null ? 0 : arena.allocate(AtaDisk.BUFFER_BYTES);
        videoMemory = arena.allocate(VIDEO_MEMORY);
        disk = backend == null ? null : new AtaDisk(machine, backend, buffer);
        var ide = new IdeController(machine.memory(), pic.line(14), pic.line(15), disk);
        display = new VbeDisplay(videoMemory, VIDEO_MEMORY);

        var pci = new PciBus();
        pci.plug(0, 0, new PciFunction(0x8086, 0x1237, 0x060000, 2));
        pci.plug(1, 0, new PciFunction(0x8086, 0x7000, 0x060100, 0).multiFunction());
        pci.plug(1, 1, ide.pci());
        pci.plug(2, 0, display.pci());
        machine.add("pci", pci);
        machine.add("ide", ide);
        machine.add("display", display);
    }

    /**
     * Adds the devices to a machine. backend: the first hard disk, or null for none. serial: takes what the first serial
     * port sends. epochSeconds: the clock chip's time at power-on, seconds since 1970 UTC.
     */
    public static PcMachine build(Machine machine, MemoryArena arena, BlockBackend backend, ByteSink serial,
            long epochSeconds) {
        return new PcMachine(machine, arena, backend, serial, epochSeconds);
    }

    /** Devices that timers refer to, in the table of saved objects. */
    public void registerState(StateTypes types) {
        types.fixed(pit).fixed(rtc);
        if (disk != null) {
            types.fixed(disk);
        }
    }

    /** Gives linear memory back to the arena it came from. */
    public void close(MemoryArena arena) {
        if (buffer != 0) {
            arena.free(buffer);
        }
        arena.free(videoMemory);
    }

    public Machine machine() {
        return machine;
    }

    public Uart16550 uart() {
        return uart;
    }

    public Ps2Controller ps2() {
        return ps2;
    }

    public VbeDisplay display() {
        return display;
    }
}
