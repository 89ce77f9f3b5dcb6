// SPDX-License-Identifier: Apache-2.0
package kmos.device.input;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A PS/2 keyboard behind the controller: make and break codes, and the commands of the PS/2 Technical Reference. */
final class Ps2Keyboard implements Stateful {
    private static final int ACK = 0xFA, RESEND = 0xFE;
    /** Set 2 code -> set 1 code, as the 8042 translates; the index is the set 2 code, 0 to 0x7F. */
    private static final String SET2_TO_SET1 =
        "ff43413f3d3b3c58644442403e0f2959"
        + "65382a701d10025a66712c1f1e11035b"
        + "672e2d201205045c68392f211413065d"
        + "693130232215075e6a7232241608095f"
        + "6b332517180b0a606c34352627190c61"
        + "6d7328741a0d626e3a361c1b752b6376"
        + "55567778797a0e7b7c4f7d4b477e7f6f"
        + "5253504c4d480145574e514a37494654";

    private final ByteFifo bytes = new ByteFifo(256);
    private boolean isScanning = true;
    private int pendingCommand;
    private int leds;
    private int scanSet = 2;

    boolean hasByte() {
        return bytes.count() > 0;
    }

    int next() {
        return bytes.take();
    }

    boolean key(int code, boolean isDown, boolean isTranslated) {
        if (!isScanning || bytes.room() < 4) {
            return false;
        }
        if (code > 0xFF) {
            bytes.put(0xE0);
        }
        if (isTranslated || scanSet == 1) {
            bytes.put(code & 0x7F | (isDown ? 0 : 0x80));
        } else {
            if (!isDown) {
                bytes.put(0xF0);
            }
            bytes.put(toSet2(code & 0x7F));
        }
        return true;
    }

    private static int toSet2(int set1) {
        for (int i = 1; i < 0x80; i++) {
            if (Integer.parseInt(SET2_TO_SET1.substring(i * 2, i * 2 + 2), 16) == set1) {
                return i == 2 ? 0x83 : i; // F7 is 0x83 in set 2
            }
        }
        return 0;
    }

    void command(int value, boolean isTranslated) {
        int command = pendingCommand;
        pendingCommand = 0;
        if (command != 0 && value < 0x80) {
            parameter(command, value, isTranslated);
            return;
        }
        switch (value) {
            case 0xED, 0xF0, 0xF3 -> {
                bytes.put(ACK);
                pendingCommand = value;
            }
            case 0xEE -> bytes.put(0xEE);
            case 0xF2 -> {
                bytes.put(ACK);
                bytes.put(0xAB);
                bytes.put(isTranslated ? 0x41 : 0x83);
            }
            case 0xF4 -> {
                isScanning = true;
                bytes.put(ACK);
            }
            case 0xF5, 0xF6 -> {
                isScanning = value == 0xF6;
                scanSet = 2;
                bytes.put(ACK);
            }
            case 0xFF -> {
                bytes.clear();
                isScanning = true;
                scanSet = 2;
                leds = 0;
                bytes.put(ACK);
                bytes.put(0xAA);
            }
            default -> bytes.put(RESEND);
        }
    }

    private void parameter(int command, int value, boolean isTranslated) {
        bytes.put(ACK);
        if (command == 0xED) {
            leds = value & 7;
        } else if (command == 0xF0) {
            if (value == 0) {
                bytes.put(isTranslated && scanSet == 2 ? 0x41 : scanSet);
            } else if (value <= 2) {
                scanSet = value;
            }
        }
    }

    /** Bit 0 scroll lock, 1 num lock, 2 caps lock. */
    int leds() {
        return leds;
    }

    @Override
    public void state(StateFields s) {
        s.struct("bytes", bytes);
        isScanning = s.bool("isScanning", isScanning);
        pendingCommand = s.u8("pendingCommand", pendingCommand);
        leds = s.u8("leds", leds);
        scanSet = s.u8("scanSet", scanSet);
    }
}
