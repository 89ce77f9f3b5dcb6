// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.BrowserContext;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long it takes to open a link on this machine, where the time goes, and that what is opened is what was shared. */
@Tag("slow")
class OpenTimeTest extends PageTest {
    private static final int OPENINGS = 3;
    /** The aim is 1 s (docs/performance.md); a busy test machine gets this. */
    private static final long LIMIT_MS = 5_000;

    /** From the navigation on until the machine runs with its screen painted. */
    private long open(BrowserContext profile, String link, String name) {
        ConsolePage opened = new ConsolePage(profile.newPage());
        opened.page().navigate("about:blank");
        opened.open(link).awaitMessage("#restored");
        opened.page().waitForFunction("window.kmos.openedMs() > 0");
        long took = ((Number) opened.page().evaluate("window.kmos.openedMs()")).longValue();
        String marks = (String) opened.page().evaluate("window.kmos.marks()");
        System.out.println(name + ": " + took + " ms; " + marks);
        assertFalse(marks.contains("booted"), "the base comes from the site's file: " + marks);
        assertEquals(console.text(), opened.text());
        assertEquals(console.page().evaluate("kmos.sharedHash()"), opened.page().evaluate("kmos.restoredHash()"));
        opened.page().close();
        return took;
    }

    @Test
    void aLinkOpensSoon_inANewProfile_andAgain() {
        console.open(server.url()).awaitPrompt();
        console.type("echo half ty");
        console.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
        for (boolean isState : new boolean[] {false, true}) {
            String link = console.share(isState);
            long[] first = new long[OPENINGS], again = new long[OPENINGS];
            for (int i = 0; i < OPENINGS; i++) {
                try (BrowserContext somebody = browser.newContext()) {
                    first[i] = open(somebody, link, (isState ? "state" : "recipe") + ", new profile");
                    again[i] = open(somebody, link, (isState ? "state" : "recipe") + ", again");
                }
            }
            Arrays.sort(first);
            Arrays.sort(again);
            System.out.println((isState ? "state" : "recipe") + " opened in a new profile: median " + first[OPENINGS / 2] + " ms " + Arrays.toString(first)
                + ", again: median " + again[OPENINGS / 2] + " ms " + Arrays.toString(again));
            assertTrue(first[0] < LIMIT_MS, first[0] + " ms");
        }
    }

    /** The base of the site is not what a machine booted from that had found a written disk: it is booted again, from that disk. */
    @Test
    void aMachineThatBootedFromAWrittenDisk_isBootedFromItAgain() {
        console.open(server.url()).awaitPrompt();
        console.run("echo written > /root/file; sync");
        console.open(server.url() + "?resume=off").awaitPrompt();
        assertEquals("written", console.run("cat /root/file"));
        String link = console.share(false);
        for (int i = 0; i < OPENINGS; i++) {
            try (BrowserContext somebody = browser.newContext()) {
                ConsolePage opened = new ConsolePage(somebody.newPage()).open(link);
                opened.awaitMessage("#restored");
                opened.page().waitForFunction("window.kmos.openedMs() > 0");
                System.out.println("booted from a written disk, new profile: " + opened.page().evaluate("window.kmos.openedMs()") + " ms; " + opened.page().evaluate("window.kmos.marks()"));
                assertEquals(console.page().evaluate("kmos.sharedHash()"), opened.page().evaluate("kmos.restoredHash()"));
            }
        }
    }
}
