// SPDX-License-Identifier: Apache-2.0
package kmos.headless;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import kmos.base.Memory;
import kmos.host.BlockBackend;
import kmos.system.snapshot.ImagePieces;
import kmos.system.snapshot.MachineImage;

/**
 * A disk image file; writes stay in memory unless the disk is opened for keeping them. Answers at once. For snapshots it knows
 * which blocks were changed and which pieces of the image were read.
 */
public final class FileDisk implements BlockBackend, ImagePieces, AutoCloseable {
    private static final int SECTOR = 512;
    private static final int SECTORS_PER_BLOCK = MachineImage.BLOCK_BYTES / SECTOR;

    private final FileChannel file;
    private final boolean keeps;
    private final long sectors;
    /** Sectors written so far, when they are not kept. */
    private final TreeMap<Long, byte[]> overlay = new TreeMap<>();
    private final TreeMap<Integer, Boolean> piecesRead = new TreeMap<>();

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
        byte[] data = new byte[count * SECTOR];
        for (long at = sector * SECTOR / ImagePieces.BYTES; at <= (sector + count - 1) * SECTOR / ImagePieces.BYTES; at++) {
            piecesRead.put((int) at, true);
        }
        String error = read(sector, data);
        Memory.write(address, data, 0, data.length);
        done.complete(token, error);
    }

    /** What the guest would read; null, or what is wrong. */
    private String read(long sector, byte[] data) {
        String error = null;
        try {
            if (readImage(sector * SECTOR, data) < data.length) {
                error = "the image ends before sector " + (sector + data.length / SECTOR);
            }
        } catch (IOException e) {
            error = e.toString();
        }
        for (int i = 0; i < data.length / SECTOR; i++) {
            byte[] written = overlay.get(sector + i);
            if (written != null) {
                System.arraycopy(written, 0, data, i * SECTOR, SECTOR);
            }
        }
        return error;
    }

    private int readImage(long offset, byte[] data) throws IOException {
        ByteBuffer to = ByteBuffer.wrap(data);
        while (to.hasRemaining() && file.read(to, offset + to.position()) > 0) {
            continue;
        }
        return to.position();
    }

    // Snapshots

    /** Blocks that differ from the image, when they are not kept in it. */
    public TreeMap<Integer, byte[]> changedBlocks() {
        TreeMap<Integer, byte[]> blocks = new TreeMap<>();
        for (Map.Entry<Long, byte[]> sector : overlay.entrySet()) {
            int number = (int) (sector.getKey() / SECTORS_PER_BLOCK);
            if (!blocks.containsKey(number)) {
                byte[] block = new byte[MachineImage.BLOCK_BYTES];
                read((long) number * SECTORS_PER_BLOCK, block); // a short last block ends in zeros
                blocks.put(number, block);
            }
        }
        return blocks;
    }

    /** The disk as it was saved. IllegalStateException for a disk whose changes are kept. */
    public void restoreBlocks(TreeMap<Integer, byte[]> blocks) {
        if (keeps) {
            throw new IllegalStateException("a snapshot's disk cannot replace one that is kept");
        }
        overlay.clear();
        for (Map.Entry<Integer, byte[]> block : blocks.entrySet()) {
            for (int i = 0; i < SECTORS_PER_BLOCK; i++) {
                byte[] one = new byte[SECTOR];
                System.arraycopy(block.getValue(), i * SECTOR, one, 0, SECTOR);
                overlay.put((long) block.getKey() * SECTORS_PER_BLOCK + i, one);
            }
        }
    }

    /** What was read so far is not at hand: {@link #atHand} is of what is read from now on. */
    public void forgetReads() {
        piecesRead.clear();
    }

    @Override
    public int[] atHand() {
        int[] numbers = new int[piecesRead.size()];
        int n = 0;
        for (Integer number : piecesRead.keySet()) {
            numbers[n++] = number;
        }
        return numbers;
    }

    @Override
    public byte[] piece(int number) {
        piecesRead.put(number, true); // the next snapshot may build on it as well
        byte[] bytes = new byte[ImagePieces.BYTES];
        try {
            readImage((long) number * ImagePieces.BYTES, bytes);
        } catch (IOException unreadable) {
            return null; // as missing: whoever needs it says so
        }
        return bytes;
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
