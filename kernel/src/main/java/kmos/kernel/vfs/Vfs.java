// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import java.util.ArrayList;
import java.util.List;
import kmos.base.ErrnoException;
import kmos.base.Errno;
import kmos.base.StateFields;
import kmos.base.Stateful;
import kmos.fs.FileSystem;
import kmos.fs.FileSystemType;
import kmos.fs.Inode;
import kmos.kernel.Kernel;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.pseudofs.DevFs;
import kmos.kernel.pseudofs.MemoryDevices;
import kmos.kernel.pseudofs.PipeFs;
import kmos.kernel.pseudofs.TmpFs;
import kmos.kernel.socket.SocketFs;
import kmos.kernel.socket.UnixSockets;
import kmos.kernel.task.Credentials;

/** The virtual file system: the mounts, the tables of devices and formats, and the locks. One a kernel. */
public final class Vfs implements Stateful {
    private final Kernel kernel;
    private final MountNamespace mounts = new MountNamespace();
    private final FileLocks locks = new FileLocks();
    private final CharDevices charDevices;
    private final BlockDevices blockDevices;
    private final DentryCache dentries;
    private final List<FileSystemType> fileSystemTypes = new ArrayList<>();
    private final List<Fifo> fifos = new ArrayList<>();
    private final List<TimerFile> realTimers = new ArrayList<>();
    private final Notifications notifications = new Notifications();
    private PipeFs pipeFs;
    private final UnixSockets sockets;
    private TmpFs memory;
    private TmpFs devFs;
    private int nextAnonymousDevice = 1;

    public Vfs(Kernel kernel) {
        this.kernel = kernel;
        charDevices = new CharDevices();
        blockDevices = new BlockDevices(kernel);
        // One name for each eight frames: a small machine keeps fewer.
        dentries = new DentryCache(this, Math.max(1000, kernel.frames().totalFrames() / 8));
        pipeFs = new PipeFs(this, anonymousDevice());
        sockets = new UnixSockets(new SocketFs(anonymousDevice()));
        MemoryDevices.register(this);
    }

    public Kernel kernel() {
        return kernel;
    }

    public MountNamespace mounts() {
        return mounts;
    }

    public FileLocks locks() {
        return locks;
    }

    /** Which driver opens a character device. */
    public CharDevices charDevices() {
        return charDevices;
    }

    public BlockDevices blockDevices() {
        return blockDevices;
    }

    /** Names that were looked up. */
    public DentryCache dentries() {
        return dentries;
    }

    /** Formats of block devices, in probing order (the table FILE_SYSTEMS). */
    public List<FileSystemType> fileSystemTypes() {
        return fileSystemTypes;
    }

    /** Home of inodes without a name: pipes, memfd. */
    public PipeFs pipeFs() {
        return pipeFs;
    }

    /** Timers that are set to a time of day. */
    List<TimerFile> realTimers() {
        return realTimers;
    }

    /** The real-time clock was set. */
    public void realTimeSet() {
        for (TimerFile t : new ArrayList<>(realTimers)) {
            t.realTimeSet();
        }
    }

    /** Whom to tell what happens to files. */
    public Notifications notifications() {
        return notifications;
    }

    /** All AF_UNIX sockets. */
    public UnixSockets sockets() {
        return sockets;
    }

    /** Where memfd_create(2) makes its files; not mounted. */
    public TmpFs memory() {
        if (memory == null) {
            memory = new TmpFs(this, "tmpfs", kernel.frames().totalFrames(), Integer.MAX_VALUE, 0777);
        }
        return memory;
    }

    /** The one devtmpfs, filled when it is first asked for: after the drivers. */
    public TmpFs devFs() {
        if (devFs == null) {
            devFs = DevFs.create(this);
        }
        return devFs;
    }

    /** Whether a format of block devices has this name. */
    public boolean isKnownType(String type) {
        for (FileSystemType t : fileSystemTypes) {
            if (t.names().contains(type)) {
                return true;
            }
        }
        return false;
    }

    /** st_dev of the next file system without a device: major 0. */
    public int anonymousDevice() {
        return DeviceNumbers.makedev(0, nextAnonymousDevice++);
    }

    /** Nanoseconds since 1970, for time stamps of files. */
    public long timeNs() {
        return kernel.realTimeNs();
    }

    /** One reference less; the last one writes back what is dirty and evicts the inode. */
    public void release(Inode inode) {
        kernel.pageCache().releaseInode(inode);
    }

    /** Whether looked-up entries of this directory may stay in the dentry cache. */
    public boolean isCached(Inode directory) {
        return !(directory instanceof UncachedDirectory);
    }

    /** The kernel's own look-up, from the root of the namespace, with root's rights. */
    public Path lookup(String path) {
        Mount m = mounts.rootMount();
        return PathWalk.lookup(this, mounts.cross(m, m.root()), Credentials.ROOT, path, PathWalk.FOLLOW);
    }

    /** The root directory as the first process sees it. */
    public Path root() {
        Mount m = mounts.rootMount();
        return mounts.cross(m, m.root());
    }

    /** The pipe behind a FIFO in a file system, made when it is first opened. */
    public Fifo fifo(Inode inode) {
        for (Fifo f : fifos) {
            if (f.inode() == inode) {
                return f;
            }
        }
        Fifo f = new Fifo(inode);
        fifos.add(f);
        return f;
    }

    void fifoIdle(Fifo fifo) {
        fifos.remove(fifo);
    }

    /** A path's text as seen from a root; "(unreachable)" in front when it lies outside, " (deleted)" behind when removed. */
    public String text(Path path, Path root) {
        StringBuilder out = new StringBuilder();
        Mount mount = path.mount();
        Dentry d = path.dentry();
        boolean isReachable = true;
        while (!(mount == root.mount() && d == root.dentry())) {
            if (mount != null && d == mount.root()) {
                if (mount.parent() == null) {
                    isReachable = false;
                    break;
                }
                d = mount.mountPoint();
                mount = mount.parent();
            } else if (d.parent() == null) {
                isReachable = false;
                break;
            } else {
                out.insert(0, d.name()).insert(0, '/');
                d = d.parent();
            }
        }
        if (out.length() == 0) {
            out.append('/');
        }
        if (!isReachable) {
            out.insert(0, "(unreachable)");
        }
        return out.toString();
    }

    /** A place for a name alone: through the first mount that shows its file system; without one if there is none. */
    public Path pathOf(Dentry d) {
        Dentry top = d;
        while (top.parent() != null) {
            top = top.parent();
        }
        for (Mount m : mounts.mounts()) {
            if (d.isWithin(m.root()) || m.root() == top) {
                return new Path(m, d);
            }
        }
        return new Path(null, d);
    }

    /** A name's text as the first process sees it. */
    public String text(Dentry d) {
        Path at = pathOf(d);
        return at.mount() == null ? d.name() : text(at, root());
    }

    /** A name's text from the root of its file system. */
    public String textWithin(Dentry d) {
        StringBuilder out = new StringBuilder();
        for (Dentry at = d; at.parent() != null; at = at.parent()) {
            out.insert(0, at.name()).insert(0, '/');
        }
        return out.length() == 0 ? "/" : out.toString();
    }

    /** Writes back everything on every file system (sync(2)). NotReady until done. */
    public void sync() {
        kernel.pageCache().startWritebackAll();
        kernel.pageCache().waitForWritebackAll();
        syncFileSystems();
    }

    /** Writes the metadata of every file system and flushes the disks. NotReady until done; EIO. */
    public void syncFileSystems() {
        for (Mount m : mounts.mounts()) {
            if (!m.isReadOnly()) {
                m.fileSystem().sync();
            }
        }
    }

    /** Takes a mount away; the file system goes with its last mount. EINVAL, EBUSY; NotReady until it is written. */
    public void unmount(Path path, int flags) {
        Mount mount = path.mount();
        FileSystem fs = mount.fileSystem();
        mounts.checkUnmount(path, flags);
        boolean isLast = mounts.count(fs) == 1 && mount.users() == 0 && fs != devFs && !fs.typeName().equals("devpts");
        if (!fs.isReadOnly()) {
            kernel.pageCache().startWritebackAll();
            kernel.pageCache().waitForWritebackAll();
            fs.sync();
        }
        if (isLast) {
            Dentry root = mount.root();
            while (root.parent() != null) {
                root = root.parent();
            }
            for (Dentry child : root.children()) {
                drop(child);
            }
            kernel.pageCache().finishLeaving();
            fs.unmount();
            release(root.inode());
            blockDevices.unmounted(fs);
        }
        mounts.unmount(path, flags);
    }

    private void drop(Dentry d) {
        for (Dentry child : d.children()) {
            drop(child);
        }
        Inode inode = d.inode();
        d.remove();
        release(inode);
    }

    @Override
    public void state(StateFields s) {
        s.struct("mounts", mounts);
        s.struct("locks", locks);
        s.struct("blockDevices", blockDevices);
        s.struct("dentries", dentries);
        s.refs("fifos", fifos, Fifo.class);
        s.refs("realTimers", realTimers, TimerFile.class);
        s.struct("notifications", notifications);
        pipeFs = s.ref("pipeFs", pipeFs, PipeFs.class);
        s.struct("sockets", sockets);
        memory = s.ref("memory", memory, TmpFs.class);
        devFs = s.ref("devFs", devFs, TmpFs.class);
        nextAnonymousDevice = s.i32("nextAnonymousDevice", nextAnonymousDevice);
    }
}
