// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

/** The six argument registers of one system call, zero-extended to 64 bits for i386. Reused: do not keep. */
public final class SyscallArgs {
    private final long[] raw = new long[6];

    public void set(long a, long b, long c, long d, long e, long f) {
        raw[0] = a;
        raw[1] = b;
        raw[2] = c;
        raw[3] = d;
        raw[4] = e;
        raw[5] = f;
    }

    /** The register as it is: an unsigned long or a pointer. */
    public long raw(int i) {
        return raw[i];
    }

    /** C int. */
    public int int32(int i) {
        return (int) raw[i];
    }

    /** C unsigned int. */
    public long unsigned32(int i) {
        return raw[i] & 0xFFFFFFFFL;
    }
}
