// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kmos.base.MemoryArena;
import kmos.headless.FileDisk;
import kmos.system.KmosSystem;
import kmos.system.ScriptedSession;
import kmos.system.SystemConfig;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A scripted session leads to the same state, bit for bit, on the JVM and as WebAssembly in the page. */
@Tag("slow")
class SameStateTest {
    private static final Path DISK = Path.of(System.getProperty("kmos.disk", "../target/disk"));
    private static final int MEMORY_MEGABYTES = 64;
    private static final String PROMPT = "root@kmos:~# ";
    private static final String[] LINES = {
        "uname -a; ls -l / | sort -k5 | head -5",
        "seq 1 3000 | awk '{ s += sqrt($1) } END { printf \"%.17g\\n\", s }'",
        "lua5.4 -e 'local t = {} for i = 1, 2e4 do t[i] = math.sin(i) * i end table.sort(t) print(t[1], t[#t], #t // 7)'",
        "lua5.4-i386 -e 'print(string.format(\"%.17g\", 0.1), 2^53 + 1, 7 // 0.3, -7 % 3)'",
        "for i in 1 2 3; do (sleep 0.$i; echo job $i) & done; wait",
        "head -c 100000 /dev/urandom | sha256sum > /root/sum; sync; cat /root/sum"};

    /** What a run is compared by. */
    private record Result(String hash, long guestNs, long instructions) { }

    @Test
    void wasmBuild_givesTheJvmsState() throws IOException {
        Result here = onTheJvm();
        assertEquals(here, inThePage());
    }

    private static Result onTheJvm() throws IOException {
        Path image = DISK.resolve("kmos.img");
        assertTrue(Files.isRegularFile(image), "no disk image " + image.toAbsolutePath().normalize() + ": ./kmos build makes it");
        SystemConfig config = new SystemConfig();
        config.memoryMegabytes = MEMORY_MEGABYTES;
        config.font = Files.readAllBytes(DISK.resolve("console.psf"));
        config.kernel.rootDevice = "hda1";
        ScriptedSession session = new ScriptedSession(PROMPT, LINES);
        try (FileDisk disk = new FileDisk(image, false)) {
            KmosSystem system = new KmosSystem(new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20), config, disk, session::sent);
            while (session.step(system)) {
                continue;
            }
            Result result = new Result(ScriptedSession.stateHash(system), system.machine().clock().nowNs(), system.cpu().instructionCount());
            system.close();
            return result;
        }
    }

    private static Result inThePage() throws IOException {
        try (StaticServer server = Chromium.serveSite(); Playwright playwright = Chromium.playwright();
                Browser browser = playwright.chromium().launch(Chromium.options())) {
            Page page = browser.newPage();
            ConsolePage console = new ConsolePage(page).open(server.url()).awaitPrompt();
            List<Object> lines = new ArrayList<>(List.of(PROMPT));
            lines.addAll(List.of(LINES));
            page.setDefaultTimeout(120_000);
            Map<?, ?> result = (Map<?, ?>) page.evaluate("lines => window.kmos.runScript(" + MEMORY_MEGABYTES + ", lines)", lines);
            assertEquals(List.of(), console.problems());
            return new Result((String) result.get("hash"), ((Number) result.get("guestNs")).longValue(), ((Number) result.get("instructions")).longValue());
        }
    }
}
