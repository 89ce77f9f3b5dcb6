// SPDX-License-Identifier: Apache-2.0
package kmos.isa.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a generated file, but leaves one alone that is the same, so that nothing is compiled for nothing. */
final class Output {
    private Output() { }

    static void write(Path file, CharSequence text) throws IOException {
        String wanted = text.toString();
        if (!Files.exists(file) || !Files.readString(file).equals(wanted)) {
            Files.writeString(file, wanted);
        }
    }
}
