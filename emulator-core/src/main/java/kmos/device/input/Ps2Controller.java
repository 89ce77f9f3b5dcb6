// SPDX-License-Identifier: Apache-2.0
package kmos.device.input;

import kmos.base.StateFields;
import kmos.machine.Device;
import kmos.machine.IrqLine;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;

/**
 * Intel 8042 keyboard controller with a PS/2 keyboard (IRQ 1) and mouse (IRQ 12): ports 0x60 data, 0x64 status and
 * command (IBM PS/2 Technical Reference, "Keyboard/Auxiliary Device Controller").
 */
public final class Ps2Controller implements Device, PortHandler {
    private static final int STATUS_OUTPUT = 1, STATUS_SYSTEM = 4, STATUS_COMMAND = 8, STATUS_UNLOCKED = 0x10, STATUS_AUX = 0x20;
    private static final int CONFIG_IRQ1 = 1, CONFIG_IRQ12 = 2, CONFIG_SYSTEM = 4, CONFIG_NO_KEYBOARD = 0x10,
        CONFIG_NO_AUX = 0x20, CONFIG_TRANSLATE = 0x40;

    private final IrqLine keyboardIrq;
    private final IrqLine mouseIrq;
    private final Ps2Keyboard keyboard = new Ps2Keyboard();
    private final Ps2Mouse mouse = new Ps2Mouse();
    private int config = CONFIG_IRQ1 | CONFIG_SYSTEM | CONFIG_TRANSLATE;
    private int outputPort = 0x03;
    private int output;
    private boolean isOutputFull, isOutputFromMouse, wasCommand;
    private int pendingCommand;
    private int resetRequests;

    public Ps2Controller(IrqLine keyboardIrq, IrqLine mouseIrq) {
        this.keyboardIrq = keyboardIrq;
        this.mouseIrq = mouseIrq;
    }

    @Override
    public void attach(PortSpace ports, MmioSpace mmio) {
        ports.map(0x60, 1, this);
        ports.map(0x64, 1, this);
    }

    /**
     * A key goes down or up. code: its set 1 make code (0x01 to 0x7F), with 0x100 for keys that send 0xE0 first.
     * False when the keyboard's buffer is full and the event was dropped.
     */
    public boolean key(int code, boolean isDown) {
        boolean taken = keyboard.key(code, isDown, (config & CONFIG_TRANSLATE) != 0);
        fill();
        return taken;
    }

    /** The mouse moved (right and up are positive) or its buttons changed (bit 0 left, 1 right, 2 middle). */
    public void mouse(int dx, int dy, int buttons) {
        mouse.move(dx, dy, buttons);
        fill();
    }

    /** How often the guest pulsed the reset line (command 0xFE, or bit 0 of the output port). */
    public int resetRequests() {
        return resetRequests;
    }

    /** Moves the next byte of a device into the output buffer when that is free. The keyboard goes first. */
    private void fill() {
        if (!isOutputFull) {
            if ((config & CONFIG_NO_KEYBOARD) == 0 && keyboard.hasByte()) {
                put(keyboard.next(), false);
            } else if ((config & CONFIG_NO_AUX) == 0 && mouse.hasByte()) {
                put(mouse.next(), true);
            }
        }
        updateLines();
    }

    private void put(int value, boolean isFromMouse) {
        output = value;
        isOutputFull = true;
        isOutputFromMouse = isFromMouse;
    }

    private void updateLines() {
        keyboardIrq.set(isOutputFull && !isOutputFromMouse && (config & CONFIG_IRQ1) != 0);
        mouseIrq.set(isOutputFull && isOutputFromMouse && (config & CONFIG_IRQ12) != 0);
    }

    @Override
    public int readPort(int port, int width) {
        if (port == 0x64) {
            return STATUS_UNLOCKED | (config & CONFIG_SYSTEM) | (isOutputFull ? STATUS_OUTPUT : 0)
                | (isOutputFull && isOutputFromMouse ? STATUS_AUX : 0) | (wasCommand ? STATUS_COMMAND : 0);
        }
        int value = output;
        isOutputFull = false;
        updateLines();
        fill();
        return value;
    }

    @Override
    public void writePort(int port, int width, int value) {
        wasCommand = port == 0x64;
        if (port == 0x64) {
            command(value & 0xFF);
        } else {
            data(value & 0xFF);
        }
        fill();
    }

    private void command(int value) {
        pendingCommand = 0;
        switch (value) {
            case 0x20 -> put(config, false);
            case 0x60, 0xD1, 0xD2, 0xD3, 0xD4 -> pendingCommand = value;
            case 0xA7 -> config |= CONFIG_NO_AUX;
            case 0xA8 -> config &= ~CONFIG_NO_AUX;
            case 0xA9, 0xAB -> put(0, false);
            case 0xAA -> {
                config |= STATUS_SYSTEM;
                put(0x55, false);
            }
            case 0xAD -> config |= CONFIG_NO_KEYBOARD;
            case 0xAE -> config &= ~CONFIG_NO_KEYBOARD;
            case 0xC0 -> put(0x80, false);
            case 0xD0 -> put(outputPort | (isOutputFull ? isOutputFromMouse ? 0x20 : 0x10 : 0), false);
            default -> {
                if ((value & 0xF1) == 0xF0) {
                    resetRequests++; // 0xF0-0xFF pulse output lines given as 0 bits; line 0 is reset
                }
            }
        }
    }

    private void data(int value) {
        int command = pendingCommand;
        pendingCommand = 0;
        switch (command) {
            case 0x60 -> config = value;
            case 0xD1 -> {
                outputPort = value & 0xCF;
                if ((value & 1) == 0) {
                    resetRequests++;
                }
            }
            case 0xD2 -> put(value, false);
            case 0xD3 -> put(value, true);
            case 0xD4 -> {
                config &= ~CONFIG_NO_AUX;
                mouse.command(value);
            }
            default -> {
                config &= ~CONFIG_NO_KEYBOARD; // a byte to the keyboard enables its interface
                keyboard.command(value, (config & CONFIG_TRANSLATE) != 0);
            }
        }
    }

    @Override
    public void state(StateFields s) {
        s.struct("keyboard", keyboard);
        s.struct("mouse", mouse);
        config = s.u8("config", config);
        outputPort = s.u8("outputPort", outputPort);
        output = s.u8("output", output);
        isOutputFull = s.bool("isOutputFull", isOutputFull);
        isOutputFromMouse = s.bool("isOutputFromMouse", isOutputFromMouse);
        wasCommand = s.bool("wasCommand", wasCommand);
        pendingCommand = s.u8("pendingCommand", pendingCommand);
        resetRequests = s.i32("resetRequests", resetRequests);
    }
}
