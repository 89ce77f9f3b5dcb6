// SPDX-License-Identifier: Apache-2.0
package kmos.system.archive;

import java.util.ArrayList;
import java.util.List;

/** The entries of a cpio or tar archive in its bytes. Reading it checks all of it. */
public final class Archive {
    final byte[] bytes;
    final List<ArchiveEntry> entries = new ArrayList<>();

    private Archive(byte[] bytes) {
        this.bytes = bytes;
    }

    /** ArchiveException: neither cpio (newc) nor tar, truncated, damaged, or with paths that lead out of it. */
    public static Archive read(byte[] bytes) {
        Archive archive = new Archive(bytes);
        if (CpioReader.isCpio(bytes)) {
            new CpioReader(archive).read();
        } else if (TarReader.isTar(bytes)) {
            new TarReader(archive).read();
        } else {
            throw new ArchiveException("the archive is neither cpio (newc) nor tar");
        }
        return archive;
    }

    public byte[] bytes() {
        return bytes;
    }

    public List<ArchiveEntry> entries() {
        return entries;
    }

    /** Bytes in the low halves of chars, as names are in the kernel. */
    String latin1(int offset, int length) {
        char[] c = new char[length];
        for (int i = 0; i < length; i++) {
            c[i] = (char) (bytes[offset + i] & 0xFF);
        }
        return new String(c);
    }

    void require(int offset, long length) {
        if (length < 0 || offset + length > bytes.length) {
            throw new ArchiveException("the archive is truncated: at byte " + offset + " there should be " + length + " more, there are " + Math.max(0, bytes.length - offset));
        }
    }
}
