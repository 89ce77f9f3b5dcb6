// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

import kmos.kernel.syscall.SyscallArgs;
import kmos.machine.CpuContext;

/** Register conventions of system calls. */
public sealed interface LinuxAbi permits Amd64Abi, I386Abi {
    /** The number the program asks for. */
    int number(CpuContext cpu);

    void arguments(CpuContext cpu, SyscallArgs args);

    void setResult(CpuContext cpu, long result);

    /** Puts the number back and steps to the entry instruction again (2 bytes in both ABIs). */
    void restart(CpuContext cpu, int number);

    /** Number of restart_syscall(2). */
    int restartSyscall();
}
