// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.command;

import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.kernel.Kernel;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.exec.Exec;
import kmos.kernel.task.Credentials;
import kmos.kernel.task.Exit;
import kmos.kernel.task.Task;
import kmos.kernel.tty.PtyMaster;
import kmos.kernel.vfs.Fifo;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.Opening;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.PipeFile;
import kmos.kernel.vfs.Vfs;

/** A command's task before it is a program: streams, working directory, execve. */
final class CommandStart {
    private static final int STREAMS = 0, PROGRAM = 1;
    private static final int CANNOT_EXECUTE = 126, NOT_FOUND = 127;
    private static final int DESCRIPTORS = 16;

    private CommandStart() { }

    /** Pipes in both directions where the command has them: pipes need no disk, so this cannot wait. */
    static void openPipes(Task task, GuestCommand c) {
        if (!c.usesTerminal && c.kind != GuestCommand.WRITE) {
            FileDescription[] ends = pipe(task);
            c.output = ends[0];
            install(task, c, ends[1], 1);
        }
        if (!c.usesTerminal && c.kind != GuestCommand.READ) {
            FileDescription[] ends = pipe(task);
            c.input = ends[1];
            install(task, c, ends[0], 0);
        }
    }

    private static void install(Task task, GuestCommand c, FileDescription end, int fd) {
        task.files().install(end, false, fd, DESCRIPTORS);
        if (c.kind != GuestCommand.RUN) {
            c.pipe = end;
        } else if (fd == 1) {
            task.files().install(end.retain(), false, 2, DESCRIPTORS);
        }
    }

    private static FileDescription[] pipe(Task task) {
        Vfs vfs = task.kernel().vfs();
        Path at = vfs.pipeFs().newPipe(task.credentials());
        Fifo fifo = vfs.fifo(at.inode());
        return new FileDescription[] {new PipeFile(vfs, at, Fcntl.O_RDONLY, fifo.pipe(), fifo), new PipeFile(vfs, at, Fcntl.O_WRONLY, fifo.pipe(), fifo)};
    }

    static void step(Task task, GuestCommand c) {
        try {
            if (task.frame().progress == STREAMS) {
                prepare(task, c);
                task.frame().progress = PROGRAM;
            }
            execute(task, c);
        } catch (ErrnoException failed) {
            c.errno = failed.errno();
            task.frame().clear();
            Exit.exit(task, (failed.errno() == Errno.ENOENT ? NOT_FOUND : CANNOT_EXECUTE) << 8);
        }
    }

    private static void prepare(Task task, GuestCommand c) {
        Vfs vfs = task.kernel().vfs();
        Path directory = vfs.lookup(c.directory);
        if (!directory.inode().isDirectory()) {
            throw new ErrnoException(Errno.ENOTDIR);
        }
        if (c.usesTerminal) {
            if (c.output == null) {
                c.output = Opening.openFound(task, vfs.lookup("/dev/ptmx"), Fcntl.O_RDWR | Fcntl.O_NOCTTY, false);
            }
            Path slave = vfs.lookup("/dev/pts/" + ((PtyMaster) c.output).unlock());
            task.group().startSession();
            FileDescription line = Opening.openFound(task, slave, Fcntl.O_RDWR, false);
            task.files().install(line, false, 0, DESCRIPTORS);
            task.files().install(line.retain(), false, 1, DESCRIPTORS);
            task.files().install(line.retain(), false, 2, DESCRIPTORS);
        } else {
            task.group().startSession();
        }
        task.fs().setDirectory(directory);
    }

    private static void execute(Task task, GuestCommand c) {
        Kernel kernel = task.kernel();
        List<String> arguments = GuestCommand.split(c.arguments);
        List<String> environment = GuestCommand.split(c.environment);
        String name = search(task, arguments.get(0), environment);
        Path file = PathWalk.lookup(task, Fcntl.AT_FDCWD, name, PathWalk.FOLLOW);
        Exec.exec(task, p -> PathWalk.lookup(kernel.vfs(), task.fs().root(), Credentials.ROOT, p, PathWalk.FOLLOW), file, name, arguments, environment);
        task.setStarting(false);
        task.frame().clear();
    }

    /** A name without a slash is looked for along PATH, as execvp(3) does; what is not found keeps its name. */
    private static String search(Task task, String name, List<String> environment) {
        if (name.indexOf('/') >= 0) {
            return name;
        }
        for (String variable : environment) {
            if (variable.startsWith("PATH=")) {
                for (String directory : variable.substring(5).split(":")) {
                    String path = directory + "/" + name;
                    try {
                        PathWalk.lookup(task, Fcntl.AT_FDCWD, path, PathWalk.FOLLOW);
                        return path;
                    } catch (ErrnoException absent) {
                        if (absent.errno() != Errno.ENOENT && absent.errno() != Errno.ENOTDIR) {
                            throw absent;
                        }
                    }
                }
            }
        }
        throw new ErrnoException(Errno.ENOENT);
    }
}
