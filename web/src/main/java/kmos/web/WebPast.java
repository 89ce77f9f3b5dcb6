// SPDX-License-Identifier: Apache-2.0
package kmos.web;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kmos.base.Memory;
import kmos.kernel.mm.PageTable;
import kmos.kernel.task.Task;
import kmos.machine.VirtualClock;
import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;
import kmos.system.ScreenText;
import kmos.system.StateText;
import kmos.system.SystemConfig;
import kmos.system.replay.DiskHistory;
import kmos.system.replay.Recording;
import kmos.system.replay.TimeTravel;
import org.teavm.interop.Export;

/** The machine's past as the page's timeline sees it: exported functions of numbers. */
final class WebPast {
    /** Results of {@link #pastWork}. */
    private static final int DONE = 0, MORE = 1, WAITS = 2;
    private static final int NO_PROCESS = -1;

    /** Between two checkpoints of the present at least this real time passes, and so many times what the last one took. */
    private static final long CHECKPOINT_NS = 150_000_000, CHECKPOINT_SHARE = 25;
    /** What ran since must be worth it; less is when the machine has come to rest and its host has nothing else to do. */
    private static final long BUSY_INSTRUCTIONS = 5_000_000, IDLE_INSTRUCTIONS = 200_000;

    private static boolean isWanted;
    private static boolean beginsLater;
    /** Real time in which the machine ran. */
    private static long ranNs;
    private static long checkpointedNs;
    private static long checkpointNs;
    /** Real time that all checkpoints of the present took so far. */
    private static long allCheckpointsNs;
    private static int limitMegabytes;
    private static TimeTravel travel;
    private static DiskHistory disk;
    private static KmosSystem system;
    private static SystemConfig config;
    private static final int PAGE_WORDS = 512;

    private record FirstPage(int number, int sectors, long[] words) { }

    private static Recording taken;
    private static int recordingStateBytes;
    private static List<FirstPage> firstPages;

    private WebPast() { }

    /** The next machine keeps its past, with checkpoints of at most so many MiB; later: only from {@link #pastRestart} on. */
    @Export(name = "chooseHistory")
    static void chooseHistory(int megabytes, int later) {
        isWanted = true;
        limitMegabytes = megabytes;
        beginsLater = later != 0;
    }

    /** The disk for a machine: with a past, if wanted. */
    static kmos.host.BlockBackend disk(BrowserDisk plain) {
        disk = !isWanted || plain == null ? null : new DiskHistory(plain, true);
        return disk == null ? plain : disk;
    }

    static void built(KmosSystem fresh, SystemConfig freshConfig) {
        system = fresh;
        config = freshConfig;
        travel = isWanted && !beginsLater ? new TimeTravel(fresh, disk, limitMegabytes << 20) : null;
    }

    /** The machine is another one now (it was loaded): its past begins here. */
    @Export(name = "pastRestart")
    static void pastRestart() {
        travel = TimeTravel.fromHere(system, disk, limitMegabytes << 20);
    }

    static TimeTravel travel() {
        return travel;
    }

    /** After each slice, with the real time that it took: a checkpoint at times, so that the way back to a place takes about so long again, and that all of them take little of the host's time. */
    static void afterSlice(long tookNs) {
        ranNs += tookNs;
        if (travel == null) {
            return;
        }
        long begin = System.nanoTime();
        boolean isIdle = system.outside().isIdle();
        if (begin - checkpointedNs >= Math.max(CHECKPOINT_NS, CHECKPOINT_SHARE * checkpointNs) && travel.checkpoint(isIdle ? IDLE_INSTRUCTIONS : BUSY_INSTRUCTIONS, ranNs)) {
            checkpointedNs = System.nanoTime();
            checkpointNs = checkpointedNs - begin;
            allCheckpointsNs += checkpointNs;
        }
    }

    /** Guest time for the page: exact, with the fraction of a nanosecond. */
    static double ns(long cycle) {
        return (double) cycle / VirtualClock.CYCLES_PER_NS;
    }

    private static long cycle(double ns) {
        return (long) (ns * VirtualClock.CYCLES_PER_NS);
    }

    /** Earliest guest time that can be seen. */
    @Export(name = "pastFirstNs")
    static double pastFirstNs() {
        return travel == null ? -1 : ns(travel.firstCycles());
    }

    @Export(name = "pastPresentNs")
    static double pastPresentNs() {
        return ns(travel.presentCycles());
    }

    /** Leaves the present. 0: not now, the machine waits for its host. */
    @Export(name = "pastEnter")
    static int pastEnter() {
        return travel.enterPast() ? 1 : 0;
    }

    /** Nothing of what is sent on the way is shown: {@link #pastPaint}. */
    @Export(name = "pastSeek")
    static void pastSeek(double ns) {
        system.muteSerial(true);
        travel.seek(cycle(ns));
    }

    /** As pastSeek, forward, and what is sent is shown. */
    @Export(name = "pastPlay")
    static void pastPlay(double ns) {
        system.muteSerial(false);
        travel.play(cycle(ns));
    }

    /** kind: 1 instruction, 2 system call, 3 context switch, 4 the last time that this same instruction was about to run. */
    @Export(name = "pastBack")
    static void pastBack(int kind) {
        system.muteSerial(true);
        if (kind == 4) {
            travel.searchBreakpoint(system.cpu().instructionPointer());
        } else {
            travel.searchBack(kind);
        }
    }

    /** To where the instruction at a linear address of a process (0: of the one that ran last) was about to run. -1: there is no such process. */
    @Export(name = "pastBreakpoint")
    static int pastBreakpoint(double address, int pid) {
        system.muteSerial(true);
        PageTable pages = pages(pid);
        if (pid != 0 && pages == null) {
            return NO_PROCESS;
        }
        travel.searchBreakpoint((long) address, pages == null ? system.cpu().cr3() : pages.root());
        return 1;
    }

    /**
     * To just before what last wrote the byte at a linear address of a process (0: of the one that ran last). 0: nothing is mapped there; -1: there is no
     * such process; then nothing happens.
     */
    @Export(name = "pastWriter")
    static int pastWriter(double address, int pid) {
        system.muteSerial(true);
        if (pid == 0) {
            return travel.searchWrite((long) address, 1) ? 1 : 0;
        }
        PageTable pages = pages(pid);
        if (pages == null) {
            return NO_PROCESS;
        }
        long entry = pages.get((long) address);
        if ((entry & PageTable.PRESENT) == 0) {
            return 0;
        }
        travel.searchWriteOf((int) (entry & PageTable.FRAME) + ((int) address & 0xFFF), 1);
        return 1;
    }

    private static PageTable pages(int pid) {
        Task task = system.kernel().pids().task(pid);
        return task == null || task.space() == null ? null : task.space().pageTable();
    }

    @Export(name = "pastFound")
    static int pastFound() {
        return travel.wasFound() ? 1 : 0;
    }

    /** A piece of the way: 0 arrived, 1 call again, 2 waits for the host, -4 after {@link Host#failed}. */
    @Export(name = "pastWork")
    static int pastWork(double cycles) {
        try {
            boolean isMore = travel.work((long) cycles);
            WebMachine.flushOutput();
            return !isMore ? DONE : system.machine().isWaitingForHost() ? WAITS : MORE;
        } catch (RuntimeException | Error problem) {
            WebMachine.fail(problem);
            return -4;
        }
    }

    /** The serial console's screen, as text for a terminal, in the transfer buffer; returns its length. */
    @Export(name = "pastPaint")
    static int pastPaint() {
        return WebMachine.text(ScreenText.paint(system.serialScreen()));
    }

    @Export(name = "pastColumns")
    static int pastColumns() {
        return system.serialScreen().screen().columns();
    }

    @Export(name = "pastRows")
    static int pastRows() {
        return system.serialScreen().screen().rows();
    }

    /** What the processor is about to do, and where: a line for people in the transfer buffer; returns its length. */
    @Export(name = "pastPlace")
    static int pastPlace() {
        var task = system.kernel().current();
        return WebMachine.text((task == null ? "idle" : task.name() + " (" + task.tid() + ")") + ", rip " + Long.toHexString(system.cpu().instructionPointer()));
    }

    /** Tasks and registers for people, in the transfer buffer; returns the text's length. */
    @Export(name = "pastState")
    static int pastState() {
        return WebMachine.text(StateText.kernel(system) + '\n' + StateText.processor(system));
    }

    @Export(name = "pastReturn")
    static void pastReturn() {
        system.muteSerial(true);
        travel.returnToPresent();
        system.muteSerial(false);
    }

    /** Goes on from here; the disk was put back before. */
    @Export(name = "pastBranch")
    static void pastBranch() {
        system.muteSerial(false);
        WebSnapshots.forgetRecipe();
        if (disk == null) {
            travel.branch();
        } else {
            travel.branch(WebMachine.transferBuffer());
        }
    }

    /** Hash of the state as text in the transfer buffer, for tests; returns its length. */
    @Export(name = "pastHash")
    static int pastHash() {
        return WebMachine.text(Long.toHexString(system.stateHash()));
    }

    /** Bytes that the checkpoints take, and how many there are. */
    @Export(name = "pastBytes")
    static double pastBytes() {
        return travel.checkpointBytes();
    }

    @Export(name = "pastCheckpoints")
    static int pastCheckpoints() {
        return travel.checkpoints();
    }

    /** Real time that they took. */
    @Export(name = "pastCheckpointMs")
    static double pastCheckpointMs() {
        return allCheckpointsNs / 1e6;
    }

    // Recordings

    /**
     * Takes what the log holds up to now as a recording; count: length of the disk image's name in the transfer buffer. 0: the machine waits for its
     * disk, try again; 1: it begins at boot, {@link #recordingFinish} makes the file; 2: it begins at the earliest checkpoint, whose state is to be got
     * ({@link WebSnapshots#get}, {@link #recordingStateBytes}), and its disk ({@link #recordingDisk}).
     */
    @Export(name = "recordingTake")
    static int recordingTake(int count) {
        byte[] name = new byte[count];
        Memory.read(WebMachine.transferBuffer(), name, 0, count);
        byte[] state = null;
        if (!travel.reachesBoot()) {
            system.muteSerial(true);
            state = travel.firstState();
            system.muteSerial(travel.isInPast());
            if (state == null) {
                return 0;
            }
        } else if (!travel.isInPast() && system.outside().settle()) {
            system.outside().note(new OutsideEvent(OutsideEvent.END, 0, 0));
        }
        taken = Recording.of(config, new String(name, StandardCharsets.ISO_8859_1), null, travel.log());
        firstPages = new ArrayList<>();
        if (state == null) {
            return 1;
        }
        recordingStateBytes = WebSnapshots.give(state);
        travel.firstDisk((number, sectors, words) -> firstPages.add(new FirstPage(number, sectors, words)));
        return 2;
    }

    @Export(name = "recordingStateBytes")
    static int recordingStateBytes() {
        return recordingStateBytes;
    }

    /**
     * A page of 4 KiB that had been written in part or whole at the recording's start, into the transfer buffer; behind it a byte, the mask of the
     * sectors that count. Returns its number, -1 when there are no more.
     */
    @Export(name = "recordingDisk")
    static int recordingDisk() {
        if (firstPages.isEmpty()) {
            return -1;
        }
        FirstPage page = firstPages.remove(firstPages.size() - 1);
        int to = WebMachine.transferBuffer();
        for (int i = 0; i < PAGE_WORDS; i++) {
            Memory.put64(to + i * 8, page.words[i]);
        }
        Memory.put8(to + PAGE_WORDS * 8, page.sectors);
        return page.number;
    }

    /** Makes the file of what was taken; startBytes: of a snapshot that was put, at which it begins, or 0. Returns its length. */
    @Export(name = "recordingFinish")
    static int recordingFinish(int startBytes) {
        Recording whole = startBytes == 0 ? taken : taken.from(WebSnapshots.incoming());
        taken = null;
        return WebSnapshots.give(whole.toBytes());
    }
}
