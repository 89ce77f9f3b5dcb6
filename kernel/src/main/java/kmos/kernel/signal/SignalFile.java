// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.signal;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.EFAULT;
import static kmos.base.Errno.EINVAL;

import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Vfs;

/** Signals that are read instead of handled (signalfd(2)): those of whoever reads, not of whoever made it. */
public final class SignalFile extends FileDescription {
    /** struct signalfd_siginfo. */
    private static final int SIZE = 128;

    private long mask;
    /** For a look without a task: nothing happens on it. */
    private final WaitQueue nobody = new WaitQueue();

    /** For loading a saved state. */
    public SignalFile(Vfs vfs) {
        super(vfs);
    }

    public SignalFile(Vfs vfs, int flags, long mask) {
        super(vfs, vfs.pipeFs().anonymous(), flags);
        setMask(mask);
    }

    /** SIGKILL and SIGSTOP cannot be had. */
    public void setMask(long set) {
        mask = set & ~(SignalAbi.bit(SignalAbi.SIGKILL) | SignalAbi.bit(SignalAbi.SIGSTOP));
        waitQueue().wakeAll();
    }

    private long pending(Task task) {
        return task == null ? 0 : (task.pending().set() | task.group().sharedPending().set()) & mask;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        if (buffer.remaining() < SIZE) {
            return -EINVAL;
        }
        long done = task.frame().progress;
        buffer.skip(done);
        while (buffer.remaining() >= SIZE) {
            int signal = PendingSignals.next(pending(task));
            if (signal == 0) {
                break;
            }
            SigInfo info = SignalSending.peek(task, signal);
            int moved = buffer.put(format(info), 0, SIZE);
            if (moved < SIZE) {
                return done > 0 ? done : -EFAULT;
            }
            SignalSending.take(task, signal);
            done += SIZE;
            task.frame().progress = done;
        }
        return done > 0 ? done : -EAGAIN;
    }

    private static byte[] format(SigInfo i) {
        byte[] b = new byte[SIZE];
        LittleEndian.put32(b, 0, i.signal);
        LittleEndian.put32(b, 4, i.errno);
        LittleEndian.put32(b, 8, i.code);
        if (i.code == SignalAbi.SI_TIMER) {
            LittleEndian.put32(b, 24, i.timerId);
            LittleEndian.put32(b, 32, i.overrun);
        } else {
            LittleEndian.put32(b, 12, i.pid);
            LittleEndian.put32(b, 16, i.uid);
        }
        LittleEndian.put32(b, 40, i.status);
        LittleEndian.put32(b, 44, (int) i.value);
        LittleEndian.put64(b, 48, i.value);
        LittleEndian.put64(b, 56, i.userTicks);
        LittleEndian.put64(b, 64, i.systemTicks);
        LittleEndian.put64(b, 72, i.address);
        return b;
    }

    @Override
    public long seek(long offset, int whence) {
        return 0;
    }

    @Override
    public int poll() {
        return pending(vfs.kernel().current()) != 0 ? Poll.READABLE : 0;
    }

    /** That of the process that looks. */
    @Override
    public WaitQueue waitQueue() {
        Task task = vfs.kernel().current();
        return task == null ? nobody : task.group().signalEvents();
    }

    @Override
    public String description() {
        return "anon_inode:[signalfd]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        mask = s.i64("mask", mask);
        s.struct("nobody", nobody);
    }
}
