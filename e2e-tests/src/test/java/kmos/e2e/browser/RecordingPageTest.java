// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import kmos.base.Hash64;
import kmos.base.LittleEndian;
import kmos.e2e.KmosCommand;
import kmos.system.replay.Recording;
import kmos.system.snapshot.Snapshot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings that a page makes, and plays: from the boot, and from where the past that it keeps begins. */
@Tag("slow")
class RecordingPageTest extends PageTest {
    private static final int HEADER = 28;
    private static final String OTHER = "0123456789abcdef";

    @TempDir
    Path folder;

    private Path export(ConsolePage from) throws IOException {
        Path file = folder.resolve("session.recording");
        Files.copy(from.page().waitForDownload(() -> from.menu("#recording")).path(), file, StandardCopyOption.REPLACE_EXISTING);
        System.out.println("recording of " + Files.size(file) + " bytes");
        return file;
    }

    private ConsolePage play(BrowserContext other, Path file) {
        ConsolePage player = new ConsolePage(other.newPage()).open(server.url()).awaitPrompt();
        player.page().setInputFiles("#open-file-input", file);
        player.awaitMessage("#playback");
        return player;
    }

    private static void awaitEnd(ConsolePage player) {
        player.page().waitForFunction("window.kmos.playback().isAtEnd");
    }

    private static double at(ConsolePage player) {
        return ((Number) player.page().evaluate("window.kmos.playback().ns")).doubleValue();
    }

    @Test
    void recordingFromTheBoot_isPlayedWithPause_andTheMachineGoesOn() throws IOException {
        console.open(server.url()).awaitPrompt();
        console.run("uname -a; sleep 5; seq 1 3000 | md5sum");
        String shown = console.text();
        Path file = export(console);
        assertNull(Recording.parse(Files.readAllBytes(file)).start(), "it begins at the boot");
        try (BrowserContext other = browser.newContext(new Browser.NewContextOptions().setViewportSize(700, 500))) {
            ConsolePage player = play(other, file);
            Page page = player.page();
            page.click("#playback-play");
            page.waitForFunction("window.kmos.playback().speed === 0");
            double paused = at(player);
            page.waitForTimeout(500);
            assertEquals(paused, at(player), "it stands still");
            assertEquals("playing", page.innerText("#status-state"));
            long begin = System.nanoTime();
            page.click("#playback-play");
            page.waitForFunction("from => window.kmos.playback().ns > from + 3e9", paused);
            double went = at(player) - paused;
            // A recorded sample moves guest time on at once; what is played waits for real time behind it.
            assertTrue(went < System.nanoTime() - begin + 2e9, "not faster than it was, but " + went + " ns");
            page.click("#playback-play");
            page.waitForFunction("window.kmos.playback().speed === 0");
            page.selectOption("#playback-speed", "max");
            page.click("#playback-play");
            awaitEnd(player);
            player.awaitText("what was shown", t -> t.equals(shown));
            player.screenshot("playback-end");
            replay(file, player);
            page.click("#playback-leave");
            assertEquals("42", player.run("echo $((6 * 7))"));
            assertEquals("running", page.innerText("#status-state"));
            assertEquals(List.of(), player.problems());
        }
    }

    @Test
    void recordingOfARestoredMachine_beginsThere_andIsReplayedByPageAndJvm() throws IOException {
        console.open(server.url()).awaitPrompt();
        console.run("echo before > /root/file; sync; echo unsynced > /root/other");
        String link = console.share(true);
        try (BrowserContext other = browser.newContext(); BrowserContext third = browser.newContext()) {
            ConsolePage restored = new ConsolePage(other.newPage()).open(link);
            restored.awaitMessage("#restored");
            restored.page().click("#restored-own");
            restored.run("cat /root/file /root/other; dd if=/dev/zero bs=512 count=3 seek=1 of=/root/file 2>/dev/null; sync; md5sum /root/file");
            String sum = restored.run("md5sum < /root/file");
            String shown = restored.text();
            Path file = export(restored);
            assertNotNull(Recording.parse(Files.readAllBytes(file)).start(), "it begins at the restored machine");
            ConsolePage player = play(third, file);
            player.page().selectOption("#playback-speed", "max");
            awaitEnd(player);
            player.awaitText("what was shown", t -> t.endsWith(shown.substring(shown.length() - 150)));
            assertTrue(replay(file, player).contains(sum));
            // The past of what was played can be seen, and the recording goes on behind it.
            player.page().evaluate("() => { const s = document.getElementById('timeline-at'); s.value = 1; s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }");
            player.page().waitForFunction("window.kmos.past() !== null && window.kmos.past().isPast");
            assertEquals("in its past", player.page().innerText("#status-state"));
            player.page().click("#timeline-now");
            player.page().waitForFunction("!window.kmos.past().isPast");
            player.page().click("#playback-leave");
            assertEquals(sum, player.run("md5sum < /root/file"));
            assertEquals(List.of(), player.problems());
        }
    }

    /** A recording and a place in it as a link: another page stands at the same instruction, with the same screen. */
    @Test
    void aMomentIsALink() {
        console.open(server.url()).awaitPrompt();
        console.run("echo early; sleep 0.3; seq 1 500 | md5sum");
        Page page = console.page();
        page.evaluate("() => { const s = document.getElementById('timeline-at'); s.value = Math.round(s.max * 0.9); s.dispatchEvent(new Event('input')); s.dispatchEvent(new Event('change')); }");
        page.waitForFunction("window.kmos.past() !== null && window.kmos.past().isPast");
        page.waitForTimeout(300);
        page.selectOption("#timeline-unit", "2");
        page.evaluate("window.before = window.kmos.past()");
        page.click("#timeline-back");
        page.waitForFunction("window.kmos.past() !== window.before");
        page.waitForTimeout(300);
        Object at = page.evaluate("window.kmos.past().ns"), hash = page.evaluate("window.kmos.pastHash()");
        page.click("#timeline-link");
        page.waitForSelector("#share-dialog[open]");
        String link = page.inputValue("#share-link");
        System.out.println("link to a moment: " + link.length() + " characters");
        assertTrue(link.length() < 3000, link);
        try (BrowserContext other = browser.newContext()) {
            ConsolePage opened = new ConsolePage(other.newPage()).open(link);
            opened.page().waitForFunction("window.kmos !== undefined && window.kmos.playback() !== null && window.kmos.playback().speed === 0");
            assertEquals(at, opened.page().evaluate("window.kmos.playback().ns"));
            assertEquals(hash, opened.page().evaluate("window.kmos.pastHash()"));
            opened.awaitText("the screen then", t -> t.endsWith(console.text().substring(Math.max(0, console.text().length() - 100))));
            assertEquals(List.of(), opened.problems());
        }
    }

    /** The recording as another build would have written it. */
    private static byte[] ofOther(byte[] file) throws IOException, DataFormatException {
        Inflater inflater = new Inflater(true);
        inflater.setInput(Arrays.copyOfRange(file, HEADER, file.length + 1));
        byte[] plain = new byte[LittleEndian.get32(file, 24)];
        inflater.inflate(plain);
        inflater.end();
        ByteArrayOutputStream sections = new ByteArrayOutputStream();
        for (int at = 0; at < plain.length;) {
            int content = at + 1 + plain[at] + 4, end = content + LittleEndian.get32(plain, content - 4);
            String name = new String(plain, at + 1, plain[at], StandardCharsets.ISO_8859_1);
            byte[] bytes = Arrays.copyOfRange(plain, content, end);
            if (name.equals("build")) {
                bytes = OTHER.getBytes(StandardCharsets.ISO_8859_1);
            } else if (name.equals("start")) {
                Snapshot start = Snapshot.of(bytes);
                start.setFact("build", OTHER);
                bytes = start.toBytes();
            }
            sections.write(plain, at, content - 4 - at);
            byte[] length = new byte[4];
            LittleEndian.put32(length, 0, bytes.length);
            sections.write(length);
            sections.write(bytes);
            at = end;
        }
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(sections.toByteArray());
        deflater.finish();
        byte[] body = new byte[sections.size() + 100];
        body = Arrays.copyOf(body, deflater.deflate(body));
        deflater.end();
        byte[] other = Arrays.copyOf(file, HEADER + body.length);
        System.arraycopy(body, 0, other, HEADER, body.length);
        LittleEndian.put32(other, 12, body.length);
        LittleEndian.put64(other, 16, Hash64.of(body));
        LittleEndian.put32(other, 24, sections.size());
        return other;
    }

    /** Its events would give another run; the machine at which it begins can be restored, where there is one. */
    @Test
    void anotherBuildsRecording_givesItsBeginning_orIsRefused() throws IOException, DataFormatException {
        console.open(server.url()).awaitPrompt();
        console.run("name=kept; echo before > /root/file");
        Path fromBoot = folder.resolve("other-boot.recording");
        Files.write(fromBoot, ofOther(Files.readAllBytes(export(console))));
        String link = console.share(true);
        try (BrowserContext other = browser.newContext()) {
            ConsolePage restored = new ConsolePage(other.newPage()).open(link);
            restored.awaitMessage("#restored");
            restored.page().click("#restored-own");
            restored.run("echo after > /root/file");
            Path fromCheckpoint = folder.resolve("other-checkpoint.recording");
            Files.write(fromCheckpoint, ofOther(Files.readAllBytes(export(restored))));

            ConsolePage opened = new ConsolePage(other.newPage()).open(server.url()).awaitPrompt();
            opened.page().setInputFiles("#open-file-input", fromBoot);
            String refusal = opened.awaitMessage("#failure");
            assertTrue(refusal.contains("of kmOS build " + OTHER) && refusal.contains("no machine in it to restore"), refusal);
            opened.page().setInputFiles("#open-file-input", fromCheckpoint);
            String offer = opened.awaitMessage("#other-build");
            assertTrue(offer.contains("recording was made by another version of kmOS (build " + OTHER + ")"), offer);
            opened.page().click("#other-build-restore");
            opened.awaitRunning();
            assertEquals("kept before", opened.run("echo $name $(cat /root/file)"));
            assertEquals(List.of(), opened.problems());

            // A moment's link is a recording and a time in it: that time cannot be reached here.
            ConsolePage moment = new ConsolePage(other.newPage()).open(moment(fromBoot));
            refusal = moment.awaitMessage("#failure");
            assertTrue(refusal.contains("of kmOS build " + OTHER) && refusal.contains("no machine in it to restore"), refusal);
            moment.page().click("#failure-again");
            moment.awaitPrompt();
            moment = new ConsolePage(other.newPage()).open(moment(fromCheckpoint));
            assertTrue(moment.awaitMessage("#other-build").contains("cannot be replayed by this one. The machine as it was at its beginning"));
            moment.page().click("#other-build-restore");
            moment.awaitRunning();
            assertEquals("kept before", moment.run("echo $name $(cat /root/file)"));
            assertEquals(List.of(), moment.problems());
        }
    }

    private static String moment(Path file) throws IOException {
        return server.url() + "#m=1500000000!" + Base64.getUrlEncoder().withoutPadding().encodeToString(Files.readAllBytes(file));
    }

    /** {@code ./kmos headless --replay}: a process of its own, which ends where the page's replay does. */
    private static String replay(Path file, ConsolePage player) throws IOException {
        KmosCommand command = KmosCommand.run(List.of("headless", "--replay", file.toString()));
        assertEquals(0, command.status(), command.err());
        assertEquals(player.page().evaluate("window.kmos.pastHash()"), command.hash());
        return command.out();
    }

    @Test
    void aDamagedRecording_isRefusedWithAReason() throws IOException {
        console.open(server.url()).awaitPrompt();
        Path file = export(console);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Path bad = folder.resolve("bad.recording");
        Files.write(bad, bytes);
        console.page().setInputFiles("#open-file-input", bad);
        String message = console.awaitMessage("#failure");
        assertTrue(message.contains("damaged"), message);
    }
}
