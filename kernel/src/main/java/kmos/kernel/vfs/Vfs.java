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
import kmos.kernel.pseudofs.PipeFs;
import kmos.kernel.task.Credentials;

/** The virtual file system: the mounts, the tables of devices and formats, and the locks. One a kernel. */
public final class Vfs implements Stateful {
    private final Kernel kernel;
    private final MountNamespace mounts = new MountNamespace();
    private final FileLocks locks = new FileLocks();
    private final CharDevices charDevices;
    private final BlockDevices blockDevices;
    private final List<FileSystemType> fileSystemTypes = new ArrayList<>();
    private final List<Fifo> fifos = new ArrayList<>();
    private PipeFs pipeFs;
    private int nextAnonymousDevice = 1;

    public Vfs(Kernel kernel) {
        this.kernel = kernel;
        charDevices = new CharDevices();
        blockDevices = new BlockDevices(kernel);
        pipeFs = new PipeFs(this, anonymousDevice());
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

    /** Formats of block devices, in probing order (the table FILE_SYSTEMS). */
    public List<FileSystemType> fileSystemTypes() {
        return fileSystemTypes;
    }

    /** Home of inodes without a name: pipes, memfd. */
    public PipeFs pipeFs() {
        return pipeFs;
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

    /** Writes back everything on every file system (sync(2)). NotReady until done. */
    public void sync() {
        kernel.pageCache().startWritebackAll();
        kernel.pageCache().waitForWritebackAll();
        for (Mount m : mounts.mounts()) {
            if (!m.isReadOnly()) {
                m.fileSystem().sync();
            }
        }
    }

    /** Takes a mount away; the file system goes with its last mount. NotReady until it is written. */
    public void unmount(Path path, int flags) {
        FileSystem fs = path.mount().fileSystem();
        if (path.dentry() != path.mount().root()) {
            throw new ErrnoException(Errno.EINVAL);
        }
        if (!fs.isReadOnly()) {
            kernel.pageCache().startWritebackAll();
            kernel.pageCache().waitForWritebackAll();
            fs.sync();
        }
        Mount gone = mounts.unmount(path, flags);
        if (!mounts.isMounted(fs) && gone.users() == 0) {
            Dentry root = gone.root();
            while (root.parent() != null) {
                root = root.parent();
            }
            drop(root);
            blockDevices.unmounted(fs);
        }
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
        s.refs("fifos", fifos, Fifo.class);
        pipeFs = s.ref("pipeFs", pipeFs, PipeFs.class);
        nextAnonymousDevice = s.i32("nextAnonymousDevice", nextAnonymousDevice);
    }
}
