// SPDX-License-Identifier: Apache-2.0
package kmos.system.replay;

import java.util.Arrays;
import kmos.system.OutsideEvent;

/**
 * Events as bytes, each relative to the one before: a typed key takes about 8.
 *
 * <pre>
 * varint   (cycles since the event before) * 4 + place; 0 alone for SAME
 * byte     kind in bits 0-4, then bit 5: a follows, bit 6: b follows, bit 7: bytes follow
 * varints  a and b, sign in bit 0; number of bytes; then the bytes
 * </pre>
 */
final class EventBytes {
    private static final int KIND = 0x1F, HAS_A = 0x20, HAS_B = 0x40, HAS_BYTES = 0x80;

    private byte[] bytes;
    private int count;
    private final long startCycles;
    private long lastCycles;

    /** Empty; cycles count from start. */
    EventBytes(long startCycles) {
        this(startCycles, new byte[64], 0);
    }

    /** What was written before, to be read. */
    EventBytes(long startCycles, byte[] bytes, int count) {
        this.startCycles = startCycles;
        this.lastCycles = startCycles;
        this.bytes = bytes;
        this.count = count;
    }

    long startCycles() {
        return startCycles;
    }

    int count() {
        return count;
    }

    /** Time of the last event that was not SAME. */
    long lastCycles() {
        return lastCycles;
    }

    byte[] toArray() {
        return Arrays.copyOf(bytes, count);
    }

    void add(long cycles, int place, OutsideEvent e) {
        if (place == OutsideEvent.SAME) {
            varint(0);
        } else {
            varint(cycles - lastCycles << 2 | place);
            lastCycles = cycles;
        }
        put(e.kind() | (e.a() != 0 ? HAS_A : 0) | (e.b() != 0 ? HAS_B : 0) | (e.bytes() != null ? HAS_BYTES : 0));
        if (e.a() != 0) {
            signed(e.a());
        }
        if (e.b() != 0) {
            signed(e.b());
        }
        if (e.bytes() != null) {
            varint(e.bytes().length);
            for (byte b : e.bytes()) {
                put(b);
            }
        }
    }

    /** Forgets what comes from byte at on; lastCycles: the time of the last event before that was not SAME. */
    void cut(int at, long cycles) {
        count = at;
        lastCycles = cycles;
    }

    private void signed(long value) {
        varint(value << 1 ^ value >> 63);
    }

    private void varint(long value) {
        long v = value;
        while ((v & ~0x7FL) != 0) {
            put((int) v & 0x7F | 0x80);
            v >>>= 7;
        }
        put((int) v);
    }

    private void put(int value) {
        if (count == bytes.length) {
            bytes = Arrays.copyOf(bytes, count * 2);
        }
        bytes[count++] = (byte) value;
    }

    /** Reads from the beginning; sees what is added meanwhile. */
    Reader reader() {
        return new Reader();
    }

    /** Reads from a place that a reader had: its position and cycles. */
    Reader reader(int position, long cycles) {
        Reader r = new Reader();
        r.at = position;
        r.cycles = cycles;
        return r;
    }

    /** A place in the bytes. */
    final class Reader {
        private int at;
        private long cycles = startCycles;

        /** Index of the byte where the next event begins. */
        int position() {
            return at;
        }

        /** Time of the last event read that was not SAME. */
        long cycles() {
            return cycles;
        }

        boolean hasNext() {
            return at < count;
        }

        /** BadRecordingException when the bytes are no events. */
        TimedEvent next() {
            long head = varint();
            int place = (int) head & 3;
            if (place == OutsideEvent.SAME && head != 0 || place == 3) {
                throw new BadRecordingException("the recording is damaged: an event has no place");
            }
            cycles += head >>> 2;
            int tag = get();
            long a = (tag & HAS_A) != 0 ? signed() : 0;
            long b = (tag & HAS_B) != 0 ? signed() : 0;
            byte[] data = null;
            if ((tag & HAS_BYTES) != 0) {
                long n = varint();
                if (n < 0 || n > count - at) {
                    throw new BadRecordingException("the recording is damaged: an event is longer than what is left");
                }
                data = Arrays.copyOfRange(bytes, at, at + (int) n);
                at += (int) n;
            }
            int kind = tag & KIND;
            if (kind == 0 || kind > OutsideEvent.CLOCK) {
                throw new BadRecordingException("the recording has an event of unknown kind " + kind);
            }
            return new TimedEvent(cycles, place, new OutsideEvent(kind, a, b, data));
        }

        private long signed() {
            long v = varint();
            return v >>> 1 ^ -(v & 1);
        }

        private long varint() {
            long v = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int b = get();
                v |= (b & 0x7FL) << shift;
                if ((b & 0x80) == 0) {
                    return v;
                }
            }
            throw new BadRecordingException("the recording is damaged: a number does not end");
        }

        private int get() {
            if (at >= count) {
                throw new BadRecordingException("the recording is truncated: it ends within an event");
            }
            return bytes[at++] & 0xFF;
        }
    }
}
