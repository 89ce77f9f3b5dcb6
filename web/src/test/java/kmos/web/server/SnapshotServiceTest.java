// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotServiceTest {
    private static final int MAX = 1000, PER_MINUTE = 5;

    /** A clock that the test moves. */
    private static final class HandClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @TempDir
    Path folder;
    private final HandClock clock = new HandClock();
    private final HttpClient client = HttpClient.newHttpClient();
    private StaticServer server;

    @BeforeEach
    void serve() throws IOException {
        Path site = Files.createDirectories(folder.resolve("site"));
        Files.writeString(site.resolve("index.html"), "page");
        server = new StaticServer(site, 0).store(new FileStore(folder.resolve("kept"), Duration.ofDays(90), clock), MAX, PER_MINUTE, clock);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static byte[] snapshot(int length) {
        byte[] bytes = Arrays.copyOf("kmOSsnap".getBytes(StandardCharsets.US_ASCII), length);
        bytes[length - 1] = 7;
        return bytes;
    }

    private HttpResponse<byte[]> post(byte[] bytes) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(server.url() + "snapshots")).POST(HttpRequest.BodyPublishers.ofByteArray(bytes)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(server.url() + path)).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String path(HttpResponse<byte[]> answer) {
        assertEquals(201, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        return new String(answer.body(), StandardCharsets.UTF_8).replaceAll(".*\"(snapshots/[0-9a-f]{32})\".*", "$1");
    }

    @Test
    void whatWasPosted_isThereByTheHashOfItsContent_untilItIsTooOld() throws Exception {
        String path = path(post(snapshot(500)));
        assertArrayEquals(snapshot(500), get(path).body());
        assertEquals(path, path(post(snapshot(500))));
        String other = path(post(snapshot(501)));
        clock.now = clock.now.plus(Duration.ofDays(80));
        assertEquals(path, path(post(snapshot(500))));
        clock.now = clock.now.plus(Duration.ofDays(20));
        assertEquals(200, get(path).statusCode(), "posted again after 80 days");
        assertEquals(404, get(other).statusCode());
        post(snapshot(502));
        try (var files = Files.list(folder.resolve("kept"))) {
            assertEquals(2, files.count(), "the old one and no parts are left");
        }
    }

    @Test
    void tooLarge_orNoSnapshot_isRefused() throws Exception {
        assertEquals(201, post(snapshot(MAX)).statusCode());
        assertEquals(413, post(snapshot(MAX + 1)).statusCode());
        assertEquals(415, post("something else".getBytes(StandardCharsets.UTF_8)).statusCode());
        assertEquals(415, post(new byte[0]).statusCode());
        assertEquals("{\"maxBytes\": 1000}", new String(get("snapshots").body(), StandardCharsets.UTF_8));
    }

    @Test
    void moreThanAFewInAMinute_areRefused_andAMinuteLaterTakenAgain() throws Exception {
        for (int i = 0; i < PER_MINUTE; i++) {
            assertEquals(201, post(snapshot(100 + i)).statusCode());
        }
        HttpResponse<byte[]> refused = post(snapshot(200));
        assertEquals(429, refused.statusCode());
        assertEquals("60", refused.headers().firstValue("Retry-After").orElse(""));
        clock.now = clock.now.plusSeconds(61);
        assertEquals(201, post(snapshot(200)).statusCode());
    }

    @Test
    void namesThatAreNoHashes_areNotLookedUp() throws Exception {
        Files.writeString(folder.resolve("kept/secret"), "x");
        for (String name : new String[] {"secret", "../site/index.html", "%2e%2e/secret", "00", ""}) {
            assertEquals(404, get("snapshots/" + name).statusCode(), name);
        }
        assertTrue(get("").body().length > 0);
    }
}
