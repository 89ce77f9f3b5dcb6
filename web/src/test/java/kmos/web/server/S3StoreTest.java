// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store against a server of the S3 protocol that checks signatures (S3Proxy), in this process. */
@Tag("slow")
class S3StoreTest {
    private static final Duration AGE = Duration.ofDays(90);
    private static final String A = "00112233445566778899aabbccddeeff", B = "ffeeddccbbaa99887766554433221100";
    private static S3Proxy server;
    private static BlobStoreContext content;

    @BeforeAll
    static void start() throws Exception {
        content = ContextBuilder.newBuilder("transient").credentials("any", "any").overrides(new Properties()).build(BlobStoreContext.class);
        content.getBlobStore().createContainerInLocation(null, "kmos-snapshots");
        server = S3Proxy.builder().blobStore(content.getBlobStore()).endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, "the-key", "the-secret").build();
        server.start();
        while (!server.getState().equals("STARTED")) {
            Thread.sleep(10);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
        content.close();
    }

    private static S3Config config(String place, String secret) {
        return S3Config.of(place, Map.of("AWS_ENDPOINT_URL", "http://127.0.0.1:" + server.getPort(), "AWS_ACCESS_KEY_ID", "the-key", "AWS_SECRET_ACCESS_KEY", secret));
    }

    private static S3Store store(String place, Duration later) {
        return new S3Store(config(place, "the-secret"), AGE, Clock.offset(Clock.systemUTC(), later));
    }

    private static boolean exists(String key) {
        return content.getBlobStore().blobExists("kmos-snapshots", key);
    }

    @Test
    void whatWasPutIsThere_underItsPrefix_andMayBePutAgain() throws IOException {
        S3Store store = store("s3://kmos-snapshots/some/where", Duration.ZERO);
        store.check();
        byte[] large = new byte[3 << 20];
        Arrays.fill(large, (byte) 7);
        store.put(A, large);
        store.put(A, large);
        assertTrue(exists("some/where/" + A));
        assertArrayEquals(large, store.get(A).orElseThrow());
        assertEquals(Optional.empty(), store.get(B));
        assertEquals(Optional.empty(), store("s3://kmos-snapshots", Duration.ZERO).get(A), "another prefix is another place");
    }

    @Test
    void whatIsOldIsNotGiven_andGoesWithTheNextSweep_othersStay() throws IOException {
        store("s3://kmos-snapshots/aging", Duration.ZERO).put(A, new byte[] {1});
        store("s3://kmos-snapshots/elsewhere", Duration.ZERO).put(A, new byte[] {2});
        S3Store soon = store("s3://kmos-snapshots/aging", AGE.minusMinutes(5));
        soon.expire();
        assertTrue(soon.get(A).isPresent());
        S3Store later = store("s3://kmos-snapshots/aging", AGE.plusMinutes(5));
        assertEquals(Optional.empty(), later.get(A));
        assertTrue(exists("aging/" + A));
        later.expire();
        assertTrue(!exists("aging/" + A));
        assertTrue(exists("elsewhere/" + A));
    }

    @Test
    void moreThanAListHolds_isSwept() throws IOException {
        S3Store store = store("s3://kmos-snapshots/many", Duration.ZERO);
        for (int i = 0; i < 1005; i++) {
            store.put(String.format("%032x", i), new byte[] {1});
        }
        store("s3://kmos-snapshots/many", AGE.plusDays(1)).expire();
        assertTrue(!exists("many/" + String.format("%032x", 0)));
        assertTrue(!exists("many/" + String.format("%032x", 1004)));
    }

    @Test
    void problemsAreNamed() {
        String wrongKey = assertThrows(IOException.class, () -> new S3Store(config("s3://kmos-snapshots", "another"), AGE, Clock.systemUTC()).check()).getMessage();
        assertTrue(wrongKey.contains("answers 403 SignatureDoesNotMatch"), wrongKey);
        assertTrue(!wrongKey.contains("another"), "no secret in a message");
        String noBucket = assertThrows(IOException.class, () -> store("s3://nothing-here", Duration.ZERO).get(A)).getMessage();
        assertTrue(noBucket.contains("NoSuchBucket"), noBucket);
        S3Config nobody = S3Config.of("s3://kmos-snapshots", Map.of("AWS_ENDPOINT_URL", "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "b"));
        String unreachable = assertThrows(IOException.class, () -> new S3Store(nobody, AGE, Clock.systemUTC()).get(A)).getMessage();
        assertTrue(unreachable.contains("cannot be reached"), unreachable);
    }

    @Test
    void configurationIsChecked() {
        Map<String, String> keys = Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "b", "AWS_REGION", "eu-central-1");
        assertEquals("https://s3.eu-central-1.amazonaws.com", S3Config.of("s3://bucket", keys).endpoint().toString());
        assertEquals("deep/er/", S3Config.of("s3://bucket/deep/er/", keys).prefix());
        for (String bad : new String[] {"s3://", "s3://Bucket", "s3://bucket/with space", "s3://b"}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> S3Config.of(bad, keys)).getMessage().contains("no place in S3"), bad);
        }
        Map<String, String> badUrl = new HashMap<>(keys);
        badUrl.put("AWS_ENDPOINT_URL_S3", "ftp://host");
        assertThrows(IllegalArgumentException.class, () -> S3Config.of("s3://bucket", badUrl));
        String missing = assertThrows(IllegalArgumentException.class, () -> S3Config.of("s3://bucket", Map.of())).getMessage();
        assertTrue(missing.contains("AWS_ACCESS_KEY_ID"), missing);
    }

    @Test
    void theServerKeepsItsSnapshotsThere_andSaysWhenItCannot(@TempDir Path site) throws Exception {
        Files.writeString(site.resolve("index.html"), "page");
        HttpClient client = HttpClient.newHttpClient();
        byte[] snapshot = "kmOSsnap and more".getBytes(StandardCharsets.US_ASCII);
        try (StaticServer page = new StaticServer(site, 0).store(store("s3://kmos-snapshots/served", Duration.ZERO), 1000, 5, Clock.systemUTC())) {
            HttpRequest post = HttpRequest.newBuilder(URI.create(page.url() + "snapshots")).POST(HttpRequest.BodyPublishers.ofByteArray(snapshot)).build();
            HttpResponse<String> answer = client.send(post, HttpResponse.BodyHandlers.ofString());
            assertEquals(201, answer.statusCode(), answer.body());
            String path = answer.body().replaceAll(".*\"(snapshots/[0-9a-f]{32})\".*", "$1");
            HttpRequest get = HttpRequest.newBuilder(URI.create(page.url() + path)).build();
            assertArrayEquals(snapshot, client.send(get, HttpResponse.BodyHandlers.ofByteArray()).body());
        }
        S3Store broken = new S3Store(config("s3://kmos-snapshots", "another"), AGE, Clock.systemUTC());
        try (StaticServer page = new StaticServer(site, 0).store(broken, 1000, 5, Clock.systemUTC())) {
            HttpRequest post = HttpRequest.newBuilder(URI.create(page.url() + "snapshots")).POST(HttpRequest.BodyPublishers.ofByteArray(snapshot)).build();
            HttpResponse<String> answer = client.send(post, HttpResponse.BodyHandlers.ofString());
            assertEquals(502, answer.statusCode());
            assertTrue(answer.body().contains("its store does not work"), answer.body());
        }
    }
}
