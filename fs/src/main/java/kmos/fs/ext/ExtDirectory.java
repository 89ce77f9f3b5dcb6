// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.fs.block.Block;

/**
 * Directories: blocks full of entries, searched one after the other. Entries do not cross blocks.
 *
 * <pre>
 * 0 inode (0: unused)   4 rec_len (16 bits, to the next entry)   6 name_len   7 file_type   8 name
 * </pre>
 */
final class ExtDirectory {
    private static final int HEADER = 8;
    private static final int INDEX_FLAG = 0x1000;
    /** Type bits of a mode, shifted by 12, for each value of file_type. */
    private static final int[] DT = {0, 8, 4, 2, 6, 1, 12, 10};

    private final ExtFileSystem fs;
    private final int blockSize;
    // What find found.
    private long foundBlock;
    private int foundAt, foundPrevious;

    ExtDirectory(ExtFileSystem fs) {
        this.fs = fs;
        this.blockSize = fs.superblock().blockSize;
    }

    /** file_type of a mode. */
    static int fileType(int mode) {
        int type = mode >> 12;
        for (int i = 1; i < DT.length; i++) {
            if (DT[i] == type) {
                return i;
            }
        }
        return 0;
    }

    private long blocks(ExtInode directory) {
        long size = directory.size();
        if (size % blockSize != 0) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        return size / blockSize;
    }

    private Block block(ExtInode directory, long logical) {
        long number = fs.blockMap().map(directory, logical);
        return number == 0 ? null : fs.cache().get(number);
    }

    /** The length of the entry at a place in a block, checked. */
    private int length(Block b, int at) {
        int length = b.get16(at + 4);
        int name = nameLength(b, at);
        if (length < HEADER || (length & 3) != 0 || at + length > blockSize || HEADER + name > length
            || b.getUnsigned32(at) > fs.superblock().inodesCount) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        return length;
    }

    private int nameLength(Block b, int at) {
        return fs.superblock().hasFileType ? b.get8(at + 6) : b.get16(at + 6);
    }

    private static int needed(int nameLength) {
        return HEADER + nameLength + 3 & ~3;
    }

    /** The inode number of a name, 0 when it is not there. */
    long find(ExtInode directory, String name) {
        for (long logical = 0, count = blocks(directory); logical < count; logical++) {
            Block b = block(directory, logical);
            int previous = -1;
            for (int at = 0; b != null && at < blockSize; ) {
                int length = length(b, at);
                if (b.get32(at) != 0 && matches(b, at, name)) {
                    foundBlock = b.number();
                    foundAt = at;
                    foundPrevious = previous;
                    return b.getUnsigned32(at);
                }
                previous = at;
                at += length;
            }
        }
        return 0;
    }

    private boolean matches(Block b, int at, String name) {
        int n = nameLength(b, at);
        if (n != name.length()) {
            return false;
        }
        for (int i = 0; i < n; i++) {
            if (b.get8(at + HEADER + i) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Adds an entry; the name is not there yet. */
    void add(ExtTransaction tx, ExtInode directory, String name, long inode, int mode) {
        int needed = needed(name.length());
        clearIndex(tx, directory);
        long count = blocks(directory);
        for (long logical = 0; logical < count; logical++) {
            Block b = block(directory, logical);
            for (int at = 0; b != null && at < blockSize; ) {
                int length = length(b, at);
                int used = b.get32(at) == 0 ? 0 : needed(nameLength(b, at));
                if (length - used >= needed) {
                    tx.modify(b.number());
                    if (used > 0) {
                        b.put16(at + 4, used);
                    }
                    put(b, at + used, length - used, name, inode, mode);
                    return;
                }
                at += length;
            }
        }
        Block fresh = tx.create(fs.blockMap().allocate(tx, directory, count));
        put(fresh, 0, blockSize, name, inode, mode);
        tx.inode(directory);
        directory.setSizeField((count + 1) * blockSize);
    }

    private void put(Block b, int at, int length, String name, long inode, int mode) {
        b.put32(at, (int) inode);
        b.put16(at + 4, length);
        b.put8(at + 6, name.length());
        b.put8(at + 7, fs.superblock().hasFileType ? fileType(mode) : 0);
        for (int i = 0; i < name.length(); i++) {
            b.put8(at + HEADER + i, name.charAt(i));
        }
    }

    /** Removes an entry that is there: it joins the one before it, or becomes unused. ENOENT. */
    void remove(ExtTransaction tx, ExtInode directory, String name) {
        if (find(directory, name) == 0) {
            throw new ErrnoException(Errno.ENOENT);
        }
        clearIndex(tx, directory);
        Block b = tx.modify(foundBlock);
        if (foundPrevious >= 0) {
            b.put16(foundPrevious + 4, b.get16(foundPrevious + 4) + b.get16(foundAt + 4));
        } else {
            b.put32(foundAt, 0);
        }
    }

    /** Lets an entry that is there point to another inode. */
    void replace(ExtTransaction tx, ExtInode directory, String name, long inode, int mode) {
        if (find(directory, name) == 0) {
            throw new ErrnoException(Errno.ENOENT);
        }
        Block b = tx.modify(foundBlock);
        b.put32(foundAt, (int) inode);
        if (fs.superblock().hasFileType) {
            b.put8(foundAt + 7, fileType(mode));
        }
    }

    /** We do not keep htree indexes: a changed directory loses its index flag, as with Linux's ext2. */
    private void clearIndex(ExtTransaction tx, ExtInode directory) {
        tx.inode(directory);
        directory.setFlags(directory.flags() & ~INDEX_FLAG);
    }

    /** The first block of a new directory. */
    void makeEmpty(ExtTransaction tx, ExtInode directory, long parent) {
        Block b = tx.create(fs.blockMap().allocate(tx, directory, 0));
        put(b, 0, needed(1), ".", directory.number(), Inode.S_IFDIR);
        put(b, needed(1), blockSize - needed(1), "..", parent, Inode.S_IFDIR);
        directory.setSizeField(blockSize);
    }

    boolean isEmpty(ExtInode directory) {
        for (long logical = 0, count = blocks(directory); logical < count; logical++) {
            Block b = block(directory, logical);
            for (int at = 0; b != null && at < blockSize; at += length(b, at)) {
                length(b, at);
                if (b.get32(at) != 0 && !matches(b, at, ".") && !matches(b, at, "..")) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Entries from a byte position on, at most those of one block, so that nothing is told twice after a miss. */
    void read(ExtInode directory, long position, Inode.EntryVisitor visitor) {
        long count = blocks(directory);
        int visited = 0;
        for (long logical = position / blockSize; logical < count && visited == 0; logical++) {
            Block b = block(directory, logical);
            for (int at = 0; b != null && at < blockSize; ) {
                int length = length(b, at);
                long here = logical * blockSize + at;
                if (here >= position && b.get32(at) != 0) {
                    int type = fs.superblock().hasFileType && b.get8(at + 7) < DT.length ? DT[b.get8(at + 7)] : 0;
                    if (!visitor.entry(name(b, at), b.getUnsigned32(at), type, here + length)) {
                        return;
                    }
                    visited++;
                }
                at += length;
            }
        }
    }

    private String name(Block b, int at) {
        char[] c = new char[nameLength(b, at)];
        for (int i = 0; i < c.length; i++) {
            c[i] = (char) b.get8(at + HEADER + i);
        }
        return new String(c);
    }
}
