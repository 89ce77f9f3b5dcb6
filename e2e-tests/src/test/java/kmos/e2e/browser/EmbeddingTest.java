// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kmos.js from the npm package's tarball, on another origin than the page and than the disk image. */
@Tag("slow")
class EmbeddingTest {
    private static final Path NPM = Path.of(System.getProperty("kmos.npm", "../web/target/npm"));

    @TempDir
    static Path folder;
    private static StaticServer packageServer;
    private static StaticServer pageServer;
    private static StaticServer siteServer;
    private static Playwright playwright;
    private static Browser browser;

    private Page page;

    @BeforeAll
    static void serve() throws IOException, InterruptedException {
        siteServer = Chromium.serveSite();
        Files.createDirectories(folder.resolve("cdn"));
        Files.createDirectories(folder.resolve("page"));
        try (Stream<Path> files = Files.list(NPM)) {
            Path tarball = files.filter(p -> p.toString().endsWith(".tgz")).findFirst().orElseThrow(() -> new IOException("no npm tarball in " + NPM + ": ./kmos build makes it"));
            int status = new ProcessBuilder("tar", "-xzf", tarball.toString(), "-C", folder.resolve("cdn").toString()).inheritIO().start().waitFor();
            assertEquals(0, status, "tar");
        }
        packageServer = new StaticServer(folder.resolve("cdn"), 0);
        Files.writeString(folder.resolve("page/index.html"), "<!DOCTYPE html><title>a page</title><h1>Some page</h1>");
        Files.writeString(folder.resolve("page/outer.html"), "<!DOCTYPE html><title>outer</title><iframe src='index.html' sandbox='allow-scripts'></iframe>");
        pageServer = new StaticServer(folder.resolve("page"), 0);
        playwright = Chromium.playwright();
        browser = playwright.chromium().launch(Chromium.options());
    }

    @AfterAll
    static void quit() {
        if (playwright != null) {
            playwright.close();
        }
        for (StaticServer each : new StaticServer[] {siteServer, packageServer, pageServer}) {
            if (each != null) {
                each.close();
            }
        }
    }

    @BeforeEach
    void open() {
        page = browser.newPage();
        page.setDefaultTimeout(90_000);
        page.navigate(pageServer.url());
    }

    @AfterEach
    void close() {
        page.close();
    }

    /** The value of the body of an async function in which boot, GuestError and image are there. */
    private static String script(String body) {
        return "async () => { const { boot, GuestError } = await import('" + packageServer.url() + "package/kmos.js');"
            + " const image = '" + siteServer.url() + "disk/'; " + body + " }";
    }

    private Object run(String body) {
        return page.evaluate(script(body));
    }

    @Test
    void twoMachinesOnOnePage_runPrograms_eachInItsOwnFiles() {
        assertEquals(List.of("0 Linux kmos x86_64", "0 Linux kmos x86_64", "one,two"), run(
            "const a = boot({ image, memoryMb: 64 }), b = boot({ image, memoryMb: 64 });"
            + "const uname = async m => { const { code, lines } = await m.exec(['/bin/uname', '-a']);"
            + " const w = lines[0].text.split(' '); return [code, w[0], w[1], w[w.length - 2]].join(' '); };"
            + "const names = await Promise.all([uname(a), uname(b)]);"
            + "await a.writeFile('/tmp/f', 'one'); await b.writeFile('/tmp/f', 'two');"
            + "const text = async m => new TextDecoder().decode(await m.readFile('/tmp/f'));"
            + "const files = [await text(a), await text(b)].join(); a.stop(); b.stop(); return [...names, files];"));
    }

    @Test
    void exec_givesStatusLinesWithTimes_environmentDirectoryAndInput() {
        assertEquals(List.of("7 0", "first,second", true, "x /usr", "ABC", 143, "ENOENT", "grün", "AbortError", "/dev/pts/0", 300000), run(
            "const m = boot({ image, memoryMb: 64 }); await m.ready; const out = [];"
            + "await m.exec(['sh', '-c', 'sleep 0.5; printf warm']);" // time waited for disk chunks is not guest time
            + "const before = performance.now();"
            + "const r = await m.exec(['sh', '-c', 'echo first; sleep 0.5; printf second; exit 7']);"
            + "out.push(`${r.code} ${r.signal}`, r.lines.map(l => l.text).join(),"
            + " [before, r.lines[0].t, r.lines[1].t - 350, performance.now() - 350].every((t, i, all) => i === 0 || t >= all[i - 1]));"
            + "out.push((await m.exec(['sh', '-c', 'echo $V $PWD'], { env: { V: 'x' }, cwd: '/usr' })).lines[0].text);"
            + "out.push((await m.exec(['tr', 'a-z', 'A-Z'], { input: 'abc' })).lines[0].text);"
            + "out.push((await m.exec(['sh', '-c', 'kill $$'])).code);"
            + "out.push(await m.exec(['/none']).catch(e => e instanceof GuestError && e.code));"
            + "let heard = ''; await m.exec(['echo', 'grün'], { onOutput: t => { heard += t; } }); out.push(heard.trim());"
            + "const stop = new AbortController(); setTimeout(() => stop.abort(), 300);"
            + "out.push(await m.exec(['sleep', '1000'], { signal: stop.signal }).catch(e => e.name));"
            + "out.push((await m.exec(['tty'], { tty: true })).lines[0].text);"
            + "const big = new Uint8Array(300000).fill(65); await m.writeFile('/root/big', big);"
            + "out.push((await m.readFile('/root/big')).filter(b => b === 65).length);"
            + "m.stop(); return out;"));
    }

    @Test
    void aSnapshot_goesOnInAnotherMachine() {
        assertEquals("kept 0 4 same", page.evaluate(script("const m = boot({ image, memoryMb: 64 });"
            + "await m.writeFile('/tmp/x', 'kept');"
            + "const before = (await m.exec(['cat', '/proc/sys/kernel/random/boot_id'])).lines[0].text;"
            + "const snapshot = await m.snapshot(); m.stop();"
            + "const n = boot({ image, memoryMb: 64, snapshot });"
            + "const text = new TextDecoder().decode(await n.readFile('/tmp/x'));"
            + "const { code, lines } = await n.exec(['sh', '-c', 'echo $((2 + 2)); cat /proc/sys/kernel/random/boot_id']); n.stop();"
            + "return `${text} ${code} ${lines[0].text} ${lines[1].text === before ? 'same' : 'other'}`;")));
        assertTrue(((String) page.evaluate(script("const m = boot({ image, snapshot: new Uint8Array(40) });"
            + "return m.ready.then(() => 'ready', e => e.message);"))).contains("not a kmOS snapshot"));
    }

    @Test
    void whatCannotWork_isAnErrorWithAReason() {
        assertEquals(List.of("the archive is neither cpio (newc) nor tar", "manifest.json", "memoryMb", "was stopped", "POWERED_OFF"), run(
            "const out = []; const reason = p => p.then(() => 'none', e => e.message);"
            + "out.push((await reason(boot({ image: null, rootfs: new Uint8Array(1000) }).ready)).replace(/^rootfs: /, ''));"
            + "out.push((await reason(boot({ image: image + 'none/' }).ready)).match(/manifest.json/)[0]);"
            + "try { boot({ memoryMb: 3 }); } catch (e) { out.push(e.message.split(' ')[0]); }"
            + "const m = boot({ image, memoryMb: 64 }); await m.ready; const sleep = reason(m.exec(['sleep', '100'])); m.stop();"
            + "out.push((await sleep).replace('the machine ', ''));"
            + "const p = boot({ image, memoryMb: 64 }); p.exec(['poweroff', '-f']).catch(() => {}); out.push((await p.ended).state); return out;"));
    }

    @Test
    void aSandboxedFrame_ofNoOrigin_runsAMachine() {
        page.navigate(pageServer.url() + "outer.html");
        assertEquals("42", page.frames().get(1).evaluate(script(
            "const m = boot({ image, memoryMb: 64 }); const r = await m.exec(['sh', '-c', 'echo $((6*7))']); m.stop(); return r.lines[0].text;")));
    }

    /** The declarations name what the modules have, and nothing else. */
    @Test
    void declarationsAndModules_haveTheSameNames() throws IOException {
        String types = Files.readString(folder.resolve("cdn/package/kmos.d.ts"));
        String machine = types.substring(types.indexOf("export class Machine {"));
        machine = machine.substring(0, machine.indexOf("\n}"));
        List<String> members = Pattern.compile("(?m)^  (?:readonly )?(\\w+)[(:]").matcher(machine).results().map(m -> m.group(1)).sorted().toList();
        assertEquals(members, page.evaluate(script("const m = boot({ image, memoryMb: 64 }); m.ready.catch(() => {}); m.stop();"
            + "return [...new Set([...Object.keys(m), ...Object.getOwnPropertyNames(Object.getPrototypeOf(m))])].filter(n => n !== 'constructor').sort();")));
        List<String> exports = Pattern.compile("(?m)^export (?:class|function) (\\w+)").matcher(types).results().map(m -> m.group(1)).sorted().toList();
        assertEquals(exports, page.evaluate("async base => Object.keys(await import(base + 'package/kmos.js')).sort()", packageServer.url()));
        String element = Files.readString(folder.resolve("cdn/package/kmos-machine.d.ts"));
        assertEquals(true, page.evaluate("async base => Object.keys(await import(base + 'package/kmos-machine.js')).join()", packageServer.url()).equals("KmosMachineElement")
            && element.contains("export class KmosMachineElement"));
    }

    @Test
    void theElement_bootsInitOnATerminal() {
        page.evaluate("async base => { await import(base + 'package/kmos-machine.js');"
            + " const e = document.createElement('kmos-machine'); e.setAttribute('image', '" + siteServer.url() + "disk/'); e.setAttribute('memory', '64'); e.setAttribute('jit', 'off');"
            + " document.body.append(e); }", packageServer.url());
        page.waitForFunction("/root@kmos:.*# ?$/.test(document.querySelector('kmos-machine').text.trimEnd())");
        page.locator("kmos-machine .xterm-helper-textarea").focus();
        page.keyboard().type("echo $((6*7))\n");
        page.waitForFunction("/\\n42\\n/.test(document.querySelector('kmos-machine').text)");
        assertEquals("beside it", page.evaluate("async () => (await document.querySelector('kmos-machine').machine.exec(['echo', 'beside it'])).lines[0].text"));
    }

    @Test
    void theBenchPage_keepsItsContract_withTheImage_andWithAnArchiveAsRoot() throws IOException {
        page.navigate(siteServer.url() + "bench.html");
        assertEquals("0 hello", page.evaluate("async () => { const { bootMs } = await window.bench.ready; const r = await window.bench.exec(['/bin/echo', 'hello']);"
            + " return bootMs > 0 && r.lines[0].t > 0 ? `${r.code} ${r.lines[0].text}` : 'no times'; }"));
        String encoded = (String) page.evaluate(script("const m = boot({ image, memoryMb: 64 });"
            + "await m.exec(['sh', '-c', 'mkdir -p /tmp/r/bin /tmp/r/scratch; cp /bin/busybox /tmp/r/bin/; ln -s busybox /tmp/r/bin/sh; "
            + "mkdir -p /tmp/r/lib64; cp -L /lib64/ld-linux-x86-64.so.2 /tmp/r/lib64/; for l in $(ldd /bin/busybox 2>/dev/null | grep -o \"/[^ ]*\"); do mkdir -p /tmp/r/$(dirname $l); cp -L $l /tmp/r/$l; done; "
            + "tar -C /tmp/r -cf /tmp/r.tar .']); const b = await m.readFile('/tmp/r.tar'); m.stop();"
            + "let s = ''; for (let i = 0; i < b.length; i += 8192) s += String.fromCharCode(...b.subarray(i, i + 8192)); return btoa(s);"));
        byte[] root = java.util.Base64.getDecoder().decode(encoded.getBytes(StandardCharsets.US_ASCII));
        Files.write(folder.resolve("page/rootfs.tar"), root);
        page.navigate(siteServer.url() + "bench.html?memory=128&rootfs=" + pageServer.url() + "rootfs.tar");
        assertEquals("0 written", page.evaluate("async () => { await window.bench.ready; await window.bench.exec(['/bin/busybox', 'sh', '-c', 'echo written > /scratch/f']);"
            + " const r = await window.bench.exec(['/bin/busybox', 'cat', '/scratch/f']); return `${r.code} ${r.lines[0].text}`; }"));
        assertTrue(((String) page.evaluate("document.getElementById('state').dataset.note")).startsWith("rootfs"));
    }
}
