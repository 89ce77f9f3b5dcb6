// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.task.Credentials;
import kmos.kernel.vfs.Dentry;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** Where the inodes of pipes live, so that fstat(2) has something to say. Not mounted anywhere. */
public final class PipeFs extends FileSystem {
    private Vfs vfs;
    private int device;
    private long nextNumber = 1;
    private PipeInode anonymous;

    /** For loading a saved state. */
    public PipeFs(Vfs vfs) {
        super(0);
        this.vfs = vfs;
    }

    public PipeFs(Vfs vfs, int device) {
        super(0);
        this.vfs = vfs;
        this.device = device;
    }

    @Override
    public int device() {
        return device;
    }

    /** The place of a new pipe; its inode gets its references from the files that open it. */
    public Path newPipe(Credentials owner) {
        PipeInode inode = new PipeInode(this, nextNumber++, owner.fsuid(), owner.fsgid(), vfs.timeNs());
        return new Path(null, Dentry.root("pipe:[" + inode.number() + "]", inode));
    }

    /** The place of files that are no pipes and have no name either (epoll, eventfd, timerfd): one inode for all. */
    public Path anonymous() {
        if (anonymous == null) {
            anonymous = new PipeInode(this, nextNumber++, 0, 0, vfs.timeNs());
            anonymous.becomeAnonymous();
            anonymous.retain();
        }
        return new Path(null, Dentry.root("anon_inode", anonymous));
    }

    @Override
    public String typeName() {
        return "pipefs";
    }

    @Override
    public Inode root() {
        throw new UnsupportedOperationException("pipefs is not mounted");
    }

    @Override
    public Statistics statistics() {
        return new Statistics(MountFlags.PIPEFS_MAGIC, 4096, 0, 0, 0, 0, 0, 255);
    }

    @Override
    public void state(StateFields s) {
        device = s.i32("device", device);
        nextNumber = s.i64("nextNumber", nextNumber);
        anonymous = s.ref("anonymous", anonymous, PipeInode.class);
    }
}
