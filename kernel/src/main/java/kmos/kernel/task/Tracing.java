// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import static kmos.kernel.abi.PtraceAbi.*;

import java.util.ArrayList;
import kmos.base.Errno;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;

/**
 * A task that is traced (ptrace(2), Linux kernel/ptrace.c): by whom, how it goes on, and what its present stop is about. A
 * task stops inside a call (entry, fork and vfork events, the exit event), whose body then runs again, or on its way to
 * user mode. All threads of the tracing process may use it; Linux asks for the very thread that attached.
 */
public final class Tracing implements Stateful {
    /** What the task stopped for: decides what the signal that the tracer gives back is for. */
    public static final int SIGNAL = 1, GROUP_STOP = 2, SYSCALL_ENTRY = 3, SYSCALL_EXIT = 4, EVENT = 5;
    /** Stops to come on the way to user mode, in this order. */
    private static final int TRAP_EXEC = 1, TRAP_SYSCALL_EXIT = 2, TRAP_HANDLER = 4, TRAP_STOP = 8;

    private ThreadGroup tracer;
    private boolean isSeized;
    private int options;
    private boolean tracesSyscalls;
    /** PTRACE_SYSEMU: calls stop at their entry and are the tracer's to answer. */
    private boolean emulatesSyscalls;
    /** The call that was entered last is such a one. */
    private boolean leavesCallOut;
    private boolean isStepping;
    private boolean isTrapFlagForced;
    private int traps;
    private boolean hasSeenGroupStop;
    private boolean hasStoppedForExit;
    private boolean isListening;

    private int kind;
    private int stopCode;
    private boolean isSeen;
    private long message;
    private long execMessage;
    private SigInfo info;
    private SigInfo injected;
    /** DR6 as the tracer sees it: breakpoints hit, single step. */
    private int debugStatus;
    /** DR7 as the tracer wrote it. */
    private int debugControl;
    /** At a call's entry: what RAX shows, and the result when the tracer makes its number -1. */
    private long entryResult;

    /** For loading a saved state. */
    public Tracing() { }

    private Tracing(ThreadGroup tracer, int options, boolean isSeized) {
        this.tracer = tracer;
        this.options = options;
        this.isSeized = isSeized;
    }

    // Attaching and detaching

    /** The task is traced from now on. */
    public static void attach(Task task, ThreadGroup tracer, int options, boolean isSeized) {
        task.setTracing(new Tracing(tracer, options, isSeized));
        tracer.tracees().add(task);
        if (task.taskState() == TaskState.STOPPED) {
            // It tells its new tracer of the stop that it is in.
            task.resume();
        }
    }

    /** A new task of a traced one, or one cloned with CLONE_PTRACE: traced too, and stopped before its first instruction. */
    static void inherit(Task child, Tracing parent) {
        attach(child, parent.tracer, parent.options, parent.isSeized);
        if (parent.isSeized) {
            child.tracing().traps = TRAP_STOP;
        } else {
            SignalSending.toTask(child, SigInfo.kernel(SignalAbi.SIGSTOP));
        }
    }

    /** The task is not traced any more; it goes on, or stays in the stop its process is in. */
    public void detach(Task task) {
        if (leavesCallOut && kind == SYSCALL_ENTRY && task.isInSyscall()) {
            // Differs from Linux: the result is ENOSYS, whatever the tracer left in RAX.
            task.setSyscall(-1, 0);
        }
        unlink(task);
        task.traceResume();
    }

    private void unlink(Task task) {
        tracer.tracees().remove(task);
        task.setTracing(null);
    }

    /** The zombie is waited for, or its process is gone: nobody traces it. */
    static void forget(Task task) {
        if (task.tracing() != null) {
            task.tracing().unlink(task);
        }
    }

    /** The tracing process ends: what it traced goes on alone, or is killed (PTRACE_O_EXITKILL). */
    static void tracerGone(ThreadGroup tracer) {
        for (Task t : new ArrayList<>(tracer.tracees())) {
            Tracing tracing = t.tracing();
            boolean isKilled = (tracing.options & PTRACE_O_EXITKILL) != 0;
            if (t.isEnded()) {
                tracing.unlink(t);
                Exit.tracerLeaves(t);
            } else {
                tracing.clearTrapFlag(t);
                tracing.detach(t);
                if (isKilled) {
                    SignalSending.toGroup(t.group(), SigInfo.kernel(SignalAbi.SIGKILL));
                }
            }
        }
    }

    /** TF that the tracer set goes with it: the task's registers are in its frame. */
    private void clearTrapFlag(Task task) {
        if (isTrapFlagForced) {
            task.kernel().loop().onRegistersOf(task, cpu -> cpu.setFlags(cpu.flags() & ~0x100L));
        }
    }

    public ThreadGroup tracer() {
        return tracer;
    }

    public boolean isSeized() {
        return isSeized;
    }

    public boolean has(int option) {
        return (options & option) != 0;
    }

    public void setOptions(int value) {
        options = value;
    }

    // Stops

    /** Stops the task, which is on its way to user mode or in a call, and tells the tracer. code: signal and event. */
    public void stop(Task task, int stopKind, int code, SigInfo about) {
        kind = stopKind;
        stopCode = code;
        isSeen = false;
        isListening = false;
        info = about;
        task.traceStop();
        tellTracer(task);
    }

    private void tellTracer(Task task) {
        if (!tracer.actions().has(SignalAbi.SIGCHLD, SignalAbi.SA_NOCLDSTOP) && tracer.actions().handler(SignalAbi.SIGCHLD) != SignalAbi.SIG_IGN) {
            SigInfo child = SigInfo.of(SignalAbi.SIGCHLD, SignalAbi.CLD_TRAPPED);
            child.pid = task.tid();
            child.uid = task.credentials().uid();
            child.status = stopCode & 0x7F;
            child.userTicks = task.userNs() / 10_000_000;
            child.systemTicks = task.systemNs() / 10_000_000;
            SignalSending.toGroup(tracer, child);
        }
        tracer.childEvents().wakeAll();
    }

    /** ptrace_notify: a stop whose siginfo says only its own code. */
    private void notify(Task task, int stopKind, int signal, int code) {
        SigInfo about = SigInfo.of(signal, code);
        about.pid = task.tid();
        about.uid = task.credentials().uid();
        stop(task, stopKind, code, about);
    }

    /** A signal that is about to be delivered stops the task first. */
    public void signalStop(Task task, SigInfo taken) {
        stop(task, SIGNAL, taken.signal, taken);
    }

    /** The process stops: also a traced thread does, but under its tracer's control. False when it told of this stop before. */
    public boolean groupStop(Task task) {
        if (hasSeenGroupStop) {
            return false;
        }
        hasSeenGroupStop = true;
        int signal = task.group().stopSignal();
        if (isSeized) {
            notify(task, GROUP_STOP, signal, signal | PTRACE_EVENT_STOP << 8);
        } else {
            stop(task, GROUP_STOP, signal, null);
        }
        return true;
    }

    /** The process stops anew, or goes on: its threads tell of it (again). */
    void groupStopChanged(Task task, boolean isContinued) {
        hasSeenGroupStop = false;
        if (isContinued && isSeized) {
            traps |= TRAP_STOP;
            endListening(task);
        }
    }

    /** It told of the stop its process is in, and goes on although that lasts. */
    boolean hasSeenGroupStop() {
        return hasSeenGroupStop;
    }

    /** A listening task stops again to tell of what happened. */
    void endListening(Task task) {
        if (isListening) {
            isListening = false;
            traps |= TRAP_STOP;
            task.traceResume();
        }
    }

    /** Whether the call that starts stops for the tracer before its body runs. */
    public boolean syscallEntered(Task task) {
        entryResult = -Errno.ENOSYS;
        leavesCallOut = emulatesSyscalls;
        if (tracesSyscalls || emulatesSyscalls) {
            notify(task, SYSCALL_ENTRY, SignalAbi.SIGTRAP, syscallCode());
            return true;
        }
        return false;
    }

    private int syscallCode() {
        return SignalAbi.SIGTRAP | (has(PTRACE_O_TRACESYSGOOD) ? 0x80 : 0);
    }

    /** A call has ended: a stop or a single step's SIGTRAP is due before user mode. */
    public void syscallEnded() {
        traps |= TRAP_SYSCALL_EXIT;
    }

    /** A handler's frame was pushed while stepping: the step ends at the handler's first instruction. */
    public void handlerStarted() {
        traps |= isStepping ? TRAP_HANDLER : 0;
    }

    /** Stops for an event that the tracer asked for; the call goes on afterwards. False when it did not ask. */
    boolean event(Task task, int event, long aboutMessage) {
        if (!has(1 << event)) {
            return false;
        }
        message = aboutMessage;
        notify(task, EVENT, SignalAbi.SIGTRAP, SignalAbi.SIGTRAP | event << 8);
        return true;
    }

    /** The event that a clone with these flags is. */
    static int cloneEvent(long flags, int exitSignal) {
        return (flags & SchedAbi.CLONE_VFORK) != 0 ? PTRACE_EVENT_VFORK : exitSignal != SignalAbi.SIGCHLD ? PTRACE_EVENT_CLONE : PTRACE_EVENT_FORK;
    }

    /** execve succeeded: an event, or as without PTRACE_O_TRACEEXEC a SIGTRAP. */
    public void executed(Task task, int formerTid) {
        isTrapFlagForced = false;
        debugControl = 0;
        if (has(PTRACE_O_TRACEEXEC)) {
            execMessage = formerTid;
            traps |= TRAP_EXEC;
        } else if (!isSeized) {
            SignalSending.toTask(task, SigInfo.user(SignalAbi.SIGTRAP, SignalAbi.SI_USER, task));
        }
    }

    /** PTRACE_O_TRACEEXIT: true when the task stopped and is to come again to end. */
    public static boolean stopsForExit(Task task, int code) {
        Tracing t = task.tracing();
        if (t == null || t.hasStoppedForExit) {
            return false;
        }
        t.hasStoppedForExit = true;
        return t.event(task, PTRACE_EVENT_EXIT, task.group().isExiting() ? task.group().groupExitCode() : code);
    }

    /** PTRACE_INTERRUPT: stops on the next way to user mode; ends waits. */
    public void interrupt(Task task) {
        traps |= TRAP_STOP;
        if (task.taskState() != TaskState.TRACED) {
            task.signalArrived(false);
        } else {
            endListening(task);
        }
    }

    /** There is something to do before user mode. */
    boolean isCalled() {
        return traps != 0 || injected != null;
    }

    /** Takes a stop that is due on the way to user mode: true when the task stopped. */
    public boolean takeTrap(Task task) {
        while (traps != 0) {
            int trap = Integer.lowestOneBit(traps);
            traps &= ~trap;
            switch (trap) {
                case TRAP_EXEC:
                    if (event(task, PTRACE_EVENT_EXEC, execMessage)) {
                        return true;
                    }
                    break;
                case TRAP_SYSCALL_EXIT:
                    if (tracesSyscalls) {
                        notify(task, SYSCALL_EXIT, SignalAbi.SIGTRAP, syscallCode());
                        return true;
                    }
                    if (isStepping && !emulatesSyscalls) {
                        // Linux user_single_step_report: the step ends behind the system-call instruction.
                        SignalSending.force(task, SigInfo.fault(SignalAbi.SIGTRAP, SignalAbi.TRAP_BRKPT, task.kernel().machine().cpu().instructionPointer()));
                    }
                    break;
                case TRAP_HANDLER:
                    notify(task, EVENT, SignalAbi.SIGTRAP, SignalAbi.SIGTRAP);
                    return true;
                default:
                    if (task.group().isStopping()) {
                        hasSeenGroupStop = false;
                        return groupStop(task);
                    }
                    notify(task, EVENT, SignalAbi.SIGTRAP, SignalAbi.SIGTRAP | PTRACE_EVENT_STOP << 8);
                    return true;
            }
        }
        return false;
    }

    /** A signal that the tracer gave back, or null; it stays until {@link #takeInjected}. */
    public SigInfo injected() {
        return injected;
    }

    public SigInfo takeInjected() {
        SigInfo signal = injected;
        injected = null;
        return signal;
    }

    // What the tracer asks

    public boolean isListening() {
        return isListening;
    }

    /** PTRACE_LISTEN: stays stopped, but tells when its process goes on. Only in a group stop of PTRACE_SEIZE. */
    public boolean listen() {
        boolean isGroupStop = isSeized && stopCode >> 8 == PTRACE_EVENT_STOP;
        isListening = isGroupStop;
        return isGroupStop;
    }

    /** Goes on, with a signal or none (0). request: PTRACE_CONT, or what it is to stop for. */
    public void resume(Task task, int request, int signal) {
        tracesSyscalls = request == PTRACE_SYSCALL;
        emulatesSyscalls = request == PTRACE_SYSEMU || request == PTRACE_SYSEMU_SINGLESTEP;
        isStepping = isStep(request);
        giveBack(task, signal);
        stopCode = 0;
        info = null;
        task.traceResume();
    }

    /** Steps from branch to branch are those of a processor without DEBUGCTL.BTF, as most virtual ones: one instruction each. */
    public static boolean isStep(int request) {
        return request == PTRACE_SINGLESTEP || request == PTRACE_SINGLEBLOCK || request == PTRACE_SYSEMU_SINGLESTEP;
    }

    private void giveBack(Task task, int signal) {
        if (signal == 0) {
            return;
        }
        if (kind == SIGNAL) {
            injected = info != null && signal == info.signal ? info : SigInfo.of(signal, SignalAbi.SI_USER);
            if (injected != info) {
                injected.pid = tracer.pid();
                injected.uid = tracer.leader().credentials().uid();
            }
        } else if (kind == SYSCALL_ENTRY || kind == SYSCALL_EXIT) {
            SignalSending.toTask(task, SigInfo.kernel(signal));
        }
    }

    /** PTRACE_DETACH hands a signal over, which the task takes without a stop. */
    public void detach(Task task, int signal) {
        giveBack(task, signal);
        SigInfo left = injected;
        detach(task);
        if (left != null) {
            SignalSending.toTask(task, left);
        }
    }

    public int kind() {
        return kind;
    }

    /** Signal and event for wait(2), or 0: no stop, or one that was waited for. */
    int unseenStop(Task task) {
        return task.taskState() == TaskState.TRACED && !isSeen && !isListening ? stopCode : 0;
    }

    void seen() {
        isSeen = true;
    }

    public long message() {
        return message;
    }

    /** Why it stopped; null for a group stop. */
    public SigInfo info() {
        return info;
    }

    public void setInfo(SigInfo changed) {
        info = changed;
    }

    /** RFLAGS.TF is the tracer's doing and not shown. */
    public boolean isTrapFlagForced() {
        return isTrapFlagForced;
    }

    public void setTrapFlagForced(boolean is) {
        isTrapFlagForced = is;
    }

    public int debugStatus() {
        return debugStatus;
    }

    public void setDebugStatus(int value) {
        debugStatus = value;
    }

    public int debugControl() {
        return debugControl;
    }

    public void setDebugControl(int value) {
        debugControl = value;
    }

    /** Whether the call's body does not run: its result is {@link #entryResult}. */
    public boolean leavesCallOut() {
        return leavesCallOut;
    }

    public long entryResult() {
        return entryResult;
    }

    public void setEntryResult(long value) {
        entryResult = value;
    }

    @Override
    public void state(StateFields s) {
        tracer = s.ref("tracer", tracer, ThreadGroup.class);
        isSeized = s.bool("isSeized", isSeized);
        options = s.i32("options", options);
        tracesSyscalls = s.bool("tracesSyscalls", tracesSyscalls);
        emulatesSyscalls = s.bool("emulatesSyscalls", emulatesSyscalls);
        leavesCallOut = s.bool("leavesCallOut", leavesCallOut);
        isStepping = s.bool("isStepping", isStepping);
        isTrapFlagForced = s.bool("isTrapFlagForced", isTrapFlagForced);
        traps = s.i32("traps", traps);
        hasSeenGroupStop = s.bool("hasSeenGroupStop", hasSeenGroupStop);
        hasStoppedForExit = s.bool("hasStoppedForExit", hasStoppedForExit);
        isListening = s.bool("isListening", isListening);
        kind = s.i32("kind", kind);
        stopCode = s.i32("stopCode", stopCode);
        isSeen = s.bool("isSeen", isSeen);
        message = s.i64("message", message);
        execMessage = s.i64("execMessage", execMessage);
        info = s.ref("info", info, SigInfo.class);
        injected = s.ref("injected", injected, SigInfo.class);
        debugStatus = s.i32("debugStatus", debugStatus);
        debugControl = s.i32("debugControl", debugControl);
        entryResult = s.i64("entryResult", entryResult);
    }
}
