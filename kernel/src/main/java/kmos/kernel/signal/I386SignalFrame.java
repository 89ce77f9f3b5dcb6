// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.abi.I386Abi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.exec.Vdso;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/**
 * struct sigframe_ia32 and rt_sigframe_ia32 (arch/x86/include/asm/sigframe.h).
 *
 * <pre>
 * sigframe     0 pretcode, 4 sig, 8 sigcontext (88), 96 fpstate_unused (624), 720 extramask, 724 retcode (8)
 * rt_sigframe  0 pretcode, 4 sig, 8 pinfo, 12 puc, 16 siginfo (128), 144 ucontext (116), 260 retcode (8)
 * ucontext     0 flags, 4 link, 8 stack (sp, flags, size), 20 sigcontext (88), 108 sigmask (8)
 * fpstate      see FpuFrame
 * </pre>
 */
final class I386SignalFrame {
    private static final int SIZE = 732, RT_SIZE = 268, FSAVE = FpuFrame.FSAVE, SIGCONTEXT = 8, EXTRAMASK = 720, RETCODE = 724,
        RT_SIGINFO = 16, RT_UCONTEXT = 144, RT_SIGCONTEXT = RT_UCONTEXT + 20, RT_SIGMASK = RT_UCONTEXT + 108, RT_RETCODE = 260;
    private static final int UC_FP_XSTATE = 1;
    private static final int NR_SIGRETURN = 119, NR_RT_SIGRETURN = 173;
    private static final long LOW = 0xFFFFFFFFL;
    private static final int[] ORDER = {CpuContext.RDI, CpuContext.RSI, CpuContext.RBP, CpuContext.RSP, CpuContext.RBX, CpuContext.RDX,
        CpuContext.RCX, CpuContext.RAX};

    private I386SignalFrame() { }

    /** The frame's address, all of it writable. ErrnoException EFAULT; NotReady. */
    static long prepare(Task task, CpuContext cpu, int signal) {
        long sp = cpu.register(CpuContext.RSP) & LOW;
        long fp = fpState(task, cpu, sp, signal);
        boolean isRt = task.group().actions().has(signal, SignalAbi.SA_SIGINFO);
        long frame = (fp - (isRt ? RT_SIZE : SIZE) + 4 & -16L) - 4;
        boolean isAlternate = SignalStack.top(task, sp, sp, signal) != sp;
        if (frame <= 0 || (isAlternate || SignalStack.isOn(task, sp)) && !(frame > task.altStack() && frame - task.altStack() <= task.altStackSize())) {
            throw new ErrnoException(Errno.EFAULT);
        }
        task.user().prepareWrite(frame, fp + FSAVE + FpuFrame.size(cpu) - frame);
        return frame;
    }

    /** The FXSAVE part is aligned to 64 bytes, the FSAVE part lies before it. */
    private static long fpState(Task task, CpuContext cpu, long sp, int signal) {
        return FpuFrame.place(cpu, SignalStack.top(task, sp, sp, signal)) - FSAVE;
    }

    static void push(Task task, CpuContext cpu, SigInfo info, long frame) {
        UserSpace user = task.user();
        SignalActions actions = task.group().actions();
        long sp = cpu.register(CpuContext.RSP) & LOW;
        long fp = fpState(task, cpu, sp, info.signal);
        FpuFrame.write(task, cpu, fp + FSAVE, true);
        boolean isRt = actions.has(info.signal, SignalAbi.SA_SIGINFO);
        long retcode = frame + (isRt ? RT_RETCODE : RETCODE);
        long trampoline = Vdso.signalReturn(task.space(), isRt);
        long restorer = actions.has(info.signal, SignalAbi.SA_RESTORER) ? actions.restorer(info.signal) : trampoline != 0 ? trampoline : retcode;
        user.write32(frame, (int) restorer);
        user.write32(frame + 4, info.signal);
        long mask = task.realSignalMask();
        long infoAt = 0;
        long contextAt = 0;
        if (isRt) {
            infoAt = frame + RT_SIGINFO;
            contextAt = frame + RT_UCONTEXT;
            user.write32(frame + 8, (int) infoAt);
            user.write32(frame + 12, (int) contextAt);
            SigInfoLayout.write(user, infoAt, info, false);
            user.write32(contextAt, cpu.xsaveSize() != 0 ? UC_FP_XSTATE : 0);
            user.write32(contextAt + 4, 0);
            user.write32(contextAt + 8, (int) task.altStack());
            user.write32(contextAt + 12, SignalStack.flags(task, sp));
            user.write32(contextAt + 16, (int) task.altStackSize());
            writeContext(task, cpu, frame + RT_SIGCONTEXT, fp);
            user.write64(frame + RT_SIGMASK, mask);
            // movl $173, %eax; int $0x80
            user.write8(retcode, 0xB8);
            user.write32(retcode + 1, NR_RT_SIGRETURN);
            user.write16(retcode + 5, 0x80CD);
            user.write8(retcode + 7, 0);
        } else {
            writeContext(task, cpu, frame + SIGCONTEXT, fp);
            user.write32(frame + EXTRAMASK, (int) (mask >>> 32));
            // popl %eax; movl $119, %eax; int $0x80
            user.write16(retcode, 0xB858);
            user.write32(retcode + 2, NR_SIGRETURN);
            user.write16(retcode + 6, 0x80CD);
        }
        cpu.setRegister(CpuContext.RSP, frame);
        cpu.setRegister(CpuContext.RAX, info.signal);
        cpu.setRegister(CpuContext.RDX, infoAt);
        cpu.setRegister(CpuContext.RCX, contextAt);
        cpu.setInstructionPointer(actions.handler(info.signal) & LOW);
        cpu.setFlags(cpu.flags() & ~SignalStack.CLEARED_FLAGS);
        Amd64SignalFrame.loadIfOther(cpu, CpuContext.CS, I386Abi.USER_CS);
        Amd64SignalFrame.loadIfOther(cpu, CpuContext.SS, I386Abi.USER_SS);
        Amd64SignalFrame.loadIfOther(cpu, CpuContext.DS, I386Abi.USER_SS);
        Amd64SignalFrame.loadIfOther(cpu, CpuContext.ES, I386Abi.USER_SS);
    }

    private static void writeContext(Task task, CpuContext cpu, long sc, long fp) {
        UserSpace user = task.user();
        user.write32(sc, cpu.selector(CpuContext.GS));
        user.write32(sc + 4, cpu.selector(CpuContext.FS));
        user.write32(sc + 8, cpu.selector(CpuContext.ES));
        user.write32(sc + 12, cpu.selector(CpuContext.DS));
        for (int i = 0; i < ORDER.length; i++) {
            user.write32(sc + 16 + i * 4, (int) cpu.register(ORDER[i]));
        }
        user.write32(sc + 48, task.trapNumber());
        user.write32(sc + 52, task.trapError());
        user.write32(sc + 56, (int) cpu.instructionPointer());
        user.write32(sc + 60, cpu.selector(CpuContext.CS));
        user.write32(sc + 64, (int) cpu.flags());
        user.write32(sc + 68, (int) cpu.register(CpuContext.RSP));
        user.write32(sc + 72, cpu.selector(CpuContext.SS));
        user.write32(sc + 76, (int) fp);
        user.write32(sc + 80, (int) task.realSignalMask());
        user.write32(sc + 84, (int) task.trapAddress());
    }

    /** sigreturn(2). ErrnoException EFAULT: the caller raises SIGSEGV. */
    static void restore(Task task, CpuContext cpu) {
        UserSpace user = task.user();
        long frame = (cpu.register(CpuContext.RSP) & LOW) - 8;
        long mask = user.read32(frame + SIGCONTEXT + 80) & LOW | (long) user.read32(frame + EXTRAMASK) << 32;
        int[] words = readContext(user, frame + SIGCONTEXT);
        int fpu = FpuFrame.read(task, cpu, words[19] & LOW, true);
        task.setSignalMask(mask);
        restoreContext(task, cpu, words, fpu);
        Amd64SignalFrame.returnTo(task, cpu, words[15] & 0xFFFF | 3, words[18] & 0xFFFF | 3);
    }

    /** rt_sigreturn(2). */
    static void restoreRt(Task task, CpuContext cpu) {
        UserSpace user = task.user();
        long frame = (cpu.register(CpuContext.RSP) & LOW) - 4;
        long mask = user.read64(frame + RT_SIGMASK);
        long stack = user.read32(frame + RT_UCONTEXT + 8) & LOW;
        int flags = user.read32(frame + RT_UCONTEXT + 12);
        long size = user.read32(frame + RT_UCONTEXT + 16) & LOW;
        int[] words = readContext(user, frame + RT_SIGCONTEXT);
        int fpu = FpuFrame.read(task, cpu, words[19] & LOW, true);
        task.setSignalMask(mask);
        restoreContext(task, cpu, words, fpu);
        Amd64SignalFrame.restoreAltStack(task, cpu, stack, flags, size);
        Amd64SignalFrame.returnTo(task, cpu, words[15] & 0xFFFF | 3, words[18] & 0xFFFF | 3);
    }

    private static int[] readContext(UserSpace user, long sc) {
        int[] words = new int[22];
        for (int i = 0; i < words.length; i++) {
            words[i] = user.read32(sc + i * 4);
        }
        return words;
    }

    private static void restoreContext(Task task, CpuContext cpu, int[] words, int fpu) {
        loadOrNull(cpu, CpuContext.GS, words[0] & 0xFFFF);
        loadOrNull(cpu, CpuContext.FS, words[1] & 0xFFFF);
        loadOrNull(cpu, CpuContext.ES, words[2] & 0xFFFF);
        loadOrNull(cpu, CpuContext.DS, words[3] & 0xFFFF);
        for (int i = 0; i < ORDER.length; i++) {
            cpu.setRegister(ORDER[i], words[4 + i] & LOW);
        }
        cpu.setInstructionPointer(words[14] & LOW);
        cpu.setFlags(cpu.flags() & ~SignalStack.RESTORED_FLAGS | words[16] & SignalStack.RESTORED_FLAGS);
        FpuFrame.restore(task, cpu, fpu);
        if (fpu == FpuFrame.BAD) {
            throw new ErrnoException(Errno.EFAULT);
        }
    }

    /** A data selector that cannot be loaded becomes null, as Linux's loadsegment does. */
    private static void loadOrNull(CpuContext cpu, int segment, int selector) {
        int wanted = (selector & ~3) == 0 ? 0 : selector | 3;
        if (cpu.selector(segment) != wanted && cpu.loadSegment(segment, wanted) != 0) {
            cpu.loadSegment(segment, 0);
        }
    }
}
