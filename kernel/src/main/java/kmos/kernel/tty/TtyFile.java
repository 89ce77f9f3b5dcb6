// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Termios.*;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.base.LittleEndian;
import kmos.base.Log;
import kmos.kernel.abi.Restart;
import kmos.kernel.mm.UserMemory;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** An open terminal and its ioctls (ioctl_tty(2)). */
public final class TtyFile extends FileDescription {
    private static final int SIGTTOU = 22;
    private static final int TCSANOW = 0, TCSAFLUSH = 2;
    private static final long LAST_BITS_NS = 1_000_000L;

    private Tty tty;
    private int hangupsAtOpen;
    /** The slave side of a pty, else null. */
    private Pty pty;

    /** For loading a saved state. */
    public TtyFile(Vfs vfs) {
        super(vfs);
    }

    public TtyFile(Vfs vfs, Path path, int flags, Tty tty, Pty pty) {
        super(vfs, path, flags);
        this.tty = tty;
        this.pty = pty;
        tty.opened();
        hangupsAtOpen = tty.hangups();
        if (pty != null) {
            pty.slaveOpened();
        }
    }

    public Tty tty() {
        return tty;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        long n = tty.read(task, buffer, hangupsAtOpen, vfs.kernel().nowNs());
        if (n > 0) {
            log(vfs, tty, task.name() + " read " + n + " bytes");
        }
        if (n > 0 && pty != null) {
            pty.slaveRead();
        }
        return n;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        return tty.write(task, buffer, hangupsAtOpen);
    }

    @Override
    public long readDeadlineNs(Task task) {
        return tty.readDeadlineNs(task, vfs.kernel().nowNs());
    }

    @Override
    public int poll() {
        return tty.poll(hangupsAtOpen);
    }

    @Override
    public WaitQueue waitQueue() {
        return tty.waitQueue();
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        if (hangupsAtOpen != tty.hangups()) {
            return command == TIOCSPGRP ? -ENOTTY : -EIO;
        }
        return ioctl(vfs, tty, task, command, argument);
    }

    /** The ioctls of a line, by its slave or (for a pty) its master. */
    static long ioctl(Vfs vfs, Tty tty, Task task, int command, long argument) {
        UserMemory user = task.user();
        switch (command) {
            case TCGETS: return put(user, argument, tty.termios().toTermios(TermiosState.TERMIOS_SIZE));
            case TCGETS2: return put(user, argument, tty.termios().toTermios(TermiosState.TERMIOS2_SIZE));
            case TCGETA: return put(user, argument, tty.termios().toTermios(TermiosState.TERMIO_SIZE));
            case TCSETS: case TCSETSW: case TCSETSF:
                return setTermios(vfs, tty, task, argument, TermiosState.TERMIOS_SIZE, command - TCSETS);
            case TCSETS2: case TCSETSW2: case TCSETSF2:
                return setTermios(vfs, tty, task, argument, TermiosState.TERMIOS2_SIZE, command - TCSETS2);
            case TCSETA: case TCSETAW: case TCSETAF:
                return setTermios(vfs, tty, task, argument, TermiosState.TERMIO_SIZE, command - TCSETA);
            case TIOCGWINSZ: {
                byte[] b = new byte[8];
                LittleEndian.put16(b, 0, tty.rows());
                LittleEndian.put16(b, 2, tty.columns());
                LittleEndian.put16(b, 4, tty.pixelWidth());
                LittleEndian.put16(b, 6, tty.pixelHeight());
                return put(user, argument, b);
            }
            case TIOCSWINSZ:
                tty.setWindow(user.read16(argument), user.read16(argument + 2), user.read16(argument + 4), user.read16(argument + 6));
                return 0;
            case TIOCGPGRP:
                if (task.group().terminal() != tty) {
                    return -ENOTTY;
                }
                user.write32(argument, tty.foreground());
                return 0;
            case TIOCSPGRP: return setForeground(tty, task, argument);
            case TIOCGSID:
                if (task.group().terminal() != tty) {
                    return -ENOTTY;
                }
                user.write32(argument, tty.session());
                return 0;
            case TIOCSCTTY: return setControlling(tty, task, argument);
            case TIOCNOTTY:
                if (task.group().terminal() != tty) {
                    return -ENOTTY;
                }
                if (task.group().session() == task.group().pid()) {
                    tty.disassociate();
                } else {
                    task.group().setTerminal(null);
                }
                return 0;
            case FIONREAD:
                user.write32(argument, tty.discipline().available());
                return 0;
            case TIOCOUTQ:
                user.write32(argument, tty.output().pending());
                return 0;
            case TCFLSH:
                if (argument < TCIFLUSH || argument > TCIOFLUSH) {
                    return -EINVAL;
                }
                if (argument != TCOFLUSH) {
                    tty.discipline().flushInput();
                }
                if (argument != TCIFLUSH) {
                    tty.discardOutput();
                }
                return 0;
            case TCXONC: return flow(tty, (int) argument);
            case TCSBRK: case TCSBRKP: return sendBreak(vfs, tty, task);
            case TIOCSTI:
                if (task.group().terminal() != tty && !task.credentials().isRoot()) {
                    return -EPERM;
                }
                tty.receive(user.read8(argument));
                return 0;
            case TIOCEXCL:
                tty.setExclusive(true);
                return 0;
            case TIOCNXCL:
                tty.setExclusive(false);
                return 0;
            case TIOCGEXCL:
                user.write32(argument, tty.isExclusive() ? 1 : 0);
                return 0;
            case TIOCGETD:
                user.write32(argument, tty.termios().line);
                return 0;
            case TIOCSETD:
                // N_TTY (0) is the only line discipline.
                return user.read32(argument) == 0 ? 0 : -EINVAL;
            case KDGKBTYPE: case KDGETMODE: case KDGKBMODE: return consoleIoctl(tty, user, command, argument);
            default: return -ENOTTY;
        }
    }

    private static long consoleIoctl(Tty tty, UserMemory user, int command, long argument) {
        if (!(tty.output() instanceof VirtualConsole)) {
            return -ENOTTY;
        }
        if (command == KDGKBTYPE) {
            user.write8(argument, KB_101);
        } else {
            user.write32(argument, command == KDGETMODE ? KD_TEXT : K_UNICODE);
        }
        return 0;
    }

    /** Waits until all output has left: 0, BLOCKED, or -ERESTARTSYS. A line that is stopped waits until it goes on. */
    private static long drain(Vfs vfs, Tty tty, Task task) {
        if (tty.output().isDrained()) {
            return 0;
        }
        // The chip tells when it takes more, not when its last bit has left: that is looked for.
        return task.blockOn(new WaitQueue[] {tty.waitQueue()}, 1, vfs.kernel().nowNs() + LAST_BITS_NS);
    }

    /** tcdrain(3), tcsendbreak(3): the break itself has nobody to see it. */
    private static long sendBreak(Vfs vfs, Tty tty, Task task) {
        long refused = tty.checkBackground(task, SIGTTOU);
        if (refused != 0) {
            return refused;
        }
        long waits = drain(vfs, tty, task);
        return waits == -Restart.ERESTARTSYS ? -EINTR : waits;
    }

    /** when: TCSANOW, TCSADRAIN, TCSAFLUSH. */
    private static long setTermios(Vfs vfs, Tty tty, Task task, long argument, int size, int when) {
        long refused = tty.checkBackground(task, SIGTTOU);
        if (refused != 0) {
            return refused;
        }
        boolean flushes = when == TCSAFLUSH;
        long waits = when == TCSANOW ? 0 : drain(vfs, tty, task);
        if (waits != 0) {
            return waits;
        }
        byte[] b = new byte[size];
        int n = task.user().copyIn(argument, b, 0, size);
        if (n < size) {
            return -EFAULT;
        }
        boolean wasCanonical = tty.termios().has(ICANON);
        log(vfs, tty, "new settings by " + task.name());
        boolean hadFlowControl = (tty.termios().iflag & IXON) != 0;
        tty.termios().fromTermios(b);
        if (flushes) {
            tty.discipline().flushInput();
        }
        tty.discipline().modeChanged(wasCanonical);
        if (hadFlowControl && (tty.termios().iflag & IXON) == 0) {
            tty.setStopped(false);
        }
        tty.waitQueue().wakeAll();
        return 0;
    }

    private static long setForeground(Tty tty, Task task, long argument) {
        long refused = tty.checkBackground(task, SIGTTOU);
        if (refused != 0) {
            return refused;
        }
        if (task.group().terminal() != tty || tty.session() != task.group().session()) {
            return -ENOTTY;
        }
        int group = task.user().read32(argument);
        if (group < 0) {
            return -EINVAL;
        }
        if (!tty.jobs().isInSession(group, tty.session())) {
            return tty.jobs().exists(group) ? -EPERM : -ESRCH;
        }
        tty.setForeground(group);
        log(task.kernel().vfs(), tty, "foreground group " + group);
        return 0;
    }

    private static void log(Vfs vfs, Tty tty, String what) {
        if (vfs.kernel().trace().on(Log.TTY)) {
            vfs.kernel().trace().debug(Log.TTY, tty.name() + ": " + what);
        }
    }

    private static long setControlling(Tty tty, Task task, long argument) {
        int session = task.group().session();
        boolean isLeader = session == task.group().pid();
        if (isLeader && tty.session() == session) {
            return 0;
        }
        if (!isLeader || task.group().terminal() != null) {
            return -EPERM;
        }
        if (tty.session() != 0) {
            if (argument != 1 || !task.credentials().isRoot()) {
                return -EPERM;
            }
            tty.jobs().detachSession(tty.session());
        }
        tty.becomeControllingOf(task);
        return 0;
    }

    private static long flow(Tty tty, int action) {
        TermiosState t = tty.termios();
        switch (action) {
            case TCOOFF:
                tty.setStopped(true);
                return 0;
            case TCOON:
                tty.setStopped(false);
                return 0;
            case TCIOFF: case TCION: {
                byte c = t.cc[action == TCIOFF ? VSTOP : VSTART];
                if (c != 0 && tty.output().writeRoom() > 0) {
                    tty.output().write(new byte[] {c}, 0, 1);
                }
                return 0;
            }
            default: return -EINVAL;
        }
    }

    private static long put(UserMemory user, long to, byte[] bytes) {
        return user.copyOut(bytes, 0, to, bytes.length) < bytes.length ? -EFAULT : 0;
    }

    @Override
    protected void closed() {
        tty.closed();
        if (pty != null) {
            pty.slaveClosed();
        }
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        tty = s.ref("tty", tty, Tty.class);
        hangupsAtOpen = s.i32("hangupsAtOpen", hangupsAtOpen);
        pty = s.ref("pty", pty, Pty.class);
    }
}
