// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EAGAIN;
import static kmos.base.Errno.EFAULT;
import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.EPIPE;
import static kmos.base.Errno.ESPIPE;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.KernelLog;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** /dev/kmsg: one record of the kernel log a read, "level,sequence,microseconds,-;text"; a write adds a line. */
public final class KernelLogFile extends FileDescription {
    private long next;

    /** For loading a saved state. */
    public KernelLogFile(Vfs vfs) {
        super(vfs);
    }

    KernelLogFile(Vfs vfs, Path path, int flags) {
        super(vfs, path, flags);
        next = vfs.kernel().log().firstSequence();
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        KernelLog log = vfs.kernel().log();
        if (next < log.firstSequence()) {
            next = log.firstSequence();
            return -EPIPE;
        }
        if (next >= log.endSequence()) {
            return -EAGAIN;
        }
        byte[] record = record(log.line(next), next);
        if (buffer.remaining() < record.length) {
            return -EINVAL;
        }
        int n = buffer.put(record, 0, record.length);
        if (n < record.length) {
            return -EFAULT;
        }
        next++;
        return n;
    }

    /** A line of the log is {@code <level>[ seconds.microseconds] text}. */
    private static byte[] record(String line, long sequence) {
        int level = line.charAt(1) - '0';
        int bracket = line.indexOf('[');
        int close = line.indexOf(']');
        String stamp = line.substring(bracket + 1, close).trim();
        int dot = stamp.indexOf('.');
        long us = Long.parseLong(stamp.substring(0, dot)) * 1_000_000 + Long.parseLong(stamp.substring(dot + 1));
        String text = level + "," + sequence + "," + us + ",-;" + line.substring(Math.min(line.length(), close + 2));
        byte[] out = new byte[text.length()];
        for (int i = 0; i < out.length; i++) {
            out[i] = (byte) text.charAt(i);
        }
        return out;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        int length = (int) Math.min(992, buffer.remaining());
        byte[] bytes = new byte[length];
        int n = buffer.get(bytes, 0, length);
        if (n < 0) {
            return n;
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < n; i++) {
            text.append((char) (bytes[i] & 0xFF));
        }
        int from = 0;
        int level = 4;
        int close = text.indexOf(">");
        if (n > 2 && text.charAt(0) == '<' && close > 1 && close < 5) {
            for (int i = 1; i < close; i++) {
                if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                    close = -1;
                    break;
                }
            }
            if (close > 0) {
                level = Integer.parseInt(text.substring(1, close)) & 7;
                from = close + 1;
            }
        }
        int end = text.length();
        while (end > from && text.charAt(end - 1) == '\n') {
            end--;
        }
        vfs.kernel().printk(level, text.substring(from, end));
        return n;
    }

    @Override
    public long seek(long offset, int whence) {
        KernelLog log = vfs.kernel().log();
        if (offset != 0) {
            return -ESPIPE;
        }
        switch (whence) {
            case Fcntl.SEEK_SET: next = log.firstSequence(); return 0;
            case Fcntl.SEEK_DATA: next = log.clearSequence(); return 0;
            case Fcntl.SEEK_END: next = log.endSequence(); return 0;
            default: return -EINVAL;
        }
    }

    @Override
    public boolean writesAll() {
        return false;
    }

    @Override
    public int poll() {
        return (next < vfs.kernel().log().endSequence() ? Poll.READABLE : 0) | Poll.WRITABLE;
    }

    @Override
    public WaitQueue waitQueue() {
        return vfs.kernel().log().waitQueue();
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        next = s.i64("next", next);
    }
}
