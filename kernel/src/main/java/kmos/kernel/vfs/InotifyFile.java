// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.*;
import static kmos.kernel.vfs.InotifyMark.*;

import java.util.ArrayList;
import java.util.List;
import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.fs.Inode;
import kmos.kernel.abi.Poll;
import kmos.kernel.abi.Termios;
import kmos.kernel.task.Task;

/** An inotify instance (inotify(7)): its watches and the events that nobody has read yet. */
public final class InotifyFile extends FileDescription {
    private static final int HEADER = 16, MAX_QUEUED = 16384, MAX_WATCHES = 65536;

    private final List<InotifyMark> marks = new ArrayList<>();
    /** Events as struct inotify_event with their names. */
    private final List<byte[]> queue = new ArrayList<>();
    private int lastDescriptor;
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public InotifyFile(Vfs vfs) {
        super(vfs);
    }

    public InotifyFile(Vfs vfs, int flags) {
        super(vfs, vfs.pipeFs().anonymous(), flags);
    }

    /** The watch descriptor. EEXIST: IN_MASK_CREATE; ENOSPC. */
    public long watch(Inode inode, int wanted) {
        int events = wanted & (ALL_EVENTS | IN_ONESHOT | IN_EXCL_UNLINK) | IN_IGNORED | IN_UNMOUNT;
        for (InotifyMark m : marks) {
            if (m.inode() == inode) {
                if ((wanted & IN_MASK_CREATE) != 0) {
                    return -EEXIST;
                }
                m.setMask((wanted & IN_MASK_ADD) != 0 ? m.mask() | events : events);
                return m.descriptor();
            }
        }
        if (marks.size() >= MAX_WATCHES) {
            return -ENOSPC;
        }
        InotifyMark m = new InotifyMark(this, ++lastDescriptor, inode, events);
        marks.add(m);
        vfs.notifications().add(m);
        return m.descriptor();
    }

    /** EINVAL: no such watch. */
    public long unwatch(int descriptor) {
        for (InotifyMark m : marks) {
            if (m.descriptor() == descriptor) {
                remove(m);
                return 0;
            }
        }
        return -EINVAL;
    }

    /** The watch ends: the program is told with IN_IGNORED. */
    void remove(InotifyMark m) {
        if (marks.remove(m)) {
            vfs.notifications().remove(m);
            queue(m.descriptor(), IN_IGNORED, 0, null);
            vfs.release(m.inode());
        }
    }

    /** name null: the watched file itself. Equal to the last event that is queued: not queued again. */
    void queue(int descriptor, int mask, int cookie, String name) {
        if (queue.size() >= MAX_QUEUED) {
            byte[] last = queue.get(queue.size() - 1);
            if (LittleEndian.get32(last, 4) != IN_Q_OVERFLOW) {
                queue.add(event(-1, IN_Q_OVERFLOW, 0, null));
            }
            return;
        }
        byte[] e = event(descriptor, mask, cookie, name);
        if (!queue.isEmpty() && java.util.Arrays.equals(queue.get(queue.size() - 1), e)) {
            return;
        }
        queue.add(e);
        changed.wakeAll();
    }

    private static byte[] event(int descriptor, int mask, int cookie, String name) {
        int room = name == null ? 0 : name.length() + HEADER & ~(HEADER - 1);
        byte[] e = new byte[HEADER + room];
        LittleEndian.put32(e, 0, descriptor);
        LittleEndian.put32(e, 4, mask);
        LittleEndian.put32(e, 8, cookie);
        LittleEndian.put32(e, 12, room);
        for (int i = 0; name != null && i < name.length(); i++) {
            e[HEADER + i] = (byte) name.charAt(i);
        }
        return e;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        if (queue.isEmpty()) {
            return -EAGAIN;
        }
        long done = task.frame().progress;
        buffer.skip(done);
        while (!queue.isEmpty()) {
            byte[] e = queue.get(0);
            if (buffer.remaining() < e.length) {
                return done > 0 ? done : -EINVAL;
            }
            if (buffer.put(e, 0, e.length) < e.length) {
                return done > 0 ? done : -EFAULT;
            }
            queue.remove(0);
            done += e.length;
            task.frame().progress = done;
        }
        return done;
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        if (command != Termios.FIONREAD) {
            return -ENOTTY;
        }
        int bytes = 0;
        for (byte[] e : queue) {
            bytes += e.length;
        }
        task.user().write32(argument, bytes);
        return 0;
    }

    @Override
    public int poll() {
        return queue.isEmpty() ? 0 : Poll.READABLE;
    }

    @Override
    public WaitQueue waitQueue() {
        return changed;
    }

    @Override
    protected void closed() {
        for (InotifyMark m : new ArrayList<>(marks)) {
            remove(m);
        }
        queue.clear();
    }

    @Override
    public String description() {
        return "anon_inode:inotify";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        s.refs("marks", marks, InotifyMark.class);
        int count = s.i32("events", queue.size());
        for (int i = 0; i < count; i++) {
            byte[] e = s.bytes("event" + i, i < queue.size() ? queue.get(i) : new byte[0]);
            if (s.isLoading()) {
                queue.add(e);
            }
        }
        lastDescriptor = s.i32("lastDescriptor", lastDescriptor);
        s.struct("changed", changed);
    }
}
