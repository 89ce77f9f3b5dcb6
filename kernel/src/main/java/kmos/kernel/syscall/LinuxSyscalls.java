// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.kernel.syscall.ArgKind.*;

import java.util.ArrayList;
import java.util.List;

/**
 * The system-call table of both ABIs, in the families of the manual pages. A row drives dispatch, strace and
 * docs/ref/syscalls.md. What has no row is answered with ENOSYS and its number logged once.
 */
public final class LinuxSyscalls {
    private final Syscall[] amd64 = new Syscall[512];
    private final Syscall[] i386 = new Syscall[512];
    private final List<Syscall> rows = new ArrayList<>();

    public LinuxSyscalls() {
        //      amd64 i386  name     body    arguments   support
        processes();
        memory();
        signals();
        clocks();
        files();
        paths();
        polling();
        systemInfo();
    }

    /** The row of a number, or null. */
    public Syscall row(boolean is64Bit, long number) {
        Syscall[] table = is64Bit ? amd64 : i386;
        return number >= 0 && number < table.length ? table[(int) number] : null;
    }

    public List<Syscall> rows() {
        return rows;
    }

    // clone fork vfork execve exit exit_group wait4 waitid getpid ... sched_* prctl arch_prctl set_thread_area futex
    private void processes() {
    }

    // mmap mmap2 munmap mprotect mremap brk madvise msync mlock ...
    private void memory() {
    }

    // rt_sigaction sigreturn kill tgkill sigaltstack ...
    private void signals() {
    }

    // clock_* nanosleep timer_* setitimer alarm times ...
    private void clocks() {
    }

    // open read write close lseek dup fcntl ioctl pipe pread readv sendfile fsync ftruncate ...
    private void files() {
        syscall(  2,   5, "open", FileIo::open, args(PATH, OPEN_FLAGS, MODE), full());
        syscall(257, 295, "openat", FileIo::openat, args(DIR_FD, PATH, OPEN_FLAGS, MODE), full());
        syscall(437, 437, "openat2", FileIo::openat2, args(DIR_FD, PATH, POINTER, SIZE), partial("RESOLVE_* flags give EAGAIN"));
        syscall( 85,   8, "creat", FileIo::creat, args(PATH, MODE), full());
        syscall(  3,   6, "close", FileIo::close, args(FD), full());
        syscall(436, 436, "close_range", FileIo::closeRange, args(UINT, UINT, HEX), full());
        syscall(  0,   3, "read", FileIo::read, args(FD, OUT_BUFFER, SIZE), full());
        syscall(  1,   4, "write", FileIo::write, args(FD, IN_BUFFER, SIZE), full());
        syscall( 19, 145, "readv", FileIo::readv, args(FD, POINTER, INT), full());
        syscall( 20, 146, "writev", FileIo::writev, args(FD, POINTER, INT), full());
        syscall( 17, 180, "pread64", FileIo::pread64, args(FD, OUT_BUFFER, SIZE, OFFSET), full());
        syscall( 18, 181, "pwrite64", FileIo::pwrite64, args(FD, IN_BUFFER, SIZE, OFFSET), full());
        syscall(295, 333, "preadv", FileIo::preadv, args(FD, POINTER, INT, OFFSET), full());
        syscall(296, 334, "pwritev", FileIo::pwritev, args(FD, POINTER, INT, OFFSET), full());
        syscall(327, 378, "preadv2", FileIo::preadv2, args(FD, POINTER, INT, OFFSET, OFFSET, HEX), partial("no RWF_* flags"));
        syscall(328, 379, "pwritev2", FileIo::pwritev2, args(FD, POINTER, INT, OFFSET, OFFSET, HEX), partial("no RWF_* flags"));
        syscall(  8,  19, "lseek", FileIo::lseek, args(FD, OFFSET, INT), full());
        syscall( -1, 140, "_llseek", FileIo::llseek, args(FD, UINT, UINT, POINTER, INT), full());
        syscall( 78, 141, "getdents", FileIo::getdents, args(FD, POINTER, SIZE), full());
        syscall(217, 220, "getdents64", FileIo::getdents64, args(FD, POINTER, SIZE), full());
        syscall( 40, 187, "sendfile", FileIo::sendfile, args(FD, FD, POINTER, SIZE), partial("the input is a regular file"));
        syscall( -1, 239, "sendfile64", FileIo::sendfile64, args(FD, FD, POINTER, SIZE), partial("the input is a regular file"));
        syscall(326, 377, "copy_file_range", FileIo::copyFileRange, args(FD, POINTER, FD, POINTER, SIZE, HEX), full());
        syscall( 32,  41, "dup", FileControl::dup, args(FD), full());
        syscall( 33,  63, "dup2", FileControl::dup2, args(FD, FD), full());
        syscall(292, 330, "dup3", FileControl::dup3, args(FD, FD, OPEN_FLAGS), full());
        syscall( 72,  55, "fcntl", FileControl::fcntl, args(FD, INT, HEX), partial("no leases, no signal-driven I/O, no seals, no EDEADLK"));
        syscall( -1, 221, "fcntl64", FileControl::fcntl64, args(FD, INT, HEX), partial("no leases, no signal-driven I/O, no seals, no EDEADLK"));
        syscall( 73, 143, "flock", FileControl::flock, args(FD, INT), full());
        syscall( 16,  54, "ioctl", FileControl::ioctl, args(FD, IOCTL, POINTER), partial("what each file knows"));
        syscall( 74, 118, "fsync", FileControl::fsync, args(FD), full());
        syscall( 75, 148, "fdatasync", FileControl::fdatasync, args(FD), full());
        syscall(162,  36, "sync", FileControl::sync, args(), full());
        syscall(306, 344, "syncfs", FileControl::syncfs, args(FD), full());
        syscall(277, 314, "sync_file_range", FileControl::syncFileRange, args(FD, OFFSET, OFFSET, HEX), partial("always the whole file"));
        syscall( 76,  92, "truncate", FileControl::truncate, args(PATH, OFFSET), full());
        syscall( -1, 193, "truncate64", FileControl::truncate64, args(PATH, OFFSET), full());
        syscall( 77,  93, "ftruncate", FileControl::ftruncate, args(FD, OFFSET), full());
        syscall( -1, 194, "ftruncate64", FileControl::ftruncate64, args(FD, OFFSET), full());
        syscall(285, 324, "fallocate", FileControl::fallocate, args(FD, HEX, OFFSET, OFFSET), partial("mode 0 only"));
        syscall(221, 250, "fadvise64", FileControl::fadvise64, args(FD, OFFSET, OFFSET, INT), partial("checked, not used"));
        syscall( -1, 272, "fadvise64_64", FileControl::fadvise64Long, args(FD, OFFSET, OFFSET, INT), partial("checked, not used"));
        syscall(187, 225, "readahead", FileControl::readahead, args(FD, OFFSET, SIZE), partial("checked, not used"));
        syscall( 22,  42, "pipe", Pipes::pipe, args(OUT_FDS), full());
        syscall(293, 331, "pipe2", Pipes::pipe2, args(OUT_FDS, OPEN_FLAGS), partial("O_DIRECT is ignored"));
        syscall(319, 356, "memfd_create", Pipes::memfdCreate, args(STRING, HEX), partial("no seals, no huge pages"));
    }

    // stat family, mkdir unlink rename link symlink readlink chmod chown utimens getdents chdir mount ...
    private void paths() {
        syscall(  4, 106, "stat", Stats::stat, args(PATH, POINTER), full());
        syscall(  6, 107, "lstat", Stats::lstat, args(PATH, POINTER), full());
        syscall(  5, 108, "fstat", Stats::fstat, args(FD, POINTER), full());
        syscall( -1, 195, "stat64", Stats::stat64, args(PATH, POINTER), full());
        syscall( -1, 196, "lstat64", Stats::lstat64, args(PATH, POINTER), full());
        syscall( -1, 197, "fstat64", Stats::fstat64, args(FD, POINTER), full());
        syscall(262,  -1, "newfstatat", Stats::fstatat, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall( -1, 300, "fstatat64", Stats::fstatat, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall(332, 383, "statx", Stats::statx, args(DIR_FD, PATH, HEX, HEX, POINTER), partial("no birth time"));
        syscall(137,  99, "statfs", Stats::statfs, args(PATH, POINTER), full());
        syscall(138, 100, "fstatfs", Stats::fstatfs, args(FD, POINTER), full());
        syscall( -1, 268, "statfs64", Stats::statfs64, args(PATH, SIZE, POINTER), full());
        syscall( -1, 269, "fstatfs64", Stats::fstatfs64, args(FD, SIZE, POINTER), full());
        syscall( 21,  33, "access", Stats::access, args(PATH, INT), full());
        syscall(269, 307, "faccessat", Stats::faccessat, args(DIR_FD, PATH, INT), full());
        syscall(439, 439, "faccessat2", Stats::faccessat2, args(DIR_FD, PATH, INT, HEX), full());
        syscall( 89,  85, "readlink", Paths::readlink, args(PATH, OUT_BUFFER, SIZE), full());
        syscall(267, 305, "readlinkat", Paths::readlinkat, args(DIR_FD, PATH, OUT_BUFFER, SIZE), full());
        syscall( 79, 183, "getcwd", Paths::getcwd, args(POINTER, SIZE), full());
        syscall( 80,  12, "chdir", Paths::chdir, args(PATH), full());
        syscall( 81, 133, "fchdir", Paths::fchdir, args(FD), full());
        syscall(161,  61, "chroot", Paths::chroot, args(PATH), full());
        syscall( 95,  60, "umask", Paths::umask, args(OCTAL), full());
        syscall( 83,  39, "mkdir", Paths::mkdir, args(PATH, MODE), full());
        syscall(258, 296, "mkdirat", Paths::mkdirat, args(DIR_FD, PATH, MODE), full());
        syscall( 84,  40, "rmdir", Paths::rmdir, args(PATH), full());
        syscall( 87,  10, "unlink", Paths::unlink, args(PATH), full());
        syscall(263, 301, "unlinkat", Paths::unlinkat, args(DIR_FD, PATH, HEX), full());
        syscall( 82,  38, "rename", Paths::rename, args(PATH, PATH), full());
        syscall(264, 302, "renameat", Paths::renameat, args(DIR_FD, PATH, DIR_FD, PATH), full());
        syscall(316, 353, "renameat2", Paths::renameat2, args(DIR_FD, PATH, DIR_FD, PATH, HEX), partial("RENAME_NOREPLACE only"));
        syscall( 86,   9, "link", Paths::link, args(PATH, PATH), full());
        syscall(265, 303, "linkat", Paths::linkat, args(DIR_FD, PATH, DIR_FD, PATH, HEX), full());
        syscall( 88,  83, "symlink", Paths::symlink, args(PATH, PATH), full());
        syscall(266, 304, "symlinkat", Paths::symlinkat, args(PATH, DIR_FD, PATH), full());
        syscall(133,  14, "mknod", Paths::mknod, args(PATH, MODE, HEX), full());
        syscall(259, 297, "mknodat", Paths::mknodat, args(DIR_FD, PATH, MODE, HEX), full());
        syscall( 90,  15, "chmod", Attributes::chmod, args(PATH, MODE), full());
        syscall( 91,  94, "fchmod", Attributes::fchmod, args(FD, MODE), full());
        syscall(268, 306, "fchmodat", Attributes::fchmodat, args(DIR_FD, PATH, MODE), full());
        syscall(452, 452, "fchmodat2", Attributes::fchmodat2, args(DIR_FD, PATH, MODE, HEX), full());
        syscall( 92, 212, "chown", Attributes::chown, args(PATH, INT, INT), full());
        syscall( 94, 198, "lchown", Attributes::lchown, args(PATH, INT, INT), full());
        syscall( 93, 207, "fchown", Attributes::fchown, args(FD, INT, INT), full());
        syscall( -1, 182, "chown16", Attributes::chown16, args(PATH, INT, INT), full());
        syscall( -1,  16, "lchown16", Attributes::lchown16, args(PATH, INT, INT), full());
        syscall( -1,  95, "fchown16", Attributes::fchown16, args(FD, INT, INT), full());
        syscall(260, 298, "fchownat", Attributes::fchownat, args(DIR_FD, PATH, INT, INT, HEX), full());
        syscall(132,  30, "utime", Attributes::utime, args(PATH, POINTER), full());
        syscall(235, 271, "utimes", Attributes::utimes, args(PATH, POINTER), full());
        syscall(261, 299, "futimesat", Attributes::futimesat, args(DIR_FD, PATH, POINTER), full());
        syscall(280, 320, "utimensat", Attributes::utimensat, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall( -1, 412, "utimensat_time64", Attributes::utimensat64, args(DIR_FD, PATH, POINTER, HEX), full());
        syscall(165,  21, "mount", Mounts::mount, args(PATH, PATH, STRING, HEX, POINTER), partial("one namespace, no recursive binds"));
        syscall( -1,  22, "umount", Mounts::umount, args(PATH), full());
        syscall(166,  52, "umount2", Mounts::umount2, args(PATH, HEX), partial("MNT_EXPIRE and MNT_FORCE mean nothing"));
        syscall(155, 217, "pivot_root", Mounts::pivotRoot, args(PATH, PATH), full());
        syscall(188, 226, "setxattr", Stats::pathXattr, args(PATH, STRING), partial("no file system has extended attributes"));
        syscall(189, 227, "lsetxattr", Stats::linkXattr, args(PATH, STRING), partial("no file system has extended attributes"));
        syscall(190, 228, "fsetxattr", Stats::fileXattr, args(FD, STRING), partial("no file system has extended attributes"));
        syscall(191, 229, "getxattr", Stats::pathXattr, args(PATH, STRING), partial("no file system has extended attributes"));
        syscall(192, 230, "lgetxattr", Stats::linkXattr, args(PATH, STRING), partial("no file system has extended attributes"));
        syscall(193, 231, "fgetxattr", Stats::fileXattr, args(FD, STRING), partial("no file system has extended attributes"));
        syscall(197, 235, "removexattr", Stats::pathXattr, args(PATH, STRING), partial("no file system has extended attributes"));
        syscall(198, 236, "lremovexattr", Stats::linkXattr, args(PATH, STRING), partial("no file system has extended attributes"));
        syscall(199, 237, "fremovexattr", Stats::fileXattr, args(FD, STRING), partial("no file system has extended attributes"));
        syscall(194, 232, "listxattr", Stats::listXattr, args(PATH, POINTER, SIZE), partial("no file system has extended attributes"));
        syscall(195, 233, "llistxattr", Stats::listLinkXattr, args(PATH, POINTER, SIZE), partial("no file system has extended attributes"));
        syscall(196, 234, "flistxattr", Stats::listFileXattr, args(FD, POINTER, SIZE), partial("no file system has extended attributes"));
    }

    // poll select epoll eventfd ...
    private void polling() {
        syscall(  7, 168, "poll", Polling::poll, args(POINTER, UINT, INT), full());
        syscall(271, 309, "ppoll", Polling::ppoll, args(POINTER, UINT, TIMESPEC, POINTER, SIZE), full());
        syscall( -1, 414, "ppoll_time64", Polling::ppollTime64, args(POINTER, UINT, TIMESPEC, POINTER, SIZE), full());
        syscall( 23, 142, "select", Polling::select, args(INT, POINTER, POINTER, POINTER, POINTER), full());
        syscall( -1,  82, "select", Polling::oldSelect, args(POINTER), full());
        syscall(270, 308, "pselect6", Polling::pselect6, args(INT, POINTER, POINTER, POINTER, TIMESPEC, POINTER), full());
        syscall( -1, 413, "pselect6_time64", Polling::pselect6Time64, args(INT, POINTER, POINTER, POINTER, TIMESPEC, POINTER), full());
        syscall(213, 254, "epoll_create", Epolls::create, args(INT), full());
        syscall(291, 329, "epoll_create1", Epolls::create1, args(OPEN_FLAGS), full());
        syscall(233, 255, "epoll_ctl", Epolls::ctl, args(FD, INT, FD, POINTER), partial("EPOLLEXCLUSIVE wakes all"));
        syscall(232, 256, "epoll_wait", Epolls::epollWait, args(FD, POINTER, INT, INT), full());
        syscall(281, 319, "epoll_pwait", Epolls::epollPwait, args(FD, POINTER, INT, INT, POINTER, SIZE), full());
        syscall(441, 441, "epoll_pwait2", Epolls::epollPwait2, args(FD, POINTER, INT, TIMESPEC, POINTER, SIZE), full());
        syscall(284, 323, "eventfd", Pipes::eventfd, args(UINT), full());
        syscall(290, 328, "eventfd2", Pipes::eventfd2, args(UINT, HEX), full());
    }

    // uname sysinfo getrandom getrlimit prlimit64 getrusage sethostname reboot syslog ...
    private void systemInfo() {
    }

    private void syscall(int amd64Number, int i386Number, String name, SyscallBody body, ArgKind[] arguments, String support) {
        Syscall row = new Syscall(amd64Number, i386Number, name, body, arguments, support);
        rows.add(row);
        if (amd64Number >= 0) {
            amd64[amd64Number] = row;
        }
        if (i386Number >= 0) {
            i386[i386Number] = row;
        }
    }

    private static ArgKind[] args(ArgKind... kinds) {
        return kinds;
    }

    private static String full() {
        return Syscall.FULL;
    }

    private static String partial(String whatIsMissing) {
        return whatIsMissing;
    }
}
