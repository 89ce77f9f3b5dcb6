// SPDX-License-Identifier: Apache-2.0
package kmos.device.input;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A three-button PS/2 mouse with wheel-less packets of three bytes; stream and remote mode. */
final class Ps2Mouse implements Stateful {
    private static final int ACK = 0xFA;

    private final ByteFifo bytes = new ByteFifo(256);
    private boolean isReporting, isRemote;
    private int pendingCommand;
    private int resolution = 2, sampleRate = 100, scaling = 1;
    private int dx, dy, buttons;

    boolean hasByte() {
        return bytes.count() > 0;
    }

    int next() {
        return bytes.take();
    }

    void move(int moveX, int moveY, int nowButtons) {
        dx += moveX;
        dy += moveY;
        buttons = nowButtons & 7;
        if (isReporting && !isRemote) {
            do {
                if (bytes.room() < 3) {
                    return; // kept in dx, dy for the next packet
                }
                packet();
            } while (dx != 0 || dy != 0);
        }
    }

    private void packet() {
        int x = Math.max(-256, Math.min(255, dx));
        int y = Math.max(-256, Math.min(255, dy));
        dx -= x;
        dy -= y;
        bytes.put(buttons | 8 | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0));
        bytes.put(x);
        bytes.put(y);
    }

    void command(int value) {
        int command = pendingCommand;
        pendingCommand = 0;
        if (command != 0) {
            bytes.put(ACK);
            if (command == 0xE8) {
                resolution = value & 3;
            } else {
                sampleRate = value;
            }
            return;
        }
        if (value == 0xFF) {
            bytes.clear();
            defaults();
            bytes.put(ACK);
            bytes.put(0xAA);
            bytes.put(0);
            return;
        }
        bytes.put(ACK);
        switch (value) {
            case 0xE6, 0xE7 -> scaling = value - 0xE5;
            case 0xE8, 0xF3 -> pendingCommand = value;
            case 0xE9 -> {
                bytes.put((isRemote ? 0x40 : 0) | (isReporting ? 0x20 : 0) | (scaling - 1) << 4 | buttons);
                bytes.put(resolution);
                bytes.put(sampleRate);
            }
            case 0xEA -> isRemote = false;
            case 0xEB -> packet();
            case 0xF0 -> isRemote = true;
            case 0xF2 -> bytes.put(0);
            case 0xF4 -> isReporting = true;
            case 0xF5 -> isReporting = false;
            case 0xF6 -> defaults();
            default -> { }
        }
    }

    private void defaults() {
        isReporting = false;
        isRemote = false;
        resolution = 2;
        sampleRate = 100;
        scaling = 1;
        dx = 0;
        dy = 0;
    }

    @Override
    public void state(StateFields s) {
        s.struct("bytes", bytes);
        isReporting = s.bool("isReporting", isReporting);
        isRemote = s.bool("isRemote", isRemote);
        pendingCommand = s.u8("pendingCommand", pendingCommand);
        resolution = s.u8("resolution", resolution);
        sampleRate = s.u8("sampleRate", sampleRate);
        scaling = s.u8("scaling", scaling);
        dx = s.i32("dx", dx);
        dy = s.i32("dy", dy);
        buttons = s.u8("buttons", buttons);
    }
}
