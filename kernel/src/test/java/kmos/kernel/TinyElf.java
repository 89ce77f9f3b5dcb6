// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import kmos.base.LittleEndian;

/** Makes static ELF files of one read-write-execute segment from machine code, for tests. */
public final class TinyElf {
    public static final int BASE = 0x10000000;

    private TinyElf() { }

    /** The code starts at offset CODE of the segment. */
    public static final int CODE = 0x80;

    public static byte[] elf64(byte[] code, int bssBytes) {
        byte[] f = new byte[CODE + code.length];
        byte[] magic = {0x7F, 'E', 'L', 'F', 2, 1, 1};
        System.arraycopy(magic, 0, f, 0, magic.length);
        LittleEndian.put16(f, 16, 2);
        LittleEndian.put16(f, 18, 62);
        LittleEndian.put32(f, 20, 1);
        LittleEndian.put64(f, 24, BASE + CODE);
        LittleEndian.put64(f, 32, 64);
        LittleEndian.put16(f, 52, 64);
        LittleEndian.put16(f, 54, 56);
        LittleEndian.put16(f, 56, 1);
        LittleEndian.put32(f, 64, 1);
        LittleEndian.put32(f, 68, 7);
        LittleEndian.put64(f, 72, 0);
        LittleEndian.put64(f, 80, BASE);
        LittleEndian.put64(f, 88, BASE);
        LittleEndian.put64(f, 96, f.length);
        LittleEndian.put64(f, 104, f.length + bssBytes);
        LittleEndian.put64(f, 112, 4096);
        System.arraycopy(code, 0, f, CODE, code.length);
        return f;
    }

    public static byte[] elf32(byte[] code, int bssBytes) {
        byte[] f = new byte[CODE + code.length];
        byte[] magic = {0x7F, 'E', 'L', 'F', 1, 1, 1};
        System.arraycopy(magic, 0, f, 0, magic.length);
        LittleEndian.put16(f, 16, 2);
        LittleEndian.put16(f, 18, 3);
        LittleEndian.put32(f, 20, 1);
        LittleEndian.put32(f, 24, BASE + CODE);
        LittleEndian.put32(f, 28, 52);
        LittleEndian.put16(f, 40, 52);
        LittleEndian.put16(f, 42, 32);
        LittleEndian.put16(f, 44, 1);
        LittleEndian.put32(f, 52, 1);
        LittleEndian.put32(f, 56, 0);
        LittleEndian.put32(f, 60, BASE);
        LittleEndian.put32(f, 64, BASE);
        LittleEndian.put32(f, 68, f.length);
        LittleEndian.put32(f, 72, f.length + bssBytes);
        LittleEndian.put32(f, 76, 7);
        LittleEndian.put32(f, 80, 4096);
        System.arraycopy(code, 0, f, CODE, code.length);
        return f;
    }

    /** "B8 07 00" and text in quotes to bytes. */
    public static byte[] bytes(String hex) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        for (String part : hex.trim().split("\\s+")) {
            out.write(Integer.parseInt(part, 16));
        }
        return out.toByteArray();
    }

    /** The same with 32 bits of an int in memory order. */
    public static String le32(int v) {
        return String.format("%02X %02X %02X %02X", v & 0xFF, v >> 8 & 0xFF, v >> 16 & 0xFF, v >>> 24);
    }
}
