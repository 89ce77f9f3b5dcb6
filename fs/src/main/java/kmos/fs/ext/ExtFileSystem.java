// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.fs.block.Block;
import kmos.fs.block.BlockCache;

/** A mounted ext2: its geometry, the inodes in use and the list of orphans (files without a name that are still open). */
final class ExtFileSystem extends FileSystem {
    private static final int EXT2_SUPER_MAGIC = 0xEF53;
    private static final int ROOT = 2;

    private BlockCache cache;
    private ExtSuperblock superblock;
    private boolean isReadOnly;
    private boolean isMarkedClean;
    private final Map<Long, ExtInode> inodes = new LinkedHashMap<>();
    /** First is the head of the chain on the disk: superblock, then each inode's i_dtime. */
    private final List<ExtInode> orphans = new ArrayList<>();
    // Derived: helpers without state.
    private ExtAllocator allocator;
    private ExtBlockMap blockMap;
    private ExtDirectory directory;
    private ExtAttributes attributes;

    /** For loading a saved state. */
    ExtFileSystem() {
        super(0);
    }

    ExtFileSystem(BlockCache cache, ExtSuperblock superblock, boolean isReadOnly) {
        super(cache.deviceNumber());
        this.cache = cache;
        this.superblock = superblock;
        this.isReadOnly = isReadOnly;
        makeHelpers();
    }

    private void makeHelpers() {
        allocator = new ExtAllocator(this);
        blockMap = new ExtBlockMap(this);
        directory = new ExtDirectory(this);
        attributes = new ExtAttributes(this);
    }

    BlockCache cache() {
        return cache;
    }

    ExtSuperblock superblock() {
        return superblock;
    }

    ExtAllocator allocator() {
        return allocator;
    }

    ExtBlockMap blockMap() {
        return blockMap;
    }

    ExtAttributes attributes() {
        return attributes;
    }

    ExtDirectory directory() {
        return directory;
    }

    ExtTransaction begin() {
        return new ExtTransaction(this);
    }

    // Mounting

    /** Checks every group descriptor; EUCLEAN when one points outside. */
    void checkDescriptors() {
        for (int g = 0; g < superblock.groupCount; g++) {
            long table = allocator.descriptorField(g, ExtAllocator.INODE_TABLE);
            if (!superblock.isDataBlock(allocator.descriptorField(g, ExtAllocator.BLOCK_BITMAP))
                || !superblock.isDataBlock(allocator.descriptorField(g, ExtAllocator.INODE_BITMAP))
                || !superblock.isDataBlock(table) || table + superblock.inodeTableBlocks() > superblock.blocksCount) {
                cache.setMessage("EXT2-fs: group descriptor " + g + " is corrupt");
                throw new ErrnoException(Errno.EUCLEAN);
            }
        }
    }

    /** Frees what was unlinked but still open when the file system went down. Each file is its own transactions. */
    void processOrphans() {
        for (long steps = 0; steps <= superblock.inodesCount; steps++) {
            Block b = cache.get(superblock.superblockNumber());
            long number = b.getUnsigned32(superblock.superblockOffset() + ExtSuperblock.LAST_ORPHAN);
            if (number == 0) {
                return;
            }
            ExtInode orphan = null;
            if (number >= superblock.firstInode && number <= superblock.inodesCount) {
                orphan = readOrphan(number);
            }
            if (orphan == null) { // not a chain we can trust: e2fsck will find the inodes
                endOrphanChain();
                return;
            }
            orphans.clear();
            orphans.add(orphan);
            try {
                orphan.finishOrphan();
            } catch (ErrnoException corrupt) {
                orphans.clear();
                endOrphanChain(); // what is left is for e2fsck
                return;
            }
            orphans.clear();
        }
        endOrphanChain();
    }

    private ExtInode readOrphan(long number) {
        try {
            return readInode(number);
        } catch (ErrnoException corrupt) {
            return null;
        }
    }

    private void endOrphanChain() {
        try (ExtTransaction tx = begin()) {
            tx.superblock().put32(superblock.superblockOffset() + ExtSuperblock.LAST_ORPHAN, 0);
            tx.commit();
        }
    }

    /** Mounted for writing: not clean until unmounted. */
    void markMounted() {
        try (ExtTransaction tx = begin()) {
            Block b = tx.superblock();
            int at = superblock.superblockOffset();
            b.put16(at + ExtSuperblock.STATE, b.get16(at + ExtSuperblock.STATE) & ~ExtSuperblock.STATE_VALID);
            b.put16(at + ExtSuperblock.MOUNT_COUNT, b.get16(at + ExtSuperblock.MOUNT_COUNT) + 1);
            tx.commit();
        }
    }

    // Inodes

    long inodeBlock(long number) {
        int group = groupOf(number);
        long inGroup = (number - 1) % superblock.inodesPerGroup;
        return allocator.descriptorField(group, ExtAllocator.INODE_TABLE) + inGroup * superblock.inodeSize / superblock.blockSize;
    }

    int inodeOffset(long number) {
        return (int) ((number - 1) % superblock.inodesPerGroup * superblock.inodeSize % superblock.blockSize);
    }

    int groupOf(long number) {
        return (int) ((number - 1) / superblock.inodesPerGroup);
    }

    /** The inode, retained. EUCLEAN when the number or the inode cannot be. */
    ExtInode inode(long number) {
        ExtInode known = inodes.get(number);
        if (known == null) {
            known = readInode(number);
            if (known.links() == 0 || !known.hasKnownType()) {
                throw new ErrnoException(Errno.EUCLEAN);
            }
            inodes.put(number, known);
        }
        known.retain();
        return known;
    }

    private ExtInode readInode(long number) {
        if (number < 1 || number > superblock.inodesCount || number < superblock.firstInode && number != ROOT) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        byte[] raw = new byte[superblock.inodeSize];
        cache.get(inodeBlock(number)).read(inodeOffset(number), raw, 0, raw.length);
        ExtInode inode = new ExtInode(this, number, raw);
        inode.check();
        return inode;
    }

    void register(ExtInode inode) {
        inodes.put(inode.number(), inode);
    }

    void forget(ExtInode inode) {
        inodes.remove(inode.number());
    }

    /** Puts an inode without links at the head of the chain of orphans. Call {@link #orphaned} after the commit. */
    void addOrphan(ExtTransaction tx, ExtInode inode) {
        Block b = tx.superblock();
        int at = superblock.superblockOffset() + ExtSuperblock.LAST_ORPHAN;
        tx.inode(inode);
        inode.setDeletionTime(b.get32(at));
        b.put32(at, (int) inode.number());
    }

    void orphaned(ExtInode inode) {
        orphans.add(0, inode);
    }

    /** Takes an inode off the chain. Call {@link #notOrphaned} after the commit. */
    void removeOrphan(ExtTransaction tx, ExtInode inode) {
        int i = orphans.indexOf(inode);
        if (i < 0) {
            return;
        }
        int next = inode.deletionTime();
        if (i == 0) {
            tx.superblock().put32(superblock.superblockOffset() + ExtSuperblock.LAST_ORPHAN, next);
        } else {
            ExtInode before = orphans.get(i - 1);
            tx.inode(before);
            before.setDeletionTime(next);
        }
    }

    void notOrphaned(ExtInode inode) {
        orphans.remove(inode);
    }

    /** A file of 2 GiB or more needs the large_file feature (revision 1). */
    void needLargeFile(ExtTransaction tx) {
        if (superblock.isRevision0) {
            throw new ErrnoException(Errno.EFBIG);
        }
        int at = superblock.superblockOffset() + ExtSuperblock.RO_COMPAT;
        int features = cache.get(superblock.superblockNumber()).get32(at);
        if ((features & ExtSuperblock.RO_COMPAT_LARGE_FILE) == 0) {
            tx.superblock().put32(at, features | ExtSuperblock.RO_COMPAT_LARGE_FILE);
        }
    }

    // FileSystem

    @Override
    public String typeName() {
        return "ext2";
    }

    @Override
    public Inode root() {
        ExtInode root = inode(ROOT);
        if (!root.isDirectory()) {
            root.release();
            throw new ErrnoException(Errno.EUCLEAN);
        }
        return root;
    }

    @Override
    public boolean isReadOnly() {
        return isReadOnly;
    }

    @Override
    public Statistics statistics() {
        Block b = cache.get(superblock.superblockNumber());
        int at = superblock.superblockOffset();
        long overhead = superblock.firstDataBlock;
        for (int g = 0; g < superblock.groupCount; g++) {
            overhead += 2 + superblock.inodeTableBlocks() + (superblock.hasCopy(g) ? 1 + superblock.descriptorBlocks() : 0);
        }
        long free = b.getUnsigned32(at + ExtSuperblock.FREE_BLOCKS);
        return new Statistics(EXT2_SUPER_MAGIC, superblock.blockSize, superblock.blocksCount - overhead, free, free,
            superblock.inodesCount, b.getUnsigned32(at + ExtSuperblock.FREE_INODES), 255);
    }

    @Override
    public void sync() {
        if (!isReadOnly) {
            cache.sync();
        }
    }

    @Override
    public void unmount() {
        if (isReadOnly) {
            return;
        }
        if (!isMarkedClean) {
            try (ExtTransaction tx = begin()) {
                Block b = tx.superblock();
                int at = superblock.superblockOffset() + ExtSuperblock.STATE;
                b.put16(at, b.get16(at) | ExtSuperblock.STATE_VALID);
                tx.commit();
            }
            isMarkedClean = true;
        }
        cache.sync();
    }

    @Override
    public void state(StateFields s) {
        stateDevice(s);
        cache = s.ref("cache", cache, BlockCache.class);
        byte[] raw = s.bytes("superblock", superblock == null ? null : superblock.raw);
        isReadOnly = s.bool("isReadOnly", isReadOnly);
        isMarkedClean = s.bool("isMarkedClean", isMarkedClean);
        List<ExtInode> used = new ArrayList<>(inodes.values());
        s.refs("inodes", used, ExtInode.class);
        long[] numbers = new long[inodes.size()];
        int n = 0;
        for (long number : inodes.keySet()) {
            numbers[n++] = number;
        }
        numbers = s.longs("numbers", numbers);
        s.refs("orphans", orphans, ExtInode.class);
        if (s.isLoading()) {
            superblock = new ExtSuperblock(raw);
            makeHelpers();
            inodes.clear();
            for (int i = 0; i < numbers.length; i++) {
                inodes.put(numbers[i], used.get(i));
            }
        }
    }
}
