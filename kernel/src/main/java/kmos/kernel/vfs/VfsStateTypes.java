// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.base.StateTypes;
import kmos.kernel.Kernel;
import kmos.kernel.pseudofs.DevPts;
import kmos.kernel.pseudofs.KernelLogFile;
import kmos.kernel.pseudofs.MemoryFile;
import kmos.kernel.pseudofs.PipeFs;
import kmos.kernel.pseudofs.PipeInode;
import kmos.kernel.pseudofs.ProcFile;
import kmos.kernel.pseudofs.ProcMemory;
import kmos.kernel.pseudofs.ProcFs;
import kmos.kernel.pseudofs.ProcInode;
import kmos.kernel.pseudofs.TmpFs;
import kmos.kernel.pseudofs.TmpInode;
import kmos.kernel.signal.SignalFile;
import kmos.kernel.socket.SocketFs;
import kmos.kernel.socket.SocketMessage;
import kmos.kernel.socket.UnixSocket;
import kmos.kernel.task.PidFile;
import kmos.kernel.tty.KernelProcessGroups;
import kmos.kernel.tty.Pty;
import kmos.kernel.tty.PtyMaster;
import kmos.kernel.tty.Tty;
import kmos.kernel.tty.TtyFile;

/** The classes of files, file systems and terminals that stand in a saved state. */
public final class VfsStateTypes {
    private VfsStateTypes() { }

    public static void register(StateTypes types, Kernel kernel) {
        Vfs vfs = kernel.vfs();
        types.add("Dentry", Dentry.class, Dentry::new);
        types.add("Mount", Mount.class, Mount::new);
        types.add("FsContext", FsContext.class, () -> new FsContext(vfs));
        types.add("FileTable", FileTable.class, FileTable::new);
        types.add("FileLock", FileLocks.Lock.class, FileLocks.Lock::new);
        types.add("FileLockBlocked", FileLocks.Blocked.class, FileLocks.Blocked::new);
        types.add("BlockDeviceRow", BlockDevices.Row.class, BlockDevices.Row::new);
        types.add("Pipe", Pipe.class, Pipe::new);
        types.add("Fifo", Fifo.class, Fifo::new);
        types.add("PipeFile", PipeFile.class, () -> new PipeFile(vfs));
        types.add("RegularFile", RegularFile.class, () -> new RegularFile(vfs));
        types.add("DirectoryFile", DirectoryFile.class, () -> new DirectoryFile(vfs));
        types.add("PathFile", PathFile.class, () -> new PathFile(vfs));
        types.add("BlockFile", BlockFile.class, () -> new BlockFile(vfs));
        types.add("EpollFile", EpollFile.class, () -> new EpollFile(vfs));
        types.add("EpollItem", EpollItem.class, EpollItem::new);
        types.add("EventFile", EventFile.class, () -> new EventFile(vfs));
        types.add("PidFile", PidFile.class, () -> new PidFile(vfs));
        types.add("TimerFile", TimerFile.class, () -> new TimerFile(vfs));
        types.add("SignalFile", SignalFile.class, () -> new SignalFile(vfs));
        types.add("InotifyFile", InotifyFile.class, () -> new InotifyFile(vfs));
        types.add("InotifyMark", InotifyMark.class, InotifyMark::new);
        types.add("UnixSocket", UnixSocket.class, () -> new UnixSocket(vfs));
        types.add("SocketMessage", SocketMessage.class, SocketMessage::new);
        types.add("SocketFs", SocketFs.class, SocketFs::new);
        types.add("SocketNode", SocketFs.Node.class, SocketFs.Node::new);
        types.add("TmpFs", TmpFs.class, () -> new TmpFs(vfs));
        types.add("TmpInode", TmpInode.class, TmpInode::new);
        types.add("PipeFs", PipeFs.class, () -> new PipeFs(vfs));
        types.add("PipeInode", PipeInode.class, PipeInode::new);
        types.add("DevPts", DevPts.class, () -> new DevPts(vfs));
        types.add("DevPtsRoot", DevPts.Root.class, DevPts.Root::new);
        types.add("DevPtsNode", DevPts.Node.class, DevPts.Node::new);
        types.add("ProcFs", ProcFs.class, () -> new ProcFs(vfs, true));
        types.add("ProcInode", ProcInode.class, ProcInode::new);
        types.add("ProcMemory", ProcMemory.class, () -> new ProcMemory(vfs));
        types.add("ProcFile", ProcFile.class, () -> new ProcFile(vfs));
        types.add("MemoryFile", MemoryFile.class, () -> new MemoryFile(vfs));
        types.add("KernelLogFile", KernelLogFile.class, () -> new KernelLogFile(vfs));
        types.add("Tty", Tty.class, () -> new Tty(new KernelProcessGroups(kernel)));
        types.add("TtyFile", TtyFile.class, () -> new TtyFile(vfs));
        types.add("Pty", Pty.class, Pty::new);
        types.add("PtyMaster", PtyMaster.class, () -> new PtyMaster(vfs));
        types.fixed(kernel.terminals().ptys());
        for (Tty line : kernel.terminals().lines()) {
            types.fixed(line);
            types.fixed(line.output());
        }
    }
}
