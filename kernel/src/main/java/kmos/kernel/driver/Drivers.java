// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.StateTypes;
import kmos.fs.block.MbrPartitions;
import kmos.fs.block.Partition;
import kmos.kernel.Kernel;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.tty.Terminals;
import kmos.kernel.tty.Tty;
import kmos.kernel.tty.VirtualConsole;
import kmos.kernel.vfs.BlockDevices;

/** The machine's drivers, probed in order at boot. What is not there is left out. */
public final class Drivers implements Stateful {
    private static final int IDE0_MAJOR = 3;
    private static final int SCREEN_WIDTH = 800, SCREEN_HEIGHT = 600;

    private final Kernel kernel;
    private final RtcDriver rtc;
    private final PitDriver pit;
    private final UartDriver uart;
    private final Ps2Driver ps2;
    private final VbeDriver vbe;
    private final IdeDriver ide;
    private final VirtualConsole console;
    private final FramebufferConsole framebuffer;
    private boolean hasSerial, hasDisk, hasDisplay, hasKeyboard;
    private Tty serialLine, consoleLine;

    /** font: a PSF file for the console on the display, or null to leave the display alone. */
    public Drivers(Kernel kernel, byte[] font) {
        this.kernel = kernel;
        rtc = new RtcDriver(kernel.machine().ports());
        pit = new PitDriver(kernel);
        uart = new UartDriver(kernel, 0x3F8, 4);
        ps2 = new Ps2Driver(kernel);
        vbe = new VbeDriver(kernel);
        ide = new IdeDriver(kernel);
        PsfFont psf = font == null ? null : new PsfFont(font);
        console = psf == null ? null : new VirtualConsole(SCREEN_WIDTH / FramebufferConsole.CELL_WIDTH, SCREEN_HEIGHT / psf.height());
        framebuffer = psf == null ? null : new FramebufferConsole(kernel, vbe, psf, console);
    }

    /** Probes everything, makes the terminal lines ttyS0 and tty1, and adds the disk hda. */
    public void start() {
        Terminals terminals = kernel.terminals();
        hasSerial = uart.probe(kernel, "ttyS0");
        if (hasSerial) {
            serialLine = terminals.addLine("ttyS0", Terminals.FIRST_SERIAL_MINOR, uart);
            uart.setTty(serialLine);
        }
        hasDisplay = console != null && vbe.probe(SCREEN_WIDTH, SCREEN_HEIGHT);
        if (hasDisplay) {
            consoleLine = terminals.addLine("tty1", 1, console);
            console.setTty(consoleLine);
            consoleLine.resize(console.screen().columns(), console.screen().rows());
        }
        pit.stop();
        kernel.setRealTimeNs(rtc.readEpochSeconds() * 1_000_000_000L + kernel.nowNs() % 1_000_000_000L);
        hasKeyboard = ps2.probe();
        if (hasDisplay) {
            ps2.setConsole(consoleLine, console);
        }
        hasDisk = ide.probe();
        if (hasDisk) {
            kernel.vfs().blockDevices().add("hda", DeviceNumbers.makedev(IDE0_MAJOR, 0), ide);
        }
    }

    /**
     * Reads the disk's partition table and adds hda1 and so on. NotReady while the sector is on its way; EIO.
     * Does nothing without a disk, and nothing twice.
     */
    public void scanPartitions() {
        BlockDevices devices = kernel.vfs().blockDevices();
        BlockDevices.Row disk = devices.find("hda");
        if (disk == null || devices.rows().size() > 1) {
            return;
        }
        StringBuilder found = new StringBuilder(" hda:");
        for (MbrPartitions.Entry e : MbrPartitions.read(devices.cache(disk))) {
            String name = "hda" + e.number();
            devices.add(name, DeviceNumbers.makedev(IDE0_MAJOR, e.number()), new Partition(ide, e.firstSector(), e.sectorCount()));
            found.append(' ').append(name);
            if (e.isCut()) {
                kernel.printk(4, "hda: p" + e.number() + " extends beyond the end of the disk, truncated");
            }
        }
        kernel.printk(found.toString());
    }

    /** A line of the kernel log onto the consoles. */
    public void print(String line) {
        if (hasSerial) {
            uart.printLine(line);
        }
        if (hasDisplay) {
            byte[] bytes = new byte[line.length() + 2];
            for (int i = 0; i < line.length(); i++) {
                bytes[i] = (byte) line.charAt(i);
            }
            bytes[bytes.length - 2] = '\r';
            bytes[bytes.length - 1] = '\n';
            console.write(bytes, 0, bytes.length);
        }
    }

    public boolean hasDisk() {
        return hasDisk;
    }

    public IdeDriver ide() {
        return ide;
    }

    /** The virtual console on the display, or null. */
    public VirtualConsole console() {
        return hasDisplay ? console : null;
    }

    /** Objects that lines, timers and partitions refer to. */
    public void registerState(StateTypes types) {
        types.fixed(uart).fixed(ide);
        if (console != null) {
            types.fixed(console).fixed(framebuffer);
        }
    }

    @Override
    public void state(StateFields s) {
        s.struct("pit", pit);
        s.struct("uart", uart);
        s.struct("ps2", ps2);
        s.struct("vbe", vbe);
        s.struct("ide", ide);
        if (console != null) {
            s.struct("console", console);
            s.struct("framebuffer", framebuffer);
        }
        hasSerial = s.bool("hasSerial", hasSerial);
        hasDisk = s.bool("hasDisk", hasDisk);
        hasDisplay = s.bool("hasDisplay", hasDisplay);
        hasKeyboard = s.bool("hasKeyboard", hasKeyboard);
        serialLine = s.ref("serialLine", serialLine, Tty.class);
        consoleLine = s.ref("consoleLine", consoleLine, Tty.class);
        if (s.isLoading()) {
            registerInterrupts();
        }
    }

    /** A loaded state knows the chips' settings but not who handles their interrupts. */
    private void registerInterrupts() {
        if (hasSerial) {
            kernel.interrupts().register(4, "ttyS0", uart);
        }
        if (hasKeyboard) {
            kernel.interrupts().register(1, "i8042", ps2);
        }
        if (hasDisk) {
            kernel.interrupts().register(14, "ide0", ide);
        }
    }
}
