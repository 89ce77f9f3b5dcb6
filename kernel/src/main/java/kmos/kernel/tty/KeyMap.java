// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** US keyboard of the Linux console: PS/2 set-1 scan codes to the bytes that a program reads (keymaps(5), defkeymap). */
public final class KeyMap implements Stateful {
    /** Codes 0x02 to 0x39 without and with shift; 0 where another rule decides. */
    private static final String PLAIN = "1234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
    private static final String SHIFTED = "!@#$%^&*()_+\177\0QWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
    private static final String KEYPAD = "789-456+1230.";

    private boolean isExtended;
    private boolean shiftLeft;
    private boolean shiftRight;
    private boolean control;
    private boolean controlRight;
    private boolean alt;
    private boolean altGr;
    private boolean capsLock;
    private boolean numLock = true;

    /** One scan code byte: types what it means on the line. console: for its cursor-key mode; may be null. */
    public void scancode(int code, Tty tty, VirtualConsole console) {
        if (code == 0xE0) {
            isExtended = true;
            return;
        }
        boolean extended = isExtended;
        isExtended = false;
        boolean isPressed = (code & 0x80) == 0;
        int key = code & 0x7F;
        if (modifier(key, extended, isPressed) || !isPressed) {
            return;
        }
        type(bytes(key, extended, console != null && console.hasApplicationCursorKeys()), tty);
    }

    private boolean modifier(int key, boolean extended, boolean isPressed) {
        switch (key) {
            case 0x2A:
                // E0 2A is the fake shift around extended keys.
                shiftLeft = extended ? shiftLeft : isPressed;
                return true;
            case 0x36:
                shiftRight = extended ? shiftRight : isPressed;
                return true;
            case 0x1D:
                if (extended) {
                    controlRight = isPressed;
                } else {
                    control = isPressed;
                }
                return true;
            case 0x38:
                if (extended) {
                    altGr = isPressed;
                } else {
                    alt = isPressed;
                }
                return true;
            case 0x3A:
                capsLock ^= isPressed;
                return true;
            case 0x45:
                numLock ^= isPressed;
                return true;
            default: return false;
        }
    }

    private void type(String bytes, Tty tty) {
        if (bytes.isEmpty()) {
            return;
        }
        if (alt || altGr) {
            tty.receive(27);
        }
        for (int i = 0; i < bytes.length(); i++) {
            tty.receive(bytes.charAt(i));
        }
    }

    private String bytes(int key, boolean extended, boolean hasApplicationCursorKeys) {
        boolean shift = shiftLeft || shiftRight;
        String cursor = hasApplicationCursorKeys ? "\033O" : "\033[";
        if (key >= 0x3B && key <= 0x44) {
            return functionKey(key - 0x3B + (shift ? 12 : 0));
        }
        if (key == 0x57 || key == 0x58) {
            return functionKey(key - 0x57 + 10 + (shift ? 12 : 0));
        }
        if (key >= 0x47 && key <= 0x53) {
            if (!extended && (numLock && !shift || key == 0x4A || key == 0x4E)) {
                return KEYPAD.substring(key - 0x47, key - 0x46);
            }
            switch (key) {
                case 0x47: return "\033[1~";
                case 0x48: return cursor + "A";
                case 0x49: return "\033[5~";
                case 0x4B: return cursor + "D";
                case 0x4C: return cursor + "G";
                case 0x4D: return cursor + "C";
                case 0x4F: return "\033[4~";
                case 0x50: return cursor + "B";
                case 0x51: return "\033[6~";
                case 0x52: return "\033[2~";
                case 0x53: return "\033[3~";
                default: return "";
            }
        }
        if (extended) {
            return key == 0x35 ? "/" : key == 0x1C ? "\r" : "";
        }
        if (key == 0x01) {
            return "\033";
        }
        if (key == 0x0F && shift) {
            return "\033[Z";
        }
        if (key == 0x56) {
            return shift ? ">" : "<";
        }
        if (key < 0x02 || key > 0x39) {
            return "";
        }
        char plain = PLAIN.charAt(key - 2);
        boolean isLetter = plain >= 'a' && plain <= 'z';
        char c = shift != (capsLock && isLetter) ? SHIFTED.charAt(key - 2) : plain;
        if (c == 0) {
            return "";
        }
        return String.valueOf(control || controlRight ? controlled(c) : c);
    }

    private static char controlled(char c) {
        switch (c) {
            case ' ': case '2': case '@': return 0;
            case '3': return 27;
            case '4': return 28;
            case '5': return 29;
            case '6': return 30;
            case '7': case '/': case '-': case '_': return 31;
            case '8': case '?': return 127;
            case 127: return 8;
            default: return c >= '@' && c <= '~' ? (char) (c & 0x1F) : c;
        }
    }

    /** F1 to F12, and F13 to F24 with shift, as the linux terminal sends them. */
    private static String functionKey(int n) {
        if (n < 5) {
            return "\033[[" + (char) ('A' + n);
        }
        int[] codes = {17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34};
        return n - 5 < codes.length ? "\033[" + codes[n - 5] + "~" : "";
    }

    @Override
    public void state(StateFields s) {
        isExtended = s.bool("isExtended", isExtended);
        shiftLeft = s.bool("shiftLeft", shiftLeft);
        shiftRight = s.bool("shiftRight", shiftRight);
        control = s.bool("control", control);
        controlRight = s.bool("controlRight", controlRight);
        alt = s.bool("alt", alt);
        altGr = s.bool("altGr", altGr);
        capsLock = s.bool("capsLock", capsLock);
        numLock = s.bool("numLock", numLock);
    }
}
