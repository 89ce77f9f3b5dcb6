// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * C programs whose compiled code only a browser runs: WebAssembly's vectors, which the JVM's runtime has not. They print what they print on
 * the host, with everything compiled at once, at the usual time, and not at all.
 */
@Tag("slow")
class WasmProgramsTest {
    private static final Path SOURCES = Path.of("src/test/c");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"sse_special,64,1", "sse_special,32,1", "sse_special,64,1500", "sse_special,64,off", "math_sse,64,1", "x87_basic,32,1"})
    void aProgramPrintsWhatItPrintsOnTheHost(String name, int bits, String jit) throws IOException, InterruptedException {
        Path root = Files.createDirectories(folder.resolve("root"));
        Path program = root.resolve(name);
        tool("gcc", "-std=gnu17", "-w", "-static", "-m" + bits, "-O2", "-msse2", "-o", program.toString(), SOURCES.resolve(name + ".c").toString(), "-lm");
        Path output = folder.resolve("native.txt");
        assertEquals(0, new ProcessBuilder(program.toString()).redirectOutput(output.toFile()).start().waitFor());
        tool("tar", "-C", root.toString(), "-cf", folder.resolve("rootfs.tar").toString(), ".");
        try (StaticServer site = Chromium.serveSite(); StaticServer files = new StaticServer(folder, 0); Playwright playwright = Chromium.playwright();
            Browser browser = playwright.chromium().launch(Chromium.options())) {
            Page page = browser.newPage();
            page.navigate(site.url() + "bench.html?memory=64&jit=" + jit + "&rootfs=" + files.url() + "rootfs.tar");
            Object lines = page.evaluate("async program => { await window.bench.ready; return (await window.bench.exec([program])).lines.map(l => l.text); }", "/" + name);
            assertEquals(String.join("\n", Files.readAllLines(output)), String.join("\n", ((List<?>) lines).stream().map(String::valueOf).toList()));
        }
    }

    private static void tool(String... words) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder(words).inheritIO().start().waitFor(), words[0]);
    }
}
