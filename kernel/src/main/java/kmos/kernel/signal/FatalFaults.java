// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.kernel.Kernel;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.PageFault;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/** Processor exceptions as signals (SDM vol. 3A table 6-1, Linux arch/x86/kernel/traps.c), and their line in the log. */
public final class FatalFaults {
    public static final int DIVIDE = 0, DEBUG = 1, BREAKPOINT = 3, OVERFLOW = 4, BOUND = 5, INVALID_OPCODE = 6, NOT_AVAILABLE = 7,
        INVALID_TSS = 10, NOT_PRESENT = 11, STACK = 12, GENERAL_PROTECTION = 13, PAGE_FAULT = 14, X87 = 16, ALIGNMENT = 17, SIMD = 19;

    /** DR6.BS, RFLAGS.RF. */
    private static final int SINGLE_STEP = 1 << 14, RESUME = 1 << 16;

    private FatalFaults() { }

    /** An exception other than #PF. */
    public static void exception(Task task, CpuContext cpu) {
        long ip = cpu.instructionPointer();
        int code = cpu.exitErrorCode();
        task.setTrap(cpu.exitVector(), code, task.trapAddress());
        switch (cpu.exitVector()) {
            case DIVIDE -> raise(task, SigInfo.fault(SignalAbi.SIGFPE, SignalAbi.FPE_INTDIV, ip), "divide error", code);
            case DEBUG -> debug(task, cpu, ip);
            case BREAKPOINT -> SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGTRAP));
            case INVALID_OPCODE -> raise(task, SigInfo.fault(SignalAbi.SIGILL, SignalAbi.ILL_ILLOPN, ip), "invalid opcode", code);
            case X87 -> floatingPoint(task, x87Code(task, cpu), ip);
            case SIMD -> floatingPoint(task, simdCode(task, cpu), ip);
            case ALIGNMENT -> SignalSending.force(task, SigInfo.fault(SignalAbi.SIGBUS, SignalAbi.BUS_ADRALN, 0));
            case STACK -> raise(task, SigInfo.kernel(SignalAbi.SIGBUS), "stack segment", code);
            case NOT_PRESENT -> raise(task, SigInfo.kernel(SignalAbi.SIGBUS), "segment not present", code);
            case INVALID_TSS -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "invalid TSS", code);
            case OVERFLOW -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "overflow", code);
            case BOUND -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "bounds", code);
            default -> raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "general protection fault", code);
        }
    }

    /** A selector that the return to user mode could not load. */
    public static void segment(Task task, int vector, int selector) {
        task.setTrap(vector, selector, task.trapAddress());
        if (vector == GENERAL_PROTECTION) {
            raise(task, SigInfo.kernel(SignalAbi.SIGSEGV), "general protection fault", selector);
        } else {
            raise(task, SigInfo.kernel(SignalAbi.SIGBUS), vector == STACK ? "stack segment" : "segment not present", selector);
        }
    }

    /** Linux exc_debug_user and get_si_code. A debugger's breakpoints and steps come here first when there is one. */
    private static void debug(Task task, CpuContext cpu, long ip) {
        int status = cpu.exitDebugStatus();
        for (int n = 0; n < 4; n++) {
            boolean isInstruction = (cpu.debugRegister(7) >>> 16 + n * 4 & 3) == 0;
            if ((status & 1 << n) != 0 && isInstruction) {
                // The instruction itself runs when the program goes on.
                cpu.setFlags(cpu.flags() | RESUME);
            }
        }
        if (task.tracing() != null) {
            // As Linux's virtual_dr6: what hit stays until the tracer clears it, a step's bit is of this exception alone.
            task.tracing().setDebugStatus(task.tracing().debugStatus() & ~SINGLE_STEP | status & (SINGLE_STEP | 15));
        }
        int code = (status & SINGLE_STEP) != 0 ? SignalAbi.TRAP_TRACE : (status & 15) != 0 ? SignalAbi.TRAP_HWBKPT : SignalAbi.TRAP_BRKPT;
        SignalSending.force(task, SigInfo.fault(SignalAbi.SIGTRAP, code, ip));
    }

    /** Without an unmasked exception the instruction is simply tried again (Linux math_error). */
    private static void floatingPoint(Task task, int code, long ip) {
        if (code != 0) {
            SignalSending.force(task, SigInfo.fault(SignalAbi.SIGFPE, code, ip));
        }
    }

    /**
     * The error code as a program sees it. Kernel addresses look present, whatever lies there (Linux sanitize_error_code);
     * pages of an area without any right look missing: Linux's entries for them are not present, ours only not user's.
     */
    public static int pageFaultError(Task task, long address, int error) {
        if (Long.compareUnsigned(address, AddressSpace.TASK_SIZE_64) >= 0) {
            return error | PageFault.PROTECTION | PageFault.USER;
        }
        VmArea area = task.space().find(address);
        boolean isMissing = area == null || (area.flags() & (VmArea.READ | VmArea.WRITE | VmArea.EXEC)) == 0;
        return (isMissing ? error & ~PageFault.PROTECTION : error) | PageFault.USER;
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
        return (unmasked & 0x20) != 0 ? SignalAbi.FPE_FLTRES : 0;
    }
}
