// SPDX-License-Identifier: Apache-2.0
package kmos.fs;

import java.util.List;
import kmos.fs.block.BlockCache;

/** A file system format: one entry in the kernel's list FILE_SYSTEMS. */
public interface FileSystemType {
    /** As in mount -t and /proc/filesystems. */
    List<String> names();

    /** Whether the device holds this format. NotReady while the superblock is on its way. */
    boolean probe(BlockCache cache);

    /** ErrnoException EINVAL (not this format), EUCLEAN (corrupt), EROFS; NotReady: call again. */
    FileSystem mount(BlockCache cache, boolean isReadOnly);
}
