// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import static kmos.base.Errno.*;
import static kmos.kernel.socket.SocketAbi.*;

import java.util.ArrayList;
import java.util.List;
import kmos.base.TimerQueue;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Restart;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;

/**
 * Sending and receiving. A body runs again from the top after each wait: what has been moved stands in the frame's
 * progress, and bytes are copied to the program before they leave the queue.
 */
public final class SocketTransfer {
    /** A stream's bytes go in pieces of this size at most. */
    private static final int PIECE = 32768;
    private static final int OVERHEAD = 32;

    private SocketTransfer() { }

    /** What a receiver gets besides bytes. */
    public static final class Received {
        public byte[] name = new byte[0];
        /** MSG_TRUNC. */
        public int flags;
        public boolean hasSender;
        public int pid, uid, gid;
        /** References that the receiver has to install or release. */
        public final List<FileDescription> files = new ArrayList<>();

        private void note(SocketMessage m, boolean isPeek) {
            name = m.senderName();
            hasSender = true;
            pid = m.pid();
            uid = m.uid();
            gid = m.gid();
            for (FileDescription f : m.files()) {
                files.add(f.retain());
            }
            if (!isPeek) {
                m.drop();
            }
        }

        /** Nobody wants them. */
        public void dropFiles() {
            for (FileDescription f : files) {
                f.release();
            }
            files.clear();
        }
    }

    static long read(Task task, UnixSocket s, IoBuffer buffer) {
        Received received = new Received();
        long n = receive(task, s, buffer, 0, received);
        received.dropFiles();
        return n;
    }

    static long write(Task task, UnixSocket s, IoBuffer buffer) {
        return send(task, s, buffer, 0, null, new SocketMessage.Ancillary(task));
    }

    // Sending

    /**
     * Bytes sent; BLOCKED; or -errno. to: where a datagram goes that names its destination, else null.
     * ENOTCONN, EISCONN, EPIPE (with SIGPIPE for a stream), EMSGSIZE, ECONNREFUSED, EPERM, EAGAIN, EFAULT.
     */
    public static long send(Task task, UnixSocket s, IoBuffer buffer, int flags, UnixSocket to, SocketMessage.Ancillary ancillary) {
        if ((flags & MSG_OOB) != 0) {
            return -EOPNOTSUPP;
        }
        return s.isStream() ? sendStream(task, s, buffer, flags, ancillary) : sendMessage(task, s, buffer, flags, to, ancillary);
    }

    private static long sendStream(Task task, UnixSocket s, IoBuffer buffer, int flags, SocketMessage.Ancillary ancillary) {
        if (s.socketState() != UnixSocket.CONNECTED) {
            return s.isSendShut() ? brokenPipe(task, flags, 0) : -ENOTCONN;
        }
        long total = buffer.remaining();
        buffer.skip(task.frame().progress);
        while (task.frame().progress < total) {
            long done = task.frame().progress;
            if (s.isSendShut() || s.peer().isDead() || s.peer().isReceiveShut()) {
                return brokenPipe(task, flags, done);
            }
            byte[] data = new byte[(int) Math.min(Math.min(PIECE, s.sendBuffer() / 2 - 64), total - done)];
            SocketMessage m = new SocketMessage(data, s, done > 0 ? new SocketMessage.Ancillary(task) : withoutFiles(ancillary));
            if (!s.hasSendRoom(m.charge())) {
                return await(task, s, s.waitQueue(), flags, s.sendTimeoutNs(), done);
            }
            int got = buffer.get(data, 0, data.length);
            if (got < data.length) {
                return done > 0 ? done : -EFAULT;
            }
            s.peer().deliver(done > 0 ? m : new SocketMessage(data, s, ancillary));
            task.frame().progress = done + got;
        }
        return total;
    }

    /** For a message that may not be sent: files are retained only by one that is. */
    private static SocketMessage.Ancillary withoutFiles(SocketMessage.Ancillary a) {
        return new SocketMessage.Ancillary(a);
    }

    private static long brokenPipe(Task task, int flags, long done) {
        if (done > 0) {
            return done;
        }
        if ((flags & MSG_NOSIGNAL) == 0) {
            SignalSending.toTask(task, SigInfo.kernel(SignalAbi.SIGPIPE));
        }
        return -EPIPE;
    }

    private static long sendMessage(Task task, UnixSocket s, IoBuffer buffer, int flags, UnixSocket to, SocketMessage.Ancillary ancillary) {
        if (s.type() == SOCK_SEQPACKET && s.socketState() != UnixSocket.CONNECTED) {
            return -ENOTCONN;
        }
        UnixSocket other = to != null && s.type() == SOCK_DGRAM ? to : s.peer();
        if (other == null) {
            return -ENOTCONN;
        }
        if (buffer.remaining() > s.sendBuffer() - OVERHEAD) {
            return -EMSGSIZE;
        }
        if (s.isSendShut()) {
            return -EPIPE;
        }
        byte[] data = new byte[(int) buffer.remaining()];
        SocketMessage m = new SocketMessage(data, s, withoutFiles(ancillary));
        if (!s.hasSendRoom(m.charge())) {
            return await(task, s, s.waitQueue(), flags, s.sendTimeoutNs(), 0);
        }
        if (data.length > 0 && buffer.get(data, 0, data.length) < data.length) {
            return -EFAULT;
        }
        if (other.isDead()) {
            if (s.peer() == other) {
                s.disconnect();
            }
            return -ECONNREFUSED;
        }
        if (other.peer() != null && other.peer() != s && s.type() == SOCK_DGRAM) {
            return -EPERM;
        }
        if (other.isReceiveShut()) {
            return -EPIPE;
        }
        if (other != s && other.peer() != s && other.isQueueFull()) {
            return await(task, s, other.waitQueue(), flags, s.sendTimeoutNs(), 0);
        }
        other.deliver(new SocketMessage(data, s, ancillary));
        return data.length;
    }

    // Receiving

    /**
     * Bytes received, 0 at the end; with MSG_TRUNC the length of the whole datagram. ENOTCONN, EINVAL (a stream that is
     * not connected), EAGAIN, ECONNRESET, EFAULT. Nothing but the data is written to the program here.
     */
    public static long receive(Task task, UnixSocket s, IoBuffer buffer, int flags, Received received) {
        if ((flags & MSG_OOB) != 0) {
            return -EOPNOTSUPP;
        }
        return s.isStream() ? receiveStream(task, s, buffer, flags, received) : receiveMessage(task, s, buffer, flags, received);
    }

    private static long receiveStream(Task task, UnixSocket s, IoBuffer buffer, int flags, Received received) {
        if (s.socketState() != UnixSocket.CONNECTED) {
            return -EINVAL;
        }
        boolean isPeek = (flags & MSG_PEEK) != 0;
        // Peeking takes nothing: it starts from the front again after a wait.
        long done = isPeek ? 0 : task.frame().progress;
        buffer.skip(done);
        SocketMessage first = null;
        for (int at = 0; buffer.remaining() > 0; at += isPeek ? 1 : 0) {
            if (s.queue().size() <= at) {
                return done > 0 && ((flags & MSG_WAITALL) == 0 || isPeek) ? done : atEnd(task, s, flags, done);
            }
            SocketMessage m = s.queue().get(at);
            if (first != null && s.passesCredentials() && !m.hasSameSender(first)) {
                return done;
            }
            first = m;
            int n = (int) Math.min(buffer.remaining(), m.length());
            byte[] bytes = new byte[n];
            m.peek(0, bytes, 0, n);
            int moved = buffer.put(bytes, 0, n);
            if (moved <= 0) {
                return done > 0 ? done : -EFAULT;
            }
            boolean hasFiles = !m.files().isEmpty();
            received.note(m, isPeek);
            done += moved;
            if (!isPeek) {
                task.frame().progress = done;
                m.consume(moved);
                if (m.length() == 0) {
                    s.removeFirst();
                }
            }
            if (hasFiles || moved < n) {
                break;
            }
        }
        return done;
    }

    /** Nothing is there, or not all that was asked for: an error, the end, or a wait. */
    private static long atEnd(Task task, UnixSocket s, int flags, long done) {
        if (done == 0) {
            int error = s.takeError();
            if (error != 0) {
                return -error;
            }
        }
        return s.isReceiveShut() ? done : await(task, s, s.waitQueue(), flags, s.receiveTimeoutNs(), done);
    }

    private static long receiveMessage(Task task, UnixSocket s, IoBuffer buffer, int flags, Received received) {
        if (s.type() == SOCK_SEQPACKET && s.socketState() != UnixSocket.CONNECTED) {
            return -ENOTCONN;
        }
        if (s.queue().isEmpty()) {
            int error = s.takeError();
            if (error != 0) {
                return -error;
            }
            return s.isReceiveShut() ? 0 : await(task, s, s.waitQueue(), flags, s.receiveTimeoutNs(), 0);
        }
        SocketMessage m = s.queue().get(0);
        int n = (int) Math.min(buffer.remaining(), m.length());
        byte[] bytes = new byte[n];
        m.peek(0, bytes, 0, n);
        boolean isBad = n > 0 && buffer.put(bytes, 0, n) < n;
        int length = m.length();
        boolean isPeek = (flags & MSG_PEEK) != 0;
        if (!isBad) {
            received.note(m, isPeek);
            received.flags |= n < length ? MSG_TRUNC : 0;
        }
        if (!isPeek) {
            s.removeFirst().drop();
        }
        return isBad ? -EFAULT : (flags & MSG_TRUNC) != 0 ? length : n;
    }

    /** Waits for a queue: done, -EAGAIN, BLOCKED, or what an interruption answers. timeoutNs 0: for ever. */
    static long await(Task task, UnixSocket s, WaitQueue queue, int flags, long timeoutNs, long done) {
        if (s.isNonBlocking() || (flags & MSG_DONTWAIT) != 0) {
            return done > 0 ? done : -EAGAIN;
        }
        long now = task.kernel().nowNs();
        if (task.frame().deadlineNs < 0) {
            task.frame().deadlineNs = timeoutNs == 0 ? TimerQueue.NEVER : task.kernel().deadlineAfter(timeoutNs);
        }
        if (now >= task.frame().deadlineNs) {
            return done > 0 ? done : -EAGAIN;
        }
        long result = task.blockOn(new WaitQueue[] {queue}, 1, task.frame().deadlineNs);
        if (result != -Restart.ERESTARTSYS) {
            return result;
        }
        return done > 0 ? done : timeoutNs == 0 ? result : -EINTR;
    }
}
