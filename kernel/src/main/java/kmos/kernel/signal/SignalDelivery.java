// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.kernel.abi.LinuxAbi;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.syscall.Dispatcher;
import kmos.kernel.task.Exit;
import kmos.kernel.task.JobControl;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.machine.CpuContext;

/**
 * What happens on the way back to user mode (Linux get_signal, handle_signal): ends, stops, handlers' frames, and what
 * becomes of a system call that a signal interrupted. The task's registers are on the processor.
 */
public final class SignalDelivery {
    private SignalDelivery() { }

    /** False when the task does not go to user mode now. NotReady: nothing happened, call again. */
    public static boolean deliver(Task task, Dispatcher dispatcher) {
        if (!task.hasPendingSignal() && task.restartCode() == 0 && !task.hasSavedMask()) {
            return true;
        }
        ThreadGroup group = task.group();
        for (;;) {
            if (group.mustEnd(task)) {
                Exit.exit(task, SignalAbi.SIGKILL);
                return false;
            }
            if (group.isStopping()) {
                task.stop();
                return false;
            }
            long set = task.deliverableSet();
            int signal = PendingSignals.next(set & task.pending().set());
            boolean isShared = signal == 0;
            if (isShared) {
                signal = PendingSignals.next(set);
            }
            if ((set & SignalAbi.bit(SignalAbi.SIGKILL)) != 0) {
                signal = SignalAbi.SIGKILL;
                isShared = (task.pending().set() & SignalAbi.bit(signal)) == 0;
            }
            if (signal == 0) {
                break;
            }
            long handler = group.actions().handler(signal);
            if (task.kernel().trace().on(Log.SIGNAL)) {
                task.kernel().trace().debug(Log.SIGNAL, SignalAbi.name(signal) + " reaches task " + task.tid()
                    + (handler == SignalAbi.SIG_DFL ? ", default action" : handler == SignalAbi.SIG_IGN ? ", ignored" : ", handler 0x" + Long.toHexString(handler)));
            }
            if (handler != SignalAbi.SIG_DFL && handler != SignalAbi.SIG_IGN) {
                runHandler(task, dispatcher, signal, isShared);
                continue;
            }
            SigInfo info = take(task, signal, isShared);
            if (handler == SignalAbi.SIG_IGN || SignalActions.isIgnoredByDefault(signal) || SignalSending.isUnkillable(group, info)) {
                continue;
            }
            if (SignalActions.isStop(signal)) {
                if (signal == SignalAbi.SIGSTOP || !JobControl.isOrphaned(task.kernel(), group.processGroup())) {
                    group.stopAll(signal);
                }
                continue;
            }
            group.startExit(signal);
        }
        restartWithoutHandler(task, dispatcher);
        task.restoreSignalMask();
        return true;
    }

    private static SigInfo take(Task task, int signal, boolean isShared) {
        return isShared ? task.group().sharedPending().take(signal) : task.pending().take(signal);
    }

    private static void runHandler(Task task, Dispatcher dispatcher, int signal, boolean isShared) {
        CpuContext cpu = task.kernel().machine().cpu();
        SignalActions actions = task.group().actions();
        boolean is64Bit = task.space().is64Bit();
        long frame = 0;
        boolean isWritable = true;
        try {
            // All pages first: after that nothing can be missing, and only then the signal is taken.
            frame = is64Bit ? Amd64SignalFrame.prepare(task, cpu, signal) : I386SignalFrame.prepare(task, cpu, signal);
        } catch (ErrnoException badStack) {
            isWritable = false;
        }
        SigInfo info = take(task, signal, isShared);
        settleRestart(task, dispatcher, cpu, actions.has(signal, SignalAbi.SA_RESTART));
        if (!isWritable) {
            if (signal == SignalAbi.SIGSEGV) {
                actions.setDefault(SignalAbi.SIGSEGV);
            }
            SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGSEGV));
            return;
        }
        task.setAbi64(is64Bit);
        if (is64Bit) {
            Amd64SignalFrame.push(task, cpu, info, frame);
        } else {
            I386SignalFrame.push(task, cpu, info, frame);
        }
        // A handler starts with a fresh floating-point unit.
        FpuFrame.restore(task, cpu, FpuFrame.INITIAL);
        long blocked = task.signalMask() | actions.mask(signal);
        if (!actions.has(signal, SignalAbi.SA_NODEFER)) {
            blocked |= SignalAbi.bit(signal);
        }
        task.forgetSavedMask();
        task.setSignalMask(blocked);
        if (actions.has(signal, SignalAbi.SA_RESETHAND)) {
            actions.setDefault(signal);
        }
        if ((task.altStackFlags() & SignalAbi.SS_AUTODISARM) != 0) {
            task.setAltStack(0, 0, SignalAbi.SS_DISABLE);
        }
    }

    /** The interrupted call fails with EINTR or is made again after the handler. */
    private static void settleRestart(Task task, Dispatcher dispatcher, CpuContext cpu, boolean hasSaRestart) {
        int code = task.restartCode();
        if (code == 0) {
            return;
        }
        task.clearRestart();
        LinuxAbi abi = dispatcher.abi(task.is64Bit());
        if (code == Restart.ERESTARTNOINTR || code == Restart.ERESTARTSYS && hasSaRestart) {
            abi.restart(cpu, task.syscallNumber());
        } else {
            abi.setResult(cpu, -Errno.EINTR);
        }
    }

    private static void restartWithoutHandler(Task task, Dispatcher dispatcher) {
        int code = task.restartCode();
        if (code != 0) {
            task.clearRestart();
            LinuxAbi abi = dispatcher.abi(task.is64Bit());
            abi.restart(task.kernel().machine().cpu(), code == Restart.ERESTART_RESTARTBLOCK ? abi.restartSyscall() : task.syscallNumber());
        }
    }
}
