// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.EFAULT;
import static kmos.base.Errno.EINVAL;

import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.mm.UserMemory;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.IoBuffer;

/** Fetching what arguments point to, in the layout of the calling ABI. */
final class UserArgs {
    private UserArgs() { }

    /** A path name. EFAULT, ENAMETOOLONG. */
    static String path(Task task, long address) {
        return task.user().readString(address, Fcntl.PATH_MAX);
    }

    /** Copies all of it out, or EFAULT. */
    static void put(Task task, long address, byte[] bytes) {
        if (task.user().copyOut(bytes, 0, address, bytes.length) < bytes.length) {
            throw new ErrnoException(EFAULT);
        }
    }

    static byte[] get(Task task, long address, int count) {
        byte[] bytes = new byte[count];
        if (task.user().copyIn(address, bytes, 0, count) < count) {
            throw new ErrnoException(EFAULT);
        }
        return bytes;
    }

    /** A size_t: -EINVAL when it is negative as ssize_t, else at most MAX_RW_COUNT. */
    static long size(Task task, long raw) {
        long size = task.is64Bit() ? raw : (int) raw;
        return size < 0 ? -EINVAL : Math.min(size, Fcntl.MAX_RW_COUNT);
    }

    /** A loff_t: one register on amd64, a pair with the low half first on i386. */
    static long offset(Task task, SyscallArgs args, int i) {
        return task.is64Bit() ? args.raw(i) : args.unsigned32(i) | args.raw(i + 1) << 32;
    }

    /** A signed long: sign-extended on i386. */
    static long signed(Task task, long raw) {
        return task.is64Bit() ? raw : (int) raw;
    }

    /** An iovec array as one buffer. EINVAL: count out of range or a negative length; EFAULT. */
    static IoBuffer vector(Task task, long address, long count) {
        Ranges ranges = ranges(task, address, count);
        return IoBuffer.vector(task.user(), ranges.bases, ranges.lengths);
    }

    /** What an iovec array says; without an element one that is empty. */
    record Ranges(long[] bases, long[] lengths) { }

    /** An iovec array. EINVAL: count out of range or a negative length; EFAULT. */
    static Ranges ranges(Task task, long address, long count) {
        if (count < 0 || count > Fcntl.UIO_MAXIOV) {
            throw new ErrnoException(EINVAL);
        }
        int n = (int) count;
        int word = task.is64Bit() ? 8 : 4;
        byte[] raw = get(task, address, n * word * 2);
        long[] bases = new long[Math.max(n, 1)];
        long[] lengths = new long[Math.max(n, 1)];
        long total = 0;
        for (int i = 0; i < n; i++) {
            bases[i] = word(raw, i * 2, word);
            long length = word == 8 ? word(raw, i * 2 + 1, word) : (int) word(raw, i * 2 + 1, word);
            if (length < 0) {
                throw new ErrnoException(EINVAL);
            }
            lengths[i] = Math.min(length, Fcntl.MAX_RW_COUNT - total);
            total += lengths[i];
        }
        return new Ranges(bases, lengths);
    }

    /** The i-th word of a copied array of words. */
    static long word(byte[] raw, int i, int wordSize) {
        return wordSize == 8 ? LittleEndian.get64(raw, i * 8) : LittleEndian.getUnsigned32(raw, i * 4);
    }

    /** A struct timespec in ns. is64: 64-bit fields. EFAULT; EINVAL when it is negative or has too many ns. */
    static long timespecNs(Task task, long address, boolean is64) {
        byte[] b = get(task, address, is64 ? 16 : 8);
        long seconds = is64 ? LittleEndian.get64(b, 0) : LittleEndian.get32(b, 0);
        long ns = is64 ? task.is64Bit() ? LittleEndian.get64(b, 8) : LittleEndian.get32(b, 8) : LittleEndian.get32(b, 4);
        if (seconds < 0 || ns < 0 || ns >= 1_000_000_000L) {
            throw new ErrnoException(EINVAL);
        }
        return seconds > 9_000_000_000L ? Long.MAX_VALUE : seconds * 1_000_000_000L + ns;
    }
}
