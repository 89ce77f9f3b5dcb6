// SPDX-License-Identifier: Apache-2.0
package kmos.base;

/** A growing array of little-endian numbers and short texts. */
public final class StateBytes {
    private byte[] out;
    private int length;

    public StateBytes(int room) {
        out = new byte[Math.max(16, room)];
    }

    public int length() {
        return length;
    }

    public byte[] toArray() {
        byte[] all = new byte[length];
        System.arraycopy(out, 0, all, 0, length);
        return all;
    }

    /** The same for the last time: without a copy when the room was used up exactly. */
    public byte[] take() {
        byte[] all = length == out.length ? out : toArray();
        out = new byte[16];
        length = 0;
        return all;
    }

    public void put8(int v) {
        reserve(1);
        out[length++] = (byte) v;
    }

    public void put16(int v) {
        reserve(2);
        LittleEndian.put16(out, length, v);
        length += 2;
    }

    public void put32(int v) {
        reserve(4);
        LittleEndian.put32(out, length, v);
        length += 4;
    }

    public void put64(long v) {
        reserve(8);
        LittleEndian.put64(out, length, v);
        length += 8;
    }

    /** Seven bits a byte, the lowest first; negative numbers take ten bytes. */
    public void putVarint(long v) {
        long rest = v;
        while ((rest & ~0x7FL) != 0) {
            put8((int) rest & 0x7F | 0x80);
            rest >>>= 7;
        }
        put8((int) rest);
    }

    /** At most 255 characters of Latin-1. */
    public void putText(String text) {
        Check.that(text.length() < 256, "text too long", text);
        put8(text.length());
        for (int i = 0; i < text.length(); i++) {
            put8(text.charAt(i));
        }
    }

    public void put(byte[] from, int offset, int count) {
        reserve(count);
        System.arraycopy(from, offset, out, length, count);
        length += count;
    }

    /** A range of linear memory. */
    void putMemory(int address, int count) {
        reserve(count);
        Memory.read(address, out, length, count);
        length += count;
    }

    private void reserve(int count) {
        if (out.length - length < count) {
            byte[] larger = new byte[Math.max(out.length * 2, length + count)];
            System.arraycopy(out, 0, larger, 0, length);
            out = larger;
        }
    }
}
