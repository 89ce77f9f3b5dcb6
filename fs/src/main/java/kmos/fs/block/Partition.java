// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.Errno;
import kmos.base.StateFields;

/** A range of sectors of a disk, as a device of its own. */
public final class Partition implements BlockDevice {
    private BlockDevice disk;
    private long firstSector;
    private long sectorCount;

    /** For loading a saved state. */
    public Partition() { }

    public Partition(BlockDevice disk, long firstSector, long sectorCount) {
        this.disk = disk;
        this.firstSector = firstSector;
        this.sectorCount = sectorCount;
    }

    public BlockDevice disk() {
        return disk;
    }

    public long firstSector() {
        return firstSector;
    }

    @Override
    public long sectorCount() {
        return sectorCount;
    }

    @Override
    public void submit(BlockRequest request) {
        if (request.operation() != BlockRequest.FLUSH
            && (request.sector() < 0 || request.sector() + request.sectorCount() > sectorCount)) {
            request.done(Errno.EIO);
            return;
        }
        disk.submit(request.shiftedBy(firstSector, new Forward(request)));
    }

    @Override
    public void state(StateFields s) {
        disk = s.ref("disk", disk, BlockDevice.class);
        firstSector = s.i64("firstSector", firstSector);
        sectorCount = s.i64("sectorCount", sectorCount);
    }

    /** Hands the disk's answer on to the request that came in. */
    public static final class Forward implements BlockRequest.Owner {
        private BlockRequest original;

        /** For loading a saved state. */
        public Forward() { }

        Forward(BlockRequest original) {
            this.original = original;
        }

        @Override
        public void requestDone(BlockRequest request, int errno) {
            original.done(errno);
        }

        @Override
        public void state(StateFields s) {
            original = s.ref("original", original, BlockRequest.class);
        }
    }
}
