// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.socket;

import java.util.ArrayList;
import java.util.List;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;

/** A datagram, or a piece of a stream, on its way: bytes, who sent them, and open files that travel along. */
public final class SocketMessage implements Stateful {
    private byte[] data = new byte[0];
    private int start;
    private UnixSocket sender;
    private byte[] senderName = new byte[0];
    private int pid, uid, gid;
    private final List<FileDescription> files = new ArrayList<>();

    /** For loading a saved state. */
    public SocketMessage() { }

    /** Retains the files. */
    SocketMessage(byte[] data, UnixSocket sender, Ancillary ancillary) {
        this.data = data;
        this.sender = sender;
        senderName = sender.name();
        pid = ancillary.pid;
        uid = ancillary.uid;
        gid = ancillary.gid;
        for (FileDescription f : ancillary.files) {
            files.add(f.retain());
        }
    }

    /** What travels with a message besides its bytes. */
    public static final class Ancillary {
        public final List<FileDescription> files = new ArrayList<>();
        public int pid, uid, gid;

        /** The same credentials without files. */
        Ancillary(Ancillary other) {
            pid = other.pid;
            uid = other.uid;
            gid = other.gid;
        }

        /** No files, and the credentials of the task. */
        public Ancillary(Task task) {
            Credentials c = task.credentials();
            pid = task.group().pid();
            uid = c.uid();
            gid = c.gid();
        }
    }

    int length() {
        return data.length - start;
    }

    void peek(int from, byte[] to, int at, int count) {
        System.arraycopy(data, start + from, to, at, count);
    }

    /** The first bytes of a piece of a stream were taken. */
    void consume(int count) {
        start += count;
    }

    UnixSocket sender() {
        return sender;
    }

    /** sun_path of the sender's name; empty without one. */
    byte[] senderName() {
        return senderName;
    }

    int pid() {
        return pid;
    }

    int uid() {
        return uid;
    }

    int gid() {
        return gid;
    }

    List<FileDescription> files() {
        return files;
    }

    boolean hasSameSender(SocketMessage other) {
        return pid == other.pid && uid == other.uid && gid == other.gid;
    }

    /** Nobody will receive it. */
    void drop() {
        for (FileDescription f : files) {
            f.release();
        }
        files.clear();
    }

    /** What it charges its sender: as Linux's skb truesize, the bytes in a block of a power of two and two headers. */
    int charge() {
        int block = 512;
        while (block < data.length + 320 && block < 32768) {
            block *= 2;
        }
        return 256 + Math.max(block, data.length + 320);
    }

    @Override
    public void state(StateFields s) {
        data = s.bytes("data", data);
        start = s.i32("start", start);
        sender = s.ref("sender", sender, UnixSocket.class);
        senderName = s.bytes("senderName", senderName);
        pid = s.i32("pid", pid);
        uid = s.i32("uid", uid);
        gid = s.i32("gid", gid);
        s.refs("files", files, FileDescription.class);
    }
}
