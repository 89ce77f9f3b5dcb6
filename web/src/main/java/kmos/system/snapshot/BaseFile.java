// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import kmos.base.StateFile;
import kmos.base.StateFormatException;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;

/**
 * The base ({@link BootedBase}) of one configuration as a file beside the module, so that a page which opens a snapshot need not boot.
 * It is a {@link StateFile} whose name is all that the machine was built from; what it holds is what booting gives, or nothing opens.
 */
public final class BaseFile {
    private BaseFile() { }

    /** base: the machine of config at the base. image: SHA-256 of the disk image. */
    public static byte[] of(MachineImage base, SystemConfig config, String image) {
        return StateFile.wrap(base.plain(base.state()), MachineFacts.name(config, image));
    }

    /** The base in a file. SnapshotException: it is of another build, image or configuration, truncated or damaged. */
    public static MachineImage open(byte[] file, SystemConfig config, String image) {
        try {
            return MachineImage.ofPlain(StateFile.unwrap(file, MachineFacts.name(config, image)));
        } catch (StateFormatException other) {
            throw new SnapshotException(other.getMessage());
        }
    }

    /** What {@link BootedBase} gives for a system that was just built. SnapshotException: it stops while it starts. */
    public static void boot(KmosSystem fresh, long sliceCycles) {
        BootedBase base = new BootedBase(fresh);
        while (base.step(sliceCycles)) {
            continue;
        }
        if (!base.isReached()) {
            throw new SnapshotException("the machine that the snapshot builds on stops while it starts");
        }
    }
}
