// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EBADF;
import static kmos.base.Errno.EMFILE;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;

/** A process's descriptors (Linux files_struct). Shared by tasks cloned with CLONE_FILES. */
public final class FileTable implements Stateful {
    private FileDescription[] files = new FileDescription[32];
    private boolean[] closesOnExec = new boolean[32];
    private int users = 1;

    /** The open file behind fd, or null (EBADF). */
    public FileDescription get(int fd) {
        return fd >= 0 && fd < files.length ? files[fd] : null;
    }

    /** The same if open for reading (not O_PATH), or null. */
    public FileDescription readable(int fd) {
        FileDescription f = get(fd);
        return f != null && f.isReadable() ? f : null;
    }

    public FileDescription writable(int fd) {
        FileDescription f = get(fd);
        return f != null && f.isWritable() ? f : null;
    }

    /** Puts the description (taking over the caller's reference) at the lowest free number >= from; -EMFILE at limit (RLIMIT_NOFILE). */
    public int install(FileDescription file, boolean closeOnExec, int from, long limit) {
        int fd = lowestFree(from);
        if (fd >= limit) {
            return -EMFILE;
        }
        put(fd, file, closeOnExec);
        return fd;
    }

    /** Whether one more descriptor (count more) fits below the limit: asked before a file is created or a pipe made. */
    public boolean hasRoom(int count, long limit) {
        int fd = -1;
        for (int i = 0; i < count; i++) {
            fd = lowestFree(fd + 1);
        }
        return fd < limit;
    }

    /** dup2, dup3: closes what was at fd. The caller has checked fd against the limit. */
    public void replace(int fd, FileDescription file, boolean closeOnExec) {
        FileDescription old = get(fd);
        put(fd, file, closeOnExec);
        if (old != null) {
            old.closedIn(this);
            old.release();
        }
    }

    /** 0 or -EBADF. */
    public int close(int fd) {
        FileDescription f = get(fd);
        if (f == null) {
            return -EBADF;
        }
        files[fd] = null;
        closesOnExec[fd] = false;
        f.closedIn(this);
        f.release();
        return 0;
    }

    public boolean closesOnExec(int fd) {
        return closesOnExec[fd];
    }

    public void setCloseOnExec(int fd, boolean closeOnExec) {
        closesOnExec[fd] = closeOnExec;
    }

    /** One more than the highest number that may be open. */
    public int capacity() {
        return files.length;
    }

    /** A copy with the same descriptions, each retained (fork). */
    public FileTable copy() {
        FileTable t = new FileTable();
        t.grow(files.length);
        for (int fd = 0; fd < files.length; fd++) {
            if (files[fd] != null) {
                t.files[fd] = files[fd].retain();
                t.closesOnExec[fd] = closesOnExec[fd];
            }
        }
        return t;
    }

    /** One more task shares this table (clone with CLONE_FILES). */
    public FileTable retain() {
        users++;
        return this;
    }

    /** One task less; the last one closes everything. */
    public void release() {
        users--;
        if (users == 0) {
            for (int fd = 0; fd < files.length; fd++) {
                close(fd);
            }
        }
    }

    /** Whether several tasks use it: execve then takes a copy. */
    public boolean isShared() {
        return users > 1;
    }

    /** Closes descriptors marked close-on-exec. */
    public void closeOnExec() {
        for (int fd = 0; fd < files.length; fd++) {
            if (closesOnExec[fd]) {
                close(fd);
            }
        }
    }

    private int lowestFree(int from) {
        int fd = from;
        while (fd < files.length && files[fd] != null) {
            fd++;
        }
        return fd;
    }

    private void put(int fd, FileDescription file, boolean closeOnExec) {
        if (fd >= files.length) {
            grow(Math.max(fd + 1, files.length * 2));
        }
        files[fd] = file;
        closesOnExec[fd] = closeOnExec;
    }

    private void grow(int length) {
        FileDescription[] f = new FileDescription[length];
        boolean[] c = new boolean[length];
        System.arraycopy(files, 0, f, 0, files.length);
        System.arraycopy(closesOnExec, 0, c, 0, files.length);
        files = f;
        closesOnExec = c;
    }

    @Override
    public void state(StateFields s) {
        users = s.i32("users", users);
        int length = s.i32("length", files.length);
        byte[] marks = new byte[files.length];
        List<FileDescription> list = new ArrayList<>(files.length);
        for (int i = 0; i < files.length; i++) {
            marks[i] = (byte) (closesOnExec[i] ? 1 : 0);
            list.add(files[i]);
        }
        marks = s.bytes("closesOnExec", marks);
        s.refs("files", list, FileDescription.class);
        if (s.isLoading()) {
            files = new FileDescription[length];
            closesOnExec = new boolean[length];
            for (int i = 0; i < length; i++) {
                files[i] = list.get(i);
                closesOnExec[i] = marks[i] != 0;
            }
        }
    }
}
