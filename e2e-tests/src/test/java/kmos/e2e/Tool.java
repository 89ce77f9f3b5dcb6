// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Host programs, run to their end. */
final class Tool {
    private Tool() { }

    /** Standard output and error; IOException with that text when the status is not 0. */
    static String run(Path folder, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null"))).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", command) + "\n" + text);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
        return text;
    }
}
