// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;

/** What inodes that are on no disk share: attributes in fields. */
public abstract class PseudoInode extends Inode {
    private FileSystem fs;
    private long number;
    private int mode;
    private int uid;
    private int gid;
    private long accessNs;
    private long modifyNs;
    private long changeNs;

    /** For loading a saved state. */
    protected PseudoInode() { }

    protected PseudoInode(FileSystem fs, long number, int mode, int uid, int gid, long nowNs) {
        this.fs = fs;
        this.number = number;
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        accessNs = nowNs;
        modifyNs = nowNs;
        changeNs = nowNs;
    }

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
        return mode;
    }

    @Override
    public int uid() {
        return uid;
    }

    @Override
    public int gid() {
        return gid;
    }

    @Override
    public int links() {
        return isDirectory() ? 2 : 1;
    }

    @Override
    public long size() {
        return 0;
    }

    @Override
    public long blocks() {
        return 0;
    }

    @Override
    public long accessTimeNs() {
        return accessNs;
    }

    @Override
    public long modifyTimeNs() {
        return modifyNs;
    }

    @Override
    public long changeTimeNs() {
        return changeNs;
    }

    @Override
    public void setMode(int permissions, long nowNs) {
        mode = mode & S_IFMT | permissions & 07777;
        changeNs = nowNs;
    }

    @Override
    public void setOwner(int newUid, int newGid, long nowNs) {
        uid = newUid;
        gid = newGid;
        changeNs = nowNs;
    }

    @Override
    public void setTimes(long access, long modify, long nowNs) {
        accessNs = access == -1 ? accessNs : access;
        modifyNs = modify == -1 ? modifyNs : modify;
        changeNs = nowNs;
    }

    /** The contents changed, or a directory's entries. */
    protected final void modified(long nowNs) {
        modifyNs = nowNs;
        changeNs = nowNs;
    }

    /** Something else about it changed: links, attributes. */
    protected final void changed(long nowNs) {
        changeNs = nowNs;
    }

    @Override
    public boolean hasBackingDevice() {
        return false;
    }

    @Override
    public void state(StateFields s) {
        stateReferences(s);
        fs = s.ref("fs", fs, FileSystem.class);
        number = s.i64("number", number);
        mode = s.i32("mode", mode);
        uid = s.i32("uid", uid);
        gid = s.i32("gid", gid);
        accessNs = s.i64("accessNs", accessNs);
        modifyNs = s.i64("modifyNs", modifyNs);
        changeNs = s.i64("changeNs", changeNs);
    }
}
