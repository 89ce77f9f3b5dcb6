// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** A fast 64-bit hash for comparing states (not cryptographic): multiply-xorshift over 8-byte words. */
public final class Hash64 {
    private static final long K1 = 0x9E3779B97F4A7C15L;
    private static final long K2 = 0xC2B2AE3D27D4EB4FL;

    private Hash64() { }

    public static long mix(long hash, long word) {
        long h = (hash ^ word) * K1;
        return (h ^ h >>> 29) * K2;
    }

    public static long of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    public static long of(byte[] bytes, int from, int count) {
        long h = count;
        int i = from;
        for (; i + 8 <= from + count; i += 8) {
            h = mix(h, LittleEndian.get64(bytes, i));
        }
        long tail = 0;
        for (int shift = 0; i < from + count; i++, shift += 8) {
            tail |= (bytes[i] & 0xFFL) << shift;
        }
        return mix(h, tail);
    }

    /** The hash of a range of linear memory: not that of the same bytes in an array. Two lanes, because a multiplication takes its time. */
    public static long of(int address, int count) {
        long a = count;
        long b = K1;
        int i = 0;
        for (; i + 16 <= count; i += 16) {
            a = mix(a, Memory.get64(address + i));
            b = mix(b, Memory.get64(address + i + 8));
        }
        for (; i < count; i++) {
            a = mix(a, Memory.get8(address + i));
        }
        return mix(a, b);
    }
}
