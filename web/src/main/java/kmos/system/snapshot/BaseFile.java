// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import kmos.base.LittleEndian;
import kmos.base.StateBytes;
import kmos.base.StateFile;
import kmos.base.StateFormatException;
import kmos.system.KmosSystem;
import kmos.system.SystemConfig;

/**
 * The base ({@link BootedBase}) of one configuration as a file beside the module, so that a page which opens a snapshot need not boot.
 * It is a {@link StateFile} whose name is all that the machine was built from; what it holds is what booting gives, or nothing opens. Its body: the
 * hash of the base (64 bits), then the image as {@link MachineImage#plain}. Opening copies little: on the page it takes longest.
 */
public final class BaseFile {
    private static final int HASH_BYTES = 8;

    private final byte[] file;
    private final int at;

    private BaseFile(byte[] file, int at) {
        this.file = file;
        this.at = at;
    }

    /** base: the machine of config at the base. image: SHA-256 of the disk image. */
    public static byte[] of(MachineImage base, SystemConfig config, String image) {
        StateBytes body = new StateBytes(HASH_BYTES + base.plainBytes(base.state()));
        body.put64(SnapshotCodec.hash(base));
        base.putPlain(body, base.state());
        return StateFile.wrap(body.take(), MachineFacts.name(config, image));
    }

    /** The base in a file, which must not be changed any more. SnapshotException: it is of another build, image or configuration, truncated or damaged. */
    public static BaseFile open(byte[] file, SystemConfig config, String image) {
        try {
            int at = StateFile.check(file, MachineFacts.name(config, image));
            if (file.length - at < HASH_BYTES) {
                throw new SnapshotException("the base of the site is damaged: it has no hash");
            }
            return new BaseFile(file, at);
        } catch (StateFormatException other) {
            throw new SnapshotException(other.getMessage());
        }
    }

    /** The machine. */
    public MachineImage image() {
        return MachineImage.ofPlain(new SnapshotInput(file, at + HASH_BYTES, file.length));
    }

    /** What deltas build on. */
    public SnapshotCodec.Base base(int fixedCount) {
        byte[] plain = new byte[file.length - at - HASH_BYTES];
        System.arraycopy(file, at + HASH_BYTES, plain, 0, plain.length);
        return new SnapshotCodec.Base(plain, LittleEndian.get64(file, at), fixedCount);
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
