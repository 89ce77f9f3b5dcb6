// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import kmos.base.Log;
import kmos.base.MemoryArena;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.base.TimerQueue;
import kmos.cpu.CpuModel;
import kmos.kernel.KernelState;
import kmos.kernel.syscall.Strace;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.profile.ProfileReport;
import kmos.system.profile.Profiler;
import kmos.system.replay.Recorder;
import kmos.system.snapshot.MachineFacts;
import kmos.system.snapshot.Snapshot;
import kmos.system.snapshot.SnapshotCodec;
import kmos.system.snapshot.SnapshotException;
import picocli.CommandLine;

/** {@code ./kmos headless}: boots the system with this terminal as its console; with a command, runs only that. */
@CommandLine.Command(name = "headless", mixinStandardHelpOptions = true, description = "Boot kmOS on the JVM with this terminal as its serial console.")
public final class Headless implements Callable<Integer> {
    private static final int TIMED_OUT = 124;
    /** With nothing due for so long the guest has done what it was told. */
    private static final long QUIET_NS = 1_000_000_000;

    @CommandLine.Option(names = "--disk", description = "Disk image (default: the built one).")
    private Path disk;
    @CommandLine.Option(names = "--keep", description = "Write changes to the image file instead of forgetting them.")
    private boolean keeps;
    @CommandLine.Option(names = "--font", description = "PSF font: switches the display and tty1 on.")
    private Path font;
    @CommandLine.Option(names = "--memory", description = "Guest RAM in MiB (default ${DEFAULT-VALUE}).")
    private int memory = 256;
    @CommandLine.Option(names = "--cpu", description = "Processor model: v2, v3 (adds AVX2, BMI, FMA) or max (and AES, PCLMUL, SHA, ADX); default ${DEFAULT-VALUE}.")
    private String cpu = "v2";
    @CommandLine.Option(names = "--limit", description = "Stop after so many seconds of real time, with status 124.")
    private int limitSeconds;
    @CommandLine.Option(names = "--copy-in", description = "HOSTDIR:/DIR puts a host folder into the guest (may be repeated).")
    private List<String> copyIn = new ArrayList<>();
    @CommandLine.Option(names = "--strace", description = "Print every system call to standard error.")
    private boolean traces;
    @CommandLine.Option(names = "--log", paramLabel = "CATEGORIES", description = "Print what the kernel does to standard error; a comma-separated list of "
        + "exec, fs, ide, irq, mm, sched, signal, syscall, tty, or all.")
    private String log;
    @CommandLine.Option(names = "--deterministic", description = "Guest time never waits for real time; fixed start time and seed.")
    private boolean isDeterministic;
    @CommandLine.Option(names = "--jit", description = "Compile loops and functions entered so many times to WebAssembly, run by a runtime in Java (for testing the compiler: slow).")
    private int jitThreshold;
    @CommandLine.Option(names = "--save", paramLabel = "FILE", description = "Save the machine into a file when its input has ended and nothing runs any more, or at --limit; then stop.")
    private Path saveFile;
    @CommandLine.Option(names = "--restore", paramLabel = "FILE", description = "Go on where a saved machine stands, of --save or of the page.")
    private Path restoreFile;
    @CommandLine.Option(names = "--stats", description = "At the end, print instructions, guest time, speed and the state's hash to standard error.")
    private boolean printsStatistics;
    @CommandLine.Option(names = "--profile", paramLabel = "FILE", description = "Write at the end in which functions of which programs the guest's time went.")
    private Path profile;
    @CommandLine.Option(names = "--dump-regions", paramLabel = "DIR", description = "With --jit: write every region that is compiled into a file of its own, as x86, IR and WebAssembly text.")
    private Path regions;
    @CommandLine.Option(names = "--record", paramLabel = "FILE", description = "Record the run: everything that comes from outside, with its instruction count.")
    private Path record;
    @CommandLine.Option(names = "--hash-every", paramLabel = "N", description = "Put a hash of the state into the recording every N million cycles (default ${DEFAULT-VALUE}).")
    private long hashEvery = 100;
    @CommandLine.Option(names = "--replay", paramLabel = "FILE", description = "Run a recording again, as fast as it goes; machine and input are the recorded ones.")
    private Path replay;
    @CommandLine.Option(names = "--until", paramLabel = "N", description = "Stop the replay at this cycle (four are a nanosecond of guest time).")
    private long until = Long.MAX_VALUE;
    @CommandLine.Option(names = "--slice", paramLabel = "N", description = "Cycles of a slice: cannot be seen by the guest (default ${DEFAULT-VALUE}).")
    private long sliceCycles = 20_000_000;
    @CommandLine.Option(names = "--boot-log", description = "Show the kernel's log on the console, also with a command.")
    private boolean showsLog;
    @CommandLine.Parameters(arity = "0..*", description = "Program and arguments to run instead of init.")
    private List<String> command = new ArrayList<>();

    /** What --save needs to know about the machine. */
    private SystemConfig config;
    private FileDisk image;
    private SnapshotCodec.Base base;

    private final OutputStream out = new FileOutputStream(FileDescriptor.out);
    private final byte[] buffer = new byte[8192];
    private int buffered;
    /** While the run is recorded. */
    private Recorder recorder;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Headless()).setStopAtPositional(true).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        if (memory < 64 || memory > 1536) {
            System.err.println("headless: --memory is 64 to 1536 MiB");
            return 2;
        }
        if (record != null && (keeps || replay != null || restoreFile != null)) {
            System.err.println("headless: --record begins at boot with the image as it was: it goes with none of --keep, --restore, --replay");
            return 2;
        }
        if (regions != null && (jitThreshold == 0 || replay != null)) {
            System.err.println("headless: --dump-regions shows what --jit compiles");
            return 2;
        }
        Path opened = replay != null ? replay : restoreFile;
        if (opened != null && !Files.isReadable(opened)) {
            System.err.println("headless: " + opened + ": cannot be read");
            return 2;
        }
        if (replay != null) {
            return new ReplayCommand(replay, disk, font, until, sliceCycles, jitThreshold, printsStatistics).call();
        }
        config = new SystemConfig();
        config.memoryMegabytes = memory;
        config.cpuModel = CpuModel.of(cpu);
        if (config.cpuModel == null) {
            System.err.println("headless: --cpu is one of " + CpuModel.NAMES + ", not " + cpu);
            return 2;
        }
        if (!isDeterministic) {
            config.kernel.startEpochSeconds = System.currentTimeMillis() / 1000;
            config.kernel.seed = System.nanoTime();
        }
        if (font != null) {
            config.font = Files.readAllBytes(font);
        }
        List<CopyIn.Folder> folders = new ArrayList<>();
        for (String each : copyIn) {
            int colon = each.lastIndexOf(":/");
            Path host = colon < 0 ? null : Path.of(each.substring(0, colon));
            if (host == null || !Files.isDirectory(host)) {
                System.err.println("headless: --copy-in wants HOSTDIR:/DIR with an existing folder, not " + each);
                return 2;
            }
            folders.add(new CopyIn.Folder(host, each.substring(colon + 1)));
        }
        config.kernel.rootContent = folders.isEmpty() ? null : new CopyIn(folders);
        if (disk == null || !Files.isReadable(disk)) {
            System.err.println("headless: cannot read the disk image " + disk + " (./kmos build makes one)");
            return 2;
        }
        if (!command.isEmpty()) {
            config.kernel.init = command.toArray(new String[0]);
            config.kernel.isInitGiven = true;
            config.kernel.isCommand = true;
            config.kernel.isConsoleControlling = true;
            config.showsKernelLog = showsLog;
        }
        config.kernel.rootDevice = "hda1";
        if (jitThreshold > 0) {
            config.jit = cpu -> new ChicoryBackend(cpu, true);
            config.jitThreshold = jitThreshold;
        }
        if (keeps && (saveFile != null || restoreFile != null)) {
            System.err.println("headless: --keep changes the image, which snapshots build on: use it without --save and --restore");
            return 2;
        }
        try (FileDisk fileDisk = new FileDisk(disk, keeps); Terminal terminal = new Terminal()) {
            image = fileDisk;
            MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
            KmosSystem system;
            try {
                Snapshot saved = restoreFile == null ? null : Snapshot.of(Files.readAllBytes(restoreFile));
                if (saved != null) {
                    MachineFacts.apply(saved, config);
                    MachineFacts.checkKind(saved, config, SnapshotFiles.imageDigest(disk));
                }
                boolean isUsual = isDeterministic && command.isEmpty() && folders.isEmpty();
                base = saved != null && SnapshotCodec.hasBase(saved) || saveFile != null && isUsual ? SnapshotFiles.base(arena, config, disk) : null;
                system = new KmosSystem(arena, config, image, this::put);
                if (saved != null) {
                    buffered = 0; // what the building printed was printed long ago
                    SnapshotFiles.restore(saved, system, image, base);
                    if (!MachineFacts.isOfThisBuild(saved)) {
                        System.err.println("headless: " + restoreFile + " is of kmOS build " + MachineFacts.build(saved) + "; its machine is restored, and may go on differently here");
                    }
                }
            } catch (SnapshotException unfit) {
                System.err.println("headless: " + restoreFile + ": " + unfit.getMessage());
                return 1;
            }
            if (log != null) {
                Log trace = new Log(line -> System.err.printf("[%12.6f] %s\r\n", system.machine().clock().nowNs() / 1e9, line));
                String unknown = trace.enable(log);
                if (unknown != null) {
                    System.err.print((log.equals("help") ? "" : "headless: no log category " + unknown + "; there are\n") + Log.help());
                    return log.equals("help") ? 0 : 2;
                }
                system.kernel().setTrace(trace);
            }
            if (traces) {
                system.kernel().dispatcher().setStrace(new Strace(line -> System.err.print(line + "\r\n")));
            }
            RegionFiles files = regions == null ? null : RegionFiles.observe(system.cpu().jit(), regions);
            if (profile != null) {
                system.setProfiler(new Profiler(system.kernel(), system.cpu(), Profiler.PERIOD));
            }
            recorder = record == null ? null : new Recorder(system, config, hashEvery * 1_000_000);
            int status = run(system, terminal);
            if (profile != null) {
                Files.writeString(profile, ProfileReport.text(system.profiler()));
            }
            if (files != null) {
                System.err.println("headless: " + files.count() + " regions in " + regions);
            }
            if (record == null) {
                return status;
            }
            byte[] recording = recorder.finish(SnapshotFiles.imageDigest(disk)).toBytes();
            Files.write(record, recording);
            System.err.println("headless: " + recording.length + " bytes of recording in " + record);
            return status;
        } finally {
            flush();
        }
    }

    private void save(KmosSystem system) throws IOException {
        Snapshot snapshot = SnapshotFiles.save(system, config, image, SnapshotFiles.imageDigest(disk), base);
        SnapshotFiles.write(saveFile, snapshot);
    }

    private int run(KmosSystem system, Terminal terminal) throws IOException {
        long start = System.nanoTime();
        long guestStart = system.machine().clock().nowNs();
        int[] size = terminal.size();
        if (size != null) {
            system.resize("ttyS0", size[0], size[1]);
        }
        while (system.isRunning()) {
            if (limitSeconds > 0 && System.nanoTime() - start > limitSeconds * 1_000_000_000L) {
                statistics(system, start);
                if (saveFile != null) {
                    save(system);
                    return 0;
                }
                return TIMED_OUT;
            }
            byte[] typed = terminal.poll(system.serialRoom());
            if (typed.length > 0) {
                system.typeSerial(typed);
            }
            long next = system.runSlice(sliceCycles);
            flush();
            if (recorder != null) {
                recorder.afterSlice();
            }
            long now = system.machine().clock().nowNs();
            if (saveFile != null && terminal.isEnded() && next - now >= QUIET_NS) {
                statistics(system, start);
                save(system);
                return 0;
            }
            if (next > now) {
                idle(system, terminal, next, start, guestStart);
            } else if (!isDeterministic) {
                system.catchUp(guestStart + System.nanoTime() - start);
            }
        }
        statistics(system, start);
        if (system.kernel().state() == KernelState.PANICKED) {
            System.err.println("kernel panic: " + system.kernel().stateReason());
            return 125;
        }
        int status = system.kernel().commandStatus();
        return status < 0 ? 0 : (status & 0x7F) != 0 ? 128 + (status & 0x7F) : status >>> 8 & 0xFF;
    }

    /** Guest time follows real time while nothing runs; in deterministic mode, and with no more input to come, it jumps. */
    private void idle(KmosSystem system, Terminal terminal, long next, long start, long guestStart) {
        boolean jumps = isDeterministic || !command.isEmpty() && terminal.isEnded();
        if (jumps) {
            if (next != TimerQueue.NEVER) {
                system.idleTo(next);
            } else {
                terminal.await(50);
            }
            return;
        }
        long now = system.machine().clock().nowNs();
        long wanted = Math.min(next, Math.max(now, guestStart + System.nanoTime() - start));
        if (wanted > now) {
            system.idleTo(wanted);
        }
        if (wanted < next) {
            terminal.await(next == TimerQueue.NEVER ? 50 : Math.min(50, (next - wanted) / 1_000_000 + 1));
        }
    }

    private void statistics(KmosSystem system, long start) {
        if (printsStatistics) {
            double seconds = (System.nanoTime() - start) / 1e9;
            long instructions = system.cpu().instructionCount();
            System.err.printf("%d instructions, %d decoded, guest time %.3f s, real time %.3f s, %.0f MIPS; the state's hash is now %x%n", instructions, system.cpu().decodedCount(),
                system.machine().clock().nowNs() / 1e9, seconds, instructions / seconds / 1e6, system.stateHash());
        }
    }

    private void put(int value) {
        if (buffered == buffer.length) {
            flush();
        }
        buffer[buffered++] = (byte) value;
    }

    private void flush() {
        if (buffered > 0) {
            try {
                out.write(buffer, 0, buffered);
            } catch (IOException closed) {
                // The reader went away: as with SIGPIPE, the console's output is lost.
                buffered = 0;
            }
            buffered = 0;
        }
    }
}
