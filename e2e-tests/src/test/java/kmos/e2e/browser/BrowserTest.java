// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The built page in headless Chromium: what a user sees and what survives. Needs the static folder (./kmos build). */
@Tag("slow")
class BrowserTest extends PageTest {
    private ConsolePage boot() {
        return console.open(server.url()).awaitPrompt();
    }

    @Test
    void boots_andRunsDebianPrograms() {
        boot();
        String uname = console.run("uname -a");
        assertTrue(uname.startsWith("Linux kmos ") && uname.endsWith("x86_64 GNU/Linux"), uname);
        assertEquals("2", console.run("lua5.4 -e 'print(1+1)'"));
        assertEquals("0.10000000000000001", console.run("lua5.4-i386 -e \"print(string.format('%.17g', 0.1))\""));
        assertEquals("06a71126fcf3c64f615a748b67fc0244  -", console.run("seq 1 20000 | sort -rn | head -3 | md5sum"));
        assertTrue(console.run("bash -c 'kill -SEGV $$'; echo status $?").endsWith("status 139"), console.text());
        assertTrue(console.run("cat /etc/os-release").contains("kmOS"));
        assertEquals("grün — 漢字", console.run("echo 'grün — 漢字'"));
        console.screenshot("light");
    }

    @Test
    void theAddressChoosesTheProcessor() {
        console.open(server.url() + "?cpu=max").awaitPrompt();
        assertEquals("sha_ni", console.run("grep -ow sha_ni /proc/cpuinfo"));
        assertEquals("0.10000000000000001", console.run("lua5.4-i386 -e \"print(string.format('%.17g', 0.1))\""));
        assertEquals("06a71126fcf3c64f615a748b67fc0244  -", console.run("seq 1 20000 | sort -rn | head -3 | md5sum"));
    }

    @Test
    void windowSize_reachesTheGuest_whenThePageIsResized() {
        boot();
        console.run("trap 'echo SIGWINCH' WINCH");
        console.page().setViewportSize(700, 500);
        console.page().waitForTimeout(300);
        List<?> size = (List<?>) console.page().evaluate("window.kmos.size()");
        String answer = console.run("stty size");
        assertTrue(answer.endsWith(size.get(1) + " " + size.get(0)), answer + " for " + size);
        assertTrue(Pattern.compile("(?m)(^|# )SIGWINCH$").matcher(console.text()).find(), console.text());
    }

    @Test
    void controlKeys_interruptAndStop() {
        boot();
        console.type("sleep 1000\n");
        console.page().waitForTimeout(300);
        console.press("Control+c");
        console.awaitPrompt();
        assertEquals("130", console.run("echo $?"));
        console.type("sleep 1000\n");
        console.page().waitForTimeout(300);
        console.press("Control+z");
        console.awaitText("a stopped job", t -> t.contains("Stopped"));
        assertTrue(console.run("jobs").contains("Stopped"));
    }

    @Test
    void internalTrap_showsThePanel_andTheMachineStartsAgain() {
        boot();
        console.run("echo safe > /root/safe.txt; sync");
        console.page().evaluate("window.kmos.provokeTrap()");
        String text = console.awaitMessage("#failure");
        assertTrue(text.contains("out of bounds"), text);
        assertEquals("failed", console.state());
        console.page().click("#failure-details summary");
        String dump = console.page().locator("#failure-dump").innerText();
        assertTrue(Pattern.compile("rip [0-9a-f]+").matcher(dump).find() && dump.contains("guest time") && dump.contains("task "), dump);
        console.screenshot("failure");
        assertTrue(console.page().locator("footer").innerText().contains("0 % busy"), "the status line tells what is");
        console.page().click("#failure-again");
        console.awaitText("a fresh console", t -> !t.contains("safe.txt"));
        console.awaitPrompt();
        assertEquals("safe", console.run("cat /root/safe.txt"));
    }

    @Test
    void otherOrigin_runsInABlobWorker(@TempDir Path folder) throws IOException {
        String page = Files.readString(Chromium.SITE.resolve("index.html")).replace("<head>", "<head><base href=\"" + server.url() + "\">");
        Files.writeString(folder.resolve("page.html"), page);
        try (StaticServer other = new StaticServer(folder, 0)) {
            console.open(other.url() + "page.html");
            console.page().waitForFunction("window.kmos !== undefined");
            console.awaitPrompt();
            assertEquals("42", console.run("echo $((6*7))"));
        }
    }

    @Test
    void touchKeys_actOnTheScreenToo() {
        context.close();
        context = browser.newContext(new Browser.NewContextOptions().setViewportSize(420, 760).setHasTouch(true).setIsMobile(true));
        console = new ConsolePage(context.newPage());
        boot();
        console.page().click("#tab-screen");
        console.page().waitForTimeout(1000);
        console.page().locator("#screen").focus();
        console.page().keyboard().type("tee /tmp/touched");
        console.page().keyboard().press("Enter");
        console.page().keyboard().type("x");
        console.page().click("#touch-keys [data-key=control]");
        assertEquals("true", console.page().getAttribute("#touch-keys [data-key=control]", "aria-pressed"));
        console.page().keyboard().type("u");
        assertEquals("false", console.page().getAttribute("#touch-keys [data-key=control]", "aria-pressed"));
        console.page().keyboard().type("seen");
        console.page().keyboard().press("Enter");
        console.page().click("#touch-keys [data-key=end-of-file]");
        console.page().waitForTimeout(500);
        console.screenshot("phone-screen");
        console.page().click("#tab-serial");
        assertEquals("seen", console.run("cat /tmp/touched"));
    }

    @Test
    void flood_leavesThePageUsable() {
        boot();
        console.type("yes flood\n");
        console.page().waitForTimeout(1500);
        long begin = System.nanoTime();
        console.page().click("#tab-screen");
        console.page().click("#tab-serial");
        assertTrue(System.nanoTime() - begin < 5_000_000_000L, "the page hangs while the guest writes without end");
        console.press("Control+c");
        console.awaitPrompt();
        assertEquals("still here", console.run("clear; echo still here"));
    }

    @Test
    void syncedFile_survivesReload_andGoesWithReset() {
        boot();
        console.run("echo kept > /root/kept.txt; sync");
        console.page().reload();
        console.awaitPrompt();
        assertEquals("kept", console.run("cat /root/kept.txt"));
        console.menu("#reset");
        console.page().click("#reset-dialog button[value=reset]");
        console.awaitText("a fresh console", t -> !t.contains("kept.txt"));
        console.awaitPrompt();
        assertTrue(console.run("cat /root/kept.txt").contains("No such file"));
    }

    @Test
    void secondTab_isRefused_andGetsACopyWhenAskedFor() {
        boot();
        console.run("echo first > /root/tab.txt; sync");
        ConsolePage second = new ConsolePage(context.newPage()).open(server.url());
        assertTrue(second.awaitMessage("#in-use").contains("Another tab uses this disk"));
        second.screenshot("second-tab");
        second.page().click("#in-use-copy");
        second.awaitPrompt();
        assertTrue(second.awaitMessage("#note").contains("Changes are not kept"));
        assertEquals("first", second.run("cat /root/tab.txt"));
        second.run("echo second > /root/tab.txt; sync");
        console.page().bringToFront();
        assertEquals("first", console.run("cat /root/tab.txt"));
        assertEquals(List.of(), second.problems());
    }

    @Test
    void poweroff_endsClearly_andStartsAgain() {
        boot();
        console.type("poweroff\n");
        assertTrue(console.awaitMessage("#ended").contains("powered off"));
        assertEquals("ended", console.state());
        console.screenshot("powered-off");
        console.page().click("#ended-again");
        console.awaitPrompt();
        assertEquals("running", console.state());
    }

    @Test
    void reboot_bootsAgain() {
        boot();
        console.type("reboot\n");
        console.awaitMessage("#ended");
        console.awaitText("a new boot", t -> !t.contains("reboot\n"));
        console.awaitPrompt();
        assertEquals("again", console.run("echo again"));
    }

    @Test
    void pages_areLegible_darkAndNarrow() {
        console.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        console.page().setViewportSize(360, 640);
        boot();
        console.run("ls --color /");
        assertEquals("dark", console.page().locator("html").getAttribute("data-theme"));
        assertEquals(360, console.page().evaluate("document.documentElement.scrollWidth"), "the page is wider than the phone");
        console.screenshot("dark-narrow");
        console.page().click("#menu summary");
        console.screenshot("dark-narrow-menu");
    }

    @Test
    void keyboardAlone_reachesTabsAndMenu() {
        boot();
        console.press("Shift+F6");
        assertEquals("tab-serial", focused());
        console.page().keyboard().press("ArrowRight");
        assertEquals("tab-screen", focused());
        console.page().keyboard().press("Tab");
        assertEquals("cpu-toggle", focused());
        console.page().keyboard().press("Tab");
        assertEquals("share", focused());
        console.page().keyboard().press("Tab");
        console.page().keyboard().press("Enter");
        assertTrue(console.page().isVisible("#export"));
        console.page().keyboard().press("Escape");
        assertTrue(!console.page().isVisible("#export"));
    }

    private Object focused() {
        return console.page().evaluate("document.activeElement.id");
    }

    /** The address of the boot pack of the built image, for routes. */
    private static String bootPack() throws IOException {
        Matcher name = Pattern.compile("\"bootPack\": \"([0-9a-f]{64})\"").matcher(Files.readString(Chromium.SITE.resolve("disk/manifest.json")));
        assertTrue(name.find(), "the image has no boot pack: ./kmos build makes it");
        return "/disk/chunks/" + name.group(1) + ".gz";
    }

    /** Boots; returns the addresses of the image's pieces that were fetched, the boot pack's among them. */
    private List<String> piecesOfTheBoot() {
        List<String> pieces = new ArrayList<>();
        console.page().onRequest(request -> {
            if (request.url().contains("/disk/chunks/")) {
                pieces.add(request.url());
            }
        });
        boot();
        return List.copyOf(pieces);
    }

    @Test
    void bootPack_isFetchedInsteadOfItsChunks() throws IOException {
        String pack = bootPack();
        List<String> pieces = piecesOfTheBoot();
        assertEquals(1, pieces.stream().filter(url -> url.endsWith(pack)).count(), pieces.toString());
        assertTrue(pieces.size() < 15, pieces.size() + " requests");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"the server does not have it, 404, ''", "it is something else,        200, <html>not here</html>"})
    void bootPack_isDispensable(String claim, int status, String body) throws IOException {
        console.page().route("**" + bootPack(), route -> route.fulfill(new Route.FulfillOptions().setStatus(status).setBody(body)));
        List<String> pieces = piecesOfTheBoot();
        assertTrue(pieces.size() > 50, pieces.size() + " requests");
    }

    @Test
    void missingChunk_isAMessageAndAnIoError_andThePageGoesOn() {
        boot();
        console.run("cat /dev/null");
        console.page().route("**/disk/chunks/**", route -> route.abort());
        console.type("cat /usr/lib/i386-linux-gnu/libc.so.6 > /dev/null\n");
        console.awaitText("an I/O error", t -> t.contains("Input/output error"));
        assertTrue(console.awaitMessage("#note").contains("missing chunk"));
        console.page().unroute("**/disk/chunks/**");
        console.awaitPrompt();
        assertEquals("fine", console.run("echo fine"));
    }

    @Test
    void missingModule_isAClearFailure() {
        console.page().route("**/classes.wasm.gz", route -> route.abort());
        console.open(server.url());
        String message = console.awaitMessage("#failure");
        assertTrue(message.contains("cannot fetch") && message.contains("classes.wasm.gz"), message);
        console.page().unroute("**/classes.wasm.gz");
        console.page().click("#failure-again");
        console.awaitPrompt();
    }

    @Test
    void emptyDisk_isAKernelPanicWithAClearEnd() {
        console.page().route("**/disk/manifest.json", route -> route.fulfill(new Route.FulfillOptions().setBody(
            "{\"format\":\"kmos-chunks-1\",\"size\":8388608,\"chunkSize\":4194304,\"compression\":\"gzip\",\"sha256\":\"0\",\"chunks\":[null,null]}")));
        console.open(server.url());
        String message = console.awaitMessage("#ended");
        assertTrue(message.contains("Kernel panic") && message.contains("Unable to mount root"), message);
        console.screenshot("panic");
        console.page().unroute("**/disk/manifest.json");
        console.page().click("#ended-again");
        console.awaitPrompt();
    }

    @Test
    void brokenManifest_isAClearFailure() {
        console.page().route("**/disk/manifest.json", route -> route.fulfill(new Route.FulfillOptions().setBody("<html>not here</html>")));
        console.open(server.url());
        assertTrue(console.awaitMessage("#failure").contains("is not a disk manifest"));
    }

    @Test
    void insecureHost_worksInMemory_andSaysSo() {
        console.open(server.url().replace("localhost", Chromium.PLAIN_HOST)).awaitPrompt();
        assertTrue(console.awaitMessage("#note").contains("not kept"));
        assertEquals("2", console.run("lua5.4 -e 'print(1+1)'"));
    }
}
