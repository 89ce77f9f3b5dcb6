// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import kmos.base.MemoryArena;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;
import kmos.system.replay.BadRecordingException;
import kmos.system.replay.DiskHistory;
import kmos.system.replay.Recording;
import kmos.system.replay.TraceDiff;
import picocli.CommandLine;

/** {@code ./kmos tracediff}: where two runs begin to differ. */
@CommandLine.Command(name = "tracediff", mixinStandardHelpOptions = true, description = "Find the first instruction in which two runs differ: two recordings, or one recording "
    + "run in two ways. Prints the fields that differ after it. Status 0: equal, 1: different.")
public final class TraceDiffCommand implements Callable<Integer> {
    @CommandLine.Option(names = "--disk", description = "Disk image (default: the built one).")
    private Path disk;
    @CommandLine.Option(names = "--font", description = "PSF font of the display, when the recorded machine had one (default: the one beside the image).")
    private Path font;
    @CommandLine.Option(names = "--jit", split = ",", paramLabel = "A,B", description = "Entries before code is compiled, 0 for the interpreter, of both runs (default 0,0).")
    private int[] jit = {0, 0};
    @CommandLine.Option(names = "--slice", split = ",", paramLabel = "A,B", description = "Cycles of a slice of both runs (default 20000000,777777).")
    private long[] slice = {20_000_000, 777_777};
    @CommandLine.Option(names = "--every", paramLabel = "N", description = "Compare every N million cycles before narrowing down (default ${DEFAULT-VALUE}).")
    private long every = 100;
    @CommandLine.Parameters(index = "0", paramLabel = "A", description = "A recording.")
    private Path first;
    @CommandLine.Parameters(index = "1", paramLabel = "B", arity = "0..1", description = "Another one; default: the same.")
    private Path second;

    public static void main(String[] args) {
        System.exit(new CommandLine(new TraceDiffCommand()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        if (jit.length != 2 || slice.length != 2 || every <= 0) {
            System.err.println("tracediff: --jit and --slice want two numbers, --every a positive one");
            return 2;
        }
        try (FileDisk diskA = new FileDisk(disk, false); FileDisk diskB = new FileDisk(disk, false)) {
            MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 1024) << 20);
            TraceDiff.Result result = new TraceDiff(side(arena, first, diskA, 0), side(arena, second == null ? first : second, diskB, 1)).find(every * 1_000_000);
            if (result.differences().isEmpty()) {
                System.out.println("equal to the end, " + result.equalTo() + " cycles");
                return 0;
            }
            System.out.println("equal up to " + result.equalTo() + " cycles: " + result.where());
            System.out.println("the next step differs (A / B):");
            for (String line : result.differences()) {
                System.out.println("  " + line);
            }
            return 1;
        } catch (BadRecordingException bad) {
            System.err.println("tracediff: " + bad.getMessage());
            return 2;
        }
    }

    private TraceDiff.Side side(MemoryArena arena, Path file, FileDisk image, int number) throws IOException {
        Recording recording = Recording.parse(Files.readAllBytes(file));
        recording.requireBuild(SnapshotFiles.imageDigest(disk));
        boolean hasFont = !recording.config().contains("font none\n");
        SystemConfig config = recording.systemConfig(hasFont ? Files.readAllBytes(font != null ? font : disk.resolveSibling("console.psf")) : null);
        if (jit[number] > 0) {
            config.jit = cpu -> new ChicoryBackend(cpu, true);
            config.jitThreshold = jit[number];
        }
        DiskHistory history = new DiskHistory(image, false);
        return new TraceDiff.Side(new KmosSystem(arena, config, history, b -> { }), history, recording, slice[number]);
    }
}
