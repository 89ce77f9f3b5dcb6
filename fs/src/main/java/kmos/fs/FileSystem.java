// SPDX-License-Identifier: Apache-2.0
package kmos.fs;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** A mounted file system (a superblock). */
public abstract class FileSystem implements Stateful {
    /** statfs(2) numbers, in blocks of blockSize bytes. */
    public record Statistics(int magic, int blockSize, long blocks, long freeBlocks, long availableBlocks,
                             long inodes, long freeInodes, int nameLength) { }

    private int device;

    /** device: st_dev, unique among mounted file systems. */
    protected FileSystem(int device) {
        this.device = device;
    }

    /** st_dev. */
    public int device() {
        return device;
    }

    /** For state methods of subclasses that are created when a state is loaded: st_dev. */
    protected final void stateDevice(StateFields s) {
        device = s.i32("device", device);
    }

    /** As in the third column of /proc/mounts. */
    public abstract String typeName();

    public abstract Inode root();

    public abstract Statistics statistics();

    public boolean isReadOnly() {
        return false;
    }

    /**
     * Makes everything written so far durable; the kernel has written dirty pages before. Throws NotReady until done,
     * then returns; safe to call again and again. EIO when the device failed.
     */
    public void sync() {
    }

    /** Last call before the device goes away, after sync. Throws NotReady until done. */
    public void unmount() {
    }
}
