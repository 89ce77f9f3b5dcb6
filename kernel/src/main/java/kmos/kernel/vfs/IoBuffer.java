// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.Check;
import kmos.kernel.mm.UserMemory;

/**
 * The memory of one read or write: a list of user ranges (read, readv) or a kernel byte array. A cursor moves over it.
 * Transfers return the bytes moved, or -EFAULT when the first byte is bad; they may throw NotReady with the cursor
 * unmoved, so a body may simply run again.
 */
public final class IoBuffer {
    private UserMemory user;
    private byte[] array;
    private final long[] addresses;
    private final long[] lengths;
    private int segment;
    private long inSegment;
    private long remaining;

    private IoBuffer(int segments) {
        addresses = new long[segments];
        lengths = new long[segments];
    }

    public static IoBuffer user(UserMemory user, long address, long length) {
        IoBuffer b = new IoBuffer(1);
        b.user = user;
        b.addresses[0] = address;
        b.lengths[0] = length;
        b.remaining = length;
        return b;
    }

    /** iovec: parallel arrays. */
    public static IoBuffer vector(UserMemory user, long[] addresses, long[] lengths) {
        IoBuffer b = new IoBuffer(addresses.length);
        b.user = user;
        for (int i = 0; i < addresses.length; i++) {
            b.addresses[i] = addresses[i];
            b.lengths[i] = lengths[i];
            b.remaining += lengths[i];
        }
        return b;
    }

    public static IoBuffer array(byte[] array, int offset, int length) {
        IoBuffer b = new IoBuffer(1);
        b.array = array;
        b.addresses[0] = offset;
        b.lengths[0] = length;
        b.remaining = length;
        return b;
    }

    public long remaining() {
        return remaining;
    }

    /** A kernel array, not user memory. */
    boolean isArray() {
        return array != null;
    }

    /** Moves the cursor: what an earlier run of the body has already transferred. */
    public void skip(long count) {
        Check.that(count <= remaining, "skip past the end of a buffer", count);
        remaining -= count;
        while (count > 0) {
            long n = Math.min(count, lengths[segment] - inSegment);
            inSegment += n;
            count -= n;
            if (count > 0) {
                segment++;
                inSegment = 0;
            }
        }
    }

    /** Takes a limit back: count more bytes than remaining(). */
    public void extend(long count) {
        remaining += count;
    }

    /** Ends the buffer after count more bytes. */
    public void limit(long count) {
        remaining = Math.min(remaining, count);
    }

    /** Kernel to program: bytes of an array. */
    public int put(byte[] from, int offset, int count) {
        return move(from, offset, 0, count, true);
    }

    /** Kernel to program: guest RAM at a physical address. */
    public int putFromRam(int physical, int count) {
        return move(null, 0, physical, count, true);
    }

    /** Program to kernel. */
    public int get(byte[] to, int offset, int count) {
        return move(to, offset, 0, count, false);
    }

    /** Program to guest RAM at a physical address (user ranges only). */
    public int getToRam(int physical, int count) {
        return move(null, 0, physical, count, false);
    }

    private int move(byte[] other, int offset, int physical, int count, boolean isToProgram) {
        int done = 0;
        while (done < count && remaining > 0) {
            while (inSegment == lengths[segment]) {
                segment++;
                inSegment = 0;
            }
            int n = (int) Math.min(count - done, lengths[segment] - inSegment);
            int moved = moveRun(addresses[segment] + inSegment, other, offset + done, physical + done, n, isToProgram);
            if (moved < 0) {
                return done > 0 ? done : moved;
            }
            inSegment += moved;
            remaining -= moved;
            done += moved;
            if (moved < n) {
                return done;
            }
        }
        return done;
    }

    private int moveRun(long address, byte[] other, int offset, int physical, int n, boolean isToProgram) {
        if (array != null) {
            if (isToProgram) {
                System.arraycopy(other, offset, array, (int) address, n);
            } else {
                System.arraycopy(array, (int) address, other, offset, n);
            }
            return n;
        }
        if (other == null) {
            return isToProgram ? user.copyOutFromRam(physical, address, n) : user.copyInToRam(address, physical, n);
        }
        return isToProgram ? user.copyOut(other, offset, address, n) : user.copyIn(address, other, offset, n);
    }
}
