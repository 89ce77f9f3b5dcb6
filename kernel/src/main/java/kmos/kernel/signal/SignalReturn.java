// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.ErrnoException;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.task.Task;
import kmos.machine.CpuContext;

/** sigreturn and rt_sigreturn: the registers of before the handler come back; a bad frame is SIGSEGV. */
public final class SignalReturn {
    private SignalReturn() { }

    public static long sigreturn(Task task) {
        CpuContext cpu = task.kernel().machine().cpu();
        task.forgetRestartBlock();
        try {
            I386SignalFrame.restore(task, cpu);
        } catch (ErrnoException badFrame) {
            SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGSEGV));
        }
        return Task.NO_RESULT;
    }

    public static long rtSigreturn(Task task) {
        CpuContext cpu = task.kernel().machine().cpu();
        task.forgetRestartBlock();
        try {
            if (task.is64Bit()) {
                Amd64SignalFrame.restore(task, cpu);
            } else {
                I386SignalFrame.restoreRt(task, cpu);
            }
        } catch (ErrnoException badFrame) {
            SignalSending.force(task, SigInfo.kernel(SignalAbi.SIGSEGV));
        }
        return Task.NO_RESULT;
    }
}
