// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

import java.util.ArrayList;
import java.util.List;

/** cpio in the format newc (magic 070701, or 070702 with a checksum that is not looked at), as an initramfs is. */
final class CpioReader {
    private static final int HEADER = 110;
    private static final int S_IFMT = 0170000, S_IFREG = 0100000, S_IFLNK = 0120000;
    private static final int INO = 0, MODE = 1, UID = 2, GID = 3, NLINK = 4, SIZE = 6, MAJOR = 7, MINOR = 8, NAME_SIZE = 11;
    private static final int LONGEST_NAME = 4096;

    /** A file with more than one name: where its first entry is. Its content may come with any of the names. */
    private record Linked(int ino, int major, int minor, int entry) { }

    private final Archive archive;
    private final byte[] bytes;
    private final List<Linked> linked = new ArrayList<>();
    private int at;

    CpioReader(Archive archive) {
        this.archive = archive;
        bytes = archive.bytes;
    }

    static boolean isCpio(byte[] b) {
        return b.length >= 6 && b[0] == '0' && b[1] == '7' && b[2] == '0' && b[3] == '7' && b[4] == '0' && (b[5] == '1' || b[5] == '2');
    }

    void read() {
        for (;;) {
            archive.require(at, HEADER);
            if (!isCpio(java.util.Arrays.copyOfRange(bytes, at, at + 6))) {
                throw new ArchiveException("the archive is damaged: no cpio header at byte " + at);
            }
            int header = at;
            long nameSize = field(header, NAME_SIZE);
            if (nameSize < 1 || nameSize > LONGEST_NAME) {
                throw new ArchiveException("the archive is damaged: a name of " + nameSize + " bytes at byte " + at);
            }
            archive.require(header + HEADER, nameSize);
            String name = archive.latin1(header + HEADER, (int) nameSize - 1);
            int data = header + align(HEADER + (int) nameSize);
            if (name.equals("TRAILER!!!")) {
                return;
            }
            long size = field(header, SIZE);
            archive.require(data, size);
            add(header, name, data, (int) size);
            at = data + align((int) size);
        }
    }

    private void add(int header, String name, int data, int size) {
        String path = ArchiveEntry.path(name);
        int mode = (int) field(header, MODE);
        int uid = (int) field(header, UID);
        int gid = (int) field(header, GID);
        int type = mode & S_IFMT;
        if (type == S_IFLNK) {
            archive.entries.add(new ArchiveEntry(path, mode, uid, gid, archive.latin1(data, size), 0, 0));
            return;
        }
        if (type == S_IFREG && field(header, NLINK) > 1) {
            int first = firstName(header);
            if (first >= 0) {
                ArchiveEntry e = archive.entries.get(first);
                if (size > 0) {
                    archive.entries.set(first, new ArchiveEntry(e.path(), e.mode(), e.uid(), e.gid(), null, data, size));
                }
                archive.entries.add(new ArchiveEntry(path, mode, uid, gid, e.path(), 0, 0));
                return;
            }
        }
        archive.entries.add(new ArchiveEntry(path, mode, uid, gid, null, data, size));
    }

    private int firstName(int header) {
        int ino = (int) field(header, INO);
        int major = (int) field(header, MAJOR);
        int minor = (int) field(header, MINOR);
        for (Linked l : linked) {
            if (l.ino == ino && l.major == major && l.minor == minor) {
                return l.entry;
            }
        }
        linked.add(new Linked(ino, major, minor, archive.entries.size()));
        return -1;
    }

    private long field(int header, int index) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            int digit = Character.digit((char) (bytes[header + 6 + index * 8 + i] & 0xFF), 16);
            if (digit < 0) {
                throw new ArchiveException("the archive is damaged: no number in the cpio header at byte " + header);
            }
            value = value << 4 | digit;
        }
        return value;
    }

    private static int align(int n) {
        return n + 3 & ~3;
    }
}
