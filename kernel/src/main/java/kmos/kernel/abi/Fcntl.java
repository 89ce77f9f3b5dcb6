// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** <fcntl.h>, <unistd.h>, <sys/file.h>: open flags, fcntl commands, AT_ flags; the same numbers for i386 and amd64. */
public final class Fcntl {
    private Fcntl() { }

    public static final int O_ACCMODE = 3, O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2;
    public static final int O_CREAT = 0100, O_EXCL = 0200, O_NOCTTY = 0400, O_TRUNC = 01000, O_APPEND = 02000, O_NONBLOCK = 04000;
    public static final int O_DSYNC = 010000, O_ASYNC = 020000, O_DIRECT = 040000, O_LARGEFILE = 0100000, O_DIRECTORY = 0200000;
    public static final int O_NOFOLLOW = 0400000, O_NOATIME = 01000000, O_CLOEXEC = 02000000, O_SYNC = 04010000, O_PATH = 010000000;
    public static final int O_TMPFILE = 020200000;

    public static final int F_DUPFD = 0, F_GETFD = 1, F_SETFD = 2, F_GETFL = 3, F_SETFL = 4, F_GETLK = 5, F_SETLK = 6, F_SETLKW = 7;
    public static final int F_SETOWN = 8, F_GETOWN = 9, F_SETSIG = 10, F_GETSIG = 11, F_GETLK64 = 12, F_SETLK64 = 13, F_SETLKW64 = 14;
    public static final int F_OFD_GETLK = 36, F_OFD_SETLK = 37, F_OFD_SETLKW = 38;
    public static final int F_SETLEASE = 1024, F_GETLEASE = 1025, F_NOTIFY = 1026, F_DUPFD_CLOEXEC = 1030;
    public static final int F_SETPIPE_SZ = 1031, F_GETPIPE_SZ = 1032, F_ADD_SEALS = 1033, F_GET_SEALS = 1034;
    public static final int FD_CLOEXEC = 1;
    public static final int F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2;
    public static final int LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8;

    public static final int SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4;
    public static final int R_OK = 4, W_OK = 2, X_OK = 1, F_OK = 0;

    public static final int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, AT_REMOVEDIR = 0x200, AT_EACCESS = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400, AT_NO_AUTOMOUNT = 0x800, AT_EMPTY_PATH = 0x1000, AT_STATX_SYNC_TYPE = 0x6000;
    public static final int RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2, RENAME_WHITEOUT = 4;
    public static final int UTIME_NOW = 0x3FFFFFFF, UTIME_OMIT = 0x3FFFFFFE;

    public static final int PATH_MAX = 4096, NAME_MAX = 255, SYMLINK_MAX = 40, LINK_MAX = 65000, PIPE_BUF = 4096;
    public static final int UIO_MAXIOV = 1024;
    /** MAX_RW_COUNT: the most that one read or write moves. */
    public static final int MAX_RW_COUNT = 0x7FFFF000;

    public static final int S_ISUID = 04000, S_ISGID = 02000, S_ISVTX = 01000;
}
