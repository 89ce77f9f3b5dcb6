// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kmos.base.MemoryArena;
import kmos.e2e.RecordedSession;
import kmos.headless.FileDisk;
import kmos.headless.SnapshotFiles;
import kmos.machine.VirtualClock;
import kmos.system.KmosSystem;
import kmos.system.replay.Recording;
import kmos.system.replay.Replayer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The timeline under the consoles, as a user has it. */
@Tag("slow")
class TimelineTest extends PageTest {
    private static final String REMOVED = "rm /root/precious; sync; echo gone-$((1 + 1))";

    private Page page() {
        return console.page();
    }

    /** Moves the slider to a fraction of the past, and waits until the machine is there. */
    private void drag(double fraction) {
        page().evaluate("f => { const s = document.getElementById('timeline-at'); s.value = Math.round(s.max * f); s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }", fraction);
        settled();
    }

    private void dragTo(double ns) {
        page().evaluate("ns => { const s = document.getElementById('timeline-at'); s.value = Math.round((ns - window.kmos.status().past.firstNs) / 1e6);"
            + " s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }", ns);
        settled();
    }

    private void settled() {
        page().waitForFunction("() => { const p = window.kmos.past(); const was = window.lastPast; window.lastPast = p; return p !== null && p !== was && p.isPast && !p.isSearching; }");
        page().waitForTimeout(200);
    }

    private double at() {
        return ((Number) page().evaluate("window.kmos.past().ns")).doubleValue();
    }

    private String hash() {
        return (String) page().evaluate("window.kmos.pastHash().then(hash => { window.lastPast = window.kmos.past(); return hash; })");
    }

    private double guestNs() {
        page().waitForTimeout(300);
        return ((Number) console.status("guestNs")).doubleValue();
    }

    @Test
    void removedFileIsReadAgain_afterGoingBackOverItsRemoval() throws IOException {
        console.open(server.url()).awaitPrompt();
        console.run("echo precious-words > /root/precious; sync");
        double before = guestNs();
        page().waitForTimeout(700);
        assertTrue(console.run(REMOVED).contains("gone-2"));
        console.run("echo 3 > /proc/sys/vm/drop_caches; cat /root/precious");
        assertTrue(console.text().contains("No such file"), console.text());
        page().waitForSelector("#timeline-at:enabled");
        console.screenshot("timeline-present");

        dragTo(before + 300e6);
        assertTrue(page().isVisible("#timeline-branch"));
        assertFalse(console.text().contains("gone-2"), "the screen is as it was:\n" + console.text());
        assertTrue(console.text().contains("precious-words > /root/precious"), console.text());
        console.screenshot("timeline-past");
        page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
        page().waitForTimeout(200);
        console.screenshot("timeline-past-dark");
        page().setViewportSize(420, 700);
        page().waitForTimeout(300);
        console.screenshot("timeline-past-narrow");
        page().setViewportSize(1000, 640);

        page().click("#timeline-branch");
        page().waitForFunction("() => !window.kmos.past().isPast");
        console.type("echo 3 > /proc/sys/vm/drop_caches; cat /root/precious; echo end-of-$((1 + 2))\n");
        String text = console.awaitText("the file", t -> t.contains("end-of-3"));
        assertTrue(text.contains("\nprecious-words\n"), text);
        assertEquals(java.util.List.of(), console.problems());
    }

    @Test
    void steppingBackGoesBack_andTheSamePlaceHasTheSameState() {
        console.open(server.url()).awaitPrompt();
        console.run("seq 1 2000 | sort -rn | md5sum");
        // Behind the command's beginning, however short it was against the start of the machine.
        drag(0.95);
        String there = hash();
        double from = at();
        for (String unit : new String[] {"1", "1", "4", "2", "2", "3", "1"}) {
            double last = at();
            page().selectOption("#timeline-unit", unit);
            long begin = System.nanoTime();
            page().click("#timeline-back");
            settled();
            System.out.println("step back " + unit + ": " + (System.nanoTime() - begin) / 1_000_000 + " ms, " + last + " -> " + at());
            if (unit.equals("4") && at() == last) {
                // Where the slider lands depends on the host; an instruction may be there that had not run before.
                assertTrue(console.awaitMessage("#note").contains("no such place"));
                page().click("#note-close");
                continue;
            }
            assertTrue(at() < last, unit + " from " + last + " to " + at());
        }
        assertNotEquals(there, hash());
        page().selectOption("#timeline-unit", "writer");
        page().fill("#timeline-address", "10");
        page().click("#timeline-back");
        assertTrue(console.awaitMessage("#note").contains("Nothing is mapped"));
        drag(0.2);
        page().evaluate("ns => document.getElementById('timeline-at').value = 0", from);
        page().selectOption("#timeline-speed", "max");
        page().click("#timeline-play");
        page().waitForFunction("() => !window.kmos.past().isPlaying && window.kmos.past().ns >= window.kmos.past().presentNs");
        page().click("#timeline-now");
        page().waitForFunction("() => !window.kmos.past().isPast");
        assertEquals("5", console.run("echo $((2 + 3))"));
        assertEquals(java.util.List.of(), console.problems());
    }

    /** The timeline's own message, or what it says when there is no such place. */
    private void stepBack(String unit, String address) {
        page().selectOption("#timeline-unit", unit);
        if (address != null) {
            page().fill("#timeline-address", address);
        }
        page().evaluate("window.lastPast = window.kmos.past()");
        page().click("#timeline-back");
        page().waitForFunction("() => { const p = window.kmos.past(); return p !== null && p !== window.lastPast && p.isPast && !p.isSearching; }");
    }

    private String register(String name) {
        return found(name + " ([0-9a-f]+)", (String) page().evaluate("window.kmos.past().state"));
    }

    private static String found(String pattern, String text) {
        Matcher m = Pattern.compile(pattern).matcher(text);
        assertTrue(m.find(), pattern + " in " + text);
        return m.group(1);
    }

    /** Programs that draw on the alternate screen leave the usual one; at either time each is what it was, and so when the machine goes on from there. */
    @Test
    void anEditorsScreenIsSeenAgain_andTheShellsBehindIt() {
        console.open(server.url()).awaitPrompt();
        console.run("echo before-the-editor");
        double before = guestNs();
        console.type("vi notes\n");
        console.awaitText("the editor", t -> t.contains("notes 1/1"));
        console.type("ihello from the past");
        String inside = console.awaitText("the text", t -> t.contains("hello from the past"));
        double then = guestNs();
        page().waitForTimeout(600);
        console.press("Escape");
        page().waitForTimeout(500); // what follows Escape at once is one key to the editor
        console.type(":q!\n");
        console.awaitPrompt();
        console.run("echo after-the-editor");
        double after = guestNs();
        page().waitForTimeout(600);

        dragTo(after);
        String shell = console.text();
        assertTrue(shell.contains("before-the-editor") && shell.contains("after-the-editor") && !shell.contains("hello from the past"), shell);
        dragTo(then);
        assertEquals(inside, console.text());
        console.screenshot("timeline-editor");
        dragTo(before);
        assertTrue(console.text().contains("before-the-editor") && !console.text().contains("hello"), console.text());
        dragTo(then);
        assertEquals(inside, console.text());
        page().click("#timeline-branch");
        page().waitForFunction("() => !window.kmos.past().isPast");
        console.press("Escape");
        page().waitForTimeout(500);
        console.type(":wq\n");
        String end = console.awaitPrompt().text();
        assertTrue(end.contains("before-the-editor") && !end.contains("after-the-editor") && !end.contains("notes 1/1"), "the shell's screen of that time is behind it:\n" + end);
        assertEquals("hello from the past", console.run("cat notes"));
    }

    /** Steps to an address, from the present and in another process; the tasks of that time can be read. */
    @Test
    void breakpointAndWriterAreFoundBackwards_withTheTasksOfThatTime() {
        console.open(server.url()).awaitPrompt();
        console.type("sleep 1000 &\n");
        console.run("sleep 0.5; echo $((1 + 1))"); // the other one sleeps by then
        page().waitForSelector("#timeline-back:enabled");
        assertFalse(page().isVisible("#timeline-branch"), "it is the present");
        stepBack("2", null);
        assertTrue(page().isVisible("#timeline-branch"), "a step back leaves the present");
        String state = (String) page().evaluate("window.kmos.past().state");
        String shell = found("\\*\\s+(\\d+) .*\\n", state), sleeper = found("(?m)^\\s+(\\d+) .* clock_nanosleep .*sleep$", state);
        String stack = register("rsp");
        double called = at();

        stepBack("2", null);
        stepBack("2", null);
        double earlier = at();
        String place = register("rip"), where = (String) page().evaluate("window.kmos.past().place");
        page().click("#timeline-now");
        page().waitForFunction("() => !window.kmos.past().isPast");
        stepBack("breakpoint", shell + ":" + place);
        assertTrue(at() >= earlier, "not later than the last time that this was about to run: " + at() + ", " + earlier);
        assertEquals(where, page().evaluate("window.kmos.past().place"));
        assertEquals(place, register("rip"));

        dragTo(called + 1e6);
        stepBack("writer", shell + ":0x" + stack);
        assertTrue(at() < called + 1e6, "written before");
        double written = at();
        stepBack("writer", stack);
        assertTrue(at() < written, "and once before that, in the process that runs there");

        page().click("#timeline-state summary");
        assertTrue(page().innerText("#timeline-state-text").contains("SYSTEM CALL"), page().innerText("#timeline-state-text"));
        console.screenshot("timeline-tasks");
        page().click("#timeline-state summary");
        page().click("#timeline-now");
        page().waitForFunction("() => !window.kmos.past().isPast");
        stepBack("writer", "12345:10");
        assertTrue(console.awaitMessage("#note").contains("There is no process 12345 here"));
        page().click("#note-close");
        stepBack("writer", sleeper + ":10");
        assertTrue(console.awaitMessage("#note").contains("Nothing is mapped"));
        page().click("#note-close");
        page().fill("#timeline-address", "no address");
        page().click("#timeline-back");
        assertEquals("true", page().getAttribute("#timeline-address", "aria-invalid"));

        // What is never found takes as long as the past is: it can be stopped, and stays where it began.
        double from = at();
        page().selectOption("#timeline-unit", "breakpoint");
        page().fill("#timeline-address", "10");
        page().click("#timeline-back");
        page().waitForFunction("document.getElementById('timeline-back').textContent === 'Stop' || document.getElementById('note-text').textContent.includes('no such place')");
        if (page().innerText("#timeline-back").equals("Stop")) {
            page().evaluate("window.lastPast = window.kmos.past()");
            page().click("#timeline-back");
        }
        page().waitForFunction("() => window.kmos.past().isPast && !window.kmos.past().isSearching");
        assertEquals(from, at());
    }

    @Test
    void exportedRecordingReplaysOnTheJvm() throws IOException {
        console.open(server.url() + "?memory=64").awaitPrompt();
        console.run("uname -a; seq 1 3000 | md5sum");
        Download download = page().waitForDownload(() -> console.menu("#recording"));
        byte[] file = Files.readAllBytes(download.path());
        Recording recording = Recording.parse(file);
        recording.requireBuild(SnapshotFiles.imageDigest(RecordedSession.IMAGE));
        System.out.println("recording of the page: " + file.length + " bytes, " + (double) recording.endCycles() / VirtualClock.CYCLES_PER_SECOND + " s");
        StringBuilder output = new StringBuilder();
        try (FileDisk disk = new FileDisk(RecordedSession.IMAGE, false)) {
            MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
            KmosSystem system = new KmosSystem(arena, recording.systemConfig(Files.readAllBytes(RecordedSession.IMAGE.resolveSibling("console.psf"))), disk, b -> output.append((char) b));
            Replayer replayer = recording.replayer(system, true);
            replayer.runTo(Long.MAX_VALUE, 10_000_000);
            system.close();
        }
        assertTrue(output.toString().contains("x86_64 GNU/Linux"), output.toString());
    }
}
