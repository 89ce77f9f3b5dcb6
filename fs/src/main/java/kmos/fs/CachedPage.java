// SPDX-License-Identifier: Apache-2.0
package kmos.fs;

import kmos.base.Check;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;

/** One page (4 KiB) of a file in the kernel's page cache. The frame belongs to the kernel; file systems fill and write it. */
public final class CachedPage implements Stateful {
    public static final int SIZE = 4096;

    private Inode inode;
    private long index;
    private int address;
    private boolean isUpToDate;
    private boolean isDirty;
    private int pendingIo;
    private int error;
    private final WaitQueue wait = new WaitQueue();

    /** For loading a saved state. */
    public CachedPage() { }

    public CachedPage(Inode inode, long index, int address) {
        this.inode = inode;
        this.index = index;
        this.address = address;
    }

    public Inode inode() {
        return inode;
    }

    /** Page number in the file. */
    public long index() {
        return index;
    }

    /** Linear address of the frame in {@link kmos.base.Memory}. */
    public int address() {
        return address;
    }

    public boolean isUpToDate() {
        return isUpToDate;
    }

    public void setUpToDate() {
        isUpToDate = true;
    }

    public boolean isDirty() {
        return isDirty;
    }

    public void setDirty(boolean dirty) {
        isDirty = dirty;
    }

    public boolean hasPendingIo() {
        return pendingIo > 0;
    }

    /** errno of the last failed transfer, or 0. Reading it does not clear it. */
    public int error() {
        return error;
    }

    public void clearError() {
        error = 0;
    }

    /** Woken when a transfer ends. */
    public WaitQueue waitQueue() {
        return wait;
    }

    /** count transfers of this page are about to start. */
    public void ioStarted(int count) {
        pendingIo += count;
    }

    /** One transfer ended; errno 0 is success. When the last one of a read succeeds the page is up to date. */
    public void ioDone(int errno) {
        Check.that(pendingIo > 0, "page I/O ended twice", index);
        pendingIo--;
        if (errno != 0) {
            error = errno;
        }
        if (pendingIo == 0) {
            if (error == 0) {
                isUpToDate = true;
            }
            wait.wakeAll();
        }
    }

    @Override
    public void state(StateFields s) {
        inode = s.ref("inode", inode, Inode.class);
        index = s.i64("index", index);
        address = s.address("address", address);
        isUpToDate = s.bool("isUpToDate", isUpToDate);
        isDirty = s.bool("isDirty", isDirty);
        pendingIo = s.i32("pendingIo", pendingIo);
        error = s.i32("error", error);
        s.struct("wait", wait);
    }
}
