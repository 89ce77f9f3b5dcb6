// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.Kernel;
import kmos.machine.MmioSpace;
import kmos.machine.PortSpace;

/** The Bochs VBE display: sets a mode of 32 bits a pixel and knows where its frame buffer is. */
public final class VbeDriver implements Stateful {
    private static final int INDEX = 0x1CE, DATA = 0x1CF;
    private static final int ID = 0, XRES = 1, YRES = 2, BPP = 3, ENABLE = 4;
    private static final int ENABLED = 1, LFB = 0x40;

    private final Kernel kernel;
    private final PortSpace ports;
    private long physical;
    private int width, height;

    public VbeDriver(Kernel kernel) {
        this.kernel = kernel;
        ports = kernel.machine().ports();
    }

    private void write(int register, int value) {
        ports.write16(INDEX, register);
        ports.write16(DATA, value);
    }

    private int read(int register) {
        ports.write16(INDEX, register);
        return ports.read16(DATA);
    }

    /** Finds the display and sets the mode. False, with a line in the log, when either does not work. */
    public boolean probe(int newWidth, int newHeight) {
        PciConfig pci = new PciConfig(ports);
        int function = pci.find(PciConfig.CLASS_VGA);
        if (function < 0 || (read(ID) & 0xFFF0) != 0xB0C0) {
            kernel.printk("vbe: no display");
            return false;
        }
        pci.enable(function);
        write(ENABLE, 0);
        write(XRES, newWidth);
        write(YRES, newHeight);
        write(BPP, 32);
        write(ENABLE, ENABLED | LFB);
        if ((read(ENABLE) & ENABLED) == 0) {
            kernel.printk(4, "vbe: the display does not take " + newWidth + "x" + newHeight + "x32");
            return false;
        }
        width = newWidth;
        height = newHeight;
        physical = pci.bar(function, 0) & 0xFFFFFFFFL;
        kernel.printk("vbe: " + width + "x" + height + "x32 frame buffer at 0x" + Long.toHexString(physical));
        return true;
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    public int strideBytes() {
        return width * 4;
    }

    /** Linear address of the first pixel, 0 when the window is not there. */
    public int frameAddress() {
        MmioSpace.Window window = kernel.machine().mmio().find(physical);
        return window == null ? 0 : window.linear();
    }

    @Override
    public void state(StateFields s) {
        physical = s.i64("physical", physical);
        width = s.i32("width", width);
        height = s.i32("height", height);
    }
}
