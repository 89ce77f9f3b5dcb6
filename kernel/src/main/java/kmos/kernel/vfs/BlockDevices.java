// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.ENODEV;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.FileSystem;
import kmos.fs.block.BlockDevice;
import kmos.kernel.Kernel;

/** Disks and partitions that drivers found, by name and number. */
public final class BlockDevices implements Stateful {
    /** name: as in /dev. device: makedev form. */
    public record Row(String name, int device, BlockDevice disk) { }

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

    /** The file system on a device; type: as in mount -t, null to probe. ENODEV, EINVAL; NotReady. */
    public FileSystem mount(Row row, String type, boolean isReadOnly) {
        throw new ErrnoException(ENODEV);
    }

    /** open(2) of a block device. ENXIO: there is none with that number. */
    FileDescription open(Path path, int flags) {
        throw new ErrnoException(kmos.base.Errno.ENXIO);
    }

    void unmounted(FileSystem fileSystem) {
    }

    @Override
    public void state(StateFields s) {
    }
}
