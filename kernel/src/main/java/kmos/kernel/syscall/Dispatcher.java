// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.Kernel;
import kmos.kernel.KernelConfig;
import kmos.kernel.abi.Amd64Abi;
import kmos.kernel.abi.I386Abi;
import kmos.kernel.abi.LinuxAbi;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SyscallNames;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/**
 * Runs system-call bodies: at the entry and again after each wait. The calling task's registers are on the processor
 * both times and keep number and arguments until the call ends.
 */
public final class Dispatcher implements Stateful {
    private static final int UNKNOWN_LOGGED_MAX = 1024;

    private final Kernel kernel;
    private final LinuxSyscalls table;
    private final LinuxAbi amd64 = new Amd64Abi();
    private final LinuxAbi i386 = new I386Abi();
    /** Bits of numbers already reported as not implemented, per ABI. */
    private final long[] reported = new long[UNKNOWN_LOGGED_MAX / 64 * 2];
    /** Derived: not part of the machine. */
    private Strace strace;

    public Dispatcher(Kernel kernel, LinuxSyscalls table) {
        this.kernel = kernel;
        this.table = table;
    }

    /** Prints every call from now on; null switches it off. */
    public void setStrace(Strace printer) {
        strace = printer;
    }

    public LinuxAbi abi(boolean is64Bit) {
        return is64Bit ? amd64 : i386;
    }

    /** The task, which is on the processor, executed a system-call instruction. */
    public void enter(Task task, boolean is64Bit) {
        kernel.probe().systemCall(kernel.machine().clock().cycles());
        kernel.machine().clock().advanceNs(KernelConfig.SYSCALL_NS);
        task.chargeSystem(KernelConfig.SYSCALL_NS);
        task.setAbi64(is64Bit);
        CpuContext cpu = kernel.machine().cpu();
        task.startSyscall(abi(is64Bit).number(cpu));
        if (strace != null) {
            abi(is64Bit).arguments(cpu, task.args());
            strace.entered(task, table.row(is64Bit, task.syscallNumber()));
        }
        if (task.tracing() == null || !task.tracing().syscallEntered(task)) {
            dispatch(task);
        }
    }

    /** Runs the body of the task's call: at the entry, and when a parked task was woken. */
    public void dispatch(Task task) {
        boolean is64Bit = task.is64Bit();
        boolean isLeftOut = task.tracing() != null && task.tracing().leavesCallOut();
        Syscall row = isLeftOut ? null : table.row(is64Bit, task.syscallNumber());
        abi(is64Bit).arguments(kernel.machine().cpu(), task.args());
        long result;
        try {
            result = isLeftOut ? task.tracing().entryResult() : row == null ? notImplemented(task) : row.body().call(task, task.args());
        } catch (NotReady wait) {
            result = task.parkOn(wait.queue());
        } catch (ErrnoException cold) {
            result = -cold.errno();
        }
        if (kernel.trace().on(Log.SYSCALL)) {
            kernel.trace().debug(Log.SYSCALL, task.name() + "[" + task.tid() + "] " + (row == null ? task.syscallNumber() : row.name())
                + (result == Task.BLOCKED ? " waits" : result == Task.NO_RESULT ? " has no result" : " = " + result));
        }
        if (result != Task.BLOCKED) {
            finish(task, row, result);
        }
    }

    private void finish(Task task, Syscall row, long result) {
        if (strace != null) {
            strace.left(task, row, result);
        }
        boolean isRestart = Restart.isRestart(result);
        if (result != Task.NO_RESULT) {
            abi(task.is64Bit()).setResult(kernel.machine().cpu(), result);
        }
        task.endSyscall(isRestart ? (int) -result : 0);
        if (task.tracing() != null) {
            task.tracing().syscallEnded();
        }
    }

    /** restart_syscall(2): the body of the interrupted call runs again and finds its deadline in the frame. */
    long restart(Task task) {
        int number = task.restartNumber();
        Syscall row = number < 0 ? null : table.row(task.is64Bit(), number);
        if (row == null) {
            return -Errno.EINTR;
        }
        if (task.frame().deadlineNs < 0) {
            task.frame().deadlineNs = task.restartDeadlineNs();
        }
        return row.body().call(task, task.args());
    }

    private long notImplemented(Task task) {
        int number = task.syscallNumber();
        if (number == -1 && task.tracing() != null) {
            // A tracer that sets the number to -1 leaves the call out and may have set its result.
            return task.tracing().entryResult();
        }
        if (number >= 0 && number < UNKNOWN_LOGGED_MAX) {
            int bit = number + (task.is64Bit() ? UNKNOWN_LOGGED_MAX : 0);
            if ((reported[bit >>> 6] & 1L << bit) == 0) {
                reported[bit >>> 6] |= 1L << bit;
                kernel.printk(4, task.name() + "[" + task.tid() + "]: " + SyscallNames.of(task.is64Bit(), number) + " (" + number + ", "
                    + (task.is64Bit() ? "amd64" : "i386") + ") is not implemented");
            }
        }
        return -Errno.ENOSYS;
    }

    @Override
    public void state(StateFields s) {
        long[] bits = s.longs("reported", reported);
        System.arraycopy(bits, 0, reported, 0, reported.length);
    }
}
