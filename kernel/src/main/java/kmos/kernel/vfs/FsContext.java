// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/** Root, working directory and umask of a process (Linux fs_struct); shared by tasks cloned with CLONE_FS. */
public final class FsContext implements Stateful {
    private Vfs vfs;
    private Mount rootMount;
    private Dentry root;
    private Mount directoryMount;
    private Dentry directory;
    private Inode rootInode;
    private Inode directoryInode;
    private int umask = 022;
    private int users = 1;

    /** For loading a saved state. */
    FsContext(Vfs vfs) {
        this.vfs = vfs;
    }

    /** The first one: everything at the root of the namespace. */
    public FsContext(Vfs vfs, Path root) {
        this.vfs = vfs;
        setRoot(root);
        setDirectory(root);
    }

    public FsContext copy() {
        FsContext c = new FsContext(vfs, root());
        c.setDirectory(directory());
        c.umask = umask;
        return c;
    }

    public FsContext retain() {
        users++;
        return this;
    }

    public void release() {
        users--;
        if (users == 0) {
            rootMount.use(-1);
            directoryMount.use(-1);
            vfs.release(rootInode);
            vfs.release(directoryInode);
        }
    }

    /** Where "/" is (chroot). */
    public Path root() {
        return new Path(rootMount, root);
    }

    public Path directory() {
        return new Path(directoryMount, directory);
    }

    public void setRoot(Path path) {
        path.mount().use(1);
        Inode inode = path.inode().retain();
        if (rootMount != null) {
            rootMount.use(-1);
            vfs.release(rootInode);
        }
        rootMount = path.mount();
        root = path.dentry();
        rootInode = inode;
    }

    public void setDirectory(Path path) {
        path.mount().use(1);
        Inode inode = path.inode().retain();
        if (directoryMount != null) {
            directoryMount.use(-1);
            vfs.release(directoryInode);
        }
        directoryMount = path.mount();
        directory = path.dentry();
        directoryInode = inode;
    }

    public int umask() {
        return umask;
    }

    /** Returns the old one. */
    public int setUmask(int mask) {
        int old = umask;
        umask = mask & 0777;
        return old;
    }

    @Override
    public void state(StateFields s) {
        rootMount = s.ref("rootMount", rootMount, Mount.class);
        root = s.ref("root", root, Dentry.class);
        directoryMount = s.ref("directoryMount", directoryMount, Mount.class);
        directory = s.ref("directory", directory, Dentry.class);
        rootInode = s.ref("rootInode", rootInode, Inode.class);
        directoryInode = s.ref("directoryInode", directoryInode, Inode.class);
        umask = s.i32("umask", umask);
        users = s.i32("users", users);
    }
}
