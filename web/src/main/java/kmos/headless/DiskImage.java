// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What names a disk image: its SHA-256. */
public final class DiskImage {
    private static final Pattern SHA_256 = Pattern.compile("\"sha256\": *\"([0-9a-f]{64})\"");

    private DiskImage() { }

    /** From the manifest beside it when that is not older than the image, else computed. */
    public static String digest(Path image) throws IOException {
        Path manifest = image.resolveSibling("manifest.json");
        if (Files.isReadable(manifest) && Files.getLastModifiedTime(manifest).compareTo(Files.getLastModifiedTime(image)) >= 0) {
            Matcher m = SHA_256.matcher(Files.readString(manifest, StandardCharsets.UTF_8));
            if (m.find()) {
                return m.group(1);
            }
        }
        try (InputStream in = Files.newInputStream(image)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 20];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
