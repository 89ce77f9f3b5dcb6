// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kmos.web.server.StaticServer;

/** The host's Chromium, headless, and the built page on a server of its own. */
final class Chromium {
    /** A name that is no secure context; Chromium is told that it is this machine. */
    static final String PLAIN_HOST = "kmos.test";
    static final Path SITE = Path.of(System.getProperty("kmos.site", "../target/site"));
    private static final Path PROGRAM = Path.of(System.getProperty("kmos.chromium", "/usr/bin/chromium"));

    private Chromium() { }

    static StaticServer serveSite() throws IOException {
        assertTrue(Files.isRegularFile(SITE.resolve("index.html")), "no built page in " + SITE.toAbsolutePath().normalize() + ": ./kmos build makes it");
        return new StaticServer(SITE, 0);
    }

    static Playwright playwright() {
        assertTrue(Files.isExecutable(PROGRAM), "no " + PROGRAM + ": apt-get install chromium");
        return Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    }

    static BrowserType.LaunchOptions options() {
        return new BrowserType.LaunchOptions().setExecutablePath(PROGRAM).setArgs(arguments());
    }

    /** A browser whose storage outlives it. */
    static BrowserContext launch(Playwright playwright, Path profile) {
        return playwright.chromium().launchPersistentContext(profile, new BrowserType.LaunchPersistentContextOptions()
            .setExecutablePath(PROGRAM).setArgs(arguments()).setViewportSize(1000, 640).setAcceptDownloads(true));
    }

    /** Kills all processes of that browser at once, as a power failure would. */
    static void kill(Path profile) {
        List<ProcessHandle> processes = ProcessHandle.current().descendants()
            .filter(p -> p.info().commandLine().orElse("").contains(profile.toString())).toList();
        assertTrue(!processes.isEmpty(), "no process of the browser found");
        processes.forEach(ProcessHandle::destroyForcibly);
        processes.forEach(p -> p.onExit().join());
    }

    private static List<String> arguments() {
        return List.of("--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP " + PLAIN_HOST + " 127.0.0.1");
    }
}
