// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Termios.*;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Poll;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** The master side of a pty, as open(2) of /dev/ptmx gives it. */
public final class PtyMaster extends FileDescription {
    private Pty pty;
    private Ptys ptys;

    /** For loading a saved state. */
    public PtyMaster(Vfs vfs) {
        super(vfs);
    }

    PtyMaster(Vfs vfs, Path path, int flags, Pty pty, Ptys ptys) {
        super(vfs, path, flags);
        this.pty = pty;
        this.ptys = ptys;
    }

    /** For the kernel's own use of a pty: the slave may be opened. Returns its number. */
    public int unlock() {
        pty.setLocked(false);
        return pty.index();
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        if (pty.available() == 0) {
            return pty.isSlaveGone() ? -EIO : -EAGAIN;
        }
        byte[] bytes = new byte[(int) Math.min(buffer.remaining(), pty.available())];
        int n = buffer.put(bytes, 0, pty.peek(bytes));
        if (n > 0) {
            pty.consume(n);
        }
        return n;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        long done = 0;
        byte[] one = new byte[256];
        while (buffer.remaining() > 0) {
            int room = LineDiscipline.SIZE - 1 - pty.slave().discipline().pending();
            int n = (int) Math.min(Math.min(one.length, buffer.remaining()), room);
            if (n <= 0) {
                return done > 0 ? done : -EAGAIN;
            }
            int got = buffer.get(one, 0, n);
            if (got <= 0) {
                return done > 0 ? done : got;
            }
            for (int i = 0; i < got; i++) {
                pty.slave().receive(one[i]);
            }
            done += got;
        }
        return done;
    }

    @Override
    public int poll() {
        int ready = pty.available() > 0 ? Poll.READABLE : 0;
        if (pty.isSlaveGone()) {
            ready |= Poll.POLLHUP;
        }
        return ready | (pty.slave().discipline().pending() < LineDiscipline.SIZE - 1 ? Poll.WRITABLE : 0);
    }

    @Override
    public WaitQueue waitQueue() {
        return pty.waitQueue();
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        switch (command) {
            case TIOCGPTN:
                task.user().write32(argument, pty.index());
                return 0;
            case TIOCSPTLCK:
                pty.setLocked(task.user().read32(argument) != 0);
                return 0;
            case TIOCGPTLCK:
                task.user().write32(argument, pty.isLocked() ? 1 : 0);
                return 0;
            case FIONREAD:
                task.user().write32(argument, pty.available());
                return 0;
            case TIOCGPGRP:
                task.user().write32(argument, pty.slave().foreground());
                return 0;
            case TIOCGSID:
                task.user().write32(argument, pty.slave().session());
                return 0;
            case TIOCPKT:
                // Packet mode is not there.
                return task.user().read32(argument) == 0 ? 0 : -EINVAL;
            case TIOCSCTTY: case TIOCNOTTY: return -ENOTTY;
            default: return TtyFile.ioctl(vfs, pty.slave(), task, command, argument);
        }
    }

    @Override
    protected void closed() {
        pty.masterClosed();
        ptys.released(pty);
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        pty = s.ref("pty", pty, Pty.class);
        ptys = s.ref("ptys", ptys, Ptys.class);
    }
}
