// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.exec;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.fs.Inode;
import kmos.kernel.mm.PageCache;

/** The headers of an ELF file (System V gABI chapters 4 and 5), of class 32 for i386 or 64 for amd64. */
final class ElfImage {
    static final int ET_EXEC = 2, ET_DYN = 3, EM_386 = 3, EM_X86_64 = 62;
    static final int PT_LOAD = 1, PT_INTERP = 3, PT_PHDR = 6, PT_GNU_STACK = 0x6474E551;
    static final int PF_X = 1, PF_W = 2, PF_R = 4;

    /** One program header. */
    record Segment(int type, int flags, long offset, long address, long fileSize, long memorySize, long alignment) { }

    final boolean is64Bit;
    final int type;
    final long entry;
    final long headersAt;
    final int headerSize;
    final Segment[] segments;

    private ElfImage(boolean is64Bit, int type, long entry, long headersAt, int headerSize, Segment[] segments) {
        this.is64Bit = is64Bit;
        this.type = type;
        this.entry = entry;
        this.headersAt = headersAt;
        this.headerSize = headerSize;
        this.segments = segments;
    }

    static boolean isElf(byte[] head, int length) {
        return length >= 4 && head[0] == 0x7F && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    }

    /** Reads and checks the headers; badErrno (ENOEXEC for a program, ELIBBAD for an interpreter) when they are not acceptable. */
    static ElfImage read(PageCache cache, Inode file, int badErrno) {
        byte[] h = new byte[64];
        int length = cache.read(file, 0, h, 0, h.length);
        if (!isElf(h, length) || length < 52) {
            throw new ErrnoException(badErrno);
        }
        int machine = LittleEndian.get16(h, 18);
        boolean is64 = machine == EM_X86_64;
        int type = LittleEndian.get16(h, 16);
        if (!is64 && machine != EM_386 || h[4] != (is64 ? 2 : 1) || h[5] != 1 || type != ET_EXEC && type != ET_DYN || is64 && length < 64) {
            throw new ErrnoException(badErrno);
        }
        long phoff = is64 ? LittleEndian.get64(h, 32) : LittleEndian.getUnsigned32(h, 28);
        int entrySize = LittleEndian.get16(h, is64 ? 54 : 42);
        int count = LittleEndian.get16(h, is64 ? 56 : 44);
        int size = is64 ? 56 : 32;
        if (entrySize != size || count == 0 || count * size > 65536 || phoff < 0) {
            throw new ErrnoException(badErrno);
        }
        byte[] table = new byte[count * size];
        if (cache.read(file, phoff, table, 0, table.length) != table.length) {
            throw new ErrnoException(badErrno);
        }
        Segment[] segments = new Segment[count];
        for (int i = 0; i < count; i++) {
            segments[i] = is64 ? segment64(table, i * size) : segment32(table, i * size);
        }
        long entry = is64 ? LittleEndian.get64(h, 24) : LittleEndian.getUnsigned32(h, 24);
        return new ElfImage(is64, type, entry, phoff, size, segments);
    }

    private static Segment segment64(byte[] t, int at) {
        return new Segment(LittleEndian.get32(t, at), LittleEndian.get32(t, at + 4), LittleEndian.get64(t, at + 8), LittleEndian.get64(t, at + 16),
            LittleEndian.get64(t, at + 32), LittleEndian.get64(t, at + 40), LittleEndian.get64(t, at + 48));
    }

    private static Segment segment32(byte[] t, int at) {
        return new Segment(LittleEndian.get32(t, at), LittleEndian.get32(t, at + 24), LittleEndian.getUnsigned32(t, at + 4),
            LittleEndian.getUnsigned32(t, at + 8), LittleEndian.getUnsigned32(t, at + 16), LittleEndian.getUnsigned32(t, at + 20),
            LittleEndian.getUnsigned32(t, at + 28));
    }

    /** The path in PT_INTERP, or null. ENOEXEC. */
    String interpreter(PageCache cache, Inode file) {
        for (Segment s : segments) {
            if (s.type == PT_INTERP) {
                if (s.fileSize > 4096 || s.fileSize < 2 || s.offset < 0) {
                    throw new ErrnoException(Errno.ENOEXEC);
                }
                byte[] text = new byte[(int) s.fileSize];
                if (cache.read(file, s.offset, text, 0, text.length) != text.length) {
                    throw new ErrnoException(Errno.EIO);
                }
                if (text[text.length - 1] != 0) {
                    throw new ErrnoException(Errno.ENOEXEC);
                }
                StringBuilder path = new StringBuilder();
                for (int i = 0; text[i] != 0; i++) {
                    path.append((char) (text[i] & 0xFF));
                }
                return path.toString();
            }
        }
        return null;
    }

    /** Flags of PT_GNU_STACK, or -1 when there is none. */
    int stackFlags() {
        for (Segment s : segments) {
            if (s.type == PT_GNU_STACK) {
                return s.flags;
            }
        }
        return -1;
    }

    /** Where the program headers are in memory, before the load bias; 0 when no segment holds them. */
    long headersAddress() {
        for (Segment s : segments) {
            if (s.type == PT_LOAD && s.offset <= headersAt && headersAt < s.offset + s.fileSize) {
                return headersAt - s.offset + s.address;
            }
        }
        return 0;
    }

    /** First page address of all loadable segments and the address behind the last; null when there is none. */
    long[] extent() {
        long low = Long.MAX_VALUE;
        long high = 0;
        for (Segment s : segments) {
            if (s.type == PT_LOAD) {
                low = Math.min(low, s.address & ~0xFFFL);
                high = Math.max(high, s.address + s.memorySize);
            }
        }
        return low == Long.MAX_VALUE ? null : new long[] {low, high};
    }

    /** Largest alignment that a segment asks for, at least a page. */
    long alignment() {
        long most = 4096;
        for (Segment s : segments) {
            if (s.type == PT_LOAD && (s.alignment & s.alignment - 1) == 0) {
                most = Math.max(most, s.alignment);
            }
        }
        return most;
    }
}
