// SPDX-License-Identifier: Apache-2.0
package kmos.machine;

/** Why {@link CpuContext#run} returned. */
public final class CpuExit {
    /** The cycle it was given has come. */
    public static final int SLICE_END = 0;
    /** INT 0x80; the instruction pointer is behind it. */
    public static final int INT80 = 1;
    /** SYSENTER; the instruction pointer is behind it. */
    public static final int SYSENTER = 2;
    /** SYSCALL; RCX and R11 are set, the instruction pointer is behind it. */
    public static final int SYSCALL = 3;
    /** An exception: see exitVector, exitErrorCode, exitAddress. State is that of the instruction's start (faults). */
    public static final int FAULT = 4;
    /** HLT at CPL 0. */
    public static final int HALT = 5;

    private CpuExit() { }
}
