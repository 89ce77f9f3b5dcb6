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
import kmos.kernel.task.Tracing;
import kmos.machine.CpuContext;

/**
 * What happens on the way back to user mode (Linux get_signal, handle_signal): ends, stops, handlers' frames, and what
 * becomes of a system call that a signal interrupted. The task's registers are on the processor.
 */
public final class SignalDelivery {
    /** Where a signal waits that is to be delivered. */
    private static final int PROCESS = 0, THREAD = 1, INJECTED = 2;
    private static final long TRAP_FLAG = 0x100;

    private SignalDelivery() { }

    /** False when the task does not go to user mode now. NotReady: nothing happened, call again. */
    public static boolean deliver(Task task, Dispatcher dispatcher) {
        if (!task.hasPendingSignal() && task.restartCode() == 0 && !task.hasSavedMask()) {
            return true;
        }
        ThreadGroup group = task.group();
        for (;;) {
            if (group.mustEnd(task)) {
                if (!Tracing.stopsForExit(task, SignalAbi.SIGKILL)) {
                    Exit.exit(task, SignalAbi.SIGKILL);
                }
                return false;
            }
            Tracing tracing = task.tracing();
            if (tracing != null && tracing.takeTrap(task)) {
                return false;
            }
            if (group.isStopping() && (tracing == null || tracing.groupStop(task))) {
                if (tracing == null) {
                    task.stop();
                }
                return false;
            }
            SigInfo injected = tracing == null ? null : tracing.injected();
            if (injected != null && isBlocked(task, injected.signal)) {
                task.pending().add(tracing.takeInjected());
                continue;
            }
            int from = INJECTED;
            int signal = injected == null ? 0 : injected.signal;
            if (injected == null) {
                long set = task.deliverableSet();
                signal = PendingSignals.next(set & task.pending().set());
                from = signal == 0 ? PROCESS : THREAD;
                if (signal == 0) {
                    signal = PendingSignals.next(set);
                }
                if ((set & SignalAbi.bit(SignalAbi.SIGKILL)) != 0) {
                    signal = SignalAbi.SIGKILL;
                    from = (task.pending().set() & SignalAbi.bit(signal)) == 0 ? PROCESS : THREAD;
                }
                if (signal == 0) {
                    break;
                }
                if (tracing != null && signal != SignalAbi.SIGKILL) {
                    tracing.signalStop(task, take(task, signal, from));
                    return false;
                }
            }
            long handler = group.actions().handler(signal);
            if (task.kernel().trace().on(Log.SIGNAL)) {
                task.kernel().trace().debug(Log.SIGNAL, SignalAbi.name(signal) + " reaches task " + task.tid()
                    + (handler == SignalAbi.SIG_DFL ? ", default action" : handler == SignalAbi.SIG_IGN ? ", ignored" : ", handler 0x" + Long.toHexString(handler)));
            }
            if (handler != SignalAbi.SIG_DFL && handler != SignalAbi.SIG_IGN) {
                runHandler(task, dispatcher, signal, from);
                continue;
            }
            SigInfo info = take(task, signal, from);
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

    private static boolean isBlocked(Task task, int signal) {
        return (task.signalMask() & SignalAbi.bit(signal)) != 0;
    }

    private static SigInfo take(Task task, int signal, int from) {
        return switch (from) {
            case PROCESS -> task.group().sharedPending().take(signal);
            case THREAD -> task.pending().take(signal);
            default -> task.tracing().takeInjected();
        };
    }

    private static void runHandler(Task task, Dispatcher dispatcher, int signal, int from) {
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
        SigInfo info = take(task, signal, from);
        settleRestart(task, dispatcher, cpu, actions.has(signal, SignalAbi.SA_RESTART));
        if (!isWritable) {
            if (signal == SignalAbi.SIGSEGV) {
                actions.setDefault(SignalAbi.SIGSEGV);
            }
            SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGSEGV));
            return;
        }
        task.setAbi64(is64Bit);
        Tracing tracing = task.tracing();
        if (tracing != null && tracing.isTrapFlagForced()) {
            // The frame does not show the tracer's TF; its step ends where the handler begins.
            tracing.setTrapFlagForced(false);
            cpu.setFlags(cpu.flags() & ~TRAP_FLAG);
        }
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
        if (tracing != null) {
            tracing.handlerStarted();
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
