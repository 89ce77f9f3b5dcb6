// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Check;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.TimerTarget;
import kmos.base.WaitQueue;
import kmos.base.Waiter;
import kmos.kernel.Kernel;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.signal.PendingSignals;
import kmos.kernel.syscall.SyscallArgs;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.FsContext;

/**
 * A thread of execution (Linux task_struct). Its saved registers are in a frame of guest RAM while another task has the
 * processor. A task that waits in a system call keeps only its registers and {@link #frame}: when woken, the body runs
 * again from the top.
 */
public final class Task implements Stateful, Waiter, TimerTarget {
    /** A body's answer when the task was parked; never reaches a program. */
    public static final long BLOCKED = Long.MIN_VALUE;
    /** A body's answer when it set all registers itself (sigreturn, execve) or the task is no more (exit). */
    public static final long NO_RESULT = Long.MIN_VALUE + 1;

    private static final int NAME_MAX = 15;

    private final Kernel kernel;
    private int tid;
    private ThreadGroup group;
    private TaskState state = TaskState.READY;
    private String name = "";
    private AddressSpace space;
    private boolean is64Bit;
    private FileTable files;
    private FsContext fs;
    private Credentials credentials = Credentials.ROOT;
    private int contextFrame;
    /** The three TLS descriptors of the GDT (entries 12 to 14). */
    private long[] tls = new long[3];

    // The system call it is in
    private final SyscallFrame frame = new SyscallFrame();
    private boolean isInSyscall;
    private boolean isStarting;
    private int syscallNumber;
    private int restartCode;
    /** restart_syscall(2): row and absolute deadline of the call to go on with. */
    private int restartNumber = -1;
    private long restartDeadlineNs;
    /** Derived: the queues it is on tell it after a load. */
    private final List<WaitQueue> waitingOn = new ArrayList<>();
    private TimerQueue.Timer waitTimer;

    // Signals
    private final PendingSignals pending = new PendingSignals();
    private long signalMask;
    private long savedMask;
    private boolean hasSavedMask;
    private long awaitedSignals;
    private long altStack;
    private long altStackSize;
    private int altStackFlags = SignalAbi.SS_DISABLE;
    /** The last exception: for the signal frame's trapno, err and cr2. */
    private int trapNumber;
    private int trapError;
    private long trapAddress;

    // Exit
    private int exitCode;
    private int exitSignal;
    private long clearChildTid;
    private long setChildTid;
    private long robustList;
    private long robustListSize;
    private final WaitQueue vforkDone = new WaitQueue();
    private boolean isVforkChild;
    private int parentDeathSignal;

    // Tracing
    private Tracing tracing;
    /** Number of the call that it entered the kernel for (orig_rax), or -1. */
    private int originalNumber = -1;

    // Accounting and scheduling
    private int nice;
    private int schedulingPolicy;
    private int realtimePriority;
    private long userNs;
    private long systemNs;
    private long startNs;
    private long voluntarySwitches;
    private long involuntarySwitches;
    private long minorFaults;
    private long majorFaults;
    /** The page that a fault under way waits for, or -1. */
    private long majorFaultPage = -1;
    private int personality;
    private boolean isNoNewPrivileges;
    private boolean isKeepCapabilities;
    private long timerSlackNs = 50_000;
    private final IoCounters io = new IoCounters();

    /** Derived: reads and writes of {@link #space}. */
    private UserSpace user;
    /** Derived: refilled from the registers at every dispatch. */
    private final SyscallArgs args = new SyscallArgs();

    /** For loading a saved state, and for Clone. */
    public Task(Kernel kernel) {
        this.kernel = kernel;
    }

    public Kernel kernel() {
        return kernel;
    }

    /** Thread id, as gettid(2). */
    public int tid() {
        return tid;
    }

    public ThreadGroup group() {
        return group;
    }

    void setIdentity(int newTid, ThreadGroup newGroup) {
        tid = newTid;
        group = newGroup;
    }

    /** comm: at most 15 bytes. */
    public String name() {
        return name;
    }

    public void setName(String newName) {
        name = newName.length() > NAME_MAX ? newName.substring(0, NAME_MAX) : newName;
    }

    /** Whether the present system call (outside of one: the program) uses the amd64 ABI. */
    public boolean is64Bit() {
        return is64Bit;
    }

    /** The ABI of the system call that starts now. */
    public void setAbi64(boolean is64) {
        if (is64Bit != is64) {
            is64Bit = is64;
            user.setWord64(is64);
        }
    }

    public Credentials credentials() {
        return credentials;
    }

    public void setCredentials(Credentials changed) {
        credentials = changed;
    }

    /** null for a task that has ended. */
    public AddressSpace space() {
        return space;
    }

    /** Takes over one reference to the address space; the old one is the caller's business. */
    public void setSpace(AddressSpace newSpace) {
        space = newSpace;
        if (newSpace != null) {
            is64Bit = newSpace.is64Bit();
            user = new UserSpace(kernel, newSpace);
        }
    }

    /** This task's view of its user memory. */
    public UserSpace user() {
        return user;
    }

    public FileTable files() {
        return files;
    }

    public void setFiles(FileTable table) {
        files = table;
    }

    /** Working directory, root, umask. */
    public FsContext fs() {
        return fs;
    }

    public void setFs(FsContext context) {
        fs = context;
    }

    public int contextFrame() {
        return contextFrame;
    }

    void setContextFrame(int physical) {
        contextFrame = physical;
    }

    /** GDT descriptors 12 to 14. */
    public long[] tls() {
        return tls;
    }

    // System calls and waiting

    public SyscallFrame frame() {
        return frame;
    }

    public SyscallArgs args() {
        return args;
    }

    public boolean isInSyscall() {
        return isInSyscall;
    }

    public int syscallNumber() {
        return syscallNumber;
    }

    public void startSyscall(int number) {
        isInSyscall = true;
        syscallNumber = number;
        originalNumber = number;
        restartCode = 0;
    }

    public void endSyscall(int restart) {
        frame.clear();
        kernel.chaos().callEnded(this);
        isInSyscall = false;
        restartCode = restart;
    }

    /** ERESTART* of the call that just ended, or 0: settled on the way to user mode. */
    public int restartCode() {
        return restartCode;
    }

    public void clearRestart() {
        restartCode = 0;
    }

    /** A tracer changed the number of the call that starts, or gave a stopped task back what an interrupted call left (0: nothing). */
    public void setSyscall(int number, int restart) {
        syscallNumber = number;
        originalNumber = number;
        restartCode = restart;
    }

    /** orig_rax: the call that it entered the kernel for, -1 when it was something else. */
    public int originalNumber() {
        return originalNumber;
    }

    /** It goes to user mode: what comes next is no part of a call. */
    public void leaveKernel() {
        originalNumber = -1;
    }

    /** For a call that answers -ERESTART_RESTARTBLOCK: restart_syscall(2) runs its body again with this deadline. */
    public long restartLater(long deadlineNs) {
        restartNumber = syscallNumber;
        restartDeadlineNs = deadlineNs;
        return -Restart.ERESTART_RESTARTBLOCK;
    }

    public int restartNumber() {
        return restartNumber;
    }

    public long restartDeadlineNs() {
        return restartDeadlineNs;
    }

    public void forgetRestartBlock() {
        restartNumber = -1;
    }

    public TaskState taskState() {
        return state;
    }

    public boolean isEnded() {
        return state == TaskState.ZOMBIE || state == TaskState.DEAD;
    }

    /** A signal that would interrupt an interruptible wait is pending. */
    public boolean hasPendingSignal() {
        return group.isStopping() && (tracing == null || !tracing.hasSeenGroupStop()) || group.mustEnd(this) || deliverableSet() != 0
            || tracing != null && tracing.isCalled();
    }

    /** SIGKILL is on its way, or the process is ending. */
    public boolean hasFatalSignal() {
        return group.mustEnd(this) || ((pending.set() | group.sharedPending().set()) & SignalAbi.bit(SignalAbi.SIGKILL)) != 0;
    }

    /** Pending and not blocked. */
    public long deliverableSet() {
        return (pending.set() | group.sharedPending().set()) & ~signalMask;
    }

    /**
     * Parks the task on a queue until woken; the body then runs again. Returns BLOCKED, or -ERESTARTSYS at once when a
     * signal is pending. Interruptible.
     */
    public long blockOn(WaitQueue queue) {
        if (hasPendingSignal()) {
            return -Restart.ERESTARTSYS;
        }
        enqueue(queue);
        park(TaskState.SLEEPING);
        return BLOCKED;
    }

    /**
     * The same on several queues and with a deadline in guest ns ({@link kmos.base.TimerQueue#NEVER} for none). The body
     * looks at the clock itself when it runs again.
     */
    public long blockOn(WaitQueue[] queues, int count, long deadlineNs) {
        if (hasPendingSignal()) {
            return -Restart.ERESTARTSYS;
        }
        for (int i = 0; i < count; i++) {
            enqueue(queues[i]);
        }
        if (deadlineNs != TimerQueue.NEVER) {
            waitTimer = kernel.timers().arm(deadlineNs, this, 0);
        }
        park(TaskState.SLEEPING);
        return BLOCKED;
    }

    /** The same without a queue: until the deadline or a signal. */
    public long blockUntil(long deadlineNs) {
        return blockOn(new WaitQueue[0], 0, deadlineNs);
    }

    /** Parks so that only SIGKILL ends the wait early: -ERESTARTSYS then, else BLOCKED. */
    public long blockKillable(WaitQueue queue) {
        if (hasFatalSignal()) {
            return -Restart.ERESTARTSYS;
        }
        enqueue(queue);
        park(TaskState.KILLABLE);
        return BLOCKED;
    }

    /** Parks until woken, whatever signals come: for a page or block on its way. */
    public long parkOn(WaitQueue queue) {
        enqueue(queue);
        park(TaskState.DISK_SLEEP);
        return BLOCKED;
    }

    private void enqueue(WaitQueue queue) {
        queue.add(this);
        waitingOn.add(queue);
    }

    private void park(TaskState to) {
        Check.that(state == TaskState.READY, "parked twice", tid);
        state = to;
        voluntarySwitches++;
        kernel.chaos().parked(this);
        kernel.scheduler().dequeue(this);
    }

    @Override
    public void woken(WaitQueue queue) {
        wake();
    }

    @Override
    public void restoredOn(WaitQueue queue) {
        waitingOn.add(queue);
    }

    @Override
    public void timerExpired(int code, long nowNs) {
        wake();
    }

    /** Ends a wait, for whatever reason: the task is ready again. */
    public void wake() {
        if (state == TaskState.SLEEPING || state == TaskState.DISK_SLEEP || state == TaskState.KILLABLE) {
            leaveQueues();
            state = TaskState.READY;
            kernel.scheduler().enqueue(this);
        }
    }

    private void leaveQueues() {
        for (int i = 0; i < waitingOn.size(); i++) {
            waitingOn.get(i).remove(this);
        }
        waitingOn.clear();
        kernel.timers().cancel(waitTimer);
        waitTimer = null;
    }

    /** A signal that it might take has come: ends interruptible waits; a fatal one also killable waits and stops. */
    public void signalArrived(boolean isFatal) {
        if (state == TaskState.SLEEPING || isFatal && state == TaskState.KILLABLE) {
            wake();
        } else if (isFatal && state == TaskState.STOPPED) {
            resume();
        } else if (isFatal) {
            traceResume();
        }
    }

    /** Under whose control it runs, or null. */
    public Tracing tracing() {
        return tracing;
    }

    void setTracing(Tracing changed) {
        tracing = changed;
    }

    /** ptrace(2): leaves the run queue until its tracer lets it go on. */
    void traceStop() {
        Check.that(state == TaskState.READY, "stopped for a tracer while waiting", tid);
        state = TaskState.TRACED;
        kernel.scheduler().dequeue(this);
    }

    void traceResume() {
        if (state == TaskState.TRACED) {
            state = TaskState.READY;
            kernel.scheduler().enqueue(this);
        }
    }

    /** Job control: leaves the run queue until SIGCONT. */
    public void stop() {
        Check.that(state == TaskState.READY, "stopped while waiting", tid);
        state = TaskState.STOPPED;
        kernel.scheduler().dequeue(this);
    }

    void resume() {
        if (state == TaskState.STOPPED) {
            state = TaskState.READY;
            kernel.scheduler().enqueue(this);
        }
    }

    /** The first task, before it is a program: the event loop runs Boot's steps for it. */
    public boolean isStarting() {
        return isStarting;
    }

    public void setStarting(boolean is) {
        isStarting = is;
    }

    /** The first task enters the run queue. */
    public void begin() {
        start();
    }

    /** A new task enters the run queue for the first time. */
    void start() {
        state = TaskState.READY;
        kernel.scheduler().enqueue(this);
    }

    /** Leaves all queues for good. */
    void end(TaskState last) {
        leaveQueues();
        if (state == TaskState.READY) {
            kernel.scheduler().dequeue(this);
        }
        state = last;
    }

    // Signals

    public PendingSignals pending() {
        return pending;
    }

    /** Blocked signals, as a kernel sigset. */
    public long signalMask() {
        return signalMask;
    }

    public void setSignalMask(long mask) {
        signalMask = mask & ~(SignalAbi.bit(SignalAbi.SIGKILL) | SignalAbi.bit(SignalAbi.SIGSTOP));
    }

    /** The mask that comes back when the present call ends (sigsuspend, ppoll); else the mask itself. */
    public long realSignalMask() {
        return hasSavedMask ? savedMask : signalMask;
    }

    /** sigsuspend, ppoll, pselect, epoll_pwait: mask until the call has ended and its signal is handled. Safe to repeat. */
    public void useTemporaryMask(long mask) {
        if (!hasSavedMask) {
            savedMask = signalMask;
            hasSavedMask = true;
        }
        setSignalMask(mask);
    }

    /** The temporary mask goes; unless a handler's frame took the saved one over. */
    public void restoreSignalMask() {
        if (hasSavedMask) {
            hasSavedMask = false;
            signalMask = savedMask;
        }
    }

    public boolean hasSavedMask() {
        return hasSavedMask;
    }

    public void forgetSavedMask() {
        hasSavedMask = false;
    }

    /** sigtimedwait: these wake it although they are blocked. */
    public void setAwaitedSignals(long set) {
        awaitedSignals = set;
    }

    public boolean isWaitingForSignal(int signal) {
        return (awaitedSignals & SignalAbi.bit(signal)) != 0;
    }

    public long altStack() {
        return altStack;
    }

    public long altStackSize() {
        return altStackSize;
    }

    public int altStackFlags() {
        return altStackFlags;
    }

    public void setAltStack(long start, long size, int flags) {
        altStack = start;
        altStackSize = size;
        altStackFlags = flags;
    }

    public int trapNumber() {
        return trapNumber;
    }

    public int trapError() {
        return trapError;
    }

    public long trapAddress() {
        return trapAddress;
    }

    public void setTrap(int number, int error, long address) {
        trapNumber = number;
        trapError = error;
        trapAddress = address;
    }

    // Exit

    /** Status in wait(2) form. */
    public int exitCode() {
        return exitCode;
    }

    void setExitCode(int code) {
        exitCode = code;
    }

    /** Signal to the parent when it ends: SIGCHLD mostly, 0 for none, -1 for a thread. */
    public int exitSignal() {
        return exitSignal;
    }

    void setExitSignal(int signal) {
        exitSignal = signal;
    }

    /** set_tid_address(2), CLONE_CHILD_CLEARTID. */
    public long clearChildTid() {
        return clearChildTid;
    }

    public void setClearChildTid(long address) {
        clearChildTid = address;
    }

    /** CLONE_CHILD_SETTID: written before the child's first instruction; 0 when done. */
    public long setChildTid() {
        return setChildTid;
    }

    public void setSetChildTid(long address) {
        setChildTid = address;
    }

    public long robustList() {
        return robustList;
    }

    public long robustListSize() {
        return robustListSize;
    }

    public void setRobustList(long head, long size) {
        robustList = head;
        robustListSize = size;
    }

    /** Woken when a vfork child has its own memory or ended. */
    public WaitQueue vforkDone() {
        return vforkDone;
    }

    public boolean isVforkChild() {
        return isVforkChild;
    }

    void setVforkChild(boolean is) {
        isVforkChild = is;
    }

    /** exec or exit: the parent that waits in vfork goes on. */
    public void finishVfork() {
        if (isVforkChild) {
            isVforkChild = false;
            vforkDone.wakeAll();
        }
    }

    public int parentDeathSignal() {
        return parentDeathSignal;
    }

    public void setParentDeathSignal(int signal) {
        parentDeathSignal = signal;
    }

    // Accounting and scheduling

    public int nice() {
        return nice;
    }

    public void setNice(int value) {
        nice = value;
    }

    /** SCHED_OTHER ...; kept and reported, all policies run alike. */
    public int schedulingPolicy() {
        return schedulingPolicy;
    }

    public int realtimePriority() {
        return realtimePriority;
    }

    public void setScheduling(int policy, int priority) {
        schedulingPolicy = policy;
        realtimePriority = priority;
    }

    public long userNs() {
        return userNs;
    }

    public long systemNs() {
        return systemNs;
    }

    public void chargeUser(long ns) {
        userNs += ns;
        kernel.times().user(ns, nice > 0);
        group.chargeUser(ns);
    }

    public void chargeSystem(long ns) {
        systemNs += ns;
        kernel.times().system(ns);
        group.chargeSystem(ns);
    }

    /** Guest time at which it was made. */
    public long startNs() {
        return startNs;
    }

    void setStartNs(long ns) {
        startNs = ns;
    }

    public long voluntarySwitches() {
        return voluntarySwitches;
    }

    public long involuntarySwitches() {
        return involuntarySwitches;
    }

    void countPreemption() {
        involuntarySwitches++;
    }

    public long minorFaults() {
        return minorFaults;
    }

    public long majorFaults() {
        return majorFaults;
    }

    public void countFault(boolean isMajor) {
        if (isMajor) {
            majorFaults++;
        } else {
            minorFaults++;
        }
    }

    /** False when this fault is counted already and only came again. */
    public boolean startMajorFault(long page) {
        if (majorFaultPage == page) {
            return false;
        }
        majorFaultPage = page;
        return true;
    }

    /** Whether the fault that was served is one that waited. */
    public boolean endMajorFault(long page) {
        boolean was = majorFaultPage == page;
        majorFaultPage = was ? -1 : majorFaultPage;
        return was;
    }

    public int personality() {
        return personality;
    }

    public void setPersonality(int value) {
        personality = value;
    }

    public boolean isNoNewPrivileges() {
        return isNoNewPrivileges;
    }

    public void setNoNewPrivileges() {
        isNoNewPrivileges = true;
    }

    public boolean isKeepCapabilities() {
        return isKeepCapabilities;
    }

    public void setKeepCapabilities(boolean keep) {
        isKeepCapabilities = keep;
    }

    public long timerSlackNs() {
        return timerSlackNs;
    }

    public void setTimerSlackNs(long ns) {
        timerSlackNs = ns;
    }

    /** What it has read and written. */
    public IoCounters io() {
        return io;
    }

    /** What a child starts with: copied from the parent (Linux dup_task_struct). */
    void inherit(Task parent) {
        name = parent.name;
        credentials = parent.credentials;
        tls = parent.tls.clone();
        signalMask = parent.realSignalMask();
        nice = parent.nice;
        schedulingPolicy = parent.schedulingPolicy;
        realtimePriority = parent.realtimePriority;
        personality = parent.personality;
        isNoNewPrivileges = parent.isNoNewPrivileges;
        isKeepCapabilities = parent.isKeepCapabilities;
        timerSlackNs = parent.timerSlackNs;
    }

    @Override
    public void state(StateFields s) {
        tid = s.i32("tid", tid);
        group = s.ref("group", group, ThreadGroup.class);
        state = TaskState.values()[s.i32("state", state.ordinal())];
        name = s.text("name", name);
        space = s.ref("space", space, AddressSpace.class);
        is64Bit = s.bool("is64Bit", is64Bit);
        files = s.ref("files", files, FileTable.class);
        fs = s.ref("fs", fs, FsContext.class);
        credentials = credentialsState(s, credentials);
        contextFrame = s.i32("contextFrame", contextFrame);
        tls = s.longs("tls", tls);
        s.struct("frame", frame);
        isInSyscall = s.bool("isInSyscall", isInSyscall);
        isStarting = s.bool("isStarting", isStarting);
        syscallNumber = s.i32("syscallNumber", syscallNumber);
        restartCode = s.i32("restartCode", restartCode);
        restartNumber = s.i32("restartNumber", restartNumber);
        restartDeadlineNs = s.i64("restartDeadlineNs", restartDeadlineNs);
        waitTimer = s.ref("waitTimer", waitTimer, TimerQueue.Timer.class);
        s.struct("pending", pending);
        signalMask = s.i64("signalMask", signalMask);
        savedMask = s.i64("savedMask", savedMask);
        hasSavedMask = s.bool("hasSavedMask", hasSavedMask);
        awaitedSignals = s.i64("awaitedSignals", awaitedSignals);
        altStack = s.i64("altStack", altStack);
        altStackSize = s.i64("altStackSize", altStackSize);
        altStackFlags = s.i32("altStackFlags", altStackFlags);
        trapNumber = s.i32("trapNumber", trapNumber);
        trapError = s.i32("trapError", trapError);
        trapAddress = s.i64("trapAddress", trapAddress);
        exitCode = s.i32("exitCode", exitCode);
        exitSignal = s.i32("exitSignal", exitSignal);
        clearChildTid = s.i64("clearChildTid", clearChildTid);
        setChildTid = s.i64("setChildTid", setChildTid);
        robustList = s.i64("robustList", robustList);
        robustListSize = s.i64("robustListSize", robustListSize);
        s.struct("vforkDone", vforkDone);
        isVforkChild = s.bool("isVforkChild", isVforkChild);
        parentDeathSignal = s.i32("parentDeathSignal", parentDeathSignal);
        tracing = s.ref("tracing", tracing, Tracing.class);
        originalNumber = s.i32("originalNumber", originalNumber);
        nice = s.i32("nice", nice);
        schedulingPolicy = s.i32("schedulingPolicy", schedulingPolicy);
        realtimePriority = s.i32("realtimePriority", realtimePriority);
        userNs = s.i64("userNs", userNs);
        systemNs = s.i64("systemNs", systemNs);
        startNs = s.i64("startNs", startNs);
        voluntarySwitches = s.i64("voluntarySwitches", voluntarySwitches);
        involuntarySwitches = s.i64("involuntarySwitches", involuntarySwitches);
        minorFaults = s.i64("minorFaults", minorFaults);
        majorFaults = s.i64("majorFaults", majorFaults);
        majorFaultPage = s.i64("majorFaultPage", majorFaultPage);
        personality = s.i32("personality", personality);
        isNoNewPrivileges = s.bool("isNoNewPrivileges", isNoNewPrivileges);
        isKeepCapabilities = s.bool("isKeepCapabilities", isKeepCapabilities);
        timerSlackNs = s.i64("timerSlackNs", timerSlackNs);
        s.struct("io", io);
        if (s.isLoading() && space != null) {
            user = new UserSpace(kernel, space);
            user.setWord64(is64Bit);
        }
    }

    private static Credentials credentialsState(StateFields s, Credentials c) {
        int[] ids = s.ints("ids", new int[] {c.uid(), c.euid(), c.suid(), c.fsuid(), c.gid(), c.egid(), c.sgid(), c.fsgid()});
        int[] groups = s.ints("groups", c.groups());
        return new Credentials(ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6], ids[7], groups);
    }
}
