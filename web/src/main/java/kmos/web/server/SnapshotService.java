// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Snapshots that are too large for a link: {@code POST /snapshots} with a file gives {@code {"path": "snapshots/NAME"}}, which GET
 * answers with the file. NAME is the hash of the content. {@code GET /snapshots} tells the limits.
 */
final class SnapshotService implements HttpHandler {
    static final String PATH = "/snapshots";
    private static final Pattern NAME = Pattern.compile(PATH + "/([0-9a-f]{32})");
    private static final byte[] MAGIC = "kmOSsnap".getBytes(StandardCharsets.US_ASCII);
    private static final int CLIENTS = 10_000;
    private static final long WINDOW_MS = 60_000;

    private final SnapshotStore store;
    private final int maxBytes;
    private final int perMinute;
    private final Clock clock;
    /** Times of the last posts by address, the address that posted longest ago first. */
    private final Map<String, ArrayDeque<Long>> posts = new LinkedHashMap<>();

    SnapshotService(SnapshotStore store, int maxBytes, int perMinute, Clock clock) {
        this.store = store;
        this.maxBytes = maxBytes;
        this.perMinute = perMinute;
        this.clock = clock;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Access-Control-Allow-Origin", "*");
            try {
                serve(exchange);
            } catch (StoreException broken) {
                // The operator learns why, the user only that it is not his doing: the reason may name hosts and buckets.
                System.err.println("kmos: " + broken.getCause().getMessage());
                answer(exchange, 502, "{\"problem\": \"its store does not work at the moment\"}");
            }
        }
    }

    private void serve(HttpExchange exchange) throws IOException, StoreException {
        switch (exchange.getRequestMethod()) {
            case "GET" -> get(exchange);
            case "POST" -> post(exchange);
            default -> {
                exchange.getResponseHeaders().set("Allow", "GET, POST");
                exchange.sendResponseHeaders(405, -1);
            }
        }
    }

    /** The store, not the connection to the client, failed. */
    private static final class StoreException extends Exception {
        private static final long serialVersionUID = 1;

        StoreException(IOException cause) {
            super(cause);
        }
    }

    private Optional<byte[]> stored(String name) throws StoreException {
        try {
            return store.get(name);
        } catch (IOException failed) {
            throw new StoreException(failed);
        }
    }

    private void keep(String name, byte[] bytes) throws StoreException {
        try {
            store.expire();
            store.put(name, bytes);
        } catch (IOException failed) {
            throw new StoreException(failed);
        }
    }

    private void get(HttpExchange exchange) throws IOException, StoreException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals(PATH)) {
            answer(exchange, 200, "{\"maxBytes\": " + maxBytes + "}");
            return;
        }
        var name = NAME.matcher(path);
        Optional<byte[]> bytes = name.matches() ? stored(name.group(1)) : Optional.empty();
        if (bytes.isEmpty()) {
            answer(exchange, 404, "{\"problem\": \"there is no such snapshot (any more)\"}");
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.sendResponseHeaders(200, bytes.get().length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes.get());
        }
    }

    private void post(HttpExchange exchange) throws IOException, StoreException {
        if (!exchange.getRequestURI().getPath().equals(PATH)) {
            answer(exchange, 404, "{\"problem\": \"snapshots are posted to " + PATH + "\"}");
            return;
        }
        if (!mayPost(exchange.getRemoteAddress().getAddress().getHostAddress())) {
            exchange.getResponseHeaders().set("Retry-After", Long.toString(WINDOW_MS / 1000));
            answer(exchange, 429, "{\"problem\": \"too many snapshots in a minute\"}");
            return;
        }
        byte[] bytes = exchange.getRequestBody().readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            answer(exchange, 413, "{\"problem\": \"the server takes snapshots of up to " + maxBytes + " bytes\"}");
            return;
        }
        if (bytes.length < MAGIC.length || !Arrays.equals(MAGIC, Arrays.copyOf(bytes, MAGIC.length))) {
            answer(exchange, 415, "{\"problem\": \"this is not a kmOS snapshot\"}");
            return;
        }
        String name = name(bytes);
        keep(name, bytes);
        answer(exchange, 201, "{\"path\": \"" + PATH.substring(1) + "/" + name + "\"}");
    }

    /** At most so many in the last minute from one address. */
    private synchronized boolean mayPost(String address) {
        long now = clock.millis();
        ArrayDeque<Long> times = posts.remove(address);
        if (times == null) {
            times = new ArrayDeque<>();
        }
        while (!times.isEmpty() && now - times.peek() >= WINDOW_MS) {
            times.poll();
        }
        boolean may = times.size() < perMinute;
        if (may) {
            times.add(now);
        }
        posts.put(address, times);
        if (posts.size() > CLIENTS) {
            posts.remove(posts.keySet().iterator().next());
        }
        return may;
    }

    private static String name(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)).substring(0, 32);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void answer(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
    }
}
