// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.ArrayList;
import java.util.List;
import kmos.cpu.Mmu;
import kmos.machine.VirtualClock;
import kmos.system.KmosSystem;
import kmos.system.OutsideEvent;

/**
 * Goes back in a machine's past. In the present it takes a checkpoint from time to time. In the past the same machine is put to
 * a checkpoint and runs forward, through the logged events, to where it is wanted; on the way checkpoints are planted, closer and
 * closer to the goal, so that the next step back is near one. From any place it can go on as a new branch.
 *
 * <p>All work in the past is done by {@link #work} in pieces, because the disk may have to be waited for.
 */
public final class TimeTravel {
    /** What to go back to: the instruction before; just before the last system call, or the last switch to another task. */
    public static final int INSTRUCTION = 1, SYSTEM_CALL = 2, CONTEXT_SWITCH = 3;
    private static final int BREAKPOINT = 4;

    private static final long CHECKPOINT_INSTRUCTIONS = 40_000_000, CHECKPOINT_CYCLES = 5 * VirtualClock.CYCLES_PER_SECOND, FEWEST_INSTRUCTIONS = 100_000;
    /** Distances from a goal at which checkpoints are planted, cycles. */
    private static final long[] PLANTS = {4_000_000, 500_000, 40_000, 1_000};
    /** Work of so many calls between two checkpoints on a long way, so that the next one to a place near it is short. */
    private static final int SPREAD_CALLS = 32;
    private static final int DENSE = 24, STEPS_AT_ONCE = 1000, STRIDES = 1024;
    private static final long FIRST_WINDOW = 1024;

    private final KmosSystem system;
    private final DiskHistory disk;
    private final EventLog log;
    private final CheckpointRing ring;
    private final MemoryHistory memory;
    private final List<Checkpoint> dense = new ArrayList<>();
    private final LastPlaces lastPlaces = new LastPlaces();
    /** The present, while in the past. */
    private Checkpoint tip;
    private EventLog.Cursor cursor;
    private Replayer replayer;

    private long effortNs;

    private long goal;
    private int plant;
    /** Calls of {@link #work} whose whole share of guest time was run since the last checkpoint or restore. */
    private double calls;
    private boolean isMoving;
    /** What is searched for, 0: nothing; where from; how far back it was looked; what was found last, -1: nothing. */
    private int search;
    private long searchFrom;
    private long window;
    private long passEnd;
    private boolean isPass;
    private long found;
    private boolean wasFound;
    private long stride;
    private long lastPlace;
    private boolean isRefining;
    private long breakpoint;
    private long breakpointCr3;
    private WriteSearch writeSearch;

    /** Whether the first checkpoint can be the boot. */
    private final boolean beginsAtBoot;

    /** The past of a system that has been loaded begins here: the same as the constructor otherwise. */
    public static TimeTravel fromHere(KmosSystem system, DiskHistory disk, long limitBytes) {
        return new TimeTravel(system, disk, limitBytes, false);
    }

    /** The system has not run yet. disk: what it was built with, or null. limitBytes: bound of all checkpoints. */
    public TimeTravel(KmosSystem system, DiskHistory disk, long limitBytes) {
        this(system, disk, limitBytes, true);
    }

    private TimeTravel(KmosSystem system, DiskHistory disk, long limitBytes, boolean beginsAtBoot) {
        this.beginsAtBoot = beginsAtBoot;
        this.system = system;
        this.disk = disk;
        log = new EventLog(now());
        ring = new CheckpointRing(log, limitBytes);
        memory = new MemoryHistory(system);
        system.outside().setListener(log);
        system.kernel().setProbe(lastPlaces);
        ring.add(checkpoint(new EventLog.Position(log.first(), 0, now())));
    }

    long now() {
        return system.machine().clock().cycles();
    }

    private Checkpoint checkpoint(EventLog.Position position) {
        memory.capture();
        Checkpoint before = ring.last();
        return new Checkpoint(now(), system.cpu().instructionCount(), effortNs, system.lastRanCycles(), lastPlaces.copy(), position, memory.ram(), memory.video(),
            disk == null ? PageImage.empty(0) : disk.capture(), system.saveWithoutMemory(), before);
    }

    // In the present

    /** Call after each slice: takes a checkpoint when one is due by what the guest did. Returns whether it did. */
    public boolean afterSlice() {
        Checkpoint last = ring.last();
        return checkpoint(now() - last.cycles >= CHECKPOINT_CYCLES ? FEWEST_INSTRUCTIONS : CHECKPOINT_INSTRUCTIONS, system.cpu().instructionCount());
    }

    /**
     * For a host that has a clock and decides itself: call between slices. Takes a checkpoint unless fewer instructions ran since the last one;
     * returns whether it did. ranNs: real time in which the machine ran so far, which decides what checkpoints stay: compiled code runs twenty
     * times as many instructions in it as code that is new.
     */
    public boolean checkpoint(long fewestInstructions, long ranNs) {
        if (system.cpu().instructionCount() - ring.last().instructions < fewestInstructions || !system.outside().isBoundary()) {
            return false;
        }
        effortNs = ranNs;
        ring.add(checkpoint(new EventLog.Position(log.begin(now()), 0, now())));
        return true;
    }

    public EventLog log() {
        return log;
    }

    public int checkpoints() {
        return ring.size();
    }

    /** Memory that the checkpoints take. */
    public long checkpointBytes() {
        return ring.bytes();
    }

    /** The earliest guest time that can be seen. */
    public long firstCycles() {
        return ring.first().cycles;
    }

    /** Whether the first checkpoint is the boot. */
    public boolean reachesBoot() {
        return beginsAtBoot && ring.first().instructions == 0;
    }

    /**
     * The whole machine at the earliest time that is kept, for who makes a recording from there. Null while the machine waits for its host: try again.
     * The present stays as it is; in the past {@link #work} has to bring the machine back to where it was.
     */
    public byte[] firstState() {
        boolean wasInPast = isInPast();
        long was = now();
        if (!enterPast()) {
            return null;
        }
        restore(ring.first());
        byte[] state = system.saveState();
        if (wasInPast) {
            seek(was);
        } else {
            returnToPresent();
        }
        return state;
    }

    /** What had been written to the disk until that earliest time, since history began. */
    public void firstDisk(DiskHistory.Written to) {
        DiskHistory.tell(ring.first().disk, to);
    }

    // Into the past and back

    public boolean isInPast() {
        return tip != null;
    }

    /** Guest time of the present. */
    public long presentCycles() {
        return isInPast() ? tip.cycles : now();
    }

    /** Leaves the present, which stays where it is. False while the machine waits for its host: try again. */
    public boolean enterPast() {
        if (isInPast()) {
            return true;
        }
        if (!system.outside().settle()) {
            return false;
        }
        system.outside().note(new OutsideEvent(OutsideEvent.END, 0, 0));
        tip = checkpoint(log.end());
        system.outside().setListener((cycles, place, event) -> { });
        system.outside().setFailures(Replayer.failures(log.cursor(log.first())));
        if (disk != null) {
            disk.setPast(true);
        }
        cursor = log.cursor(tip.position);
        replayer = new Replayer(system, cursor, false);
        goal = tip.cycles;
        return true;
    }

    /** Back to the present, as it was left. */
    public void returnToPresent() {
        restore(tip);
        leavePast();
    }

    /** This place becomes the present; what came after it is forgotten. */
    public void branch() {
        cursor.cut();
        ring.dropAfter(now());
        leavePast();
    }

    /** The same for a disk that keeps what is written: it has been put back to where history began. buffer: a page of scratch memory. */
    public void branch(int buffer) {
        branch();
        disk.writeThrough(buffer);
    }

    private void leavePast() {
        tip = null;
        cursor = null;
        replayer = null;
        isMoving = false;
        search = 0;
        dense.clear();
        writeSearch = null;
        system.machine().memory().watch(0, 0);
        system.cpu().endProbe();
        system.outside().setFailures(null);
        system.outside().setListener(log);
        if (disk != null) {
            disk.setPast(false);
        }
    }

    private void restore(Checkpoint c) {
        calls = 0;
        memory.restore(c.ram, c.video);
        if (disk != null) {
            disk.restore(c.disk);
        }
        system.loadWithoutMemory(c.state());
        system.setLastRanCycles(c.lastRanCycles);
        lastPlaces.set(c.lastPlaces);
        cursor = log.cursor(c.position);
        replayer = new Replayer(system, cursor, false);
    }

    // Moving in the past

    boolean isMoving() {
        return isMoving;
    }

    Replayer replayer() {
        return replayer;
    }

    /** Goes to the first place at or after a guest time. */
    public void seek(long cycles) {
        cancel();
        moveTo(cycles);
    }

    /** What was under way is given up where the machine is now. */
    private void cancel() {
        endProbe();
        writeSearch = null;
        system.machine().memory().watch(0, 0);
        search = 0;
        isPass = false;
        isRefining = false;
        found = -1;
    }

    /** Runs on from here to a guest time, without stops for checkpoints. */
    public void play(long cycles) {
        cancel();
        goal = Math.max(now(), Math.min(cycles, tip.cycles));
        plant = PLANTS.length;
        isMoving = true;
    }

    /** Goes back to the last place of a kind before this one; stays when there is none. */
    public void searchBack(int kind) {
        cancel();
        if (kind != INSTRUCTION) {
            long last = kind == SYSTEM_CALL ? lastPlaces.systemCallBefore(now()) : lastPlaces.contextSwitchBefore(now());
            wasFound = last >= firstCycles();
            if (wasFound) {
                moveTo(last);
            }
            return;
        }
        wasFound = false;
        search = INSTRUCTION;
        // What was idle, or jumped over, has no instructions.
        searchFrom = system.lastRanCycles() > 0 ? Math.min(now(), system.lastRanCycles()) : now();
        window = FIRST_WINDOW;
        stride = 1;
        moveTo(searchFrom - window);
    }

    /** Goes back to where the instruction at a linear address of the present address space was last about to run. */
    public void searchBreakpoint(long linear) {
        searchBreakpoint(linear, system.cpu().cr3());
    }

    /** The same in the address space whose page tables begin at cr3. */
    public void searchBreakpoint(long linear, long cr3) {
        breakpoint = linear;
        breakpointCr3 = cr3;
        cancel();
        wasFound = false;
        search = BREAKPOINT;
        searchFrom = now();
        passEnd = searchFrom;
        beginPass();
    }

    /**
     * Goes back to just before the instruction, or the step of the kernel, that last wrote one of count (at most 8) bytes at a linear
     * address of the present address space. False when nothing is mapped there now, or they are not in one page.
     */
    public boolean searchWrite(long linear, int count) {
        int host = Mmu.probeData(system.cpu().base(), linear);
        if (host == 0 || (linear & 0xFFF) + count > 0x1000) {
            return false;
        }
        searchWriteOf(host - system.machine().memory().linear(0), count);
        return true;
    }

    /** The same for bytes of RAM in one page. */
    public void searchWriteOf(int physical, int count) {
        cancel();
        writeSearch = new WriteSearch(this, system, physical, count);
    }

    /** Whether the last search ended at a place of its kind. */
    public boolean wasFound() {
        return wasFound;
    }

    void moveTo(long cycles) {
        goal = Math.max(firstCycles(), Math.min(cycles, tip.cycles));
        Checkpoint from = before(goal);
        if (now() > goal || from.cycles > now() || !system.outside().isBoundary()) {
            restore(from);
        }
        plant = 0;
        skipPlants();
        isMoving = true;
    }

    /** The newest checkpoint not after a guest time. */
    Checkpoint before(long cycles) {
        // One that was taken at that very time may stand behind the first place of that time.
        Checkpoint best = tip.cycles <= cycles ? tip : ring.before(Math.max(cycles - 1, firstCycles()));
        for (Checkpoint c : dense) {
            if (c.cycles <= cycles && (best == null || c.cycles > best.cycles)) {
                best = c;
            }
        }
        return best;
    }

    /** One piece of work, of at most cycles of guest time. False when the place is reached. */
    public boolean work(long cycles) {
        if (writeSearch != null) {
            if (!writeSearch.work(cycles)) {
                wasFound = writeSearch.wasFound();
                writeSearch = null;
            }
            return writeSearch != null;
        }
        if (isMoving) {
            move(cycles);
        } else if (search == INSTRUCTION) {
            stepSingly();
        } else if (search != 0) {
            pass(cycles);
        }
        return isMoving || search != 0;
    }

    /** All of it. The disk answers at once. */
    public void finish() {
        while (work(1_000_000)) {
            if (system.machine().isWaitingForHost()) {
                throw new IllegalStateException("the disk does not answer within the call");
            }
        }
    }

    void move(long cycles) {
        long limit = plant < PLANTS.length ? goal - PLANTS[plant] : goal;
        if (stepOn(cycles, limit)) {
            return;
        }
        if (plant < PLANTS.length && now() < goal) {
            plantHere();
            return;
        }
        isMoving = false;
        if (search == INSTRUCTION && found < 0 && now() >= searchFrom && goal > firstCycles()) {
            widen();
        } else if (!isRefining && (found >= 0 || isPass)) {
            search = 0;
            isPass = false;
        }
    }

    /** A step of the replay; where the way is long, checkpoints are left along it. */
    private boolean stepOn(long cycles, long limit) {
        long before = system.cpu().instructionCount();
        boolean goesOn = replayer.step(cycles, limit);
        calls += (double) (system.cpu().instructionCount() - before) / cycles;
        if (goesOn && calls >= SPREAD_CALLS && system.outside().isBoundary()) {
            plantCheckpoint();
        }
        return goesOn;
    }

    private void plantCheckpoint() {
        calls = 0;
        dense.add(checkpoint(cursor.position()));
        if (dense.size() > DENSE) {
            dense.remove(0);
        }
    }

    /** A checkpoint here, and on to the next place for one that is still ahead. */
    private void plantHere() {
        if (system.outside().isBoundary()) {
            plantCheckpoint();
        }
        skipPlants();
    }

    private void skipPlants() {
        while (plant < PLANTS.length && now() >= goal - PLANTS[plant]) {
            plant++;
        }
    }

    // Searching

    private void widen() {
        window *= 32;
        stride = Math.max(1, window / STRIDES);
        moveTo(searchFrom - window);
    }

    /**
     * Steps to where the search began, remembering the place before each step in which something ran; then again from there in smaller steps, until
     * they are instructions.
     */
    private void stepSingly() {
        for (int i = 0; i < STEPS_AT_ONCE; i++) {
            long before = now();
            boolean isIdle = system.outside().isIdle();
            // An event at a place belongs to it: whoever goes there finds it applied, a sample's jump of time as well.
            boolean isEvent = replayer.isEventNext();
            if (system.outside().isBoundary() && !isEvent) {
                lastPlace = before;
            }
            if (before >= searchFrom || !replayer.step(stride, searchFrom)) {
                stepsEnded();
                return;
            }
            if (!isIdle && !isEvent && now() > before) {
                found = lastPlace;
            }
            if (system.machine().isWaitingForHost()) {
                return;
            }
        }
    }

    private void stepsEnded() {
        if (found >= 0 && stride > 1) {
            stride = Math.max(1, stride / STRIDES);
            isRefining = true;
            moveTo(found);
        } else if (found >= 0) {
            wasFound = true;
            isRefining = false;
            moveTo(found);
        } else if (searchFrom - window > firstCycles()) {
            widen();
        } else {
            search = 0;
        }
    }

    /** From the checkpoint before passEnd to there, noting where the breakpoint is reached. */
    private void beginPass() {
        Checkpoint from = before(passEnd - 1);
        if (from == null || from.cycles >= passEnd) {
            giveUp();
            return;
        }
        restore(from);
        isPass = true;
        goal = passEnd;
        system.cpu().probe(breakpoint, breakpointCr3);
        passEnd = from.cycles;
    }

    private void pass(long cycles) {
        if (!isPass || stepOn(cycles, goal)) {
            return;
        }
        endProbe();
        if (found >= 0) {
            wasFound = true;
            moveTo(found);
        } else if (passEnd > firstCycles()) {
            beginPass();
        } else {
            giveUp();
        }
    }

    private void endProbe() {
        if (search == BREAKPOINT) {
            found = system.cpu().probeHit();
            system.cpu().endProbe();
        }
    }

    private void giveUp() {
        endProbe();
        isPass = true;
        moveTo(searchFrom);
    }
}
