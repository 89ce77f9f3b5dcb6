// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import kmos.base.LittleEndian;
import kmos.fs.Inode;
import kmos.fs.block.Block;
import kmos.fs.block.BlockCache;
import kmos.fs.block.Transaction;

/**
 * Makes an empty ext2 of revision 1 (filetype, sparse_super, large_file; inodes of 256 bytes) with root directory and
 * lost+found. The same arguments give the same bytes. The device must be all zero where inode tables come to lie.
 */
public final class ExtMkfs {
    /** blockSize: 1024, 2048 or 4096. inodesPerGroup is rounded up to whole blocks. epochSeconds: all times. */
    public record Options(int blockSize, long blocks, int inodesPerGroup, byte[] uuid, String label, long epochSeconds) { }

    private static final int INODE_SIZE = 256;
    private static final int ROOT = 2, FIRST_INODE = 11;

    private final BlockCache cache;
    private final Options options;
    private final byte[] raw = new byte[ExtSuperblock.SIZE];
    private ExtSuperblock sb;
    private long rootBlock, lostBlock;

    private ExtMkfs(BlockCache cache, Options options) {
        this.cache = cache;
        this.options = options;
    }

    /** NotReady never comes from a device that answers at once; IllegalArgumentException for sizes that do not work. */
    public static void format(BlockCache cache, Options options) {
        new ExtMkfs(cache, options).run();
    }

    private void run() {
        cache.setBlockSize(options.blockSize);
        makeSuperblock();
        String flaw = sb.flaw(cache.device().sectorCount() * 512);
        if (flaw != null) {
            throw new IllegalArgumentException(flaw);
        }
        long freeBlocks = 0;
        byte[] descriptors = new byte[sb.descriptorBlocks() * options.blockSize];
        for (int g = 0; g < sb.groupCount; g++) {
            freeBlocks += makeGroup(g, descriptors);
        }
        LittleEndian.put32(raw, ExtSuperblock.FREE_BLOCKS, (int) freeBlocks);
        LittleEndian.put32(raw, ExtSuperblock.FREE_INODES, (int) sb.inodesCount - FIRST_INODE);
        for (int g = 0; g < sb.groupCount; g++) {
            if (sb.hasCopy(g)) {
                writeCopy(g, descriptors);
            }
        }
        makeDirectories();
        cache.sync();
    }

    private void makeSuperblock() {
        int bs = options.blockSize;
        long blocksPerGroup = bs * 8L;
        long first = bs == 1024 ? 1 : 0;
        long groups = (options.blocks - first + blocksPerGroup - 1) / blocksPerGroup;
        int perBlock = bs / INODE_SIZE;
        long inodesPerGroup = Math.max(16, (options.inodesPerGroup + perBlock - 1) / perBlock * perBlock + 7 & ~7);
        int log = bs == 1024 ? 0 : bs == 2048 ? 1 : 2;
        int time = (int) options.epochSeconds;
        int[][] words = {{0, (int) (groups * inodesPerGroup)}, {4, (int) options.blocks}, {20, (int) first}, {24, log}, {28, log},
            {32, (int) blocksPerGroup}, {36, (int) blocksPerGroup}, {40, (int) inodesPerGroup}, {48, time}, {64, time},
            {76, 1}, {84, FIRST_INODE}, {96, ExtSuperblock.INCOMPAT_FILETYPE},
            {100, ExtSuperblock.RO_COMPAT_SPARSE_SUPER | ExtSuperblock.RO_COMPAT_LARGE_FILE}, {264, time}};
        for (int[] w : words) {
            LittleEndian.put32(raw, w[0], w[1]);
        }
        int[][] halves = {{54, 0xFFFF}, {ExtSuperblock.MAGIC, ExtSuperblock.EXT2_MAGIC}, {ExtSuperblock.STATE, 1}, {60, 1},
            {88, INODE_SIZE}, {348, 32}, {350, 32}};
        for (int[] h : halves) {
            LittleEndian.put16(raw, h[0], h[1]);
        }
        System.arraycopy(options.uuid, 0, raw, 104, 16);
        for (int i = 0; i < Math.min(16, options.label.length()); i++) {
            raw[120 + i] = (byte) options.label.charAt(i);
        }
        sb = new ExtSuperblock(raw.clone());
    }

    /** Bitmaps and descriptor of a group. Returns its free blocks. */
    private long makeGroup(int g, byte[] descriptors) {
        long start = sb.firstBlockOf(g);
        long at = start + (sb.hasCopy(g) ? 1 + sb.descriptorBlocks() : 0);
        long blockBitmap = at++;
        long inodeBitmap = at++;
        long table = at;
        at += sb.inodeTableBlocks();
        if (g == 0) {
            rootBlock = at++;
            lostBlock = at++;
        }
        int used = (int) (at - start);
        int count = (int) sb.blocksIn(g);
        if (used + 8 > count) {
            throw new IllegalArgumentException("the last group has no room: choose another number of blocks");
        }
        int usedInodes = g == 0 ? FIRST_INODE : 0;
        try (Transaction tx = new Transaction(cache)) {
            fillBits(tx.create(blockBitmap), used, count);
            fillBits(tx.create(inodeBitmap), usedInodes, (int) sb.inodesPerGroup);
            tx.commit();
        }
        int d = g * ExtSuperblock.DESCRIPTOR_SIZE;
        LittleEndian.put32(descriptors, d + ExtAllocator.BLOCK_BITMAP, (int) blockBitmap);
        LittleEndian.put32(descriptors, d + ExtAllocator.INODE_BITMAP, (int) inodeBitmap);
        LittleEndian.put32(descriptors, d + ExtAllocator.INODE_TABLE, (int) table);
        LittleEndian.put16(descriptors, d + ExtAllocator.FREE_BLOCKS, count - used);
        LittleEndian.put16(descriptors, d + ExtAllocator.FREE_INODES, (int) sb.inodesPerGroup - usedInodes);
        LittleEndian.put16(descriptors, d + ExtAllocator.USED_DIRS, g == 0 ? 2 : 0);
        return count - used;
    }

    /** The first used bits are 1, and those behind count, which stand for nothing. */
    private void fillBits(Block bitmap, int used, int count) {
        for (int bit = 0; bit < options.blockSize * 8; bit++) {
            if (bit < used || bit >= count) {
                bitmap.put8(bit >> 3, bitmap.get8(bit >> 3) | 1 << (bit & 7));
            }
        }
    }

    private void writeCopy(int g, byte[] descriptors) {
        try (Transaction tx = new Transaction(cache)) {
            long block = g == 0 ? sb.superblockNumber() : sb.firstBlockOf(g);
            LittleEndian.put16(raw, 90, g);
            tx.create(block).write(g == 0 ? sb.superblockOffset() : 0, raw, 0, raw.length);
            for (int i = 0; i < sb.descriptorBlocks(); i++) {
                tx.create(sb.firstBlockOf(g) + 1 + i).write(0, descriptors, i * options.blockSize, options.blockSize);
            }
            tx.commit();
        }
    }

    private void makeDirectories() {
        try (Transaction tx = new Transaction(cache)) {
            Block root = tx.create(rootBlock);
            int at = put(root, 0, 12, ROOT, ".");
            at = put(root, at, 12, ROOT, "..");
            put(root, at, options.blockSize - at, FIRST_INODE, "lost+found");
            Block lost = tx.create(lostBlock);
            at = put(lost, 0, 12, FIRST_INODE, ".");
            put(lost, at, options.blockSize - at, ROOT, "..");
            putInode(tx, ROOT, 0755, 3, rootBlock);
            putInode(tx, FIRST_INODE, 0700, 2, lostBlock);
            tx.commit();
        }
    }

    private int put(Block b, int at, int length, int inode, String name) {
        b.put32(at, inode);
        b.put16(at + 4, length);
        b.put8(at + 6, name.length());
        b.put8(at + 7, ExtDirectory.fileType(Inode.S_IFDIR));
        for (int i = 0; i < name.length(); i++) {
            b.put8(at + 8 + i, name.charAt(i));
        }
        return at + length;
    }

    private void putInode(Transaction tx, int number, int permissions, int links, long block) {
        byte[] inode = new byte[INODE_SIZE];
        ExtInodeFields.initialise(inode, Inode.S_IFDIR | permissions, 0, 0, options.epochSeconds * 1_000_000_000L);
        ExtInodeFields.setLinks(inode, links);
        ExtInodeFields.setSize(inode, options.blockSize);
        ExtInodeFields.setSectors(inode, options.blockSize >> 9);
        ExtInodeFields.setSlot(inode, 0, block);
        Block descriptor = cache.get(sb.descriptorBlock(0));
        long table = descriptor.getUnsigned32(sb.descriptorOffset(0) + ExtAllocator.INODE_TABLE);
        int byteAt = (number - 1) * INODE_SIZE;
        tx.modify(table + byteAt / options.blockSize).write(byteAt % options.blockSize, inode, 0, INODE_SIZE);
    }
}
