// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import static kmos.kernel.abi.SchedAbi.*;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.Kernel;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.PtraceAbi;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.FsContext;
import kmos.machine.CpuContext;

/** fork, vfork, clone, clone3 (Linux kernel/fork.c, copy_process). */
public final class Clone {
    private static final long NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID
        | CLONE_NEWNET | CLONE_NEWTIME;
    private static final long TRAP_FLAG = 0x100;
    private static final int STAGE_VFORK = 1, STAGE_EVENT = 2, STAGE_VFORK_DONE = 3;

    /** Arguments in one form for all calls. stack 0: go on with the parent's stack pointer. */
    public record Request(long flags, int exitSignal, long stack, long parentTid, long childTid, long tls, long pidFileAt) {
        boolean has(long flag) {
            return (flags & flag) != 0;
        }
    }

    private Clone() { }

    /** The child's thread id, BLOCKED while a vfork child runs, or -errno. NotReady before any effect. */
    public static long clone(Task parent, Request r) {
        if (parent.frame().stage != 0) {
            return goOn(parent);
        }
        int error = check(parent, r.flags, r.exitSignal);
        if (error != 0) {
            return error;
        }
        Kernel kernel = parent.kernel();
        long[] tls = parent.tls().clone();
        if (r.has(CLONE_SETTLS) && !parent.is64Bit()) {
            UserDescriptor d = UserDescriptor.read(parent.user(), r.tls);
            if (!d.isTlsEntry() || !d.isAcceptable()) {
                return -Errno.EINVAL;
            }
            tls[d.slot()] = d.descriptor();
        }
        if (r.has(CLONE_PIDFD)) {
            if (r.has(CLONE_THREAD) || r.has(CLONE_DETACHED)) {
                return -Errno.EINVAL;
            }
            if (!parent.files().hasRoom(1, descriptorLimit(parent))) {
                return -Errno.EMFILE;
            }
            parent.user().prepareWrite(r.pidFileAt, 4);
        }
        boolean writesParentTid = r.has(CLONE_PARENT_SETTID) && isWritable(parent, r.parentTid);
        Task child = create(parent, r);
        if (r.has(CLONE_SETTLS) && !parent.is64Bit()) {
            System.arraycopy(tls, 0, child.tls(), 0, tls.length);
        }
        copyRegisters(kernel, parent, child, r);
        if (writesParentTid) {
            parent.user().write32(r.parentTid, child.tid());
        }
        if (r.has(CLONE_PIDFD)) {
            PidFile file = new PidFile(kernel.vfs(), Fcntl.O_RDWR, child.group());
            parent.user().write32(r.pidFileAt, parent.files().install(file, true, 0, descriptorLimit(parent)));
        }
        child.start();
        parent.frame().progress = child.tid();
        if (r.has(CLONE_VFORK)) {
            child.setVforkChild(true);
            parent.frame().scratch = child;
        }
        Tracing tracing = parent.tracing();
        int event = Tracing.cloneEvent(r.flags, r.exitSignal);
        boolean isTold = tracing != null && !r.has(CLONE_UNTRACED) && tracing.has(1 << event);
        if (isTold || tracing != null && r.has(CLONE_PTRACE)) {
            Tracing.inherit(child, tracing);
        }
        parent.frame().stage = STAGE_EVENT;
        if (isTold) {
            tracing.event(parent, event, child.tid());
            return Task.BLOCKED;
        }
        return goOn(parent);
    }

    /** The child runs: vfork waits for it; a tracer may be told of that. Runs again after each wait and stop. */
    private static long goOn(Task parent) {
        SyscallFrame frame = parent.frame();
        if (frame.scratch == null || frame.stage == STAGE_VFORK_DONE) {
            return frame.progress;
        }
        frame.stage = STAGE_VFORK;
        Task child = (Task) frame.scratch;
        if (child.isVforkChild()) {
            long result = parent.blockKillable(child.vforkDone());
            return result == Task.BLOCKED ? result : frame.progress;
        }
        frame.stage = STAGE_VFORK_DONE;
        boolean isStopped = parent.tracing() != null && parent.tracing().event(parent, PtraceAbi.PTRACE_EVENT_VFORK_DONE, frame.progress);
        return isStopped ? Task.BLOCKED : frame.progress;
    }

    private static long descriptorLimit(Task task) {
        long limit = task.group().limit(RLIMIT_NOFILE);
        return limit < 0 ? Long.MAX_VALUE : limit;
    }

    private static boolean isWritable(Task parent, long address) {
        try {
            parent.user().prepareWrite(address, 4);
            return true;
        } catch (ErrnoException badAddress) {
            // Linux ignores it, too: put_user's result is not looked at.
            return false;
        }
    }

    private static int check(Task parent, long flags, int exitSignal) {
        if ((flags & (CLONE_NEWNS | CLONE_FS)) == (CLONE_NEWNS | CLONE_FS) || (flags & (CLONE_THREAD | CLONE_SIGHAND)) == CLONE_THREAD
            || (flags & (CLONE_SIGHAND | CLONE_VM)) == CLONE_SIGHAND || (flags & CLONE_PARENT) != 0 && parent.group().pid() == 1
            || (flags & (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND)) == (CLONE_SIGHAND | CLONE_CLEAR_SIGHAND)) {
            return -Errno.EINVAL;
        }
        if ((flags & (NAMESPACES | CLONE_INTO_CGROUP)) != 0) {
            // As a kernel without these features answers.
            return -Errno.EINVAL;
        }
        if (exitSignal < 0 || exitSignal > SignalAbi.NSIG) {
            return -Errno.EINVAL;
        }
        if (parent.kernel().pids().tasks().size() >= maximumTasks(parent.kernel())) {
            return -Errno.EAGAIN;
        }
        int uid = parent.credentials().uid();
        if (uid != 0 && Long.compareUnsigned(count(parent.kernel(), uid), parent.group().limit(RLIMIT_NPROC)) >= 0) {
            return -Errno.EAGAIN;
        }
        return 0;
    }

    /** kernel.threads-max: an eighth of memory at 16 KiB a task (Linux set_max_threads), for root too. */
    public static int maximumTasks(Kernel kernel) {
        return Math.max(20, kernel.frames().totalFrames() / 32);
    }

    private static int count(Kernel kernel, int uid) {
        int n = 0;
        for (Task t : kernel.pids().tasks()) {
            if (t.credentials().uid() == uid) {
                n++;
            }
        }
        return n;
    }

    private static Task create(Task parent, Request r) {
        Kernel kernel = parent.kernel();
        int tid = kernel.pids().allocate();
        if (tid < 0) {
            throw new ErrnoException(Errno.EAGAIN);
        }
        int context = kernel.frames().allocate();
        if (context < 0) {
            throw new ErrnoException(Errno.ENOMEM);
        }
        AddressSpace space = r.has(CLONE_VM) ? parent.space().retain() : parent.space().fork();
        if (space == null) {
            kernel.frames().release(context);
            throw new ErrnoException(Errno.ENOMEM);
        }
        Task child = new Task(kernel);
        child.inherit(parent);
        child.setContextFrame(context);
        child.setSpace(space);
        child.setFiles(r.has(CLONE_FILES) ? parent.files().retain() : parent.files().copy());
        child.setFs(r.has(CLONE_FS) ? parent.fs().retain() : parent.fs().copy());
        child.setStartNs(kernel.nowNs());
        if (r.has(CLONE_CHILD_SETTID)) {
            child.setSetChildTid(r.childTid);
        }
        if (r.has(CLONE_CHILD_CLEARTID)) {
            child.setClearChildTid(r.childTid);
        }
        if (!r.has(CLONE_VM) || r.has(CLONE_VFORK)) {
            child.setAltStack(parent.altStack(), parent.altStackSize(), parent.altStackFlags());
        }
        if (r.has(CLONE_THREAD)) {
            child.setIdentity(tid, parent.group());
            child.setExitSignal(-1);
            parent.group().threads().add(child);
        } else {
            newGroup(parent, child, tid, r);
        }
        kernel.pids().add(child);
        kernel.countFork();
        return child;
    }

    private static void newGroup(Task parent, Task child, int pid, Request r) {
        ThreadGroup from = parent.group();
        ThreadGroup group = new ThreadGroup(parent.kernel());
        group.setPid(pid);
        group.setLeader(child);
        group.threads().add(child);
        child.setIdentity(pid, group);
        child.setExitSignal(r.has(CLONE_PARENT) ? from.leader().exitSignal() : r.exitSignal);
        ThreadGroup real = r.has(CLONE_PARENT) ? from.parent() : from;
        group.setParent(real);
        real.children().add(group);
        group.setProcessGroup(from.processGroup());
        group.setSession(from.session());
        group.setTerminal(from.terminal());
        group.copyLimits(from);
        group.copyOomAdjustment(from);
        group.setDumpable(from.isDumpable());
        group.setActions(r.has(CLONE_SIGHAND) ? from.actions().retain() : from.actions().copy());
        if (r.has(CLONE_CLEAR_SIGHAND)) {
            group.actions().resetHandlers();
        }
    }

    /** The child starts behind the same instruction with result 0, perhaps on its own stack and thread pointer. */
    private static void copyRegisters(Kernel kernel, Task parent, Task child, Request r) {
        CpuContext cpu = kernel.machine().cpu();
        cpu.save(parent.contextFrame());
        cpu.setRegister(CpuContext.RAX, 0);
        if (r.stack != 0) {
            cpu.setRegister(CpuContext.RSP, r.stack);
        }
        if (r.has(CLONE_SETTLS)) {
            if (parent.is64Bit()) {
                cpu.setSegmentBase(CpuContext.FS, r.tls);
            } else {
                // GS keeps its selector and must see the child's descriptor behind it.
                kernel.descriptors().load(child.tls());
                reload(cpu, CpuContext.GS);
                reload(cpu, CpuContext.FS);
                kernel.descriptors().load(parent.tls());
            }
        }
        // A debugger's breakpoints are its tracee's alone.
        cpu.setDebugRegister(7, 0);
        if (parent.tracing() != null && parent.tracing().isTrapFlagForced()) {
            cpu.setFlags(cpu.flags() & ~TRAP_FLAG);
        }
        cpu.save(child.contextFrame());
        cpu.load(parent.contextFrame());
    }

    private static void reload(CpuContext cpu, int segment) {
        int selector = cpu.selector(segment);
        if (selector >= 0x60 && selector < 0x78 && cpu.loadSegment(segment, selector) != 0) {
            cpu.loadSegment(segment, 0);
        }
    }

    /** The first process, pid 1: no memory yet, all limits as Linux sets them for init. Not yet in the run queue. */
    public static Task first(Kernel kernel, FileTable files, FsContext fs) {
        Task task = new Task(kernel);
        ThreadGroup group = new ThreadGroup(kernel);
        int pid = kernel.pids().allocate();
        group.setPid(pid);
        group.setLeader(task);
        group.threads().add(task);
        task.setIdentity(pid, group);
        task.setExitSignal(SignalAbi.SIGCHLD);
        task.setContextFrame(kernel.frames().allocate());
        task.setFiles(files);
        task.setFs(fs);
        task.setName("init");
        group.setUnkillable(true);
        setFirstLimits(group, kernel.frames().totalFrames());
        kernel.pids().add(task);
        return task;
    }

    private static void setFirstLimits(ThreadGroup group, int frames) {
        for (int i = 0; i < SchedAbi.RLIM_NLIMITS; i++) {
            group.setLimit(i, RLIM_INFINITY, RLIM_INFINITY);
        }
        int tasks = Math.max(64, frames / 128);
        group.setLimit(RLIMIT_STACK, 8 << 20, RLIM_INFINITY);
        group.setLimit(RLIMIT_CORE, 0, RLIM_INFINITY);
        group.setLimit(RLIMIT_NPROC, tasks, tasks);
        group.setLimit(RLIMIT_NOFILE, 1024, 4096);
        group.setLimit(RLIMIT_MEMLOCK, 8 << 20, 8 << 20);
        group.setLimit(RLIMIT_SIGPENDING, tasks, tasks);
        group.setLimit(RLIMIT_MSGQUEUE, 819200, 819200);
        group.setLimit(RLIMIT_NICE, 0, 0);
        group.setLimit(RLIMIT_RTPRIO, 0, 0);
    }
}
