// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.kernel.vfs.InotifyMark.*;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.Inode;

/**
 * Who wants to know what happens to files (Linux fsnotify): an event goes to the watches of the file and, with its name, to
 * those of its directory. Without watches it costs one look.
 */
public final class Notifications implements Stateful {
    private final List<InotifyMark> marks = new ArrayList<>();
    private int lastCookie;

    void add(InotifyMark m) {
        marks.add(m);
    }

    void remove(InotifyMark m) {
        marks.remove(m);
    }

    /** Something happened to a file through a name: IN_OPEN, IN_ACCESS, IN_MODIFY, IN_ATTRIB, IN_CLOSE_*. */
    public void file(Dentry d, int event) {
        if (marks.isEmpty()) {
            return;
        }
        if (d.parent() != null) {
            send(d.parent().inode(), event | directoryBit(d.inode()), 0, d.name(), d.isRemoved());
        }
        send(d.inode(), event | directoryBit(d.inode()), 0, null, false);
    }

    /** Something happened to an entry of a directory: IN_CREATE, IN_DELETE. */
    public void entry(Inode directory, String name, Inode subject, int event) {
        if (!marks.isEmpty()) {
            send(directory, event | directoryBit(subject), 0, name, false);
        }
    }

    /** A file got another name. */
    public void linked(Inode inode) {
        if (!marks.isEmpty()) {
            send(inode, IN_ATTRIB, 0, null, false);
        }
    }

    /** A link less: IN_ATTRIB. The last one gone: IN_DELETE_SELF, and the watches end. */
    public void unlinked(Inode inode) {
        if (marks.isEmpty()) {
            return;
        }
        if (!inode.isDirectory()) {
            send(inode, IN_ATTRIB, 0, null, false);
        }
        // A watch and the caller's name hold it: nobody has it open.
        if (inode.links() == 0 && inode.references() <= 1 + watches(inode)) {
            deleted(inode);
        }
    }

    /** An open file was closed: when it has no name any more, and nobody else has it open, it is gone. */
    void closed(Inode inode) {
        if (!marks.isEmpty() && inode.links() == 0 && inode.references() <= 1 + watches(inode)) {
            deleted(inode);
        }
    }

    private void deleted(Inode inode) {
        send(inode, IN_DELETE_SELF, 0, null, false);
        for (InotifyMark m : new ArrayList<>(marks)) {
            if (m.inode() == inode) {
                m.instance().remove(m);
            }
        }
    }

    private int watches(Inode inode) {
        int n = 0;
        for (InotifyMark m : marks) {
            n += m.inode() == inode ? 1 : 0;
        }
        return n;
    }

    /** rename(2): both directories get events that the same cookie connects. */
    public void renamed(Inode from, String oldName, Inode to, String newName, Inode subject) {
        if (marks.isEmpty()) {
            return;
        }
        int cookie = ++lastCookie;
        send(from, IN_MOVED_FROM | directoryBit(subject), cookie, oldName, false);
        send(to, IN_MOVED_TO | directoryBit(subject), cookie, newName, false);
        send(subject, IN_MOVE_SELF, 0, null, false);
    }

    private static int directoryBit(Inode inode) {
        return inode.isDirectory() ? IN_ISDIR : 0;
    }

    private void send(Inode inode, int event, int cookie, String name, boolean isUnlinked) {
        for (InotifyMark m : new ArrayList<>(marks)) {
            if (m.inode() != inode || (m.mask() & event & ALL_EVENTS) == 0 || isUnlinked && (m.mask() & IN_EXCL_UNLINK) != 0) {
                continue;
            }
            m.instance().queue(m.descriptor(), event, cookie, name);
            if ((m.mask() & IN_ONESHOT) != 0) {
                m.instance().remove(m);
            }
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("marks", marks, InotifyMark.class);
        lastCookie = s.i32("lastCookie", lastCookie);
    }
}
