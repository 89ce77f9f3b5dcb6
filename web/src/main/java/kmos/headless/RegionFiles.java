// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kmos.cpu.jit.Jit;
import kmos.cpu.jit.RegionText;

/** Every region that is compiled becomes a file: its number in the order of compilation, and the address at which it begins. */
final class RegionFiles {
    private final Path folder;
    private int count;

    private RegionFiles(Path folder) {
        this.folder = folder;
    }

    /** From now on. The folder is made; an IOException while the machine runs ends it. */
    static RegionFiles observe(Jit jit, Path folder) throws IOException {
        Files.createDirectories(folder);
        RegionFiles files = new RegionFiles(folder);
        jit.observe(files::write);
        return files;
    }

    private void write(RegionText region) {
        try {
            Files.writeString(folder.resolve(String.format("%05d-%x.txt", ++count, region.pc())), region.file());
        } catch (IOException full) {
            throw new UncheckedIOException("--dump-regions " + folder + ": " + full.getMessage(), full);
        }
    }

    int count() {
        return count;
    }
}
