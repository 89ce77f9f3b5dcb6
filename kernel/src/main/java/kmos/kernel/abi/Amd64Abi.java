// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

import kmos.kernel.syscall.SyscallArgs;
import kmos.machine.CpuContext;

/** syscall: number in RAX; RDI RSI RDX R10 R8 R9 (System V ABI AMD64 supplement, appendix A.2.1). */
public final class Amd64Abi implements LinuxAbi {
    public static final int USER_CS = 0x33, USER_SS = 0x2B;

    @Override
    public int number(CpuContext cpu) {
        return (int) cpu.register(CpuContext.RAX);
    }

    @Override
    public void arguments(CpuContext cpu, SyscallArgs args) {
        args.set(cpu.register(CpuContext.RDI), cpu.register(CpuContext.RSI), cpu.register(CpuContext.RDX),
            cpu.register(10), cpu.register(8), cpu.register(9));
    }

    @Override
    public void setResult(CpuContext cpu, long result) {
        cpu.setRegister(CpuContext.RAX, result);
    }

    @Override
    public void restart(CpuContext cpu, int number) {
        cpu.setRegister(CpuContext.RAX, number);
        cpu.setInstructionPointer(cpu.instructionPointer() - 2);
    }

    @Override
    public int restartSyscall() {
        return 219;
    }
}
