// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.fs.CachedPage;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.fs.block.BlockRequest;

/** A file on ext2: the operations of the VFS. Its bytes are a copy of the inode on the disk ({@link ExtInodeFields}). */
final class ExtInode extends Inode {
    private static final int LINK_MAX = 32_000;
    private static final int FAST_SYMLINK = 60;

    private ExtFileSystem fs;
    private long number;
    private byte[] raw;

    /** For loading a saved state. */
    ExtInode() { }

    ExtInode(ExtFileSystem fs, long number, byte[] raw) {
        this.fs = fs;
        this.number = number;
        this.raw = raw;
    }

    byte[] raw() {
        return raw;
    }

    /** EUCLEAN for an inode that nobody could have written. */
    void check() {
        if ((ExtInodeFields.flags(raw) & ExtInodeFields.UNSUPPORTED_FLAGS) != 0
            || size() < 0 || isRegular() && size() > fs.blockMap().maxSize() || isDirectory() && size() > 1 << 30) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
    }

    boolean hasKnownType() {
        return ExtDirectory.fileType(mode()) != 0;
    }

    // Attributes

    @Override
    public FileSystem fileSystem() {
        return fs;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public int mode() {
        return ExtInodeFields.mode(raw);
    }

    @Override
    public int uid() {
        return ExtInodeFields.uid(raw);
    }

    @Override
    public int gid() {
        return ExtInodeFields.gid(raw);
    }

    @Override
    public int links() {
        return ExtInodeFields.links(raw);
    }

    @Override
    public long size() {
        return ExtInodeFields.size(raw);
    }

    @Override
    public long blocks() {
        return ExtInodeFields.sectors(raw);
    }

    @Override
    public long accessTimeNs() {
        return ExtInodeFields.time(raw, ExtInodeFields.ATIME);
    }

    @Override
    public long modifyTimeNs() {
        return ExtInodeFields.time(raw, ExtInodeFields.MTIME);
    }

    @Override
    public long changeTimeNs() {
        return ExtInodeFields.time(raw, ExtInodeFields.CTIME);
    }

    @Override
    public int deviceNumber() {
        return isDevice() ? ExtInodeFields.deviceNumber(raw) : 0;
    }

    private boolean isDevice() {
        int type = mode() & S_IFMT;
        return type == S_IFCHR || type == S_IFBLK;
    }

    long slot(int i) {
        return ExtInodeFields.slot(raw, i);
    }

    void setSlot(int i, long block) {
        ExtInodeFields.setSlot(raw, i, block);
    }

    int flags() {
        return ExtInodeFields.flags(raw);
    }

    void setFlags(int flags) {
        ExtInodeFields.setFlags(raw, flags);
    }

    void addBlocks(int count) {
        ExtInodeFields.setSectors(raw, ExtInodeFields.sectors(raw) + (long) count * (fs.superblock().blockSize >> 9));
    }

    void setSizeField(long size) {
        ExtInodeFields.setSize(raw, size);
    }

    int deletionTime() {
        return ExtInodeFields.deletionTime(raw);
    }

    void setDeletionTime(int seconds) {
        ExtInodeFields.setDeletionTime(raw, seconds);
    }

    @Override
    public void setMode(int permissions, long nowNs) {
        try (ExtTransaction tx = fs.begin()) {
            tx.inode(this);
            ExtInodeFields.setMode(raw, mode() & S_IFMT | permissions & 07777);
            ExtInodeFields.setTime(raw, ExtInodeFields.CTIME, nowNs);
            tx.commit();
        }
    }

    @Override
    public void setOwner(int uid, int gid, long nowNs) {
        try (ExtTransaction tx = fs.begin()) {
            tx.inode(this);
            ExtInodeFields.setOwner(raw, uid, gid);
            ExtInodeFields.setTime(raw, ExtInodeFields.CTIME, nowNs);
            tx.commit();
        }
    }

    @Override
    public void setTimes(long accessNs, long modifyNs, long nowNs) {
        try (ExtTransaction tx = fs.begin()) {
            tx.inode(this);
            if (accessNs != -1) {
                ExtInodeFields.setTime(raw, ExtInodeFields.ATIME, accessNs);
            }
            if (modifyNs != -1) {
                ExtInodeFields.setTime(raw, ExtInodeFields.MTIME, modifyNs);
            }
            ExtInodeFields.setTime(raw, ExtInodeFields.CTIME, nowNs);
            tx.commit();
        }
    }

    private void changedIn(ExtTransaction tx, long nowNs) {
        tx.inode(this);
        ExtInodeFields.setTime(raw, ExtInodeFields.MTIME, nowNs);
        ExtInodeFields.setTime(raw, ExtInodeFields.CTIME, nowNs);
    }

    private void addLinks(ExtTransaction tx, int delta, long nowNs) {
        tx.inode(this);
        if (links() + delta < 0) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        ExtInodeFields.setLinks(raw, links() + delta);
        ExtInodeFields.setTime(raw, ExtInodeFields.CTIME, nowNs);
    }

    // Directories

    @Override
    public Inode lookup(String name) {
        requireDirectory();
        long found = fs.directory().find(this, name);
        return found == 0 ? null : fs.inode(found);
    }

    private void requireDirectory() {
        if (!isDirectory()) {
            throw new ErrnoException(Errno.ENOTDIR);
        }
        if (links() == 0) {
            throw new ErrnoException(Errno.ENOENT); // removed while open
        }
    }

    private void requireNew(String name) {
        requireDirectory();
        if (fs.directory().find(this, name) != 0) {
            throw new ErrnoException(Errno.EEXIST);
        }
    }

    @Override
    public Inode create(String name, int mode, int uid, int gid, int rdev, long nowNs) {
        requireNew(name);
        boolean isDirectory = (mode & S_IFMT) == S_IFDIR;
        if (isDirectory && links() >= LINK_MAX) {
            throw new ErrnoException(Errno.EMLINK);
        }
        ExtInode fresh;
        try (ExtTransaction tx = fs.begin()) {
            fresh = newInode(tx, mode, uid, gid, nowNs);
            if (isDirectory) {
                fs.directory().makeEmpty(tx, fresh, number);
                ExtInodeFields.setLinks(fresh.raw, 2);
                addLinks(tx, 1, nowNs);
            } else if (fresh.isDevice()) {
                ExtInodeFields.setDeviceNumber(fresh.raw, rdev);
            }
            enter(tx, name, fresh, nowNs);
            tx.commit();
        }
        return registered(fresh);
    }

    private ExtInode newInode(ExtTransaction tx, int mode, int uid, int gid, long nowNs) {
        long fresh = fs.allocator().allocateInode(tx, number, (mode & S_IFMT) == S_IFDIR);
        if (fresh > fs.superblock().inodesCount) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        ExtInode inode = new ExtInode(fs, fresh, new byte[fs.superblock().inodeSize]);
        tx.inode(inode);
        ExtInodeFields.initialise(inode.raw, mode & 0xFFFF, uid, gid, nowNs);
        return inode;
    }

    private void enter(ExtTransaction tx, String name, ExtInode inode, long nowNs) {
        fs.directory().add(tx, this, name, inode.number, inode.mode());
        changedIn(tx, nowNs);
    }

    private ExtInode registered(ExtInode fresh) {
        fs.register(fresh);
        fresh.retain();
        return fresh;
    }

    @Override
    public Inode symlink(String name, String target, int uid, int gid, long nowNs) {
        requireNew(name);
        if (target.length() + 1 > fs.superblock().blockSize) {
            throw new ErrnoException(Errno.ENAMETOOLONG);
        }
        ExtInode fresh;
        try (ExtTransaction tx = fs.begin()) {
            fresh = newInode(tx, S_IFLNK | 0777, uid, gid, nowNs);
            byte[] bytes = new byte[target.length()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) target.charAt(i);
            }
            if (bytes.length < FAST_SYMLINK) {
                System.arraycopy(bytes, 0, fresh.raw, ExtInodeFields.BLOCK, bytes.length);
            } else {
                tx.create(fs.blockMap().allocate(tx, fresh, 0)).write(0, bytes, 0, bytes.length);
            }
            fresh.setSizeField(bytes.length);
            enter(tx, name, fresh, nowNs);
            tx.commit();
        }
        return registered(fresh);
    }

    @Override
    public void link(String name, Inode target, long nowNs) {
        requireNew(name);
        ExtInode file = (ExtInode) target;
        if (file.links() >= LINK_MAX) {
            throw new ErrnoException(Errno.EMLINK);
        }
        try (ExtTransaction tx = fs.begin()) {
            file.addLinks(tx, 1, nowNs);
            boolean wasOrphan = file.links() == 1;
            if (wasOrphan) {
                fs.removeOrphan(tx, file); // linkat(AT_EMPTY_PATH) of an unlinked file
                file.setDeletionTime(0);
            }
            enter(tx, name, file, nowNs);
            tx.commit();
            if (wasOrphan) {
                fs.notOrphaned(file);
            }
        }
    }

    @Override
    public void unlink(String name, Inode target, long nowNs) {
        requireDirectory();
        ExtInode file = (ExtInode) target;
        try (ExtTransaction tx = fs.begin()) {
            fs.directory().remove(tx, this, name);
            changedIn(tx, nowNs);
            dropLinks(tx, file, 1, nowNs);
            tx.commit();
        }
        noteOrphan(file);
    }

    @Override
    public void rmdir(String name, Inode target, long nowNs) {
        requireDirectory();
        ExtInode victim = (ExtInode) target;
        if (!fs.directory().isEmpty(victim)) {
            throw new ErrnoException(Errno.ENOTEMPTY);
        }
        try (ExtTransaction tx = fs.begin()) {
            fs.directory().remove(tx, this, name);
            changedIn(tx, nowNs);
            addLinks(tx, -1, nowNs);
            dropLinks(tx, victim, victim.links(), nowNs);
            tx.commit();
        }
        noteOrphan(victim);
    }

    private void dropLinks(ExtTransaction tx, ExtInode file, int count, long nowNs) {
        file.addLinks(tx, -count, nowNs);
        if (file.links() == 0) {
            fs.addOrphan(tx, file);
        }
    }

    private void noteOrphan(ExtInode file) {
        if (file.links() == 0) {
            fs.orphaned(file);
        }
    }

    @Override
    public void rename(String name, Inode source, Inode newDirectory, String newName, Inode replaced, long nowNs) {
        requireDirectory();
        ExtInode moved = (ExtInode) source;
        ExtInode target = (ExtInode) newDirectory;
        ExtInode victim = (ExtInode) replaced;
        target.requireDirectory();
        if (victim == moved) {
            return; // POSIX.1-2017 rename(): two names of one file is a no-op
        }
        if (victim != null && victim.isDirectory() && !fs.directory().isEmpty(victim)) {
            throw new ErrnoException(Errno.ENOTEMPTY);
        }
        boolean changesParent = moved.isDirectory() && target != this;
        if (changesParent && victim == null && target.links() >= LINK_MAX) {
            throw new ErrnoException(Errno.EMLINK);
        }
        try (ExtTransaction tx = fs.begin()) {
            if (victim == null) {
                if (fs.directory().find(target, newName) != 0) {
                    throw new ErrnoException(Errno.EEXIST);
                }
                fs.directory().add(tx, target, newName, moved.number, moved.mode());
            } else {
                fs.directory().replace(tx, target, newName, moved.number, moved.mode());
                if (victim.isDirectory()) {
                    target.addLinks(tx, -1, nowNs);
                }
                dropLinks(tx, victim, victim.isDirectory() ? victim.links() : 1, nowNs);
            }
            fs.directory().remove(tx, this, name);
            if (changesParent) {
                fs.directory().replace(tx, moved, "..", target.number, S_IFDIR);
                addLinks(tx, -1, nowNs);
                target.addLinks(tx, 1, nowNs);
            }
            changedIn(tx, nowNs);
            target.changedIn(tx, nowNs);
            moved.addLinks(tx, 0, nowNs);
            tx.commit();
        }
        if (victim != null) {
            noteOrphan(victim);
        }
    }

    @Override
    public void exchange(String name, Inode source, Inode newDirectory, String newName, Inode other, long nowNs) {
        requireDirectory();
        ExtInode one = (ExtInode) source;
        ExtInode two = (ExtInode) other;
        ExtInode target = (ExtInode) newDirectory;
        target.requireDirectory();
        int moves = target == this ? 0 : (one.isDirectory() ? 1 : 0) - (two.isDirectory() ? 1 : 0);
        if ((moves > 0 ? target : this).links() >= LINK_MAX && moves != 0) {
            throw new ErrnoException(Errno.EMLINK);
        }
        try (ExtTransaction tx = fs.begin()) {
            fs.directory().replace(tx, this, name, two.number, two.mode());
            fs.directory().replace(tx, target, newName, one.number, one.mode());
            if (target != this) {
                one.changeParent(tx, target);
                two.changeParent(tx, this);
                addLinks(tx, -moves, nowNs);
                target.addLinks(tx, moves, nowNs);
            }
            changedIn(tx, nowNs);
            target.changedIn(tx, nowNs);
            one.addLinks(tx, 0, nowNs);
            two.addLinks(tx, 0, nowNs);
            tx.commit();
        }
    }

    private void changeParent(ExtTransaction tx, ExtInode parent) {
        if (isDirectory()) {
            fs.directory().replace(tx, this, "..", parent.number, S_IFDIR);
        }
    }

    @Override
    public Inode unnamed(int mode, int uid, int gid, long nowNs) {
        requireDirectory();
        ExtInode fresh;
        try (ExtTransaction tx = fs.begin()) {
            fresh = newInode(tx, mode, uid, gid, nowNs);
            ExtInodeFields.setLinks(fresh.raw, 0);
            fs.addOrphan(tx, fresh);
            tx.commit();
        }
        fs.orphaned(fresh);
        return registered(fresh);
    }

    // Extended attributes

    @Override
    public byte[] attribute(String name) {
        return fs.attributes().get(this, name);
    }

    @Override
    public void setAttribute(String name, byte[] value, long nowNs) {
        try (ExtTransaction tx = fs.begin()) {
            fs.attributes().set(tx, this, name, value);
            ExtInodeFields.setTime(raw, ExtInodeFields.CTIME, nowNs);
            tx.commit();
        }
    }

    @Override
    public List<String> attributeNames() {
        return fs.attributes().names(this);
    }

    @Override
    public void readDirectory(long position, EntryVisitor visitor) {
        if (!isDirectory()) {
            throw new ErrnoException(Errno.ENOTDIR);
        }
        if (position >= 0 && links() > 0) {
            fs.directory().read(this, position, visitor);
        }
    }

    @Override
    public String readLink() {
        if (!isSymlink()) {
            throw new ErrnoException(Errno.EINVAL);
        }
        long size = size();
        if (size >= (hasBlocks() ? fs.superblock().blockSize : FAST_SYMLINK)) {
            throw new ErrnoException(Errno.EUCLEAN);
        }
        byte[] bytes = new byte[(int) size];
        if (hasBlocks()) {
            long block = fs.blockMap().map(this, 0);
            if (block == 0) {
                throw new ErrnoException(Errno.EUCLEAN);
            }
            fs.cache().get(block).read(0, bytes, 0, bytes.length);
        } else {
            System.arraycopy(raw, ExtInodeFields.BLOCK, bytes, 0, bytes.length);
        }
        char[] c = new char[bytes.length];
        for (int i = 0; i < c.length; i++) {
            c[i] = (char) (bytes[i] & 0xFF);
        }
        return new String(c);
    }

    // Data

    /** Whether i_block holds block numbers: not for devices and the like, nor for a symlink short enough to lie there. */
    private boolean hasBlocks() {
        if (isSymlink()) {
            long attributes = ExtInodeFields.attributeBlock(raw) != 0 ? fs.superblock().blockSize >> 9 : 0;
            return blocks() > attributes;
        }
        return isRegular() || isDirectory();
    }

    @Override
    public void readPage(CachedPage page) {
        transfer(page, BlockRequest.READ);
    }

    @Override
    public void writePage(CachedPage page) {
        transfer(page, BlockRequest.WRITE);
    }

    /** Maps the page's blocks, then starts one request for each run of them that is contiguous on the disk. */
    private void transfer(CachedPage page, int operation) {
        if (!isRegular()) {
            throw new ErrnoException(Errno.EINVAL);
        }
        int blockSize = fs.superblock().blockSize;
        int perPage = CachedPage.SIZE / blockSize;
        long first = page.index() * perPage;
        long inFile = (size() + blockSize - 1) / blockSize;
        long[] disk = new long[perPage];
        for (int i = 0; i < perPage; i++) {
            disk[i] = first + i < inFile || operation == BlockRequest.WRITE ? fs.blockMap().map(this, first + i) : 0;
        }
        int[] offsets = new int[perPage];
        int[] counts = new int[perPage];
        int runs = 0;
        for (int i = 0; i < perPage; i++) {
            if (disk[i] == 0) {
                if (operation == BlockRequest.READ) {
                    fs.cache().zeroPage(page, i * blockSize, (i + 1) * blockSize);
                }
            } else if (runs > 0 && offsets[runs - 1] + counts[runs - 1] * blockSize == i * blockSize
                && disk[runs - 1] + counts[runs - 1] == disk[i]) {
                counts[runs - 1]++;
            } else {
                disk[runs] = disk[i];
                offsets[runs] = i * blockSize;
                counts[runs++] = 1;
            }
        }
        fs.cache().transferPage(operation, page, disk, offsets, counts, runs);
    }

    @Override
    public void prepareWrite(CachedPage page, int from, int to) {
        if (!isRegular()) {
            throw new ErrnoException(Errno.EINVAL);
        }
        int blockSize = fs.superblock().blockSize;
        long start = page.index() * CachedPage.SIZE;
        if (start + to > fs.blockMap().maxSize()) {
            throw new ErrnoException(Errno.EFBIG);
        }
        long last = (start + to - 1) / blockSize;
        boolean isMissing = false;
        for (long b = (start + from) / blockSize; b <= last; b++) {
            isMissing |= fs.blockMap().map(this, b) == 0;
        }
        if (!isMissing) {
            return;
        }
        try (ExtTransaction tx = fs.begin()) {
            for (long b = (start + from) / blockSize; b <= last; b++) {
                fs.blockMap().allocate(tx, this, b);
            }
            tx.commit();
        }
    }

    @Override
    public void setSize(long size, long nowNs) {
        if (!isRegular()) {
            throw new ErrnoException(Errno.EINVAL);
        }
        if (size > fs.blockMap().maxSize()) {
            throw new ErrnoException(Errno.EFBIG);
        }
        if (size < size()) {
            shrink(size);
        }
        try (ExtTransaction tx = fs.begin()) {
            if (size > Integer.MAX_VALUE) {
                fs.needLargeFile(tx);
            }
            changedIn(tx, nowNs);
            setSizeField(size);
            tx.commit();
        }
    }

    /** Frees blocks behind size from the end, in bounded steps; each leaves a sound, ever shorter file. */
    private void shrink(long size) {
        int blockSize = fs.superblock().blockSize;
        long first = (size + blockSize - 1) / blockSize;
        for (;;) {
            try (ExtTransaction tx = fs.begin()) {
                long left = fs.blockMap().freeStep(tx, this, first);
                setSizeField(Math.min(size(), left == first ? size : left * blockSize));
                tx.commit();
                if (left == first) {
                    return;
                }
            }
        }
    }

    // Life

    @Override
    public void evict() {
        if (links() == 0 && !fs.isReadOnly()) {
            try {
                finishOrphan();
            } catch (ErrnoException corrupt) {
                // Its blocks stay allocated, as with Linux; e2fsck finds them. The inode stays on the orphan list.
                fs.forget(this);
                return;
            }
        }
        fs.forget(this);
    }

    /** Frees the storage of a file that is on the orphan list, then the inode; a file with links is only taken off it. */
    void finishOrphan() {
        boolean isGone = links() == 0;
        if (hasBlocks() && isGone) {
            shrink(0);
        }
        try (ExtTransaction tx = fs.begin()) {
            tx.inode(this);
            fs.removeOrphan(tx, this);
            if (isGone) {
                fs.attributes().drop(tx, this);
                setSizeField(0);
                setDeletionTime(Math.max(1, ExtInodeFields.seconds(raw, ExtInodeFields.CTIME)));
                fs.allocator().freeInode(tx, number, isDirectory());
            } else {
                setDeletionTime(0);
            }
            tx.commit();
        }
        fs.notOrphaned(this);
    }

    @Override
    public void state(StateFields s) {
        stateReferences(s);
        fs = s.ref("fs", fs, ExtFileSystem.class);
        number = s.i64("number", number);
        raw = s.bytes("raw", raw);
    }
}
