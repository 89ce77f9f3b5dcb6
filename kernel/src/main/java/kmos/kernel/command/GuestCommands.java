// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.command;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.base.WaitQueue;
import kmos.kernel.Kernel;
import kmos.kernel.mm.AddressSpace;
import kmos.kernel.signal.SigInfo;
import kmos.kernel.signal.SignalSending;
import kmos.kernel.task.Clone;
import kmos.kernel.task.Task;
import kmos.kernel.task.ThreadGroup;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.FileTable;
import kmos.kernel.vfs.FsContext;
import kmos.kernel.vfs.IoBuffer;

/**
 * What the outside asks the machine to do, called between slices: each command is a child of process 1 whose first steps
 * ({@link CommandStart}, {@link FileTransfer}) the kernel takes itself. Its streams are pipes with the other end held here.
 */
public final class GuestCommands implements Stateful {
    private final Kernel kernel;
    private final List<GuestCommand> commands = new ArrayList<>();
    private final WaitQueue idle = new WaitQueue();
    private int lastId;
    private boolean isReady;

    public GuestCommands(Kernel kernel) {
        this.kernel = kernel;
    }

    /** Whether the file systems are mounted, so that commands may start. */
    public boolean isReady() {
        return isReady;
    }

    public void setReady() {
        isReady = true;
    }

    /** The id that the next command gets. */
    public int nextId() {
        return lastId + 1;
    }

    /** Whether there is such a command. */
    public boolean has(int id) {
        for (GuestCommand c : commands) {
            if (c.id == id) {
                return true;
            }
        }
        return false;
    }

    /** Where process 1 waits for ever when it is no program. */
    public WaitQueue idle() {
        return idle;
    }

    /** Starts a program; names are bytes in the low halves of chars. With a terminal it gets a pty and no input pipe. */
    public int run(List<String> arguments, List<String> environment, String directory, boolean usesTerminal) {
        GuestCommand c = new GuestCommand();
        c.kind = GuestCommand.RUN;
        c.arguments = GuestCommand.join(arguments);
        c.environment = GuestCommand.join(environment);
        c.directory = directory;
        c.usesTerminal = usesTerminal;
        return begin(c);
    }

    /** Copies a regular file out: its bytes come as {@link #output}. */
    public int readFile(String path) {
        return transfer(GuestCommand.READ, path, 0);
    }

    /** Makes or replaces a regular file with what {@link #input} brings. */
    public int writeFile(String path, int mode) {
        return transfer(GuestCommand.WRITE, path, mode);
    }

    private int transfer(int kind, String path, int mode) {
        GuestCommand c = new GuestCommand();
        c.kind = kind;
        c.arguments = GuestCommand.join(List.of(path));
        c.mode = mode;
        return begin(c);
    }

    private int begin(GuestCommand c) {
        Task task = Clone.first(kernel, new FileTable(), new FsContext(kernel.vfs(), kernel.vfs().root()));
        task.setName("command");
        task.setSpace(AddressSpace.create(kernel, false));
        ThreadGroup group = task.group();
        group.setUnkillable(false);
        group.adoptBy(kernel.pids().group(1));
        CommandStart.openPipes(task, c);
        c.id = ++lastId;
        c.pid = group.pid();
        commands.add(c);
        task.setStarting(true);
        task.begin();
        return c.id;
    }

    /** The next step of a task that is a command and no program yet; false: it is none. NotReady: called again. */
    public boolean step(Task task) {
        for (GuestCommand c : commands) {
            if (c.pid == task.group().pid() && c.status < 0) {
                if (c.kind == GuestCommand.RUN) {
                    CommandStart.step(task, c);
                } else {
                    FileTransfer.step(task, c);
                }
                return true;
            }
        }
        return false;
    }

    /** A process has ended. */
    public void ended(ThreadGroup group) {
        for (GuestCommand c : commands) {
            if (c.pid == group.pid() && c.status < 0) {
                c.status = group.waitStatus();
            }
        }
    }

    /** Takes what the command has written since; 0 when there is nothing now. */
    public int output(int id, byte[] to) {
        GuestCommand c = find(id);
        if (c.output == null) {
            return 0;
        }
        long n = c.output.read(null, IoBuffer.array(to, 0, to.length));
        // EAGAIN: nothing yet; EIO: the pty's other side is closed.
        if (n < 0 && n != -Errno.EAGAIN && n != -Errno.EIO) {
            throw new ErrnoException((int) -n);
        }
        return (int) Math.max(0, n);
    }

    /** Gives the command bytes to read; returns how many were taken. Those that nobody can read any more are dropped. */
    public int input(int id, byte[] bytes, int count) {
        GuestCommand c = find(id);
        if (c.input == null) {
            return count;
        }
        long n = c.input.write(null, IoBuffer.array(bytes, 0, count));
        return n == -Errno.EAGAIN ? 0 : n == -Errno.EPIPE ? count : (int) n;
    }

    /** The command reads end-of-file after what was given. */
    public void endInput(int id) {
        GuestCommand c = find(id);
        c.input = release(c.input);
    }

    /** Status in wait(2) form, -1 while it runs. */
    public int status(int id) {
        return find(id).status;
    }

    /** Why it could not be started or copied (errno), or 0. */
    public int errno(int id) {
        return find(id).errno;
    }

    /** Sends a signal to the command's process, if it is still there. */
    public void signal(int id, int signal) {
        GuestCommand c = find(id);
        ThreadGroup group = c.status < 0 ? kernel.pids().group(c.pid) : null;
        if (group != null) {
            SignalSending.toGroup(group, SigInfo.kernel(signal));
        }
    }

    /** Forgets a command: our ends of its streams are closed. A program that still runs goes on without them. */
    public void close(int id) {
        GuestCommand c = find(id);
        c.output = release(c.output);
        c.input = release(c.input);
        if (c.status >= 0) {
            commands.remove(c);
        }
    }

    private static FileDescription release(FileDescription file) {
        if (file != null) {
            file.release();
        }
        return null;
    }

    private GuestCommand find(int id) {
        for (GuestCommand c : commands) {
            if (c.id == id) {
                return c;
            }
        }
        throw new ErrnoException(Errno.ESRCH);
    }

    @Override
    public void state(StateFields s) {
        s.refs("commands", commands, GuestCommand.class);
        s.struct("idle", idle);
        lastId = s.i32("lastId", lastId);
        isReady = s.bool("isReady", isReady);
    }
}
