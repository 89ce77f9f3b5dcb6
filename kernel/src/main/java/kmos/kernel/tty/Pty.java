// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import kmos.base.StateFields;
import kmos.base.WaitQueue;

/**
 * A pseudo terminal pair (pty(7)): what the slave's line puts out is what the master reads. isLocked: until
 * unlockpt(3) the slave cannot be opened.
 */
public final class Pty implements TtyOutput {
    private static final int SIZE = 4096;

    private int index;
    private Tty slave;
    private byte[] ring = new byte[SIZE];
    private int head;
    private int count;
    private boolean isLocked = true;
    private boolean isMasterOpen = true;
    private int slaveOpens;
    private boolean hadSlave;
    private int uid;
    private int gid;
    private final WaitQueue changed = new WaitQueue();

    /** For loading a saved state. */
    public Pty() { }

    Pty(ProcessGroups jobs, int index, int device, int uid, int gid) {
        this.index = index;
        this.uid = uid;
        this.gid = gid;
        slave = new Tty(jobs, "pts/" + index, device, this);
        slave.setWindow(0, 0, 0, 0);
        slave.termios().cflag &= ~kmos.kernel.abi.Termios.HUPCL;
    }

    public int index() {
        return index;
    }

    public Tty slave() {
        return slave;
    }

    public boolean isLocked() {
        return isLocked;
    }

    void setLocked(boolean locked) {
        isLocked = locked;
    }

    public boolean isMasterOpen() {
        return isMasterOpen;
    }

    /** Owner of the node in /dev/pts. */
    public int uid() {
        return uid;
    }

    public int gid() {
        return gid;
    }

    public void setOwner(int newUid, int newGid) {
        uid = newUid;
        gid = newGid;
    }

    @Override
    public int writeRoom() {
        return isMasterOpen ? SIZE - count : 0;
    }

    @Override
    public void write(byte[] bytes, int offset, int n) {
        for (int i = 0; i < n; i++) {
            ring[(head + count + i) % SIZE] = bytes[offset + i];
        }
        count += n;
        changed.wakeAll();
    }

    /** What the master would read, not consumed. */
    int peek(byte[] to) {
        int n = Math.min(to.length, count);
        for (int i = 0; i < n; i++) {
            to[i] = ring[(head + i) % SIZE];
        }
        return n;
    }

    void consume(int n) {
        head = (head + n) % SIZE;
        count -= n;
        slave.outputReady();
        changed.wakeAll();
    }

    int available() {
        return count;
    }

    /** Every slave was opened once and is closed now: the master's reads give EIO. */
    boolean isSlaveGone() {
        return hadSlave && slaveOpens == 0;
    }

    void slaveOpened() {
        slaveOpens++;
        hadSlave = true;
        changed.wakeAll();
    }

    void slaveClosed() {
        slaveOpens--;
        changed.wakeAll();
    }

    /** The slave has read: the master may write again. */
    void slaveRead() {
        changed.wakeAll();
    }

    void masterClosed() {
        isMasterOpen = false;
        slave.hangup();
    }


    WaitQueue waitQueue() {
        return changed;
    }

    @Override
    public void state(StateFields s) {
        index = s.i32("index", index);
        slave = s.ref("slave", slave, Tty.class);
        ring = s.bytes("ring", ring);
        head = s.i32("head", head);
        count = s.i32("count", count);
        isLocked = s.bool("isLocked", isLocked);
        isMasterOpen = s.bool("isMasterOpen", isMasterOpen);
        slaveOpens = s.i32("slaveOpens", slaveOpens);
        hadSlave = s.bool("hadSlave", hadSlave);
        uid = s.i32("uid", uid);
        gid = s.i32("gid", gid);
        s.struct("changed", changed);
    }
}
