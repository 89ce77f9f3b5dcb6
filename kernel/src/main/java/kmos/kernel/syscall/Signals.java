// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.SignalAbi.*;

import kmos.base.TimerQueue;
import kmos.kernel.abi.Restart;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SigInfoLayout;
import kmos.kernel.signal.SignalActions;
import kmos.kernel.signal.SignalReturn;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.signal.SignalStack;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/** Signal actions, masks, sending and waiting, in the amd64, i386 real-time and old i386 forms. */
final class Signals {
    private static final long UNBLOCKABLE = bit(SIGKILL) | bit(SIGSTOP);
    private static final int MINSIGSTKSZ = 2048;

    private Signals() { }

    /** EINVAL: set size, signal number, SIGKILL or SIGSTOP; EFAULT. */
    static long rtSigaction(Task task, SyscallArgs args) {
        if (args.raw(3) != 8) {
            return -EINVAL;
        }
        UserSpace user = task.user();
        int w = task.is64Bit() ? 8 : 4;
        long act = args.raw(1);
        long old = args.raw(2);
        long handler = 0;
        long flags = 0;
        long restorer = 0;
        long mask = 0;
        if (act != 0) {
            handler = user.readWord(act);
            flags = user.readWord(act + w);
            restorer = user.readWord(act + 2L * w);
            mask = user.read64(act + 3L * w);
        }
        int signal = args.int32(0);
        if (isBadForAction(signal, act)) {
            return -EINVAL;
        }
        SignalActions a = task.group().actions();
        if (old != 0) {
            user.prepareWrite(old, 3L * w + 8);
            user.writeWord(old, a.handler(signal));
            user.writeWord(old + w, a.flags(signal) & 0xFFFFFFFFL);
            user.writeWord(old + 2L * w, a.restorer(signal));
            user.write64(old + 3L * w, a.mask(signal));
        }
        if (act != 0) {
            setAction(task, signal, handler, (int) flags, restorer, mask);
        }
        return 0;
    }

    private static boolean isBadForAction(int signal, long act) {
        return signal < 1 || signal > NSIG || act != 0 && (signal == SIGKILL || signal == SIGSTOP);
    }

    private static void setAction(Task task, int signal, long handler, int flags, long restorer, long mask) {
        SignalActions a = task.group().actions();
        a.set(signal, handler, flags, restorer, mask);
        if (a.isIgnored(signal)) {
            SignalSending.discard(task.group(), signal);
        }
    }

    /** i386 sigaction(2): 32-bit mask, fields in another order. */
    static long oldSigaction(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        long act = args.raw(1);
        long old = args.raw(2);
        int signal = args.int32(0);
        long handler = act == 0 ? 0 : user.readWord(act);
        long mask = act == 0 ? 0 : user.read32(act + 4) & 0xFFFFFFFFL;
        int flags = act == 0 ? 0 : user.read32(act + 8);
        long restorer = act == 0 ? 0 : user.readWord(act + 12);
        if (isBadForAction(signal, act)) {
            return -EINVAL;
        }
        SignalActions a = task.group().actions();
        if (old != 0) {
            user.prepareWrite(old, 16);
            user.write32(old, (int) a.handler(signal));
            user.write32(old + 4, (int) a.mask(signal));
            user.write32(old + 8, a.flags(signal));
            user.write32(old + 12, (int) a.restorer(signal));
        }
        if (act != 0) {
            setAction(task, signal, handler, flags, restorer, mask);
        }
        return 0;
    }

    /** i386 signal(2). */
    static long signal(Task task, SyscallArgs args) {
        int signal = args.int32(0);
        if (isBadForAction(signal, 1)) {
            return -EINVAL;
        }
        long old = task.group().actions().handler(signal);
        setAction(task, signal, args.raw(1), SA_RESETHAND | SA_NODEFER, 0, 0);
        return old;
    }

    static long rtSigprocmask(Task task, SyscallArgs args) {
        if (args.raw(3) != 8) {
            return -EINVAL;
        }
        UserSpace user = task.user();
        long old = task.signalMask();
        long changed = old;
        if (args.raw(1) != 0) {
            long set = user.read64(args.raw(1)) & ~UNBLOCKABLE;
            switch (args.int32(0)) {
                case SIG_BLOCK -> changed = old | set;
                case SIG_UNBLOCK -> changed = old & ~set;
                case SIG_SETMASK -> changed = set;
                default -> {
                    return -EINVAL;
                }
            }
        }
        if (args.raw(2) != 0) {
            user.write64(args.raw(2), old);
        }
        task.setSignalMask(changed);
        return 0;
    }

    static long oldSigprocmask(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        long old = task.signalMask();
        long changed = old;
        if (args.raw(1) != 0) {
            long set = user.read32(args.raw(1)) & 0xFFFFFFFFL & ~UNBLOCKABLE;
            switch (args.int32(0)) {
                case SIG_BLOCK -> changed = old | set;
                case SIG_UNBLOCK -> changed = old & ~set;
                case SIG_SETMASK -> changed = old & ~0xFFFFFFFFL | set;
                default -> {
                    return -EINVAL;
                }
            }
        }
        if (args.raw(2) != 0) {
            user.write32(args.raw(2), (int) old);
        }
        task.setSignalMask(changed);
        return 0;
    }

    static long sgetmask(Task task, SyscallArgs args) {
        return task.signalMask() & 0xFFFFFFFFL;
    }

    static long ssetmask(Task task, SyscallArgs args) {
        long old = task.signalMask();
        task.setSignalMask(old & ~0xFFFFFFFFL | args.unsigned32(0));
        return old & 0xFFFFFFFFL;
    }

    private static long pendingSet(Task task) {
        return (task.pending().set() | task.group().sharedPending().set()) & task.signalMask();
    }

    static long rtSigpending(Task task, SyscallArgs args) {
        long size = args.raw(1);
        if (Long.compareUnsigned(size, 8) > 0) {
            return -EINVAL;
        }
        byte[] set = new byte[8];
        kmos.base.LittleEndian.put64(set, 0, pendingSet(task));
        int n = task.user().copyOut(set, 0, args.raw(0), (int) size);
        return n == size ? 0 : -EFAULT;
    }

    static long sigpending(Task task, SyscallArgs args) {
        task.user().write32(args.raw(0), (int) pendingSet(task));
        return 0;
    }

    static long rtSigsuspend(Task task, SyscallArgs args) {
        if (args.raw(1) != 8) {
            return -EINVAL;
        }
        return suspend(task, task.user().read64(args.raw(0)));
    }

    static long oldSigsuspend(Task task, SyscallArgs args) {
        return suspend(task, args.raw(2));
    }

    private static long suspend(Task task, long mask) {
        task.useTemporaryMask(mask);
        long result = task.blockUntil(TimerQueue.NEVER);
        return result == Task.BLOCKED ? result : -Restart.ERESTARTNOHAND;
    }

    static long pause(Task task, SyscallArgs args) {
        long result = task.blockUntil(TimerQueue.NEVER);
        return result == Task.BLOCKED ? result : -Restart.ERESTARTNOHAND;
    }

    static long rtSigtimedwait(Task task, SyscallArgs args) {
        return sigtimedwait(task, args, task.is64Bit());
    }

    static long rtSigtimedwait64(Task task, SyscallArgs args) {
        return sigtimedwait(task, args, true);
    }

    /** EAGAIN: timed out; EINTR: another signal's handler. */
    private static long sigtimedwait(Task task, SyscallArgs args, boolean wide) {
        if (args.raw(3) != 8) {
            return -EINVAL;
        }
        UserSpace user = task.user();
        long set = user.read64(args.raw(0)) & ~UNBLOCKABLE;
        if (task.frame().deadlineNs < 0) {
            task.frame().deadlineNs = args.raw(2) == 0 ? TimerQueue.NEVER
                : Clocks.deadline(task, wide ? TimeLayout.readTimespec64(user, args.raw(2), task.is64Bit())
                    : TimeLayout.readTimespec(user, args.raw(2), false));
        }
        int signal = Long.numberOfTrailingZeros((task.pending().set() | task.group().sharedPending().set()) & set) + 1;
        if (signal <= NSIG) {
            if (args.raw(1) != 0) {
                user.prepareWrite(args.raw(1), SigInfoLayout.SIZE);
            }
            task.setAwaitedSignals(0);
            SigInfo info = SignalSending.take(task, signal);
            if (args.raw(1) != 0) {
                SigInfoLayout.write(user, args.raw(1), info, task.is64Bit());
            }
            return signal;
        }
        if (task.kernel().nowNs() >= task.frame().deadlineNs) {
            task.setAwaitedSignals(0);
            return -EAGAIN;
        }
        task.setAwaitedSignals(set);
        long result = task.blockUntil(task.frame().deadlineNs);
        if (result == Task.BLOCKED) {
            return result;
        }
        task.setAwaitedSignals(0);
        return -EINTR;
    }

    /** EINVAL, ESRCH, EPERM. */
    static long kill(Task task, SyscallArgs args) {
        int signal = args.int32(1);
        int pid = args.int32(0);
        if (pid == Integer.MIN_VALUE || pid > 0 && task.kernel().pids().task(pid) == null) {
            return -ESRCH;
        }
        if (signal < 0 || signal > NSIG) {
            return -EINVAL;
        }
        return SignalSending.kill(task, pid, SigInfo.user(signal, SI_USER, task));
    }

    static long tgkill(Task task, SyscallArgs args) {
        int pid = args.int32(0);
        int tid = args.int32(1);
        return pid <= 0 || tid <= 0 ? -EINVAL : toThread(task, pid, tid, args.int32(2));
    }

    static long tkill(Task task, SyscallArgs args) {
        int tid = args.int32(0);
        return tid <= 0 ? -EINVAL : toThread(task, 0, tid, args.int32(1));
    }

    private static long toThread(Task task, int pid, int tid, int signal) {
        Task target = task.kernel().pids().task(tid);
        if (target == null || pid > 0 && target.group().pid() != pid) {
            return -ESRCH;
        }
        if (signal < 0 || signal > NSIG) {
            return -EINVAL;
        }
        int permission = SignalSending.permission(task, target, signal);
        if (permission == 0 && signal != 0) {
            SignalSending.toTask(target, SigInfo.user(signal, SI_TKILL, task));
        }
        return permission;
    }

    /** EPERM: a code that only the kernel may use; EAGAIN: too many queued. */
    static long rtSigqueueinfo(Task task, SyscallArgs args) {
        int pid = args.int32(0);
        SigInfo info = SigInfoLayout.read(task.user(), args.raw(2), args.int32(1), task.is64Bit());
        if ((info.code >= 0 || info.code == SI_TKILL) && pid != task.group().pid()) {
            return -EPERM;
        }
        Task target = task.kernel().pids().task(pid);
        return target == null ? -ESRCH : queue(task, target, info, false);
    }

    static long rtTgsigqueueinfo(Task task, SyscallArgs args) {
        int pid = args.int32(0);
        int tid = args.int32(1);
        SigInfo info = SigInfoLayout.read(task.user(), args.raw(3), args.int32(2), task.is64Bit());
        if (pid <= 0 || tid <= 0) {
            return -EINVAL;
        }
        if ((info.code >= 0 || info.code == SI_TKILL) && tid != task.tid()) {
            return -EPERM;
        }
        Task target = task.kernel().pids().task(tid);
        return target == null || target.group().pid() != pid ? -ESRCH : queue(task, target, info, true);
    }

    private static long queue(Task task, Task target, SigInfo info, boolean isToThread) {
        if (info.signal < 0 || info.signal > NSIG) {
            return -EINVAL;
        }
        int permission = SignalSending.permission(task, target, info.signal);
        if (permission != 0 || info.signal == 0) {
            return permission;
        }
        if (info.signal >= SIGRTMIN && SignalSending.isQueueFull(target.group())) {
            return -EAGAIN;
        }
        if (isToThread) {
            SignalSending.toTask(target, info);
        } else {
            SignalSending.toGroup(target.group(), info);
        }
        return 0;
    }

    /** EPERM: the present stack is the alternate one; EINVAL: flags; ENOMEM: too small; EFAULT. */
    static long sigaltstack(Task task, SyscallArgs args) {
        UserSpace user = task.user();
        int w = task.is64Bit() ? 8 : 4;
        long sp = task.kernel().machine().cpu().register(CpuContext.RSP);
        if (!task.is64Bit()) {
            sp &= 0xFFFFFFFFL;
        }
        long next = args.raw(0);
        long old = args.raw(1);
        long oldStack = task.altStack();
        long oldSize = task.altStackSize();
        int oldFlags = SignalStack.flags(task, sp);
        long stack = 0;
        long size = 0;
        int flags = 0;
        if (next != 0) {
            stack = user.readWord(next);
            flags = user.read32(next + w);
            size = user.readWord(next + 2L * w);
            if (SignalStack.isOn(task, sp)) {
                return -EPERM;
            }
            int mode = flags & ~SS_AUTODISARM;
            if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0) {
                return -EINVAL;
            }
            if (mode == SS_DISABLE) {
                stack = 0;
                size = 0;
            } else if (Long.compareUnsigned(size, MINSIGSTKSZ) < 0) {
                return -ENOMEM;
            }
        }
        if (old != 0) {
            user.prepareWrite(old, 3L * w);
            user.writeWord(old, oldStack);
            user.write32(old + w, oldFlags);
            user.writeWord(old + 2L * w, oldSize);
        }
        if (next != 0) {
            task.setAltStack(stack, size, flags);
        }
        return 0;
    }

    static long sigreturn(Task task, SyscallArgs args) {
        return SignalReturn.sigreturn(task);
    }

    static long rtSigreturn(Task task, SyscallArgs args) {
        return SignalReturn.rtSigreturn(task);
    }

    static long restartSyscall(Task task, SyscallArgs args) {
        return task.kernel().dispatcher().restart(task);
    }
}
