// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.task;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** What a thread has read and written (Linux task_io_accounting, /proc/PID/io); also the sums of ended threads and children. */
public final class IoCounters implements Stateful {
    private long readChars, writtenChars, readCalls, writeCalls, readBytes, writeBytes, cancelledWriteBytes;

    /** A read(2)-like call ended with a result: counted, bytes only when it moved some. */
    public void read(long result) {
        readCalls++;
        readChars += Math.max(0, result);
    }

    public void written(long result) {
        writeCalls++;
        writtenChars += Math.max(0, result);
    }

    /** Bytes that a disk was asked for. */
    public void fetched(long bytes) {
        readBytes += bytes;
    }

    /** Bytes that became dirty: a disk will get them. */
    public void dirtied(long bytes) {
        writeBytes += bytes;
    }

    /** Dirty bytes that a truncate took away before the disk got them. */
    public void cancelled(long bytes) {
        cancelledWriteBytes += bytes;
    }

    public void add(IoCounters other) {
        readChars += other.readChars;
        writtenChars += other.writtenChars;
        readCalls += other.readCalls;
        writeCalls += other.writeCalls;
        readBytes += other.readBytes;
        writeBytes += other.writeBytes;
        cancelledWriteBytes += other.cancelledWriteBytes;
    }

    public long readChars() {
        return readChars;
    }

    public long writtenChars() {
        return writtenChars;
    }

    public long readCalls() {
        return readCalls;
    }

    public long writeCalls() {
        return writeCalls;
    }

    public long readBytes() {
        return readBytes;
    }

    public long writeBytes() {
        return writeBytes;
    }

    public long cancelledWriteBytes() {
        return cancelledWriteBytes;
    }

    @Override
    public void state(StateFields s) {
        readChars = s.i64("readChars", readChars);
        writtenChars = s.i64("writtenChars", writtenChars);
        readCalls = s.i64("readCalls", readCalls);
        writeCalls = s.i64("writeCalls", writeCalls);
        readBytes = s.i64("readBytes", readBytes);
        writeBytes = s.i64("writeBytes", writeBytes);
        cancelledWriteBytes = s.i64("cancelledWriteBytes", cancelledWriteBytes);
    }
}
