// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

/** How strace prints an argument. */
public enum ArgKind {
    INT, UINT, LONG, HEX, OCTAL, SIZE, OFFSET, FD, DIR_FD, POINTER, PATH, STRING,
    /** A buffer that the call reads (its length is the next argument) or fills (its length is the result). */
    IN_BUFFER, OUT_BUFFER,
    OPEN_FLAGS, MODE, PROT, MMAP_FLAGS, SIGNAL, CLONE_FLAGS, OUT_FDS, STRING_ARRAY, WAIT_STATUS, TIMESPEC, CLOCK, FUTEX_OP, IOCTL
}
