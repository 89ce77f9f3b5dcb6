// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A file server for the static folder on this machine, as {@code ./kmos run} uses it. GET and HEAD, Last-Modified with
 * 304; no ranges, no listings. Any other file server does as well.
 */
public final class StaticServer implements AutoCloseable {
    private static final Map<String, String> TYPES = Map.of(
        "html", "text/html; charset=utf-8", "js", "text/javascript; charset=utf-8", "css", "text/css; charset=utf-8",
        "json", "application/json", "map", "application/json", "wasm", "application/wasm", "txt", "text/plain; charset=utf-8");

    private static final Duration KEPT = Duration.ofDays(90);
    private static final int MAX_SNAPSHOT_BYTES = 32 << 20, SNAPSHOTS_PER_MINUTE = 20;

    static {
        // The JDK's server writes head and body apart: with Nagle's algorithm the body waits some 44 ms for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final Path root;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(4, work -> {
        Thread thread = new Thread(work, "http");
        thread.setDaemon(true);
        return thread;
    });

    /** Listens at the port of the loopback address (0: any free one). BindException when it is taken. */
    public StaticServer(Path root, int port) throws IOException {
        this.root = root.toRealPath();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    /** Takes snapshots as well: of up to maxBytes, perMinute from one address. */
    public StaticServer store(SnapshotStore store, int maxBytes, int perMinute, Clock clock) {
        server.createContext(SnapshotService.PATH, new SnapshotService(store, maxBytes, perMinute, clock));
        return this;
    }

    public String url() {
        return "http://localhost:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            Path file = find(exchange.getRequestURI().getPath());
            if (file == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            send(exchange, file, method.equals("HEAD"));
        }
    }

    /** Null when there is no such file below the root. */
    private Path find(String path) throws IOException {
        Path file;
        try {
            file = root.resolve(path.substring(1)).normalize();
        } catch (InvalidPathException odd) {
            return null;
        }
        if (Files.isDirectory(file)) {
            file = file.resolve("index.html");
        }
        return Files.isRegularFile(file) && file.toRealPath().startsWith(root) ? file : null;
    }

    private static void send(HttpExchange exchange, Path file, boolean isHead) throws IOException {
        Instant modified = Files.getLastModifiedTime(file).toInstant().truncatedTo(ChronoUnit.SECONDS);
        String name = file.getFileName().toString();
        var headers = exchange.getResponseHeaders();
        headers.set("Content-Type", TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream"));
        headers.set("Last-Modified", DateTimeFormatter.RFC_1123_DATE_TIME.format(modified.atZone(ZoneOffset.UTC)));
        headers.set("Cache-Control", "no-cache");
        // Nothing here is secret: a page of another origin may use the files (its worker is a blob, see docs/web.md).
        headers.set("Access-Control-Allow-Origin", "*");
        if (isUnchanged(exchange.getRequestHeaders().getFirst("If-Modified-Since"), modified)) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        long size = Files.size(file);
        if (isHead || size == 0) {
            headers.set("Content-Length", Long.toString(size));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, size);
        try (OutputStream body = exchange.getResponseBody()) {
            Files.copy(file, body);
        }
    }

    private static boolean isUnchanged(String since, Instant modified) {
        if (since == null) {
            return false;
        }
        try {
            return !ZonedDateTime.parse(since, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant().isBefore(modified);
        } catch (DateTimeParseException malformed) {
            return false; // RFC 9110 §13.1.3: an invalid date is ignored
        }
    }

    /**
     * Arguments: the folder, then {@code --port N} (default 8080), {@code --snapshots FOLDER} or {@code --snapshots s3://BUCKET/PREFIX} (the last
     * one counts; none: no store). Serves until killed.
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path folder = null;
        int port = 8080;
        String snapshots = null;
        try {
            for (int i = 0; i < args.length; i++) {
                if (args[i].equals("--port") && i + 1 < args.length) {
                    port = Integer.parseInt(args[++i]);
                } else if (args[i].equals("--snapshots") && i + 1 < args.length) {
                    snapshots = args[++i];
                } else if (folder == null && !args[i].startsWith("-")) {
                    folder = Path.of(args[i]);
                } else {
                    usage("unexpected argument " + args[i]);
                }
            }
        } catch (NumberFormatException notNumber) {
            usage("--port wants a number");
        }
        if (folder == null || port < 0 || port > 65_535) {
            usage(folder == null ? "no folder given" : "--port is 0 to 65535");
        }
        if (!Files.isRegularFile(folder.resolve("index.html"))) {
            System.err.println("kmos: " + folder + " holds no index.html (./kmos build makes the folder)");
            System.exit(1);
        }
        try (StaticServer server = new StaticServer(folder, port)) {
            if (snapshots != null) {
                server.store(store(snapshots), MAX_SNAPSHOT_BYTES, SNAPSHOTS_PER_MINUTE, Clock.systemUTC());
            }
            System.out.println("kmOS is at " + server.url() + "  (Ctrl-C ends)");
            Thread.currentThread().join();
        } catch (BindException taken) {
            System.err.println("kmos: port " + port + " is taken (" + taken.getMessage() + "): choose another one with --port N");
            System.exit(1);
        }
    }

    /** Ends the program when the place does not work. */
    private static SnapshotStore store(String place) throws IOException {
        if (!place.startsWith(S3Config.SCHEME)) {
            return new FileStore(Path.of(place), KEPT, Clock.systemUTC());
        }
        try {
            S3Store store = new S3Store(S3Config.of(place, System.getenv()), KEPT, Clock.systemUTC());
            store.check();
            return store;
        } catch (IllegalArgumentException | IOException wrong) {
            System.err.println("kmos: " + wrong.getMessage());
            System.exit(1);
            throw new IllegalStateException(wrong);
        }
    }

    private static void usage(String problem) {
        System.err.println("kmos: " + problem + "\nusage: FOLDER [--port N] [--snapshots FOLDER | s3://BUCKET/PREFIX]");
        System.exit(2);
    }
}
