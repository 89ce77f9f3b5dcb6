// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/**
 * The looked-up names of file systems on disks, oldest first, and the bound on how many are kept (Linux's dentry LRU). A
 * name is given up when nobody uses it: it has no entries of its own, nothing is mounted on it, and no open file, mapping
 * or directory of a process holds its inode. One that was found again since the last round gets a second chance.
 *
 * <p>Names are given up between tasks only: a body that runs may hold dentries that it has just looked up.
 */
public final class DentryCache implements Stateful {
    private static final int STEP = 256;

    private final Vfs vfs;
    private final ArrayDeque<Dentry> names = new ArrayDeque<>();
    private int maximum;

    DentryCache(Vfs vfs, int maximum) {
        this.vfs = vfs;
        this.maximum = maximum;
    }

    /** A name was looked up and entered. Names of tmpfs and the like are the only ones of their files: they stay. */
    public Dentry added(Dentry d) {
        if (d.inode().hasBackingDevice()) {
            names.addLast(d);
        }
        return d;
    }

    public int size() {
        return names.size();
    }

    /** For tests. */
    public void setMaximum(int count) {
        maximum = count;
    }

    public boolean isFull() {
        return names.size() > maximum;
    }

    /** For tests: gives up all names that nobody uses. */
    public void forgetUnused() {
        for (int i = names.size(); i > 0; i--) {
            Dentry d = names.removeFirst();
            if (!d.isRemoved() && d.parent() != null && !giveUp(d)) {
                names.addLast(d);
            }
        }
    }

    private boolean giveUp(Dentry d) {
        if (isUsed(d)) {
            return false;
        }
        Inode inode = d.inode();
        d.forget();
        vfs.release(inode);
        return true;
    }

    /** Gives up a few names while there are too many; bounded work, called between tasks. */
    public void shrink() {
        for (int i = 0; i < STEP && names.size() > maximum; i++) {
            Dentry d = names.removeFirst();
            if (d.isRemoved() || d.parent() == null) {
                continue;
            }
            if (d.takeReferenced() || !giveUp(d)) {
                names.addLast(d);
            }
        }
    }

    private boolean isUsed(Dentry d) {
        if (d.hasChildren() || d.isMountPoint() || d.inode().references() > 1) {
            return true;
        }
        for (Mount m : vfs.mounts().mounts()) {
            if (m.root() == d) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void state(StateFields s) {
        List<Dentry> list = new ArrayList<>(names);
        s.refs("names", list, Dentry.class);
        maximum = s.i32("maximum", maximum);
        if (s.isLoading()) {
            names.clear();
            names.addAll(list);
        }
    }
}
