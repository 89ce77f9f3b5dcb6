// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.block.Block;

/**
 * Where a file's blocks are: 12 direct numbers in the inode, then one block of numbers, one block of such blocks, and one
 * of those. 0 is a hole.
 */
final class ExtBlockMap {
    static final int DIRECT = 12;
    /** How many blocks one step of freeing takes at most, so that a step is bounded. */
    private static final int STEP = 2048;
    private static final int EMPTIED = 0, KEPT = 1, OUT_OF_BUDGET = 2;

    private final ExtFileSystem fs;
    private final int pointers;
    private final int[] path = new int[4];
    // Scratch of one freeing step.
    private int budget;
    private long lowest;

    ExtBlockMap(ExtFileSystem fs) {
        this.fs = fs;
        this.pointers = fs.superblock().blockSize / 4;
    }

    /** The largest file: what the map reaches, and what i_blocks can count. */
    long maxSize() {
        long p = pointers;
        long reach = (DIRECT + p + p * p + p * p * p) * fs.superblock().blockSize;
        return Math.min(reach, (1L << 32) * 512 - (1 << 30));
    }

    /** Fills path with the slots that lead to a block; returns how many, or EFBIG. */
    private int findPath(long logical) {
        long n = logical;
        if (n < DIRECT) {
            path[0] = (int) n;
            return 1;
        }
        n -= DIRECT;
        long p = pointers;
        if (n < p) {
            path[0] = DIRECT;
            path[1] = (int) n;
            return 2;
        }
        n -= p;
        if (n < p * p) {
            path[0] = DIRECT + 1;
            path[1] = (int) (n / p);
            path[2] = (int) (n % p);
            return 3;
        }
        n -= p * p;
        if (n >= p * p * p) {
            throw new ErrnoException(Errno.EFBIG);
        }
        path[0] = DIRECT + 2;
        path[1] = (int) (n / (p * p));
        path[2] = (int) (n / p % p);
        path[3] = (int) (n % p);
        return 4;
    }

    private long checked(long block) {
        if (!fs.superblock().isDataBlock(block)) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        return block;
    }

    /** The disk block of a file's block, 0 for a hole. */
    long map(ExtInode inode, long logical) {
        int depth = findPath(logical);
        long block = inode.slot(path[0]);
        for (int i = 1; i < depth && block != 0; i++) {
            block = fs.cache().get(checked(block)).getUnsigned32(path[i] * 4);
        }
        return block == 0 ? 0 : checked(block);
    }

    /** The same, allocating what is missing. The content of a new data block is whatever the disk holds. */
    long allocate(ExtTransaction tx, ExtInode inode, long logical) {
        long goal = goal(inode, logical);
        int depth = findPath(logical);
        long block = inode.slot(path[0]);
        if (block == 0) {
            block = add(tx, inode, goal, depth > 1);
            inode.setSlot(path[0], block);
            goal = block + 1;
        }
        for (int i = 1; i < depth; i++) {
            long next = fs.cache().get(checked(block)).getUnsigned32(path[i] * 4);
            if (next == 0) {
                next = add(tx, inode, goal, i < depth - 1);
                tx.modify(block).put32(path[i] * 4, (int) next);
                goal = next + 1;
            }
            block = next;
        }
        return checked(block);
    }

    private long add(ExtTransaction tx, ExtInode inode, long goal, boolean isPointerBlock) {
        tx.inode(inode);
        long block = fs.allocator().allocateBlock(tx, goal);
        inode.addBlocks(1);
        if (isPointerBlock) {
            tx.create(block);
        }
        return block;
    }

    /** Behind the file's previous block, else the start of the inode's group. */
    private long goal(ExtInode inode, long logical) {
        if (logical > 0) {
            long previous = map(inode, logical - 1);
            if (previous != 0) {
                return previous + 1;
            }
        }
        return fs.superblock().firstBlockOf(fs.groupOf(inode.number()));
    }

    /**
     * Frees blocks from the end of the file down to first, at most a bounded number. Returns first when all are gone, else the
     * first block of the part that was freed: call again.
     */
    long freeStep(ExtTransaction tx, ExtInode inode, long first) {
        tx.inode(inode);
        budget = STEP;
        lowest = first;
        long p = pointers;
        long[] starts = {DIRECT, DIRECT + p, DIRECT + p + p * p};
        for (int level = 3; level >= 1; level--) {
            long root = inode.slot(DIRECT + level - 1);
            if (root != 0) {
                int result = freeTree(tx, inode, root, level, starts[level - 1], first);
                if (result == OUT_OF_BUDGET) {
                    return lowest;
                }
                if (result == EMPTIED) {
                    inode.setSlot(DIRECT + level - 1, 0);
                }
            }
        }
        for (int i = DIRECT - 1; i >= first && i >= 0; i--) {
            long block = inode.slot(i);
            if (block != 0) {
                release(tx, inode, block);
                inode.setSlot(i, 0);
            }
        }
        return first;
    }

    /** Level 1 is a block of data blocks' numbers. start is the file's block that its first entry stands for. */
    private int freeTree(ExtTransaction tx, ExtInode inode, long block, int level, long start, long first) {
        long span = level == 1 ? 1 : level == 2 ? pointers : (long) pointers * pointers;
        if (start + span * pointers <= first) {
            return KEPT;
        }
        Block table = fs.cache().get(checked(block));
        for (int i = pointers - 1; i >= 0; i--) {
            long childStart = start + i * span;
            if (childStart + span <= first) {
                break;
            }
            long child = table.getUnsigned32(i * 4);
            if (child == 0) {
                continue;
            }
            if (budget <= 0) {
                return OUT_OF_BUDGET;
            }
            if (level > 1) {
                int result = freeTree(tx, inode, child, level - 1, childStart, first);
                if (result == OUT_OF_BUDGET) {
                    return result;
                }
                if (result == KEPT) {
                    continue;
                }
            } else {
                release(tx, inode, child);
            }
            lowest = Math.max(first, childStart);
            tx.modify(block).put32(i * 4, 0);
        }
        if (start < first) {
            return KEPT;
        }
        release(tx, inode, block);
        return EMPTIED;
    }

    private void release(ExtTransaction tx, ExtInode inode, long block) {
        fs.allocator().freeBlock(tx, block);
        inode.addBlocks(-1);
        budget--;
    }
}
