// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import java.util.ArrayList;
import java.util.List;
import kmos.fs.block.Block;
import kmos.fs.block.Transaction;

/** A transaction over blocks and over the copies of inodes that are in use. */
final class ExtTransaction implements AutoCloseable {
    private final ExtFileSystem fs;
    private final Transaction blocks;
    private final List<ExtInode> inodes = new ArrayList<>();
    private final List<byte[]> oldInodes = new ArrayList<>();
    private final List<Block> tables = new ArrayList<>();
    private boolean isOpen = true;

    ExtTransaction(ExtFileSystem fs) {
        this.fs = fs;
        this.blocks = new Transaction(fs.cache());
    }

    Block modify(long number) {
        return blocks.modify(number);
    }

    Block create(long number) {
        return blocks.create(number);
    }

    void free(long number) {
        blocks.free(number);
    }

    /** The inode's bytes, to be changed. NotReady while its table block is read. */
    byte[] inode(ExtInode inode) {
        for (ExtInode known : inodes) {
            if (known == inode) {
                return inode.raw();
            }
        }
        tables.add(blocks.modify(fs.inodeBlock(inode.number())));
        inodes.add(inode);
        oldInodes.add(inode.raw().clone());
        return inode.raw();
    }

    /** Adds to a 32-bit counter of the superblock. */
    void addToSuperblock(int offset, int delta) {
        Block b = superblock();
        int at = fs.superblock().superblockOffset() + offset;
        b.put32(at, b.get32(at) + delta);
    }

    Block superblock() {
        return modify(fs.superblock().superblockNumber());
    }

    /** Adds to a 16-bit counter of a group descriptor. */
    void addToGroup(int group, int offset, int delta) {
        Block b = modify(fs.superblock().descriptorBlock(group));
        int at = fs.superblock().descriptorOffset(group) + offset;
        b.put16(at, b.get16(at) + delta);
    }

    void commit() {
        isOpen = false;
        for (int i = 0; i < inodes.size(); i++) {
            byte[] raw = inodes.get(i).raw();
            tables.get(i).write(fs.inodeOffset(inodes.get(i).number()), raw, 0, raw.length);
        }
        blocks.commit();
    }

    @Override
    public void close() {
        if (isOpen) {
            isOpen = false;
            for (int i = 0; i < inodes.size(); i++) {
                byte[] raw = inodes.get(i).raw();
                System.arraycopy(oldInodes.get(i), 0, raw, 0, raw.length);
            }
        }
        blocks.close();
    }
}
