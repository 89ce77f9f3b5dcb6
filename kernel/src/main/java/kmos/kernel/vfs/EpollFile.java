// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EEXIST;
import static kmos.base.Errno.ELOOP;
import static kmos.base.Errno.ENOENT;
import static kmos.base.Errno.EPERM;
import static kmos.kernel.abi.Poll.EPOLLET;
import static kmos.kernel.abi.Poll.EPOLLONESHOT;

import java.util.ArrayList;
import java.util.List;
import kmos.base.LittleEndian;
import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;

/** An epoll instance (epoll(7)): the watched files, and those of them that may be ready, in order of readiness. */
public final class EpollFile extends FileDescription {
    /** Bytes of struct epoll_event: packed on amd64, and the same without packing on i386. */
    public static final int EVENT_SIZE = 12;
    private static final int MAXIMUM_NESTING = 5;

    private final List<EpollItem> items = new ArrayList<>();
    private final List<EpollItem> ready = new ArrayList<>();
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public EpollFile(Vfs vfs) {
        super(vfs);
    }

    public EpollFile(Vfs vfs, int flags) {
        super(vfs, vfs.pipeFs().anonymous(), flags);
    }

    /** EPERM: the file cannot be waited for; ELOOP; EEXIST. */
    public long add(int fd, FileDescription file, int events, long data) {
        if (file.waitQueue() == null) {
            return -EPERM;
        }
        if (file instanceof EpollFile inner && (inner.reaches(this, 0) || inner.depth() >= MAXIMUM_NESTING)) {
            return -ELOOP;
        }
        if (find(fd, file) != null) {
            return -EEXIST;
        }
        EpollItem item = new EpollItem(this, fd, file, events, data);
        items.add(item);
        item.watch();
        check(item);
        return 0;
    }

    public long modify(int fd, FileDescription file, int events, long data) {
        EpollItem item = find(fd, file);
        if (item == null) {
            return -ENOENT;
        }
        item.change(events, data);
        ready.remove(item);
        check(item);
        return 0;
    }

    public long delete(int fd, FileDescription file) {
        EpollItem item = find(fd, file);
        if (item == null) {
            return -ENOENT;
        }
        remove(item);
        return 0;
    }

    void remove(EpollItem item) {
        items.remove(item);
        ready.remove(item);
        item.unwatch();
    }

    /** An item's file changed. */
    void mayBeReady(EpollItem item) {
        if (item.isEnabled() && !ready.contains(item)) {
            ready.add(item);
        }
        changed.wakeAll();
    }

    /** The ready events, at most limit, as an array of struct epoll_event. Nothing is consumed yet: see {@link #delivered}. */
    public byte[] collect(int limit) {
        dropStale();
        int n = Math.min(limit, ready.size());
        byte[] out = new byte[n * EVENT_SIZE];
        for (int i = 0; i < n; i++) {
            EpollItem item = ready.get(i);
            LittleEndian.put32(out, i * EVENT_SIZE, item.readyEvents());
            LittleEndian.put64(out, i * EVENT_SIZE + 4, item.data());
        }
        return out;
    }

    /** The first count events have reached the program: edge-triggered ones are done, level-triggered go to the end of the line. */
    public void delivered(int count) {
        for (int i = 0; i < count; i++) {
            EpollItem item = ready.remove(0);
            if ((item.events() & EPOLLONESHOT) != 0) {
                item.disable();
            } else if ((item.events() & EPOLLET) == 0) {
                ready.add(item);
            }
        }
    }

    private void check(EpollItem item) {
        if (item.readyEvents() != 0) {
            mayBeReady(item);
        }
    }

    private void dropStale() {
        for (int i = ready.size() - 1; i >= 0; i--) {
            if (ready.get(i).readyEvents() == 0) {
                ready.remove(i);
            }
        }
    }

    private EpollItem find(int fd, FileDescription file) {
        for (EpollItem item : items) {
            if (item.fd() == fd && item.file() == file) {
                return item;
            }
        }
        return null;
    }

    private boolean reaches(EpollFile target, int depth) {
        if (this == target || depth > MAXIMUM_NESTING) {
            return true;
        }
        for (EpollItem item : items) {
            if (item.file() instanceof EpollFile inner && inner.reaches(target, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private int depth() {
        int deepest = 0;
        for (EpollItem item : items) {
            if (item.file() instanceof EpollFile inner) {
                deepest = Math.max(deepest, inner.depth());
            }
        }
        return deepest + 1;
    }

    /** As Linux's noop_llseek: nothing moves, nothing fails. */
    @Override
    public long seek(long offset, int whence) {
        return 0;
    }

    @Override
    public int poll() {
        dropStale();
        return ready.isEmpty() ? 0 : Poll.READABLE;
    }

    @Override
    public WaitQueue waitQueue() {
        return changed;
    }

    @Override
    protected void closed() {
        while (!items.isEmpty()) {
            remove(items.get(items.size() - 1));
        }
    }

    @Override
    public String description() {
        return "anon_inode:[eventpoll]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        s.refs("items", items, EpollItem.class);
        s.refs("ready", ready, EpollItem.class);
        s.struct("changed", changed);
    }
}
