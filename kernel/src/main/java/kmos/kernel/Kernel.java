// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.fs.Inode;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.command.GuestCommands;
import kmos.kernel.exec.Vdso;
import kmos.kernel.mm.FrameAllocator;
import kmos.kernel.mm.PageCache;
import kmos.kernel.mm.ShmemFileSystem;
import kmos.kernel.syscall.Dispatcher;
import kmos.kernel.syscall.LinuxSyscalls;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Futex;
import kmos.kernel.task.PidTable;
import kmos.kernel.task.Scheduler;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.tty.KernelProcessGroups;
import kmos.kernel.tty.Terminals;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Permissions;
import kmos.kernel.vfs.Vfs;
import kmos.machine.Machine;

/** The kernel: its parts, and the clocks and limits that all of them ask for. The event loop is {@link EventLoop}. */
public final class Kernel implements Stateful {
    /** As uname(2) tells. */
    public static final String RELEASE = "6.1.0-kmos", VERSION = "#1 kmOS";
    /** Most descriptors that RLIMIT_NOFILE can allow. */
    public static final int NR_OPEN = 1048576;

    private final Machine machine;
    private final KernelConfig config;
    private final KernelRandom random;
    private final Chaos chaos;
    private final KernelLog log = new KernelLog();
    private final FrameAllocator frames;
    private final PageCache pageCache;
    private final PidTable pids = new PidTable();
    private final Scheduler scheduler;
    private final Flusher flusher = new Flusher(this);
    private final Futex futexes = new Futex();
    private final Interrupts interrupts = new Interrupts();
    private final LinuxSyscalls syscalls = new LinuxSyscalls();
    private final Dispatcher dispatcher;
    private final EventLoop loop;
    private final WaitQueue outOfMemory = new WaitQueue();
    private final Descriptors descriptors;
    private final Vfs vfs;
    private final Terminals terminals;
    private final GuestCommands commands = new GuestCommands(this);
    private final int gdtFrame;
    private final int zeroFrame;
    /** realtime minus monotonic. */
    private long realTimeOffsetNs;
    private long forks;
    private final CpuTimes times = new CpuTimes();
    private final PageEvents pageEvents = new PageEvents();
    /** Derived: not part of the machine. */
    private Log trace = new Log(line -> { });
    /** Derived: not part of the machine. */
    private ExecutionProbe probe = ExecutionProbe.NONE;
    private final Vdso vdso = new Vdso(this);
    private final ShmemFileSystem shmem = new ShmemFileSystem();
    private boolean isCtrlAltDelRestart = true;
    private String hostName;
    private String domainName = "(none)";
    private KernelState state = KernelState.RUNNING;
    private String stateReason = "";
    private int commandStatus = -1;

    public Kernel(Machine machine, KernelConfig config) {
        this.machine = machine;
        this.config = config;
        random = new KernelRandom(config.seed);
        chaos = new Chaos(this, config.seed);
        frames = new FrameAllocator(machine.memory(), config.firstUsableFrame);
        pageCache = new PageCache(machine.memory(), frames, pageEvents);
        pageEvents.setOwner(this);
        scheduler = new Scheduler(this);
        gdtFrame = frames.allocate();
        zeroFrame = frames.allocate();
        descriptors = new Descriptors(machine, gdtFrame);
        realTimeOffsetNs = config.startEpochSeconds * 1_000_000_000L;
        hostName = config.hostName;
        dispatcher = new Dispatcher(this, syscalls);
        loop = new EventLoop(this, dispatcher);
        vfs = new Vfs(this);
        frames.setSecondReclaimer(vfs.blockDevices()::reclaim);
        terminals = new Terminals(vfs, new KernelProcessGroups(this));
    }

    public Machine machine() {
        return machine;
    }

    public KernelConfig config() {
        return config;
    }

    // Time

    /** Guest time in ns since boot (CLOCK_MONOTONIC). */
    public long nowNs() {
        return machine.clock().nowNs();
    }

    /** Guest time in ns since 1970 (CLOCK_REALTIME). */
    public long realTimeNs() {
        return nowNs() + realTimeOffsetNs;
    }

    /** What to add to guest time to get real time. */
    public long realTimeOffsetNs() {
        return realTimeOffsetNs;
    }

    /** clock_settime: real time is ns since 1970 from now on. */
    public void setRealTimeNs(long ns) {
        realTimeOffsetNs = ns - nowNs();
        vdso.timeChanged();
        vfs.realTimeSet();
    }

    /** Now plus a duration, NEVER at most. */
    public long deadlineAfter(long ns) {
        long deadline = nowNs() + ns;
        return deadline < 0 ? TimerQueue.NEVER : deadline;
    }

    /** Timers of kernel and devices. */
    public TimerQueue timers() {
        return machine.timers();
    }

    /** Where the processor's time went. */
    public CpuTimes times() {
        return times;
    }

    /** What every program finds mapped. */
    public Vdso vdso() {
        return vdso;
    }

    /** Counters of /proc/vmstat. */
    public PageEvents pageEvents() {
        return pageEvents;
    }

    /** Diagnostics by category; all are off until {@link #setTrace}. */
    public Log trace() {
        return trace;
    }

    public void setTrace(Log log) {
        trace = log;
    }

    /** Told of system calls and context switches; never null. */
    public ExecutionProbe probe() {
        return probe;
    }

    public void setProbe(ExecutionProbe newProbe) {
        probe = newProbe;
    }

    // Parts

    public KernelRandom random() {
        return random;
    }

    /** Difficulties for tests. */
    public Chaos chaos() {
        return chaos;
    }

    public KernelLog log() {
        return log;
    }

    public FrameAllocator frames() {
        return frames;
    }

    public PageCache pageCache() {
        return pageCache;
    }

    public PidTable pids() {
        return pids;
    }

    public Scheduler scheduler() {
        return scheduler;
    }

    /** Home of shared anonymous memory. */
    public ShmemFileSystem shmem() {
        return shmem;
    }

    /** Lines of a lower level than this go to the console, too. */
    public void setConsoleLevel(int level) {
        log.setConsoleLevel(level);
    }

    /** Whether Ctrl-Alt-Del restarts at once instead of signalling the first process. */
    public boolean isCtrlAltDelRestart() {
        return isCtrlAltDelRestart;
    }

    public void setCtrlAltDelRestarts(boolean restarts) {
        isCtrlAltDelRestart = restarts;
    }

    public Futex futexes() {
        return futexes;
    }

    public Interrupts interrupts() {
        return interrupts;
    }

    public LinuxSyscalls syscalls() {
        return syscalls;
    }

    public Dispatcher dispatcher() {
        return dispatcher;
    }

    public EventLoop loop() {
        return loop;
    }

    public Descriptors descriptors() {
        return descriptors;
    }

    /** The task that runs or is being served now, or null. */
    public Task current() {
        return loop.current();
    }

    /** Mounts, devices, locks. */
    public Vfs vfs() {
        return vfs;
    }

    /** Terminal lines and ptys. */
    public Terminals terminals() {
        return terminals;
    }

    /** What the outside asked for. */
    public GuestCommands commands() {
        return commands;
    }

    /** The frame of the descriptor table that every address space maps for the processor. */
    public int gdtFrame() {
        return gdtFrame;
    }

    /** A frame of zeros that is never written: demand-zero pages before their first store. */
    public int zeroFrame() {
        return zeroFrame;
    }

    // Log and state

    /** A line into the kernel log (dmesg) and onto the console, level 6 (KERN_INFO). */
    public void printk(String line) {
        log.add(6, nowNs(), line);
    }

    public void printk(int level, String line) {
        log.add(level, nowNs(), line);
    }

    public KernelState state() {
        return state;
    }

    /** Why it does not run any more, for the user; empty while running. */
    public String stateReason() {
        return stateReason;
    }

    /** Nothing runs any more after this. */
    public void stop(KernelState how, String reason) {
        if (state == KernelState.RUNNING) {
            state = how;
            stateReason = reason;
        }
    }

    /** The program that the machine was started for is over; status as wait(2) gives it. */
    public void commandEnded(int status) {
        commandStatus = status;
        stop(KernelState.POWERED_OFF, "the command ended");
    }

    /** Wait status of the command, or -1 while there is none. */
    public int commandStatus() {
        return commandStatus;
    }

    /** A state from which the kernel cannot go on. */
    public void panic(String reason) {
        printk(0, "Kernel panic - not syncing: " + reason);
        printk(0, "---[ end Kernel panic - not syncing: " + reason + " ]---");
        stop(KernelState.PANICKED, reason);
    }

    public String hostName() {
        return hostName;
    }

    public void setHostName(String name) {
        hostName = name;
    }

    public String domainName() {
        return domainName;
    }

    public void setDomainName(String name) {
        domainName = name;
    }

    // Memory

    /** Gives one reference to an inode back; the last one writes and evicts it, now or in the background. */
    public void releaseInode(Inode inode) {
        pageCache.releaseInode(inode);
    }

    /** Who waits for memory waits here. */
    public WaitQueue outOfMemory() {
        loop.memoryIsShort();
        return outOfMemory;
    }

    public void memoryFreed() {
        outOfMemory.wakeAll();
    }

    /** A page fault was served: minor, unless its page had to be waited for. */
    public void countFault(long page) {
        Task t = current();
        if (t == null || t.endMajorFault(page)) {
            return;
        }
        t.countFault(false);
        pageEvents.fault(false);
    }

    /** The page has to come from a disk; the same fault comes again when it is there. */
    public void countMajorFault(long page) {
        Task t = current();
        if (t != null && t.startMajorFault(page)) {
            t.countFault(true);
            pageEvents.fault(true);
        }
    }

    /** Tasks made since boot (/proc/stat processes). */
    public long forks() {
        return forks;
    }

    public void countFork() {
        forks++;
    }

    /** RLIMIT_AS, RLIMIT_DATA and RLIMIT_STACK of the current process in bytes; -1 is unlimited. */
    public long addressSpaceLimit() {
        return limit(SchedAbi.RLIMIT_AS);
    }

    public long dataLimit() {
        return limit(SchedAbi.RLIMIT_DATA);
    }

    public long stackLimit() {
        return limit(SchedAbi.RLIMIT_STACK);
    }

    private long limit(int resource) {
        Task t = current();
        return t == null ? SchedAbi.RLIM_INFINITY : t.group().limit(resource);
    }

    /** May the credentials execute this file? ErrnoException EACCES. */
    public void requireExecutable(Path path, Credentials who) {
        if (path.mount() != null && (path.mount().flags() & MountFlags.MS_NOEXEC) != 0
            || !Permissions.allows(path.inode(), who, Permissions.EXECUTE)) {
            throw new ErrnoException(Errno.EACCES);
        }
    }

    /** A session leader with a controlling terminal ends: the terminal's business. */
    public void sessionEnded(ThreadGroup leader) {
        Terminals.sessionEnded(leader.terminal());
    }

    /** Background write-back; see {@link Flusher}. */
    public Flusher flusher() {
        return flusher;
    }

    /** Work that nobody waits for, done between tasks. */
    void background() {
        if (pageCache.hasLeavingInodes()) {
            pageCache.finishLeaving();
        }
        chaos.betweenTasks();
        if (vfs.dentries().isFull()) {
            vfs.dentries().shrink();
        }
    }

    // Running

    /** Runs for at most so many cycles of guest time: see {@link EventLoop#runSlice}. */
    public long runSlice(long cycles) {
        return loop.runSlice(cycles);
    }

    @Override
    public void state(StateFields s) {
        s.struct("machine", machine);
        s.struct("random", random);
        s.struct("chaos", chaos);
        s.struct("log", log);
        s.struct("frames", frames);
        s.struct("pageCache", pageCache);
        s.struct("pids", pids);
        s.struct("scheduler", scheduler);
        s.struct("flusher", flusher);
        s.struct("futexes", futexes);
        s.struct("loop", loop);
        s.struct("dispatcher", dispatcher);
        s.struct("outOfMemory", outOfMemory);
        s.struct("vfs", vfs);
        s.struct("terminals", terminals);
        s.struct("commands", commands);
        realTimeOffsetNs = s.i64("realTimeOffsetNs", realTimeOffsetNs);
        forks = s.i64("forks", forks);
        s.struct("times", times);
        s.struct("pageEvents", pageEvents);
        s.struct("vdso", vdso);
        s.struct("interrupts", interrupts);
        s.struct("shmem", shmem);
        isCtrlAltDelRestart = s.bool("isCtrlAltDelRestart", isCtrlAltDelRestart);
        hostName = s.text("hostName", hostName);
        domainName = s.text("domainName", domainName);
        state = KernelState.values()[s.i32("state", state.ordinal())];
        stateReason = s.text("stateReason", stateReason);
        commandStatus = s.i32("commandStatus", commandStatus);
    }

    /** After a load, when all objects are filled: what is derived. */
    public void rebuild() {
        pageCache.rebuild();
        pids.rebuild();
    }
}
