// SPDX-License-Identifier: Apache-2.0
package kmos.system;

import java.nio.charset.StandardCharsets;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Hash64;
import kmos.base.MemoryArena;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.StateFile;
import kmos.base.StateHasher;
import kmos.base.StateReader;
import kmos.base.StateTypes;
import kmos.base.StateWriter;
import kmos.base.Stateful;
import kmos.base.TimerQueue;
import kmos.cpu.Cpu;
import kmos.cpu.Cpuid;
import kmos.cpu.jit.CompileBudget;
import kmos.device.PcMachine;
import kmos.fs.ext.ExtType;
import kmos.host.BlockBackend;
import kmos.host.ByteSink;
import kmos.kernel.Boot;
import kmos.kernel.Kernel;
import kmos.kernel.KernelState;
import kmos.kernel.KernelStateTypes;
import kmos.kernel.driver.Drivers;
import kmos.kernel.tty.VirtualConsole;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;
import kmos.system.profile.Profiler;

/** A booted machine: configuration and host on one side, board, processor, kernel and drivers on the other. */
public final class KmosSystem implements Stateful {
    private static final long SAMPLE_NS = 100_000_000;

    private final MemoryArena arena;
    private final int flagsAddress;
    private final Machine machine;
    private final Cpu cpu;
    private final PcMachine board;
    private final Kernel kernel;
    private final Drivers drivers;
    /** What a terminal on ttyS0 shows: whoever looks in later is painted from it. */
    private final VirtualConsole serialScreen = VirtualConsole.ofTerminal(80, 24);
    private final byte[] oneByte = new byte[1];
    private final ByteSink serial;
    /** Derived: the host does not want what is sent now. */
    private boolean isSerialMuted;
    private final OutsideEvents outside;
    private final MemoryHash memoryHash;
    private boolean isStarted;
    /** Derived: for going back. */
    private long lastRanCycles;
    /** Looks on; not part of the machine. */
    private Profiler profiler;
    /** The host's time of the last sample: not part of the machine. */
    private long lastSampleNs;

    /** Takes its memory from the arena. disk: null for none. serial: what the guest sends on ttyS0. */
    public KmosSystem(MemoryArena arena, SystemConfig config, BlockBackend disk, ByteSink serial) {
        this.arena = arena;
        this.serial = serial;
        int size = config.memoryMegabytes << 20;
        flagsAddress = arena.allocate(size >> PhysicalMemory.FRAME_SHIFT);
        machine = new Machine(new VirtualClock(), new PhysicalMemory(arena.allocate(size), size, flagsAddress));
        cpu = new Cpu(machine, arena, config.codeCacheBytes, config.cpuModel);
        machine.setCpu(cpu);
        if (config.jit != null) {
            cpu.enableJit(config.jit.apply(cpu.base()), arena, config.jitThreshold);
            if (config.boundsCompiler) {
                cpu.boundCompiler(new CompileBudget());
            }
        }
        board = PcMachine.build(machine, arena, disk, this::putSerial, config.kernel.startEpochSeconds);
        config.kernel.cpuInfo = CpuInfo.text(config.cpuModel);
        config.kernel.hardwareCapabilities = Cpuid.EDX_1;
        config.kernel.hardwareCapabilities2 = Cpuid.hardwareCapabilities2(config.cpuModel);
        kernel = new Kernel(machine, config.kernel);
        drivers = new Drivers(kernel, config.font);
        if (config.showsKernelLog) {
            kernel.log().setSink(drivers::print);
        }
        kernel.vfs().fileSystemTypes().add(new ExtType());
        Boot.prepare(kernel);
        drivers.start();
        outside = new OutsideEvents(this);
        memoryHash = new MemoryHash(machine.memory());
    }

    /** Gives the machine's linear memory back. */
    public void close() {
        cpu.close();
        if (cpu.jit() != null) {
            arena.free(cpu.jit().area());
        }
        arena.free(cpu.base());
        arena.free(machine.memory().linear(0));
        arena.free(flagsAddress);
        board.close(arena);
    }

    public Machine machine() {
        return machine;
    }

    public Cpu cpu() {
        return cpu;
    }

    public PcMachine board() {
        return board;
    }

    public Kernel kernel() {
        return kernel;
    }

    public Drivers drivers() {
        return drivers;
    }

    private void putSerial(int value) {
        oneByte[0] = (byte) value;
        serialScreen.write(oneByte, 0, 1);
        if (!isSerialMuted) {
            serial.put(value);
        }
    }

    /** While muted the host gets nothing of what is sent on ttyS0 (a machine on its way to another time). */
    public void muteSerial(boolean isMuted) {
        isSerialMuted = isMuted;
    }

    /** The screen of a terminal on ttyS0. */
    public VirtualConsole serialScreen() {
        return serialScreen;
    }

    /** Where everything that comes from outside enters. */
    public OutsideEvents outside() {
        return outside;
    }

    /**
     * Runs for at most so many cycles. Returns the guest time (ns) at which there is something to do again: not later
     * than now to be called again at once, {@link TimerQueue#NEVER} when only an outside event can help.
     */
    public long runSlice(long cycles) {
        long before = machine.clock().cycles();
        cpu.beginSlice();
        long next = profiler == null ? slice(cycles) : sampledSlice(cycles);
        cpu.endSlice(next > machine.clock().nowNs());
        if (machine.clock().cycles() != before) {
            lastRanCycles = machine.clock().cycles();
        }
        outside.ran(next);
        return next;
    }

    /** Where the last work ended: since then guest time stood, or went on without work. 0: not known. */
    public long lastRanCycles() {
        return lastRanCycles;
    }

    /** For who puts the machine to another time and knows. */
    public void setLastRanCycles(long cycles) {
        lastRanCycles = cycles;
    }

    /** A slice in pieces that end where a sample is due. */
    private long sampledSlice(long cycles) {
        long end = machine.clock().cycles() + cycles;
        for (;;) {
            long next = slice(Math.min(end - machine.clock().cycles(), profiler.due()));
            profiler.ran();
            boolean goesOn = isRunning() && !machine.isWaitingForHost() && next <= machine.clock().nowNs();
            if (!goesOn || machine.clock().cycles() >= end) {
                return next;
            }
        }
    }

    /** Samples programs from now on; null: nobody does. The guest cannot see it. */
    public void setProfiler(Profiler who) {
        profiler = who;
    }

    /** The profiler, or null. */
    public Profiler profiler() {
        return profiler;
    }

    private long slice(long cycles) {
        if (!isStarted && !start()) {
            long next = kernel.runSlice(cycles);
            // The sector may have come just now, and then nobody else would wake us.
            return start() ? machine.clock().nowNs() : next;
        }
        return kernel.runSlice(cycles);
    }

    /** The first task, once the partitions are known. False while their sector is on its way. */
    private boolean start() {
        try {
            drivers.scanPartitions();
        } catch (NotReady sector) {
            return false;
        } catch (ErrnoException unreadable) {
            kernel.printk(3, " hda: unable to read partition table (" + Errno.name(unreadable.errno()) + ")");
        }
        Boot.start(kernel);
        isStarted = true;
        return true;
    }

    /** Nothing to do until ns: guest time goes there, not beyond what the last slice answered. */
    public void idleTo(long ns) {
        outside.idleTo(ns);
    }

    /**
     * The guest is busy and slower than the host's time: its clock follows, ten times a second at most, so that timers and
     * other programs see time pass. Not for scripted sessions: the samples come from the host.
     */
    public void catchUp(long realNs) {
        if (realNs - lastSampleNs < SAMPLE_NS || !outside.settle()) {
            return;
        }
        lastSampleNs = realNs;
        long steps = realNs - machine.clock().nowNs() >> OutsideEvent.SAMPLE_SHIFT;
        if (steps > 0) {
            outside.put(new OutsideEvent(OutsideEvent.SAMPLE, steps, 0));
        }
    }

    public boolean isRunning() {
        return kernel.state() == KernelState.RUNNING;
    }

    /** A byte typed on the serial line; ask {@link #serialRoom} before. */
    public void typeSerial(int value) {
        typeSerial(new byte[] {(byte) value});
    }

    /** Typed on the serial line, not more than {@link #serialRoom}. */
    public void typeSerial(byte[] bytes) {
        outside.put(new OutsideEvent(OutsideEvent.TYPED, 0, 0, bytes));
    }

    /** How many bytes may be typed now. */
    public int serialRoom() {
        return outside.settle() ? board.uart().receiveRoom() : 0;
    }

    /** A key of the PC keyboard: {@link kmos.device.input.Ps2Controller#key}. */
    public void key(int code, boolean isDown) {
        outside.put(new OutsideEvent(OutsideEvent.KEY, code, isDown ? 1 : 0));
    }

    /** The host's window of a terminal line changed (a serial line cannot say so itself). Unknown lines are ignored. */
    public void resize(String line, int columns, int rows) {
        outside.put(new OutsideEvent(OutsideEvent.RESIZE, columns, rows, line.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** From here on the machine is its user's: entropy of his host, and his clock (ns since 1970). */
    public void becomeOwn(long entropy, long realTimeNs) {
        outside.put(new OutsideEvent(OutsideEvent.ENTROPY, entropy, 0));
        outside.put(new OutsideEvent(OutsideEvent.CLOCK, realTimeNs, 0));
    }

    // State

    private StateTypes stateTypes() {
        StateTypes types = new StateTypes(machine.memory().linear(0));
        types.fixed(kernel);
        board.registerState(types);
        drivers.registerState(types);
        KernelStateTypes.register(types, kernel);
        return types;
    }

    /** Objects that a saved state refers to and that are here before it is loaded. */
    public int fixedObjects() {
        return stateTypes().fixedCount();
    }

    /** The state of all objects and of RAM between two slices: what {@link #save} puts into a file. */
    public byte[] saveState() {
        return StateWriter.save(stateTypes(), this);
    }

    /** As {@link #load}, for what saveState gave in the same build. */
    public void loadState(byte[] state) {
        StateReader.load(stateTypes(), this, state);
        loaded();
    }

    /** The build that this is: states go on only in the same one. */
    public static String build() {
        return BuildIdentity.DIGEST;
    }

    /** The whole machine between two slices, as bytes: {@link StateFile}. */
    public byte[] save() {
        return StateFile.wrap(saveState(), BuildIdentity.DIGEST);
    }

    /** The machine without the content of RAM and video memory, for who keeps that himself. */
    public byte[] saveWithoutMemory() {
        return StateWriter.save(typesWithoutMemory(), this);
    }

    /**
     * The counterpart, also into a machine that ran on. RAM and video memory have their content already, written through
     * {@link PhysicalMemory}, so that nothing derived from it is stale.
     */
    public void loadWithoutMemory(byte[] saved) {
        StateReader.load(typesWithoutMemory(), this, saved);
        loaded();
    }

    private StateTypes typesWithoutMemory() {
        return stateTypes().without(machine.memory().linear(0)).without(board.display().memoryAddress());
    }

    private void loaded() {
        kernel.rebuild();
        outside.loaded();
        lastSampleNs = machine.clock().nowNs();
        lastRanCycles = 0;
        if (profiler != null) {
            profiler.clear();
        }
    }

    /** Hash of the whole state; equal for equal states on every host. Costs what changed since the last call. */
    public long stateHash() {
        return Hash64.mix(memoryHash.hash(), StateHasher.hash(stateTypes().without(machine.memory().linear(0)), this));
    }

    /** The same from scratch, for tests of the marks. */
    public long fullStateHash() {
        return Hash64.mix(memoryHash.full(), StateHasher.hash(stateTypes().without(machine.memory().linear(0)), this));
    }

    /**
     * Makes this freshly built system (same configuration) go on where the saved one stood. StateFormatException, with the
     * reason for the user: another build's, truncated, damaged. Then this system must not be used any more.
     */
    public void load(byte[] saved) {
        loadState(StateFile.unwrap(saved, BuildIdentity.DIGEST));
    }

    @Override
    public void state(StateFields s) {
        isStarted = s.bool("isStarted", isStarted);
        s.struct("kernel", kernel); // and the board with it
        s.struct("drivers", drivers);
        s.struct("serialScreen", serialScreen);
    }
}
