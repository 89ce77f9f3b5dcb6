// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.tty;

import static kmos.base.Errno.EIO;
import static kmos.base.Errno.ENOSPC;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** All pseudo terminals: what /dev/ptmx makes and /dev/pts lists. */
public final class Ptys implements Stateful {
    private static final int LIMIT = 256, SLAVE_MAJOR = 136;

    private final Vfs vfs;
    private final ProcessGroups jobs;
    private final List<Pty> ptys = new ArrayList<>();

    public Ptys(Vfs vfs, ProcessGroups jobs) {
        this.vfs = vfs;
        this.jobs = jobs;
    }

    /** open(2) of /dev/ptmx. */
    public FileDescription openMaster(Task task, Path path, int flags) {
        int index = 0;
        while (find(index) != null) {
            index++;
        }
        if (index >= LIMIT) {
            throw new ErrnoException(ENOSPC);
        }
        int device = DeviceNumbers.makedev(SLAVE_MAJOR + (index >> 8), index & 0xFF);
        Pty pty = new Pty(jobs, index, device, task.credentials().fsuid(), 5);
        ptys.add(pty);
        return new PtyMaster(vfs, path, flags, pty, this);
    }

    /** open(2) of /dev/pts/N. EIO: no such pty, or still locked. */
    public FileDescription openSlave(Task task, Path path, int flags, int index) {
        Pty pty = find(index);
        if (pty == null || !pty.isMasterOpen() || pty.isLocked()) {
            throw new ErrnoException(EIO);
        }
        TtyFile file = new TtyFile(vfs, path, flags, pty.slave(), pty);
        Terminals.takeControl(task, flags, pty.slave());
        return file;
    }

    /** The pty with this number, or null. */
    public Pty find(int index) {
        for (Pty p : ptys) {
            if (p.index() == index) {
                return p;
            }
        }
        return null;
    }

    public List<Pty> all() {
        return ptys;
    }

    void released(Pty pty) {
        ptys.remove(pty);
    }

    @Override
    public void state(StateFields s) {
        s.refs("ptys", ptys, Pty.class);
    }
}
