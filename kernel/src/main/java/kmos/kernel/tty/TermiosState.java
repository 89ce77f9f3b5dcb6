// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.kernel.abi.Termios.*;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.Stateful;

/** A line's settings (termios(3)), in the kernel's form: struct termios is 36 bytes, termios2 44, termio 18. */
public final class TermiosState implements Stateful {
    static final int TERMIOS_SIZE = 36, TERMIOS2_SIZE = 44, TERMIO_SIZE = 18;
    /** INIT_C_CC of Linux: ^C ^\ DEL ^U ^D, TIME 0, MIN 1, ^Q ^S ^Z, ^R ^O ^W ^V. */
    private static final String INIT_C_CC = "\003\034\177\025\004\000\001\000\021\023\032\000\022\017\027\026\000\000\000";

    int iflag = ICRNL | IXON;
    int oflag = OPOST | ONLCR;
    int cflag = B38400 | CS8 | CREAD | HUPCL;
    int lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN;
    int line;
    int inputSpeed = 38400;
    int outputSpeed = 38400;
    byte[] cc = new byte[NCCS];

    TermiosState() {
        for (int i = 0; i < NCCS; i++) {
            cc[i] = (byte) INIT_C_CC.charAt(i);
        }
    }

    boolean has(int lflagBit) {
        return (lflag & lflagBit) != 0;
    }

    /** The character is this control character and the control character is not switched off (0). */
    boolean is(int c, int which) {
        int configured = cc[which] & 0xFF;
        return configured != 0 && configured == c;
    }

    byte[] toTermios(int size) {
        byte[] b = new byte[size];
        if (size == TERMIO_SIZE) {
            LittleEndian.put16(b, 0, iflag);
            LittleEndian.put16(b, 2, oflag);
            LittleEndian.put16(b, 4, cflag);
            LittleEndian.put16(b, 6, lflag);
            b[8] = (byte) line;
            System.arraycopy(cc, 0, b, 9, 8);
            return b;
        }
        LittleEndian.put32(b, 0, iflag);
        LittleEndian.put32(b, 4, oflag);
        LittleEndian.put32(b, 8, cflag);
        LittleEndian.put32(b, 12, lflag);
        b[16] = (byte) line;
        System.arraycopy(cc, 0, b, 17, NCCS);
        if (size == TERMIOS2_SIZE) {
            LittleEndian.put32(b, 36, inputSpeed);
            LittleEndian.put32(b, 40, outputSpeed);
        }
        return b;
    }

    void fromTermios(byte[] b) {
        if (b.length == TERMIO_SIZE) {
            iflag = iflag & ~0xFFFF | LittleEndian.get16(b, 0);
            oflag = oflag & ~0xFFFF | LittleEndian.get16(b, 2);
            cflag = cflag & ~0xFFFF | LittleEndian.get16(b, 4);
            lflag = lflag & ~0xFFFF | LittleEndian.get16(b, 6);
            line = b[8] & 0xFF;
            System.arraycopy(b, 9, cc, 0, 8);
            return;
        }
        iflag = LittleEndian.get32(b, 0);
        oflag = LittleEndian.get32(b, 4);
        cflag = LittleEndian.get32(b, 8);
        lflag = LittleEndian.get32(b, 12);
        line = b[16] & 0xFF;
        System.arraycopy(b, 17, cc, 0, NCCS);
        if (b.length == TERMIOS2_SIZE) {
            inputSpeed = LittleEndian.get32(b, 36);
            outputSpeed = LittleEndian.get32(b, 40);
        }
    }

    @Override
    public void state(StateFields s) {
        iflag = s.i32("iflag", iflag);
        oflag = s.i32("oflag", oflag);
        cflag = s.i32("cflag", cflag);
        lflag = s.i32("lflag", lflag);
        line = s.i32("line", line);
        inputSpeed = s.i32("inputSpeed", inputSpeed);
        outputSpeed = s.i32("outputSpeed", outputSpeed);
        cc = s.bytes("cc", cc);
    }
}
