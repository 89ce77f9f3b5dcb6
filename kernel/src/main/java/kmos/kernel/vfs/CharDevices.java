// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import java.util.ArrayList;
import java.util.List;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.task.Task;

/** Which driver opens which character device: one row a range of minors. Filled at boot. */
public final class CharDevices {
    /** Makes the open file of a device. ErrnoException ENXIO, EBUSY, EIO. */
    public interface Opener {
        FileDescription open(Task task, Path path, int flags, int minor);
    }

    /** name: as in /proc/devices and, with a number appended when there are several, in /dev. */
    public record Row(String name, int major, int firstMinor, int minorCount, Opener opener) { }

    private final List<Row> rows = new ArrayList<>();

    public void add(String name, int major, int firstMinor, int minorCount, Opener opener) {
        rows.add(new Row(name, major, firstMinor, minorCount, opener));
    }

    /** The opener of a device number, or null (ENXIO). */
    Opener find(int device) {
        int major = DeviceNumbers.major(device);
        int minor = DeviceNumbers.minor(device);
        for (Row r : rows) {
            if (r.major == major && minor >= r.firstMinor && minor < r.firstMinor + r.minorCount) {
                return r.opener;
            }
        }
        return null;
    }

    public List<Row> rows() {
        return rows;
    }
}
