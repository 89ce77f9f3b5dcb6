// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.EPIPE;

import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Fcntl;

/**
 * Bytes in flight between the ends of a pipe or FIFO (pipe(7)): a ring. Bytes are copied out before they are consumed and
 * in before they count, so an interrupted copy leaves nothing behind.
 */
public final class Pipe implements Stateful {
    static final int DEFAULT_CAPACITY = 65536, MAXIMUM_CAPACITY = 1 << 20;

    private byte[] ring = new byte[4096];
    private int capacity = DEFAULT_CAPACITY;
    private int head;
    private int count;
    private int readers;
    private int writers;
    /** How often an end was opened: who waits in open(2) of a FIFO looks whether it changed. */
    private long readerOpens;
    private long writerOpens;
    private final WaitQueue changed = new WaitQueue();

    long read(IoBuffer buffer) {
        if (buffer.remaining() == 0) {
            return 0;
        }
        if (count == 0) {
            return writers == 0 ? 0 : -EAGAIN;
        }
        int n = (int) Math.min(count, buffer.remaining());
        int first = Math.min(n, ring.length - head);
        int moved = buffer.put(ring, head, first);
        if (moved == first && n > first) {
            int second = buffer.put(ring, 0, n - first);
            moved += Math.max(second, 0);
        }
        if (moved < 0) {
            return moved;
        }
        head = (head + moved) % ring.length;
        count -= moved;
        changed.wakeAll();
        return moved;
    }

    /** Up to PIPE_BUF bytes go in one piece or not at all. */
    long write(IoBuffer buffer) {
        if (buffer.remaining() == 0) {
            return 0;
        }
        if (readers == 0) {
            return -EPIPE;
        }
        int free = capacity - count;
        if (free == 0 || buffer.remaining() <= Fcntl.PIPE_BUF && free < buffer.remaining()) {
            return -EAGAIN;
        }
        int n = (int) Math.min(free, buffer.remaining());
        makeRoom(count + n);
        int at = (head + count) % ring.length;
        int first = Math.min(n, ring.length - at);
        int moved = buffer.get(ring, at, first);
        if (moved == first && n > first) {
            int second = buffer.get(ring, 0, n - first);
            moved += Math.max(second, 0);
        }
        if (moved < n && moved >= 0) {
            // A buffer that ends in a bad address: the page that could not be filled is not sent (Linux pipe_write).
            moved = moved / 4096 * 4096;
            moved = moved == 0 ? -kmos.base.Errno.EFAULT : moved;
        }
        if (moved < 0) {
            return moved;
        }
        count += moved;
        changed.wakeAll();
        return moved;
    }

    /** Copies bytes without consuming them (tee). */
    int peek(byte[] to, int limit) {
        int n = Math.min(count, limit);
        for (int i = 0; i < n; i++) {
            to[i] = ring[(head + i) % ring.length];
        }
        return n;
    }

    /** Bytes that were peeked at are gone. */
    void consume(int bytes) {
        head = (head + bytes) % ring.length;
        count -= bytes;
        changed.wakeAll();
    }

    int available() {
        return count;
    }

    int free() {
        return capacity - count;
    }

    int capacity() {
        return capacity;
    }

    void setCapacity(int bytes) {
        capacity = bytes;
        changed.wakeAll();
    }

    int readers() {
        return readers;
    }

    int writers() {
        return writers;
    }

    long readerOpens() {
        return readerOpens;
    }

    long writerOpens() {
        return writerOpens;
    }

    void opened(boolean reads, boolean writes) {
        if (reads) {
            readers++;
            readerOpens++;
        }
        if (writes) {
            writers++;
            writerOpens++;
        }
        changed.wakeAll();
    }

    void closed(boolean reads, boolean writes) {
        readers -= reads ? 1 : 0;
        writers -= writes ? 1 : 0;
        if (readers == 0 && writers == 0) {
            count = 0;
            head = 0;
        }
        changed.wakeAll();
    }

    WaitQueue waitQueue() {
        return changed;
    }

    private void makeRoom(int bytes) {
        if (bytes <= ring.length) {
            return;
        }
        int length = ring.length;
        while (length < bytes) {
            length *= 2;
        }
        byte[] larger = new byte[length];
        peek(larger, count);
        ring = larger;
        head = 0;
    }

    @Override
    public void state(StateFields s) {
        ring = s.bytes("ring", ring);
        capacity = s.i32("capacity", capacity);
        head = s.i32("head", head);
        count = s.i32("count", count);
        readers = s.i32("readers", readers);
        writers = s.i32("writers", writers);
        readerOpens = s.i64("readerOpens", readerOpens);
        writerOpens = s.i64("writerOpens", writerOpens);
        s.struct("changed", changed);
    }
}
