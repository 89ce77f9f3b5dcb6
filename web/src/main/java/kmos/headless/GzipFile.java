// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Files of the site that the page unpacks itself: as small as gzip makes them, same content, same bytes. */
final class GzipFile {
    private GzipFile() { }

    static void write(Path file, byte[] content) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file)) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        }) {
            out.write(content);
        }
    }
}
