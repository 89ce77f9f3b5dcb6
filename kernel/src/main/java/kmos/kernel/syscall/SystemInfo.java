// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.SchedAbi.*;

import kmos.base.LittleEndian;
import kmos.kernel.Kernel;
import kmos.kernel.KernelLog;
import kmos.kernel.KernelState;
import kmos.kernel.abi.Restart;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;

/** What the system is, limits, randomness, the log, and its end. */
final class SystemInfo {
    private static final int UTS_LENGTH = 65, OLD_UTS_LENGTH = 9;
    private static final int PER_LINUX32 = 8, PER_MASK = 0xFF;

    private SystemInfo() { }

    private static String[] names(Task task) {
        Kernel k = task.kernel();
        boolean is32 = !task.is64Bit() || (task.personality() & PER_MASK) == PER_LINUX32;
        return new String[] {"Linux", k.hostName(), Kernel.RELEASE, Kernel.VERSION, is32 ? "i686" : "x86_64", k.domainName()};
    }

    static long uname(Task task, SyscallArgs args) {
        return writeNames(task, args.raw(0), names(task), 6, UTS_LENGTH);
    }

    static long olduname(Task task, SyscallArgs args) {
        return writeNames(task, args.raw(0), names(task), 5, UTS_LENGTH);
    }

    static long oldolduname(Task task, SyscallArgs args) {
        return writeNames(task, args.raw(0), names(task), 5, OLD_UTS_LENGTH);
    }

    private static long writeNames(Task task, long at, String[] names, int count, int length) {
        byte[] out = new byte[count * length];
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < Math.min(names[i].length(), length - 1); c++) {
                out[i * length + c] = (byte) names[i].charAt(c);
            }
        }
        return task.user().copyOut(out, 0, at, out.length) == out.length ? 0 : -EFAULT;
    }

    /** EPERM, EINVAL: longer than 64; EFAULT. */
    static long sethostname(Task task, SyscallArgs args) {
        String name = readName(task, args);
        if (name == null) {
            return task.credentials().isRoot() ? -EINVAL : -EPERM;
        }
        task.kernel().setHostName(name);
        return 0;
    }

    static long setdomainname(Task task, SyscallArgs args) {
        String name = readName(task, args);
        if (name == null) {
            return task.credentials().isRoot() ? -EINVAL : -EPERM;
        }
        task.kernel().setDomainName(name);
        return 0;
    }

    private static String readName(Task task, SyscallArgs args) {
        int length = args.int32(1);
        if (!task.credentials().isRoot() || length < 0 || length > UTS_LENGTH - 1) {
            return null;
        }
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < length; i++) {
            int c = task.user().read8(args.raw(0) + i);
            if (c == 0) {
                break;
            }
            name.append((char) c);
        }
        return name.toString();
    }

    /** struct sysinfo: 112 bytes in amd64, 64 in i386. */
    static long sysinfo(Task task, SyscallArgs args) {
        Kernel k = task.kernel();
        long[] w = {k.nowNs() / 1_000_000_000L, k.scheduler().loadHundredths(0) * 65536L / 100, k.scheduler().loadHundredths(1) * 65536L / 100,
            k.scheduler().loadHundredths(2) * 65536L / 100, k.frames().totalFrames() * 4096L, k.frames().freeFrames() * 4096L,
            k.pageCache().unbackedPages() * 4096L, 0, 0, 0};
        boolean is64 = task.is64Bit();
        byte[] out = new byte[is64 ? 112 : 64];
        int at = 0;
        // uptime, loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap; procs, pad, totalhigh, freehigh, mem_unit
        for (long word : w) {
            at = put(out, at, word, is64);
        }
        int size = is64 ? 8 : 4;
        LittleEndian.put16(out, size * 10, k.pids().tasks().size());
        int tail = is64 ? 88 : 44;
        put(out, tail, 0, is64);
        put(out, tail + size, 0, is64);
        LittleEndian.put32(out, tail + 2 * size, 1);
        return task.user().copyOut(out, 0, args.raw(0), out.length) == out.length ? 0 : -EFAULT;
    }

    private static int put(byte[] out, int at, long value, boolean is64) {
        if (is64) {
            LittleEndian.put64(out, at, value);
            return at + 8;
        }
        LittleEndian.put32(out, at, (int) Math.min(value, 0xFFFFFFFFL));
        return at + 4;
    }

    private static final int GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4;

    static long getrandom(Task task, SyscallArgs args) {
        int flags = args.int32(2);
        if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0 || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE)) {
            return -EINVAL;
        }
        long wanted = Long.compareUnsigned(args.raw(1), 33554431) > 0 ? 33554431 : args.raw(1);
        byte[] bytes = new byte[256];
        UserSpace user = task.user();
        long done = task.frame().progress;
        while (done < wanted) {
            int n = (int) Math.min(bytes.length, wanted - done);
            // The page first: a wait must not use up numbers.
            if (user.translate(args.raw(0) + done, true) < 0 || user.translate(args.raw(0) + done + n - 1, true) < 0) {
                return done > 0 ? done : -EFAULT;
            }
            task.kernel().random().fill(bytes, 0, n);
            user.copyOut(bytes, 0, args.raw(0) + done, n);
            done += n;
            task.frame().progress = done;
        }
        return done;
    }

    // Limits

    static long getrlimit(Task task, SyscallArgs args) {
        int r = args.int32(0);
        if (r < 0 || r >= RLIM_NLIMITS) {
            return -EINVAL;
        }
        writeLimit(task, args.raw(1), task.group().limit(r), task.group().hardLimit(r), -1);
        return 0;
    }

    /** i386's first getrlimit: infinity is 0x7FFFFFFF. */
    static long oldGetrlimit(Task task, SyscallArgs args) {
        int r = args.int32(0);
        if (r < 0 || r >= RLIM_NLIMITS) {
            return -EINVAL;
        }
        writeLimit(task, args.raw(1), task.group().limit(r), task.group().hardLimit(r), 0x7FFFFFFF);
        return 0;
    }

    private static void writeLimit(Task task, long at, long soft, long hard, int infinity) {
        if (task.is64Bit()) {
            task.user().write64(at, soft);
            task.user().write64(at + 8, hard);
        } else {
            long most = infinity & 0xFFFFFFFFL;
            task.user().write32(at, (int) (Long.compareUnsigned(soft, most) > 0 ? most : soft));
            task.user().write32(at + 4, (int) (Long.compareUnsigned(hard, most) > 0 ? most : hard));
        }
    }

    static long setrlimit(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        long soft = user.readWord(args.raw(1));
        long hard = user.readWord(args.raw(1) + (task.is64Bit() ? 8 : 4));
        if (!task.is64Bit()) {
            soft = soft == 0xFFFFFFFFL ? RLIM_INFINITY : soft;
            hard = hard == 0xFFFFFFFFL ? RLIM_INFINITY : hard;
        }
        return setLimit(task, task.group(), args.int32(0), soft, hard);
    }

    private static long setLimit(Task task, ThreadGroup group, int r, long soft, long hard) {
        if (r < 0 || r >= RLIM_NLIMITS || Long.compareUnsigned(soft, hard) > 0) {
            return -EINVAL;
        }
        if (r == RLIMIT_NOFILE && Long.compareUnsigned(hard, Kernel.NR_OPEN) > 0) {
            return -EPERM;
        }
        if (Long.compareUnsigned(hard, group.hardLimit(r)) > 0 && !task.credentials().isRoot()) {
            return -EPERM;
        }
        group.setLimit(r, soft, hard);
        return 0;
    }

    /** 64-bit limits for both ABIs. EINVAL, ESRCH, EPERM, EFAULT. */
    static long prlimit64(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        int r = args.int32(1);
        long fresh = args.raw(2);
        long soft = fresh == 0 ? 0 : user.read64(fresh);
        long hard = fresh == 0 ? 0 : user.read64(fresh + 8);
        Task t = args.int32(0) == 0 ? task : task.kernel().pids().task(args.int32(0));
        if (t == null) {
            return -ESRCH;
        }
        Credentials a = task.credentials();
        Credentials b = t.credentials();
        if (t.group() != task.group() && !a.isRoot() && !(a.uid() == b.uid() && a.uid() == b.euid() && a.uid() == b.suid() && a.gid() == b.gid()
            && a.gid() == b.egid() && a.gid() == b.sgid())) {
            return -EPERM;
        }
        if (r < 0 || r >= RLIM_NLIMITS) {
            return -EINVAL;
        }
        long oldSoft = t.group().limit(r);
        long oldHard = t.group().hardLimit(r);
        if (args.raw(3) != 0) {
            user.prepareWrite(args.raw(3), 16);
        }
        if (fresh != 0) {
            long result = setLimit(task, t.group(), r, soft, hard);
            if (result != 0) {
                return result;
            }
        }
        if (args.raw(3) != 0) {
            user.write64(args.raw(3), oldSoft);
            user.write64(args.raw(3) + 8, oldHard);
        }
        return 0;
    }

    static long personality(Task task, SyscallArgs args) {
        int old = task.personality();
        if (args.unsigned32(0) != 0xFFFFFFFFL) {
            task.setPersonality(args.int32(0));
        }
        return old;
    }

    // The end

    private static final int LINUX_REBOOT_MAGIC1 = 0xFEE1DEAD, LINUX_REBOOT_MAGIC2 = 672274793, LINUX_REBOOT_MAGIC2A = 85072278,
        LINUX_REBOOT_MAGIC2B = 369367448, LINUX_REBOOT_MAGIC2C = 537993216;
    private static final int LINUX_REBOOT_CMD_RESTART = 0x01234567, LINUX_REBOOT_CMD_HALT = 0xCDEF0123, LINUX_REBOOT_CMD_CAD_ON = 0x89ABCDEF,
        LINUX_REBOOT_CMD_CAD_OFF = 0, LINUX_REBOOT_CMD_POWER_OFF = 0x4321FEDC, LINUX_REBOOT_CMD_RESTART2 = 0xA1B2C3D4;

    /** EPERM, EINVAL: magic or command. Nothing is synced: programs do that before, as in Linux. */
    static long reboot(Task task, SyscallArgs args) {
        if (!task.credentials().isRoot()) {
            return -EPERM;
        }
        int magic2 = args.int32(1);
        if (args.int32(0) != LINUX_REBOOT_MAGIC1 || magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A
            && magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C) {
            return -EINVAL;
        }
        Kernel k = task.kernel();
        switch (args.int32(2)) {
            case LINUX_REBOOT_CMD_RESTART, LINUX_REBOOT_CMD_RESTART2 -> {
                k.printk(0, "reboot: Restarting system");
                k.stop(KernelState.RESTARTING, "restart");
            }
            case LINUX_REBOOT_CMD_HALT -> {
                k.printk(0, "reboot: System halted");
                k.stop(KernelState.HALTED, "halt");
            }
            case LINUX_REBOOT_CMD_POWER_OFF -> {
                k.printk(0, "reboot: Power down");
                k.stop(KernelState.POWERED_OFF, "power off");
            }
            case LINUX_REBOOT_CMD_CAD_ON, LINUX_REBOOT_CMD_CAD_OFF -> k.setCtrlAltDelRestarts(args.int32(2) == LINUX_REBOOT_CMD_CAD_ON);
            default -> {
                return -EINVAL;
            }
        }
        return 0;
    }

    private static final int SYSLOG_ACTION_CLOSE = 0, SYSLOG_ACTION_OPEN = 1, SYSLOG_ACTION_READ = 2, SYSLOG_ACTION_READ_ALL = 3,
        SYSLOG_ACTION_READ_CLEAR = 4, SYSLOG_ACTION_CLEAR = 5, SYSLOG_ACTION_CONSOLE_OFF = 6, SYSLOG_ACTION_CONSOLE_ON = 7,
        SYSLOG_ACTION_CONSOLE_LEVEL = 8, SYSLOG_ACTION_SIZE_UNREAD = 9, SYSLOG_ACTION_SIZE_BUFFER = 10;

    /** syslog(2), the kernel log. EPERM, EINVAL, EFAULT. */
    static long syslog(Task task, SyscallArgs args) {
        int action = args.int32(0);
        if (!task.credentials().isRoot() && action != SYSLOG_ACTION_READ_ALL && action != SYSLOG_ACTION_SIZE_BUFFER) {
            return -EPERM;
        }
        KernelLog log = task.kernel().log();
        switch (action) {
            case SYSLOG_ACTION_CLOSE, SYSLOG_ACTION_OPEN:
                return 0;
            case SYSLOG_ACTION_READ, SYSLOG_ACTION_READ_ALL, SYSLOG_ACTION_READ_CLEAR:
                if (args.raw(1) == 0 || args.int32(2) < 0) {
                    return -EINVAL;
                }
                if (args.int32(2) == 0) {
                    return 0;
                }
                return action == SYSLOG_ACTION_READ ? readUnread(task, log, args.raw(1), args.int32(2))
                    : readAll(task, log, args.raw(1), args.int32(2), action == SYSLOG_ACTION_READ_CLEAR);
            case SYSLOG_ACTION_CLEAR:
                log.clear();
                return 0;
            case SYSLOG_ACTION_CONSOLE_OFF:
                task.kernel().setConsoleLevel(1);
                return 0;
            case SYSLOG_ACTION_CONSOLE_ON:
                task.kernel().setConsoleLevel(7);
                return 0;
            case SYSLOG_ACTION_CONSOLE_LEVEL:
                if (args.int32(2) < 1 || args.int32(2) > 8) {
                    return -EINVAL;
                }
                task.kernel().setConsoleLevel(args.int32(2));
                return 0;
            case SYSLOG_ACTION_SIZE_UNREAD: {
                long n = 0;
                for (long i = log.readSequence(); i < log.endSequence(); i++) {
                    n += log.line(i).length();
                }
                return n;
            }
            case SYSLOG_ACTION_SIZE_BUFFER:
                return KernelLog.MAX_CHARS;
            default:
                return -EINVAL;
        }
    }

    /** The last lines that fit. */
    private static long readAll(Task task, KernelLog log, long to, int room, boolean clears) {
        long from = log.endSequence();
        int size = 0;
        while (from > log.clearSequence() && size + log.line(from - 1).length() <= room) {
            from--;
            size += log.line(from).length();
        }
        long done = copy(task, log, from, log.endSequence(), to);
        if (done >= 0 && clears) {
            log.clear();
        }
        return done;
    }

    private static long readUnread(Task task, KernelLog log, long to, int room) {
        long from = log.readSequence();
        if (from == log.endSequence()) {
            long result = task.blockOn(log.waitQueue());
            return result == Task.BLOCKED ? result : -Restart.ERESTARTSYS;
        }
        long end = from;
        int size = 0;
        while (end < log.endSequence() && size + log.line(end).length() <= room) {
            size += log.line(end).length();
            end++;
        }
        long done = copy(task, log, from, end, to);
        if (done >= 0) {
            log.setReadSequence(end);
        }
        return done;
    }

    private static long copy(Task task, KernelLog log, long from, long end, long to) {
        long done = 0;
        for (long i = from; i < end; i++) {
            String line = log.line(i);
            byte[] bytes = new byte[line.length()];
            for (int c = 0; c < bytes.length; c++) {
                bytes[c] = (byte) line.charAt(c);
            }
            if (task.user().copyOut(bytes, 0, to + done, bytes.length) != bytes.length) {
                return -EFAULT;
            }
            done += bytes.length;
        }
        return done;
    }
}
