// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.O_NONBLOCK;
import static kmos.kernel.abi.Fcntl.O_RDWR;

import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SigInfoLayout;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.PidFile;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;

/** Processes as files: pidfd_open(2), pidfd_send_signal(2), pidfd_getfd(2). */
final class PidFiles {
    private PidFiles() { }

    /** EINVAL: flags, pid not positive, or a thread's; ESRCH. */
    static long open(Task task, SyscallArgs args) {
        int pid = args.int32(0);
        int flags = args.int32(1);
        if ((flags & ~O_NONBLOCK) != 0 || pid <= 0) {
            return -EINVAL;
        }
        Task target = task.kernel().pids().task(pid);
        if (target == null) {
            return -ESRCH;
        }
        if (target.group().pid() != pid) {
            return -EINVAL;
        }
        return FileIo.install(task, new PidFile(task.kernel().vfs(), O_RDWR | flags, target.group()), true);
    }

    /** EINVAL: flags, or an info of another signal; EBADF; EPERM; ESRCH: it is gone. */
    static long sendSignal(Task task, SyscallArgs args) {
        if (args.int32(3) != 0) {
            return -EINVAL;
        }
        FileDescription file = task.files().get(args.int32(0));
        if (!(file instanceof PidFile pid)) {
            return -EBADF;
        }
        int signal = args.int32(1);
        SigInfo info = SigInfo.user(signal, SignalAbi.SI_USER, task);
        if (args.raw(2) != 0) {
            info = SigInfoLayout.read(task.user(), args.raw(2), signal, task.is64Bit());
            if (task.user().read32(args.raw(2)) != signal) {
                return -EINVAL;
            }
            if (pid.group() != task.group() && (info.code >= 0 || info.code == SignalAbi.SI_TKILL)) {
                return -EPERM;
            }
        }
        if (pid.isReaped()) {
            return -ESRCH;
        }
        if (signal < 0 || signal > SignalAbi.NSIG) {
            return -EINVAL;
        }
        int permission = SignalSending.permission(task, pid.group().leader(), signal);
        if (permission == 0 && signal != 0) {
            SignalSending.toGroup(pid.group(), info);
        }
        return permission;
    }

    /** A copy of another process's descriptor. EINVAL: flags; EBADF; ESRCH; EPERM: it may not be looked into. */
    static long getfd(Task task, SyscallArgs args) {
        if (args.int32(2) != 0) {
            return -EINVAL;
        }
        FileDescription file = task.files().get(args.int32(0));
        if (!(file instanceof PidFile pid)) {
            return -EBADF;
        }
        Task target = pid.group().leader();
        if (target.files() == null) {
            return -ESRCH;
        }
        Credentials c = task.credentials();
        Credentials t = target.credentials();
        boolean isSame = c.uid() == t.uid() && c.uid() == t.euid() && c.uid() == t.suid() && c.gid() == t.gid() && c.gid() == t.egid()
            && pid.group().isDumpable();
        if (pid.group() != task.group() && !isSame && !c.isRoot()) {
            return -EPERM;
        }
        FileDescription wanted = target.files().get(args.int32(1));
        return wanted == null ? -EBADF : FileIo.install(task, wanted.retain(), true);
    }
}
