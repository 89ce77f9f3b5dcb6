// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.fs.block.Block;

/**
 * Extended attributes in the block that i_file_acl names; several inodes may share it, the last change makes its own.
 *
 * <pre>
 * header:  0 h_magic 0xEA020000   4 h_refcount   8 h_blocks (1)   12 h_hash   16 h_checksum (0)   20 reserved
 * entry:   0 name length   1 name index   2 value offset (16)   4 value block (0)   8 value size   12 hash   16 name
 * </pre>
 *
 * Entries grow upwards from byte 32 in order of index, length and name, four zero bytes end them; values grow downwards
 * from the end of the block. Attributes within long inodes are left alone and not shown.
 */
final class ExtAttributes {
    private static final int MAGIC = 0xEA020000, HEADER = 32, ENTRY = 16, MAX_REFERENCES = 1024;
    private static final String[] PREFIXES = {null, "user.", null, null, "trusted.", null, "security."};
    private static final int COMPAT = 92, COMPAT_EXT_ATTR = 8;

    private record Attribute(int index, String name, byte[] value) { }

    private final ExtFileSystem fs;

    ExtAttributes(ExtFileSystem fs) {
        this.fs = fs;
    }

    /** The value, or null. EUCLEAN, EIO; NotReady. EOPNOTSUPP: a name of no kind that is kept here. */
    byte[] get(ExtInode inode, String fullName) {
        int index = index(fullName);
        for (Attribute a : read(inode)) {
            if (a.index == index && a.name.equals(suffix(fullName, index))) {
                return a.value;
            }
        }
        return null;
    }

    List<String> names(ExtInode inode) {
        List<String> names = new ArrayList<>();
        for (Attribute a : read(inode)) {
            if (a.index < PREFIXES.length && PREFIXES[a.index] != null) {
                names.add(PREFIXES[a.index] + a.name);
            }
        }
        return names;
    }

    /** Sets or (value null) removes one. ENOSPC when the block is full. */
    void set(ExtTransaction tx, ExtInode inode, String fullName, byte[] value) {
        int index = index(fullName);
        String name = suffix(fullName, index);
        List<Attribute> all = read(inode);
        all.removeIf(a -> a.index == index && a.name.equals(name));
        if (value != null) {
            Attribute added = new Attribute(index, name, value);
            int at = 0;
            while (at < all.size() && compare(all.get(at), added) < 0) {
                at++;
            }
            all.add(at, added);
        }
        tx.inode(inode);
        if (all.isEmpty()) {
            drop(tx, inode);
        } else {
            byte[] bytes = format(all);
            write(tx, inode, bytes);
            noteFeature(tx);
        }
    }

    /** The inode's block is given back, or has one reference less. */
    void drop(ExtTransaction tx, ExtInode inode) {
        long number = ExtInodeFields.attributeBlock(inode.raw());
        if (number == 0) {
            return;
        }
        if (!fs.superblock().isDataBlock(number)) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        Block b = tx.modify(number);
        if (b.get32(4) > 1) {
            b.put32(4, b.get32(4) - 1);
        } else {
            fs.allocator().freeBlock(tx, number);
        }
        ExtInodeFields.setAttributeBlock(inode.raw(), 0);
        inode.addBlocks(-1);
    }

    private void write(ExtTransaction tx, ExtInode inode, byte[] bytes) {
        long number = ExtInodeFields.attributeBlock(inode.raw());
        boolean isOwn = number != 0 && fs.cache().get(number).get32(4) == 1;
        if (!isOwn) {
            drop(tx, inode);
            number = fs.allocator().allocateBlock(tx, fs.inodeBlock(inode.number()));
            tx.create(number);
            ExtInodeFields.setAttributeBlock(inode.raw(), number);
            inode.addBlocks(1);
        }
        tx.modify(number).write(0, bytes, 0, bytes.length);
    }

    private void noteFeature(ExtTransaction tx) {
        int at = fs.superblock().superblockOffset() + COMPAT;
        int features = fs.cache().get(fs.superblock().superblockNumber()).get32(at);
        if ((features & COMPAT_EXT_ATTR) == 0 && !fs.superblock().isRevision0) {
            tx.superblock().put32(at, features | COMPAT_EXT_ATTR);
        }
    }

    private List<Attribute> read(ExtInode inode) {
        List<Attribute> all = new ArrayList<>();
        long number = ExtInodeFields.attributeBlock(inode.raw());
        if (number == 0) {
            return all;
        }
        int size = fs.superblock().blockSize;
        byte[] b = new byte[size];
        if (!fs.superblock().isDataBlock(number)) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        fs.cache().get(number).read(0, b, 0, size);
        if (LittleEndian.get32(b, 0) != MAGIC || LittleEndian.get32(b, 8) != 1 || LittleEndian.get32(b, 4) < 1
            || LittleEndian.get32(b, 4) > MAX_REFERENCES) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        int at = HEADER;
        while (at + 4 <= size && LittleEndian.get32(b, at) != 0) {
            int length = b[at] & 0xFF;
            int from = at + ENTRY <= size ? LittleEndian.get16(b, at + 2) : size;
            long count = at + ENTRY <= size ? LittleEndian.getUnsigned32(b, at + 8) : 0;
            if (at + ENTRY + length + 4 > size || LittleEndian.get32(b, at + 4) != 0 || count > size || from + count > size) {
                throw new ErrnoException(Errno.EUCLEAN);
            }
            StringBuilder name = new StringBuilder();
            for (int i = 0; i < length; i++) {
                name.append((char) (b[at + ENTRY + i] & 0xFF));
            }
            byte[] value = new byte[(int) count];
            System.arraycopy(b, from, value, 0, value.length);
            all.add(new Attribute(b[at + 1] & 0xFF, name.toString(), value));
            at += ENTRY + (length + 3 & ~3);
        }
        return all;
    }

    private byte[] format(List<Attribute> all) {
        byte[] b = new byte[fs.superblock().blockSize];
        LittleEndian.put32(b, 0, MAGIC);
        LittleEndian.put32(b, 4, 1);
        LittleEndian.put32(b, 8, 1);
        int at = HEADER;
        int end = b.length;
        int blockHash = 0;
        for (Attribute a : all) {
            int entry = ENTRY + (a.name.length() + 3 & ~3);
            int padded = a.value.length + 3 & ~3;
            if (at + entry + 4 > end - padded) {
                throw new ErrnoException(Errno.ENOSPC);
            }
            end -= padded;
            System.arraycopy(a.value, 0, b, end, a.value.length);
            b[at] = (byte) a.name.length();
            b[at + 1] = (byte) a.index;
            LittleEndian.put16(b, at + 2, a.value.length == 0 ? 0 : end);
            LittleEndian.put32(b, at + 8, a.value.length);
            int hash = 0;
            for (int i = 0; i < a.name.length(); i++) {
                b[at + ENTRY + i] = (byte) a.name.charAt(i);
                hash = hash << 5 ^ hash >>> 27 ^ a.name.charAt(i);
            }
            for (int i = 0; i < padded; i += 4) {
                hash = hash << 16 ^ hash >>> 16 ^ LittleEndian.get32(b, end + i);
            }
            LittleEndian.put32(b, at + 12, hash);
            blockHash = blockHash << 16 ^ blockHash >>> 16 ^ hash;
            at += entry;
        }
        LittleEndian.put32(b, 12, blockHash);
        return b;
    }

    private static int compare(Attribute a, Attribute b) {
        if (a.index != b.index) {
            return a.index - b.index;
        }
        return a.name.length() != b.name.length() ? a.name.length() - b.name.length() : a.name.compareTo(b.name);
    }

    private static int index(String name) {
        for (int i = 0; i < PREFIXES.length; i++) {
            if (PREFIXES[i] != null && name.startsWith(PREFIXES[i])) {
                return i;
            }
        }
        throw new ErrnoException(Errno.EOPNOTSUPP);
    }

    private static String suffix(String name, int index) {
        return name.substring(PREFIXES[index].length());
    }
}
