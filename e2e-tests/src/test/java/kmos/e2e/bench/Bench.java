// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import kmos.web.server.StaticServer;
import picocli.CommandLine;

/**
 * {@code ./kmos bench}: the same programs on the host's processor, under qemu's user-mode emulator, in v86 and in kmOS (interpreter,
 * compiler) in headless Chromium, as Markdown tables. Medians on whatever else the machine is doing; ratios mean more than
 * absolute numbers, and pair neighbours in time: every column runs a row before the next row begins.
 */
@CommandLine.Command(name = "bench", mixinStandardHelpOptions = true, description = "Compares kmOS with native code, qemu-user and v86; then kmOS's own figures. Needs root (chroot), "
    + "gcc-multilib, Chromium; a peer that cannot be had is named in the output.")
public final class Bench implements Callable<Integer> {
    private static final List<String> COLUMNS = List.of("native32", "qemu32", "v86", "interp32", "jit32", "native64", "qemu64", "interp64", "jit64");
    private static final String FIGURES = "figures";

    @CommandLine.Option(names = "--rows", split = ",", paramLabel = "NAME", description = "Only these rows or groups (--list names them); \"figures\": start-up and MIPS of kmOS alone.")
    private List<String> rows = List.of();
    @CommandLine.Option(names = "--columns", split = ",", paramLabel = "NAME", description = "Only these of native32, qemu32, v86, interp32, jit32, native64, qemu64, interp64, jit64.")
    private List<String> columns = COLUMNS;
    @CommandLine.Option(names = "--runs", paramLabel = "N", description = "Runs of a row on one machine; the first is reported apart (default ${DEFAULT-VALUE}). qemu and the interpreter, "
        + "which do not get warm, run once.")
    private int runs = 3;
    @CommandLine.Option(names = "--timeout", paramLabel = "SECONDS", description = "A run that takes longer is given up (default ${DEFAULT-VALUE}).")
    private int timeout = 300;
    @CommandLine.Option(names = "--cache", paramLabel = "DIR", description = "What is built and fetched for it (default ${DEFAULT-VALUE}).")
    private Path cacheFolder = Path.of("target/bench-cache");
    @CommandLine.Option(names = "--list", description = "Name the rows.")
    private boolean isList;

    /** Rows in a row that failed in a column, before it is given up. */
    private static final int MAX_FAILURES = 2;

    private final Map<String, String> unavailable = new LinkedHashMap<>();
    private final Map<String, Integer> failures = new HashMap<>();

    public static void main(String[] args) {
        System.exit(new CommandLine(new Bench()).execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (isList) {
            Row.ALL.forEach(r -> System.out.println(r.name() + " (" + r.group() + ")"));
            System.out.println(FIGURES);
            return 0;
        }
        List<Row> chosen = Row.ALL.stream().filter(r -> rows.isEmpty() || rows.contains(r.name()) || rows.contains(r.group())).toList();
        Set<String> known = new HashSet<>(COLUMNS);
        for (String column : columns) {
            if (!known.contains(column)) {
                System.err.println("bench: no column " + column + "; there are " + String.join(", ", COLUMNS));
                return 2;
            }
        }
        for (String name : rows) {
            if (!name.equals(FIGURES) && Row.ALL.stream().noneMatch(r -> r.name().equals(name) || r.group().equals(name))) {
                System.err.println("bench: no row " + name + "; --list names them");
                return 2;
            }
        }
        if (!chosen.isEmpty()) {
            compare(chosen);
        }
        if (rows.isEmpty() || rows.contains(FIGURES)) {
            Figures.print();
        }
        return 0;
    }

    private void compare(List<Row> chosen) throws IOException, InterruptedException {
        BenchCache cache = new BenchCache(cacheFolder);
        BenchTable table = new BenchTable(COLUMNS.stream().filter(columns::contains).toList());
        try (StaticServer site = new StaticServer(Path.of("target/site"), 0); StaticServer files = new StaticServer(cache.folder(), 0);
            Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            Mounts mounts = new Mounts()) {
            List<Peer> peers = peers(cache, mounts, site.url(), files.url(), playwright);
            try {
                for (Peer peer : peers) {
                    table.reference(peer.name(), peer.reference());
                }
                for (Row row : chosen) {
                    for (Peer peer : peers) {
                        run(table, row, peer);
                    }
                }
            } finally {
                for (Peer peer : peers) {
                    peer.close();
                }
            }
        }
        System.out.println(table.markdown());
        unavailable.forEach((column, why) -> System.out.println("Not measured: " + column + ": " + why));
        System.out.println();
    }

    private void run(BenchTable table, Row row, Peer peer) throws InterruptedException {
        if (failures.getOrDefault(peer.name(), 0) >= MAX_FAILURES) {
            unavailable.putIfAbsent(peer.name(), "given up after " + MAX_FAILURES + " failures");
            return;
        }
        for (int run = 0; run < peer.runs(runs); run++) {
            try {
                List<Sample> samples = peer.run(row, timeout);
                if (samples.isEmpty()) {
                    table.failed(row, peer.name(), "did not end within " + timeout + " s");
                    return;
                }
                for (Sample s : samples) {
                    table.add(row, peer.name(), run, s);
                    System.err.printf("%s %s #%d: %.3f s%n", s.result(), peer.name(), run, s.seconds());
                }
                failures.remove(peer.name());
            } catch (IOException failed) {
                table.failed(row, peer.name(), failed.getMessage().strip().replace('\n', ' '));
                failures.merge(peer.name(), 1, Integer::sum);
                System.err.println(failed.getMessage());
                return;
            }
        }
    }

    private List<Peer> peers(BenchCache cache, Mounts mounts, String site, String files, Playwright playwright) throws IOException, InterruptedException {
        List<Peer> peers = new ArrayList<>();
        for (boolean is64 : new boolean[] {false, true}) {
            String bits = is64 ? "64" : "32", reference = "native" + bits;
            if (columns.stream().noneMatch(c -> c.endsWith(bits) || c.equals("v86") && !is64)) {
                continue;
            }
            cache.programs(is64);
            if (columns.contains(reference)) {
                mounts.scratch(cache.root(is64));
                peers.add(new ChrootPeer(reference, reference, cache.root(is64), ""));
            }
            if (columns.contains("qemu" + bits)) {
                String why = cache.qemu(is64);
                if (why != null) {
                    unavailable.put("qemu" + bits, why);
                } else {
                    mounts.scratch(cache.root(is64));
                    peers.add(new ChrootPeer("qemu" + bits, reference, cache.root(is64), "/.peer/qemu"));
                }
            }
            if (!is64 && columns.contains("v86")) {
                String why = cache.v86();
                if (why != null) {
                    unavailable.put("v86", why);
                } else {
                    peers.add(new PagePeer("v86", reference, files + "v86/", playwright, false));
                }
            }
            String page = site + "bench.html?rootfs=" + files + BenchCache.archive(is64);
            if (columns.contains("interp" + bits)) {
                peers.add(new PagePeer("interp" + bits, reference, page + "&jit=off", playwright, true));
            }
            if (columns.contains("jit" + bits)) {
                peers.add(new PagePeer("jit" + bits, reference, page, playwright, false));
            }
        }
        return peers;
    }

    /** What the chroots need while the benchmark runs. */
    private static final class Mounts implements AutoCloseable {
        private final List<Path> mounted = new ArrayList<>();

        /** A tmpfs at /scratch, and /dev/null. */
        void scratch(Path root) throws IOException, InterruptedException {
            Path scratch = root.resolve("scratch");
            if (mounted.contains(scratch)) {
                return;
            }
            Path none = root.resolve("dev/null");
            if (!Files.exists(none)) {
                command("mknod", "-m", "666", none.toString(), "c", "1", "3");
            }
            command("mount", "-t", "tmpfs", "-o", "size=512m", "kmos-bench", scratch.toString());
            mounted.add(scratch);
        }

        private static void command(String... words) throws IOException, InterruptedException {
            if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0) {
                throw new IOException(String.join(" ", words) + " failed: the native columns need root");
            }
        }

        @Override
        public void close() throws IOException {
            try {
                for (Path p : mounted) {
                    command("umount", "-l", p.toString());
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
