// SPDX-License-Identifier: Apache-2.0
package kmos.e2e.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Playwright;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import kmos.e2e.Fsck;
import kmos.web.server.StaticServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was synced is there after the browser was killed, and e2fsck is content with what it finds. */
@Tag("slow")
class PersistenceTest {
    private static final long PARTITION_OFFSET = 1 << 20;

    @Test
    void syncedFile_survivesAKilledBrowser_andTheFileSystemIsSound(@TempDir Path folder) throws IOException, InterruptedException {
        Path profile = folder.resolve("profile");
        try (StaticServer server = Chromium.serveSite()) {
            try (Playwright playwright = Chromium.playwright()) {
                BrowserContext first = Chromium.launch(playwright, profile);
                ConsolePage console = new ConsolePage(first.pages().get(0)).open(server.url() + "?resume=off").awaitPrompt();
                console.run("mkdir /root/d; seq 1 3000 > /root/d/numbers; rm /etc/motd; sync");
                // Killed in the middle of much writing.
                console.type("for i in $(seq 1 500); do cp /root/d/numbers /root/d/copy$i; rm -f /root/d/copy$((i - 3)); done &\n");
                console.page().waitForTimeout(1500);
                Chromium.kill(profile);
            }
            try (Playwright playwright = Chromium.playwright()) {
                BrowserContext second = Chromium.launch(playwright, profile);
                ConsolePage console = new ConsolePage(second.pages().get(0)).open(server.url() + "?resume=off");
                // The image is exported as the kill left it: the guest has flushed nothing yet when it is only just running.
                console.awaitPrompt();
                assertEquals("4501500", console.run("awk '{ s += $1 } END { print s }' /root/d/numbers"));
                assertTrue(console.run("cat /etc/motd").contains("No such file"));
                Download download = console.page().waitForDownload(() -> console.menu("#export"));
                Path partition = folder.resolve("partition.img");
                unpack(download.path(), partition);
                assertEquals("", Fsck.problemsOfPartition(partition));
                second.close();
            }
        }
    }

    @Test
    void aKilledMachine_goesOnWhereItWas(@TempDir Path folder) throws IOException {
        Path profile = folder.resolve("profile");
        try (StaticServer server = Chromium.serveSite()) {
            try (Playwright playwright = Chromium.playwright()) {
                BrowserContext first = Chromium.launch(playwright, profile);
                ConsolePage console = new ConsolePage(first.pages().get(0)).open(server.url()).awaitPrompt();
                console.run("echo kept > /root/unflushed; name=value; { sleep 1000 & }; cd /usr");
                console.type("echo half ty");
                console.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
                console.page().waitForTimeout(9000);
                Chromium.kill(profile);
            }
            try (Playwright playwright = Chromium.playwright()) {
                BrowserContext second = Chromium.launch(playwright, profile);
                ConsolePage console = new ConsolePage(second.pages().get(0)).open(server.url());
                console.awaitMessage("#resumed");
                console.awaitText("the half of a command", t -> t.endsWith("echo half ty"));
                console.type("ped\n");
                console.awaitText("its end", t -> t.contains("\nhalf typed\n"));
                assertEquals("value kept /usr", console.run("echo $name $(cat /root/unflushed) $PWD"));
                assertTrue(console.run("jobs").contains("sleep 1000"));
                // Written since: the saved machine does not go with the disk any more until it has come to rest again.
                console.run("echo newer > /root/unflushed; sync");
                console.page().reload();
                console.awaitPrompt();
                assertEquals("newer", console.run("cat /root/unflushed"));
                console.menu("#restart");
                console.awaitText("a machine that has started again", t -> !t.contains("half typed") && t.contains("root login"));
                second.close();
            }
        }
    }

    private static void unpack(Path image, Path partition) throws IOException {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(image))) {
            in.skipNBytes(PARTITION_OFFSET);
            Files.copy(in, partition);
        }
    }
}
