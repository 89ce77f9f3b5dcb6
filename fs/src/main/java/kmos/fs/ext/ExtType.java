// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateTypes;
import kmos.fs.FileSystem;
import kmos.fs.FileSystemType;
import kmos.fs.block.BlockCache;

/** ext2 in the list of file systems. */
public final class ExtType implements FileSystemType {
    @Override
    public List<String> names() {
        return List.of("ext2");
    }

    @Override
    public boolean probe(BlockCache cache) {
        if (cache.device().sectorCount() < 8) {
            return false;
        }
        return read(cache).hasMagic();
    }

    private static ExtSuperblock read(BlockCache cache) {
        byte[] raw = new byte[ExtSuperblock.SIZE];
        cache.read(ExtSuperblock.OFFSET, raw, 0, raw.length);
        return new ExtSuperblock(raw);
    }

    @Override
    public FileSystem mount(BlockCache cache, boolean isReadOnly) {
        if (!probe(cache)) {
            throw refuse(cache, "no ext2 superblock", Errno.EINVAL);
        }
        ExtSuperblock sb = read(cache);
        if (sb.unsupported() != null) {
            throw refuse(cache, "unsupported features: " + sb.unsupported(), Errno.EINVAL);
        }
        String flaw = sb.flaw(cache.device().sectorCount() * 512);
        if (flaw != null) {
            throw refuse(cache, "corrupt superblock: " + flaw, Errno.EUCLEAN);
        }
        if (sb.mustBeReadOnly() && !isReadOnly) {
            throw refuse(cache, "its features allow mounting read-only only", Errno.EROFS);
        }
        cache.setBlockSize(sb.blockSize);
        ExtFileSystem fs = new ExtFileSystem(cache, sb, isReadOnly);
        fs.checkDescriptors();
        fs.root().release();
        if (!isReadOnly) {
            fs.processOrphans();
            fs.markMounted();
        }
        cache.setMessage(null);
        return fs;
    }

    private static ErrnoException refuse(BlockCache cache, String why, int errno) {
        cache.setMessage("EXT2-fs: cannot mount: " + why);
        return new ErrnoException(errno);
    }

    /** The classes of this package that stand in a saved state. */
    public static void registerState(StateTypes types) {
        types.add("ExtFileSystem", ExtFileSystem.class, ExtFileSystem::new);
        types.add("ExtInode", ExtInode.class, ExtInode::new);
    }
}
