// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.kernel.abi.SignalAbi;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;

/** Where a handler's frame goes: the alternate stack if wanted and not in use, else the present one. */
public final class SignalStack {
    /** RFLAGS bits that sigreturn restores (FIX_EFLAGS). */
    static final int RESTORED_FLAGS = 0x50DD5;
    /** DF, RF, TF are clear in a handler. */
    static final int CLEARED_FLAGS = 0x400 | 0x10000 | 0x100;

    private SignalStack() { }

    public static boolean isOn(Task task, long sp) {
        return (task.altStackFlags() & SignalAbi.SS_AUTODISARM) == 0 && Long.compareUnsigned(sp, task.altStack()) > 0
            && Long.compareUnsigned(sp - task.altStack(), task.altStackSize()) <= 0;
    }

    /** sigaltstack flags as a program sees them. */
    public static int flags(Task task, long sp) {
        if (task.altStackSize() == 0) {
            return SignalAbi.SS_DISABLE;
        }
        return (isOn(task, sp) ? SignalAbi.SS_ONSTACK : 0) | task.altStackFlags() & SignalAbi.SS_AUTODISARM;
    }

    /** Stack pointer below which the frame goes; sp is the present one, less a red zone. */
    static long top(Task task, long sp, long realSp, int signal) {
        ThreadGroup group = task.group();
        boolean wantsAlternate = group.actions().has(signal, SignalAbi.SA_ONSTACK);
        return wantsAlternate && flags(task, realSp) != SignalAbi.SS_DISABLE && !isOn(task, realSp) ? task.altStack() + task.altStackSize() : sp;
    }
}
