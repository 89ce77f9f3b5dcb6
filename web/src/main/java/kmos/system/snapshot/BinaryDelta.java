// SPDX-License-Identifier: Apache-2.0
package kmos.system.snapshot;

import kmos.base.LittleEndian;
import kmos.base.StateBytes;

/**
 * Bytes as copies from a source and literals, both to be compressed afterwards. Copies are found by a table of hashes of 16
 * bytes, taken at every eighth byte of the source and of what was written so far; after a literal the place that follows the last
 * copy is tried first, with a length of four, because most changes are made in place.
 *
 * <pre>
 * varint length of the target, varint length of the commands, commands, literals
 * command: varint literals before the copy, varint length of the copy, varint (zigzag) its place less the expected one
 * </pre>
 * Places count through the source and on into the target; the expected place is that behind the last copy and its literals.
 */
final class BinaryDelta {
    private static final int BLOCK = 16, STEP = 8, NEAR = 4;
    private static final long K = 0x9E3779B97F4A7C15L;

    private final byte[] source;
    private final byte[] target;
    private final int[] table;
    private final int shift;
    private final StateBytes commands = new StateBytes(1 << 12);
    private final StateBytes literals = new StateBytes(1 << 12);

    private BinaryDelta(byte[] source, byte[] target) {
        this.source = source;
        this.target = target;
        int bits = 12;
        while (bits < 23 && 1 << bits < (source.length + target.length) / STEP) {
            bits++;
        }
        table = new int[1 << bits];
        shift = 64 - bits;
    }

    static byte[] encode(byte[] source, byte[] target) {
        return new BinaryDelta(source, target).encode();
    }

    private byte[] encode() {
        for (int at = 0; at + BLOCK <= source.length; at += STEP) {
            insert(slot(source, at), at);
        }
        int expected = 0;
        int literalStart = 0;
        int indexed = 0;
        int at = 0;
        while (at < target.length) {
            int from = expected + (at - literalStart);
            int length = length(from, at);
            if (length < NEAR) {
                length = 0;
                if (at + BLOCK <= target.length) {
                    int slot = slot(target, at);
                    int first = table[slot] - 1;
                    int second = table[slot ^ 1] - 1;
                    length = length(first, at);
                    from = first;
                    int other = length(second, at);
                    if (other > length) {
                        length = other;
                        from = second;
                    }
                }
                if (length < BLOCK) {
                    length = 0;
                }
            }
            if (length == 0) {
                at++;
            } else {
                while (at > literalStart && from > 0 && byteAt(from - 1, at - 1) == (target[at - 1] & 0xFF)) {
                    at--;
                    from--;
                    length++;
                }
                command(literalStart, at, length, from - (expected + (at - literalStart)));
                at += length;
                expected = from + length;
                literalStart = at;
            }
            // Only what is not in the source already need be found again.
            for (; length == 0 && indexed + BLOCK <= at; indexed += STEP) {
                insert(slot(target, indexed), source.length + indexed);
            }
            if (length != 0) {
                indexed = (at + STEP - 1) / STEP * STEP;
            }
        }
        command(literalStart, target.length, 0, 0);
        StateBytes out = new StateBytes(commands.length() + literals.length() + 16);
        out.putVarint(target.length);
        out.putVarint(commands.length());
        out.put(commands.toArray(), 0, commands.length());
        out.put(literals.toArray(), 0, literals.length());
        return out.toArray();
    }

    /** Two places for each hash: the first comer's (of many pages alike the first) and the last comer's. */
    private void insert(int slot, int place) {
        if (table[slot] == 0) {
            table[slot] = place + 1;
        } else {
            table[slot ^ 1] = place + 1;
        }
    }

    private void command(int literalStart, int at, int length, int move) {
        literals.put(target, literalStart, at - literalStart);
        commands.putVarint(at - literalStart);
        commands.putVarint(length);
        if (length != 0) {
            commands.putVarint((move << 1 ^ move >> 31) & 0xFFFFFFFFL);
        }
    }

    /** The byte at a place of source and target, which must lie before limit of the target; else -1. */
    private int byteAt(int place, int limit) {
        if (place < source.length) {
            return source[place] & 0xFF;
        }
        return place - source.length < limit ? target[place - source.length] & 0xFF : -1;
    }

    /** How many bytes at a place equal those of the target at at. */
    private int length(int place, int at) {
        int n = 0;
        if (place < 0) {
            return 0;
        }
        if (place < source.length) {
            int most = Math.min(source.length - place, target.length - at);
            while (n + 8 <= most && LittleEndian.get64(source, place + n) == LittleEndian.get64(target, at + n)) {
                n += 8;
            }
            while (n < most && source[place + n] == target[at + n]) {
                n++;
            }
            return n;
        }
        int from = place - source.length;
        if (from >= at) {
            return 0;
        }
        while (at + n < target.length && target[from + n] == target[at + n]) {
            n++;
        }
        return n;
    }

    private int slot(byte[] b, int at) {
        return (int) ((LittleEndian.get64(b, at) * K ^ LittleEndian.get64(b, at + 8)) * K >>> shift);
    }

    /** The target. SnapshotException: the delta is damaged, or of another source. */
    static byte[] apply(byte[] source, byte[] delta, int maxLength) {
        SnapshotInput in = new SnapshotInput(delta);
        long length = in.varint();
        if (length < 0 || length > maxLength) {
            throw new SnapshotException("damaged: it unpacks to " + length + " bytes");
        }
        byte[] target = new byte[(int) length];
        int commandBytes = in.count(in.varint());
        SnapshotInput commands = in.part(commandBytes);
        long expected = 0;
        int at = 0;
        while (at < target.length || commands.left() > 0) {
            long fresh = commands.varint();
            if (fresh < 0 || fresh > target.length - at) {
                throw new SnapshotException("damaged: a literal is too long");
            }
            in.read(target, at, (int) fresh);
            at += (int) fresh;
            long count = commands.varint();
            if (count == 0) {
                break;
            }
            long zigzag = commands.varint();
            long from = expected + fresh + (int) (zigzag >>> 1 ^ -(zigzag & 1));
            if (count < 0 || count > target.length - at || from < 0 || from >= (long) source.length + at) {
                throw new SnapshotException("damaged: a copy is out of range");
            }
            copy(source, target, (int) from, at, (int) count);
            at += (int) count;
            expected = from + count;
        }
        if (at != target.length || in.left() != 0 || commands.left() != 0) {
            throw new SnapshotException("damaged: its parts do not fit");
        }
        return target;
    }

    /** Told of every copy. */
    interface Copies {
        void copy(long from, int count);
    }

    /** The copies of a delta that encode made. */
    static void copies(byte[] delta, Copies to) {
        SnapshotInput in = new SnapshotInput(delta);
        in.varint();
        SnapshotInput commands = in.part(in.count(in.varint()));
        long expected = 0;
        while (commands.left() > 0) {
            long fresh = commands.varint();
            long count = commands.varint();
            if (count > 0) {
                long zigzag = commands.varint();
                long from = expected + fresh + (int) (zigzag >>> 1 ^ -(zigzag & 1));
                to.copy(from, (int) count);
                expected = from + count;
            }
        }
    }

    private static void copy(byte[] source, byte[] target, int from, int at, int count) {
        if (from < source.length) {
            if (count > source.length - from) {
                throw new SnapshotException("damaged: a copy is out of range");
            }
            System.arraycopy(source, from, target, at, count);
            return;
        }
        int place = from - source.length;
        for (int i = 0; i < count; i++) { // may overlap: a run
            target[at + i] = target[place + i];
        }
    }
}
