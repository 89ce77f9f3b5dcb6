// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import static kmos.base.Errno.*;
import static kmos.kernel.socket.SocketAbi.*;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.fs.Inode;
import kmos.kernel.abi.Poll;
import kmos.kernel.abi.Termios;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Vfs;

/**
 * An AF_UNIX socket (Linux net/unix/af_unix.c): what it is, whom it is connected to, and what has come in. Moving bytes is
 * {@link SocketTransfer}'s business, names and connections {@link SocketConnect}'s.
 */
public final class UnixSocket extends FileDescription {
    static final int UNCONNECTED = 0, LISTENING = 1, CONNECTED = 2;
    private static final int DEFAULT_BUFFER = 212992, MAX_DATAGRAMS = 10;
    private static final int RECEIVE = 1, SEND = 2;

    private UnixSockets sockets;
    private int type;
    private int state;
    private UnixSocket peer;
    private byte[] name = new byte[0];
    private boolean isBound;
    private Inode boundInode;
    private final List<SocketMessage> queue = new ArrayList<>();
    private final List<UnixSocket> pending = new ArrayList<>();
    private int backlog;
    /** RECEIVE, SEND: ends that were shut down. */
    private int shut;
    private boolean isDead;
    private int error;
    /** Charges of messages that were sent and not received. */
    private int outstanding;
    private int sendBuffer = DEFAULT_BUFFER;
    private int receiveBuffer = DEFAULT_BUFFER;
    private boolean passesCredentials;
    private long receiveTimeoutNs, sendTimeoutNs;
    /** SO_PEERCRED: pid 0 before there is a peer. */
    private int peerPid;
    private int peerUid = -1, peerGid = -1;
    private int listenPid, listenUid, listenGid;
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public UnixSocket(Vfs vfs) {
        super(vfs);
    }

    public UnixSocket(Vfs vfs, Credentials owner, int type, int flags) {
        super(vfs, vfs.sockets().fileSystem().newSocket(owner, vfs.timeNs()), flags);
        sockets = vfs.sockets();
        this.type = type;
        sockets.add(this);
    }

    /** SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET. */
    public int type() {
        return type;
    }

    boolean isStream() {
        return type == SOCK_STREAM;
    }

    /** Streams and sequenced packets. */
    boolean isConnectionOriented() {
        return type != SOCK_DGRAM;
    }

    public boolean isListening() {
        return state == LISTENING;
    }

    public boolean isConnected() {
        return state == CONNECTED;
    }

    int socketState() {
        return state;
    }

    /** null without one; it may be dead. */
    UnixSocket peer() {
        return peer;
    }

    boolean isDead() {
        return isDead;
    }

    Vfs vfs() {
        return vfs;
    }

    UnixSockets sockets() {
        return sockets;
    }

    // Names

    /** sun_path: with its NUL for a path, with a NUL in front when abstract, empty without a name. */
    public byte[] name() {
        return name;
    }

    boolean isBound() {
        return isBound;
    }

    Inode boundInode() {
        return boundInode;
    }

    /** inode: retained by the socket from now on; null for an abstract name. */
    void bindTo(byte[] newName, Inode inode) {
        name = newName;
        isBound = true;
        boundInode = inode == null ? null : inode.retain();
    }

    // Connections

    void connectTo(UnixSocket other) {
        peer = other;
        state = CONNECTED;
        changed.wakeAll();
    }

    void disconnect() {
        peer = null;
        state = UNCONNECTED;
        changed.wakeAll();
    }

    void listen(Task task, int length) {
        state = LISTENING;
        backlog = length;
        listenPid = task.group().pid();
        listenUid = task.credentials().euid();
        listenGid = task.credentials().egid();
        changed.wakeAll();
    }

    /** Accepted from a listener: it has the listener's name. */
    void inheritName(UnixSocket listener) {
        name = listener.name;
    }

    boolean hasFullBacklog() {
        return pending.size() > backlog;
    }

    void offer(UnixSocket fresh) {
        pending.add(fresh);
        changed.wakeAll();
    }

    /** The next connection, still in the queue; null when there is none. */
    UnixSocket nextPending() {
        return pending.isEmpty() ? null : pending.get(0);
    }

    void takePending() {
        pending.remove(0);
        changed.wakeAll();
    }

    void setPeerCredentials(int pid, int uid, int gid) {
        peerPid = pid;
        peerUid = uid;
        peerGid = gid;
    }

    void setPeerCredentials(Task task) {
        setPeerCredentials(task.group().pid(), task.credentials().euid(), task.credentials().egid());
    }

    void setPeerCredentialsOfListener(UnixSocket listener) {
        setPeerCredentials(listener.listenPid, listener.listenUid, listener.listenGid);
    }

    int[] peerCredentials() {
        return new int[] {peerPid, peerUid, peerGid};
    }

    /** shutdown(2): the own ends, and of a connection the peer's opposite ends. */
    void shutDown(int how) {
        shut |= how + 1;
        if (isConnectionOriented() && peer != null) {
            peer.shut |= (how + 1 & RECEIVE) != 0 ? SEND : 0;
            peer.shut |= (how + 1 & SEND) != 0 ? RECEIVE : 0;
            peer.changed.wakeAll();
        }
        changed.wakeAll();
    }

    boolean isReceiveShut() {
        return (shut & RECEIVE) != 0;
    }

    boolean isSendShut() {
        return (shut & SEND) != 0;
    }

    /** SO_ERROR: tells and forgets. */
    int takeError() {
        int e = error;
        error = 0;
        return e;
    }

    // Messages

    List<SocketMessage> queue() {
        return queue;
    }

    /** Whether the sender has room for this much more, or has nothing on the way. */
    boolean hasSendRoom(int charge) {
        return outstanding < sendBuffer && (outstanding + charge <= sendBuffer || outstanding == 0);
    }

    /** No more datagrams fit (net.unix.max_dgram_qlen). */
    boolean isQueueFull() {
        return queue.size() > MAX_DATAGRAMS;
    }

    void deliver(SocketMessage m) {
        m.sender().outstanding += m.charge();
        queue.add(m);
        changed.wakeAll();
    }

    /** The first message is taken or forgotten: its sender has room again. */
    SocketMessage removeFirst() {
        SocketMessage m = queue.remove(0);
        m.sender().outstanding -= m.charge();
        m.sender().changed.wakeAll();
        changed.wakeAll();
        return m;
    }

    public int sendBuffer() {
        return sendBuffer;
    }

    void setSendBuffer(int bytes) {
        sendBuffer = bytes;
    }

    int receiveBuffer() {
        return receiveBuffer;
    }

    void setReceiveBuffer(int bytes) {
        receiveBuffer = bytes;
    }

    public boolean passesCredentials() {
        return passesCredentials;
    }

    void setPassesCredentials(boolean passes) {
        passesCredentials = passes;
    }

    long receiveTimeoutNs() {
        return receiveTimeoutNs;
    }

    void setReceiveTimeoutNs(long ns) {
        receiveTimeoutNs = ns;
    }

    long sendTimeoutNs() {
        return sendTimeoutNs;
    }

    void setSendTimeoutNs(long ns) {
        sendTimeoutNs = ns;
    }

    // FileDescription

    @Override
    public long read(Task task, IoBuffer buffer) {
        return SocketTransfer.read(task, this, buffer);
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        return SocketTransfer.write(task, this, buffer);
    }

    @Override
    public boolean writesAll() {
        return isStream();
    }

    @Override
    public int poll() {
        int ready = 0;
        if (error != 0) {
            ready |= Poll.POLLERR;
        }
        if (shut == (RECEIVE | SEND)) {
            ready |= Poll.POLLHUP;
        }
        if (isReceiveShut()) {
            ready |= Poll.POLLRDHUP | Poll.READABLE;
        }
        if (!queue.isEmpty() || !pending.isEmpty()) {
            ready |= Poll.READABLE;
        }
        if (isConnectionOriented() && state == UNCONNECTED) {
            ready |= Poll.POLLHUP;
        }
        boolean isBlockedByPeer = type == SOCK_DGRAM && peer != null && peer.peer != this && peer.isQueueFull();
        if (state != LISTENING && outstanding * 4L <= sendBuffer && !isBlockedByPeer) {
            ready |= Poll.WRITABLE | Poll.POLLWRBAND;
        }
        return ready;
    }

    @Override
    public WaitQueue waitQueue() {
        return changed;
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        if (command == Termios.FIONREAD) {
            if (state == LISTENING) {
                return -EINVAL;
            }
            int bytes = 0;
            for (SocketMessage m : queue) {
                bytes += m.length();
                if (type == SOCK_DGRAM) {
                    break;
                }
            }
            task.user().write32(argument, bytes);
            return 0;
        }
        if (command == Termios.TIOCOUTQ) {
            task.user().write32(argument, outstanding);
            return 0;
        }
        return -ENOTTY;
    }

    @Override
    protected void closed() {
        isDead = true;
        sockets.remove(this);
        if (isConnectionOriented() && peer != null) {
            if (!queue.isEmpty()) {
                peer.error = ECONNRESET;
            }
            peer.shut = RECEIVE | SEND;
            peer.changed.wakeAll();
        }
        for (UnixSocket fresh : new ArrayList<>(pending)) {
            fresh.error = 0;
            if (fresh.peer != null) {
                fresh.peer.error = ECONNRESET;
            }
            fresh.release();
        }
        pending.clear();
        while (!queue.isEmpty()) {
            removeFirst().drop();
        }
        if (boundInode != null) {
            vfs.release(boundInode);
            boundInode = null;
        }
        changed.wakeAll();
    }

    @Override
    public String description() {
        return "socket:[" + inode().number() + "]";
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        sockets = vfs.sockets();
        type = s.i32("type", type);
        state = s.i32("state", state);
        peer = s.ref("peer", peer, UnixSocket.class);
        name = s.bytes("name", name);
        isBound = s.bool("isBound", isBound);
        boundInode = s.ref("boundInode", boundInode, Inode.class);
        s.refs("queue", queue, SocketMessage.class);
        s.refs("pending", pending, UnixSocket.class);
        backlog = s.i32("backlog", backlog);
        shut = s.i32("shut", shut);
        isDead = s.bool("isDead", isDead);
        error = s.i32("error", error);
        outstanding = s.i32("outstanding", outstanding);
        sendBuffer = s.i32("sendBuffer", sendBuffer);
        receiveBuffer = s.i32("receiveBuffer", receiveBuffer);
        passesCredentials = s.bool("passesCredentials", passesCredentials);
        receiveTimeoutNs = s.i64("receiveTimeoutNs", receiveTimeoutNs);
        sendTimeoutNs = s.i64("sendTimeoutNs", sendTimeoutNs);
        peerPid = s.i32("peerPid", peerPid);
        peerUid = s.i32("peerUid", peerUid);
        peerGid = s.i32("peerGid", peerGid);
        listenPid = s.i32("listenPid", listenPid);
        listenUid = s.i32("listenUid", listenUid);
        listenGid = s.i32("listenGid", listenGid);
        s.struct("changed", changed);
    }
}
