// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.kernel.abi.Fcntl.F_RDLCK;
import static kmos.kernel.abi.Fcntl.F_UNLCK;
import static kmos.kernel.abi.Fcntl.F_WRLCK;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.fs.Inode;

/**
 * Advisory locks: flock(2) locks of a whole file owned by an open description, POSIX record locks (fcntl(2)) owned by a
 * process's descriptor table. The two kinds do not see each other, as in Linux.
 * Invariant: the POSIX locks of one owner on one file are disjoint.
 */
public final class FileLocks implements Stateful {
    /** Bytes start to end, both included; type F_RDLCK or F_WRLCK; owner a FileDescription (flock, OFD) or a FileTable. */
    public static final class Lock implements Stateful {
        private Inode inode;
        private Stateful owner;
        private boolean isFlock;
        private int type;
        private long start;
        private long end;
        private int pid;

        /** For loading a saved state. */
        public Lock() { }

        Lock(Inode inode, Stateful owner, boolean isFlock, int type, long start, long end, int pid) {
            this.inode = inode;
            this.owner = owner;
            this.isFlock = isFlock;
            this.type = type;
            this.start = start;
            this.end = end;
            this.pid = pid;
        }

        public int type() {
            return type;
        }

        public long start() {
            return start;
        }

        public long end() {
            return end;
        }

        public int pid() {
            return pid;
        }

        @Override
        public void state(StateFields s) {
            inode = s.ref("inode", inode, Inode.class);
            owner = s.ref("owner", owner, Stateful.class);
            isFlock = s.bool("isFlock", isFlock);
            type = s.i32("type", type);
            start = s.i64("start", start);
            end = s.i64("end", end);
            pid = s.i32("pid", pid);
        }
    }

    /** A process that waits for a record lock, and whose lock is in its way. */
    public static final class Blocked implements Stateful {
        private Stateful waiter;
        private Stateful holder;

        @Override
        public void state(StateFields s) {
            waiter = s.ref("waiter", waiter, Stateful.class);
            holder = s.ref("holder", holder, Stateful.class);
        }
    }

    private final List<Blocked> blocked = new ArrayList<>();
    private final List<Lock> locks = new ArrayList<>();
    private final WaitQueue changed = new WaitQueue();

    /** Woken whenever a lock goes away. */
    public WaitQueue waitQueue() {
        return changed;
    }

    /** A lock of somebody else that forbids this one, or null. */
    public Lock conflict(Inode inode, Stateful owner, boolean isFlock, int type, long start, long end) {
        for (Lock l : locks) {
            if (l.inode == inode && l.isFlock == isFlock && l.owner != owner && l.start <= end && l.end >= start
                && (type == F_WRLCK || l.type == F_WRLCK)) {
                return l;
            }
        }
        return null;
    }

    /** F_SETLKW is about to wait for a lock: false when that would close a circle of processes that wait for each other (EDEADLK). */
    public boolean startWaiting(Stateful waiter, Lock conflict) {
        Stateful holder = conflict.owner;
        for (int i = 0; i <= blocked.size(); i++) {
            if (holder == waiter) {
                return false;
            }
            Stateful next = holderFor(holder);
            if (next == null) {
                break;
            }
            holder = next;
        }
        Blocked b = new Blocked();
        b.waiter = waiter;
        b.holder = conflict.owner;
        blocked.add(b);
        return true;
    }

    private Stateful holderFor(Stateful waiter) {
        for (Blocked b : blocked) {
            if (b.waiter == waiter) {
                return b.holder;
            }
        }
        return null;
    }

    /** The process looks again, or does not wait any more. */
    public void stopWaiting(Stateful waiter) {
        for (int i = blocked.size() - 1; i >= 0; i--) {
            if (blocked.get(i).waiter == waiter) {
                blocked.remove(i);
            }
        }
    }

    /** Sets or (F_UNLCK) removes the owner's lock on a range; parts of its older locks outside the range stay. No conflict is left. */
    public void set(Inode inode, Stateful owner, boolean isFlock, int type, long start, long end, int pid) {
        List<Lock> kept = new ArrayList<>();
        boolean freed = false;
        for (Lock l : locks) {
            if (l.inode != inode || l.owner != owner || l.isFlock != isFlock || l.start > end || l.end < start) {
                kept.add(l);
                continue;
            }
            freed |= l.type != type;
            if (l.start < start) {
                kept.add(new Lock(inode, owner, isFlock, l.type, l.start, start - 1, l.pid));
            }
            if (l.end > end) {
                kept.add(new Lock(inode, owner, isFlock, l.type, end + 1, l.end, l.pid));
            }
        }
        if (type != F_UNLCK) {
            kept.add(new Lock(inode, owner, isFlock, type == F_RDLCK ? F_RDLCK : F_WRLCK, start, end, pid));
        }
        locks.clear();
        locks.addAll(kept);
        if (freed) {
            changed.wakeAll();
        }
    }

    void releaseFlock(FileDescription owner) {
        releaseAll(null, owner);
    }

    void releasePosix(Inode inode, FileTable owner) {
        stopWaiting(owner);
        releaseAll(inode, owner);
    }

    private void releaseAll(Inode inode, Stateful owner) {
        boolean freed = false;
        for (int i = locks.size() - 1; i >= 0; i--) {
            Lock l = locks.get(i);
            if (l.owner == owner && (inode == null || l.inode == inode)) {
                locks.remove(i);
                freed = true;
            }
        }
        if (freed) {
            changed.wakeAll();
        }
    }

    @Override
    public void state(StateFields s) {
        s.refs("locks", locks, Lock.class);
        s.refs("blocked", blocked, Blocked.class);
        s.struct("changed", changed);
    }
}
