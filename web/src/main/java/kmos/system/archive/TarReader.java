// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

/** tar: ustar (POSIX.1), with pax headers (path, linkpath, size, uid, gid) and GNU long names. */
final class TarReader {
    private static final int BLOCK = 512;
    private static final int NAME = 0, MODE = 100, UID = 108, GID = 116, SIZE = 124, CHECKSUM = 148, TYPE = 156, LINK = 157, MAGIC = 257, PREFIX = 345;
    private static final int S_IFREG = 0100000, S_IFDIR = 0040000, S_IFLNK = 0120000, S_IFCHR = 0020000, S_IFBLK = 0060000, S_IFIFO = 0010000;

    private final Archive archive;
    private final byte[] bytes;
    private int at;
    // What special entries say of the next real one; null: nothing.
    private String path;
    private String linkPath;
    private String paxSize;
    private String paxUid;
    private String paxGid;

    TarReader(Archive archive) {
        this.archive = archive;
        bytes = archive.bytes;
    }

    /** Whether the first block is a header with a right checksum. */
    static boolean isTar(byte[] b) {
        return b.length >= BLOCK && !isZero(b, 0) && checksum(b, 0) == octalOrBad(b, CHECKSUM, 8);
    }

    void read() {
        for (;;) {
            archive.require(at, BLOCK);
            if (isZero(bytes, at)) {
                return;
            }
            if (checksum(bytes, at) != octal(at + CHECKSUM, 8)) {
                throw new ArchiveException("the archive is damaged: wrong checksum of the tar header at byte " + at);
            }
            entry(at);
        }
    }

    private void entry(int header) {
        int type = bytes[header + TYPE];
        boolean isSpecial = type == 'x' || type == 'g' || type == 'L' || type == 'K';
        long size = !isSpecial && paxSize != null ? decimal(paxSize) : octal(header + SIZE, 12);
        boolean hasData = isSpecial || type == 0 || type == '0' || type == '7';
        if (!hasData) {
            size = 0;
        }
        int data = header + BLOCK;
        archive.require(data, size);
        int length = (int) size;
        switch (type) {
            case 'x': pax(data, length); break;
            case 'g': break;
            case 'L': path = until0(data, length); break;
            case 'K': linkPath = until0(data, length); break;
            default:
                add(header, type, data, length);
                path = null;
                linkPath = null;
                paxSize = null;
                paxUid = null;
                paxGid = null;
                break;
        }
        archive.require(data, ((long) length + BLOCK - 1) / BLOCK * BLOCK);
        at = data + (length + BLOCK - 1) / BLOCK * BLOCK;
    }

    private void add(int header, int type, int data, int length) {
        String name = path != null ? path : name(header);
        String link = linkPath != null ? linkPath : until0(header + LINK, 100);
        int mode = (int) octal(header + MODE, 8) & 07777;
        int uid = (int) (paxUid != null ? decimal(paxUid) : octal(header + UID, 8));
        int gid = (int) (paxGid != null ? decimal(paxGid) : octal(header + GID, 8));
        String clean = ArchiveEntry.path(name);
        int kind;
        String target = null;
        switch (type) {
            case 0: case '0': case '7': kind = name.endsWith("/") ? S_IFDIR : S_IFREG; break;
            case '1': kind = S_IFREG; target = ArchiveEntry.path(link); break;
            case '2': kind = S_IFLNK; target = link; break;
            case '3': kind = S_IFCHR; break;
            case '4': kind = S_IFBLK; break;
            case '5': kind = S_IFDIR; break;
            case '6': kind = S_IFIFO; break;
            default: throw new ArchiveException("the archive has an entry of a kind that is not known here ('" + (char) type + "'): " + name);
        }
        archive.entries.add(new ArchiveEntry(clean, kind | mode, uid, gid, target, data, length));
    }

    private String name(int header) {
        String name = until0(header + NAME, 100);
        boolean isUstar = archive.latin1(header + MAGIC, 6).equals("ustar\0");
        String prefix = isUstar ? until0(header + PREFIX, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    /** Records "LENGTH KEY=VALUE\n", LENGTH being that of the whole record. */
    private void pax(int from, int length) {
        int end = from + length;
        for (int p = from; p < end;) {
            int space = p;
            int size = 0;
            while (space < end && bytes[space] >= '0' && bytes[space] <= '9' && size < 1 << 24) {
                size = size * 10 + bytes[space++] - '0';
            }
            if (space == p || space >= end || bytes[space] != ' ' || size < space - p + 2 || size > end - p || bytes[p + size - 1] != '\n') {
                throw new ArchiveException("the archive is damaged: a wrong pax record at byte " + p);
            }
            String record = archive.latin1(space + 1, p + size - 1 - space - 1);
            int equals = record.indexOf('=');
            String key = equals < 0 ? record : record.substring(0, equals);
            String value = record.substring(equals + 1);
            switch (key) {
                case "path": path = value; break;
                case "linkpath": linkPath = value; break;
                case "size": paxSize = value; break;
                case "uid": paxUid = value; break;
                case "gid": paxGid = value; break;
                default: break; // times and the like
            }
            p += size;
        }
    }

    private String until0(int offset, int limit) {
        int n = 0;
        while (n < limit && bytes[offset + n] != 0) {
            n++;
        }
        return archive.latin1(offset, n);
    }

    private static long decimal(String text) {
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9' || value > 1L << 40) {
                throw new ArchiveException("the archive is damaged: \"" + text + "\" is no number");
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    private long octal(int offset, int length) {
        long value = octalOrBad(bytes, offset, length);
        if (value < 0) {
            throw new ArchiveException("the archive is damaged: no number in the tar header, byte " + offset);
        }
        return value;
    }

    /** Octal digits between blanks or NULs; or, with the top bit set, base 256 (GNU). -1: neither. */
    private static long octalOrBad(byte[] b, int offset, int length) {
        long value = 0;
        if ((b[offset] & 0x80) != 0) {
            for (int i = 0; i < length; i++) {
                value = value << 8 | (i == 0 ? b[offset] & 0x3F : b[offset + i] & 0xFF);
                if (value < 0 || value > 1L << 48) {
                    return -1;
                }
            }
            return value;
        }
        int i = 0;
        while (i < length && b[offset + i] == ' ') {
            i++;
        }
        for (; i < length && b[offset + i] != 0 && b[offset + i] != ' '; i++) {
            int digit = b[offset + i] - '0';
            if (digit < 0 || digit > 7) {
                return -1;
            }
            value = value << 3 | digit;
        }
        return value;
    }

    /** Sum of the header's bytes, the checksum itself counted as blanks. */
    private static long checksum(byte[] b, int header) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : b[header + i] & 0xFF;
        }
        return sum;
    }

    private static boolean isZero(byte[] b, int offset) {
        for (int i = 0; i < BLOCK; i++) {
            if (b[offset + i] != 0) {
                return false;
            }
        }
        return true;
    }
}
