// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * A disk image as static files: {@code manifest.json} and {@code chunks/HASH.gz}, each a piece of the image named by the SHA-256
 * of its uncompressed bytes. Pieces that are all zero have no file and are null in the manifest. kmos.headless.BootChunks adds what the boot reads:
 * {@code boot}, numbers of pieces, and {@code bootPack}, the name of a file of the same kind with all of these pieces in that order.
 */
final class ImageChunks {
    private ImageChunks() { }

    /** Returns the compressed size of all chunks in bytes. */
    static long write(byte[] image, int chunkBytes, Path folder) throws IOException {
        Path chunks = folder.resolve("chunks");
        Files.createDirectories(chunks);
        Set<String> used = new HashSet<>();
        StringBuilder list = new StringBuilder();
        long total = 0;
        for (int at = 0; at < image.length; at += chunkBytes) {
            byte[] piece = Arrays.copyOfRange(image, at, Math.min(image.length, at + chunkBytes));
            list.append(at == 0 ? "\n    " : ",\n    ");
            if (isZero(piece)) {
                list.append("null");
                continue;
            }
            String hash = sha256(piece);
            list.append('"').append(hash).append('"');
            Path file = chunks.resolve(hash + ".gz");
            if (used.add(hash + ".gz")) {
                if (!Files.exists(file)) {
                    Path part = chunks.resolve(hash + ".part");
                    Files.write(part, gzip(piece));
                    Files.move(part, file);
                }
                total += Files.size(file);
            }
        }
        try (Stream<Path> files = Files.list(chunks)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                if (!used.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
        Files.writeString(folder.resolve("manifest.json"), "{\n  \"format\": \"kmos-chunks-1\",\n  \"size\": " + image.length
            + ",\n  \"chunkSize\": " + chunkBytes + ",\n  \"compression\": \"gzip\",\n  \"sha256\": \"" + sha256(image)
            + "\",\n  \"chunks\": [" + list + "\n  ]\n}\n");
        return total;
    }

    private static boolean isZero(byte[] bytes) {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out) {
            {
                def.setLevel(9);
            }
        }) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    static String sha256(byte[] bytes) {
        try {
            StringBuilder hex = new StringBuilder();
            for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
                hex.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
            }
            return hex.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
