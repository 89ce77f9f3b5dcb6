// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EBUSY;
import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.ELOOP;
import static kmos.base.Errno.ENOTDIR;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.FileSystem;
import kmos.kernel.abi.MountFlags;

/** All mounts, in order of mounting; later ones on the same place cover earlier ones. There is one namespace. */
public final class MountNamespace implements Stateful {
    private final List<Mount> mounts = new ArrayList<>();
    private int nextId = 1;

    /** The first mount: the root of everything. */
    public Mount mountRoot(FileSystem fileSystem, String source, int flags) {
        Mount m = new Mount(nextId++, fileSystem, Dentry.root("", fileSystem.root().retain()), null, null, source, flags);
        mounts.add(m);
        return m;
    }

    /** The root mount that is on top, or null before the first. */
    public Mount rootMount() {
        Mount top = null;
        for (Mount m : mounts) {
            if (m.parent() == null) {
                top = m;
            }
        }
        return top;
    }

    /** Mounts a file system at a directory. */
    public Mount mount(FileSystem fileSystem, Path at, String source, int flags) {
        if (!at.inode().isDirectory()) {
            throw new ErrnoException(ENOTDIR);
        }
        Dentry root = null;
        for (Mount m : mounts) {
            if (m.fileSystem() == fileSystem) {
                root = m.root();
                while (root.parent() != null) {
                    root = root.parent();
                }
            }
        }
        return add(fileSystem, root != null ? root : Dentry.root("", fileSystem.root().retain()), at, source, flags);
    }

    /** mount --bind: shows the tree at source also at target. EINVAL, ENOTDIR. */
    public Mount bind(Path source, Path target) {
        if (source.inode().isDirectory() != target.inode().isDirectory()) {
            throw new ErrnoException(ENOTDIR);
        }
        Mount m = source.mount();
        return add(m.fileSystem(), source.dentry(), target, m.source(), m.flags());
    }

    /** mount --rbind: the same with everything that is mounted below source. */
    public void bindAll(Path source, Path target) {
        List<Mount> before = new ArrayList<>(mounts);
        List<Mount> originals = new ArrayList<>();
        List<Mount> copies = new ArrayList<>();
        originals.add(source.mount());
        copies.add(bind(source, target));
        for (Mount m : before) {
            int parent = originals.indexOf(m.parent());
            if (parent > 0 || parent == 0 && m.mountPoint().isWithin(source.dentry())) {
                originals.add(m);
                copies.add(add(m.fileSystem(), m.root(), new Path(copies.get(parent), m.mountPoint()), m.source(), m.flags()));
            }
        }
    }

    /** mount --move. EINVAL: source is no mount's root; ELOOP: target lies within it. */
    public void move(Path source, Path target) {
        Mount m = source.mount();
        if (source.dentry() != m.root() || m.parent() == null) {
            throw new ErrnoException(EINVAL);
        }
        for (Mount up = target.mount(); up != null; up = up.parent()) {
            if (up == m) {
                throw new ErrnoException(ELOOP);
            }
        }
        m.mountPoint().addMount(-1);
        m.moveTo(target.mount(), target.dentry());
        target.dentry().addMount(1);
        mounts.remove(m);
        mounts.add(m);
    }

    /** EINVAL: path is no mount's root; EBUSY: in use or something is mounted within, and not lazily. */
    void checkUnmount(Path path, int flags) {
        Mount m = path.mount();
        if (path.dentry() != m.root() || m.isDetached()) {
            throw new ErrnoException(EINVAL);
        }
        boolean isLazy = (flags & MountFlags.MNT_DETACH) != 0;
        if (m.parent() == null) {
            throw new ErrnoException(isLazy ? EINVAL : EBUSY);
        }
        if (!isLazy && (m.users() > 0 || hasChildren(m))) {
            throw new ErrnoException(EBUSY);
        }
    }

    private boolean hasChildren(Mount m) {
        for (Mount other : mounts) {
            if (other.parent() == m) {
                return true;
            }
        }
        return false;
    }

    /** Takes a mount, and lazily those within it, away: see checkUnmount. */
    void unmount(Path path, int flags) {
        Mount m = path.mount();
        for (Mount other : new ArrayList<>(mounts)) {
            if (other.parent() == m) {
                unmount(new Path(other, other.root()), flags);
            }
        }
        mounts.remove(m);
        m.mountPoint().addMount(-1);
        m.detach();
    }

    /** pivot_root(2): newRoot's mount becomes the root, the old one hangs at putOld. The caller has checked the operands. */
    public void pivot(Mount newRoot, Path putOld) {
        Mount old = rootMount();
        newRoot.mountPoint().addMount(-1);
        newRoot.moveTo(null, null);
        old.moveTo(putOld.mount(), putOld.dentry());
        putOld.dentry().addMount(1);
        mounts.remove(newRoot);
        mounts.add(0, newRoot);
    }

    /** How many mounts show this file system. */
    int count(FileSystem fileSystem) {
        int n = 0;
        for (Mount m : mounts) {
            n += m.fileSystem() == fileSystem ? 1 : 0;
        }
        return n;
    }

    /** Down through whatever is mounted at this place. */
    public Path cross(Mount mount, Dentry dentry) {
        while (dentry.isMountPoint()) {
            Mount top = null;
            for (Mount m : mounts) {
                if (m.parent() == mount && m.mountPoint() == dentry) {
                    top = m;
                }
            }
            if (top == null) {
                break;
            }
            mount = top;
            dentry = top.root();
        }
        return new Path(mount, dentry);
    }

    public List<Mount> mounts() {
        return mounts;
    }

    private Mount add(FileSystem fileSystem, Dentry root, Path at, String source, int flags) {
        Mount m = new Mount(nextId++, fileSystem, root, at.mount(), at.dentry(), source, flags);
        at.dentry().addMount(1);
        mounts.add(m);
        return m;
    }

    @Override
    public void state(StateFields s) {
        s.refs("mounts", mounts, Mount.class);
        nextId = s.i32("nextId", nextId);
    }
}
