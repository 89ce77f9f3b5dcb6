// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.bench;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kmos.base.MemoryArena;
import kmos.vectors.DecodeCost;
import kmos.web.server.StaticServer;

/** Figures of kmOS alone: start-up, bytes on the wire, instructions a second on the JVM and in the page. Medians of a few runs. */
final class Figures {
    private static final int ROUNDS = 3;
    private static final String LUA = "local function fib(n) if n<2 then return n end return fib(n-1)+fib(n-2) end fib(27) "
        + "local t={} for i=1,60000 do t[i]=(i*7919)%100003 end table.sort(t) "
        + "local a=0.0 for i=1,2000000 do a=a+i*0.5/3 end "
        + "for i=1,20000 do string.format('%d %s %g',i,'a',i/3) end";

    /** A program, and how it is called in the guest. */
    private record Program(String name, String[] command) { }

    private static final List<Program> PROGRAMS = List.of(
        new Program("Lua, amd64", new String[] {"/usr/bin/lua5.4", "-e", LUA}),
        new Program("Lua, i386", new String[] {"/usr/bin/lua5.4-i386", "-e", LUA}),
        new Program("bash loop, amd64", new String[] {"/bin/bash", "-c", "for ((i = 0; i < 100000; i++)); do x=$((i * 3)); done"}),
        new Program("busybox sort, i386", new String[] {"/bin/busybox-i386", "sh", "-c", "seq 1 60000 | sort -rn | tail -1"}),
        new Program("busybox sha256sum, i386", new String[] {"/bin/busybox-i386", "sh", "-c", "head -c 6000000 /dev/zero | sha256sum"}));

    private Figures() { }

    static void print() throws IOException, InterruptedException {
        System.out.println("| what | JVM | Chromium worker |");
        System.out.println("| --- | --: | --: |");
        List<double[]> browser = browser();
        System.out.printf("| cold start to prompt, s | %.2f | %.2f |%n", median(bootSeconds()), browser.get(0)[0]);
        System.out.printf("| bytes on the wire to the prompt, MB | | %.2f |%n", browser.get(0)[1] / 1e6);
        for (int i = 0; i < PROGRAMS.size(); i++) {
            System.out.printf("| %s, MIPS | %.0f | %.0f |%n", PROGRAMS.get(i).name(), mips(PROGRAMS.get(i).command()), browser.get(1)[i]);
        }
        MemoryArena arena = new MemoryArena(96 << 20);
        System.out.printf("| an instruction's first run (decoding), ns: 32-bit, 64-bit code | %.0f, %.0f | %.0f, %.0f |%n", DecodeCost.nanoseconds(arena, 32),
            DecodeCost.nanoseconds(arena, 64), browser.get(2)[0], browser.get(2)[1]);
        System.out.printf("| system call round trip, ns | %.0f | |%n", systemCallNs());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    // On the JVM

    private static Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("./kmos", "headless", "--deterministic", "--stats"));
        command.addAll(Arrays.asList(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /** From the start of the process to the shell's prompt. */
    private static double[] bootSeconds() throws IOException, InterruptedException {
        double[] seconds = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long start = System.nanoTime();
            Process p = start("--limit", "60");
            StringBuilder text = new StringBuilder();
            for (int c = p.getInputStream().read(); c >= 0; c = p.getInputStream().read()) {
                text.append((char) c);
                if (text.indexOf("# ", Math.max(0, text.length() - 2)) >= 0 && text.lastIndexOf("root@kmos") > 0) {
                    break;
                }
            }
            seconds[i] = (System.nanoTime() - start) / 1e9;
            p.destroy();
            p.waitFor(20, TimeUnit.SECONDS);
        }
        return seconds;
    }

    /** Instructions and seconds of a run as --stats prints them. */
    private static double[] run(String... arguments) throws IOException, InterruptedException {
        Process p = start(arguments);
        p.getOutputStream().close();
        String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        p.waitFor();
        Matcher m = Pattern.compile("(\\d+) instructions, .* real time ([0-9.]+) s").matcher(text);
        if (!m.find()) {
            throw new IOException("no statistics in:\n" + text);
        }
        return new double[] {Double.parseDouble(m.group(1)), Double.parseDouble(m.group(2))};
    }

    private static double mips(String[] command) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--limit", "120", "--"));
        arguments.addAll(Arrays.asList(command));
        double[] values = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            double[] r = run(arguments.toArray(new String[0]));
            values[i] = r[0] / r[1] / 1e6;
        }
        return median(values);
    }

    /** A million getppid calls of a static i386 program, less the same run without them. */
    private static double systemCallNs() throws IOException, InterruptedException {
        Path dir = Files.createTempDirectory("kmos-bench");
        Path source = dir.resolve("syscall.c");
        try (var in = Figures.class.getResourceAsStream("/bench/src/getppid.c")) {
            Files.write(source, in.readAllBytes());
        }
        Process gcc = new ProcessBuilder("gcc", "-m32", "-O2", "-static", "-o", dir.resolve("syscall").toString(), source.toString()).inheritIO().start();
        if (gcc.waitFor() != 0) {
            throw new IOException("gcc -m32 failed: is gcc-multilib installed?");
        }
        Files.delete(source);
        double[] values = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            double with = run("--limit", "120", "--copy-in", dir + ":/bench", "--", "/bench/syscall")[1];
            double without = run("--limit", "120", "--copy-in", dir + ":/bench", "--", "/bin/true")[1];
            values[i] = (with - without) * 1e9 / 1e6;
        }
        return median(values);
    }

    // In the page

    private static final String DECODE = "() => new Promise((resolve, reject) => {"
        + " const worker = new Worker('kmos-worker.js');"
        + " worker.onmessage = e => { if (e.data.type === 'decode-cost') { if (e.data.problem) reject(new Error(e.data.problem)); else resolve(e.data.nanoseconds); } };"
        + " worker.onerror = e => reject(new Error(e.message));"
        + " worker.postMessage({ type: 'decode-cost', base: new URL('.', location.href).href }); })";

    /** In a worker of its own, on a page without a machine. */
    private static double[] decodeCost(Page page, String url) {
        page.navigate(url + "kmos.css");
        return ((List<?>) page.evaluate(DECODE)).stream().mapToDouble(n -> ((Number) n).doubleValue()).toArray();
    }

    /** {seconds to the prompt, bytes}, then MIPS by program, then the cost of decoding. */
    private static List<double[]> browser() throws IOException {
        Path site = Path.of("target/site");
        double[] boots = new double[ROUNDS];
        double[] mips = new double[PROGRAMS.size()];
        AtomicLong bytes = new AtomicLong();
        double[] decode = new double[0];
        try (StaticServer server = new StaticServer(site, 0);
            Playwright playwright = Playwright.create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
            Browser chromium = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(Path.of("/usr/bin/chromium"))
                .setArgs(List.of("--no-sandbox", "--disable-gpu")))) {
            for (int i = 0; i < ROUNDS; i++) {
                BrowserContext fresh = chromium.newContext();
                Page page = fresh.newPage();
                bytes.set(0);
                long start = System.nanoTime();
                page.navigate(server.url());
                awaitPrompt(page);
                boots[i] = (System.nanoTime() - start) / 1e9;
                page.waitForTimeout(600);
                bytes.set(((Number) page.evaluate("(() => { const s = window.kmos.status(); return s.loadedBytes + s.fetchedBytes; })()")).longValue());
                if (i == ROUNDS - 1) {
                    for (int p = 0; p < mips.length; p++) {
                        mips[p] = pageMips(page, PROGRAMS.get(p).command());
                    }
                    decode = decodeCost(page, server.url());
                }
                fresh.close();
            }
        }
        return List.of(new double[] {median(boots), bytes.get()}, mips, decode);
    }

    private static void awaitPrompt(Page page) {
        page.waitForFunction("() => window.kmos && /root@kmos:[^\\n]*# ?$/.test(window.kmos.screenText().trimEnd() + ' ')", null,
            new Page.WaitForFunctionOptions().setTimeout(120_000).setPollingInterval(20));
    }

    private static double pageMips(Page page, String[] command) {
        StringBuilder line = new StringBuilder("clear;");
        for (String word : command) {
            line.append(" '").append(word.replace("'", "'\\''")).append('\'');
        }
        double before = ((Number) page.evaluate("window.kmos.status().instructions")).doubleValue();
        long start = System.nanoTime();
        String mark = "done-" + System.nanoTime();
        page.evaluate("text => window.kmos.type(text)", line + "; echo " + mark.replace("done-", "do''ne-") + "\n");
        page.waitForFunction("mark => window.kmos.screenText().includes(mark)", mark, new Page.WaitForFunctionOptions().setTimeout(180_000).setPollingInterval(10));
        double seconds = (System.nanoTime() - start) / 1e9;
        page.waitForTimeout(500);
        double after = ((Number) page.evaluate("window.kmos.status().instructions")).doubleValue();
        return (after - before) / seconds / 1e6;
    }
}
