// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.AT_FDCWD;
import static kmos.kernel.abi.Fcntl.O_NONBLOCK;
import static kmos.kernel.abi.Fcntl.O_RDWR;
import static kmos.kernel.socket.SocketAbi.*;

import kmos.base.ErrnoException;
import kmos.base.LittleEndian;
import kmos.fs.Inode;
import kmos.kernel.abi.Restart;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.Opening;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;
import kmos.kernel.vfs.Vfs;

/** Names and connections: bind(2), connect(2), listen(2), accept(2), socketpair(2) of AF_UNIX. Addresses are struct sockaddr_un. */
public final class SocketConnect {
    private SocketConnect() { }

    /** EINVAL: length, family, bound already; EADDRINUSE; what making the name in the file system answers. */
    public static long bind(Task task, UnixSocket s, byte[] address) {
        if (address.length == SUN_PATH && LittleEndian.get16(address, 0) == AF_UNIX) {
            return autobind(s);
        }
        byte[] name = name(address);
        if (name[0] == 0) {
            if (s.isBound()) {
                return -EINVAL;
            }
            if (s.sockets().named(name, s.type()) != null) {
                return -EADDRINUSE;
            }
            s.bindTo(name, null);
            return 0;
        }
        String path = text(name);
        PathWalk.Parent p = PathWalk.parent(task, AT_FDCWD, path);
        Vfs vfs = task.kernel().vfs();
        if (p.kind() != PathWalk.Parent.NORMAL || PathWalk.entry(vfs, p.directory(), p.name()) != null) {
            return -EADDRINUSE;
        }
        if (p.hasTrailingSlash()) {
            return -ENOENT;
        }
        // Linux makes the name and takes it back when the socket has one.
        if (s.isBound()) {
            return -EINVAL;
        }
        Path made = Opening.create(task, p.directory(), p.name(), Inode.S_IFSOCK | 0777 & ~task.fs().umask(), 0);
        s.bindTo(name, made.inode());
        return 0;
    }

    private static long autobind(UnixSocket s) {
        if (s.isBound()) {
            return 0;
        }
        byte[] name = s.sockets().unusedName(s.type());
        if (name == null) {
            return -ENOSPC;
        }
        s.bindTo(name, null);
        return 0;
    }

    /** sun_path as sockets keep it. EINVAL. */
    private static byte[] name(byte[] address) {
        if (address.length <= SUN_PATH || address.length > SUN_LENGTH || LittleEndian.get16(address, 0) != AF_UNIX) {
            throw new ErrnoException(EINVAL);
        }
        int length = address.length - SUN_PATH;
        if (address[SUN_PATH] != 0) {
            int end = 0;
            while (end < length && address[SUN_PATH + end] != 0) {
                end++;
            }
            length = end + 1;
        }
        byte[] name = new byte[length];
        System.arraycopy(address, SUN_PATH, name, 0, Math.min(length, address.length - SUN_PATH));
        return name;
    }

    private static String text(byte[] name) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < name.length && name[i] != 0; i++) {
            path.append((char) (name[i] & 0xFF));
        }
        return path.toString();
    }

    /** The socket with an address. ECONNREFUSED, EPROTOTYPE, EACCES, ENOENT, EINVAL. */
    public static UnixSocket find(Task task, UnixSocket from, byte[] address) {
        byte[] name = name(address);
        UnixSocket found;
        if (name[0] == 0) {
            found = from.sockets().named(name, from.type());
        } else {
            Path at = PathWalk.lookup(task, AT_FDCWD, text(name), PathWalk.FOLLOW);
            Permissions.require(at.inode(), task.credentials(), Permissions.WRITE);
            found = from.sockets().at(at.inode());
        }
        if (found == null) {
            throw new ErrnoException(ECONNREFUSED);
        }
        if (found.type() != from.type()) {
            throw new ErrnoException(EPROTOTYPE);
        }
        return found;
    }

    public static long connect(Task task, UnixSocket s, byte[] address) {
        if (!s.isConnectionOriented()) {
            return connectDatagrams(task, s, address);
        }
        UnixSocket other = find(task, s, address);
        if (other.socketState() != UnixSocket.LISTENING || other.isReceiveShut()) {
            return -ECONNREFUSED;
        }
        if (s.socketState() != UnixSocket.UNCONNECTED) {
            return s.socketState() == UnixSocket.CONNECTED ? -EISCONN : -EINVAL;
        }
        if (other.hasFullBacklog()) {
            return SocketTransfer.await(task, s, other.waitQueue(), 0, s.sendTimeoutNs(), 0);
        }
        UnixSocket fresh = new UnixSocket(task.kernel().vfs(), task.credentials(), s.type(), O_RDWR);
        fresh.inheritName(other);
        fresh.setPeerCredentials(task);
        fresh.connectTo(s);
        s.setPeerCredentialsOfListener(other);
        s.connectTo(fresh);
        other.offer(fresh);
        return 0;
    }

    /** AF_UNSPEC dissolves the association. */
    private static long connectDatagrams(Task task, UnixSocket s, byte[] address) {
        if (address.length < SUN_PATH) {
            return -EINVAL;
        }
        if (LittleEndian.get16(address, 0) == AF_UNSPEC) {
            s.disconnect();
            return 0;
        }
        UnixSocket other = find(task, s, address);
        if (other.peer() != null && other.peer() != s) {
            return -EPERM;
        }
        s.connectTo(other);
        return 0;
    }

    /** EOPNOTSUPP: datagrams; EINVAL: without a name, or connected. */
    public static long listen(Task task, UnixSocket s, int backlog) {
        if (!s.isConnectionOriented()) {
            return -EOPNOTSUPP;
        }
        if (!s.isBound() || s.socketState() == UnixSocket.CONNECTED) {
            return -EINVAL;
        }
        s.listen(task, Integer.compareUnsigned(backlog, SOMAXCONN) > 0 ? SOMAXCONN : backlog);
        return 0;
    }

    /** The next connection, still queued: null means that the result says why (BLOCKED, -errno) in result[0]. */
    public static UnixSocket accept(Task task, UnixSocket s, long[] result) {
        if (!s.isConnectionOriented()) {
            result[0] = -EOPNOTSUPP;
            return null;
        }
        if (s.socketState() != UnixSocket.LISTENING) {
            result[0] = -EINVAL;
            return null;
        }
        UnixSocket next = s.nextPending();
        if (next == null) {
            result[0] = s.isReceiveShut() ? -EINVAL : SocketTransfer.await(task, s, s.waitQueue(), 0, s.receiveTimeoutNs(), 0);
            result[0] = result[0] == -EINTR ? -Restart.ERESTARTSYS : result[0];
        }
        return next;
    }

    /** The connection leaves the queue for the program. */
    public static void accepted(UnixSocket listener, UnixSocket next, int flags) {
        next.setFlags(flags & O_NONBLOCK);
        listener.takePending();
    }

    /** Two sockets that are each other's peers. */
    public static UnixSocket[] pair(Task task, int type, int flags) {
        Vfs vfs = task.kernel().vfs();
        UnixSocket[] pair = new UnixSocket[2];
        for (int i = 0; i < 2; i++) {
            pair[i] = new UnixSocket(vfs, task.credentials(), type, O_RDWR | flags & O_NONBLOCK);
            pair[i].setPeerCredentials(task);
        }
        pair[0].connectTo(pair[1]);
        pair[1].connectTo(pair[0]);
        return pair;
    }

    public static UnixSocket create(Task task, int type, int flags) {
        return new UnixSocket(task.kernel().vfs(), task.credentials(), type, O_RDWR | flags & O_NONBLOCK);
    }

    /** The peer's name. ENOTCONN. */
    public static byte[] peerName(UnixSocket s) {
        if (s.peer() == null) {
            throw new ErrnoException(ENOTCONN);
        }
        return s.peer().name();
    }

    /** shutdown(2). EINVAL. */
    public static long shutdown(UnixSocket s, int how) {
        if (how < SHUT_RD || how > SHUT_RDWR) {
            return -EINVAL;
        }
        s.shutDown(how);
        return 0;
    }
}
