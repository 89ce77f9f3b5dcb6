// SPDX-License-Identifier: Apache-2.0
package kmos.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The packages of an image, one a line: name, version, architecture (of the package: it may be "all"), set, SHA-256. */
final class LockFile {
    /** set: the architecture for which it was resolved. sha256 is null while unknown. */
    record Entry(String name, String version, String architecture, String set, String sha256) {
        String fileName() {
            return name + "_" + version.replace(":", "%3a") + "_" + architecture + ".deb";
        }

        Entry withHash(String hash) {
            return new Entry(name, version, architecture, set, hash);
        }
    }

    private static final String HEAD = "# Packages of the default image: name, version, architecture, resolved for, SHA-256.\n"
        + "# Written by kmos.image.BuildImage --update-lock.\n";

    private LockFile() { }

    static List<Entry> read(Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (!Files.exists(file)) {
            return entries;
        }
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] f = line.split("\\s+");
            if (f.length != 5) {
                throw new BuildFailure(file + ":" + number + ": expected name, version, architecture, set, SHA-256");
            }
            entries.add(new Entry(f[0], f[1], f[2], f[3], f[4]));
        }
        return entries;
    }

    static void write(Path file, List<Entry> entries) throws IOException {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparing(Entry::set).thenComparing(Entry::name));
        StringBuilder text = new StringBuilder(HEAD);
        for (Entry e : sorted) {
            text.append(String.join(" ", e.name, e.version, e.architecture, e.set, e.sha256)).append('\n');
        }
        if (file.getParent() != null) {
            Files.createDirectories(file.getParent());
        }
        Files.writeString(file, text.toString());
    }
}
