// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.socket.SocketAbi.*;

import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.kernel.socket.SocketMessage;
import kmos.kernel.socket.SocketTransfer;
import kmos.kernel.socket.UnixSocket;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;

/**
 * sendmsg(2), recvmsg(2) and their mmsg forms: struct msghdr with an address, a vector of buffers and control messages
 * (cmsg(3)): SCM_RIGHTS and SCM_CREDENTIALS.
 *
 * <pre>
 * msghdr  amd64: 0 name  8 namelen  16 iov  24 iovlen  32 control  40 controllen  48 flags   (56 bytes)
 *         i386:  0 name  4 namelen   8 iov  12 iovlen  16 control  20 controllen  24 flags   (28 bytes)
 * cmsghdr         length (a word), level, type (32 bits each), data; each starts at a multiple of a word
 * </pre>
 */
final class SocketMessages {
    private static final int CONTROL_MAX = 20480, VECTOR_MAX = 1024;

    private SocketMessages() { }

    private record Header(long name, int nameLength, long vector, long vectorLength, long control, long controlLength) { }

    private static Header header(Task task, long at) {
        int w = task.is64Bit() ? 8 : 4;
        byte[] raw = UserArgs.get(task, at, 7 * w);
        long vectorLength = UserArgs.word(raw, 3, w);
        int nameLength = LittleEndian.get32(raw, w);
        if (UserArgs.word(raw, 0, w) == 0) {
            nameLength = 0;
        }
        if (nameLength < 0) {
            throw new ErrnoException(EINVAL);
        }
        if (vectorLength < 0 || vectorLength > VECTOR_MAX) {
            throw new ErrnoException(EMSGSIZE);
        }
        return new Header(UserArgs.word(raw, 0, w), Math.min(nameLength, STORAGE_LENGTH), UserArgs.word(raw, 2, w), vectorLength,
            UserArgs.word(raw, 4, w), UserArgs.word(raw, 5, w));
    }

    // Sending

    static long sendmsg(Task task, SyscallArgs args) {
        return send(task, Sockets.get(task, args.int32(0)), args.raw(1), args.int32(2));
    }

    private static long send(Task task, UnixSocket s, long at, int flags) {
        Header h = header(task, at);
        IoBuffer buffer = UserArgs.vector(task, h.vector, h.vectorLength);
        SocketMessage.Ancillary ancillary = new SocketMessage.Ancillary(task);
        if (h.controlLength != 0) {
            readControl(task, h, ancillary);
        }
        UnixSocket to = h.nameLength == 0 ? null : Sockets.destination(task, s, Sockets.address(task, h.name, h.nameLength));
        return SocketTransfer.send(task, s, buffer, flags, to, ancillary);
    }

    /** EINVAL: malformed; ENOBUFS: too long; EBADF; EPERM: credentials that are not the sender's. */
    private static void readControl(Task task, Header h, SocketMessage.Ancillary ancillary) {
        int w = task.is64Bit() ? 8 : 4;
        if (Long.compareUnsigned(h.controlLength, CONTROL_MAX) > 0) {
            throw new ErrnoException(ENOBUFS);
        }
        byte[] control = UserArgs.get(task, h.control, (int) h.controlLength);
        int head = w + 8;
        for (int at = 0; at + head <= control.length;) {
            long length = w == 8 ? LittleEndian.get64(control, at) : LittleEndian.getUnsigned32(control, at);
            if (length < head || length > control.length - at) {
                throw new ErrnoException(EINVAL);
            }
            if (LittleEndian.get32(control, at + w) == SOL_SOCKET) {
                int type = LittleEndian.get32(control, at + w + 4);
                int dataLength = (int) length - head;
                if (type == SCM_RIGHTS) {
                    readFiles(task, control, at + head, dataLength, ancillary);
                } else if (type == SCM_CREDENTIALS) {
                    readCredentials(task, control, at + head, dataLength, ancillary);
                } else {
                    throw new ErrnoException(EINVAL);
                }
            }
            at += (int) length + w - 1 & -w;
        }
    }

    private static void readFiles(Task task, byte[] control, int at, int length, SocketMessage.Ancillary ancillary) {
        int count = length / 4;
        if (count + ancillary.files.size() > SCM_MAX_FD) {
            throw new ErrnoException(EINVAL);
        }
        for (int i = 0; i < count; i++) {
            FileDescription f = task.files().get(LittleEndian.get32(control, at + i * 4));
            if (f == null || f.isPathOnly() && f.inode() == null) {
                throw new ErrnoException(EBADF);
            }
            ancillary.files.add(f);
        }
    }

    private static void readCredentials(Task task, byte[] control, int at, int length, SocketMessage.Ancillary ancillary) {
        if (length != 12) {
            throw new ErrnoException(EINVAL);
        }
        Credentials c = task.credentials();
        int pid = LittleEndian.get32(control, at);
        int uid = LittleEndian.get32(control, at + 4);
        int gid = LittleEndian.get32(control, at + 8);
        boolean isOwn = pid == task.group().pid() && (uid == c.uid() || uid == c.euid() || uid == c.suid())
            && (gid == c.gid() || gid == c.egid() || gid == c.sgid());
        if (!isOwn && !c.isRoot()) {
            throw new ErrnoException(EPERM);
        }
        if (task.kernel().pids().group(pid) == null) {
            throw new ErrnoException(ESRCH);
        }
        ancillary.pid = pid;
        ancillary.uid = uid;
        ancillary.gid = gid;
    }

    // Receiving

    static long recvmsg(Task task, SyscallArgs args) {
        return receive(task, Sockets.get(task, args.int32(0)), args.raw(1), args.int32(2));
    }

    /** All places that are written behind the data are made writable before it: the message must not be lost to a page fault. */
    private static long receive(Task task, UnixSocket s, long at, int flags) {
        Header h = header(task, at);
        int w = task.is64Bit() ? 8 : 4;
        IoBuffer buffer = UserArgs.vector(task, h.vector, h.vectorLength);
        task.user().prepareWrite(at, 7L * w);
        if (h.nameLength > 0) {
            task.user().prepareWrite(h.name, h.nameLength);
        }
        long controlRoom = Long.compareUnsigned(h.controlLength, CONTROL_MAX) > 0 ? CONTROL_MAX : h.control == 0 ? 0 : h.controlLength;
        if (controlRoom > 0) {
            task.user().prepareWrite(h.control, controlRoom);
        }
        SocketTransfer.Received received = new SocketTransfer.Received();
        long n = SocketTransfer.receive(task, s, buffer, flags, received);
        if (n < 0) {
            received.dropFiles();
            return n;
        }
        byte[] address = received.name.length == 0 ? new byte[0] : Sockets.sockaddr(received.name);
        if (h.name != 0) {
            byte[] part = new byte[Math.min(h.nameLength, address.length)];
            System.arraycopy(address, 0, part, 0, part.length);
            UserArgs.put(task, h.name, part);
            task.user().write32(at + w, address.length);
        }
        byte[] control = control(task, s, received, (int) controlRoom, flags);
        UserArgs.put(task, h.control, control);
        task.user().writeWord(at + 5L * w, control.length);
        task.user().write32(at + 6L * w, received.flags | flags & MSG_CMSG_CLOEXEC);
        return n;
    }

    private static byte[] control(Task task, UnixSocket s, SocketTransfer.Received r, int room, int flags) {
        int w = task.is64Bit() ? 8 : 4;
        byte[] out = new byte[room];
        int at = 0;
        if (s.passesCredentials() && r.hasSender) {
            byte[] ids = new byte[12];
            LittleEndian.put32(ids, 0, r.pid);
            LittleEndian.put32(ids, 4, r.uid);
            LittleEndian.put32(ids, 8, r.gid);
            at = putControl(out, at, w, SCM_CREDENTIALS, ids, r);
        }
        if (!r.files.isEmpty()) {
            at = putFiles(task, out, at, w, flags, r);
        }
        byte[] used = new byte[at];
        System.arraycopy(out, 0, used, 0, at);
        return used;
    }

    private static int putControl(byte[] out, int at, int w, int type, byte[] data, SocketTransfer.Received r) {
        int head = w + 8;
        if (out.length - at < head) {
            r.flags |= MSG_CTRUNC;
            return at;
        }
        int length = Math.min(head + data.length, out.length - at);
        r.flags |= length < head + data.length ? MSG_CTRUNC : 0;
        if (w == 8) {
            LittleEndian.put64(out, at, length);
        } else {
            LittleEndian.put32(out, at, length);
        }
        LittleEndian.put32(out, at + w, SOL_SOCKET);
        LittleEndian.put32(out, at + w + 4, type);
        System.arraycopy(data, 0, out, at + head, length - head);
        return Math.min(out.length, at + (length + w - 1 & -w));
    }

    /** Installs as many descriptors as there is room for, in control message and table; the others are closed. */
    private static int putFiles(Task task, byte[] out, int at, int w, int flags, SocketTransfer.Received r) {
        int fit = Math.max(0, (out.length - at - w - 8) / 4);
        long limit = FileIo.unsignedLimit(task.group().limit(kmos.kernel.abi.SchedAbi.RLIMIT_NOFILE));
        List<FileDescription> files = r.files;
        int count = 0;
        byte[] numbers = new byte[files.size() * 4];
        while (count < Math.min(fit, files.size())) {
            int fd = task.files().install(files.get(count), (flags & MSG_CMSG_CLOEXEC) != 0, 0, limit);
            if (fd < 0) {
                break;
            }
            LittleEndian.put32(numbers, count++ * 4, fd);
        }
        for (int i = count; i < files.size(); i++) {
            files.get(i).release();
            r.flags |= MSG_CTRUNC;
        }
        files.clear();
        if (count == 0) {
            return at;
        }
        byte[] used = new byte[count * 4];
        System.arraycopy(numbers, 0, used, 0, used.length);
        return putControl(out, at, w, SCM_RIGHTS, used, r);
    }

    // Several at once: struct mmsghdr is a msghdr and the count of bytes

    static long sendmmsg(Task task, SyscallArgs args) {
        return many(task, args, true);
    }

    /** Differs from Linux: the timeout is not used; MSG_WAITFORONE and SO_RCVTIMEO bound the wait. */
    static long recvmmsg(Task task, SyscallArgs args) {
        return many(task, args, false);
    }

    private static long many(Task task, SyscallArgs args, boolean sends) {
        UnixSocket s = Sockets.get(task, args.int32(0));
        int w = task.is64Bit() ? 8 : 4;
        int size = 7 * w + (w == 8 ? 8 : 4);
        long count = Math.min(args.unsigned32(2), VECTOR_MAX);
        int flags = args.int32(3);
        while (task.frame().stage < count) {
            int done = task.frame().stage;
            long at = args.raw(1) + (long) done * size;
            int each = flags & ~MSG_WAITFORONE | (done > 0 && (flags & MSG_WAITFORONE) != 0 ? MSG_DONTWAIT : 0);
            task.user().prepareWrite(at + 7L * w, 4);
            long n = sends ? send(task, s, at, each) : receive(task, s, at, each);
            if (n == Task.BLOCKED) {
                return n;
            }
            if (n < 0) {
                return done > 0 ? done : n;
            }
            task.user().write32(at + 7L * w, (int) n);
            task.frame().progress = 0;
            task.frame().stage = done + 1;
        }
        return task.frame().stage;
    }
}
