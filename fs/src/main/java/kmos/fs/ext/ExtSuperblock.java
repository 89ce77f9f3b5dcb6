// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import kmos.base.LittleEndian;

/**
 * The superblock, 1,024 bytes at byte 1,024 of the device, checked, as the geometry of the file system. Counters live in
 * the cached block and change there.
 *
 * <pre>
 * disk:   boot block | superblock | group descriptors | group 0: block bitmap, inode bitmap, inode table, data | group 1 ...
 *
 * offset  name                 meaning
 *   0     s_inodes_count         4 s_blocks_count        8 s_r_blocks_count    12 s_free_blocks_count
 *  16     s_free_inodes_count   20 s_first_data_block   24 s_log_block_size    32 s_blocks_per_group
 *  40     s_inodes_per_group    44 s_mtime              48 s_wtime             52 s_mnt_count
 *  56     s_magic 0xEF53        58 s_state (1 clean)    76 s_rev_level         84 s_first_ino
 *  88     s_inode_size          92 s_feature_compat     96 s_feature_incompat 100 s_feature_ro_compat
 * 104     s_uuid               232 s_last_orphan
 * </pre>
 */
final class ExtSuperblock {
    static final int SIZE = 1024, OFFSET = 1024;
    static final int FREE_BLOCKS = 12, FREE_INODES = 16, WTIME = 48, MOUNT_COUNT = 52, MAGIC = 56, STATE = 58,
        RO_COMPAT = 100, LAST_ORPHAN = 232;
    static final int EXT2_MAGIC = 0xEF53;
    static final int STATE_VALID = 1;
    static final int COMPAT_DIR_INDEX = 0x20;
    static final int INCOMPAT_FILETYPE = 2;
    static final int RO_COMPAT_SPARSE_SUPER = 1, RO_COMPAT_LARGE_FILE = 2;
    static final int DESCRIPTOR_SIZE = 32;
    private static final String[] INCOMPAT_NAMES = {"compression", "filetype", "needs_recovery", "journal_dev", "meta_bg", "5",
        "extents", "64bit", "mmp", "flex_bg", "ea_inode", "11", "dirdata", "csum_seed", "largedir", "inline_data", "encrypt"};

    final byte[] raw;
    final long inodesCount, blocksCount;
    final long firstDataBlock;
    final int blockSize;
    final long blocksPerGroup, inodesPerGroup;
    final int groupCount;
    final int inodeSize;
    final long firstInode;
    final boolean isRevision0, hasFileType;
    final int incompat, roCompat;

    ExtSuperblock(byte[] raw) {
        this.raw = raw;
        inodesCount = LittleEndian.getUnsigned32(raw, 0);
        blocksCount = LittleEndian.getUnsigned32(raw, 4);
        firstDataBlock = LittleEndian.getUnsigned32(raw, 20);
        int log = LittleEndian.get32(raw, 24);
        blockSize = log >= 0 && log <= 2 ? 1024 << log : 0;
        blocksPerGroup = LittleEndian.getUnsigned32(raw, 32);
        inodesPerGroup = LittleEndian.getUnsigned32(raw, 40);
        isRevision0 = LittleEndian.get32(raw, 76) == 0;
        inodeSize = isRevision0 ? 128 : LittleEndian.get16(raw, 88);
        firstInode = isRevision0 ? 11 : LittleEndian.getUnsigned32(raw, 84);
        incompat = isRevision0 ? 0 : LittleEndian.get32(raw, 96);
        roCompat = isRevision0 ? 0 : LittleEndian.get32(raw, RO_COMPAT);
        hasFileType = (incompat & INCOMPAT_FILETYPE) != 0;
        long groups = blocksPerGroup == 0 ? 0 : (blocksCount - firstDataBlock + blocksPerGroup - 1) / blocksPerGroup;
        groupCount = groups > 0 && groups < 1 << 20 ? (int) groups : 0;
    }

    boolean hasMagic() {
        return LittleEndian.get16(raw, MAGIC) == EXT2_MAGIC;
    }

    /** Unknown features that forbid mounting, by name; null when there are none. */
    String unsupported() {
        return names(incompat & ~INCOMPAT_FILETYPE);
    }

    /** Whether there are unknown features that forbid writing. */
    boolean mustBeReadOnly() {
        return (roCompat & ~(RO_COMPAT_SPARSE_SUPER | RO_COMPAT_LARGE_FILE)) != 0;
    }

    private static String names(int features) {
        if (features == 0) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            if ((features & 1 << i) != 0) {
                text.append(text.length() == 0 ? "" : " ").append(i < INCOMPAT_NAMES.length ? INCOMPAT_NAMES[i] : "bit " + i);
            }
        }
        return text.toString();
    }

    /** What is wrong with the geometry, for a device of so many bytes; null when it is sound. */
    String flaw(long deviceBytes) {
        if (blockSize == 0) {
            return "block size is not 1024, 2048 or 4096";
        }
        if (firstDataBlock != (blockSize == 1024 ? 1 : 0)) {
            return "first data block does not fit the block size";
        }
        if (blocksPerGroup < 8 || blocksPerGroup > blockSize * 8L) {
            return "bad number of blocks per group";
        }
        if (inodeSize < 128 || inodeSize > blockSize || (inodeSize & inodeSize - 1) != 0) {
            return "bad inode size";
        }
        if (inodesPerGroup < inodesPerBlock() || inodesPerGroup > blockSize * 8L) {
            return "bad number of inodes per group";
        }
        if (blocksCount <= firstDataBlock || groupCount == 0) {
            return "bad number of blocks";
        }
        if (blocksCount * blockSize > deviceBytes) {
            return "file system is larger than the device: " + blocksCount + " blocks of " + blockSize;
        }
        if (inodesCount != groupCount * inodesPerGroup) {
            return "number of inodes does not fit the groups";
        }
        return firstInode < 11 || firstInode > inodesCount ? "bad first inode" : null;
    }

    int inodesPerBlock() {
        return blockSize / inodeSize;
    }

    long inodeTableBlocks() {
        return (inodesPerGroup * inodeSize + blockSize - 1) / blockSize;
    }

    /** The block that holds the superblock, and where in it. */
    long superblockNumber() {
        return OFFSET / blockSize;
    }

    int superblockOffset() {
        return OFFSET % blockSize;
    }

    long descriptorBlock(int group) {
        return firstDataBlock + 1 + group / (blockSize / DESCRIPTOR_SIZE);
    }

    int descriptorOffset(int group) {
        return group % (blockSize / DESCRIPTOR_SIZE) * DESCRIPTOR_SIZE;
    }

    int descriptorBlocks() {
        int perBlock = blockSize / DESCRIPTOR_SIZE;
        return (groupCount + perBlock - 1) / perBlock;
    }

    long firstBlockOf(int group) {
        return firstDataBlock + group * blocksPerGroup;
    }

    long blocksIn(int group) {
        return Math.min(blocksPerGroup, blocksCount - firstBlockOf(group));
    }

    boolean isDataBlock(long block) {
        return block > firstDataBlock && block < blocksCount;
    }

    /** sparse_super: copies of superblock and descriptors are in groups 0, 1 and powers of 3, 5 and 7. */
    boolean hasCopy(int group) {
        if ((roCompat & RO_COMPAT_SPARSE_SUPER) == 0 || group <= 1) {
            return true;
        }
        return isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
    }

    private static boolean isPower(int value, int base) {
        int v = base;
        while (v < value) {
            v *= base;
        }
        return v == value;
    }
}
