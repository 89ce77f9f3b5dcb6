// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

import kmos.kernel.syscall.SyscallArgs;
import kmos.machine.CpuContext;

/** int 0x80: number in EAX; EBX ECX EDX ESI EDI EBP. */
public final class I386Abi implements LinuxAbi {
    public static final int USER_CS = 0x23, USER_SS = 0x2B;
    private static final long LOW = 0xFFFFFFFFL;

    @Override
    public int number(CpuContext cpu) {
        return (int) cpu.register(CpuContext.RAX);
    }

    @Override
    public void arguments(CpuContext cpu, SyscallArgs args) {
        args.set(cpu.register(CpuContext.RBX) & LOW, cpu.register(CpuContext.RCX) & LOW, cpu.register(CpuContext.RDX) & LOW,
            cpu.register(CpuContext.RSI) & LOW, cpu.register(CpuContext.RDI) & LOW, cpu.register(CpuContext.RBP) & LOW);
    }

    @Override
    public void setResult(CpuContext cpu, long result) {
        // A 64-bit program that uses int 0x80 sees the sign extended, as after Linux's compat entry.
        cpu.setRegister(CpuContext.RAX, cpu.bits() == 64 ? (long) (int) result : result & LOW);
    }

    @Override
    public void restart(CpuContext cpu, int number) {
        cpu.setRegister(CpuContext.RAX, number & LOW);
        cpu.setInstructionPointer(cpu.instructionPointer() - 2);
    }

    @Override
    public int restartSyscall() {
        return 0;
    }
}
