// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.base.StateFields;
import kmos.kernel.IrqHandler;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.kernel.tty.Tty;
import kmos.kernel.tty.TtyOutput;
import kmos.machine.PortSpace;
import kmos.machine.VirtualClock;

/** A 16550 serial line: output through a ring and the transmitter's FIFO, input by interrupt to a terminal line. */
public final class UartDriver implements TtyOutput, IrqHandler {
    private static final int DATA = 0, IER = 1, IIR_FCR = 2, LCR = 3, MCR = 4, LSR = 5, SCRATCH = 7;
    private static final int IER_RX = 1, IER_TX = 2, LSR_DR = 1, LSR_THRE = 0x20, LSR_TEMT = 0x40, FIFO = 16;
    private static final int RING = 4096;

    private final PortSpace ports;
    private final VirtualClock clock;
    private final int base;
    private final int irq;
    private Tty tty;
    private byte[] ring = new byte[RING];
    private int head, count;
    private boolean isFull;
    /** The terminal line is full: what comes stays in the chip, and with flow control on the other side. */
    private boolean isThrottled;

    /** base: first of the chip's 8 ports. */
    public UartDriver(Kernel kernel, int base, int irq) {
        ports = kernel.machine().ports();
        clock = kernel.machine().clock();
        this.base = base;
        this.irq = irq;
    }

    /** Whether there is a chip; if so sets 115,200 bit/s, 8N1, FIFOs with trigger level 8, and takes its interrupt. */
    public boolean probe(Kernel kernel, String name) {
        ports.write8(base + SCRATCH, 0x5A);
        if (ports.read8(base + SCRATCH) != 0x5A) {
            return false;
        }
        ports.write8(base + LCR, 0x83);
        ports.write8(base + DATA, 1);
        ports.write8(base + IER, 0);
        ports.write8(base + LCR, 3);
        ports.write8(base + IIR_FCR, 0x81);
        ports.write8(base + MCR, 0x0B); // DTR, RTS, and OUT2, which lets the interrupt through
        kernel.interrupts().register(irq, name, this);
        ports.write8(base + IER, IER_RX);
        kernel.printk("serial8250: " + name + " at I/O 0x" + Integer.toHexString(base) + " (irq = " + irq
            + ", base_baud = 115200) is a 16550A");
        return true;
    }

    /** The line that gets what comes in. */
    public void setTty(Tty line) {
        tty = line;
    }

    @Override
    public int writeRoom() {
        return RING - count;
    }

    @Override
    public void write(byte[] bytes, int offset, int n) {
        for (int i = 0; i < n; i++) {
            ring[head + count + i & RING - 1] = bytes[offset + i];
        }
        count += n;
        clock.advanceNs((long) n * KernelConfig.SERIAL_NS_PER_BYTE);
        pump();
    }

    @Override
    public int pending() {
        return count;
    }

    @Override
    public boolean isDrained() {
        return count == 0 && (ports.read8(base + LSR) & LSR_TEMT) != 0;
    }

    @Override
    public void discardPending() {
        head = head + count & RING - 1;
        count = 0;
        pump();
    }

    /** Kernel messages: a newline needs its carriage return. What finds no room is lost. */
    public void printLine(String text) {
        byte[] bytes = new byte[text.length() + 2];
        for (int i = 0; i < text.length(); i++) {
            bytes[i] = (byte) text.charAt(i);
        }
        bytes[bytes.length - 2] = '\r';
        bytes[bytes.length - 1] = '\n';
        write(bytes, 0, Math.min(bytes.length, writeRoom()));
    }

    /** Fills the transmitter as long as it takes bytes; it asks for the rest by interrupt. */
    private void pump() {
        while (count > 0 && (ports.read8(base + LSR) & LSR_THRE) != 0) {
            for (int i = 0; i < FIFO && count > 0; i++) {
                ports.write8(base + DATA, ring[head] & 0xFF);
                head = head + 1 & RING - 1;
                count--;
            }
        }
        if (isFull != count > 0) {
            isFull = count > 0;
            setInterrupts();
        }
    }

    private void setInterrupts() {
        ports.write8(base + IER, (isThrottled ? 0 : IER_RX) | (isFull ? IER_TX : 0));
    }

    @Override
    public void inputHasRoom() {
        if (isThrottled) {
            isThrottled = false;
            setInterrupts(); // the chip asks at once for what it holds
        }
    }

    @Override
    public void interrupt() {
        for (int i = 0; i < 4096 && !isThrottled && (ports.read8(base + LSR) & LSR_DR) != 0; i++) {
            if (tty != null && tty.isInputFull()) {
                isThrottled = true;
                setInterrupts();
                break;
            }
            int value = ports.read8(base + DATA);
            if (tty != null) {
                tty.receive(value);
            }
        }
        ports.read8(base + IIR_FCR); // ends a request of the transmitter
        if (isFull) {
            pump();
            if (tty != null) {
                tty.outputReady();
            }
        }
    }

    @Override
    public void state(StateFields s) {
        tty = s.ref("tty", tty, Tty.class);
        ring = s.bytes("ring", ring);
        head = s.i32("head", head);
        count = s.i32("count", count);
        isFull = s.bool("isFull", isFull);
        isThrottled = s.bool("isThrottled", isThrottled);
    }
}
