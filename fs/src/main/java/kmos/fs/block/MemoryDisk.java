// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.Errno;
import kmos.base.Memory;
import kmos.base.StateFields;

/** A disk in a Java array that answers at once: for tests, tools and RAM disks. */
public final class MemoryDisk implements BlockDevice {
    private byte[] bytes;

    /** For loading a saved state. */
    public MemoryDisk() {
        this(new byte[0]);
    }

    /** bytes: the disk itself, not a copy; whole sectors. */
    public MemoryDisk(byte[] bytes) {
        this.bytes = bytes;
    }

    public byte[] bytes() {
        return bytes;
    }

    @Override
    public long sectorCount() {
        return bytes.length / SECTOR_SIZE;
    }

    @Override
    public void submit(BlockRequest request) {
        if (request.operation() == BlockRequest.FLUSH) {
            request.done(0);
            return;
        }
        if (request.sector() < 0 || request.sector() + request.sectorCount() > sectorCount()) {
            request.done(Errno.EIO);
            return;
        }
        int at = (int) (request.sector() * SECTOR_SIZE);
        int count = request.sectorCount() * SECTOR_SIZE;
        if (request.operation() == BlockRequest.READ) {
            Memory.write(request.address(), bytes, at, count);
        } else {
            Memory.read(request.address(), bytes, at, count);
        }
        request.done(0);
    }

    @Override
    public void state(StateFields s) {
        bytes = s.bytes("bytes", bytes);
    }
}
