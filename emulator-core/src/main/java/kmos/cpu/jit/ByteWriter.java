// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** A growing byte array with the WebAssembly binary format's integers. */
final class ByteWriter {
    private byte[] bytes = new byte[1024];
    private int size;

    int size() {
        return size;
    }

    ByteWriter u8(int v) {
        if (size == bytes.length) {
            byte[] larger = new byte[size * 2];
            System.arraycopy(bytes, 0, larger, 0, size);
            bytes = larger;
        }
        bytes[size++] = (byte) v;
        return this;
    }

    /** LEB128 of an unsigned 32-bit value. */
    ByteWriter u32(int v) {
        int x = v;
        while ((x & ~0x7F) != 0) {
            u8(x & 0x7F | 0x80);
            x >>>= 7;
        }
        return u8(x);
    }

    /** LEB128 of a signed value. */
    ByteWriter s64(long v) {
        long x = v;
        for (;;) {
            int low = (int) x & 0x7F;
            x >>= 7;
            if (x == 0 && (low & 0x40) == 0 || x == -1 && (low & 0x40) != 0) {
                return u8(low);
            }
            u8(low | 0x80);
        }
    }

    ByteWriter name(String s) {
        u32(s.length());
        for (int i = 0; i < s.length(); i++) {
            u8(s.charAt(i));
        }
        return this;
    }

    ByteWriter append(ByteWriter other) {
        int needed = size + other.size;
        if (needed > bytes.length) {
            byte[] larger = new byte[needed * 2];
            System.arraycopy(bytes, 0, larger, 0, size);
            bytes = larger;
        }
        System.arraycopy(other.bytes, 0, bytes, size, other.size);
        size = needed;
        return this;
    }

    byte[] bytes() {
        return bytes;
    }
}
