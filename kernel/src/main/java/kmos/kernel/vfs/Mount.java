// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.FileSystem;
import kmos.kernel.abi.MountFlags;

/** One mounted tree: the file system's dentry that is its root, and where it hangs (mount(2)). */
public final class Mount implements Stateful {
    private int id;
    private FileSystem fileSystem;
    private Dentry root;
    private Mount parent;
    private Dentry mountPoint;
    private String source;
    private int flags;
    private boolean isDetached;
    /** Open files, working directories: what makes umount answer EBUSY. */
    private int users;

    /** For loading a saved state. */
    public Mount() { }

    /** parent null: the root of the tree. source: as in the first column of /proc/mounts. flags: MS_*. */
    Mount(int id, FileSystem fileSystem, Dentry root, Mount parent, Dentry mountPoint, String source, int flags) {
        this.id = id;
        this.fileSystem = fileSystem;
        this.root = root;
        this.parent = parent;
        this.mountPoint = mountPoint;
        this.source = source;
        this.flags = flags;
    }

    public int id() {
        return id;
    }

    public FileSystem fileSystem() {
        return fileSystem;
    }

    public Dentry root() {
        return root;
    }

    public Mount parent() {
        return parent;
    }

    public Dentry mountPoint() {
        return mountPoint;
    }

    public String source() {
        return source;
    }

    public int flags() {
        return flags;
    }

    public void setFlags(int flags) {
        this.flags = flags;
    }

    public boolean isReadOnly() {
        return (flags & MountFlags.MS_RDONLY) != 0 || fileSystem.isReadOnly();
    }

    void moveTo(Mount newParent, Dentry newPoint) {
        parent = newParent;
        mountPoint = newPoint;
    }

    boolean isDetached() {
        return isDetached;
    }

    void detach() {
        isDetached = true;
    }

    int users() {
        return users;
    }

    void use(int change) {
        users += change;
    }

    @Override
    public void state(StateFields s) {
        id = s.i32("id", id);
        fileSystem = s.ref("fileSystem", fileSystem, FileSystem.class);
        root = s.ref("root", root, Dentry.class);
        parent = s.ref("parent", parent, Mount.class);
        mountPoint = s.ref("mountPoint", mountPoint, Dentry.class);
        source = s.text("source", source);
        flags = s.i32("flags", flags);
        isDetached = s.bool("isDetached", isDetached);
        users = s.i32("users", users);
    }
}
