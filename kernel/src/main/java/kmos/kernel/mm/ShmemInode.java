// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.StateFields;
import kmos.fs.CachedPage;
import kmos.fs.FileSystem;
import kmos.fs.Inode;

/** The object behind shared anonymous memory: a file without a name whose pages are only in the page cache. */
public final class ShmemInode extends Inode {
    private FileSystem fileSystem;
    private long number;
    private long size;

    /** For loading a saved state. */
    public ShmemInode() { }

    public ShmemInode(ShmemFileSystem fileSystem, long size) {
        this.fileSystem = fileSystem;
        this.size = size;
        number = fileSystem.nextNumber();
    }

    @Override
    public void prepareWrite(CachedPage page, int from, int to) {
        // Its page is its place: there is nothing to reserve.
    }

    @Override
    public FileSystem fileSystem() {
        return fileSystem;
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public int mode() {
        return S_IFREG | 0777;
    }

    @Override
    public int uid() {
        return 0;
    }

    @Override
    public int gid() {
        return 0;
    }

    @Override
    public int links() {
        return 0;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public long accessTimeNs() {
        return 0;
    }

    @Override
    public long modifyTimeNs() {
        return 0;
    }

    @Override
    public long changeTimeNs() {
        return 0;
    }

    // Nobody can reach it by a descriptor: there is nothing to change.

    @Override
    public void setMode(int permissions, long nowNs) {
        throw new kmos.base.ErrnoException(kmos.base.Errno.EPERM);
    }

    @Override
    public void setOwner(int uid, int gid, long nowNs) {
        throw new kmos.base.ErrnoException(kmos.base.Errno.EPERM);
    }

    @Override
    public void setTimes(long accessNs, long modifyNs, long nowNs) {
        throw new kmos.base.ErrnoException(kmos.base.Errno.EPERM);
    }

    @Override
    public void readPage(CachedPage page) {
        // A new page of the cache is zeros.
        page.setUpToDate();
    }

    @Override
    public boolean hasBackingDevice() {
        return false;
    }

    @Override
    public void state(StateFields s) {
        stateReferences(s);
        fileSystem = s.ref("fileSystem", fileSystem, FileSystem.class);
        number = s.i64("number", number);
        size = s.i64("size", size);
    }
}
