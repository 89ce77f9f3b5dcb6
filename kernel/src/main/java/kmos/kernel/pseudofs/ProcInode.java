// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EACCES;
import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EIO;
import static kmos.base.Errno.ENOENT;
import static kmos.base.Errno.EPERM;

import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.MagicLink;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.SelfOpening;
import kmos.kernel.vfs.UncachedDirectory;
import kmos.kernel.vfs.Vfs;

/** Anything in /proc: what it is follows from kind, table row, task and descriptor number. */
public final class ProcInode extends Inode implements SelfOpening, UncachedDirectory, MagicLink {
    /** kind: the root; /proc/PID or task/TID; a row of the table; an entry of fd or fdinfo. */
    static final int ROOT = 0, TASK_DIRECTORY = 1, ROW = 2, FD_LINK = 3, FD_INFO_FILE = 4;

    private ProcFs fs;
    private int kind;
    private int row;
    private int tid;
    private int fd;
    /** Below /proc/PID/task. */
    private boolean isThread;

    /** For loading a saved state. */
    public ProcInode() { }

    ProcInode(ProcFs fs, int kind, int row, int tid, int fd) {
        this.fs = fs;
        this.kind = kind;
        this.row = row;
        this.tid = tid;
        this.fd = fd;
    }

    private ProcInode ofThread(boolean is) {
        isThread = is;
        return this;
    }

    private Kernel kernel() {
        return fs.vfs().kernel();
    }

    private ProcFiles.Row tableRow() {
        return kind == ROW ? fs.files().rows().get(row) : null;
    }

    /** The task it is about, or null when it is gone or this is a system file. */
    Task task() {
        return tid == 0 ? null : kernel().pids().task(tid);
    }

    private Task requireTask() {
        Task t = task();
        if (t == null) {
            throw new ErrnoException(ENOENT);
        }
        return t;
    }

    @Override
    public FileSystem fileSystem() {
        return fs;
    }

    @Override
    public long number() {
        // Below 32 bits: readdir(3) of 32-bit programs fails with EOVERFLOW above.
        int inTask = kind == ROW ? row + 2 : kind == FD_LINK ? 0x1000 + (fd & 0xFFF) : kind == FD_INFO_FILE ? 0x2000 + (fd & 0xFFF) : 1;
        return kind == ROOT ? 1 : 1L << 30 | (long) tid << 14 | inTask;
    }

    @Override
    public int mode() {
        switch (kind) {
            case ROOT: case TASK_DIRECTORY: return S_IFDIR | 0555;
            case FD_LINK: return S_IFLNK | 0700;
            case FD_INFO_FILE: return S_IFREG | 0444;
            default: break;
        }
        ProcFiles.Row r = tableRow();
        int type = r.kind() == ProcFiles.FILE || r.kind() == ProcFiles.MEMORY ? S_IFREG : r.kind() == ProcFiles.LINK ? S_IFLNK : S_IFDIR;
        return type | r.permissions();
    }

    @Override
    public int uid() {
        Task t = task();
        return t == null ? 0 : t.credentials().euid();
    }

    @Override
    public int gid() {
        Task t = task();
        return t == null ? 0 : t.credentials().egid();
    }

    @Override
    public int links() {
        return isDirectory() ? 2 : 1;
    }

    @Override
    public long size() {
        return kind == FD_LINK ? 64 : 0;
    }

    @Override
    public long blocks() {
        return 0;
    }

    @Override
    public long accessTimeNs() {
        Task t = task();
        return kernel().realTimeOffsetNs() + (t == null ? 0 : t.startNs());
    }

    @Override
    public long modifyTimeNs() {
        return accessTimeNs();
    }

    @Override
    public long changeTimeNs() {
        return accessTimeNs();
    }

    /** Names are looked up first, and there is none like this (mkdir, O_CREAT). */
    @Override
    public Inode create(String name, int mode, int newUid, int newGid, int device, long nowNs) {
        throw new ErrnoException(ENOENT);
    }

    @Override
    public void setMode(int permissions, long nowNs) {
        throw new ErrnoException(EPERM);
    }

    @Override
    public void setOwner(int newUid, int newGid, long nowNs) {
        throw new ErrnoException(EPERM);
    }

    @Override
    public void setTimes(long access, long modify, long nowNs) {
        throw new ErrnoException(EPERM);
    }

    @Override
    public boolean hasBackingDevice() {
        return false;
    }

    // Directories

    @Override
    public Inode lookup(String name) {
        switch (kind) {
            case ROOT: {
                int id = number(name);
                Task t = id > 0 ? kernel().pids().task(id) : null;
                return t != null ? new ProcInode(fs, TASK_DIRECTORY, -1, id, 0).retain() : row(name, false);
            }
            case TASK_DIRECTORY:
                requireTask();
                return row(name, true);
            default: break;
        }
        ProcFiles.Row r = tableRow();
        if (r.kind() == ProcFiles.DIRECTORY) {
            return row(r.path() + "/" + name, r.isPerTask());
        }
        int n = number(name);
        Task t = requireTask();
        if (n < 0) {
            return null;
        }
        if (r.kind() == ProcFiles.TASKS) {
            Task thread = kernel().pids().task(n);
            return thread == null || thread.group() != t.group() ? null : new ProcInode(fs, TASK_DIRECTORY, -1, n, 0).ofThread(true).retain();
        }
        if (t.files() == null || t.files().get(n) == null) {
            return null;
        }
        return new ProcInode(fs, r.kind() == ProcFiles.FD ? FD_LINK : FD_INFO_FILE, -1, tid, n).retain();
    }

    private Inode row(String path, boolean isPerTask) {
        ProcFiles.Row r = fs.files().find(path, isPerTask);
        return r == null || isThread && r.kind() == ProcFiles.TASKS ? null : new ProcInode(fs, ROW, fs.files().indexOf(r), tid, 0).ofThread(isThread).retain();
    }

    /** A decimal number without leading zeros, or -1. */
    private static int number(String name) {
        if (name.isEmpty() || name.length() > 9 || name.length() > 1 && name.charAt(0) == '0') {
            return -1;
        }
        int n = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            n = n * 10 + c - '0';
        }
        return n;
    }

    /** Positions: 0 and 1 are the dots; then rows by table index; then numbers from a base. */
    private static final long FIRST_ROW = 2, FIRST_NUMBER = 0x1000;

    @Override
    public void readDirectory(long position, EntryVisitor visitor) {
        if (position == 0 && !visitor.entry(".", number(), S_IFDIR >> 12, 1)
            || position <= 1 && !visitor.entry("..", number(), S_IFDIR >> 12, FIRST_ROW)) {
            return;
        }
        ProcFiles.Row r = tableRow();
        boolean listsRows = r == null || r.kind() == ProcFiles.DIRECTORY;
        if (listsRows && position < FIRST_NUMBER && !listRows(position, r == null ? "" : r.path(), visitor)) {
            return;
        }
        int from = (int) Math.max(0, position - FIRST_NUMBER);
        if (kind == ROOT) {
            listGroups(from, visitor);
        } else if (r != null && r.kind() == ProcFiles.TASKS) {
            listThreads(from, visitor);
        } else if (r != null && (r.kind() == ProcFiles.FD || r.kind() == ProcFiles.FD_INFO)) {
            listDescriptors(from, r.kind() == ProcFiles.FD ? FD_LINK : FD_INFO_FILE, visitor);
        }
    }

    private boolean listRows(long position, String parent, EntryVisitor visitor) {
        List<ProcFiles.Row> rows = fs.files().rows();
        boolean isOfTask = kind == TASK_DIRECTORY || kind == ROW && tableRow().isPerTask();
        for (int i = (int) Math.max(0, position - FIRST_ROW); i < rows.size(); i++) {
            ProcFiles.Row r = rows.get(i);
            if (r.isPerTask() == isOfTask && r.parent().equals(parent) && !(isThread && r.kind() == ProcFiles.TASKS)) {
                ProcInode inode = new ProcInode(fs, ROW, i, tid, 0);
                if (!visitor.entry(r.name(), inode.number(), (inode.mode() & S_IFMT) >> 12, FIRST_ROW + i + 1)) {
                    return false;
                }
            }
        }
        return true;
    }

    private void listGroups(int from, EntryVisitor visitor) {
        for (ThreadGroup g : kernel().pids().groups()) {
            if (g.pid() >= from && !visitor.entry(Integer.toString(g.pid()), new ProcInode(fs, TASK_DIRECTORY, -1, g.pid(), 0).number(),
                S_IFDIR >> 12, FIRST_NUMBER + g.pid() + 1)) {
                return;
            }
        }
    }

    private void listThreads(int from, EntryVisitor visitor) {
        for (Task t : requireTask().group().threads()) {
            if (t.tid() >= from && !visitor.entry(Integer.toString(t.tid()), new ProcInode(fs, TASK_DIRECTORY, -1, t.tid(), 0).number(),
                S_IFDIR >> 12, FIRST_NUMBER + t.tid() + 1)) {
                return;
            }
        }
    }

    private void listDescriptors(int from, int entryKind, EntryVisitor visitor) {
        Task t = requireTask();
        for (int n = from; t.files() != null && n < t.files().capacity(); n++) {
            if (t.files().get(n) != null && !visitor.entry(Integer.toString(n), new ProcInode(fs, entryKind, -1, tid, n).number(),
                entryKind == FD_LINK ? S_IFLNK >> 12 : S_IFREG >> 12, FIRST_NUMBER + n + 1)) {
                return;
            }
        }
    }

    // Links

    @Override
    public Path follow(Task who) {
        if (kind != FD_LINK && tid == 0) {
            return null;
        }
        Task t = requireTask();
        requireAccess(who, t);
        Path there = kind == FD_LINK ? TaskFiles.descriptor(t, fd) : TaskFiles.place(t, tableRow().name());
        if (there == null) {
            throw new ErrnoException(ENOENT);
        }
        return there;
    }

    @Override
    public String text(Task who) {
        if (tid == 0 && kind == ROW) {
            return systemLink(tableRow().name(), who);
        }
        Task t = requireTask();
        requireAccess(who, t);
        Path there = kind == FD_LINK ? TaskFiles.descriptor(t, fd) : TaskFiles.place(t, tableRow().name());
        if (there == null) {
            throw new ErrnoException(ENOENT);
        }
        if (kind == FD_LINK) {
            String description = t.files().get(fd).description();
            if (description != null) {
                return description;
            }
        }
        Vfs vfs = fs.vfs();
        String text = there.mount() == null ? there.dentry().name() : vfs.text(there, who == null ? vfs.root() : who.fs().root());
        return there.dentry().isRemoved() || there.mount() == null ? text + " (deleted)" : text;
    }

    private static String systemLink(String name, Task who) {
        if (name.equals("mounts")) {
            return "self/mounts";
        }
        if (name.equals("net")) {
            return "self/net";
        }
        if (who == null) {
            throw new ErrnoException(ENOENT);
        }
        int pid = who.group().pid();
        return name.equals("self") ? Integer.toString(pid) : pid + "/task/" + who.tid();
    }

    /** ptrace_may_access: the same user, or root. */
    static void requireAccess(Task who, Task target) {
        if (who != null && who.group() != target.group() && who.credentials().fsuid() != 0
            && who.credentials().fsuid() != target.credentials().uid()) {
            throw new ErrnoException(EACCES);
        }
    }

    @Override
    public String readLink() {
        throw new ErrnoException(EINVAL);
    }

    // Contents

    /** The text of a file now. ENOENT: the task is gone. */
    byte[] contents() {
        ProcText out = new ProcText();
        if (kind == FD_INFO_FILE) {
            TaskFiles.descriptorInfo(requireTask(), fd, out);
        } else if (tableRow().isPerTask()) {
            (isThread ? tableRow().thread() : tableRow().task()).write(requireTask(), out);
        } else {
            tableRow().system().write(kernel(), out);
        }
        return out.bytes();
    }

    long accept(Task who, String text) {
        ProcFiles.Row r = tableRow();
        return r == null || r.input() == null ? -EIO : r.input().accept(who, task(), text);
    }

    @Override
    public FileDescription open(Task who, Path path, int flags) {
        if (isDirectory()) {
            return new kmos.kernel.vfs.DirectoryFile(fs.vfs(), path, flags);
        }
        if (tableRow() != null && tableRow().isPerTask() && (tableRow().permissions() & 0044) == 0) {
            requireAccess(who, requireTask());
        }
        return tableRow() != null && tableRow().kind() == ProcFiles.MEMORY ? new ProcMemory(fs.vfs(), path, flags) : new ProcFile(fs.vfs(), path, flags);
    }

    @Override
    public void state(StateFields s) {
        stateReferences(s);
        fs = s.ref("fs", fs, ProcFs.class);
        kind = s.i32("kind", kind);
        row = s.i32("row", row);
        tid = s.i32("tid", tid);
        fd = s.i32("fd", fd);
        isThread = s.bool("isThread", isThread);
    }
}
