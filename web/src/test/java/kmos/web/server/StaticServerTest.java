// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StaticServerTest {
    @TempDir
    Path folder;
    private StaticServer server;

    @BeforeEach
    void serve() throws IOException {
        Path root = Files.createDirectories(folder.resolve("site/disk/chunks"));
        Files.writeString(folder.resolve("secret.txt"), "not served");
        Files.writeString(folder.resolve("site/index.html"), "<p>page");
        Files.writeString(folder.resolve("site/kmos.js"), "x");
        Files.writeString(root.resolve("ab.gz"), "chunk");
        Files.createFile(folder.resolve("site/empty.css"));
        server = new StaticServer(folder.resolve("site"), 0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "the folder itself is its index, /,                     200, text/html; charset=utf-8, 7",
        "a script,                       /kmos.js?v=1,          200, text/javascript; charset=utf-8, 1",
        "a chunk,                        /disk/chunks/ab.gz,    200, application/octet-stream, 5",
        "an empty file,                  /empty.css,            200, text/css; charset=utf-8, 0",
        "a missing file,                 /none,                 404, , -1",
        "a folder without an index,      /disk/,                404, , -1",
        "a file outside of the folder,   /../secret.txt,        404, , -1",
        "and with escapes,               /%2e%2e/secret.txt,    404, , -1"})
    void get(String claim, String path, int status, String type, long length) throws IOException {
        HttpURLConnection answer = open(path);
        assertEquals(status, answer.getResponseCode());
        if (status == 200) {
            assertEquals(type, answer.getContentType());
            assertEquals(length, answer.getContentLengthLong());
            assertEquals(length, answer.getInputStream().readAllBytes().length);
        }
    }

    @Test
    void get_is304_whenNotModifiedSince() throws IOException {
        String modified = open("/kmos.js").getHeaderField("Last-Modified");
        HttpURLConnection again = open("/kmos.js");
        again.setRequestProperty("If-Modified-Since", modified);
        assertEquals(304, again.getResponseCode());
    }

    /** The median, so that a busy machine does not count. */
    @Test
    void get_onAKeptConnection_doesNotWaitForADelayedAcknowledgement() throws IOException {
        long[] tookMs = new long[21];
        for (int i = 0; i < tookMs.length; i++) {
            long begin = System.nanoTime();
            assertEquals(5, open("/disk/chunks/ab.gz").getInputStream().readAllBytes().length);
            tookMs[i] = (System.nanoTime() - begin) / 1_000_000;
        }
        Arrays.sort(tookMs);
        assertTrue(tookMs[tookMs.length / 2] < 30, Arrays.toString(tookMs));
    }

    @Test
    void post_isNotAllowed() throws IOException {
        HttpURLConnection post = open("/");
        post.setRequestMethod("POST");
        post.setDoOutput(true);
        post.getOutputStream().write(1);
        assertEquals(405, post.getResponseCode());
    }

    @Test
    void takenPort_isABindException() {
        int port = URI.create(server.url()).getPort();
        assertThrows(BindException.class, () -> new StaticServer(folder.resolve("site"), port));
    }

    private HttpURLConnection open(String path) throws IOException {
        return (HttpURLConnection) new URL(server.url() + path.substring(1)).openConnection();
    }
}
