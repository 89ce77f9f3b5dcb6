// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import kmos.web.server.FileStore;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine as a link and as a file, opened by somebody else: the same screen, the same hash, and it goes on. */
@Tag("slow")
class ShareTest extends PageTest {
    private String share() {
        console.page().keyboard().press("Control+Shift+KeyS");
        console.page().waitForSelector("#share-dialog[open]");
        console.screenshot("share");
        String link = console.page().inputValue("#share-link");
        System.out.println("link of " + link.length() + " characters; " + console.page().textContent("#share-figures"));
        return link;
    }

    private ConsolePage open(BrowserContext other, String link) {
        ConsolePage opened = new ConsolePage(other.newPage());
        long begin = System.nanoTime();
        opened.open(link).awaitMessage("#restored");
        System.out.println("opened in " + (System.nanoTime() - begin) / 1_000_000 + " ms");
        return opened;
    }

    private BrowserContext somebodyElse() {
        return browser.newContext(new Browser.NewContextOptions().setViewportSize(700, 500));
    }

    @Test
    void freshPrompt_isAShortLink_andThePromptHalfTypedIsThere() {
        console.open(server.url()).awaitPrompt();
        console.type("echo half ty");
        console.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
        String link = share();
        assertTrue(link.length() < 2000, "link of " + link.length());
        try (BrowserContext other = somebodyElse()) {
            ConsolePage opened = open(other, link);
            opened.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
            assertEquals(console.text(), opened.text());
            assertEquals(console.page().evaluate("kmos.sharedHash()"), opened.page().evaluate("kmos.restoredHash()"));
            opened.type("ped\n");
            opened.awaitText("its end", t -> t.contains("\nhalf typed\n"));
            opened.page().click("#restored-own");
            opened.type("echo $((2 + 2))4\n");
            opened.awaitText("an answer", t -> t.contains("\n44\n"));
            assertEquals(List.of(), opened.problems());
        }
    }

    @Test
    void editorAndBackgroundJobs_goOnElsewhere() {
        console.open(server.url()).awaitPrompt();
        console.run("ls /");
        console.run("{ sleep 1000 & sleep 2000 & }");
        console.type("vi notes\n");
        console.awaitText("the editor", t -> t.contains("notes 1/1"));
        console.type("ihello wor");
        console.awaitText("the text", t -> t.contains("hello wor"));
        String link = share();
        assertTrue(link.length() < 8000, "link of " + link.length());
        try (BrowserContext other = somebodyElse()) {
            ConsolePage opened = open(other, link);
            opened.awaitText("the editor", t -> t.contains("hello wor"));
            assertEquals(console.text(), opened.text());
            assertEquals(console.page().evaluate("kmos.sharedHash()"), opened.page().evaluate("kmos.restoredHash()"));
            opened.type("ld");
            opened.press("Escape");
            opened.page().waitForTimeout(500); // what follows Escape at once is one key to the editor
            opened.type(":wq\n");
            opened.awaitPrompt();
            opened.type("cat notes; jobs\n");
            opened.awaitText("the file and the jobs", t -> t.contains("\nhello world\n") && t.contains("sleep 2000 &"));
        }
    }

    /** What is resumed is shared as what was done since the boot, not as its state; also when it was resumed twice and its disk was written before it started. */
    @Test
    void aMachineThatWasResumed_isStillARecipe() {
        console.open(server.url()).awaitPrompt();
        console.run("echo first > /root/file; sync");
        console.menu("#restart"); // its disk is another than the image's from its start on
        console.awaitText("a machine that has started again", t -> t.contains("root login") && !t.contains("first >"));
        console.awaitPrompt();
        console.run("{ sleep 1000 & }; name=$(cat /root/file)");
        for (String more : new String[] {"second", "third"}) {
            console.page().waitForTimeout(6000); // it rests, and is saved
            console.page().reload();
            console.awaitMessage("#resumed");
            console.run("echo " + more + " >> /root/file; name=$name-" + more);
        }
        console.type("echo half ty");
        console.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
        String link = share();
        assertTrue(console.page().textContent("#share-figures").startsWith("A recipe of"), console.page().textContent("#share-figures"));
        assertTrue(link.length() < 8000, "link of " + link.length());
        try (BrowserContext other = somebodyElse()) {
            ConsolePage opened = open(other, link);
            assertEquals(console.text(), opened.text());
            assertEquals(console.page().evaluate("kmos.sharedHash()"), opened.page().evaluate("kmos.restoredHash()"));
            opened.type("ped; echo $name $(cat /root/file)\n");
            opened.awaitText("what was done before, between and after", t -> t.contains("\nhalf typed\nfirst-second-third first second third\n"));
        }
    }

    @Test
    void aFileOfALargeState_isOpenedByAnotherPage(@TempDir Path folder) throws Exception {
        console.open(server.url()).awaitPrompt();
        console.run("head -c 400000 /dev/urandom > /root/noise; sha256sum /root/noise > /root/sum");
        console.page().evaluate("kmos.shareState()");
        console.page().waitForSelector("#share-dialog[open]");
        assertTrue(console.page().textContent("#share-text").contains("file of"), console.page().textContent("#share-text"));
        Download download = console.page().waitForDownload(() -> console.page().click("#share-file"));
        Path file = folder.resolve("machine.kmos");
        Files.copy(download.path(), file);
        try (BrowserContext other = somebodyElse()) {
            Page page = other.newPage();
            ConsolePage opened = new ConsolePage(page).open(server.url()).awaitPrompt();
            page.setInputFiles("#open-file-input", file);
            opened.awaitMessage("#restored");
            opened.type("sha256sum -c /root/sum\n");
            opened.awaitText("an answer", t -> t.contains("/root/noise: OK"));
        }
    }

    @Test
    void aServerThatKeepsSnapshots_givesAShortLinkToALargeState(@TempDir Path folder) throws Exception {
        Clock clock = Clock.systemUTC();
        try (StaticServer keeping = new StaticServer(Chromium.SITE, 0).store(new FileStore(folder, Duration.ofDays(1), clock), 8 << 20, 10, clock)) {
            console.open(keeping.url()).awaitPrompt();
            console.run("head -c 400000 /dev/urandom > /root/noise; sha256sum /root/noise > /root/sum");
            console.page().evaluate("kmos.shareState()");
            console.awaitMessage("#share-store");
            console.screenshot("share-large");
            console.page().click("#share-store");
            console.page().waitForCondition(() -> console.page().inputValue("#share-link").contains("#f=snapshots/"));
            String link = console.page().inputValue("#share-link");
            try (BrowserContext other = somebodyElse()) {
                ConsolePage opened = open(other, link);
                opened.type("sha256sum -c /root/sum\n");
                opened.awaitText("an answer", t -> t.contains("/root/noise: OK"));
                opened.screenshot("restored");
                ConsolePage lost = new ConsolePage(other.newPage()).open(link.substring(0, link.length() - 4) + "0000");
                assertTrue(lost.awaitMessage("#failure").contains("does not have this snapshot"));
            }
        }
    }

    @Test
    void badLinks_areRefusedWithAReason() {
        console.open(server.url() + "#s=AAAA");
        assertTrue(console.awaitMessage("#failure").contains("neither a kmOS snapshot nor a recording"));
        console.open("about:blank");
        console.open(server.url()).awaitPrompt();
        String link = share();
        int at = link.indexOf("#s=") + 200;
        String bad = link.substring(0, at) + (link.charAt(at) == 'A' ? 'B' : 'A') + link.substring(at + 1);
        try (BrowserContext other = somebodyElse()) {
            ConsolePage opened = new ConsolePage(other.newPage()).open(bad);
            assertTrue(opened.awaitMessage("#failure").contains("damaged"), opened.page().textContent("#failure"));
        }
    }
}
