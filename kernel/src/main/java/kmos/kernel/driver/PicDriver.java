// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.machine.PortSpace;

/** The two cascaded 8259A interrupt controllers (231468-003): vectors 0x20 to 0x2F, all lines open, ended by hand. */
public final class PicDriver {
    public static final int FIRST_VECTOR = 0x20;
    private static final int MASTER = 0x20, SLAVE = 0xA0, NON_SPECIFIC_EOI = 0x20;

    private final PortSpace ports;

    public PicDriver(PortSpace ports) {
        this.ports = ports;
    }

    /** ICW1 to ICW4: edge-triggered, cascade on line 2, 8086 mode; then no line is masked. */
    public void initialize() {
        ports.write8(MASTER, 0x11);
        ports.write8(SLAVE, 0x11);
        ports.write8(MASTER + 1, FIRST_VECTOR);
        ports.write8(SLAVE + 1, FIRST_VECTOR + 8);
        ports.write8(MASTER + 1, 4);
        ports.write8(SLAVE + 1, 2);
        ports.write8(MASTER + 1, 1);
        ports.write8(SLAVE + 1, 1);
        ports.write8(MASTER + 1, 0);
        ports.write8(SLAVE + 1, 0);
    }

    public void endOfInterrupt(int irq) {
        if (irq >= 8) {
            ports.write8(SLAVE, NON_SPECIFIC_EOI);
        }
        ports.write8(MASTER, NON_SPECIFIC_EOI);
    }
}
