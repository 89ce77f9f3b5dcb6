// SPDX-License-Identifier: Apache-2.0
package kmos.kernel;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.NotReady;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.abi.MountFlags;
import kmos.kernel.abi.SignalAbi;
import kmos.kernel.exec.Exec;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.pseudofs.PseudoFileSystems;
import kmos.kernel.task.Clone;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.BlockDevices;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.FsContext;
import kmos.kernel.vfs.Opening;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Vfs;

/**
 * From a machine with drivers to the first program: root file system, the usual mounts, console, init. Done by the first
 * task itself, in steps that start over when a disk block is missing.
 */
public final class Boot {
    /** type, place, source, flags. Mounted where the directory exists (the kernel makes it in a tmpfs root). */
    private record MountRow(String type, String place, String options, int flags) { }

    private static final int NO_EXEC = MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;
    private static final int STEP_MOUNTS = 1, STEP_CONSOLE = 100, STEP_INIT = 101;

    private Boot() { }

    private static MountRow[] mounts() {
        return new MountRow[] {
            new MountRow("devtmpfs", "/dev", "", MountFlags.MS_NOSUID),
            new MountRow("devpts", "/dev/pts", "", MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC),
            new MountRow("tmpfs", "/dev/shm", "", MountFlags.MS_NOSUID | MountFlags.MS_NODEV),
            new MountRow("proc", "/proc", "", NO_EXEC),
            new MountRow("sysfs", "/sys", "", NO_EXEC),
            new MountRow("tmpfs", "/run", "mode=0755", MountFlags.MS_NOSUID | MountFlags.MS_NODEV),
            new MountRow("tmpfs", "/tmp", "", MountFlags.MS_NOSUID | MountFlags.MS_NODEV)};
    }

    /** The first lines of the log, the interrupt controllers, and, without a root device, an empty tmpfs as root. */
    public static void prepare(Kernel kernel) {
        kernel.printk(5, "Linux version " + Kernel.RELEASE + " (kmOS) " + Kernel.VERSION);
        kernel.printk("Command line: " + kernel.config().commandLine);
        kernel.printk("Memory: " + kernel.frames().freeFrames() * 4 + "K/" + (kernel.machine().memory().size() >> 10) + "K available");
        kernel.loop().pic().initialize();
        if (kernel.config().rootDevice == null) {
            Vfs vfs = kernel.vfs();
            vfs.mounts().mountRoot(PseudoFileSystems.create(vfs, "tmpfs", "mode=0755"), "rootfs", 0);
        }
    }

    /** Makes the first task; the event loop runs its {@link #step}. Call after drivers and terminal lines are there. */
    public static void start(Kernel kernel) {
        Task first = Clone.first(kernel, new FileTable(), null);
        if (kernel.config().isCommand || kernel.config().isHosted) {
            first.setSpace(AddressSpace.create(kernel, false));
            first.group().actions().set(SignalAbi.SIGCHLD, SignalAbi.SIG_IGN, 0, 0, 0);
        }
        if (kernel.config().isCommand) {
            Task command = Clone.first(kernel, new FileTable(), null);
            command.group().adoptBy(first.group());
            command.group().setUnkillable(false);
            command.setStarting(true);
            command.begin();
        } else {
            first.setStarting(true);
            first.begin();
        }
    }

    /** The first task's work before it is a program. NotReady: called again. */
    static void step(Task task) {
        Kernel kernel = task.kernel();
        try {
            if (task.frame().progress == 0) {
                mountRoot(task);
                task.frame().progress = STEP_MOUNTS;
            }
            while (task.frame().progress < STEP_MOUNTS + mounts().length) {
                mount(kernel, mounts()[(int) task.frame().progress - STEP_MOUNTS]);
                task.frame().progress++;
            }
            if (task.frame().progress < STEP_CONSOLE) {
                fillRoot(kernel);
                task.frame().progress = STEP_CONSOLE;
            }
            kernel.commands().setReady();
            if (kernel.config().isHosted) {
                throw new NotReady(kernel.commands().idle());
            }
            if (task.frame().progress == STEP_CONSOLE) {
                openConsole(task);
                task.frame().progress = STEP_INIT;
            }
            runInit(task);
        } catch (ErrnoException failed) {
            kernel.panic("VFS: Unable to mount root fs on " + kernel.config().rootDevice + ": " + whyNot(kernel, failed.errno())
                + ". Reset the disk or start with another image.");
        }
    }

    private static String whyNot(Kernel kernel, int errno) {
        BlockDevices devices = kernel.vfs().blockDevices();
        BlockDevices.Row row = devices.find(kernel.config().rootDevice);
        if (row == null) {
            StringBuilder there = new StringBuilder();
            for (BlockDevices.Row each : devices.rows()) {
                there.append(there.length() == 0 ? "" : ", ").append(each.name());
            }
            return "no such partition (" + (there.length() == 0 ? "no disk was found" : "there is " + there) + "); the disk is truncated or its partition table is damaged";
        }
        String message = devices.cache(row).message();
        return (message == null ? Errno.message(errno) : message) + " (" + Errno.name(errno) + ")";
    }

    private static void mountRoot(Task task) {
        Kernel kernel = task.kernel();
        Vfs vfs = kernel.vfs();
        String device = kernel.config().rootDevice;
        if (device != null) {
            BlockDevices.Row row = vfs.blockDevices().find(device);
            if (row == null) {
                throw new ErrnoException(Errno.ENODEV);
            }
            FileSystem fs = vfs.blockDevices().mount(row, null, kernel.config().isRootReadOnly);
            vfs.mounts().mountRoot(fs, "/dev/" + device, MountFlags.MS_RELATIME | (kernel.config().isRootReadOnly ? MountFlags.MS_RDONLY : 0));
            kernel.printk("VFS: Mounted root (" + fs.typeName() + " filesystem) on device " + device + ".");
        }
        task.setFs(new FsContext(vfs, vfs.root()));
        if (kernel.config().isCommand) {
            kernel.pids().group(1).leader().setFs(new FsContext(vfs, vfs.root()));
        }
    }

    private static void mount(Kernel kernel, MountRow row) {
        Vfs vfs = kernel.vfs();
        Path at;
        try {
            at = vfs.lookup(row.place);
        } catch (ErrnoException absent) {
            at = makeDirectory(vfs, row.place);
            if (at == null) {
                return;
            }
        }
        try {
            vfs.mounts().mount(PseudoFileSystems.create(vfs, row.type, row.options), at, row.type, row.flags | MountFlags.MS_RELATIME);
        } catch (ErrnoException failed) {
            kernel.printk(4, "mount " + row.type + " on " + row.place + ": " + Errno.name(failed.errno()));
        }
    }

    /** A missing mount point in a root in memory; null elsewhere. */
    private static Path makeDirectory(Vfs vfs, String place) {
        int slash = place.lastIndexOf('/');
        Path parent = slash == 0 ? vfs.root() : vfs.lookup(place.substring(0, slash));
        if (parent.inode().hasBackingDevice()) {
            return null;
        }
        String name = place.substring(slash + 1);
        vfs.release(parent.inode().create(name, Inode.S_IFDIR | 0755, 0, 0, 0, vfs.timeNs()));
        return vfs.lookup(place);
    }

    private static void fillRoot(Kernel kernel) {
        RootContent content = kernel.config().rootContent;
        if (content != null) {
            try {
                content.fill(kernel.vfs());
            } catch (ErrnoException failed) {
                kernel.printk(3, "copy-in: " + Errno.message(failed.errno()));
            }
        }
    }

    /** Descriptors 0, 1, 2. With a controlling terminal init leads a session of its own. */
    private static void openConsole(Task task) {
        Kernel kernel = task.kernel();
        boolean isControlling = kernel.config().isConsoleControlling;
        if (isControlling) {
            task.group().startSession();
        }
        try {
            String device = isControlling ? "/dev/" + kernel.config().console : "/dev/console";
            Path at = kernel.vfs().lookup(device);
            FileDescription file = Opening.openFound(task, at, Fcntl.O_RDWR | (isControlling ? 0 : Fcntl.O_NOCTTY), false);
            task.files().install(file, false, 0, 3);
            task.files().install(file.retain(), false, 0, 3);
            task.files().install(file.retain(), false, 0, 3);
        } catch (ErrnoException none) {
            kernel.printk(4, "Warning: unable to open an initial console (" + Errno.name(none.errno()) + ").");
        }
    }

    /** A command without a slash is looked for along PATH, as execvp(3) does; what is not found keeps its name. */
    private static String commandPath(Kernel kernel) {
        String name = kernel.config().init[0];
        if (!kernel.config().isCommand || name.indexOf('/') >= 0) {
            return name;
        }
        for (String variable : kernel.config().environment) {
            if (variable.startsWith("PATH=")) {
                for (String directory : variable.substring(5).split(":")) {
                    try {
                        kernel.vfs().lookup(directory + "/" + name);
                        return directory + "/" + name;
                    } catch (ErrnoException absent) {
                        if (absent.errno() != Errno.ENOENT) {
                            throw absent;
                        }
                    }
                }
            }
        }
        return name;
    }

    private static void runInit(Task task) {
        Kernel kernel = task.kernel();
        String[] argv = kernel.config().init;
        String[] candidates = kernel.config().isInitGiven ? new String[] {commandPath(kernel)}
            : new String[] {argv[0], "/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};
        for (String path : candidates) {
            try {
                List<String> arguments = new ArrayList<>(List.of(argv));
                arguments.set(0, path);
                Path file = kernel.vfs().lookup(path);
                Exec.exec(task, p -> PathWalk.lookup(kernel.vfs(), task.fs().root(), Credentials.ROOT, p, PathWalk.FOLLOW), file, path, arguments,
                    List.of(kernel.config().environment));
                kernel.printk("Run " + path + " as init process");
                task.setStarting(false);
                task.frame().clear();
                return;
            } catch (NotReady wait) {
                throw wait;
            } catch (ErrnoException failed) {
                task.frame().scratch = null;
                if (failed.errno() != Errno.ENOENT || kernel.config().isInitGiven) {
                    kernel.printk(3, "Starting init: " + path + " exists but couldn't execute it (error -" + failed.errno() + ")");
                }
                if (kernel.config().isInitGiven) {
                    kernel.panic("Requested init " + path + " failed (error -" + failed.errno() + ").");
                    return;
                }
            }
        }
        kernel.panic("No working init found.");
    }
}
