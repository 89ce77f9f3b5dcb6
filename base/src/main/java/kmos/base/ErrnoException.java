// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** A failed cold operation that returns an object (lookup, mount, exec). No stack trace; caught in the syscall dispatcher. */
public final class ErrnoException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int errno;

    public ErrnoException(int errno) {
        super(Errno.name(errno), null, false, false);
        this.errno = errno;
    }

    /** Positive errno value. */
    public int errno() {
        return errno;
    }
}
