// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.kernel.Kernel;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.PendingSignals;
import kmos.kernel.signal.SignalActions;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.tty.Tty;

/** A process (Linux signal_struct and thread group): threads that share memory, signals, limits and children. */
public final class ThreadGroup implements Stateful {
    private final Kernel kernel;
    private int pid;
    private Task leader;
    private final List<Task> threads = new ArrayList<>();
    private ThreadGroup parent;
    private final List<ThreadGroup> children = new ArrayList<>();
    private final List<Task> tracees = new ArrayList<>();
    private int processGroup;
    private int session;
    private Tty terminal;
    private final WaitQueue childEvents = new WaitQueue();
    private final WaitQueue threadEvents = new WaitQueue();
    private final WaitQueue signalEvents = new WaitQueue();

    private SignalActions actions = new SignalActions();
    private final PendingSignals sharedPending = new PendingSignals();

    // Job control
    private boolean isStopped;
    private int stopSignal;
    /** What wait with WUNTRACED and WCONTINUED has not yet seen: CLD_STOPPED, CLD_CONTINUED or 0. */
    private int unseenChange;

    // Exit
    private boolean isExiting;
    private int groupExitCode;
    private boolean hasExecuted;
    private boolean isChildSubreaper;
    private boolean isUnkillable;
    private boolean isDumpable = true;
    private boolean usesBarriers;
    /** The thread that waits for all others to end so that it can go on in execve, or null. */
    private Task executing;

    private long[] softLimits = new long[SchedAbi.RLIM_NLIMITS];
    private long[] hardLimits = new long[SchedAbi.RLIM_NLIMITS];
    private ProcessTimers timers;

    private long userNs;
    private long systemNs;
    private long deadMinorFaults, deadMajorFaults, deadVoluntary, deadInvoluntary;
    private long childrenUserNs, childrenSystemNs, childrenMinorFaults, childrenMajorFaults, childrenMaxPages,
        childrenVoluntary, childrenInvoluntary;
    private long maxPages;
    /** Of ended threads and of children that were waited for (Linux signal->ioac). */
    private final IoCounters deadIo = new IoCounters();
    private int oomAdjustment, minimumOomAdjustment;

    /** For loading a saved state, and for Clone. */
    public ThreadGroup(Kernel kernel) {
        this.kernel = kernel;
        timers = new ProcessTimers(kernel, this);
    }

    public Kernel kernel() {
        return kernel;
    }

    public int pid() {
        return pid;
    }

    void setPid(int id) {
        pid = id;
    }

    /** The first thread; it stays in the list as a zombie until all others have ended. */
    public Task leader() {
        return leader;
    }

    void setLeader(Task task) {
        leader = task;
    }

    /** Threads that have not ended; the leader also as a zombie. */
    public List<Task> threads() {
        return threads;
    }

    /** null for the first process and for a process that was reaped. */
    public ThreadGroup parent() {
        return parent;
    }

    /** Becomes a child of group: only for a process that has no parent yet. */
    public void adoptBy(ThreadGroup group) {
        parent = group;
        group.children().add(this);
    }

    void setParent(ThreadGroup group) {
        parent = group;
    }

    public int parentPid() {
        return parent == null ? 0 : parent.pid;
    }

    public List<ThreadGroup> children() {
        return children;
    }

    /** Its tracer is somebody else than its parent: the tracer waits for it first. */
    boolean isTracedByOther() {
        return leader.tracing() != null && leader.tracing().tracer() != parent;
    }

    /** Tasks that it traces (ptrace), in the order they were attached. */
    public List<Task> tracees() {
        return tracees;
    }

    public int processGroup() {
        return processGroup;
    }

    public void setProcessGroup(int id) {
        processGroup = id;
    }

    public int session() {
        return session;
    }

    void setSession(int id) {
        session = id;
    }

    /** setsid(2): leader of a new session and process group without a terminal. */
    public void startSession() {
        session = pid;
        processGroup = pid;
        terminal = null;
    }

    public boolean isSessionLeader() {
        return session == pid;
    }

    /** The controlling terminal, or null. */
    public Tty terminal() {
        return terminal;
    }

    public void setTerminal(Tty tty) {
        terminal = tty;
    }

    /** Woken when a child ends, stops or goes on. */
    public WaitQueue childEvents() {
        return childEvents;
    }

    /** Woken when a signal was sent to it or one of its threads: for signalfd. */
    public WaitQueue signalEvents() {
        return signalEvents;
    }

    /** Woken when a thread of this process ends. */
    WaitQueue threadEvents() {
        return threadEvents;
    }

    public SignalActions actions() {
        return actions;
    }

    void setActions(SignalActions shared) {
        actions = shared;
    }

    /** exec: actions shared by CLONE_SIGHAND with another process become this one's own. */
    public void ownActions() {
        if (actions.isShared()) {
            actions.release();
            actions = actions.copy();
        }
    }

    /** Signals sent to the process as a whole. */
    public PendingSignals sharedPending() {
        return sharedPending;
    }

    // Job control

    /** Threads are to stop, or have stopped. */
    public boolean isStopping() {
        return isStopped;
    }

    public int stopSignal() {
        return stopSignal;
    }

    /** A stop signal took effect: all threads stop on their way to user mode. */
    public void stopAll(int signal) {
        isStopped = true;
        stopSignal = signal;
        unseenChange = SignalAbi.CLD_STOPPED;
        for (Task t : threads) {
            if (t.tracing() != null) {
                t.tracing().groupStopChanged(t, false);
            }
            t.signalArrived(false);
        }
        SignalSending.notifyParent(this, SignalAbi.CLD_STOPPED, signal, SignalAbi.SIGCHLD);
    }

    /** SIGCONT was sent. */
    public void continueAll() {
        if (isStopped) {
            isStopped = false;
            unseenChange = SignalAbi.CLD_CONTINUED;
            for (Task t : threads) {
                if (t.tracing() != null) {
                    t.tracing().groupStopChanged(t, true);
                }
                t.resume();
            }
            SignalSending.notifyParent(this, SignalAbi.CLD_CONTINUED, SignalAbi.SIGCONT, SignalAbi.SIGCHLD);
        }
    }

    int unseenChange() {
        return unseenChange;
    }

    void changeSeen() {
        unseenChange = 0;
    }

    // Exit

    /** exit_group, a fatal signal, or exec of another thread: threads end on their way to user mode. */
    public boolean isExiting() {
        return isExiting;
    }

    /** Status in wait(2) form once the whole process ends. */
    public int groupExitCode() {
        return groupExitCode;
    }

    /** What wait(2) tells of the ended process: exit_group counts, also when the first thread had ended before. */
    public int waitStatus() {
        return isExiting ? groupExitCode : leader.exitCode();
    }

    /** All threads end with this status (wait(2) form); the first call counts. */
    public void startExit(int code) {
        if (!isExiting) {
            isExiting = true;
            groupExitCode = code;
            isStopped = false;
            for (Task t : threads) {
                t.signalArrived(true);
            }
        }
    }

    /** Whether this thread is to end: the process does, or another of its threads executes a program. */
    public boolean mustEnd(Task task) {
        return isExiting || executing != null && executing != task;
    }

    Task executing() {
        return executing;
    }

    void setExecuting(Task task) {
        executing = task;
    }

    /** All threads have ended: only the status is left. */
    public boolean isEnded() {
        return leader.isEnded() && threads.size() <= 1;
    }

    public boolean hasExecuted() {
        return hasExecuted;
    }

    public void setExecuted(boolean executed) {
        hasExecuted = executed;
        usesBarriers = usesBarriers && !executed;
    }

    /** The first process: signals whose action is the default do not reach it. */
    public boolean isUnkillable() {
        return isUnkillable;
    }

    public void setUnkillable(boolean is) {
        isUnkillable = is;
    }

    public boolean isChildSubreaper() {
        return isChildSubreaper;
    }

    public void setChildSubreaper(boolean is) {
        isChildSubreaper = is;
    }

    public boolean isDumpable() {
        return isDumpable;
    }

    public void setDumpable(boolean is) {
        isDumpable = is;
    }

    /** membarrier(2) was announced; until exec. */
    public boolean usesBarriers() {
        return usesBarriers;
    }

    public void setUsesBarriers() {
        usesBarriers = true;
    }

    // Limits and accounting

    /** Soft limit of a resource (RLIMIT_*); -1 is RLIM_INFINITY. */
    public long limit(int resource) {
        return softLimits[resource];
    }

    public long hardLimit(int resource) {
        return hardLimits[resource];
    }

    public void setLimit(int resource, long soft, long hard) {
        softLimits[resource] = soft;
        hardLimits[resource] = hard;
    }

    void copyLimits(ThreadGroup from) {
        softLimits = from.softLimits.clone();
        hardLimits = from.hardLimits.clone();
    }

    /** Interval and POSIX timers. */
    public ProcessTimers timers() {
        return timers;
    }

    void chargeUser(long ns) {
        userNs += ns;
        timers.charged(ns, true);
    }

    void chargeSystem(long ns) {
        systemNs += ns;
        timers.charged(ns, false);
    }

    public long userNs() {
        return userNs;
    }

    public long systemNs() {
        return systemNs;
    }

    public long childrenUserNs() {
        return childrenUserNs;
    }

    public long childrenSystemNs() {
        return childrenSystemNs;
    }

    public long minorFaults() {
        long n = deadMinorFaults;
        for (Task t : threads) {
            n += t.minorFaults();
        }
        return n;
    }

    public long majorFaults() {
        long n = deadMajorFaults;
        for (Task t : threads) {
            n += t.majorFaults();
        }
        return n;
    }

    public long voluntarySwitches() {
        long n = deadVoluntary;
        for (Task t : threads) {
            n += t.voluntarySwitches();
        }
        return n;
    }

    public long involuntarySwitches() {
        long n = deadInvoluntary;
        for (Task t : threads) {
            n += t.involuntarySwitches();
        }
        return n;
    }

    public long childrenMinorFaults() {
        return childrenMinorFaults;
    }

    public long childrenMajorFaults() {
        return childrenMajorFaults;
    }

    public long childrenMaxPages() {
        return childrenMaxPages;
    }

    public long childrenVoluntary() {
        return childrenVoluntary;
    }

    public long childrenInvoluntary() {
        return childrenInvoluntary;
    }

    /** High-water mark of resident pages, kept beyond exec and exit. */
    public long maxPages() {
        Task t = threads.isEmpty() ? null : threads.get(threads.size() - 1);
        return t == null || t.space() == null ? maxPages : Math.max(maxPages, t.space().maxResidentPages());
    }

    public void noteMaxPages(long pages) {
        maxPages = Math.max(maxPages, pages);
    }

    /** What the process has read and written, and its ended threads and reaped children (/proc/PID/io). */
    public IoCounters io() {
        IoCounters sum = new IoCounters();
        sum.add(deadIo);
        for (Task t : threads) {
            sum.add(t.io());
        }
        return sum;
    }

    /** /proc/PID/oom_score_adj: thousandths of memory that count on top of what is used; -1000 is never killed. */
    public int oomAdjustment() {
        return oomAdjustment;
    }

    /** Below this only a privileged process may set it. */
    public int minimumOomAdjustment() {
        return minimumOomAdjustment;
    }

    public void setOomAdjustment(int value, boolean isPrivileged) {
        oomAdjustment = value;
        minimumOomAdjustment = isPrivileged ? value : minimumOomAdjustment;
    }

    void copyOomAdjustment(ThreadGroup from) {
        oomAdjustment = from.oomAdjustment;
        minimumOomAdjustment = from.minimumOomAdjustment;
    }

    /** A thread that is no leader leaves the list: its counts stay. */
    void threadEnded(Task t) {
        deadMinorFaults += t.minorFaults();
        deadMajorFaults += t.majorFaults();
        deadVoluntary += t.voluntarySwitches();
        deadInvoluntary += t.involuntarySwitches();
        deadIo.add(t.io());
        threads.remove(t);
    }

    /** A child was waited for: what it used counts as RUSAGE_CHILDREN. */
    void addChildUsage(ThreadGroup child) {
        childrenUserNs += child.userNs + child.childrenUserNs;
        childrenSystemNs += child.systemNs + child.childrenSystemNs;
        childrenMinorFaults += child.minorFaults() + child.childrenMinorFaults;
        childrenMajorFaults += child.majorFaults() + child.childrenMajorFaults;
        deadIo.add(child.io());
        childrenVoluntary += child.voluntarySwitches() + child.childrenVoluntary;
        childrenInvoluntary += child.involuntarySwitches() + child.childrenInvoluntary;
        childrenMaxPages = Math.max(childrenMaxPages, Math.max(child.maxPages(), child.childrenMaxPages));
    }

    @Override
    public void state(StateFields s) {
        pid = s.i32("pid", pid);
        leader = s.ref("leader", leader, Task.class);
        s.refs("threads", threads, Task.class);
        parent = s.ref("parent", parent, ThreadGroup.class);
        s.refs("children", children, ThreadGroup.class);
        s.refs("tracees", tracees, Task.class);
        processGroup = s.i32("processGroup", processGroup);
        session = s.i32("session", session);
        terminal = s.ref("terminal", terminal, Tty.class);
        s.struct("childEvents", childEvents);
        s.struct("threadEvents", threadEvents);
        s.struct("signalEvents", signalEvents);
        actions = s.ref("actions", actions, SignalActions.class);
        s.struct("sharedPending", sharedPending);
        isStopped = s.bool("isStopped", isStopped);
        stopSignal = s.i32("stopSignal", stopSignal);
        unseenChange = s.i32("unseenChange", unseenChange);
        isExiting = s.bool("isExiting", isExiting);
        groupExitCode = s.i32("groupExitCode", groupExitCode);
        hasExecuted = s.bool("hasExecuted", hasExecuted);
        isChildSubreaper = s.bool("isChildSubreaper", isChildSubreaper);
        isUnkillable = s.bool("isUnkillable", isUnkillable);
        isDumpable = s.bool("isDumpable", isDumpable);
        usesBarriers = s.bool("usesBarriers", usesBarriers);
        executing = s.ref("executing", executing, Task.class);
        softLimits = s.longs("softLimits", softLimits);
        hardLimits = s.longs("hardLimits", hardLimits);
        timers = s.ref("timers", timers, ProcessTimers.class);
        userNs = s.i64("userNs", userNs);
        systemNs = s.i64("systemNs", systemNs);
        deadMinorFaults = s.i64("deadMinorFaults", deadMinorFaults);
        deadMajorFaults = s.i64("deadMajorFaults", deadMajorFaults);
        deadVoluntary = s.i64("deadVoluntary", deadVoluntary);
        deadInvoluntary = s.i64("deadInvoluntary", deadInvoluntary);
        childrenUserNs = s.i64("childrenUserNs", childrenUserNs);
        childrenSystemNs = s.i64("childrenSystemNs", childrenSystemNs);
        childrenMinorFaults = s.i64("childrenMinorFaults", childrenMinorFaults);
        childrenMajorFaults = s.i64("childrenMajorFaults", childrenMajorFaults);
        childrenMaxPages = s.i64("childrenMaxPages", childrenMaxPages);
        childrenVoluntary = s.i64("childrenVoluntary", childrenVoluntary);
        childrenInvoluntary = s.i64("childrenInvoluntary", childrenInvoluntary);
        maxPages = s.i64("maxPages", maxPages);
        s.struct("deadIo", deadIo);
        oomAdjustment = s.i32("oomAdjustment", oomAdjustment);
        minimumOomAdjustment = s.i32("minimumOomAdjustment", minimumOomAdjustment);
    }
}
