// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.block.Block;

/**
 * Bitmaps of blocks and inodes, and the free counts of groups and superblock that go with them.
 *
 * <pre>
 * group descriptor   0 bg_block_bitmap   4 bg_inode_bitmap   8 bg_inode_table
 *                   12 bg_free_blocks_count (16 bits)   14 bg_free_inodes_count   16 bg_used_dirs_count
 * </pre>
 *
 * Differs from Linux: the blocks reserved for root are given to everybody.
 */
final class ExtAllocator {
    static final int BLOCK_BITMAP = 0, INODE_BITMAP = 4, INODE_TABLE = 8, FREE_BLOCKS = 12, FREE_INODES = 14, USED_DIRS = 16;

    private final ExtFileSystem fs;
    private final ExtSuperblock sb;

    ExtAllocator(ExtFileSystem fs) {
        this.fs = fs;
        this.sb = fs.superblock();
    }

    private Block descriptor(int group) {
        return fs.cache().get(sb.descriptorBlock(group));
    }

    long descriptorField(int group, int offset) {
        return descriptor(group).getUnsigned32(sb.descriptorOffset(group) + offset);
    }

    private int freeCount(int group, int offset) {
        return descriptor(group).get16(sb.descriptorOffset(group) + offset);
    }

    /** Allocates a block, at goal or as near behind it as there is one. ENOSPC, EUCLEAN. */
    long allocateBlock(ExtTransaction tx, long goal) {
        long start = sb.isDataBlock(goal) ? goal : sb.firstDataBlock;
        int first = (int) ((start - sb.firstDataBlock) / sb.blocksPerGroup);
        for (int i = 0; i <= sb.groupCount; i++) {
            int group = (first + i) % sb.groupCount;
            if (freeCount(group, FREE_BLOCKS) == 0) {
                continue;
            }
            int from = i == 0 ? (int) (start - sb.firstBlockOf(group)) : 0;
            long bitmap = descriptorField(group, BLOCK_BITMAP);
            int bit = findZero(fs.cache().get(bitmap), from, (int) sb.blocksIn(group));
            if (bit >= 0) {
                long block = sb.firstBlockOf(group) + bit;
                if (!sb.isDataBlock(block) || isMetadata(group, block)) {
                    throw new ErrnoException(Errno.EUCLEAN); // the bitmap offers a block that holds bitmaps or inodes
                }
                setBit(tx.modify(bitmap), bit);
                tx.addToGroup(group, FREE_BLOCKS, -1);
                tx.addToSuperblock(ExtSuperblock.FREE_BLOCKS, -1);
                return block;
            }
        }
        throw new ErrnoException(Errno.ENOSPC);
    }

    private boolean isMetadata(int group, long block) {
        long table = descriptorField(group, INODE_TABLE);
        return block == descriptorField(group, BLOCK_BITMAP) || block == descriptorField(group, INODE_BITMAP)
            || block >= table && block < table + sb.inodeTableBlocks()
            || sb.hasCopy(group) && block <= sb.firstBlockOf(group) + sb.descriptorBlocks();
    }

    /** EUCLEAN for a block that is not allocated, or never could be. */
    void freeBlock(ExtTransaction tx, long block) {
        if (!sb.isDataBlock(block)) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        int group = (int) ((block - sb.firstDataBlock) / sb.blocksPerGroup);
        if (isMetadata(group, block)) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        clearBit(tx.modify(descriptorField(group, BLOCK_BITMAP)), (int) (block - sb.firstBlockOf(group)));
        tx.addToGroup(group, FREE_BLOCKS, 1);
        tx.addToSuperblock(ExtSuperblock.FREE_BLOCKS, 1);
        tx.free(block);
    }

    /** Allocates an inode, in the parent's group if there is room. ENOSPC. */
    long allocateInode(ExtTransaction tx, long parent, boolean isDirectory) {
        int first = (int) ((parent - 1) / sb.inodesPerGroup);
        for (int i = 0; i < sb.groupCount; i++) {
            int group = (first + i) % sb.groupCount;
            if (freeCount(group, FREE_INODES) == 0) {
                continue;
            }
            long bitmap = descriptorField(group, INODE_BITMAP);
            int from = group == 0 ? (int) Math.min(sb.firstInode - 1, sb.inodesPerGroup) : 0;
            int bit = findZero(fs.cache().get(bitmap), from, (int) sb.inodesPerGroup);
            if (bit >= 0) {
                setBit(tx.modify(bitmap), bit);
                tx.addToGroup(group, FREE_INODES, -1);
                tx.addToSuperblock(ExtSuperblock.FREE_INODES, -1);
                if (isDirectory) {
                    tx.addToGroup(group, USED_DIRS, 1);
                }
                return group * sb.inodesPerGroup + bit + 1;
            }
        }
        throw new ErrnoException(Errno.ENOSPC);
    }

    void freeInode(ExtTransaction tx, long number, boolean isDirectory) {
        int group = (int) ((number - 1) / sb.inodesPerGroup);
        clearBit(tx.modify(descriptorField(group, INODE_BITMAP)), (int) ((number - 1) % sb.inodesPerGroup));
        tx.addToGroup(group, FREE_INODES, 1);
        tx.addToSuperblock(ExtSuperblock.FREE_INODES, 1);
        if (isDirectory) {
            tx.addToGroup(group, USED_DIRS, -1);
        }
    }

    /** First zero bit in [from, count), then none: -1. */
    private static int findZero(Block bitmap, int from, int count) {
        int bit = from;
        while (bit < count) {
            if ((bit & 7) == 0 && bitmap.get8(bit >> 3) == 0xFF) {
                bit += 8;
            } else if ((bitmap.get8(bit >> 3) & 1 << (bit & 7)) != 0) {
                bit++;
            } else {
                return bit;
            }
        }
        return -1;
    }

    private static void setBit(Block bitmap, int bit) {
        bitmap.put8(bit >> 3, bitmap.get8(bit >> 3) | 1 << (bit & 7));
    }

    private static void clearBit(Block bitmap, int bit) {
        int value = bitmap.get8(bit >> 3);
        if ((value & 1 << (bit & 7)) == 0) {
            throw new ErrnoException(Errno.EUCLEAN); // freed twice
        }
        bitmap.put8(bit >> 3, value & ~(1 << (bit & 7)));
    }
}
