// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.ENXIO;
import static kmos.base.Errno.EROFS;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.FileSystem;
import kmos.fs.FileSystemType;
import kmos.fs.block.BlockCache;
import kmos.fs.block.BlockDevice;
import kmos.fs.block.Partition;
import kmos.kernel.Kernel;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.driver.DiskStatistics;
import kmos.kernel.driver.FrameBuffers;

/** Disks and partitions that drivers found, by name and number; their block caches and what is mounted from them. */
public final class BlockDevices implements Stateful {
    private static final int CACHED_BLOCKS = 4096;

    /** A disk or partition. name: as in /dev. device: makedev form. */
    public static final class Row implements Stateful {
        private String name;
        private int device;
        private BlockDevice disk;
        private BlockCache cache;
        private FileSystem mounted;
        private final DiskStatistics statistics = new DiskStatistics();

        /** For loading a saved state. */
        public Row() { }

        Row(String name, int device, BlockDevice disk) {
            this.name = name;
            this.device = device;
            this.disk = disk;
        }

        public String name() {
            return name;
        }

        public int device() {
            return device;
        }

        public BlockDevice disk() {
            return disk;
        }

        /** A line of /proc/diskstats. */
        public DiskStatistics statistics() {
            return statistics;
        }

        /** Whether a sector of a whole disk lies in this row: the disk itself or one of its partitions. */
        boolean holds(BlockDevice whole, long sector) {
            if (disk == whole) {
                return true;
            }
            return disk instanceof Partition p && p.disk() == whole && sector >= p.firstSector()
                && sector < p.firstSector() + p.sectorCount();
        }

        @Override
        public void state(StateFields s) {
            name = s.text("name", name);
            device = s.i32("device", device);
            disk = s.ref("disk", disk, BlockDevice.class);
            cache = s.ref("cache", cache, BlockCache.class);
            mounted = s.ref("mounted", mounted, FileSystem.class);
            s.struct("statistics", statistics);
        }
    }

    private final Kernel kernel;
    private final List<Row> rows = new ArrayList<>();

    public BlockDevices(Kernel kernel) {
        this.kernel = kernel;
    }

    /** A driver found a disk or partition. Before devtmpfs is filled. */
    public void add(String name, int device, BlockDevice disk) {
        rows.add(new Row(name, device, disk));
    }

    public List<Row> rows() {
        return rows;
    }

    /** The statistics that a request of a whole disk counts in: the disk's and its partition's. */
    public List<DiskStatistics> statistics(BlockDevice whole, long sector) {
        List<DiskStatistics> found = new ArrayList<>();
        for (Row r : rows) {
            if (r.holds(whole, sector)) {
                found.add(r.statistics);
            }
        }
        return found;
    }

    /** Frames that hold metadata blocks ("Buffers" of /proc/meminfo). */
    public int bufferPages() {
        int pages = 0;
        for (Row r : rows) {
            pages += r.cache == null ? 0 : r.cache.cachedBlocks();
        }
        return pages;
    }

    /** Gives up to count frames of clean metadata blocks back. */
    public int reclaim(int count) {
        int freed = 0;
        for (Row r : rows) {
            freed += r.cache == null ? 0 : r.cache.reclaim(count - freed);
        }
        return freed;
    }

    /** For tests: see {@link BlockCache#forgetClean}. */
    public void forgetClean() {
        for (Row r : rows) {
            if (r.cache != null) {
                r.cache.forgetClean();
            }
        }
    }

    public int dirtyBuffers() {
        int blocks = 0;
        for (Row r : rows) {
            blocks += r.cache == null ? 0 : r.cache.dirtyBlocks();
        }
        return blocks;
    }

    /** Whether some disk's metadata is not written yet. */
    public boolean isDirty() {
        for (Row r : rows) {
            if (r.mounted != null && r.cache != null && r.cache.isDirty()) {
                return true;
            }
        }
        return false;
    }

    /** The row of a device number, or null. */
    public Row find(int device) {
        for (Row r : rows) {
            if (r.device == device) {
                return r;
            }
        }
        return null;
    }

    /** The row with this name, or null. */
    public Row find(String name) {
        for (Row r : rows) {
            if (r.name.equals(name)) {
                return r;
            }
        }
        return null;
    }

    /** Blocks of the device, cached. Kept, so that a call that met NotReady finds them. */
    public BlockCache cache(Row row) {
        if (row.cache == null) {
            FrameBuffers buffers = new FrameBuffers(kernel.machine().memory(), kernel.frames());
            row.cache = new BlockCache(row.disk, row.device, buffers, CACHED_BLOCKS);
        }
        return row.cache;
    }

    /** The file system on a device; type: as in mount -t, null to probe. The one that is mounted already. EINVAL, EUCLEAN, EROFS; NotReady. */
    public FileSystem mount(Row row, String type, boolean isReadOnly) {
        if (row.mounted != null) {
            return row.mounted;
        }
        BlockCache cache = cache(row);
        for (FileSystemType t : kernel.vfs().fileSystemTypes()) {
            if (type == null ? t.probe(cache) : t.names().contains(type)) {
                row.mounted = t.mount(cache, isReadOnly);
                return row.mounted;
            }
        }
        cache.setMessage("no file system that this kernel knows");
        throw new ErrnoException(EINVAL);
    }

    /** open(2) of a block device. Differs from Linux: reading only (EROFS), so that it cannot contradict a mounted file system. */
    FileDescription open(Path path, int flags) {
        Row row = find(path.inode().deviceNumber());
        if (row == null) {
            throw new ErrnoException(ENXIO);
        }
        if ((flags & Fcntl.O_ACCMODE) != Fcntl.O_RDONLY) {
            throw new ErrnoException(EROFS);
        }
        return new BlockFile(kernel.vfs(), path, flags, row);
    }

    void unmounted(FileSystem fileSystem) {
        for (Row r : rows) {
            if (r.mounted == fileSystem) {
                r.mounted = null;
                r.cache = null;
            }
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("rows", rows, Row.class);
    }
}
