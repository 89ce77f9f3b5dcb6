// SPDX-License-Identifier: Apache-2.0
package kmos.e2e;

import java.util.HashMap;
import java.util.Map;
import kmos.base.Memory;
import kmos.host.BlockBackend;

/** Another disk's content below writes of its own, which can be copied together with a machine's state. */
final class CopyDisk implements BlockBackend {
    private static final int SECTOR = 512;

    private final BlockBackend base;
    private final Map<Long, byte[]> written;

    CopyDisk(BlockBackend base) {
        this.base = base;
        written = new HashMap<>();
    }

    /** The content of the original at this moment. */
    CopyDisk(CopyDisk original) {
        base = original.base;
        written = new HashMap<>(original.written);
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
}
