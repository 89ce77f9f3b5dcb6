// SPDX-License-Identifier: Apache-2.0
package kmos.web.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Snapshots as files of a folder. A file appears whole: it is written and forced under another name, then renamed. */
public final class FileStore implements SnapshotStore {
    private final Path folder;
    private final Duration age;
    private final Clock clock;

    /** age: how long a snapshot is kept after it was put the last time. */
    public FileStore(Path folder, Duration age, Clock clock) throws IOException {
        this.folder = folder;
        this.age = age;
        this.clock = clock;
        Files.createDirectories(folder);
    }

    @Override
    public void put(String name, byte[] bytes) throws IOException {
        Path part = Files.createTempFile(folder, name, ".part");
        try {
            try (FileChannel file = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer from = ByteBuffer.wrap(bytes);
                while (from.hasRemaining()) {
                    file.write(from);
                }
                file.force(true);
            }
            Files.setLastModifiedTime(part, FileTime.from(clock.instant()));
            Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    @Override
    public Optional<byte[]> get(String name) throws IOException {
        Path file = folder.resolve(name);
        try {
            return isOld(file) ? Optional.empty() : Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException unknown) {
            return Optional.empty();
        }
    }

    @Override
    public void expire() throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        for (Path file : files) {
            try {
                if (isOld(file)) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException gone) {
                continue; // another request did it
            }
        }
    }

    private boolean isOld(Path file) throws IOException {
        Instant put = Files.getLastModifiedTime(file).toInstant();
        return put.plus(age).isBefore(clock.instant());
    }
}
