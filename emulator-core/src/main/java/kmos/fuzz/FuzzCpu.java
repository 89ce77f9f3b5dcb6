// SPDX-License-Identifier: Apache-2.0
package kmos.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kmos.base.MemoryArena;
import kmos.cpu.Cpu;
import kmos.cpu.CpuModel;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.vectors.Replay;

/**
 * {@code ./kmos fuzz cpu [--seed N] [--minutes M] [--backend interp|jit|all] [--out DIR]}: random 16-, 32- and 64-bit code with
 * random state on the host's processor, in the interpreter and in compiled code. What differs is made small and joins the
 * vectors in emulator-core/src/test/vectors (elsewhere with --out), which are part of the tests.
 */
public final class FuzzCpu {
    private static final int MODES = 3, MAX_FAILURES = 20;
    private static final int[] RUNNERS = {32, 64};
    public static final List<String> BACKENDS = List.of("interp", "jit");

    private final long seed;
    private final Path vectors;
    private final CaseGenerator generator;
    private final NativeCpu[] natives = new NativeCpu[MODES];
    private final List<String> backends;
    private final Replay[][] replays = new Replay[MODES][];
    private final MemoryArena arena;
    private final TreeMap<String, Integer> missing = new TreeMap<>();
    private final Set<String> seen = new TreeSet<>();
    private final List<String> failures = new ArrayList<>();
    private long cases;
    private long lost;
    private long faults;

    private FuzzCpu(MemoryArena arena, long seed, List<String> backends, Path folder, Path vectors) throws IOException {
        this.arena = arena;
        this.seed = seed;
        this.vectors = vectors;
        this.backends = backends;
        generator = new CaseGenerator(seed);
        for (int i = 0; i < MODES; i++) {
            natives[i] = NativeCpu.start(mode(i), folder);
            replays[i] = new Replay[backends.size()];
            for (int b = 0; b < backends.size(); b++) {
                replays[i][b] = new Replay(arena, mode(i), Set.of(), CpuModel.max());
                if (backends.get(b).equals("jit")) {
                    Cpu cpu = replays[i][b].cpu();
                    cpu.enableJit(new ChicoryBackend(cpu.base(), false), arena, 1);
                }
                replays[i][b].line(FuzzCase.baseLine(mode(i)));
            }
        }
    }

    private static int mode(int i) {
        return 16 << i;
    }

    private static int index(int mode) {
        return mode / 32;
    }

    private long regions() {
        long n = 0;
        for (Replay[] row : replays) {
            for (Replay r : row) {
                n += r.cpu().jit() == null ? 0 : r.cpu().jit().regionCount();
            }
        }
        return n;
    }

    /** What a run found. missing: instructions the host knows and the CPU model does not, with their numbers; regions: pieces of code compiled. */
    public record Outcome(long cases, long faults, long lost, long regions, List<String> failures, TreeMap<String, Integer> missing) { }

    /** Whether forms with this meaning ("Alu.add", "Simd.fp(SseFloat.addps)") are among the cases. */
    public static boolean isFuzzed(String meaning) {
        for (String part : meaning.split("[()]")) {
            if (!FuzzRules.isFuzzed(part)) {
                return false;
            }
        }
        return true;
    }

    /** Why this host cannot judge, or null. folder: for the compiled program. */
    public static String whyNot(Path folder) throws IOException {
        String reason = null;
        for (int bits : RUNNERS) {
            reason = reason != null ? reason : NativeCpu.whyNot(bits, folder);
        }
        return reason;
    }

    /** Runs so many cases, or for so many milliseconds, whichever ends first. folder: for the compiled program; vectors: for failures. */
    public static Outcome run(MemoryArena arena, long seed, long maxCases, long maxMs, List<String> backends, Path folder, Path vectors) throws IOException {
        FuzzCpu fuzz = new FuzzCpu(arena, seed, backends, folder, vectors);
        try {
            long end = System.currentTimeMillis() + maxMs;
            while (fuzz.cases < maxCases && fuzz.failures.size() < MAX_FAILURES && (fuzz.cases % 256 != 0 || System.currentTimeMillis() < end)) {
                fuzz.step();
            }
            return new Outcome(fuzz.cases, fuzz.faults, fuzz.lost, fuzz.regions(), fuzz.failures, fuzz.missing);
        } finally {
            for (int i = 0; i < MODES; i++) {
                fuzz.natives[i].close();
                for (Replay r : fuzz.replays[i]) {
                    r.close(arena);
                }
            }
        }
    }

    private void step() throws IOException {
        int i = (int) (cases++ % MODES);
        FuzzCase c = generator.make(mode(i));
        NativeCpu.Result r = natives[i].run(c);
        if (r == null || r.trap == 255) {
            lost++;
            return;
        }
        faults += r.trap != 3 ? 1 : 0;
        Replay replay = replays[i][0];
        int notImplemented = replay.notImplemented();
        if (difference(c, r) == null) {
            if (replay.notImplemented() != notImplemented) {
                missing.merge(c.instructionLine().split(" ", 4)[3] + " e.g. " + c.instructionLine().split(" ", 3)[1], 1, Integer::sum);
            }
            return;
        }
        FuzzCase small = minimised(c);
        String what = small.instructions.stream().map(x -> x.body() + "/" + x.argument()).toList().toString();
        if (seen.add(what)) {
            report(small);
        }
    }

    /** What a back end did otherwise than the host, with the back end's name, or null. */
    private String difference(FuzzCase c, NativeCpu.Result r) {
        for (int b = 0; b < backends.size(); b++) {
            Replay replay = replays[index(c.mode)][b];
            int before = replay.failed();
            try {
                replay.line(c.instructionLine());
                replay.line(c.testLine(r));
            } catch (RuntimeException broken) {
                return backends.get(b) + ": throws " + broken + " at " + broken.getStackTrace()[0];
            }
            if (replay.failed() != before) {
                String difference = replay.failures().get(replay.failures().size() - 1).difference();
                if (!isUnjudged(c, r, replay, difference)) {
                    return backends.get(b) + ":" + difference;
                }
                lost++;
                return null;
            }
        }
        return null;
    }

    private static boolean isUnjudged(FuzzCase c, NativeCpu.Result r, Replay replay, String difference) {
        long codePage = c.mode == 16 ? 0 : 0x100;
        // Code that jumped into the data area ran what nobody chose, undefined flags included.
        boolean isElsewhere = r.ip >>> 12 != codePage && r.ip != r.cr2;
        // Elements of a masked access over the end of 64 KiB wrap one by one on the host; the interpreter's do not.
        boolean wraps = c.instructions.stream().anyMatch(x -> x.body().startsWith("Avx.mask") && x.addressBits() == 16);
        // Where an operand's first part is not mapped and its last beyond the limit, the host splits some operands and faults at the first.
        boolean isAtLimit = c.mode == 16 && r.trap == 14 && r.cr2 >>> 4 == 0xFFF && replay.lastVector() >= 12 && replay.lastVector() <= 13;
        return isElsewhere || wraps || isAtLimit || replay.lastVector() == 14 && isHostAddress(c.mode, replay.faultAddress()) || r.trap == 14 && isHostAddress(c.mode, r.cr2)
            || c.instructions.stream().anyMatch(x -> bothFault(x.body(), r, difference)) || r.trap == 13 && difference.startsWith(" exception expected d got c");
    }

    /** Memory that the host has and the vectors have not: the runner's program, its heap in the 32 MiB behind that, libraries and stack. */
    private static boolean isHostAddress(int mode, long address) {
        return address >>> 20 >= 0x600 && address >>> 20 <= 0x621 || (mode == 32 ? address >= 0xE0000000L : address >>> 40 == 0x7F || address >>> 40 == 0x55);
    }

    /** Of two operands that both fault, processors choose which to report; so between #SS and a misaligned operand's #GP. */
    private static boolean bothFault(String body, NativeCpu.Result r, String difference) {
        return r.trap == 14 && body.endsWith("mps") && body.startsWith("Strings") && difference.startsWith(" cr2 expected");
    }

    private boolean fails(FuzzCase c) throws IOException {
        NativeCpu.Result r = natives[index(c.mode)].run(c);
        return r != null && r.trap != 255 && difference(c, r) != null;
    }

    /** Takes instructions, registers and memory away as long as the difference stays. */
    private FuzzCase minimised(FuzzCase c) throws IOException {
        FuzzCase best = c;
        for (int i = best.instructions.size() - 1; i >= 0 && best.instructions.size() > 1; i--) {
            FuzzCase t = best.copy();
            t.instructions.remove(i);
            best = fails(t) ? t : best;
        }
        for (int i = 0; i < 16; i++) {
            FuzzCase t = best.copy();
            t.gpr[i] = 0;
            best = t.gpr[i] != best.gpr[i] && fails(t) ? t : best;
            t = best.copy();
            for (int k = 0; k < 4; k++) {
                t.ymm[i * 4 + k] = 0;
            }
            best = fails(t) ? t : best;
        }
        for (int i = 0; i < 8; i++) {
            FuzzCase t = best.copy();
            t.stLow[i] = 0;
            t.stHigh[i] = 0;
            best = fails(t) ? t : best;
        }
        FuzzCase t = best.copy();
        t.fcw = 0x37F;
        t.fsw = 0;
        t.ftw = 0;
        best = fails(t) ? t : best;
        t = best.copy();
        t.mxcsr = 0x1F80;
        best = fails(t) ? t : best;
        t = best.copy();
        t.flags = 0x202;
        best = fails(t) ? t : best;
        t = best.copy();
        t.chunks.clear();
        return fails(t) ? t : best;
    }

    private void report(FuzzCase c) throws IOException {
        Path file = Files.createDirectories(vectors.resolve("v" + c.mode)).resolve("fuzz-" + Long.toHexString(seed) + "-" + failures.size() + ".txt");
        NativeCpu.Result r = natives[index(c.mode)].run(c);
        if (r == null) {
            return;
        }
        Files.writeString(file, "# ./kmos fuzz cpu --seed " + seed + "\n" + FuzzCase.baseLine(c.mode) + "\n" + c.instructionLine() + "\n" + c.testLine(r) + "\n");
        failures.add("mode " + c.mode + ": " + c.instructionLine() + "\n    " + difference(c, r) + "\n    " + file);
    }

    public static void main(String[] args) throws IOException {
        long seed = System.currentTimeMillis();
        double minutes = 1;
        Path folder = Path.of("target/fuzz");
        Path vectors = Path.of("emulator-core/src/test/vectors");
        List<String> backends = BACKENDS;
        for (int i = args.length > 0 && args[0].equals("cpu") ? 1 : 0; i < args.length; i++) {
            if (i + 1 < args.length && args[i].equals("--seed")) {
                seed = Long.parseLong(args[++i]);
            } else if (i + 1 < args.length && args[i].equals("--minutes")) {
                minutes = Double.parseDouble(args[++i]);
            } else if (i + 1 < args.length && args[i].equals("--backend") && (args[i + 1].equals("all") || BACKENDS.contains(args[i + 1]))) {
                backends = args[++i].equals("all") ? BACKENDS : List.of(args[i]);
            } else if (i + 1 < args.length && args[i].equals("--out")) {
                vectors = Path.of(args[++i]);
            } else {
                System.err.println("fuzz: usage: fuzz cpu [--seed N] [--minutes M] [--backend interp|jit|all] [--out DIR]");
                System.exit(2);
            }
        }
        String reason = whyNot(folder);
        if (reason != null) {
            System.err.println("fuzz: " + reason);
            System.exit(2);
        }
        System.out.println("seed " + seed + ", back ends " + backends);
        Outcome o = run(new MemoryArena(Integer.getInteger("kmos.memory", 128) << 20), seed, Long.MAX_VALUE, (long) (minutes * 60_000), backends, folder, vectors);
        o.missing.forEach((k, v) -> System.out.println("not in the model: " + k + " (" + v + ")"));
        o.failures.forEach(System.out::println);
        System.out.println("cases " + o.cases + ", ended in a fault " + o.faults + ", not judged " + o.lost + ", regions compiled " + o.regions + ", distinct failures " + o.failures.size());
        System.exit(o.failures.isEmpty() ? 0 : 1);
    }
}
