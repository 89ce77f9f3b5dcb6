// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/** A watch of an inotify instance: an inode and the events that are wanted. Holds a reference to the inode. */
public final class InotifyMark implements Stateful {
    /** &lt;sys/inotify.h&gt;. */
    public static final int IN_ACCESS = 1, IN_MODIFY = 2, IN_ATTRIB = 4, IN_CLOSE_WRITE = 8, IN_CLOSE_NOWRITE = 0x10, IN_OPEN = 0x20,
        IN_MOVED_FROM = 0x40, IN_MOVED_TO = 0x80, IN_CREATE = 0x100, IN_DELETE = 0x200, IN_DELETE_SELF = 0x400, IN_MOVE_SELF = 0x800,
        IN_UNMOUNT = 0x2000, IN_Q_OVERFLOW = 0x4000, IN_IGNORED = 0x8000, IN_ONLYDIR = 0x1000000, IN_DONT_FOLLOW = 0x2000000,
        IN_EXCL_UNLINK = 0x4000000, IN_MASK_CREATE = 0x10000000, IN_MASK_ADD = 0x20000000, IN_ISDIR = 0x40000000, IN_ONESHOT = 0x80000000,
        ALL_EVENTS = 0xFFF;

    private InotifyFile instance;
    private int descriptor;
    private Inode inode;
    private int mask;

    /** For loading a saved state. */
    public InotifyMark() { }

    InotifyMark(InotifyFile instance, int descriptor, Inode inode, int mask) {
        this.instance = instance;
        this.descriptor = descriptor;
        this.inode = inode.retain();
        this.mask = mask;
    }

    InotifyFile instance() {
        return instance;
    }

    int descriptor() {
        return descriptor;
    }

    Inode inode() {
        return inode;
    }

    int mask() {
        return mask;
    }

    void setMask(int events) {
        mask = events;
    }

    @Override
    public void state(StateFields s) {
        instance = s.ref("instance", instance, InotifyFile.class);
        descriptor = s.i32("descriptor", descriptor);
        inode = s.ref("inode", inode, Inode.class);
        mask = s.i32("mask", mask);
    }
}
