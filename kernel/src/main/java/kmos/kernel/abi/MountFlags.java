// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

/** <sys/mount.h> flags, <sys/statfs.h> ST_ flags and <linux/magic.h> numbers. */
public final class MountFlags {
    private MountFlags() { }

    public static final int MS_RDONLY = 1, MS_NOSUID = 2, MS_NODEV = 4, MS_NOEXEC = 8, MS_SYNCHRONOUS = 16, MS_REMOUNT = 32, MS_MANDLOCK = 64;
    public static final int MS_DIRSYNC = 128, MS_NOATIME = 1024, MS_NODIRATIME = 2048, MS_BIND = 4096, MS_MOVE = 8192, MS_REC = 16384, MS_SILENT = 32768;
    public static final int MS_UNBINDABLE = 1 << 17, MS_PRIVATE = 1 << 18, MS_SLAVE = 1 << 19, MS_SHARED = 1 << 20, MS_RELATIME = 1 << 21;
    public static final int MS_STRICTATIME = 1 << 24, MS_MGC_VAL = 0xC0ED0000, MS_MGC_MSK = 0xFFFF0000;
    public static final int MNT_FORCE = 1, MNT_DETACH = 2, MNT_EXPIRE = 4, UMOUNT_NOFOLLOW = 8;
    public static final int ST_VALID = 0x20, ST_RELATIME = 4096;

    public static final int TMPFS_MAGIC = 0x01021994, PROC_SUPER_MAGIC = 0x9FA0, DEVPTS_SUPER_MAGIC = 0x1CD1, SYSFS_MAGIC = 0x62656572;
    public static final int PIPEFS_MAGIC = 0x50495045, ANON_INODE_FS_MAGIC = 0x09041934, EXT2_SUPER_MAGIC = 0xEF53, RAMFS_MAGIC = 0x858458F6;
}
