// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/** Processor exceptions as signals (SDM vol. 3A table 6-1, Linux arch/x86/kernel/traps.c), and their line in the log. */
public final class FatalFaults {
    public static final int DIVIDE = 0, DEBUG = 1, BREAKPOINT = 3, OVERFLOW = 4, BOUND = 5, INVALID_OPCODE = 6, NOT_AVAILABLE = 7,
        NOT_PRESENT = 11, STACK = 12, GENERAL_PROTECTION = 13, PAGE_FAULT = 14, X87 = 16, ALIGNMENT = 17, SIMD = 19;

    private FatalFaults() { }

    /** An exception other than #PF. */
    public static void exception(Task task, CpuContext cpu) {
        long ip = cpu.instructionPointer();
        int code = cpu.exitErrorCode();
        task.setTrap(cpu.exitVector(), code, task.trapAddress());
        switch (cpu.exitVector()) {
            case DIVIDE -> raise(task, SigInfo.fault(SignalAbi.SIGFPE, SignalAbi.FPE_INTDIV, ip), "divide error", code);
            case DEBUG -> SignalSending.force(task, SigInfo.fault(SignalAbi.SIGTRAP, SignalAbi.TRAP_TRACE, ip));
            case BREAKPOINT -> SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGTRAP));
            case INVALID_OPCODE -> raise(task, SigInfo.fault(SignalAbi.SIGILL, SignalAbi.ILL_ILLOPN, ip), "invalid opcode", code);
            case X87 -> SignalSending.force(task, SigInfo.fault(SignalAbi.SIGFPE, x87Code(task, cpu), ip));
            case SIMD -> SignalSending.force(task, SigInfo.fault(SignalAbi.SIGFPE, simdCode(task, cpu), ip));
            case ALIGNMENT -> SignalSending.force(task, SigInfo.fault(SignalAbi.SIGBUS, SignalAbi.BUS_ADRALN, 0));
            case STACK, NOT_PRESENT -> raise(task, SigInfo.kernel(SignalAbi.SIGBUS), "stack segment", code);
            case OVERFLOW -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "overflow", code);
            case BOUND -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "bounds", code);
            default -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "general protection fault", code);
        }
    }

    /** Forces a signal; without a handler the log gets a line, as Linux writes it. */
    public static void raise(Task task, SigInfo info, String what, int errorCode) {
        if (task.group().actions().handler(info.signal) <= SignalAbi.SIG_IGN && task.group().actions().handler(info.signal) >= 0) {
            log(task, info, what, errorCode);
        }
        SignalSending.force(task, info);
    }

    private static void log(Task task, SigInfo info, String what, int errorCode) {
        Kernel kernel = task.kernel();
        CpuContext cpu = kernel.machine().cpu();
        long ip = cpu.instructionPointer();
        StringBuilder line = new StringBuilder(task.name()).append('[').append(task.tid()).append("]: ");
        if (what.equals("segfault")) {
            line.append("segfault at ").append(Long.toHexString(info.address)).append(" ip ").append(hex16(ip, task))
                .append(" sp ").append(hex16(cpu.register(CpuContext.RSP), task)).append(" error ").append(Integer.toHexString(errorCode));
        } else {
            line.insert(0, "traps: ");
            line.append(what).append(" ip:").append(Long.toHexString(ip)).append(" sp:").append(Long.toHexString(cpu.register(CpuContext.RSP)))
                .append(" error:").append(Integer.toHexString(errorCode));
        }
        VmArea area = task.space().find(ip);
        if (area != null && area.dentry() != null) {
            line.append(" in ").append(area.dentry().name()).append('[').append(Long.toHexString(area.start())).append('+')
                .append(Long.toHexString(area.end() - area.start())).append(']');
        }
        kernel.printk(line.toString());
    }

    private static String hex16(long value, Task task) {
        String digits = Long.toHexString(value);
        int width = task.is64Bit() ? 16 : 8;
        return digits.length() < width ? "0".repeat(width - digits.length()) + digits : digits;
    }

    private static int x87Code(Task task, CpuContext cpu) {
        int image = saveFpu(task, cpu);
        int control = task.kernel().machine().memory().read16(image);
        int status = task.kernel().machine().memory().read16(image + 2);
        return code(status & ~control);
    }

    private static int simdCode(Task task, CpuContext cpu) {
        int image = saveFpu(task, cpu);
        int mxcsr = task.kernel().machine().memory().read32(image + 24);
        return code(mxcsr & ~(mxcsr >> 7));
    }

    private static int saveFpu(Task task, CpuContext cpu) {
        // The second half of the task's context frame is free while its registers are on the processor.
        int image = task.contextFrame() + CpuContext.CONTEXT_SIZE;
        cpu.fxsave(image);
        return image;
    }

    /** Unmasked exception bits to FPE_*, as Linux's fpu__exception_code. */
    private static int code(int unmasked) {
        if ((unmasked & 1) != 0) {
            return SignalAbi.FPE_FLTINV;
        }
        if ((unmasked & 4) != 0) {
            return SignalAbi.FPE_FLTDIV;
        }
        if ((unmasked & 8) != 0) {
            return SignalAbi.FPE_FLTOVF;
        }
        if ((unmasked & 0x12) != 0) {
            return SignalAbi.FPE_FLTUND;
        }
        return (unmasked & 0x20) != 0 ? SignalAbi.FPE_FLTRES : SignalAbi.FPE_FLTUNK;
    }
}
