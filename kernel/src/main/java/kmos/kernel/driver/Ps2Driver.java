// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.IrqHandler;
import kmos.kernel.Kernel;
import kmos.kernel.tty.KeyMap;
import kmos.kernel.tty.Tty;
import kmos.kernel.tty.VirtualConsole;
import kmos.machine.PortSpace;

/** The 8042's keyboard: translated set 1 scan codes, IRQ 1, through the key map to the virtual console's line. */
public final class Ps2Driver implements IrqHandler, Stateful {
    private static final int DATA = 0x60, STATUS = 0x64, COMMAND = 0x64;
    private static final int OUTPUT_FULL = 1, FROM_MOUSE = 0x20;
    private static final int READ_CONFIG = 0x20, WRITE_CONFIG = 0x60, SELF_TEST = 0xAA, SELF_TEST_PASSED = 0x55;
    private static final int CONFIG_IRQ1 = 1, CONFIG_NO_KEYBOARD = 0x10, CONFIG_TRANSLATE = 0x40;

    private final Kernel kernel;
    private final PortSpace ports;
    private final KeyMap keyMap = new KeyMap();
    private Tty tty;
    private VirtualConsole console;

    public Ps2Driver(Kernel kernel) {
        this.kernel = kernel;
        ports = kernel.machine().ports();
    }

    /** Tests the controller and lets the keyboard interrupt. False when there is none. */
    public boolean probe() {
        drain();
        ports.write8(COMMAND, SELF_TEST);
        if ((ports.read8(STATUS) & OUTPUT_FULL) == 0 || ports.read8(DATA) != SELF_TEST_PASSED) {
            kernel.printk("i8042: no controller");
            return false;
        }
        ports.write8(COMMAND, READ_CONFIG);
        int config = ports.read8(DATA);
        ports.write8(COMMAND, WRITE_CONFIG);
        ports.write8(DATA, (config | CONFIG_IRQ1 | CONFIG_TRANSLATE) & ~CONFIG_NO_KEYBOARD);
        kernel.interrupts().register(1, "i8042", this);
        drain();
        kernel.printk("i8042: PS/2 keyboard at I/O 0x60, 0x64 irq 1");
        return true;
    }

    private void drain() {
        for (int i = 0; i < 256 && (ports.read8(STATUS) & OUTPUT_FULL) != 0; i++) {
            ports.read8(DATA);
        }
    }

    /** Where keys go. */
    public void setConsole(Tty line, VirtualConsole screen) {
        tty = line;
        console = screen;
    }

    @Override
    public void interrupt() {
        for (int i = 0; i < 256; i++) {
            int status = ports.read8(STATUS);
            if ((status & OUTPUT_FULL) == 0) {
                return;
            }
            int code = ports.read8(DATA);
            if ((status & FROM_MOUSE) == 0 && tty != null) {
                keyMap.scancode(code, tty, console);
            }
        }
    }

    @Override
    public void state(StateFields s) {
        s.struct("keyMap", keyMap);
        tty = s.ref("tty", tty, Tty.class);
        console = s.ref("console", console, VirtualConsole.class);
    }
}
