// SPDX-License-Identifier: Apache-2.0
package kmos.fs.ext;

import kmos.base.LittleEndian;

/**
 * The inode on the disk, 128 bytes or more.
 *
 * <pre>
 *   0 i_mode    2 i_uid (low 16)   4 i_size (low 32)   8 i_atime   12 i_ctime   16 i_mtime   20 i_dtime
 *  24 i_gid (low 16)   26 i_links_count   28 i_blocks (512 bytes each)   32 i_flags   40 i_block[15]
 * 100 i_generation    104 i_file_acl     108 i_size (high 32, regular files)   120 uid (high 16)   122 gid (high 16)
 * 128 i_extra_isize   132 ctime, 136 mtime, 140 atime extra: nanoseconds << 2 | bits 32, 33 of the seconds
 * 144 i_crtime        148 its extra
 * </pre>
 */
final class ExtInodeFields {
    static final int ATIME = 8, CTIME = 12, MTIME = 16;
    static final int BLOCK = 40;
    /** EXTENTS, INLINE_DATA, ENCRYPT, EA_INODE: features that we refuse at mount, so nobody may have them. */
    static final int UNSUPPORTED_FLAGS = 0x80000 | 0x10000000 | 0x800 | 0x200000;
    private static final int DTIME = 20, FLAGS = 32, FILE_ACL = 104, SIZE_HIGH = 108, EXTRA_SIZE = 128, CRTIME = 144;
    private static final long NS = 1_000_000_000L;

    private ExtInodeFields() { }

    static void initialise(byte[] raw, int mode, int uid, int gid, long nowNs) {
        setMode(raw, mode);
        setOwner(raw, uid, gid);
        setLinks(raw, 1);
        if (raw.length >= 256) {
            LittleEndian.put16(raw, EXTRA_SIZE, 32);
            LittleEndian.put32(raw, CRTIME, (int) Math.floorDiv(nowNs, NS));
            LittleEndian.put32(raw, CRTIME + 4, extra(nowNs));
        }
        setTime(raw, ATIME, nowNs);
        setTime(raw, CTIME, nowNs);
        setTime(raw, MTIME, nowNs);
    }

    static int mode(byte[] raw) {
        return LittleEndian.get16(raw, 0);
    }

    static void setMode(byte[] raw, int mode) {
        LittleEndian.put16(raw, 0, mode);
    }

    static int uid(byte[] raw) {
        return LittleEndian.get16(raw, 2) | LittleEndian.get16(raw, 120) << 16;
    }

    static int gid(byte[] raw) {
        return LittleEndian.get16(raw, 24) | LittleEndian.get16(raw, 122) << 16;
    }

    static void setOwner(byte[] raw, int uid, int gid) {
        LittleEndian.put16(raw, 2, uid);
        LittleEndian.put16(raw, 120, uid >>> 16);
        LittleEndian.put16(raw, 24, gid);
        LittleEndian.put16(raw, 122, gid >>> 16);
    }

    static int links(byte[] raw) {
        return LittleEndian.get16(raw, 26);
    }

    static void setLinks(byte[] raw, int links) {
        LittleEndian.put16(raw, 26, links);
    }

    static long size(byte[] raw) {
        long high = (mode(raw) & 0170000) == 0100000 ? LittleEndian.getUnsigned32(raw, SIZE_HIGH) : 0;
        return high << 32 | LittleEndian.getUnsigned32(raw, 4);
    }

    static void setSize(byte[] raw, long size) {
        LittleEndian.put32(raw, 4, (int) size);
        if ((mode(raw) & 0170000) == 0100000) {
            LittleEndian.put32(raw, SIZE_HIGH, (int) (size >>> 32));
        }
    }

    static long sectors(byte[] raw) {
        return LittleEndian.getUnsigned32(raw, 28);
    }

    static void setSectors(byte[] raw, long sectors) {
        LittleEndian.put32(raw, 28, (int) sectors);
    }

    static int flags(byte[] raw) {
        return LittleEndian.get32(raw, FLAGS);
    }

    static void setFlags(byte[] raw, int flags) {
        LittleEndian.put32(raw, FLAGS, flags);
    }

    static long slot(byte[] raw, int i) {
        return LittleEndian.getUnsigned32(raw, BLOCK + i * 4);
    }

    static void setSlot(byte[] raw, int i, long block) {
        LittleEndian.put32(raw, BLOCK + i * 4, (int) block);
    }

    static int deletionTime(byte[] raw) {
        return LittleEndian.get32(raw, DTIME);
    }

    static void setDeletionTime(byte[] raw, int seconds) {
        LittleEndian.put32(raw, DTIME, seconds);
    }

    static long attributeBlock(byte[] raw) {
        return LittleEndian.getUnsigned32(raw, FILE_ACL);
    }

    static void setAttributeBlock(byte[] raw, long block) {
        LittleEndian.put32(raw, FILE_ACL, (int) block);
    }

    /** Old form in slot 0 (8 bits each), new form in slot 1 (12 bits major, 20 bits minor), as Linux keeps them. */
    static int deviceNumber(byte[] raw) {
        int old = (int) slot(raw, 0);
        return old != 0 ? old & 0xFFFF : (int) slot(raw, 1);
    }

    static void setDeviceNumber(byte[] raw, int device) {
        int major = device >>> 8 & 0xFFF;
        boolean isOld = major < 256 && device >>> 20 == 0;
        setSlot(raw, isOld ? 0 : 1, device & 0xFFFFFFFFL);
    }

    static int seconds(byte[] raw, int at) {
        return LittleEndian.get32(raw, at);
    }

    static long time(byte[] raw, int at) {
        long seconds = LittleEndian.get32(raw, at);
        int extraAt = extraOffset(raw, at);
        if (extraAt == 0) {
            return seconds * NS;
        }
        int extra = LittleEndian.get32(raw, extraAt);
        int ns = extra >>> 2;
        return (seconds + ((long) (extra & 3) << 32)) * NS + (ns < NS ? ns : 0);
    }

    static void setTime(byte[] raw, int at, long ns) {
        LittleEndian.put32(raw, at, (int) Math.floorDiv(ns, NS));
        int extraAt = extraOffset(raw, at);
        if (extraAt != 0) {
            LittleEndian.put32(raw, extraAt, extra(ns));
        }
    }

    private static int extra(long ns) {
        long seconds = Math.floorDiv(ns, NS);
        return (int) (Math.floorMod(ns, NS) << 2 | seconds - (int) seconds >>> 32 & 3);
    }

    /** Where the nanoseconds of a time are, 0 when the inode is too short for them. */
    private static int extraOffset(byte[] raw, int at) {
        if (raw.length < 256 || LittleEndian.get16(raw, EXTRA_SIZE) < 16) {
            return 0;
        }
        return at == CTIME ? 132 : at == MTIME ? 136 : 140;
    }
}
