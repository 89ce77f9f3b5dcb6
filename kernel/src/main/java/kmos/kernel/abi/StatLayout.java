// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

import static kmos.base.LittleEndian.put16;
import static kmos.base.LittleEndian.put32;
import static kmos.base.LittleEndian.put64;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.fs.FileSystem;
import kmos.fs.Inode;

/** struct stat of both ABIs, struct statx and struct statfs, from an inode. Sources: asm/stat.h, linux/stat.h, asm/statfs.h. */
public final class StatLayout {
    private StatLayout() { }

    static final int BLOCK_SIZE = 4096;
    private static final long SECOND = 1_000_000_000L;
    /** STATX_BASIC_STATS: all but the birth time. */
    public static final int STATX_BASIC_STATS = 0x7FF, STATX_MNT_ID = 0x1000, STATX__RESERVED = 1 << 31;

    /** amd64 struct stat, 144 bytes: dev 0, ino 8, nlink 16, mode 24, uid 28, gid 32, rdev 40, size 48, blksize 56, blocks 64, times 72. */
    public static byte[] stat64Bit(Inode inode) {
        byte[] b = new byte[144];
        put64(b, 0, inode.fileSystem().device() & 0xFFFFFFFFL);
        put64(b, 8, inode.number());
        put64(b, 16, inode.links());
        put32(b, 24, inode.mode());
        put32(b, 28, inode.uid());
        put32(b, 32, inode.gid());
        put64(b, 40, inode.deviceNumber() & 0xFFFFFFFFL);
        put64(b, 48, inode.size());
        put64(b, 56, BLOCK_SIZE);
        put64(b, 64, inode.blocks());
        long[] times = {inode.accessTimeNs(), inode.modifyTimeNs(), inode.changeTimeNs()};
        for (int i = 0; i < 3; i++) {
            put64(b, 72 + 16 * i, Math.floorDiv(times[i], SECOND));
            put64(b, 80 + 16 * i, Math.floorMod(times[i], SECOND));
        }
        return b;
    }

    /** i386 struct stat64, 96 bytes: dev 0, ino(32) 12, mode 16, nlink 20, uid 24, gid 28, rdev 32, size 44, blksize 52, blocks 56, times 64, ino 88. */
    public static byte[] stat64(Inode inode) {
        byte[] b = new byte[96];
        put64(b, 0, inode.fileSystem().device() & 0xFFFFFFFFL);
        put32(b, 12, (int) inode.number());
        put32(b, 16, inode.mode());
        put32(b, 20, inode.links());
        put32(b, 24, inode.uid());
        put32(b, 28, inode.gid());
        put64(b, 32, inode.deviceNumber() & 0xFFFFFFFFL);
        put64(b, 44, inode.size());
        put32(b, 52, BLOCK_SIZE);
        put64(b, 56, inode.blocks());
        times32(b, 64, inode);
        put64(b, 88, inode.number());
        return b;
    }

    /** i386 struct stat (stat, lstat, fstat: 106-108), 64 bytes. EOVERFLOW when a field does not fit. */
    public static byte[] stat32(Inode inode) {
        if (inode.size() > Integer.MAX_VALUE || inode.number() >>> 32 != 0) {
            throw new ErrnoException(Errno.EOVERFLOW);
        }
        byte[] b = new byte[64];
        put32(b, 0, inode.fileSystem().device());
        put32(b, 4, (int) inode.number());
        put16(b, 8, inode.mode());
        put16(b, 10, inode.links());
        put16(b, 12, id16(inode.uid()));
        put16(b, 14, id16(inode.gid()));
        put32(b, 16, inode.deviceNumber());
        put32(b, 20, (int) inode.size());
        put32(b, 24, BLOCK_SIZE);
        put32(b, 28, (int) inode.blocks());
        times32(b, 32, inode);
        return b;
    }

    /** struct statx, 256 bytes, both ABIs. */
    public static byte[] statx(Inode inode, int mountId) {
        byte[] b = new byte[256];
        put32(b, 0, STATX_BASIC_STATS | STATX_MNT_ID);
        put32(b, 4, BLOCK_SIZE);
        put32(b, 16, inode.links());
        put32(b, 20, inode.uid());
        put32(b, 24, inode.gid());
        put16(b, 28, inode.mode());
        put64(b, 32, inode.number());
        put64(b, 40, inode.size());
        put64(b, 48, inode.blocks());
        statxTime(b, 64, inode.accessTimeNs());
        statxTime(b, 96, inode.changeTimeNs());
        statxTime(b, 112, inode.modifyTimeNs());
        put32(b, 128, DeviceNumbers.major(inode.deviceNumber()));
        put32(b, 132, DeviceNumbers.minor(inode.deviceNumber()));
        put32(b, 136, DeviceNumbers.major(inode.fileSystem().device()));
        put32(b, 140, DeviceNumbers.minor(inode.fileSystem().device()));
        put64(b, 144, mountId);
        return b;
    }

    /** amd64 struct statfs, 120 bytes: eight-byte fields type bsize blocks bfree bavail files ffree, fsid 56, namelen 64, frsize 72, flags 80. */
    public static byte[] statfs64Bit(FileSystem.Statistics f, int device, int flags) {
        byte[] b = new byte[120];
        put64(b, 0, f.magic() & 0xFFFFFFFFL);
        put64(b, 8, f.blockSize());
        put64(b, 16, f.blocks());
        put64(b, 24, f.freeBlocks());
        put64(b, 32, f.availableBlocks());
        put64(b, 40, f.inodes());
        put64(b, 48, f.freeInodes());
        put32(b, 56, device);
        put64(b, 64, f.nameLength());
        put64(b, 72, f.blockSize());
        put64(b, 80, flags);
        return b;
    }

    /** i386 struct statfs64, 84 bytes, packed: counts are 64 bits from offset 8. */
    public static byte[] statfs64(FileSystem.Statistics f, int device, int flags) {
        byte[] b = new byte[84];
        put32(b, 0, f.magic());
        put32(b, 4, f.blockSize());
        put64(b, 8, f.blocks());
        put64(b, 16, f.freeBlocks());
        put64(b, 24, f.availableBlocks());
        put64(b, 32, f.inodes());
        put64(b, 40, f.freeInodes());
        put32(b, 48, device);
        put32(b, 56, f.nameLength());
        put32(b, 60, f.blockSize());
        put32(b, 64, flags);
        return b;
    }

    /** i386 struct statfs, 64 bytes. EOVERFLOW when a count does not fit. */
    public static byte[] statfs32(FileSystem.Statistics f, int device, int flags) {
        if ((f.blocks() | f.freeBlocks() | f.availableBlocks() | f.inodes() | f.freeInodes()) >>> 32 != 0) {
            throw new ErrnoException(Errno.EOVERFLOW);
        }
        byte[] b = new byte[64];
        put32(b, 0, f.magic());
        put32(b, 4, f.blockSize());
        put32(b, 8, (int) f.blocks());
        put32(b, 12, (int) f.freeBlocks());
        put32(b, 16, (int) f.availableBlocks());
        put32(b, 20, (int) f.inodes());
        put32(b, 24, (int) f.freeInodes());
        put32(b, 28, device);
        put32(b, 36, f.nameLength());
        put32(b, 40, f.blockSize());
        put32(b, 44, flags);
        return b;
    }

    /** high2lowuid: what does not fit in 16 bits shows as the overflow id. */
    public static int id16(int id) {
        return (id & ~0xFFFF) != 0 ? 65534 : id;
    }

    private static void times32(byte[] b, int at, Inode inode) {
        long[] times = {inode.accessTimeNs(), inode.modifyTimeNs(), inode.changeTimeNs()};
        for (int i = 0; i < 3; i++) {
            put32(b, at + 8 * i, (int) Math.floorDiv(times[i], SECOND));
            put32(b, at + 8 * i + 4, (int) Math.floorMod(times[i], SECOND));
        }
    }

    private static void statxTime(byte[] b, int at, long ns) {
        put64(b, at, Math.floorDiv(ns, SECOND));
        put32(b, at + 8, (int) Math.floorMod(ns, SECOND));
    }
}
