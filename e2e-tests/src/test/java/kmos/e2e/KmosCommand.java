// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ./kmos} as somebody types it: a process of its own, run to its end. out and err: what it printed, without carriage returns. */
public record KmosCommand(int status, String out, String err) {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** dialogue: in turns what is waited for in the output and what is typed then; behind the last its input ends. */
    public static KmosCommand run(List<String> arguments, String... dialogue) throws IOException {
        Path err = Files.createTempFile("kmos", ".err");
        try {
            List<String> command = new ArrayList<>(List.of("bash", "kmos"));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command).directory(ROOT.toFile()).redirectError(err.toFile()).start();
            String out = talk(process, dialogue);
            return new KmosCommand(process.waitFor(), out.replace("\r", ""), Files.readString(err, StandardCharsets.ISO_8859_1));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        } finally {
            Files.delete(err);
        }
    }

    private static String talk(Process process, String... dialogue) throws IOException {
        StringBuilder out = new StringBuilder();
        InputStream from = process.getInputStream();
        try (OutputStream to = process.getOutputStream()) {
            int seen = 0;
            for (int i = 0; i < dialogue.length; i += 2) {
                while (out.indexOf(dialogue[i], seen) < 0) {
                    int next = from.read();
                    if (next < 0) {
                        return out.toString();
                    }
                    out.append((char) next);
                }
                seen = out.length();
                to.write(dialogue[i + 1].getBytes(StandardCharsets.ISO_8859_1));
                to.flush();
            }
        }
        return out + new String(from.readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** The hash of the machine's state that it says. */
    public String hash() {
        Matcher said = Pattern.compile("state's hash is now ([0-9a-f]+)").matcher(err);
        return said.find() ? said.group(1) : "no hash in: " + err;
    }
}
