// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kmos.web.server.StaticServer;

/** Replays a folder of vectors in the page's worker: {@code ./kmos vectors --browser [--sample N] [--group NAME] DIR}. */
final class BrowserVectors {
    /** What a file's replay gave; failures: lines for a person. */
    record Report(String file, int run, int passed, int failed, int notImplemented, List<String> failures) { }

    private static final String RUN = "([files, sample, isJit]) => new Promise(resolve => {"
        + " const worker = new Worker('kmos-worker.js');"
        + " worker.onmessage = e => { if (e.data.type === 'vectors') resolve(e.data); };"
        + " worker.onerror = e => resolve({ problem: e.message });"
        + " worker.postMessage({ type: 'vectors', base: new URL('.', location.href).href, files, sample, isJit }); })";

    private BrowserVectors() { }

    public static void main(String[] args) throws IOException {
        Path dir = null;
        String only = "";
        int sample = 1;
        boolean isJit = false;
        int show = 10;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--browser" -> { }
                case "--backend", "--group", "--sample", "--show" -> {
                    String value = args[++i];
                    if (args[i - 1].equals("--backend")) {
                        isJit = value.equals("jit");
                        if (!isJit && !value.equals("interp")) {
                            System.err.println("vectors: back end " + value + " does not exist; there are: interp, jit");
                            System.exit(2);
                        }
                    }
                    only = args[i - 1].equals("--group") ? value : only;
                    sample = args[i - 1].equals("--sample") ? Integer.parseInt(value) : sample;
                    show = args[i - 1].equals("--show") ? Integer.parseInt(value) : show;
                }
                default -> dir = Path.of(args[i]);
            }
        }
        if (dir == null || !Files.isDirectory(dir)) {
            System.err.println("vectors: usage: vectors --browser [--backend interp|jit] [--sample N] [--group NAME] [--show N] DIR");
            System.exit(2);
        }
        int run = 0, passed = 0, failed = 0, missing = 0;
        List<String> first = new ArrayList<>();
        for (Report r : replay(dir, only, sample, isJit)) {
            System.out.printf("%-20s run %6d  passed %6d  failed %5d  not implemented %6d%n", r.file, r.run, r.passed, r.failed, r.notImplemented);
            run += r.run;
            passed += r.passed;
            failed += r.failed;
            missing += r.notImplemented;
            r.failures.stream().limit(show).forEach(f -> first.add(r.file + ": " + f));
        }
        first.forEach(System.out::println);
        System.out.printf("in all               run %6d  passed %6d  failed %5d  not implemented %6d%n", run, passed, failed, missing);
        System.exit(failed == 0 && run > 0 ? 0 : 1);
    }

    /** Files below dir whose path contains only, in Chromium, one worker for all. */
    static List<Report> replay(Path dir, String only, int sample, boolean isJit) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(dir)) {
            files = walk.filter(f -> f.getFileName().toString().matches(".*\\.txt(\\.gz)?") && f.getParent().getFileName().toString().matches("v(16|32|64)"))
                .filter(f -> dir.relativize(f).toString().contains(only)).sorted().toList();
        }
        List<Map<String, Object>> wanted = files.stream().map(f -> Map.<String, Object>of("mode", Integer.parseInt(f.getParent().getFileName().toString().substring(1)),
            "url", "vectors/" + dir.relativize(f), "name", dir.relativize(f).toString())).toList();
        try (StaticServer server = Chromium.serveSite(); Playwright playwright = Chromium.playwright();
            Browser browser = playwright.chromium().launch(Chromium.options())) {
            Page page = browser.newPage();
            page.setDefaultTimeout(1_200_000);
            // Playwright sees a worker's requests through its context.
            page.context().route("**/vectors/**", route -> fulfill(route, dir));
            page.navigate(server.url() + "kmos.css");
            Map<?, ?> answer = (Map<?, ?>) page.evaluate(RUN, List.of(wanted, sample, isJit));
            if (answer.get("problem") != null) {
                throw new IOException("the worker failed: " + answer.get("problem"));
            }
            if (isJit != ((Number) answer.get("modules")).intValue() > 0) {
                throw new IOException("code was compiled: " + answer.get("modules") + " modules");
            }
            List<Report> reports = new ArrayList<>();
            for (Object o : (List<?>) answer.get("reports")) {
                Map<?, ?> m = (Map<?, ?>) o;
                String[] lines = ((String) m.get("report")).split("\n");
                String[] n = lines[0].split(" ");
                reports.add(new Report((String) m.get("name"), Integer.parseInt(n[0]), Integer.parseInt(n[1]), Integer.parseInt(n[2]), Integer.parseInt(n[3]),
                    List.of(lines).subList(1, lines.length)));
            }
            return reports;
        }
    }

    private static void fulfill(Route route, Path dir) {
        String url = route.request().url();
        String name = url.substring(url.indexOf("/vectors/") + "/vectors/".length());
        try {
            route.fulfill(new Route.FulfillOptions().setBodyBytes(Files.readAllBytes(dir.resolve(name))).setContentType("application/octet-stream"));
        } catch (IOException missing) {
            throw new UncheckedIOException(missing);
        }
    }
}
