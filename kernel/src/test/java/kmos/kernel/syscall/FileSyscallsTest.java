// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kmos.base.LittleEndian;
import kmos.kernel.task.Task;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Files, names and descriptors through the system-call bodies, on a tmpfs. */
class FileSyscallsTest {
    private final SyscallHarness h = new SyscallHarness(true);

    @AfterEach
    void close() {
        h.close();
    }

    @Test
    void write_thenRead_givesTheBytes_acrossPages() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("line ").append(i).append('\n');
        }
        h.write("/f", text.toString());
        assertEquals(text.toString(), h.readAll("/f"));
    }

    @Test
    void append_writesAtTheEnd_andPreadDoesNotMove() {
        h.write("/f", "abc");
        long fd = h.call("open", "/f", O_RDWR | O_APPEND, 0);
        h.call("write", fd, "def", 3);
        long b = h.space(16);
        assertEquals(4, h.call("pread64", fd, b, 4, 1));
        assertEquals("bcde", h.text(b, 4));
        assertEquals(6, h.call("lseek", fd, 0, SEEK_CUR));
    }

    @Test
    void hole_readsAsZeros() {
        long fd = h.call("open", "/f", O_RDWR | O_CREAT, 0644);
        h.call("lseek", fd, 10000, SEEK_SET);
        h.call("write", fd, "x", 1);
        long b = h.space(8192);
        assertEquals(8192, h.call("pread64", fd, b, 8192, 0));
        assertEquals("\0".repeat(8192), h.text(b, 8192));
        assertEquals(10001, h.call("lseek", fd, 0, SEEK_END));
    }

    @Test
    void truncate_thenGrow_showsZeros() {
        h.write("/f", "abcdefgh");
        assertEquals(0, h.call("truncate", "/f", 3));
        assertEquals(0, h.call("truncate", "/f", 6));
        assertEquals("abc\0\0\0", h.readAll("/f"));
    }

    @Test
    void open_errnos() {
        h.call("mkdir", "/d", 0755);
        h.write("/f", "x");
        h.call("symlink", "loop", "/loop");
        assertEquals(-ENOENT, h.call("open", "/none", 0, 0));
        assertEquals(-ENOENT, h.call("open", "", 0, 0));
        assertEquals(-ENOTDIR, h.call("open", "/f/x", 0, 0));
        assertEquals(-ENOTDIR, h.call("open", "/f/", 0, 0));
        assertEquals(-EISDIR, h.call("open", "/d", O_WRONLY, 0));
        assertEquals(-EISDIR, h.call("open", "/d", O_RDWR | O_CREAT, 0));
        assertEquals(-EISDIR, h.call("open", "/new/", O_RDWR | O_CREAT, 0));
        assertEquals(-EEXIST, h.call("open", "/f", O_CREAT | O_EXCL, 0));
        assertEquals(-EEXIST, h.call("open", "/loop", O_CREAT | O_EXCL, 0));
        assertEquals(-ELOOP, h.call("open", "/loop", 0, 0));
        assertEquals(-ELOOP, h.call("open", "/loop", O_NOFOLLOW, 0));
        assertEquals(-ENOTDIR, h.call("open", "/f", O_DIRECTORY, 0));
        assertEquals(-ENAMETOOLONG, h.call("open", "/" + "x".repeat(256), 0, 0));
        assertEquals(-ENAMETOOLONG, h.call("open", "/" + "x/".repeat(2100), 0, 0));
        assertEquals(-EFAULT, h.call("open", 0x500000000L, 0, 0));
        assertEquals(-EBADF, h.call("openat", 77, "f", 0, 0));
    }

    @Test
    void permissions_byOwnerGroupOther() {
        h.write("/f", "x");
        h.call("chmod", "/f", 0640);
        h.call("chown", "/f", 1000, 50);
        h.call("mkdir", "/closed", 0700);
        h.write("/closed/g", "y");
        h.become(1001, 50);
        assertEquals(-EACCES, h.call("open", "/f", O_RDWR, 0));
        assertTrue(h.call("open", "/f", O_RDONLY, 0) >= 0);
        assertEquals(-EACCES, h.call("open", "/closed/g", O_RDONLY, 0));
        assertEquals(-EACCES, h.call("mkdir", "/new", 0755));
        assertEquals(-EPERM, h.call("chmod", "/f", 0666));
        h.become(1002, 51);
        assertEquals(-EACCES, h.call("open", "/f", O_RDONLY, 0));
        assertEquals(-EACCES, h.call("access", "/f", R_OK));
        assertEquals(0, h.call("access", "/f", F_OK));
    }

    @Test
    void stickyDirectory_protectsOthersFiles() {
        h.call("mkdir", "/tmp", 01777);
        h.become(1000, 100);
        h.write("/tmp/mine", "x");
        h.become(1001, 100);
        assertEquals(-EPERM, h.call("unlink", "/tmp/mine"));
        assertEquals(-EPERM, h.call("rename", "/tmp/mine", "/tmp/stolen"));
        h.become(1000, 100);
        assertEquals(0, h.call("unlink", "/tmp/mine"));
    }

    @Test
    void unlinkedFile_livesWhileOpen_andItsSpaceComesBack() {
        long free = h.kernel.vfs().root().mount().fileSystem().statistics().freeBlocks();
        h.write("/f", "z".repeat(20000));
        long fd = h.call("open", "/f", O_RDONLY, 0);
        assertEquals(0, h.call("unlink", "/f"));
        long b = h.space(16);
        assertEquals(3, h.call("read", fd, b, 3));
        h.call("close", fd);
        assertEquals(free, h.kernel.vfs().root().mount().fileSystem().statistics().freeBlocks());
        assertEquals(-ENOENT, h.call("unlink", "/f"));
    }

    @Test
    void rename_rules() {
        h.call("mkdir", "/a", 0755);
        h.call("mkdir", "/a/b", 0755);
        h.call("mkdir", "/full", 0755);
        h.write("/full/x", "1");
        h.write("/f", "2");
        assertEquals(-EINVAL, h.call("rename", "/a", "/a/b/c"));
        assertEquals(-ENOTEMPTY, h.call("rename", "/a", "/full"));
        assertEquals(-ENOTDIR, h.call("rename", "/a", "/f"));
        assertEquals(-EISDIR, h.call("rename", "/f", "/a"));
        assertEquals(-EEXIST, h.call("renameat2", AT_FDCWD, "/f", AT_FDCWD, "/full/x", RENAME_NOREPLACE));
        assertEquals(0, h.call("rename", "/f", "/full/x"));
        assertEquals("2", h.readAll("/full/x"));
        assertEquals(-ENOENT, h.call("open", "/f", 0, 0));
        assertEquals(0, h.call("link", "/full/x", "/y"));
        assertEquals(0, h.call("rename", "/y", "/full/x"));
        assertEquals("2", h.readAll("/y"));
        assertEquals(0, h.call("rename", "/a/b", "/moved"));
        assertEquals(0, h.call("rmdir", "/a"));
        assertEquals(-EBUSY, h.call("rename", "/moved/.", "/q"));
    }

    @Test
    void rmdir_andUnlink_errnos() {
        h.call("mkdir", "/d", 0755);
        h.call("mkdir", "/d/e", 0755);
        h.write("/f", "");
        assertEquals(-ENOTEMPTY, h.call("rmdir", "/d"));
        assertEquals(-EINVAL, h.call("rmdir", "/d/."));
        assertEquals(-ENOTEMPTY, h.call("rmdir", "/d/e/.."));
        assertEquals(-ENOTDIR, h.call("rmdir", "/f"));
        assertEquals(-EISDIR, h.call("unlink", "/d"));
        assertEquals(-ENOTDIR, h.call("unlink", "/f/"));
        assertEquals(-EBUSY, h.call("rmdir", "/"));
        assertEquals(-EINVAL, h.call("unlinkat", AT_FDCWD, "/d", 1));
        assertEquals(0, h.call("unlinkat", AT_FDCWD, "/d/e", AT_REMOVEDIR));
    }

    @Test
    void getcwd_ofARemovedDirectory_isEnoent() {
        h.call("mkdir", "/d", 0755);
        h.call("chdir", "/d");
        long b = h.space(64);
        assertEquals(3, h.call("getcwd", b, 64));
        assertEquals(-ERANGE, h.call("getcwd", b, 2));
        h.call("rmdir", "/d");
        assertEquals(-ENOENT, h.call("getcwd", b, 64));
        assertEquals(-ENOENT, h.call("open", "x", O_CREAT | O_RDWR, 0644));
        assertEquals(0, h.call("chdir", ".."));
    }

    @Test
    void symlinks_areFollowedRelativeToTheirDirectory() {
        h.call("mkdir", "/d", 0755);
        h.write("/d/t", "target");
        h.call("symlink", "t", "/d/l");
        h.call("symlink", "d/l", "/ll");
        assertEquals("target", h.readAll("/ll"));
        long b = h.space(16);
        assertEquals(3, h.call("readlink", "/ll", b, 16));
        assertEquals(2, h.call("readlink", "/ll", b, 2));
        assertEquals(-EINVAL, h.call("readlink", "/d/t", b, 16));
        h.call("symlink", "/d/made", "/dangling");
        assertTrue(h.call("open", "/dangling", O_CREAT | O_RDWR, 0600) >= 0);
        assertEquals("", h.readAll("/d/made"));
    }

    @Test
    void dup_takesTheLowest_andSharesThePosition() {
        h.write("/f", "abcdef");
        long fd = h.call("open", "/f", 0, 0);
        assertEquals(0, fd);
        assertEquals(1, h.call("dup", fd));
        long b = h.space(4);
        h.call("read", 0, b, 2);
        h.call("read", 1, b, 2);
        assertEquals("cd", h.text(b, 2));
        assertEquals(7, h.call("dup2", 0, 7));
        assertEquals(7, h.call("dup2", 7, 7));
        assertEquals(-EBADF, h.call("dup2", 9, 9));
        assertEquals(-EINVAL, h.call("dup3", 0, 0, 0));
        assertEquals(10, h.call("fcntl", 0, F_DUPFD_CLOEXEC, 10));
        assertEquals(FD_CLOEXEC, h.call("fcntl", 10, F_GETFD, 0));
        assertEquals(0, h.call("fcntl", 7, F_GETFD, 0));
        assertEquals(-EBADF, h.call("dup2", 0, 1024));
    }

    @Test
    void nofile_isEmfile_beforeTheFileIsCreated() {
        h.task.group().setLimit(7, 1, 1);
        h.call("open", "/", 0, 0);
        assertEquals(-EMFILE, h.call("open", "/new", O_CREAT | O_RDWR, 0644));
        assertEquals(-EMFILE, h.call("pipe", h.space(8)));
        h.task.group().setLimit(7, 8, 8);
        assertEquals(-ENOENT, h.call("open", "/new", 0, 0));
    }

    @Test
    void getdents64_listsDotsAndEntries_andGoesOn() {
        h.call("mkdir", "/d", 0755);
        h.write("/d/one", "");
        h.write("/d/two", "");
        long fd = h.call("open", "/d", O_DIRECTORY, 0);
        long b = h.space(256);
        assertEquals(-EINVAL, h.call("getdents64", fd, b, 10));
        StringBuilder names = new StringBuilder();
        for (long n = h.call("getdents64", fd, b, 50); n > 0; n = h.call("getdents64", fd, b, 50)) {
            byte[] raw = h.get(b, (int) n);
            for (int at = 0; at < n; at += LittleEndian.get16(raw, at + 16)) {
                int end = at + 19;
                while (raw[end] != 0) {
                    names.append((char) raw[end++]);
                }
                names.append(':').append(raw[at + 18]).append(' ');
            }
        }
        assertEquals(".:4 ..:4 one:8 two:8 ", names.toString());
    }

    @Test
    void stat_layout_amd64() {
        h.write("/f", "12345");
        h.call("chmod", "/f", 0604);
        long b = h.space(144);
        assertEquals(0, h.call("stat", "/f", b));
        byte[] s = h.get(b, 144);
        assertEquals(0100604, LittleEndian.get32(s, 24));
        assertEquals(1, LittleEndian.get64(s, 16));
        assertEquals(5, LittleEndian.get64(s, 48));
        assertEquals(1_767_225_600L, LittleEndian.get64(s, 88));
    }

    @Test
    void pipe_blocksWhenEmpty_andEndsWithoutWriters() {
        long fds = h.space(8);
        assertEquals(0, h.call("pipe", fds));
        long b = h.space(64);
        assertEquals(Task.BLOCKED, h.call("read", 0, b, 10));
        assertTrue(h.isParked());
        h.call("write", 1, "hello", 5);
        assertEquals(5, h.call("read", 0, b, 10));
        h.call("close", 1);
        assertEquals(0, h.call("read", 0, b, 10));
    }

    @Test
    void pipe_withoutReaders_isEpipeAndSigpipe() {
        h.call("pipe", h.space(8));
        h.call("close", 0);
        // The first process gets only signals that it handles.
        h.task.group().actions().set(13, 0x1000, 0, 0, 0);
        assertEquals(-EPIPE, h.call("write", 1, "x", 1));
        assertTrue((h.task.pending().set() & 1L << 12) != 0);
    }

    @Test
    void pipe_writesOfPipeBuf_areAtomic_largerOnesKeepTheirProgress() {
        h.call("pipe2", h.space(8), O_NONBLOCK);
        long big = h.space(70000);
        assertEquals(65536, h.call("write", 1, big, 70000));
        long b = h.space(4096);
        h.call("read", 0, b, 100);
        assertEquals(-EAGAIN, h.call("write", 1, big, 4096));
        assertEquals(100, h.call("write", 1, big, 4097));
        h.call("fcntl", 1, F_SETFL, 0);
        assertEquals(Task.BLOCKED, h.call("write", 1, big, 65536));
        h.task.wake();
        long drain = h.space(65536);
        assertEquals(65536, h.task.files().get(0).read(h.task, kmos.kernel.vfs.IoBuffer.user(h.task.user(), drain, 65536)));
        assertEquals(65536, h.again());
    }

    @Test
    void fifo_openWaitsForTheOtherEnd() {
        h.call("mknod", "/p", 0010644, 0);
        assertEquals(-ENXIO, h.call("open", "/p", O_WRONLY | O_NONBLOCK, 0));
        assertEquals(Task.BLOCKED, h.call("open", "/p", O_RDONLY, 0));
        kmos.kernel.vfs.FileDescription writer = kmos.kernel.vfs.Opening.openFound(h.task, h.kernel.vfs().lookup("/p"), O_WRONLY | O_NONBLOCK, false);
        writer.release();
        // A writer that came and went still lets open return.
        assertEquals(0, h.again());
        assertEquals(0, h.call("read", 0, h.space(4), 4));
    }

    @Test
    void recordLocks_conflictBetweenProcesses_notWithinOne() {
        h.write("/f", "0123456789");
        long fd = h.call("open", "/f", O_RDWR, 0);
        byte[] lock = new byte[32];
        LittleEndian.put16(lock, 0, F_WRLCK);
        LittleEndian.put64(lock, 8, 2);
        LittleEndian.put64(lock, 16, 3);
        assertEquals(0, h.call("fcntl", fd, F_SETLK, h.put(lock)));
        assertEquals(0, h.call("fcntl", fd, F_SETLK, h.put(lock)));
        kmos.kernel.vfs.FileTable other = h.task.files().copy();
        kmos.kernel.vfs.FileTable own = h.task.files();
        h.task.setFiles(other);
        assertEquals(-EAGAIN, h.call("fcntl", fd, F_SETLK, h.put(lock)));
        long asked = h.put(lock);
        assertEquals(0, h.call("fcntl", fd, F_GETLK, asked));
        assertEquals(1, LittleEndian.get32(h.get(asked, 32), 24));
        assertEquals(Task.BLOCKED, h.call("fcntl", fd, F_SETLKW, h.put(lock)));
        own.close((int) fd);
        assertEquals(0, h.again());
    }

    @Test
    void poll_reportsReadyAndInvalid_andTimesOut() {
        h.call("pipe", h.space(8));
        byte[] fds = new byte[16];
        LittleEndian.put16(fds, 4, 1);
        LittleEndian.put32(fds, 8, 55);
        LittleEndian.put16(fds, 12, 1);
        long at = h.put(fds);
        assertEquals(1, h.call("poll", at, 2, -1));
        assertEquals(0x20, LittleEndian.get16(h.get(at, 16), 14));
        assertEquals(Task.BLOCKED, h.call("poll", at, 1, 100));
        h.kernel.machine().clock().advanceNs(100_000_000L);
        h.kernel.timers().runUntil(h.kernel.nowNs());
        assertEquals(0, h.again());
        h.call("write", 1, "x", 1);
        assertEquals(1, h.call("poll", at, 1, 100));
    }

    @Test
    void select_setsBits() {
        h.call("pipe", h.space(8));
        h.call("write", 1, "x", 1);
        byte[] in = {1, 0, 0, 0, 0, 0, 0, 0};
        byte[] out = {2, 0, 0, 0, 0, 0, 0, 0};
        assertEquals(2, h.call("select", 2, h.put(in), h.put(out), 0, 0));
        in[0] = 0x10;
        assertEquals(-EBADF, h.call("select", 5, h.put(in), 0, 0, 0));
    }

    @Test
    void epoll_levelAndOneshot() {
        h.call("pipe", h.space(8));
        long ep = h.call("epoll_create1", 0);
        byte[] event = new byte[12];
        LittleEndian.put32(event, 0, 1 | 1 << 30);
        LittleEndian.put64(event, 4, 0x1122334455L);
        assertEquals(0, h.call("epoll_ctl", ep, 1, 0, h.put(event)));
        assertEquals(-EEXIST, h.call("epoll_ctl", ep, 1, 0, h.put(event)));
        long out = h.space(48);
        assertEquals(0, h.call("epoll_wait", ep, out, 4, 0));
        h.call("write", 1, "x", 1);
        assertEquals(1, h.call("epoll_wait", ep, out, 4, 0));
        assertEquals(0x1122334455L, LittleEndian.get64(h.get(out, 12), 4));
        assertEquals(0, h.call("epoll_wait", ep, out, 4, 0));
        LittleEndian.put32(event, 0, 1);
        assertEquals(0, h.call("epoll_ctl", ep, 3, 0, h.put(event)));
        assertEquals(1, h.call("epoll_wait", ep, out, 4, 0));
        assertEquals(1, h.call("epoll_wait", ep, out, 4, 0));
        h.write("/f", "");
        long fd = h.call("open", "/f", 0, 0);
        assertEquals(-EPERM, h.call("epoll_ctl", ep, 1, fd, h.put(event)));
        assertEquals(-EINVAL, h.call("epoll_ctl", ep, 1, ep, h.put(event)));
    }

    @Test
    void eventfd_countsAndBlocks() {
        long fd = h.call("eventfd2", 3, 0);
        long b = h.space(8);
        assertEquals(8, h.call("read", fd, b, 8));
        assertEquals(3, LittleEndian.get64(h.get(b, 8), 0));
        assertEquals(Task.BLOCKED, h.call("read", fd, b, 8));
        h.task.wake();
        assertEquals(-EINVAL, h.call("read", fd, b, 4));
    }

    @Test
    void sendfile_movesToAPipe() {
        h.write("/f", "0123456789");
        long in = h.call("open", "/f", 0, 0);
        h.call("pipe", h.space(8));
        assertEquals(10, h.call("sendfile", 2, in, 0, 100));
        long b = h.space(16);
        assertEquals(10, h.call("read", 1, b, 16));
        assertEquals("0123456789", h.text(b, 10));
    }

    @Test
    void tmpfs_full_isEnospc_afterAShortWrite() {
        h.call("mkdir", "/small", 0755);
        assertEquals(0, h.call("mount", "none", "/small", "tmpfs", 0, "size=8k"));
        long fd = h.call("open", "/small/f", O_CREAT | O_RDWR, 0644);
        long data = h.space(12288);
        assertEquals(8192, h.call("write", fd, data, 12288));
        assertEquals(-ENOSPC, h.call("write", fd, data, 1));
        assertEquals(-EBUSY, h.call("umount2", "/small", 0));
        h.call("close", fd);
        assertEquals(0, h.call("umount2", "/small", 0));
        assertEquals(-ENOENT, h.call("open", "/small/f", 0, 0));
    }

    @Test
    void bindMount_readOnlyRemount_isErofs() {
        h.call("mkdir", "/a", 0755);
        h.call("mkdir", "/b", 0755);
        h.write("/a/f", "bound");
        assertEquals(0, h.call("mount", "/a", "/b", 0, 4096, 0));
        assertEquals("bound", h.readAll("/b/f"));
        assertEquals(0, h.call("mount", "none", "/b", 0, 32 | 1, 0));
        assertEquals(-EROFS, h.call("open", "/b/f", O_RDWR, 0));
        assertEquals(-EROFS, h.call("mkdir", "/b/d", 0755));
        assertEquals(-EXDEV, h.call("link", "/a/f", "/b/g"));
        assertTrue(h.call("open", "/a/f", O_RDWR, 0) >= 0);
    }

    @Test
    void chroot_confinesDotDot() {
        h.call("mkdir", "/jail", 0755);
        h.write("/jail/in", "x");
        h.write("/out", "y");
        assertEquals(0, h.call("chroot", "/jail"));
        h.call("chdir", "/");
        assertEquals(-ENOENT, h.call("open", "../../out", 0, 0));
        assertEquals("x", h.readAll("../../in"));
    }

    @Test
    void memfd_andProcFd() {
        h.mount("proc", "/proc");
        long fd = h.call("memfd_create", "name", 0);
        h.call("write", fd, "memory", 6);
        assertEquals("memory", h.readAll("/proc/self/fd/" + fd));
        long b = h.space(64);
        long n = h.call("readlink", "/proc/self/fd/" + fd, b, 64);
        assertEquals("/memfd:name (deleted)", h.text(b, (int) n));
    }

    @Test
    void utimensat_setsAndOmits() {
        h.write("/f", "x");
        byte[] times = new byte[32];
        LittleEndian.put64(times, 0, 1000);
        LittleEndian.put64(times, 8, 5);
        LittleEndian.put64(times, 24, UTIME_OMIT);
        assertEquals(0, h.call("utimensat", AT_FDCWD, "/f", h.put(times), 0));
        long b = h.space(144);
        h.call("stat", "/f", b);
        assertEquals(1000, LittleEndian.get64(h.get(b, 144), 72));
        assertEquals(5, LittleEndian.get64(h.get(b, 144), 80));
        assertEquals(1_767_225_600L, LittleEndian.get64(h.get(b, 144), 88));
        LittleEndian.put64(times, 8, 2_000_000_000L);
        assertEquals(-EINVAL, h.call("utimensat", AT_FDCWD, "/f", h.put(times), 0));
    }
}
