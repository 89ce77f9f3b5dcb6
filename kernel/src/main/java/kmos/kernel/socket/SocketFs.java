// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.pseudofs.PseudoInode;
import kmos.kernel.task.Credentials;
import kmos.kernel.vfs.Dentry;
import kmos.kernel.vfs.Path;

/** Where the inodes of sockets live, so that fstat(2) has something to say. Not mounted anywhere. */
public final class SocketFs extends FileSystem {
    private static final int SOCKFS_MAGIC = 0x534F434B;

    private int device;
    private long nextNumber = 1;

    /** For loading a saved state. */
    public SocketFs() {
        super(0);
    }

    public SocketFs(int device) {
        super(0);
        this.device = device;
    }

    /** The inode of a socket. */
    public static final class Node extends PseudoInode {
        /** For loading a saved state. */
        public Node() { }

        Node(SocketFs fs, long number, int uid, int gid, long nowNs) {
            super(fs, number, S_IFSOCK | 0777, uid, gid, nowNs);
        }

        @Override
        public int links() {
            return 1;
        }
    }

    Path newSocket(Credentials owner, long nowNs) {
        Node inode = new Node(this, nextNumber++, owner.fsuid(), owner.fsgid(), nowNs);
        return new Path(null, Dentry.root("socket:[" + inode.number() + "]", inode));
    }

    @Override
    public int device() {
        return device;
    }

    @Override
    public String typeName() {
        return "sockfs";
    }

    @Override
    public Inode root() {
        throw new UnsupportedOperationException("sockfs is not mounted");
    }

    @Override
    public Statistics statistics() {
        return new Statistics(SOCKFS_MAGIC, 4096, 0, 0, 0, 0, 0, 255);
    }

    @Override
    public void state(StateFields s) {
        device = s.i32("device", device);
        nextNumber = s.i64("nextNumber", nextNumber);
    }
}
