// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import kmos.base.MemoryArena;
import kmos.cpu.CpuModel;
import kmos.cpu.jit.jvm.ChicoryBackend;

/** {@code ./kmos vectors [--backend interp|jit] DIR}: replays a folder of vectors and reports. */
public final class Main {
    private Main() { }

    public static void main(String[] args) throws IOException {
        System.exit(run(args, System.out));
    }

    /** Status: 1 when a vector failed or none was found, 2 when the command makes no sense. */
    static int run(String[] args, PrintStream out) throws IOException {
        Path dir = null;
        String only = "";
        int show = 10;
        boolean isJit = false;
        CpuModel model = CpuModel.max();
        for (int i = 0; i < args.length; i++) {
            if (args[i].startsWith("--") && i + 1 == args.length) {
                return usage();
            }
            if (args[i].equals("--backend")) {
                i++;
                isJit = args[i].equals("jit");
                if (!isJit && !args[i].equals("interp")) {
                    System.err.println("vectors: back end " + args[i] + " does not exist; there are: interp, jit");
                    return 2;
                }
            } else if (args[i].equals("--group")) {
                only = args[++i];
            } else if (args[i].equals("--cpu")) {
                model = CpuModel.of(args[++i]);
                if (model == null) {
                    System.err.println("vectors: processor models are " + CpuModel.NAMES);
                    return 2;
                }
            } else if (args[i].equals("--show")) {
                show = Integer.parseInt(args[++i]);
            } else {
                dir = Path.of(args[i]);
            }
        }
        if (dir == null || !Files.isDirectory(dir)) {
            return usage();
        }
        return replay(dir, only, show, model, isJit, out) ? 0 : 1;
    }

    private static int usage() {
        System.err.println("vectors: usage: vectors [--backend interp|jit] [--cpu MODEL] [--group NAME] [--show N] DIR");
        return 2;
    }

    /** Files below dir whose path contains only. Whether there were vectors and none failed. */
    private static boolean replay(Path dir, String only, int show, CpuModel model, boolean isJit, PrintStream out) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(dir)) {
            files = walk.filter(f -> f.getFileName().toString().matches(".*\\.txt(\\.gz)?") && f.getParent().getFileName().toString().matches("v(16|32|64)"))
                .filter(f -> f.toString().contains(only)).sorted().toList();
        }
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        int run = 0, passed = 0, failed = 0, missing = 0;
        Map<String, int[]> forms = new TreeMap<>();
        StringBuilder first = new StringBuilder();
        for (Path f : files) {
            Replay r = file(arena, f, Set.of(), model, isJit);
            out.printf("%-20s run %6d  passed %6d  failed %5d  not implemented %6d%n", dir.relativize(f), r.run(), r.passed(), r.failed(), r.notImplemented());
            run += r.run();
            passed += r.passed();
            failed += r.failed();
            missing += r.notImplemented();
            r.byForm().forEach((k, v) -> {
                int[] n = forms.computeIfAbsent(dir.relativize(f) + " " + k, x -> new int[2]);
                n[0] += v[0];
                n[1] += v[1];
            });
            String lastInstruction = "";
            int shown = 0;
            for (Replay.Failure x : r.failures()) {
                if (shown < show && !x.instruction().equals(lastInstruction)) {
                    first.append(dir.relativize(f)).append(": ").append(x.instruction()).append("\n    ").append(x.test()).append("\n   ").append(x.difference()).append('\n');
                    lastInstruction = x.instruction();
                    shown++;
                }
            }
        }
        out.print(first);
        forms.forEach((k, v) -> out.println(k + ": failed " + v[0] + ", not implemented " + v[1]));
        out.printf("in all               run %6d  passed %6d  failed %5d  not implemented %6d%n", run, passed, failed, missing);
        return failed == 0 && run > 0;
    }

    /** Replays one file (v32/alu.txt.gz: the folder's name says the mode). */
    public static Replay file(MemoryArena arena, Path f, Set<String> skip, CpuModel model) throws IOException {
        return file(arena, f, skip, model, false);
    }

    /** The same in code compiled at first sight, by the Wasm runtime for the JVM. */
    public static Replay file(MemoryArena arena, Path f, Set<String> skip, CpuModel model, boolean isJit) throws IOException {
        int mode = Integer.parseInt(f.getParent().getFileName().toString().substring(1));
        Replay r = new Replay(arena, mode, skip, model);
        if (isJit) {
            r.cpu().enableJit(new ChicoryBackend(r.cpu().base(), false), arena, 1);
        }
        boolean isGzip = f.toString().endsWith(".gz");
        try (var in = Files.newInputStream(f); BufferedReader reader = new BufferedReader(new InputStreamReader(isGzip ? new GZIPInputStream(in) : in,
            StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                r.line(line);
            }
        }
        r.close(arena);
        return r;
    }
}
