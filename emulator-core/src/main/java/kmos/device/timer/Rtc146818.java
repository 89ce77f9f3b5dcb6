// SPDX-License-Identifier: Apache-2.0
package kmos.device.timer;

import kmos.base.StateFields;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.machine.Device;
import kmos.machine.IrqLine;
import kmos.machine.MmioSpace;
import kmos.machine.PortHandler;
import kmos.machine.PortSpace;
import kmos.machine.VirtualClock;

/**
 * Motorola MC146818A clock and CMOS memory: ports 0x70 (index) and 0x71 (data), IRQ 8. Time is an epoch given at
 * power-on plus guest time. Registers: 0 seconds, 1 alarm, 2 minutes, 3 alarm, 4 hours, 5 alarm, 6 weekday (1 Sunday),
 * 7 day, 8 month, 9 year, A B C D control, 0x32 century.
 */
public final class Rtc146818 implements Device, PortHandler, TimerTarget {
    private static final int A = 10, B = 11, C = 12, D = 13, CENTURY = 0x32;
    private static final int SET = 0x80, PIE = 0x40, AIE = 0x20, UIE = 0x10, BINARY = 4, HOURS_24 = 2;
    private static final long NS = 1_000_000_000L;
    /** UIP rises this long before the update (data sheet, table 6). */
    private static final long UPDATE_NS = 244_000;
    private static final int PERIODIC_TIMER = 0, SECOND_TIMER = 1;

    private final VirtualClock clock;
    private final TimerQueue timers;
    private final IrqLine irq;
    private byte[] cmos = new byte[128];
    private int index;
    private int control = HOURS_24;
    private int rate = 0x26;
    private int flags;
    /** Epoch second at guest time 0, or the frozen second while SET is on. */
    private long epochSeconds;
    private long checkedSecond;
    private TimerQueue.Timer periodic;
    private TimerQueue.Timer second;

    /** epochSeconds: seconds since 1970 UTC at guest time 0. */
    public Rtc146818(VirtualClock clock, TimerQueue timers, IrqLine irq, long epochSeconds) {
        this.clock = clock;
        this.timers = timers;
        this.irq = irq;
        this.epochSeconds = epochSeconds;
    }

    @Override
    public void attach(PortSpace ports, MmioSpace mmio) {
        ports.map(0x70, 2, this);
    }

    /** Sets a CMOS byte above the clock's registers, as a firmware's set-up would (memory size and the like). */
    public void setCmos(int register, int value) {
        cmos[register] = (byte) value;
    }

    @Override
    public int readPort(int port, int width) {
        if (port == 0x70) {
            return 0xFF;
        }
        long now = clock.nowNs();
        catchUp(now);
        switch (index) {
            case A:
                boolean isUpdating = (control & SET) == 0 && now % NS >= NS - UPDATE_NS;
                return rate | (isUpdating ? 0x80 : 0);
            case B:
                return control;
            case C:
                int value = flags;
                flags = 0;
                irq.lower();
                return value;
            case D:
                return 0x80;
            default:
                return index < A || index == CENTURY ? readClock(index, now) : cmos[index] & 0xFF;
        }
    }

    @Override
    public void writePort(int port, int width, int value) {
        if (port == 0x70) {
            index = value & 0x7F;
            return;
        }
        long now = clock.nowNs();
        catchUp(now);
        switch (index) {
            case A -> {
                rate = value & 0x7F;
                armPeriodic(now);
            }
            case B -> writeControl(value & 0xFF, now);
            case C, D -> { }
            case 1, 3, 5 -> cmos[index] = (byte) value;
            default -> {
                if (index < A || index == CENTURY) {
                    writeClock(index, value & 0xFF, now);
                } else {
                    cmos[index] = (byte) value;
                }
            }
        }
    }

    private void writeControl(int value, long now) {
        boolean wasSet = (control & SET) != 0;
        boolean isSet = (value & SET) != 0;
        if (isSet) {
            value &= ~UIE; // data sheet: SET clears UIE
        }
        control = value;
        if (isSet && !wasSet) {
            epochSeconds += now / NS;
        } else if (!isSet && wasSet) {
            epochSeconds -= now / NS;
            checkedSecond = now / NS;
        }
        armPeriodic(now);
        armSecond(now);
        updateLine();
    }

    private long seconds(long now) {
        return (control & SET) != 0 ? epochSeconds : epochSeconds + now / NS;
    }

    private int readClock(int register, long now) {
        if (register == 1 || register == 3 || register == 5) {
            return cmos[register] & 0xFF;
        }
        long t = seconds(now);
        long days = Math.floorDiv(t, 86_400L);
        int inDay = (int) Math.floorMod(t, 86_400L);
        int[] date = civil(days);
        return switch (register) {
            case 0 -> encode(inDay % 60);
            case 2 -> encode(inDay / 60 % 60);
            case 4 -> encodeHour(inDay / 3600);
            case 6 -> encode((int) Math.floorMod(days + 4, 7L) + 1);
            case 7 -> encode(date[2]);
            case 8 -> encode(date[1]);
            case 9 -> encode(date[0] % 100);
            default -> encode(date[0] / 100);
        };
    }

    private void writeClock(int register, int value, long now) {
        long t = seconds(now);
        long days = Math.floorDiv(t, 86_400L);
        int inDay = (int) Math.floorMod(t, 86_400L);
        int[] date = civil(days);
        int v = decode(value);
        switch (register) {
            case 0 -> inDay += v - inDay % 60;
            case 2 -> inDay += (v - inDay / 60 % 60) * 60;
            case 4 -> inDay += (decodeHour(value) - inDay / 3600) * 3600;
            case 7 -> date[2] = v;
            case 8 -> date[1] = v;
            case 9 -> date[0] = date[0] / 100 * 100 + v;
            case CENTURY -> date[0] = v * 100 + date[0] % 100;
            default -> { } // the weekday follows from the date
        }
        int month = Math.max(1, Math.min(12, date[1]));
        long changed = daysFromCivil(date[0], month, date[2]) * 86_400L + inDay;
        epochSeconds += changed - t;
    }

    private int encode(int v) {
        return (control & BINARY) != 0 ? v : v / 10 << 4 | v % 10;
    }

    private int decode(int v) {
        return (control & BINARY) != 0 ? v : (v >> 4) * 10 + (v & 15);
    }

    private int encodeHour(int hour) {
        if ((control & HOURS_24) != 0) {
            return encode(hour);
        }
        return encode(hour % 12 == 0 ? 12 : hour % 12) | (hour >= 12 ? 0x80 : 0);
    }

    private int decodeHour(int value) {
        if ((control & HOURS_24) != 0) {
            return decode(value);
        }
        return decode(value & 0x7F) % 12 + ((value & 0x80) != 0 ? 12 : 0);
    }

    /** Sets the flags of updates that passed since the last look. */
    private void catchUp(long now) {
        if ((control & SET) != 0 || now / NS == checkedSecond) {
            return;
        }
        long passed = now / NS - checkedSecond;
        flags |= UIE;
        for (long i = 0; i < Math.min(passed, 86_400L) && (flags & AIE) == 0; i++) {
            if (isAlarm(epochSeconds + now / NS - i)) {
                flags |= AIE;
            }
        }
        checkedSecond = now / NS;
        updateLine();
    }

    /** An alarm register of 0xC0 and above matches every value. */
    private boolean isAlarm(long t) {
        int inDay = (int) Math.floorMod(t, 86_400L);
        return matches(1, encode(inDay % 60)) && matches(3, encode(inDay / 60 % 60)) && matches(5, encodeHour(inDay / 3600));
    }

    private boolean matches(int register, int value) {
        int alarm = cmos[register] & 0xFF;
        return alarm >= 0xC0 || alarm == value;
    }

    private void updateLine() {
        boolean isActive = (flags & control & (PIE | AIE | UIE)) != 0;
        flags = isActive ? flags | 0x80 : flags & 0x7F;
        irq.set(isActive);
    }

    private long periodNs() {
        int select = rate & 15;
        if (select == 0) {
            return 0;
        }
        int shift = select <= 2 ? select + 6 : select - 1; // 1 and 2 are 256 Hz and 128 Hz with the 32,768 Hz crystal
        return (NS << shift) / 32_768;
    }

    private void armPeriodic(long now) {
        timers.cancel(periodic);
        periodic = null;
        long period = periodNs();
        if ((control & PIE) != 0 && period > 0) {
            periodic = timers.arm((now / period + 1) * period, this, PERIODIC_TIMER);
        }
    }

    private void armSecond(long now) {
        timers.cancel(second);
        second = null;
        if ((control & (AIE | UIE)) != 0 && (control & SET) == 0) {
            second = timers.arm((now / NS + 1) * NS, this, SECOND_TIMER);
        }
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        if (code == PERIODIC_TIMER) {
            flags |= PIE;
            updateLine();
            armPeriodic(nowNs);
        } else {
            catchUp(nowNs);
            armSecond(nowNs);
        }
    }

    /** Year, month, day of a day number since 1970 (proleptic Gregorian; H. Hinnant, "chrono-compatible date algorithms"). */
    private static int[] civil(long days) {
        long z = days + 719_468;
        long era = Math.floorDiv(z, 146_097L);
        long doe = z - era * 146_097;
        long yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        long doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        long mp = (5 * doy + 2) / 153;
        int month = (int) (mp < 10 ? mp + 3 : mp - 9);
        return new int[] {(int) (yoe + era * 400) + (month <= 2 ? 1 : 0), month, (int) (doy - (153 * mp + 2) / 5 + 1)};
    }

    private static long daysFromCivil(int year, int month, int day) {
        long y = month <= 2 ? year - 1 : year;
        long era = Math.floorDiv(y, 400L);
        long yoe = y - era * 400;
        long doy = (153L * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
        return era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468;
    }

    @Override
    public void state(StateFields s) {
        cmos = s.bytes("cmos", cmos);
        index = s.u8("index", index);
        control = s.u8("control", control);
        rate = s.u8("rate", rate);
        flags = s.u8("flags", flags);
        epochSeconds = s.i64("epochSeconds", epochSeconds);
        checkedSecond = s.i64("checkedSecond", checkedSecond);
        periodic = s.ref("periodic", periodic, TimerQueue.Timer.class);
        second = s.ref("second", second, TimerQueue.Timer.class);
    }
}
