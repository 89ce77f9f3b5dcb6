// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.StateTypes;

/** The classes of this package that stand in a saved state. */
public final class BlockStateTypes {
    private BlockStateTypes() { }

    /** buffers: where caches that are loaded get memory from. */
    public static void register(StateTypes types, BlockBuffers buffers) {
        types.add("BlockCache", BlockCache.class, () -> new BlockCache(buffers));
        types.add("Block", Block.class, Block::new);
        types.add("BlockRequest", BlockRequest.class, BlockRequest::new);
        types.add("PageTransfer", PageTransfer.class, PageTransfer::new);
        types.add("Partition", Partition.class, Partition::new);
        types.add("PartitionForward", Partition.Forward.class, Partition.Forward::new);
        types.add("MemoryDisk", MemoryDisk.class, MemoryDisk::new);
    }
}
