// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kmos.base.Check;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/**
 * A name in the directory tree of one file system, with the inode it stands for. A directory's dentry holds those of its
 * entries that were looked up; each such dentry owns one reference to its inode. A removed dentry stays valid as a name
 * for those who have it open, without owning the inode any more.
 */
public final class Dentry implements Stateful {
    private Dentry parent;
    private String name;
    private Inode inode;
    private boolean isRemoved;
    private int mountCount;
    /** Found again since the cache last looked. */
    private boolean isReferenced;
    private final Map<String, Dentry> children = new LinkedHashMap<>();

    /** For loading a saved state. */
    public Dentry() { }

    private Dentry(Dentry parent, String name, Inode inode) {
        this.parent = parent;
        this.name = name;
        this.inode = inode;
    }

    /** The root of a file system, or of a file that has no name (a pipe, memfd): takes over the caller's reference. */
    public static Dentry root(String name, Inode inode) {
        return new Dentry(null, name, inode);
    }

    /** Enters a looked-up or created inode under name: takes over the caller's reference. */
    public Dentry addChild(String childName, Inode childInode) {
        Dentry child = new Dentry(this, childName, childInode);
        Check.that(children.put(childName, child) == null, "dentry entered twice", childName);
        return child;
    }

    /** A dentry that knows its parent and is not cached: its inode may be gone at any time (/proc). */
    Dentry uncachedChild(String childName, Inode childInode) {
        return new Dentry(this, childName, childInode);
    }

    /** A name that nobody can look up: of a file made without one (O_TMPFILE). Takes over the caller's reference. */
    Dentry unnamedChild(Inode childInode) {
        Dentry child = new Dentry(this, "#" + childInode.number(), childInode);
        child.isRemoved = true;
        return child;
    }

    /** renameat2(RENAME_EXCHANGE): the two change places. */
    public void exchange(Dentry other) {
        Dentry otherParent = other.parent;
        String otherName = other.name;
        parent.children.put(name, other);
        otherParent.children.put(otherName, this);
        other.parent = parent;
        other.name = name;
        parent = otherParent;
        name = otherName;
    }

    /** The cached entry, or null. */
    public Dentry child(String childName) {
        Dentry found = children.get(childName);
        if (found != null) {
            found.isReferenced = true;
        }
        return found;
    }

    boolean takeReferenced() {
        boolean was = isReferenced;
        isReferenced = false;
        return was;
    }

    /** Leaves the cache; the name still exists and may be looked up again. The inode's reference is the caller's. */
    void forget() {
        if (parent.children.get(name) == this) {
            parent.children.remove(name);
        }
    }

    /** Forgets an entry (unlinked, or dropped from the cache). The inode's reference is the caller's to give back. */
    public void remove() {
        if (parent != null && parent.children.get(name) == this) {
            parent.children.remove(name);
        }
        isRemoved = true;
    }

    /** rename: moves this dentry; what was there has been removed before. */
    public void moveTo(Dentry newParent, String newName) {
        parent.children.remove(name);
        parent = newParent;
        name = newName;
        newParent.children.put(newName, this);
    }

    /** The directory it is in; null for a root. */
    public Dentry parent() {
        return parent;
    }

    public String name() {
        return name;
    }

    public Inode inode() {
        return inode;
    }

    /** Its name was unlinked. */
    public boolean isRemoved() {
        return isRemoved;
    }

    public boolean isMountPoint() {
        return mountCount > 0;
    }

    void addMount(int change) {
        mountCount += change;
    }

    List<Dentry> children() {
        return new ArrayList<>(children.values());
    }

    boolean hasChildren() {
        return !children.isEmpty();
    }

    /** Whether this is other or below it. */
    public boolean isWithin(Dentry other) {
        for (Dentry d = this; d != null; d = d.parent) {
            if (d == other) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void state(StateFields s) {
        parent = s.ref("parent", parent, Dentry.class);
        name = s.text("name", name);
        inode = s.ref("inode", inode, Inode.class);
        isRemoved = s.bool("isRemoved", isRemoved);
        mountCount = s.i32("mountCount", mountCount);
        isReferenced = s.bool("isReferenced", isReferenced);
        String[] names = StateNames.save(s, "childNames", children.keySet());
        List<Dentry> entries = new ArrayList<>(children.values());
        s.refs("children", entries, Dentry.class);
        if (s.isLoading()) {
            children.clear();
            for (int i = 0; i < entries.size(); i++) {
                children.put(names[i], entries.get(i));
            }
        }
    }
}
