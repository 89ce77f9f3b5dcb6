// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import kmos.base.Memory;
import kmos.host.BlockBackend;

/** A disk image file; writes stay in memory unless the disk is opened for keeping them. Answers at once. */
public final class FileDisk implements BlockBackend, AutoCloseable {
    private static final int SECTOR = 512;

    private final FileChannel file;
    private final boolean keeps;
    private final long sectors;
    /** Sectors written so far, when they are not kept: looked up, never iterated. */
    private final Map<Long, byte[]> overlay = new HashMap<>();

    /** keeps: writes go to the file. Throws IOException naming the file. */
    public FileDisk(Path image, boolean keeps) throws IOException {
        this.keeps = keeps;
        file = keeps ? FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE) : FileChannel.open(image, StandardOpenOption.READ);
        sectors = file.size() / SECTOR;
    }

    @Override
    public long sectorCount() {
        return sectors;
    }

    @Override
    public void read(long sector, int count, int address, long token, Completion done) {
        String error = null;
        byte[] data = new byte[count * SECTOR];
        try {
            ByteBuffer to = ByteBuffer.wrap(data);
            while (to.hasRemaining() && file.read(to, sector * SECTOR + to.position()) > 0) {
                continue;
            }
            if (to.hasRemaining()) {
                error = "the image ends before sector " + (sector + count);
            }
        } catch (IOException e) {
            error = e.toString();
        }
        for (int i = 0; i < count; i++) {
            byte[] written = overlay.get(sector + i);
            if (written != null) {
                System.arraycopy(written, 0, data, i * SECTOR, SECTOR);
            }
        }
        Memory.write(address, data, 0, data.length);
        done.complete(token, error);
    }

    @Override
    public void write(long sector, int count, int address, long token, Completion done) {
        String error = null;
        byte[] data = new byte[count * SECTOR];
        Memory.read(address, data, 0, data.length);
        if (keeps) {
            try {
                ByteBuffer from = ByteBuffer.wrap(data);
                while (from.hasRemaining()) {
                    file.write(from, sector * SECTOR + from.position());
                }
            } catch (IOException e) {
                error = e.toString();
            }
        } else {
            for (int i = 0; i < count; i++) {
                byte[] one = new byte[SECTOR];
                System.arraycopy(data, i * SECTOR, one, 0, SECTOR);
                overlay.put(sector + i, one);
            }
        }
        done.complete(token, error);
    }

    @Override
    public void flush(long token, Completion done) {
        String error = null;
        try {
            if (keeps) {
                file.force(false);
            }
        } catch (IOException e) {
            error = e.toString();
        }
        done.complete(token, error);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
