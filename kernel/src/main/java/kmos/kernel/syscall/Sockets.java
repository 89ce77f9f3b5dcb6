// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.O_CLOEXEC;
import static kmos.kernel.abi.Fcntl.O_NONBLOCK;
import static kmos.kernel.socket.SocketAbi.*;

import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.kernel.abi.SchedAbi;
import kmos.kernel.socket.SocketConnect;
import kmos.kernel.socket.SocketMessage;
import kmos.kernel.socket.SocketOptions;
import kmos.kernel.socket.SocketTransfer;
import kmos.kernel.socket.UnixSocket;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;

/** Calls on sockets (Linux net/socket.c); messages with ancillary data are in {@link SocketMessages}. AF_UNIX is the only family. */
final class Sockets {
    private static final SyscallBody[] SOCKETCALLS = {null, Sockets::socket, Sockets::bind, Sockets::connect, Sockets::listen, Sockets::accept,
        Sockets::getsockname, Sockets::getpeername, Sockets::socketpair, Sockets::send, Sockets::recv, Sockets::sendto, Sockets::recvfrom,
        Sockets::shutdown, Sockets::setsockopt, Sockets::getsockopt, SocketMessages::sendmsg, SocketMessages::recvmsg, Sockets::accept4,
        SocketMessages::recvmmsg, SocketMessages::sendmmsg};
    private static final int[] ARGUMENTS = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4, 5, 4};

    private Sockets() { }

    /** socketcall(2), i386: a number and a block of arguments. EINVAL: no such call; EFAULT. */
    static long socketcall(Task task, SyscallArgs args) {
        int call = args.int32(0);
        if (call < 1 || call >= SOCKETCALLS.length) {
            return -EINVAL;
        }
        byte[] block = UserArgs.get(task, args.raw(1), ARGUMENTS[call] * 4);
        long[] a = new long[6];
        for (int i = 0; i < ARGUMENTS[call]; i++) {
            a[i] = LittleEndian.getUnsigned32(block, i * 4);
        }
        SyscallArgs unpacked = new SyscallArgs();
        unpacked.set(a[0], a[1], a[2], a[3], a[4], a[5]);
        return SOCKETCALLS[call].call(task, unpacked);
    }

    /** The socket of a descriptor. EBADF, ENOTSOCK. */
    static UnixSocket get(Task task, int fd) {
        FileDescription file = task.files().get(fd);
        if (file == null || file.isPathOnly()) {
            throw new ErrnoException(EBADF);
        }
        if (!(file instanceof UnixSocket socket)) {
            throw new ErrnoException(ENOTSOCK);
        }
        return socket;
    }

    // Making

    static long socket(Task task, SyscallArgs args) {
        int flags = args.int32(1) & ~SOCK_TYPE_MASK;
        long type = type(args.int32(0), args.int32(1), args.int32(2));
        if (type < 0) {
            return type;
        }
        if (!task.files().hasRoom(1, limit(task))) {
            return -EMFILE;
        }
        return FileIo.install(task, SocketConnect.create(task, (int) type, flags), (flags & O_CLOEXEC) != 0);
    }

    /** The type, or -EINVAL, -EAFNOSUPPORT, -EPROTONOSUPPORT, -ESOCKTNOSUPPORT in Linux's order. */
    private static long type(int family, int typeAndFlags, int protocol) {
        int type = typeAndFlags & SOCK_TYPE_MASK;
        if ((typeAndFlags & ~SOCK_TYPE_MASK & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
            return -EINVAL;
        }
        if (family < 0 || family >= AF_MAX) {
            return -EAFNOSUPPORT;
        }
        if (type >= SOCK_MAX) {
            return -EINVAL;
        }
        if (family != AF_UNIX) {
            return -EAFNOSUPPORT;
        }
        if (protocol != 0 && protocol != AF_UNIX) {
            return -EPROTONOSUPPORT;
        }
        if (type == SOCK_RAW) {
            return SOCK_DGRAM;
        }
        return type == SOCK_STREAM || type == SOCK_DGRAM || type == SOCK_SEQPACKET ? type : -ESOCKTNOSUPPORT;
    }

    private static long limit(Task task) {
        return FileIo.unsignedLimit(task.group().limit(SchedAbi.RLIMIT_NOFILE));
    }

    static long socketpair(Task task, SyscallArgs args) {
        int flags = args.int32(1) & ~SOCK_TYPE_MASK;
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
            return -EINVAL;
        }
        if (!task.files().hasRoom(2, limit(task))) {
            return -EMFILE;
        }
        task.user().prepareWrite(args.raw(3), 8);
        long type = type(args.int32(0), args.int32(1), args.int32(2));
        if (type < 0) {
            return type;
        }
        UnixSocket[] pair = SocketConnect.pair(task, (int) type, flags);
        byte[] fds = new byte[8];
        for (int i = 0; i < 2; i++) {
            LittleEndian.put32(fds, i * 4, task.files().install(pair[i], (flags & O_CLOEXEC) != 0, 0, limit(task)));
        }
        UserArgs.put(task, args.raw(3), fds);
        return 0;
    }

    // Addresses

    /** A struct sockaddr. EINVAL: length; EFAULT. */
    static byte[] address(Task task, long at, int length) {
        if (length < 0 || length > STORAGE_LENGTH) {
            throw new ErrnoException(EINVAL);
        }
        return UserArgs.get(task, at, length);
    }

    /** As much of the address as there is room for, and its whole length. EFAULT; EINVAL: negative room. */
    static void putAddress(Task task, long at, long lengthAt, byte[] name) {
        int room = task.user().read32(lengthAt);
        if (room < 0) {
            throw new ErrnoException(EINVAL);
        }
        byte[] address = sockaddr(name);
        byte[] part = new byte[Math.min(room, address.length)];
        System.arraycopy(address, 0, part, 0, part.length);
        UserArgs.put(task, at, part);
        task.user().write32(lengthAt, address.length);
    }

    static byte[] sockaddr(byte[] name) {
        byte[] address = new byte[SUN_PATH + name.length];
        LittleEndian.put16(address, 0, AF_UNIX);
        System.arraycopy(name, 0, address, SUN_PATH, name.length);
        return address;
    }

    static long bind(Task task, SyscallArgs args) {
        UnixSocket s = get(task, args.int32(0));
        return SocketConnect.bind(task, s, address(task, args.raw(1), args.int32(2)));
    }

    static long connect(Task task, SyscallArgs args) {
        UnixSocket s = get(task, args.int32(0));
        return SocketConnect.connect(task, s, address(task, args.raw(1), args.int32(2)));
    }

    static long listen(Task task, SyscallArgs args) {
        return SocketConnect.listen(task, get(task, args.int32(0)), args.int32(1));
    }

    static long accept(Task task, SyscallArgs args) {
        return accept(task, args, 0);
    }

    static long accept4(Task task, SyscallArgs args) {
        return accept(task, args, args.int32(3));
    }

    private static long accept(Task task, SyscallArgs args, int flags) {
        if ((flags & ~(O_CLOEXEC | O_NONBLOCK)) != 0) {
            return -EINVAL;
        }
        UnixSocket s = get(task, args.int32(0));
        if (!task.files().hasRoom(1, limit(task))) {
            return -EMFILE;
        }
        long[] result = new long[1];
        UnixSocket next = SocketConnect.accept(task, s, result);
        if (next == null) {
            return result[0];
        }
        if (args.raw(1) != 0) {
            putAddress(task, args.raw(1), args.raw(2), SocketConnect.peerName(next));
        }
        SocketConnect.accepted(s, next, flags);
        return FileIo.install(task, next, (flags & O_CLOEXEC) != 0);
    }

    static long getsockname(Task task, SyscallArgs args) {
        putAddress(task, args.raw(1), args.raw(2), get(task, args.int32(0)).name());
        return 0;
    }

    static long getpeername(Task task, SyscallArgs args) {
        putAddress(task, args.raw(1), args.raw(2), SocketConnect.peerName(get(task, args.int32(0))));
        return 0;
    }

    static long shutdown(Task task, SyscallArgs args) {
        return SocketConnect.shutdown(get(task, args.int32(0)), args.int32(1));
    }

    // Bytes

    /** send(2), by socketcall. */
    static long send(Task task, SyscallArgs args) {
        return sendto(task, args.int32(0), args.raw(1), args.raw(2), args.int32(3), 0, 0);
    }

    static long sendto(Task task, SyscallArgs args) {
        return sendto(task, args.int32(0), args.raw(1), args.raw(2), args.int32(3), args.raw(4), args.int32(5));
    }

    private static long sendto(Task task, int fd, long buffer, long length, int flags, long to, int toLength) {
        UnixSocket s = get(task, fd);
        IoBuffer bytes = IoBuffer.user(task.user(), buffer, UserArgs.size(task, length));
        UnixSocket destination = to == 0 ? null : destination(task, s, address(task, to, toLength));
        return SocketTransfer.send(task, s, bytes, flags, destination, new SocketMessage.Ancillary(task));
    }

    /** Whom a message that names its destination goes to; null for an empty name. EISCONN, EOPNOTSUPP: a stream. */
    static UnixSocket destination(Task task, UnixSocket s, byte[] address) {
        if (address.length == 0) {
            return null;
        }
        if (s.type() == SOCK_STREAM) {
            throw new ErrnoException(s.isConnected() ? EISCONN : EOPNOTSUPP);
        }
        return s.type() == SOCK_SEQPACKET ? null : SocketConnect.find(task, s, address);
    }

    /** recv(2), by socketcall. */
    static long recv(Task task, SyscallArgs args) {
        return recvfrom(task, args.int32(0), args.raw(1), args.raw(2), args.int32(3), 0, 0);
    }

    static long recvfrom(Task task, SyscallArgs args) {
        return recvfrom(task, args.int32(0), args.raw(1), args.raw(2), args.int32(3), args.raw(4), args.raw(5));
    }

    private static long recvfrom(Task task, int fd, long buffer, long length, int flags, long from, long fromLength) {
        UnixSocket s = get(task, fd);
        if (from != 0) {
            task.user().prepareWrite(fromLength, 4);
            task.user().prepareWrite(from, Math.max(0, Math.min(task.user().read32(fromLength), STORAGE_LENGTH)));
        }
        SocketTransfer.Received received = new SocketTransfer.Received();
        long n = SocketTransfer.receive(task, s, IoBuffer.user(task.user(), buffer, UserArgs.size(task, length)), flags, received);
        received.dropFiles();
        if (n >= 0 && from != 0) {
            if (received.name.length == 0) {
                task.user().write32(fromLength, 0);
            } else {
                putAddress(task, from, fromLength, received.name);
            }
        }
        return n;
    }

    // Options

    /** EOPNOTSUPP: another level than SOL_SOCKET. */
    static long setsockopt(Task task, SyscallArgs args) {
        int length = args.int32(4);
        if (length < 0) {
            return -EINVAL;
        }
        UnixSocket s = get(task, args.int32(0));
        if (args.int32(1) != SOL_SOCKET) {
            return -EOPNOTSUPP;
        }
        byte[] value = UserArgs.get(task, args.raw(3), Math.min(length, 64));
        return SocketOptions.set(s, args.int32(2), value, task.is64Bit(), task.credentials().isRoot());
    }

    static long getsockopt(Task task, SyscallArgs args) {
        UnixSocket s = get(task, args.int32(0));
        if (args.int32(1) != SOL_SOCKET) {
            return -EOPNOTSUPP;
        }
        int room = task.user().read32(args.raw(4));
        if (room < 0) {
            return -EINVAL;
        }
        byte[] value = SocketOptions.get(s, args.int32(2), task.is64Bit());
        if (value == null) {
            return -ENOPROTOOPT;
        }
        byte[] part = new byte[Math.min(room, value.length)];
        System.arraycopy(value, 0, part, 0, part.length);
        UserArgs.put(task, args.raw(3), part);
        task.user().write32(args.raw(4), part.length);
        return 0;
    }
}
