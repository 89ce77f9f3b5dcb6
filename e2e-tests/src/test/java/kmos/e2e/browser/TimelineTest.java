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
        page().waitForFunction("() => { const p = window.kmos.past(); const was = window.lastPast; window.lastPast = p; return p !== null && p !== was && p.isPast; }");
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
        return ((Number) page().evaluate("window.kmos.status().guestNs")).doubleValue();
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
