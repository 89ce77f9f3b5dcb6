// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EOPNOTSUPP;
import static kmos.base.Errno.EPERM;

import kmos.base.LittleEndian;
import kmos.kernel.task.Task;

/**
 * adjtimex(2): struct timex, whose fields are words (on i386 also in the form with 64-bit time). The clock of a machine
 * whose time is counted, not measured, needs no steering: it tells that it is not synchronised, and can be shifted by
 * ADJ_SETOFFSET. Differs from Linux: frequency, tick and the slow adjustment cannot be set (EOPNOTSUPP).
 */
final class ClockAdjustment {
    private static final int ADJ_SETOFFSET = 0x100, ADJ_NANO = 0x2000, ADJ_MICRO = 0x1000, ADJ_STATUS = 0x10, ADJ_MAXERROR = 4, ADJ_ESTERROR = 8,
        ADJ_OFFSET_SS_READ = 0xA001, STA_UNSYNC = 0x40, TIME_ERROR = 5, CLOCK_REALTIME = 0;
    private static final int FIELDS = 26, MODES = 0, MAXERROR = 3, ESTERROR = 4, STATUS = 5, CONSTANT = 6, PRECISION = 7, TOLERANCE = 8, SECONDS = 9,
        FRACTION = 10, TICK = 11;

    private ClockAdjustment() { }

    static long adjtimex(Task task, SyscallArgs args) {
        return adjust(task, args.raw(0), task.is64Bit());
    }

    static long clockAdjtime(Task task, SyscallArgs args) {
        return clock(task, args, task.is64Bit());
    }

    static long clockAdjtime64(Task task, SyscallArgs args) {
        return clock(task, args, true);
    }

    private static long clock(Task task, SyscallArgs args, boolean isWide) {
        if (args.int32(0) != CLOCK_REALTIME) {
            return args.int32(0) >= 0 && args.int32(0) < 12 ? -EOPNOTSUPP : -EINVAL;
        }
        return adjust(task, args.raw(1), isWide);
    }

    private static long adjust(Task task, long at, boolean isWide) {
        int w = isWide ? 8 : 4;
        byte[] b = UserArgs.get(task, at, FIELDS * w);
        int modes = LittleEndian.get32(b, 0);
        boolean isReadOnly = modes == 0 || modes == ADJ_OFFSET_SS_READ;
        if (!isReadOnly && !task.credentials().isRoot()) {
            return -EPERM;
        }
        if (!isReadOnly && (modes & ~(ADJ_SETOFFSET | ADJ_NANO | ADJ_MICRO | ADJ_STATUS | ADJ_MAXERROR | ADJ_ESTERROR)) != 0) {
            return -EOPNOTSUPP;
        }
        if (!isReadOnly && (modes & ADJ_SETOFFSET) != 0) {
            long unit = (modes & ADJ_NANO) != 0 ? 1 : 1000;
            long fraction = get(b, FRACTION, w);
            if (fraction < 0 || fraction >= TimeLayout.NS / unit) {
                return -EINVAL;
            }
            task.kernel().setRealTimeNs(task.kernel().realTimeNs() + get(b, SECONDS, w) * TimeLayout.NS + fraction * unit);
        }
        byte[] out = new byte[FIELDS * w];
        LittleEndian.put32(out, 0, modes);
        put(out, MAXERROR, w, 16_000_000);
        put(out, ESTERROR, w, 16_000_000);
        LittleEndian.put32(out, STATUS * w, STA_UNSYNC);
        put(out, CONSTANT, w, 2);
        put(out, PRECISION, w, 1);
        put(out, TOLERANCE, w, 32_768_000);
        long now = task.kernel().realTimeNs();
        put(out, SECONDS, w, now / TimeLayout.NS);
        put(out, FRACTION, w, now % TimeLayout.NS / 1000);
        put(out, TICK, w, 10_000);
        UserArgs.put(task, at, out);
        return TIME_ERROR;
    }

    private static long get(byte[] b, int field, int w) {
        return w == 8 ? LittleEndian.get64(b, field * 8) : LittleEndian.get32(b, field * 4);
    }

    private static void put(byte[] b, int field, int w, long value) {
        if (w == 8) {
            LittleEndian.put64(b, field * 8, value);
        } else {
            LittleEndian.put32(b, field * 4, (int) value);
        }
    }
}
