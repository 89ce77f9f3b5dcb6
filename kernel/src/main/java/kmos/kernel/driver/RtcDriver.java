// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.driver;

import kmos.machine.PortSpace;

/** Reads the date from the MC146818A clock chip: index port 0x70, data port 0x71. */
public final class RtcDriver {
    private static final int REGISTER_A = 10, REGISTER_B = 11, CENTURY = 0x32;
    private static final int UPDATE_IN_PROGRESS = 0x80, BINARY = 4, HOURS_24 = 2;

    private final PortSpace ports;

    public RtcDriver(PortSpace ports) {
        this.ports = ports;
    }

    private int read(int register) {
        ports.write8(0x70, register);
        return ports.read8(0x71);
    }

    /**
     * Seconds since 1970 UTC. While the chip updates its registers they may be torn, so it is read until two readings agree
     * (guest time stands still meanwhile, so that is at once).
     */
    public long readEpochSeconds() {
        long last = readOnce();
        for (int i = 0; i < 3; i++) {
            long again = readOnce();
            if (again == last && (read(REGISTER_A) & UPDATE_IN_PROGRESS) == 0) {
                return again;
            }
            last = again;
        }
        return last;
    }

    private long readOnce() {
        int control = read(REGISTER_B);
        boolean isBinary = (control & BINARY) != 0;
        int rawHour = read(4);
        int hour = decode(rawHour & 0x7F, isBinary);
        if ((control & HOURS_24) == 0) {
            hour = hour % 12 + ((rawHour & 0x80) != 0 ? 12 : 0);
        }
        int year = decode(read(CENTURY), isBinary) * 100 + decode(read(9), isBinary);
        long days = days(year, decode(read(8), isBinary), decode(read(7), isBinary));
        return days * 86_400 + hour * 3600 + decode(read(2), isBinary) * 60 + decode(read(0), isBinary);
    }

    private static int decode(int value, boolean isBinary) {
        return isBinary ? value : (value >> 4) * 10 + (value & 15);
    }

    /** mktime of Gauss, as in Linux's kernel/time/time.c: March is month 1, so that the leap day comes last. */
    private static long days(int year, int month, int day) {
        int m = month - 2;
        long y = year;
        if (m <= 0) {
            m += 12;
            y--;
        }
        return y / 4 - y / 100 + y / 400 + 367L * m / 12 + day + y * 365 - 719_499;
    }
}
