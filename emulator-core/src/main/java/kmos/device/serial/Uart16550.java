// SPDX-License-Identifier: Apache-2.0
package kmos.device.serial;

import kmos.base.StateFields;
import kmos.host.ByteSink;
import kmos.machine.Device;
import kmos.machine.IrqLine;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;

/**
 * National PC16550D UART with FIFOs. Bytes leave at once (the line is infinitely fast), bytes from the host queue up
 * behind the FIFO and enter it as the guest reads, as with perfect hardware flow control: nothing is lost.
 *
 * <pre>
 * offset  read              write             with DLAB
 * 0       RBR received      THR to send       DLL divisor, low
 * 1       IER enables                         DLM divisor, high
 * 2       IIR cause         FCR FIFO control
 * 3       LCR format   4 MCR modem lines   5 LSR line status   6 MSR modem status   7 SCR scratch
 * </pre>
 */
public final class Uart16550 implements Device, PortHandler {
    private static final int IER_RX = 1, IER_TX = 2, IER_LINE = 4, IER_MODEM = 8;
    private static final int LSR_DR = 1, LSR_OE = 2, LSR_THRE = 0x20, LSR_TEMT = 0x40;
    private static final int MCR_OUT2 = 8, MCR_LOOP = 0x10;
    private static final int FIFO_SIZE = 16;
    /** The host is told to wait by {@link #receiveRoom} long before; beyond this bytes are dropped. */
    private static final int QUEUE_LIMIT = 1 << 20;
    private static final int[] TRIGGER = {1, 4, 8, 14};

    private final int base;
    private final IrqLine irq;
    private final ByteSink sink;
    private byte[] queue = new byte[256];
    private int head, count;
    private int ier, lcr, mcr, scratch, fifoControl;
    private int divisor = 1;
    private int lineErrors;
    private int modemInputs = 0xB0, modemDeltas;
    private boolean isTransmitPending;

    /** base: the first of 8 ports. */
    public Uart16550(int base, IrqLine irq, ByteSink sink) {
        this.base = base;
        this.irq = irq;
        this.sink = sink;
    }

    @Override
    public void attach(PortSpace ports, MmioSpace mmio) {
        ports.map(base, 8, this);
    }

    /** A byte comes over the line from the host. */
    public void receive(int value) {
        if (count < QUEUE_LIMIT) {
            enqueue(value);
            updateLine();
        }
    }

    /** How many bytes the host may give now without loss. */
    public int receiveRoom() {
        return QUEUE_LIMIT - count;
    }

    private void enqueue(int value) {
        if (count == queue.length) {
            byte[] larger = new byte[queue.length * 2];
            for (int i = 0; i < count; i++) {
                larger[i] = queue[head + i & queue.length - 1];
            }
            queue = larger;
            head = 0;
        }
        queue[head + count & queue.length - 1] = (byte) value;
        count++;
    }

    @Override
    public int readPort(int port, int width) {
        int value = read(port - base);
        updateLine();
        return value;
    }

    private int read(int offset) {
        boolean isLatch = (lcr & 0x80) != 0;
        switch (offset) {
            case 0:
                if (isLatch) {
                    return divisor & 0xFF;
                }
                if (count == 0) {
                    return 0;
                }
                int value = queue[head] & 0xFF;
                head = head + 1 & queue.length - 1;
                count--;
                return value;
            case 1:
                return isLatch ? divisor >>> 8 : ier;
            case 2:
                int cause = cause();
                if (cause == 2) {
                    isTransmitPending = false; // reading IIR clears the transmitter's request
                }
                return cause | (hasFifo() ? 0xC0 : 0);
            case 3:
                return lcr;
            case 4:
                return mcr;
            case 5:
                int status = LSR_THRE | LSR_TEMT | lineErrors | (count > 0 ? LSR_DR : 0);
                lineErrors = 0;
                return status;
            case 6:
                int modem = modemStatus();
                modemDeltas = 0;
                return modem;
            default:
                return scratch;
        }
    }

    @Override
    public void writePort(int port, int width, int value) {
        write(port - base, value & 0xFF);
        updateLine();
    }

    private void write(int offset, int value) {
        boolean isLatch = (lcr & 0x80) != 0;
        switch (offset) {
            case 0 -> {
                if (isLatch) {
                    divisor = divisor & 0xFF00 | value;
                } else {
                    transmit(value);
                }
            }
            case 1 -> {
                if (isLatch) {
                    divisor = divisor & 0xFF | value << 8;
                } else {
                    if ((value & ~ier & IER_TX) != 0) {
                        isTransmitPending = true; // enabling the interrupt with an empty holding register requests it
                    }
                    ier = value & 0x0F;
                }
            }
            case 2 -> writeFifoControl(value);
            case 3 -> lcr = value;
            case 4 -> {
                int before = modemStatus();
                mcr = value & 0x1F;
                int after = modemStatus();
                int changed = (before ^ after) >>> 4;
                modemDeltas |= changed & 0x0B | changed & before >>> 4 & 4; // RI: trailing edge only
            }
            case 7 -> scratch = value;
            default -> { }
        }
    }

    private void transmit(int value) {
        int mask = (1 << (lcr & 3) + 5) - 1; // word length
        if ((mcr & MCR_LOOP) == 0) {
            sink.put(value & mask);
        } else if (count < (hasFifo() ? FIFO_SIZE : 1)) {
            enqueue(value & mask);
        } else {
            lineErrors |= LSR_OE;
        }
        isTransmitPending = true;
    }

    private void writeFifoControl(int value) {
        boolean toggles = ((value ^ fifoControl) & 1) != 0;
        if (toggles || (value & 2) != 0) {
            // Differs from the chip: only what is in the FIFO is lost, what the host still holds back comes in after.
            int dropped = Math.min(count, FIFO_SIZE);
            head = head + dropped & queue.length - 1;
            count -= dropped;
        }
        fifoControl = value & 0xC9;
    }

    private boolean hasFifo() {
        return (fifoControl & 1) != 0;
    }

    private int modemStatus() {
        if ((mcr & MCR_LOOP) == 0) {
            return modemInputs | modemDeltas;
        }
        // loopback: DTR to DSR, RTS to CTS, OUT1 to RI, OUT2 to DCD
        int looped = (mcr & 1) << 5 | (mcr & 2) << 3 | (mcr & 4) << 4 | (mcr & 8) << 4;
        return looped | modemDeltas;
    }

    /** IIR's low four bits: 1 when nothing is pending. Order is that of the data sheet's table 4. */
    private int cause() {
        if ((ier & IER_LINE) != 0 && lineErrors != 0) {
            return 6;
        }
        if ((ier & IER_RX) != 0 && count > 0) {
            // below the trigger level the character timeout fires: the line is idle at once
            return !hasFifo() || count >= TRIGGER[fifoControl >>> 6] ? 4 : 12;
        }
        if ((ier & IER_TX) != 0 && isTransmitPending) {
            return 2;
        }
        return (ier & IER_MODEM) != 0 && modemDeltas != 0 ? 0 : 1;
    }

    /** On a PC, OUT2 gates the interrupt line. */
    private void updateLine() {
        irq.set(cause() != 1 && (mcr & MCR_OUT2) != 0 && (mcr & MCR_LOOP) == 0);
    }

    @Override
    public void state(StateFields s) {
        byte[] waiting = new byte[count];
        for (int i = 0; i < count; i++) {
            waiting[i] = queue[head + i & queue.length - 1];
        }
        byte[] kept = s.bytes("received", waiting);
        if (s.isLoading()) {
            head = 0;
            count = 0;
            for (byte b : kept) {
                enqueue(b);
            }
        }
        ier = s.u8("ier", ier);
        lcr = s.u8("lcr", lcr);
        mcr = s.u8("mcr", mcr);
        scratch = s.u8("scratch", scratch);
        fifoControl = s.u8("fifoControl", fifoControl);
        divisor = s.u16("divisor", divisor);
        lineErrors = s.u8("lineErrors", lineErrors);
        modemInputs = s.u8("modemInputs", modemInputs);
        modemDeltas = s.u8("modemDeltas", modemDeltas);
        isTransmitPending = s.bool("isTransmitPending", isTransmitPending);
    }
}
