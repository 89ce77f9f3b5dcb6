// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EPERM;
import static kmos.base.Errno.ESRCH;

import kmos.kernel.Kernel;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.mm.UserSpace;
import kmos.kernel.mm.VmArea;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.tty.Tty;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Mount;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** Bodies of the files of /proc/PID (proc_pid_stat(5) and so on). */
final class TaskFiles {
    private static final long TICK_NS = 10_000_000L;

    private TaskFiles() { }

    // Memory of the program

    static void cmdline(Task task, ProcText out) {
        AddressSpace space = task.space();
        if (space != null) {
            memory(task, space.argStart, space.argEnd, out);
        }
    }

    static void environ(Task task, ProcText out) {
        AddressSpace space = task.space();
        if (space != null) {
            memory(task, space.envStart, space.envEnd, out);
        }
    }

    static void auxv(Task task, ProcText out) {
        AddressSpace space = task.space();
        for (int i = 0; space != null && space.auxv != null && i < space.auxv.length; i++) {
            out.add((char) (space.auxv[i] & 0xFF));
        }
    }

    private static void memory(Task task, long start, long end, ProcText out) {
        int length = (int) Math.max(0, Math.min(end - start, 1 << 17));
        byte[] bytes = new byte[length];
        int n = length == 0 ? 0 : new UserSpace(task.kernel(), task.space()).copyIn(start, bytes, 0, length);
        for (int i = 0; i < n; i++) {
            out.add((char) (bytes[i] & 0xFF));
        }
    }

    static void maps(Task task, ProcText out) {
        AddressSpace space = task.space();
        if (space == null) {
            return;
        }
        Vfs vfs = task.kernel().vfs();
        for (VmArea a : space.areas()) {
            int digits = 8;
            out.hex(a.start(), digits).add('-').hex(a.end(), digits).space();
            out.add(a.isReadable() ? 'r' : '-').add(a.isWritable() ? 'w' : '-').add(a.isExecutable() ? 'x' : '-').add(a.isShared() ? 's' : 'p');
            boolean isFile = a.inode() != null && (a.flags() & (VmArea.VVAR | VmArea.VDSO)) == 0;
            int device = isFile ? a.inode().fileSystem().device() : 0;
            out.space().hex(isFile ? a.fileOffset() : 0, 8).space().hex(DeviceNumbers.major(device), 2).add(':');
            out.hex(DeviceNumbers.minor(device), 2).space();
            String number = Long.toString(isFile ? a.inode().number() : 0);
            String name = areaName(vfs, a, space);
            if (name.isEmpty()) {
                out.add(number).add(" \n");
            } else {
                out.left(number, 26 - (a.end() > 0xFFFFFFFFL ? 4 : 0)).space().escaped(name).newline();
            }
        }
    }

    private static String areaName(Vfs vfs, VmArea a, AddressSpace space) {
        if (a.dentry() != null) {
            return vfs.text(a.dentry()) + (a.dentry().isRemoved() ? " (deleted)" : "");
        }
        if ((a.flags() & VmArea.HEAP) != 0) {
            return "[heap]";
        }
        if ((a.flags() & (VmArea.VVAR | VmArea.VDSO)) != 0) {
            return (a.flags() & VmArea.VVAR) != 0 ? "[vvar]" : "[vdso]";
        }
        return (a.flags() & VmArea.STACK) != 0 ? "[stack]" : "";
    }

    // Numbers

    static void stat(Task task, ProcText out) {
        ThreadGroup g = task.group();
        Tty tty = g.terminal();
        AddressSpace space = task.space();
        boolean isLeader = task == g.leader();
        out.add(task.tid()).add(" (").add(task.name()).add(") ").add(letter(task)).space();
        out.add(g.parentPid()).space().add(g.processGroup()).space().add(g.session()).space();
        out.add(tty == null ? 0 : tty.device()).space().add(tty == null ? -1 : tty.foreground()).space();
        out.add(isLeader ? "4194560 " : "4194368 ");
        out.add(g.minorFaults()).space().add(g.childrenMinorFaults()).space().add(g.majorFaults()).space().add(g.childrenMajorFaults()).space();
        out.add((isLeader ? g.userNs() : task.userNs()) / TICK_NS).space().add((isLeader ? g.systemNs() : task.systemNs()) / TICK_NS).space();
        out.add(g.childrenUserNs() / TICK_NS).space().add(g.childrenSystemNs() / TICK_NS).space();
        out.add(20 + task.nice()).space().add(task.nice()).space().add(g.threads().size()).add(" 0 ").add(task.startNs() / TICK_NS).space();
        out.add(space == null ? 0 : space.totalPages() * 4096).space().add(space == null ? 0 : space.residentPages()).space();
        out.add("18446744073709551615 ");
        if (space == null) {
            out.add("0 0 0 0 0 ");
        } else {
            out.add(space.startCode).space().add(space.endCode).space().add(space.startStack).add(" 0 0 ");
        }
        out.add(decimal31(task.pending().set())).space().add(decimal31(task.signalMask())).space();
        out.add(decimal31(g.actions().ignoredSet())).space().add(decimal31(g.actions().caughtSet())).space();
        out.add(task.taskState().letter() == 'S' || task.taskState().letter() == 'D' ? "1" : "0").add(" 0 0 ");
        out.add(task.exitSignal()).add(" 0 ").add(task.realtimePriority()).space().add(task.schedulingPolicy()).add(" 0 0 0 ");
        if (space == null) {
            out.add("0 0 0 0 0 0 0 ");
        } else {
            out.add(space.startData).space().add(space.endData).space().add(space.brkStart()).space().add(space.argStart).space();
            out.add(space.argEnd).space().add(space.envStart).space().add(space.envEnd).space();
        }
        out.add(task.isEnded() ? task.exitCode() : 0).newline();
    }

    private static long decimal31(long set) {
        return set & 0x7FFFFFFF;
    }

    private static char letter(Task task) {
        return task.taskState().letter();
    }

    static void status(Task task, ProcText out) {
        ThreadGroup g = task.group();
        Credentials c = task.credentials();
        out.add("Name:\t").add(task.name()).newline();
        out.add("Umask:\t").octal(task.fs() == null ? 0 : task.fs().umask(), 4).newline();
        out.add("State:\t").add(letter(task)).add(" (").add(stateName(letter(task))).add(")\n");
        out.add("Tgid:\t").add(g.pid()).newline();
        out.add("Ngid:\t0\n");
        out.add("Pid:\t").add(task.tid()).newline();
        out.add("PPid:\t").add(g.parentPid()).newline();
        out.add("TracerPid:\t").add(task.tracing() == null ? 0 : task.tracing().tracer().pid()).newline();
        out.add("Uid:\t").add(c.uid() + "\t" + c.euid() + "\t" + c.suid() + "\t" + c.fsuid()).newline();
        out.add("Gid:\t").add(c.gid() + "\t" + c.egid() + "\t" + c.sgid() + "\t" + c.fsgid()).newline();
        out.add("FDSize:\t").add(task.files() == null ? 0 : task.files().capacity()).newline();
        out.add("Groups:\t");
        for (int group : c.groups()) {
            out.add(group).space();
        }
        out.newline();
        out.add("NStgid:\t").add(g.pid()).newline().add("NSpid:\t").add(task.tid()).newline();
        out.add("NSpgid:\t").add(g.processGroup()).newline().add("NSsid:\t").add(g.session()).newline();
        AddressSpace space = task.space();
        if (space != null) {
            MemoryFiles.statusMemory(space, out);
        }
        out.add("Threads:\t").add(g.threads().size()).newline();
        out.add("SigQ:\t").add(g.sharedPending().size()).add('/').add(Math.max(0, g.limit(11))).newline();
        out.add("SigPnd:\t").hex(task.pending().set(), 16).newline();
        out.add("ShdPnd:\t").hex(g.sharedPending().set(), 16).newline();
        out.add("SigBlk:\t").hex(task.signalMask(), 16).newline();
        out.add("SigIgn:\t").hex(g.actions().ignoredSet(), 16).newline();
        out.add("SigCgt:\t").hex(g.actions().caughtSet(), 16).newline();
        String capabilities = c.isRoot() ? "000001ffffffffff" : "0000000000000000";
        out.add("CapInh:\t0000000000000000\nCapPrm:\t").add(capabilities).add("\nCapEff:\t").add(capabilities);
        out.add("\nCapBnd:\t000001ffffffffff\nCapAmb:\t0000000000000000\n");
        out.add("NoNewPrivs:\t").add(task.isNoNewPrivileges() ? 1 : 0).newline();
        out.add("Seccomp:\t0\n");
        out.add("Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
        out.add("voluntary_ctxt_switches:\t").add(task.voluntarySwitches()).newline();
        out.add("nonvoluntary_ctxt_switches:\t").add(task.involuntarySwitches()).newline();
    }

    private static String stateName(char letter) {
        switch (letter) {
            case 'R': return "running";
            case 'S': return "sleeping";
            case 'D': return "disk sleep";
            case 'T': return "stopped";
            case 't': return "tracing stop";
            case 'Z': return "zombie";
            default: return "dead";
        }
    }

    private static final String[] LIMITS = {"Max cpu time", "seconds", "Max file size", "bytes", "Max data size", "bytes",
        "Max stack size", "bytes", "Max core file size", "bytes", "Max resident set", "bytes", "Max processes", "processes",
        "Max open files", "files", "Max locked memory", "bytes", "Max address space", "bytes", "Max file locks", "locks",
        "Max pending signals", "signals", "Max msgqueue size", "bytes", "Max nice priority", "", "Max realtime priority", "",
        "Max realtime timeout", "us"};

    static void limits(Task task, ProcText out) {
        out.left("Limit", 25).space().left("Soft Limit", 20).space().left("Hard Limit", 20).space().left("Units", 10).newline();
        for (int i = 0; i < LIMITS.length / 2; i++) {
            out.left(LIMITS[2 * i], 25).space().left(limit(task.group().limit(i)), 20).space();
            out.left(limit(task.group().hardLimit(i)), 20).space().left(LIMITS[2 * i + 1], 10).newline();
        }
    }

    private static String limit(long value) {
        return value == -1 ? "unlimited" : Long.toString(value);
    }

    static void wchan(Task task, ProcText out) {
        char state = letter(task);
        boolean waits = state == 'S' || state == 'D';
        kmos.kernel.syscall.Syscall row = waits && task.isInSyscall() ? task.kernel().syscalls().row(task.is64Bit(), task.syscallNumber()) : null;
        out.add(row == null ? "0" : row.name());
    }

    static long setComm(Task who, Task target, String text) {
        if (target == null) {
            return -ESRCH;
        }
        if (who.group() != target.group()) {
            return -EPERM;
        }
        target.setName(SystemFiles.firstLine(text));
        return 0;
    }

    // Places

    /** Where /proc/PID/cwd, root or exe leads, or null. */
    static Path place(Task task, String name) {
        switch (name) {
            case "cwd": return task.fs() == null ? null : task.fs().directory();
            case "root": return task.fs() == null ? null : task.fs().root();
            default:
                return task.space() == null || task.space().executableDentry() == null ? null
                    : task.kernel().vfs().pathOf(task.space().executableDentry());
        }
    }

    static Path descriptor(Task task, int fd) {
        FileDescription f = task.files() == null ? null : task.files().get(fd);
        return f == null ? null : f.path();
    }

    static void descriptorInfo(Task task, int fd, ProcText out) {
        FileDescription f = task.files() == null ? null : task.files().get(fd);
        if (f == null) {
            throw new kmos.base.ErrnoException(kmos.base.Errno.ENOENT);
        }
        int flags = f.flags() | (task.files().closesOnExec(fd) ? kmos.kernel.abi.Fcntl.O_CLOEXEC : 0);
        out.add("pos:\t").add(f.position()).newline();
        out.add("flags:\t").octal(flags, 7).newline();
        out.add("mnt_id:\t").add(f.path().mount() == null ? 0 : f.path().mount().id()).newline();
        out.add("ino:\t").add(f.inode().number()).newline();
    }

    // Mounts

    static void mounts(Task task, ProcText out) {
        Vfs vfs = task.kernel().vfs();
        for (Mount m : vfs.mounts().mounts()) {
            String where = point(vfs, m, task);
            if (where != null) {
                out.escaped(m.source()).space().escaped(where).space().add(m.fileSystem().typeName()).space().add(options(m)).add(" 0 0\n");
            }
        }
    }

    static void mountinfo(Task task, ProcText out) {
        Vfs vfs = task.kernel().vfs();
        for (Mount m : vfs.mounts().mounts()) {
            String where = point(vfs, m, task);
            if (where != null) {
                int device = m.fileSystem().device();
                out.add(m.id()).space().add(m.parent() == null ? 0 : m.parent().id()).space().add(DeviceNumbers.major(device)).add(':');
                out.add(DeviceNumbers.minor(device)).space().escaped(vfs.textWithin(m.root())).space().escaped(where).space().add(options(m));
                out.add(" - ").add(m.fileSystem().typeName()).space().escaped(m.source()).space().add(m.isReadOnly() ? "ro" : "rw").newline();
            }
        }
    }

    /** Where a mount is as the task sees it, or null when that is outside of its root. */
    private static String point(Vfs vfs, Mount m, Task task) {
        Path root = task.fs() == null ? vfs.root() : task.fs().root();
        String text = vfs.text(new Path(m, m.root()), root);
        return text.startsWith("(") ? null : text;
    }

    private static String options(Mount m) {
        int f = m.flags();
        return (m.isReadOnly() ? "ro" : "rw") + ((f & MountFlags.MS_NOSUID) != 0 ? ",nosuid" : "") + ((f & MountFlags.MS_NODEV) != 0 ? ",nodev" : "")
            + ((f & MountFlags.MS_NOEXEC) != 0 ? ",noexec" : "") + ((f & MountFlags.MS_NOATIME) != 0 ? ",noatime" : ",relatime");
    }
}
