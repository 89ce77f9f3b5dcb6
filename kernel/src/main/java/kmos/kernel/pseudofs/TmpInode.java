// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EEXIST;
import static kmos.base.Errno.EMLINK;
import static kmos.base.Errno.ENOENT;
import static kmos.base.Errno.ENOTDIR;
import static kmos.base.Errno.ENOTEMPTY;
import static kmos.base.Errno.EOPNOTSUPP;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.fs.CachedPage;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.vfs.StateNames;

/** A file of a tmpfs. A directory owns one reference to the inode of each entry; the page cache holds the data. */
public final class TmpInode extends PseudoInode {
    /** A directory entry; cookie: its place for readDirectory, growing with every entry made. */
    private record Entry(TmpInode inode, long cookie) { }

    private static final long FIRST_COOKIE = 2;

    private int rdev;
    private int links;
    private long size;
    private String target;
    private TmpInode parent;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private long nextCookie = FIRST_COOKIE;
    private final Map<String, byte[]> attributes = new LinkedHashMap<>();
    /** Page numbers that count against the file system's size. */
    private final TreeSet<Long> pages = new TreeSet<>();

    /** For loading a saved state. */
    public TmpInode() { }

    TmpInode(TmpFs fs, long number, int mode, int uid, int gid, int rdev, long nowNs) {
        super(fs, number, mode, uid, gid, nowNs);
        this.rdev = rdev;
    }

    private TmpFs fs() {
        return (TmpFs) fileSystem();
    }

    void becomeRoot() {
        parent = this;
        links = 2;
    }

    @Override
    public int links() {
        return links;
    }

    @Override
    public long size() {
        return isDirectory() ? 20L * (entries.size() + 2) : size;
    }

    @Override
    public int deviceNumber() {
        return rdev;
    }

    @Override
    public long blocks() {
        return pages.size() * 8L;
    }

    // Directories

    @Override
    public Inode lookup(String name) {
        requireDirectory();
        Entry e = entries.get(name);
        return e == null ? null : e.inode.retain();
    }

    @Override
    public Inode create(String name, int newMode, int newUid, int newGid, int newRdev, long nowNs) {
        requireAbsent(name);
        TmpInode inode = fs().newInode(newMode, newUid, newGid, newRdev, nowNs);
        enter(name, inode, nowNs);
        if (inode.isDirectory()) {
            inode.links = 2;
            inode.parent = this;
            links++;
        }
        return inode.retain();
    }

    @Override
    public Inode symlink(String name, String newTarget, int newUid, int newGid, long nowNs) {
        requireAbsent(name);
        TmpInode inode = fs().newInode(S_IFLNK | 0777, newUid, newGid, 0, nowNs);
        inode.target = newTarget;
        inode.size = newTarget.length();
        enter(name, inode, nowNs);
        return inode.retain();
    }

    @Override
    public void link(String name, Inode other, long nowNs) {
        requireAbsent(name);
        if (other.links() >= Fcntl.LINK_MAX) {
            throw new ErrnoException(EMLINK);
        }
        TmpInode inode = (TmpInode) other;
        inode.changed(nowNs);
        enter(name, inode, nowNs);
    }

    @Override
    public void unlink(String name, Inode victim, long nowNs) {
        leave(name, nowNs);
        TmpInode inode = (TmpInode) victim;
        inode.links--;
        inode.changed(nowNs);
        fs().vfs().release(inode);
    }

    @Override
    public void rmdir(String name, Inode victim, long nowNs) {
        TmpInode inode = (TmpInode) victim;
        if (!inode.entries.isEmpty()) {
            throw new ErrnoException(ENOTEMPTY);
        }
        leave(name, nowNs);
        inode.links = 0;
        links--;
        fs().vfs().release(inode);
    }

    @Override
    public void rename(String name, Inode source, Inode newDirectory, String newName, Inode replaced, long nowNs) {
        TmpInode to = (TmpInode) newDirectory;
        TmpInode moved = (TmpInode) source;
        if (replaced != null) {
            if (replaced.isDirectory()) {
                to.rmdir(newName, replaced, nowNs);
            } else {
                to.unlink(newName, replaced, nowNs);
            }
        }
        leave(name, nowNs);
        to.entries.put(newName, new Entry(moved, to.nextCookie++));
        to.modified(nowNs);
        moved.changed(nowNs);
        if (moved.isDirectory() && to != this) {
            links--;
            to.links++;
            moved.parent = to;
        }
    }

    @Override
    public void exchange(String name, Inode source, Inode newDirectory, String newName, Inode other, long nowNs) {
        TmpInode to = (TmpInode) newDirectory;
        TmpInode one = (TmpInode) source;
        TmpInode two = (TmpInode) other;
        entries.put(name, new Entry(two, entries.get(name).cookie));
        to.entries.put(newName, new Entry(one, to.entries.get(newName).cookie));
        one.changeParent(this, to);
        two.changeParent(to, this);
        for (TmpInode each : new TmpInode[] {this, to, one, two}) {
            each.changed(nowNs);
        }
        modified(nowNs);
        to.modified(nowNs);
    }

    private void changeParent(TmpInode from, TmpInode to) {
        if (isDirectory()) {
            from.links--;
            to.links++;
            parent = to;
        }
    }

    @Override
    public Inode unnamed(int newMode, int newUid, int newGid, long nowNs) {
        requireDirectory();
        return fs().newUnnamed(newMode, newUid, newGid);
    }

    // Extended attributes

    @Override
    public byte[] attribute(String name) {
        requireKept(name);
        return attributes.get(name);
    }

    @Override
    public void setAttribute(String name, byte[] value, long nowNs) {
        requireKept(name);
        if (value == null) {
            attributes.remove(name);
        } else {
            attributes.put(name, value);
        }
        changed(nowNs);
    }

    @Override
    public List<String> attributeNames() {
        return new ArrayList<>(attributes.keySet());
    }

    private static void requireKept(String name) {
        if (!name.startsWith("user.") && !name.startsWith("trusted.") && !name.startsWith("security.")) {
            throw new ErrnoException(EOPNOTSUPP);
        }
    }

    @Override
    public void readDirectory(long position, EntryVisitor visitor) {
        requireDirectory();
        if (position == 0 && !visitor.entry(".", number(), S_IFDIR >> 12, 1)) {
            return;
        }
        if (position <= 1 && !visitor.entry("..", parent.number(), S_IFDIR >> 12, FIRST_COOKIE)) {
            return;
        }
        for (Map.Entry<String, Entry> e : entries.entrySet()) {
            Entry entry = e.getValue();
            if (entry.cookie >= position
                && !visitor.entry(e.getKey(), entry.inode.number(), (entry.inode.mode() & S_IFMT) >> 12, entry.cookie + 1)) {
                return;
            }
        }
    }

    @Override
    public String readLink() {
        return target == null ? super.readLink() : target;
    }

    private void requireDirectory() {
        if (!isDirectory()) {
            throw new ErrnoException(ENOTDIR);
        }
    }

    private void requireAbsent(String name) {
        requireDirectory();
        if (links == 0) {
            throw new ErrnoException(ENOENT);
        }
        if (entries.containsKey(name)) {
            throw new ErrnoException(EEXIST);
        }
    }

    private void enter(String name, TmpInode inode, long nowNs) {
        entries.put(name, new Entry(inode, nextCookie++));
        inode.retain();
        inode.links++;
        modified(nowNs);
    }

    private void leave(String name, long nowNs) {
        if (entries.remove(name) == null) {
            throw new ErrnoException(ENOENT);
        }
        modified(nowNs);
    }

    // Data

    @Override
    public void readPage(CachedPage page) {
        // Never written: zeros. (A page that was written stays in the cache.)
        fs().vfs().kernel().machine().memory().fill(fs().vfs().kernel().pageCache().frame(page), CachedPage.SIZE, 0);
        page.setUpToDate();
    }

    @Override
    public void prepareWrite(CachedPage page, int from, int to) {
        if (!page.isDirty() && !pages.contains(page.index())) {
            fs().chargePage();
            pages.add(page.index());
        }
    }

    @Override
    public void writePage(CachedPage page) {
        kmos.base.Check.that(false, "tmpfs has nowhere to write to", number());
    }

    @Override
    public void setSize(long newSize, long nowNs) {
        if (newSize < size) {
            java.util.SortedSet<Long> gone = pages.tailSet(newSize + 4095 >>> 12);
            fs().pagesFreed(gone.size());
            gone.clear();
        }
        size = newSize;
        modified(nowNs);
    }

    @Override
    public void evict() {
        if (links > 0) {
            return;
        }
        fs().pagesFreed(pages.size());
        pages.clear();
        fs().inodeFreed();
        // A removed tree: what is below goes too.
        List<Entry> below = new ArrayList<>(entries.values());
        entries.clear();
        for (Entry e : below) {
            e.inode.links = 0;
            fs().vfs().release(e.inode);
        }
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        rdev = s.i32("rdev", rdev);
        links = s.i32("links", links);
        size = s.i64("size", size);
        target = s.text("target", target);
        parent = s.ref("parent", parent, TmpInode.class);
        nextCookie = s.i64("nextCookie", nextCookie);
        stateEntries(s);
        stateAttributes(s);
        long[] numbers = new long[pages.size()];
        int n = 0;
        for (Long page : pages) {
            numbers[n++] = page;
        }
        numbers = s.longs("pages", numbers);
        if (s.isLoading()) {
            pages.clear();
            for (long page : numbers) {
                pages.add(page);
            }
        }
    }

    private void stateAttributes(StateFields s) {
        int count = s.i32("attributes", attributes.size());
        List<Map.Entry<String, byte[]>> saved = new ArrayList<>(attributes.entrySet());
        if (s.isLoading()) {
            attributes.clear();
        }
        for (int i = 0; i < count; i++) {
            String name = s.text("attributeName" + i, s.isLoading() ? "" : saved.get(i).getKey());
            byte[] value = s.bytes("attribute" + i, s.isLoading() ? new byte[0] : saved.get(i).getValue());
            if (s.isLoading()) {
                attributes.put(name, value);
            }
        }
    }

    private void stateEntries(StateFields s) {
        String[] names = StateNames.save(s, "names", entries.keySet());
        List<TmpInode> inodes = new ArrayList<>();
        long[] cookies = new long[entries.size()];
        for (Entry e : entries.values()) {
            cookies[inodes.size()] = e.cookie;
            inodes.add(e.inode);
        }
        s.refs("inodes", inodes, TmpInode.class);
        cookies = s.longs("cookies", cookies);
        if (s.isLoading()) {
            entries.clear();
            for (int i = 0; i < names.length; i++) {
                entries.put(names[i], new Entry(inodes.get(i), cookies[i]));
            }
        }
    }
}
