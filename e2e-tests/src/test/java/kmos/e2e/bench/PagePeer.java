// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.TimeoutError;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A web page that defines window.bench: ready, and exec(argv) with the lines a program prints and when they come. Its seconds are real
 * time less the share of the run in which the renderer's busiest thread waited for a core: on a busy machine the rest is
 * other people's work.
 */
final class PagePeer extends Peer {
    private final String url;
    private final Playwright playwright;
    private Browser browser;
    private Page page;
    private long renderer;
    private boolean hasData;
    private boolean isFresh;

    /** isSlow: an interpreter, whose rows run once. */
    PagePeer(String name, String reference, String url, Playwright playwright, boolean isSlow) {
        super(name, reference, isSlow);
        this.url = url;
        this.playwright = playwright;
    }

    @Override
    List<Sample> run(Row row, int timeoutSeconds) throws IOException {
        try {
            if (page == null || row.isCold() && !isFresh) {
                start(timeoutSeconds);
            }
            isFresh = false;
            if (row.needsData() && !hasData) {
                if (exec(List.of("/bench/bin/gendata"), timeoutSeconds) == null) {
                    return List.of();
                }
                hasData = true;
            }
            List<Sample> samples = exec(row.argv(), timeoutSeconds);
            return samples == null ? List.of() : samples;
        } catch (PlaywrightException broken) {
            String why = broken.getMessage().lines().map(String::trim).filter(l -> l.startsWith("message=")).findFirst().orElse(broken.getMessage());
            try {
                close();
            } catch (PlaywrightException gone) {
                why += "; the browser did not close: " + gone.getMessage();
            }
            throw new IOException(name() + ": " + why, broken);
        }
    }

    private void start(int timeoutSeconds) {
        close();
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(Path.of(System.getProperty("kmos.chromium", "/usr/bin/chromium")))
            .setArgs(List.of("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")));
        page = browser.newPage();
        page.navigate(url);
        page.evaluate("() => { window.benchReady = null; window.bench.ready.then(r => { window.benchReady = 'ready'; }, e => { window.benchReady = String(e); }); }");
        page.waitForFunction("() => window.benchReady !== null", null, polling(timeoutSeconds, 100));
        String ready = (String) page.evaluate("window.benchReady");
        if (!ready.equals("ready")) {
            throw new PlaywrightException("not ready: " + ready);
        }
        isFresh = true;
        hasData = false;
        CDPSession session = browser.newBrowserCDPSession();
        JsonObject info = session.send("SystemInfo.getProcessInfo");
        double most = -1;
        for (JsonElement each : info.getAsJsonArray("processInfo")) {
            JsonObject process = each.getAsJsonObject();
            if (process.get("type").getAsString().equals("renderer") && process.get("cpuTime").getAsDouble() > most) {
                most = process.get("cpuTime").getAsDouble();
                renderer = process.get("id").getAsLong();
            }
        }
        session.detach();
    }

    private static Page.WaitForFunctionOptions polling(int timeoutSeconds, int milliseconds) {
        return new Page.WaitForFunctionOptions().setTimeout(timeoutSeconds * 1000.0).setPollingInterval(milliseconds);
    }

    /** Null when it took too long: the page is closed then. */
    private List<Sample> exec(List<String> argv, int timeoutSeconds) throws IOException {
        Map<String, long[]> before = threads();
        long start = System.nanoTime();
        page.evaluate("argv => { window.benchResult = null; window.bench.exec(argv).then(r => { window.benchResult = r; },"
            + " e => { window.benchResult = { code: -1, lines: [{ t: 0, text: String(e) }] }; }); }", argv);
        try {
            page.waitForFunction("() => window.benchResult !== null", null, polling(timeoutSeconds, 50));
        } catch (TimeoutError late) {
            close();
            return null;
        }
        double wall = (System.nanoTime() - start) / 1e9;
        double waited = waitedForCore(before, threads()) / wall;
        Map<?, ?> result = (Map<?, ?>) page.evaluate("window.benchResult");
        Lines lines = new Lines();
        for (Object each : (List<?>) result.get("lines")) {
            Map<?, ?> line = (Map<?, ?>) each;
            lines.add((String) line.get("text"), ((Number) line.get("t")).doubleValue() / 1000);
        }
        if (((Number) result.get("code")).intValue() != 0) {
            throw new IOException(name() + ": " + String.join(" ", argv) + " ended with status " + result.get("code") + ": " + lines.said());
        }
        List<Sample> samples = new ArrayList<>();
        for (Lines.Result r : lines.results()) {
            samples.add(new Sample(r.name(), r.realSeconds() * (1 - Math.min(0.99, waited)), r.checksum()));
        }
        return samples;
    }

    /** Nanoseconds on a core and on the run queue of each thread of the renderer. */
    private Map<String, long[]> threads() throws IOException {
        Map<String, long[]> found = new HashMap<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + renderer + "/task"))) {
            for (Path task : tasks) {
                String[] fields;
                try {
                    fields = Files.readString(task.resolve("schedstat")).trim().split(" ");
                } catch (IOException gone) {
                    continue; // a thread that has ended in the meantime
                }
                found.put(task.getFileName().toString(), new long[] {Long.parseLong(fields[0]), Long.parseLong(fields[1])});
            }
        }
        return found;
    }

    /** Seconds on the run queue of the thread that ran most. */
    private static double waitedForCore(Map<String, long[]> before, Map<String, long[]> after) {
        long most = 0, waited = 0;
        for (Map.Entry<String, long[]> e : after.entrySet()) {
            long[] old = before.getOrDefault(e.getKey(), new long[2]);
            if (e.getValue()[0] - old[0] > most) {
                most = e.getValue()[0] - old[0];
                waited = e.getValue()[1] - old[1];
            }
        }
        return waited / 1e9;
    }

    @Override
    public void close() {
        Browser old = browser;
        browser = null;
        page = null;
        if (old != null) {
            old.close();
        }
    }
}
