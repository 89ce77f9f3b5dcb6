// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.machine.PortSpace;

/** Configuration space of PCI bus 0 by mechanism 1 (PCI 2.2 §3.2.2.3.2). An address is device << 11 | function << 8. */
public final class PciConfig {
    public static final int CLASS_IDE = 0x0101, CLASS_VGA = 0x0300;
    private static final int ADDRESS = 0xCF8, DATA = 0xCFC;

    private final PortSpace ports;

    public PciConfig(PortSpace ports) {
        this.ports = ports;
    }

    public int read32(int function, int offset) {
        ports.write32(ADDRESS, 0x80000000 | function | offset & 0xFC);
        return ports.read32(DATA);
    }

    public void write32(int function, int offset, int value) {
        ports.write32(ADDRESS, 0x80000000 | function | offset & 0xFC);
        ports.write32(DATA, value);
    }

    /** The first function with the given base class and sub-class, or -1. */
    public int find(int classAndSubclass) {
        for (int function = 0; function < 1 << 16; function += 1 << 8) {
            if ((read32(function, 0) & 0xFFFF) != 0xFFFF && read32(function, 8) >>> 16 == classAndSubclass) {
                return function;
            }
        }
        return -1;
    }

    /** The address in a base address register, without its flag bits. */
    public int bar(int function, int number) {
        int value = read32(function, 0x10 + number * 4);
        return (value & 1) != 0 ? value & ~3 : value & ~15;
    }

    /** Lets the function answer I/O and memory cycles and do DMA. */
    public void enable(int function) {
        write32(function, 4, read32(function, 4) & 0xFFFF | 7);
    }
}
