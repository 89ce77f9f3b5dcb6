// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.FilePayload;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import kmos.system.snapshot.Snapshot;
import kmos.web.server.FileStore;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What cannot be opened, kept or resumed is refused with the reason; what another build saved is offered when it can be restored. */
@Tag("slow")
class RefusalTest extends PageTest {
    private static final String OTHER = "0123456789abcdef";

    private String shared(String command, boolean isState) {
        console.open(server.url()).awaitPrompt();
        console.run(command);
        return console.share(isState);
    }

    private static String altered(String link, UnaryOperator<byte[]> change) {
        int at = link.indexOf("#s=") + 3;
        return link.substring(0, at) + Base64.getUrlEncoder().withoutPadding().encodeToString(change.apply(Base64.getUrlDecoder().decode(link.substring(at))));
    }

    private static String withFact(String link, String name, String value) {
        return altered(link, bytes -> {
            Snapshot s = Snapshot.of(bytes);
            s.setFact(name, value);
            return s.toBytes();
        });
    }

    private void assertRefused(String link, String... words) {
        try (BrowserContext other = browser.newContext()) {
            ConsolePage opened = new ConsolePage(other.newPage()).open(link);
            String message = opened.awaitMessage("#failure");
            for (String word : words) {
                assertTrue(message.contains(word), message);
            }
            assertEquals("failed", opened.state());
            // Nobody is stuck here: the usual machine starts.
            opened.page().click("#failure-again");
            opened.awaitPrompt();
            assertEquals(List.of(), opened.problems());
        }
    }

    @Test
    void truncatedAndForeignLinks_areRefused() {
        String link = shared("echo cut", false);
        int start = link.indexOf("#s=") + 3, cut = start + (link.length() - start) * 2 / 3 / 4 * 4;
        assertRefused(link.substring(0, cut), "truncated or damaged");
        assertRefused(link.substring(0, cut + 1), "truncated or damaged: some of its characters are missing"); // no base64 has that length
        assertRefused(link.substring(0, start + 24), "truncated: it ends within its header");
        assertRefused(altered(link, bytes -> {
            bytes[11] = 0x70; // 28,672 MiB of RAM
            return bytes;
        }), "damaged: its header makes no sense");
        assertRefused(link.substring(0, link.length() - 7) + "%20!?", "some of its characters are missing or wrong");
        assertRefused(withFact(link, "image", "ffffffffffffffff"), "belongs to the disk image ffffffffffffffff, here is");
        assertRefused(withFact(link, "options", "1"), "started with other options");
        assertRefused(withFact(link, "state", "9"), "another meaning (version 9");
    }

    @Test
    void anotherBuildsRecipe_isOpened_whenItGivesTheSameMachine() {
        String link = shared("echo recipe", false);
        try (BrowserContext other = browser.newContext()) {
            ConsolePage opened = new ConsolePage(other.newPage()).open(withFact(link, "build", OTHER));
            opened.awaitMessage("#restored");
            assertEquals(console.page().evaluate("kmos.sharedHash()"), opened.page().evaluate("kmos.restoredHash()"));
        }
        assertRefused(altered(link, bytes -> {
            Snapshot s = Snapshot.of(bytes);
            s.setFact("build", OTHER);
            byte[] events = s.section("events").clone();
            events[events.length - 1] ^= 1; // of the hash of the machine that it gave there
            s.setSection("events", events);
            return s.toBytes();
        }), "another version of kmOS, build " + OTHER, "what was typed, not the machine");
    }

    @Test
    void anotherBuildsState_isOfferedAndRestored() {
        String link = shared("name=kept; echo text > /root/file", true);
        console.type("echo half ty");
        console.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
        link = console.share(true);
        try (BrowserContext other = browser.newContext()) {
            ConsolePage opened = new ConsolePage(other.newPage()).open(withFact(link, "build", OTHER));
            String offer = opened.awaitMessage("#other-build");
            assertTrue(offer.contains("another version of kmOS (build " + OTHER + ")") && offer.matches("(?s).* at \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC.*"), offer);
            opened.screenshot("other-build");
            assertEquals("", opened.text(), "nothing runs before the answer");
            opened.page().click("#other-build-restore");
            opened.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
            opened.type("ped\n");
            opened.awaitText("its end", t -> t.contains("\nhalf typed\n"));
            assertEquals("kept text", opened.run("echo $name $(cat /root/file)"));
            assertFalse(opened.page().isVisible("#restored"), "it is not exact, so there is nothing to keep exact");

            ConsolePage declined = new ConsolePage(other.newPage()).open(withFact(link, "build", OTHER));
            declined.awaitMessage("#other-build");
            declined.page().click("#other-build-usual");
            declined.awaitPrompt();
            assertEquals("none", declined.run("cat /root/file 2> /dev/null || echo none"));
            assertFalse(declined.page().url().contains("#"), declined.page().url());
            assertEquals(List.of(), opened.problems());
            assertEquals(List.of(), declined.problems());
        }
        assertRefused(altered(link, bytes -> {
            Snapshot s = Snapshot.of(bytes);
            s.setFact("build", OTHER);
            s.setFact("baseHash", "1234");
            return s.toBytes();
        }), "another version of kmOS, build " + OTHER, "the difference to a machine that has just booted");
    }

    @Test
    void aFileThatIsNoSnapshot_isRefused_andTheOpenPageSaysSo() {
        console.open(server.url()).awaitPrompt();
        console.page().setInputFiles("#open-file-input", new FilePayload("holiday.kmos", "application/octet-stream", new byte[3000]));
        assertTrue(console.awaitMessage("#failure").contains("neither a kmOS snapshot nor a recording"));
        console.page().setInputFiles("#open-file-input", new FilePayload("empty.kmos", "application/octet-stream", new byte[0]));
        console.page().waitForCondition(() -> console.state().equals("failed"));
        assertTrue(console.awaitMessage("#failure").contains("neither a kmOS snapshot nor a recording"));
    }

    @Test
    void aServerThatRefuses_isQuoted(@TempDir Path folder) throws Exception {
        Clock clock = Clock.systemUTC();
        try (StaticServer keeping = new StaticServer(Chromium.SITE, 0).store(new FileStore(folder, Duration.ofDays(1), clock), 8 << 20, 1, clock)) {
            console.open(keeping.url()).awaitPrompt();
            console.run("head -c 200000 /dev/urandom > /root/noise");
            Page page = console.page();
            page.evaluate("kmos.shareState()");
            console.awaitMessage("#share-store");
            page.click("#share-store");
            page.waitForCondition(() -> page.inputValue("#share-link").contains("#f=snapshots/"));
            page.click("#share-store");
            awaitSaid("The server does not take it: too many snapshots in a minute.");
            // What stands before a server has its own limits, and answers in its own way.
            page.route("**/snapshots", route -> answer(route, 413, "<html><h1>Request Entity Too Large</h1></html>"));
            page.click("#share-store");
            awaitSaid("The server does not take it: it is too large for the server.");
            page.unroute("**/snapshots");
            page.route("**/snapshots", route -> answer(route, 500, ""));
            page.click("#share-store");
            awaitSaid("The server does not take it: it answers 500.");
            page.unroute("**/snapshots");
            page.route("**/snapshots", Route::abort);
            page.click("#share-store");
            page.waitForCondition(() -> page.textContent("#share-copied").startsWith("The server cannot be reached: "));
        }
    }

    private static void answer(Route route, int status, String body) {
        route.fulfill(new Route.FulfillOptions().setStatus(status).setContentType("text/html").setBody(body));
    }

    private void awaitSaid(String text) {
        console.page().waitForFunction("text => document.getElementById('share-copied').textContent === text", text);
    }

    /** Its name and build are all that is looked at: nothing of it is loaded. The disk is the user's, of whatever build. */
    @Test
    void anotherBuildsCheckpoint_isNotResumed_andTheDiskIsKept() {
        console.open(server.url()).awaitPrompt();
        console.run("name=lost; echo kept > /root/file; sync");
        console.page().waitForTimeout(6000); // the machine rests, and is saved
        console.page().close();
        Page store = context.newPage();
        store.navigate(server.url() + "kmos.css"); // of the same origin, without a machine
        Object changed = store.evaluate("""
            async other => {
              const request = r => new Promise((done, failed) => { r.onsuccess = () => done(r.result); r.onerror = () => failed(r.error); });
              const [{ name }] = await indexedDB.databases();
              const database = await request(indexedDB.open(name));
              const meta = () => database.transaction('meta', 'readwrite').objectStore('meta');
              const saved = await request(meta().get('checkpoint'));
              await request(meta().put({ ...saved, kind: JSON.stringify({ ...JSON.parse(saved.kind), build: other }) }, 'checkpoint'));
              database.close();
              return saved.kind.includes('"build":');
            }""", OTHER);
        assertEquals(true, changed, "there was a checkpoint, with its build");
        ConsolePage next = new ConsolePage(store).open(server.url());
        assertTrue(next.awaitMessage("#note").contains("The machine was saved by another version of kmOS, or with other settings. It starts again, from its disk."));
        next.awaitPrompt();
        assertFalse(store.isVisible("#resumed"));
        assertEquals("kept", next.run("echo $name$(cat /root/file)"));
        assertEquals(List.of(), next.problems());
    }

    /** Of two tabs one has the disk and the saved machine; the other gets both when the first has gone. */
    @Test
    void twoTabs_oneResumes_theOtherAfterIt() {
        console.open(server.url()).awaitPrompt();
        console.run("name=first; echo unflushed > /root/file");
        console.page().waitForTimeout(6000); // the machine rests, and is saved
        console.page().reload();
        console.awaitMessage("#resumed");
        ConsolePage second = new ConsolePage(context.newPage()).open(server.url());
        assertTrue(second.awaitMessage("#in-use").contains("Another tab uses this disk"));
        assertFalse(second.page().isVisible("#resumed"));
        second.page().click("#in-use-again");
        second.page().waitForFunction("window.kmos.state() === 'in use'");
        console.page().bringToFront();
        assertEquals("first", console.run("name2=more; echo $name"));
        console.page().waitForTimeout(6000);
        console.page().close();
        second.page().bringToFront();
        second.page().click("#in-use-again");
        second.awaitMessage("#resumed");
        assertEquals("first more unflushed", second.run("echo $name $name2 $(cat /root/file)"));
        assertEquals(List.of(), second.problems());
    }
}
