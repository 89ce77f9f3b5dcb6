// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Snapshots as objects of a bucket of S3, or of any server that speaks its protocol (MinIO, Ceph, Garage). PutObject makes an object appear
 * whole, and new again when it is there; its Last-Modified is the time from which it ages.
 *
 * <p>Four operations with keys of hexadecimal digits need no client library: the JDK's HTTP client and {@link AwsSignature} are some hundred lines
 * instead of some ten megabytes.
 */
final class S3Store implements SnapshotStore {
    private static final int ATTEMPTS = 3;
    private static final long PAUSE_MS = 200;
    private static final Duration CONNECT = Duration.ofSeconds(5), ANSWER = Duration.ofSeconds(30), BETWEEN_SWEEPS = Duration.ofHours(1);
    private static final byte[] NOTHING = new byte[0];

    private record Listed(String key, Instant modified) { }

    private final S3Config config;
    private final AwsSignature signature;
    private final Duration age;
    private final Clock clock;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(CONNECT).build();
    private Instant lastSweep = Instant.MIN;

    /** age: how long a snapshot is kept after it was put the last time; clock: what tells how old it is. */
    S3Store(S3Config config, Duration age, Clock clock) {
        this.config = config;
        this.signature = new AwsSignature(config.accessKey(), config.secretKey(), config.region());
        this.age = age;
        this.clock = clock;
    }

    /** IOException says what is wrong with the place or the keys. Costs a request. */
    void check() throws IOException {
        require(send("GET", "", Map.of("list-type", "2", "max-keys", "1", "prefix", config.prefix()), NOTHING), 200);
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
        require(send("PUT", config.prefix() + name, Map.of(), bytes), 200);
    }

    @Override
    public Optional<byte[]> get(String name) throws IOException {
        HttpResponse<byte[]> answer = send("GET", config.prefix() + name, Map.of(), NOTHING);
        if (answer.statusCode() == 404 && !"NoSuchBucket".equals(problem(answer).code)) {
            return Optional.empty();
        }
        require(answer, 200);
        String modified = answer.headers().firstValue("Last-Modified").orElseThrow(() -> new IOException("the S3 store tells no Last-Modified"));
        try {
            return isOld(ZonedDateTime.parse(modified, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()) ? Optional.empty() : Optional.of(answer.body());
        } catch (DateTimeException malformed) {
            throw new IOException("the S3 store tells a Last-Modified of " + modified, malformed);
        }
    }

    /** Costs a request for each thousand objects, so it looks once an hour; {@link #get} knows in between. */
    @Override
    public synchronized void expire() throws IOException {
        Instant now = clock.instant();
        if (lastSweep.isAfter(now.minus(BETWEEN_SWEEPS))) {
            return;
        }
        lastSweep = now;
        String more = null;
        do {
            TreeMap<String, String> query = new TreeMap<>(Map.of("list-type", "2", "prefix", config.prefix()));
            if (more != null) {
                query.put("continuation-token", more);
            }
            List<Listed> objects = new ArrayList<>();
            more = list(require(send("GET", "", query, NOTHING), 200), objects);
            for (Listed object : objects) {
                if (isOld(object.modified)) {
                    require(send("DELETE", object.key, Map.of(), NOTHING), 204);
                }
            }
        } while (more != null);
    }

    private boolean isOld(Instant put) {
        return put.plus(age).isBefore(clock.instant());
    }

    // The protocol

    private HttpResponse<byte[]> send(String method, String key, Map<String, String> parameters, byte[] body) throws IOException {
        String path = config.endpoint().getRawPath().replaceAll("/$", "") + "/" + config.bucket() + (key.isEmpty() ? "" : "/" + key);
        String query = AwsSignature.query(parameters);
        String authority = config.endpoint().getRawAuthority();
        URI uri = URI.create(config.endpoint().getScheme() + "://" + authority + path + (query.isEmpty() ? "" : "?" + query));
        for (int attempt = 1;; attempt++) {
            TreeMap<String, String> headers = new TreeMap<>(Map.of("host", authority, "x-amz-date", AwsSignature.time(Instant.now()),
                "x-amz-content-sha256", AwsSignature.hash(body)));
            if (config.sessionToken() != null) {
                headers.put("x-amz-security-token", config.sessionToken());
            }
            HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(ANSWER)
                .method(method, body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body))
                .header("Authorization", signature.authorization(method, path, query, headers));
            headers.remove("host"); // the client sends it itself
            headers.forEach(request::header);
            try {
                HttpResponse<byte[]> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
                if (answer.statusCode() < 500 || attempt == ATTEMPTS) {
                    return answer;
                }
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the S3 store " + config + " was asked", ended);
            } catch (IOException unreachable) {
                if (attempt == ATTEMPTS) {
                    throw new IOException("the S3 store " + config + " cannot be reached: " + unreachable, unreachable);
                }
            }
            pause(attempt);
        }
    }

    private static void pause(int attempt) throws IOException {
        try {
            Thread.sleep(PAUSE_MS << attempt - 1);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ended);
        }
    }

    private HttpResponse<byte[]> require(HttpResponse<byte[]> answer, int status) throws IOException {
        // DeleteObject of what is gone, and some servers' DeleteObject, answer 200.
        if (answer.statusCode() != status && answer.statusCode() != 200) {
            Problem problem = problem(answer);
            throw new IOException("the S3 store " + config + " answers " + answer.statusCode() + (problem.code == null ? "" : " " + problem.code + ": " + problem.message));
        }
        return answer;
    }

    private record Problem(String code, String message) { }

    private static Problem problem(HttpResponse<byte[]> answer) throws IOException {
        if (answer.body().length == 0) {
            return new Problem(null, null);
        }
        String[] found = new String[2];
        try {
            read(answer.body(), (name, text) -> {
                found[0] = name.equals("Code") ? text : found[0];
                found[1] = name.equals("Message") ? text : found[1];
            });
        } catch (IOException noXml) {
            return new Problem(null, null); // a proxy's page in between: its status says what there is to say
        }
        return new Problem(found[0], found[1]);
    }

    /** Adds the objects of ListObjectsV2's answer; returns the token of the next page, or null. */
    private static String list(HttpResponse<byte[]> answer, List<Listed> objects) throws IOException {
        String[] token = {null};
        String[] key = {null};
        read(answer.body(), (name, text) -> {
            switch (name) {
                case "Key" -> key[0] = text;
                case "LastModified" -> objects.add(new Listed(key[0], Instant.parse(text)));
                case "NextContinuationToken" -> token[0] = text;
                default -> { }
            }
        });
        return token[0];
    }

    private interface Element {
        void text(String name, String text);
    }

    /** Tells the elements that hold text only, in order. */
    private static void read(byte[] xml, Element each) throws IOException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        try {
            XMLStreamReader in = factory.createXMLStreamReader(new ByteArrayInputStream(xml));
            String text = "";
            while (in.hasNext()) {
                switch (in.next()) {
                    case XMLStreamConstants.START_ELEMENT -> text = "";
                    case XMLStreamConstants.CHARACTERS -> text = in.getText();
                    case XMLStreamConstants.END_ELEMENT -> {
                        each.text(in.getLocalName(), text);
                        text = "";
                    }
                    default -> { }
                }
            }
        } catch (XMLStreamException | DateTimeException malformed) {
            throw new IOException("the S3 store's answer cannot be read: " + malformed.getMessage(), malformed);
        }
    }
}
