// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.vfs.Vfs;

/** proc(5). Inodes are made at each look-up and say what is true when they are read. */
public final class ProcFs extends FileSystem {
    private final Vfs vfs;
    private final ProcFiles files = new ProcFiles();
    private int device;
    private ProcInode root;

    /** For loading a saved state. */
    public ProcFs(Vfs vfs, boolean isEmpty) {
        super(0);
        this.vfs = vfs;
    }

    public ProcFs(Vfs vfs) {
        super(0);
        this.vfs = vfs;
        device = vfs.anonymousDevice();
        root = new ProcInode(this, ProcInode.ROOT, -1, 0, 0);
        root.retain();
    }

    Vfs vfs() {
        return vfs;
    }

    ProcFiles files() {
        return files;
    }

    @Override
    public int device() {
        return device;
    }

    @Override
    public String typeName() {
        return "proc";
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public Statistics statistics() {
        return new Statistics(MountFlags.PROC_SUPER_MAGIC, 4096, 0, 0, 0, 0, 0, 255);
    }

    @Override
    public void state(StateFields s) {
        device = s.i32("device", device);
        root = s.ref("root", root, ProcInode.class);
    }
}
