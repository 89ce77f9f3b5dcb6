// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;
import static kmos.kernel.vfs.InotifyMark.*;

import kmos.kernel.mm.UserSpace;
import kmos.kernel.signal.SignalFile;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.InotifyFile;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;
import kmos.kernel.vfs.TimerFile;

/** Events as files: timerfd_create(2), signalfd(2), inotify(7). */
final class EventFiles {
    private static final int CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_BOOTTIME = 7, CLOCK_REALTIME_ALARM = 8, CLOCK_BOOTTIME_ALARM = 9;
    private static final int TFD_TIMER_ABSTIME = 1, TFD_TIMER_CANCEL_ON_SET = 2;
    private static final int INOTIFY_BITS = ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK
        | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT;

    private EventFiles() { }

    // Timers

    /** EINVAL: clock or flags; EPERM: an alarm clock. */
    static long timerfdCreate(Task task, SyscallArgs args) {
        int clock = args.int32(0);
        int flags = args.int32(1);
        boolean isAlarm = clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0
            || clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME && !isAlarm) {
            return -EINVAL;
        }
        if (isAlarm && !task.credentials().isRoot()) {
            return -EPERM;
        }
        boolean isReal = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
        return FileIo.install(task, new TimerFile(task.kernel().vfs(), O_RDWR | flags & O_NONBLOCK, isReal), (flags & O_CLOEXEC) != 0);
    }

    static long timerfdSettime(Task task, SyscallArgs args) {
        return settime(task, args, task.is64Bit());
    }

    static long timerfdSettime64(Task task, SyscallArgs args) {
        return settime(task, args, true);
    }

    private static long settime(Task task, SyscallArgs args, boolean isWide) {
        UserSpace user = task.user();
        int size = isWide ? 16 : 8;
        boolean is64 = task.is64Bit();
        int flags = args.int32(1);
        long at = args.raw(2);
        UserArgs.get(task, at, 2 * size);
        if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0) {
            return -EINVAL;
        }
        long interval = isWide ? TimeLayout.readTimespec64(user, at, is64) : TimeLayout.readTimespec(user, at, false);
        long value = isWide ? TimeLayout.readTimespec64(user, at + size, is64) : TimeLayout.readTimespec(user, at + size, false);
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (!(file instanceof TimerFile timer)) {
            return -EINVAL;
        }
        if (args.raw(3) != 0) {
            user.prepareWrite(args.raw(3), 2L * size);
            write(user, args.raw(3), timer, isWide);
        }
        boolean isAbsolute = (flags & TFD_TIMER_ABSTIME) != 0;
        timer.disarm();
        timer.setIntervalNs(interval);
        if (value != 0) {
            boolean movesWithClock = isAbsolute && timer.isRealTime() && value != Long.MAX_VALUE;
            long deadline = isAbsolute ? Clocks.toMonotonic(task, timer.isRealTime() ? CLOCK_REALTIME : CLOCK_MONOTONIC, value) : Clocks.deadline(task, value);
            timer.arm(deadline, interval, movesWithClock ? value : -1, movesWithClock && (flags & TFD_TIMER_CANCEL_ON_SET) != 0);
        }
        return 0;
    }

    static long timerfdGettime(Task task, SyscallArgs args) {
        return gettime(task, args, task.is64Bit());
    }

    static long timerfdGettime64(Task task, SyscallArgs args) {
        return gettime(task, args, true);
    }

    private static long gettime(Task task, SyscallArgs args, boolean isWide) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (!(file instanceof TimerFile timer)) {
            return -EINVAL;
        }
        write(task.user(), args.raw(1), timer, isWide);
        return 0;
    }

    private static void write(UserSpace user, long at, TimerFile timer, boolean isWide) {
        TimeLayout.writeTimespec(user, at, timer.intervalNs(), isWide);
        TimeLayout.writeTimespec(user, at + (isWide ? 16 : 8), timer.leftNs(), isWide);
    }

    // Signals

    static long signalfd(Task task, SyscallArgs args) {
        return signalfd(task, args, 0);
    }

    static long signalfd4(Task task, SyscallArgs args) {
        return signalfd(task, args, args.int32(3));
    }

    /** EINVAL: size of the mask, flags, no signalfd; EBADF; EFAULT. */
    private static long signalfd(Task task, SyscallArgs args, int flags) {
        if (args.raw(2) != 8) {
            return -EINVAL;
        }
        long mask = task.user().read64(args.raw(1));
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
            return -EINVAL;
        }
        int fd = args.int32(0);
        if (fd == -1) {
            SignalFile file = new SignalFile(task.kernel().vfs(), O_RDWR | flags & O_NONBLOCK, mask);
            return FileIo.install(task, file, (flags & O_CLOEXEC) != 0);
        }
        FileDescription file = task.files().get(fd);
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if (!(file instanceof SignalFile signals)) {
            return -EINVAL;
        }
        signals.setMask(mask);
        return fd;
    }

    // Changes of files

    static long inotifyInit(Task task, SyscallArgs args) {
        return inotifyInit(task, 0);
    }

    static long inotifyInit1(Task task, SyscallArgs args) {
        return inotifyInit(task, args.int32(0));
    }

    private static long inotifyInit(Task task, int flags) {
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
            return -EINVAL;
        }
        return FileIo.install(task, new InotifyFile(task.kernel().vfs(), O_RDONLY | flags & O_NONBLOCK), (flags & O_CLOEXEC) != 0);
    }

    /** EINVAL: no event, or no inotify file; EBADF; ENOTDIR; EACCES: it may not be read. */
    static long inotifyAddWatch(Task task, SyscallArgs args) {
        int mask = args.int32(2);
        if ((mask & INOTIFY_BITS) == 0) {
            return -EINVAL;
        }
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        if ((mask & IN_MASK_ADD) != 0 && (mask & IN_MASK_CREATE) != 0) {
            return -EINVAL;
        }
        if (!(file instanceof InotifyFile inotify)) {
            return -EINVAL;
        }
        int follow = (mask & IN_DONT_FOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        Path at = PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(1)), follow);
        if ((mask & IN_ONLYDIR) != 0) {
            Permissions.requireDirectory(at.inode());
        }
        Permissions.require(at.inode(), task.credentials(), Permissions.READ);
        return inotify.watch(at.inode(), mask);
    }

    static long inotifyRmWatch(Task task, SyscallArgs args) {
        FileDescription file = task.files().get(args.int32(0));
        if (file == null || file.isPathOnly()) {
            return -EBADF;
        }
        return file instanceof InotifyFile inotify ? inotify.unwatch(args.int32(1)) : -EINVAL;
    }
}
