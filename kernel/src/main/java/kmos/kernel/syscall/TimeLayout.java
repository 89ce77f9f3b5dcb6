// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.mm.UserMemory;

/** timespec and timeval in user memory, in three widths: amd64's, i386's old 32-bit one and i386's 64-bit one. */
public final class TimeLayout {
    public static final long NS = 1_000_000_000L;
    /** Longest time that fits into ns. */
    private static final long MAX_SECONDS = Long.MAX_VALUE / NS - 1;

    private TimeLayout() { }

    /** A timespec as ns, clipped at NEVER. EFAULT; EINVAL: tv_nsec outside 0 to 999,999,999 or tv_sec negative. */
    public static long readTimespec(UserMemory user, long at, boolean isWide) {
        long seconds = isWide ? user.read64(at) : user.read32(at);
        // With 64-bit time in i386 the upper half of tv_nsec is padding.
        long nanos = isWide ? user.read64(at + 8) : user.read32(at + 4);
        return toNs(seconds, nanos);
    }

    /** The same for i386's 64-bit timespec, whose tv_nsec has 32 bits. */
    public static long readTimespec64(UserMemory user, long at, boolean isAmd64) {
        long seconds = user.read64(at);
        return toNs(seconds, isAmd64 ? user.read64(at + 8) : user.read32(at + 8));
    }

    private static long toNs(long seconds, long nanos) {
        if (seconds < 0 || nanos < 0 || nanos >= NS) {
            throw new ErrnoException(Errno.EINVAL);
        }
        return seconds > MAX_SECONDS ? Long.MAX_VALUE : seconds * NS + nanos;
    }

    public static void writeTimespec(UserMemory user, long at, long ns, boolean isWide) {
        long seconds = Math.floorDiv(ns, NS);
        long nanos = Math.floorMod(ns, NS);
        if (isWide) {
            user.write64(at, seconds);
            user.write64(at + 8, nanos);
        } else {
            user.write32(at, (int) seconds);
            user.write32(at + 4, (int) nanos);
        }
    }

    /** A timeval as ns. EFAULT; EINVAL: tv_usec outside 0 to 999,999 or tv_sec negative. */
    public static long readTimeval(UserMemory user, long at, boolean isWide) {
        long seconds = isWide ? user.read64(at) : user.read32(at);
        long micros = isWide ? user.read64(at + 8) : user.read32(at + 4);
        if (seconds < 0 || micros < 0 || micros >= 1_000_000) {
            throw new ErrnoException(Errno.EINVAL);
        }
        return seconds > MAX_SECONDS ? Long.MAX_VALUE : seconds * NS + micros * 1000;
    }

    public static void writeTimeval(UserMemory user, long at, long ns, boolean isWide) {
        writeTimespec(user, at, Math.floorDiv(ns, NS) * NS, isWide);
        long micros = Math.floorMod(ns, NS) / 1000;
        if (isWide) {
            user.write64(at + 8, micros);
        } else {
            user.write32(at + 4, (int) micros);
        }
    }
}
