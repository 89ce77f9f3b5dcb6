// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** Kernel-internal errno values that never reach a program (linux/errno.h): how a call interrupted by a signal goes on. */
public final class Restart {
    private Restart() { }

    /** EINTR if a handler runs without SA_RESTART, else the call is made again. */
    public static final int ERESTARTSYS = 512;
    /** Always made again. */
    public static final int ERESTARTNOINTR = 513;
    /** EINTR if a handler runs, else made again. */
    public static final int ERESTARTNOHAND = 514;
    /** EINTR if a handler runs, else restart_syscall(2) is made. */
    public static final int ERESTART_RESTARTBLOCK = 516;

    public static boolean isRestart(long result) {
        return result == -ERESTARTSYS || result == -ERESTARTNOINTR || result == -ERESTARTNOHAND || result == -ERESTART_RESTARTBLOCK;
    }
}
