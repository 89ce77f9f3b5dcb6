// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import java.nio.charset.StandardCharsets;
import kmos.base.LittleEndian;

/** Reads numbers and pieces from bytes that nobody vouches for. SnapshotException when they end too early. */
final class SnapshotInput {
    private final byte[] in;
    private final int end;
    private int at;

    SnapshotInput(byte[] in) {
        this(in, 0, in.length);
    }

    SnapshotInput(byte[] in, int at, int end) {
        this.in = in;
        this.at = at;
        this.end = end;
    }

    int left() {
        return end - at;
    }

    int get8() {
        return in[skip(1)] & 0xFF;
    }

    int get16() {
        return LittleEndian.get16(in, skip(2));
    }

    int get32() {
        return LittleEndian.get32(in, skip(4));
    }

    long get64() {
        return LittleEndian.get64(in, skip(8));
    }

    long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = get8();
            value |= (long) (b & 0x7F) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw new SnapshotException("damaged: a number does not end");
    }

    /** value as a count of bytes (or of things of a byte at least) that are still there. */
    int count(long value) {
        if (value < 0 || value > left()) {
            throw new SnapshotException("truncated");
        }
        return (int) value;
    }

    SnapshotInput part(int count) {
        int from = skip(count);
        return new SnapshotInput(in, from, from + count);
    }

    void read(byte[] to, int offset, int count) {
        System.arraycopy(in, skip(count), to, offset, count);
    }

    byte[] bytes(int count) {
        int from = skip(count);
        byte[] copy = new byte[count];
        System.arraycopy(in, from, copy, 0, count);
        return copy;
    }

    /** A length in a byte, then that many bytes of UTF-8. */
    String text() {
        return new String(bytes(get8()), StandardCharsets.UTF_8);
    }

    private int skip(int count) {
        if (count < 0 || count > left()) {
            throw new SnapshotException("truncated");
        }
        at += count;
        return at - count;
    }
}
