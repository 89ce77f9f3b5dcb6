// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.task.Task;

/** siginfo_t: who sent a signal and why. The fields used depend on signal and code (signal(7), sigaction(2)). */
public final class SigInfo implements Stateful {
    public int signal;
    public int errno;
    public int code;
    public int pid;
    public int uid;
    /** CLD_*: exit status or signal. */
    public int status;
    /** Clock ticks, SIGCHLD. */
    public long userTicks, systemTicks;
    /** si_value: a C union sigval, for SI_QUEUE, SI_TIMER. */
    public long value;
    public int timerId;
    public int overrun;
    /** si_addr of faults. */
    public long address;

    /** For loading a saved state. */
    public SigInfo() { }

    private SigInfo(int signal, int code) {
        this.signal = signal;
        this.code = code;
    }

    /** Sent by the kernel itself (SI_KERNEL): a key on the terminal, a timer. */
    public static SigInfo kernel(int signal) {
        return new SigInfo(signal, SignalAbi.SI_KERNEL);
    }

    /** Sent by a task: SI_USER (kill), SI_TKILL. */
    public static SigInfo user(int signal, int code, Task sender) {
        SigInfo i = new SigInfo(signal, code);
        i.pid = sender.group().pid();
        i.uid = sender.credentials().uid();
        return i;
    }

    /** A fault at an address. */
    public static SigInfo fault(int signal, int code, long address) {
        SigInfo i = new SigInfo(signal, code);
        i.address = address;
        return i;
    }

    public static SigInfo of(int signal, int code) {
        return new SigInfo(signal, code);
    }

    @Override
    public void state(StateFields s) {
        signal = s.i32("signal", signal);
        errno = s.i32("errno", errno);
        code = s.i32("code", code);
        pid = s.i32("pid", pid);
        uid = s.i32("uid", uid);
        status = s.i32("status", status);
        userTicks = s.i64("userTicks", userTicks);
        systemTicks = s.i64("systemTicks", systemTicks);
        value = s.i64("value", value);
        timerId = s.i32("timerId", timerId);
        overrun = s.i32("overrun", overrun);
        address = s.i64("address", address);
    }
}
