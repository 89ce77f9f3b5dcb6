// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.abi;

import static kmos.base.LittleEndian.put16;
import static kmos.base.LittleEndian.put32;
import static kmos.base.LittleEndian.put64;

/** Records that getdents and getdents64 fill. Names are chars 0-255, one a byte. */
public final class DirentLayout {
    private DirentLayout() { }

    /** Which record: struct linux_dirent of i386 or amd64, struct linux_dirent64. */
    public static final int OLD_32 = 0, OLD_64 = 1, NEW = 2;

    public static int length(int kind, String name) {
        int n = name.length();
        return kind == OLD_32 ? 10 + n + 2 + 3 & ~3 : kind == OLD_64 ? 18 + n + 2 + 7 & ~7 : 19 + n + 1 + 7 & ~7;
    }

    /** Writes one record at offset at; the caller has made sure that length(kind, name) bytes of zeroes are there. */
    public static void put(byte[] b, int at, int kind, String name, long inode, long next, int type) {
        int length = length(kind, name);
        int nameAt;
        if (kind == OLD_32) {
            put32(b, at, (int) inode);
            put32(b, at + 4, (int) next);
            put16(b, at + 8, length);
            nameAt = at + 10;
            b[at + length - 1] = (byte) type;
        } else {
            put64(b, at, inode);
            put64(b, at + 8, next);
            put16(b, at + 16, length);
            if (kind == NEW) {
                b[at + 18] = (byte) type;
                nameAt = at + 19;
            } else {
                nameAt = at + 18;
                b[at + length - 1] = (byte) type;
            }
        }
        for (int i = 0; i < name.length(); i++) {
            b[nameAt + i] = (byte) name.charAt(i);
        }
    }
}
