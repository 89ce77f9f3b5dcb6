// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** Little-endian loads and stores in byte arrays. */
public final class LittleEndian {
    private LittleEndian() { }

    public static int get8(byte[] b, int i) {
        return b[i] & 0xFF;
    }

    public static int get16(byte[] b, int i) {
        return b[i] & 0xFF | (b[i + 1] & 0xFF) << 8;
    }

    public static int get32(byte[] b, int i) {
        return b[i] & 0xFF | (b[i + 1] & 0xFF) << 8 | (b[i + 2] & 0xFF) << 16 | b[i + 3] << 24;
    }

    public static long getUnsigned32(byte[] b, int i) {
        return get32(b, i) & 0xFFFFFFFFL;
    }

    public static long get64(byte[] b, int i) {
        return get32(b, i) & 0xFFFFFFFFL | (long) get32(b, i + 4) << 32;
    }

    public static void put16(byte[] b, int i, int v) {
        b[i] = (byte) v;
        b[i + 1] = (byte) (v >>> 8);
    }

    public static void put32(byte[] b, int i, int v) {
        b[i] = (byte) v;
        b[i + 1] = (byte) (v >>> 8);
        b[i + 2] = (byte) (v >>> 16);
        b[i + 3] = (byte) (v >>> 24);
    }

    public static void put64(byte[] b, int i, long v) {
        put32(b, i, (int) v);
        put32(b, i + 4, (int) (v >>> 32));
    }
}
