// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.abi.Amd64Abi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/**
 * struct rt_sigframe of amd64 (arch/x86/include/asm/sigframe.h); the floating-point part is {@link FpuFrame}.
 *
 * <pre>
 *   0    8  pretcode       sa_restorer: the handler's return address
 *   8  304  ucontext: flags 0, link 8, stack 16 (sp, flags, size), sigcontext 40 (256 bytes), sigmask 296
 * 312  128  siginfo
 * </pre>
 */
final class Amd64SignalFrame {
    private static final int SIZE = 440, UCONTEXT = 8, SIGCONTEXT = UCONTEXT + 40, SIGMASK = UCONTEXT + 296, SIGINFO = 312, RED_ZONE = 128;
    private static final int UC_FP_XSTATE = 1, UC_SIGCONTEXT_SS = 2, UC_STRICT_RESTORE_SS = 4;
    /** Order of the general registers in sigcontext. */
    private static final int[] ORDER = {8, 9, 10, 11, 12, 13, 14, 15, CpuContext.RDI, CpuContext.RSI, CpuContext.RBP, CpuContext.RBX,
        CpuContext.RDX, CpuContext.RAX, CpuContext.RCX, CpuContext.RSP};

    private Amd64SignalFrame() { }

    /** The frame's address, all of it writable. ErrnoException EFAULT; NotReady. */
    static long prepare(Task task, CpuContext cpu, int signal) {
        if (!task.group().actions().has(signal, SignalAbi.SA_RESTORER)) {
            throw new ErrnoException(Errno.EFAULT);
        }
        long sp = cpu.register(CpuContext.RSP);
        long fx = fpState(task, cpu, sp, signal);
        long frame = (fx - SIZE & -16L) - 8;
        boolean isAlternate = SignalStack.top(task, sp - RED_ZONE, sp, signal) != sp - RED_ZONE;
        if ((isAlternate || SignalStack.isOn(task, sp)) && !isInside(task, frame)) {
            throw new ErrnoException(Errno.EFAULT);
        }
        task.user().prepareWrite(frame, fx + FpuFrame.size(cpu) - frame);
        return frame;
    }

    private static boolean isInside(Task task, long frame) {
        return frame > task.altStack() && frame - task.altStack() <= task.altStackSize();
    }

    private static long fpState(Task task, CpuContext cpu, long sp, int signal) {
        return FpuFrame.place(cpu, SignalStack.top(task, sp - RED_ZONE, sp, signal));
    }

    static void push(Task task, CpuContext cpu, SigInfo info, long frame) {
        UserSpace user = task.user();
        SignalActions actions = task.group().actions();
        long sp = cpu.register(CpuContext.RSP);
        long fx = fpState(task, cpu, sp, info.signal);
        FpuFrame.write(task, cpu, fx, false);
        user.write64(frame, actions.restorer(info.signal));
        user.write64(frame + UCONTEXT, (cpu.xsaveSize() != 0 ? UC_FP_XSTATE : 0) | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS);
        user.write64(frame + UCONTEXT + 8, 0);
        user.write64(frame + UCONTEXT + 16, task.altStack());
        user.write64(frame + UCONTEXT + 24, SignalStack.flags(task, sp) & 0xFFFFFFFFL);
        user.write64(frame + UCONTEXT + 32, task.altStackSize());
        long sc = frame + SIGCONTEXT;
        for (int i = 0; i < ORDER.length; i++) {
            user.write64(sc + i * 8, cpu.register(ORDER[i]));
        }
        user.write64(sc + 128, cpu.instructionPointer());
        user.write64(sc + 136, cpu.flags());
        user.write16(sc + 144, cpu.selector(CpuContext.CS));
        user.write16(sc + 146, 0);
        user.write16(sc + 148, 0);
        user.write16(sc + 150, cpu.selector(CpuContext.SS));
        user.write64(sc + 152, task.trapError());
        user.write64(sc + 160, task.trapNumber());
        user.write64(sc + 168, task.realSignalMask());
        user.write64(sc + 176, task.trapAddress());
        user.write64(sc + 184, fx);
        for (int i = 192; i < 256; i += 8) {
            user.write64(sc + i, 0);
        }
        user.write64(frame + SIGMASK, task.realSignalMask());
        SigInfoLayout.write(user, frame + SIGINFO, info, true);
        cpu.setRegister(CpuContext.RDI, info.signal);
        cpu.setRegister(CpuContext.RAX, 0);
        cpu.setRegister(CpuContext.RSI, frame + SIGINFO);
        cpu.setRegister(CpuContext.RDX, frame + UCONTEXT);
        cpu.setRegister(CpuContext.RSP, frame);
        cpu.setInstructionPointer(actions.handler(info.signal));
        cpu.setFlags(cpu.flags() & ~SignalStack.CLEARED_FLAGS);
        loadIfOther(cpu, CpuContext.CS, Amd64Abi.USER_CS);
        loadIfOther(cpu, CpuContext.SS, Amd64Abi.USER_SS);
    }

    /** rt_sigreturn(2). ErrnoException EFAULT: the caller raises SIGSEGV. */
    static void restore(Task task, CpuContext cpu) {
        UserSpace user = task.user();
        long frame = cpu.register(CpuContext.RSP) - 8;
        long sc = frame + SIGCONTEXT;
        // All is read before anything changes: a missing page makes the whole call run again.
        long flags = user.read64(frame + UCONTEXT);
        long mask = user.read64(frame + SIGMASK);
        long[] values = new long[18];
        for (int i = 0; i < 18; i++) {
            values[i] = user.read64(sc + i * 8);
        }
        int cs = user.read16(sc + 144) | 3;
        int ss = user.read16(sc + 150) | 3;
        long stack = user.read64(frame + UCONTEXT + 16);
        int stackFlags = user.read32(frame + UCONTEXT + 24);
        long stackSize = user.read64(frame + UCONTEXT + 32);
        int fpu = FpuFrame.read(task, cpu, user.read64(sc + 184), false);
        task.setSignalMask(mask);
        for (int i = 0; i < ORDER.length; i++) {
            cpu.setRegister(ORDER[i], values[i]);
        }
        cpu.setInstructionPointer(values[16]);
        cpu.setFlags(cpu.flags() & ~SignalStack.RESTORED_FLAGS | values[17] & SignalStack.RESTORED_FLAGS);
        FpuFrame.restore(task, cpu, fpu);
        if (fpu == FpuFrame.BAD) {
            throw new ErrnoException(Errno.EFAULT);
        }
        restoreAltStack(task, cpu, stack, stackFlags, stackSize);
        returnTo(task, cpu, cs, (flags & UC_STRICT_RESTORE_SS) == 0 && cs == Amd64Abi.USER_CS ? Amd64Abi.USER_SS : ss);
    }

    /** The end of the return, Linux's IRET: a selector that cannot be loaded is a fault of the program. */
    static void returnTo(Task task, CpuContext cpu, int cs, int ss) {
        int vector = cpu.selector(CpuContext.CS) == cs ? 0 : cpu.loadSegment(CpuContext.CS, cs);
        int bad = cs;
        if (vector == 0) {
            vector = cpu.selector(CpuContext.SS) == ss ? 0 : cpu.loadSegment(CpuContext.SS, ss);
            bad = ss;
        }
        if (vector != 0) {
            FatalFaults.segment(task, vector, bad & 0xFFFC);
        }
    }

    /** The alternate stack as it was, unless the frame holds nonsense (then it stays, as in Linux). */
    static void restoreAltStack(Task task, CpuContext cpu, long stack, int flags, long size) {
        if (SignalStack.isOn(task, cpu.register(CpuContext.RSP))) {
            return;
        }
        if ((flags & SignalAbi.SS_DISABLE) != 0) {
            task.setAltStack(0, 0, SignalAbi.SS_DISABLE);
        } else if (size >= 2048) {
            task.setAltStack(stack, size, flags & SignalAbi.SS_AUTODISARM);
        }
    }

    static void loadIfOther(CpuContext cpu, int segment, int selector) {
        if (cpu.selector(segment) != selector && cpu.loadSegment(segment, selector) != 0) {
            throw new ErrnoException(Errno.EFAULT);
        }
    }
}
