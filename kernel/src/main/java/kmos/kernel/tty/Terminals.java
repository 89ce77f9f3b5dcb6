// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.base.Errno.EBUSY;
import static kmos.base.Errno.EIO;
import static kmos.base.Errno.ENXIO;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.pseudofs.DevPts;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** All terminal lines of the machine: what drivers add, which one is the console, and the pseudo terminals. */
public final class Terminals implements Stateful {
    public static final int TTY_MAJOR = 4, TTYAUX_MAJOR = 5, FIRST_SERIAL_MINOR = 64;

    private final Vfs vfs;
    private final ProcessGroups jobs;
    private final Ptys ptys;
    private final List<Tty> lines = new ArrayList<>();
    private Tty console;
    private DevPts devPts;

    public Terminals(Vfs vfs, ProcessGroups jobs) {
        this.vfs = vfs;
        this.jobs = jobs;
        ptys = new Ptys(vfs, jobs);
        vfs.charDevices().add("tty", TTYAUX_MAJOR, 0, 1, this::openControlling);
        vfs.charDevices().add("console", TTYAUX_MAJOR, 1, 1, this::openConsole);
        vfs.charDevices().add("ptmx", TTYAUX_MAJOR, 2, 1, (task, path, flags, minor) -> ptys.openMaster(task, path, flags));
        vfs.charDevices().add("vc", TTY_MAJOR, 0, FIRST_SERIAL_MINOR, this::openLine);
        vfs.charDevices().add("ttyS", TTY_MAJOR, FIRST_SERIAL_MINOR, 4, this::openLine);
        vfs.charDevices().add("pts", 136, 0, 256, ptys::openSlave);
    }

    /** A new line of a driver: name as in /dev (ttyS0, tty1), minor under major 4. The first one is the console. */
    public Tty addLine(String name, int minor, TtyOutput output) {
        Tty tty = new Tty(jobs, name, DeviceNumbers.makedev(TTY_MAJOR, minor), output);
        lines.add(tty);
        if (console == null) {
            console = tty;
        }
        return tty;
    }

    /** Which line /dev/console is (console= of the command line). */
    public void setConsole(Tty tty) {
        console = tty;
    }

    /** The console, or null while there is no line. */
    public Tty console() {
        return console;
    }

    /** The line with this name, or null. */
    public Tty line(String name) {
        for (Tty t : lines) {
            if (t.name().equals(name)) {
                return t;
            }
        }
        return null;
    }

    public List<Tty> lines() {
        return lines;
    }

    public Ptys ptys() {
        return ptys;
    }

    /** The one devpts. */
    public DevPts devPts() {
        if (devPts == null) {
            devPts = new DevPts(vfs, ptys);
        }
        return devPts;
    }

    private FileDescription openLine(Task task, Path path, int flags, int minor) {
        Tty tty = null;
        if (minor == 0) {
            // /dev/tty0: the virtual console that is shown.
            for (Tty t : lines) {
                if (tty == null && t.output() instanceof VirtualConsole) {
                    tty = t;
                }
            }
        }
        for (Tty t : lines) {
            if (minor != 0 && DeviceNumbers.minor(t.device()) == minor) {
                tty = t;
            }
        }
        if (tty == null) {
            throw new ErrnoException(ENXIO);
        }
        return open(task, path, flags, tty, true);
    }

    /** A console does not become the controlling terminal by being opened (Linux: noctty for /dev/console and /dev/tty0). */
    private FileDescription openConsole(Task task, Path path, int flags, int minor) {
        if (console == null) {
            throw new ErrnoException(ENXIO);
        }
        return open(task, path, flags, console, false);
    }

    private FileDescription openControlling(Task task, Path path, int flags, int minor) {
        Tty tty = task.group().terminal();
        if (tty == null) {
            throw new ErrnoException(ENXIO);
        }
        Pty pty = tty.output() instanceof Pty p ? p : null;
        if (pty != null && !pty.isMasterOpen()) {
            throw new ErrnoException(EIO);
        }
        return new TtyFile(vfs, path, flags, tty, pty);
    }

    private FileDescription open(Task task, Path path, int flags, Tty tty, boolean mayControl) {
        if (tty.isExclusive() && task != null && !task.credentials().isRoot()) {
            throw new ErrnoException(EBUSY);
        }
        TtyFile file = new TtyFile(vfs, path, flags, tty, null);
        if (mayControl) {
            takeControl(task, flags, tty);
        }
        return file;
    }

    /** Opening a free line without O_NOCTTY makes it the session leader's terminal. */
    static void takeControl(Task task, int flags, Tty tty) {
        if (task != null && (flags & Fcntl.O_NOCTTY) == 0 && task.group().session() == task.group().pid() && task.group().terminal() == null
            && tty.session() == 0) {
            tty.becomeControllingOf(task);
        }
    }

    /** A session's leader ended: its terminal is free again (disassociate_ctty). */
    public static void sessionEnded(Tty terminal) {
        if (terminal != null) {
            terminal.disassociate();
        }
    }

    @Override
    public void state(StateFields s) {
        // The lines are the drivers': the same objects on both sides.
        for (Tty line : lines) {
            s.struct(line.name(), line);
        }
        console = s.ref("console", console, Tty.class);
        s.struct("ptys", ptys);
        devPts = s.ref("devPts", devPts, DevPts.class);
    }
}
