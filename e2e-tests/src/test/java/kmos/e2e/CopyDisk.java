// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import kmos.base.Memory;
import kmos.host.BlockBackend;
import kmos.system.snapshot.ImagePieces;
import kmos.system.snapshot.MachineImage;

/** Another disk's content below writes of its own, which can be copied together with a machine's state. */
final class CopyDisk implements BlockBackend {
    private static final int SECTOR = 512;

    private final BlockBackend base;
    private final TreeMap<Long, byte[]> written;

    CopyDisk(BlockBackend base) {
        this.base = base;
        written = new TreeMap<>();
    }

    /** The content of the original at this moment. */
    CopyDisk(CopyDisk original) {
        base = original.base;
        written = new TreeMap<>(original.written);
    }

    @Override
    public long sectorCount() {
        return base.sectorCount();
    }

    @Override
    public void read(long sector, int count, int address, long token, Completion done) {
        base.read(sector, count, address, token, (t, error) -> {
            for (int i = 0; i < count; i++) {
                byte[] own = written.get(sector + i);
                if (own != null) {
                    Memory.write(address + i * SECTOR, own, 0, SECTOR);
                }
            }
            done.complete(t, error);
        });
    }

    @Override
    public void write(long sector, int count, int address, long token, Completion done) {
        for (int i = 0; i < count; i++) {
            byte[] own = new byte[SECTOR];
            Memory.read(address + i * SECTOR, own, 0, SECTOR);
            written.put(sector + i, own);
        }
        done.complete(token, null);
    }

    @Override
    public void flush(long token, Completion done) {
        done.complete(token, null);
    }

    /** Blocks of 4 KiB that were written to, as snapshots keep them. */
    TreeMap<Integer, byte[]> changedBlocks(ImagePieces image) {
        TreeMap<Integer, byte[]> blocks = new TreeMap<>();
        for (Map.Entry<Long, byte[]> sector : written.entrySet()) {
            int number = (int) (sector.getKey() / 8);
            byte[] block = blocks.computeIfAbsent(number, n -> {
                int perPiece = ImagePieces.BYTES / MachineImage.BLOCK_BYTES;
                byte[] piece = image.piece(n / perPiece);
                return Arrays.copyOfRange(piece, n % perPiece * MachineImage.BLOCK_BYTES, (n % perPiece + 1) * MachineImage.BLOCK_BYTES);
            });
            System.arraycopy(sector.getValue(), 0, block, (int) (sector.getKey() % 8) * SECTOR, SECTOR);
        }
        return blocks;
    }

    /** The disk as it was saved. */
    void restoreBlocks(TreeMap<Integer, byte[]> blocks) {
        written.clear();
        blocks.forEach((number, block) -> {
            for (int i = 0; i < 8; i++) {
                written.put(number * 8L + i, Arrays.copyOfRange(block, i * SECTOR, (i + 1) * SECTOR));
            }
        });
    }
}
