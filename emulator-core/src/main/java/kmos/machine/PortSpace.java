// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

import kmos.base.Check;

/** The 65,536 I/O ports. Nobody there: reads give all ones, writes vanish, as on an ISA bus. */
public final class PortSpace {
    private final PortHandler[] handlers = new PortHandler[0x10000];

    public void map(int port, int count, PortHandler handler) {
        for (int i = 0; i < count; i++) {
            Check.that(handlers[port + i] == null, "two devices on one port", port + i);
            handlers[port + i] = handler;
        }
    }

    public void unmap(int port, int count) {
        for (int i = 0; i < count; i++) {
            handlers[port + i] = null;
        }
    }

    public int read(int port, int width) {
        PortHandler h = handlers[port & 0xFFFF];
        return h != null ? h.readPort(port & 0xFFFF, width) : width == 32 ? -1 : (1 << width) - 1;
    }

    public void write(int port, int width, int value) {
        PortHandler h = handlers[port & 0xFFFF];
        if (h != null) {
            h.writePort(port & 0xFFFF, width, value);
        }
    }

    public int read8(int port) {
        return read(port, 8);
    }

    public int read16(int port) {
        return read(port, 16);
    }

    public int read32(int port) {
        return read(port, 32);
    }

    public void write8(int port, int value) {
        write(port, 8, value & 0xFF);
    }

    public void write16(int port, int value) {
        write(port, 16, value & 0xFFFF);
    }

    public void write32(int port, int value) {
        write(port, 32, value);
    }
}
