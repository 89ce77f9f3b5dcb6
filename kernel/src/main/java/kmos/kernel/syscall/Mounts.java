// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.syscall;

import static kmos.base.Errno.*;
import static kmos.kernel.abi.Fcntl.AT_FDCWD;
import static kmos.kernel.abi.MountFlags.*;

import kmos.base.ErrnoException;
import kmos.base.Log;
import kmos.fs.FileSystem;
import kmos.fs.Inode;
import kmos.kernel.pseudofs.PseudoFileSystems;
import kmos.kernel.pseudofs.TmpFs;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.BlockDevices;
import kmos.kernel.vfs.Mount;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.PathWalk;
import kmos.kernel.vfs.Permissions;
import kmos.kernel.vfs.Vfs;

/** mount(2), umount2(2), pivot_root(2). */
final class Mounts {
    private static final int KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_SYNCHRONOUS | MS_RELATIME;

    private Mounts() { }

    static long mount(Task task, SyscallArgs args) {
        String type = args.raw(2) == 0 ? null : task.user().readString(args.raw(2), 4096);
        String source = args.raw(0) == 0 ? "none" : task.user().readString(args.raw(0), 4096);
        int flags = args.int32(3);
        if ((flags & MS_MGC_MSK) == MS_MGC_VAL) {
            flags &= ~MS_MGC_MSK;
        }
        String options = args.raw(4) == 0 ? "" : task.user().readString(args.raw(4), 4096);
        Path target = PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(1)), PathWalk.FOLLOW);
        if (!task.credentials().isRoot()) {
            return -EPERM;
        }
        Vfs vfs = task.kernel().vfs();
        if ((flags & MS_REMOUNT) != 0) {
            return remount(vfs, target, flags, options);
        }
        if ((flags & (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)) != 0) {
            // There is one namespace: propagation has nobody to propagate to. What was asked is what is.
            return target.dentry() == target.mount().root() ? 0 : -EINVAL;
        }
        if ((flags & (MS_BIND | MS_MOVE)) != 0) {
            Path from = PathWalk.lookup(task, AT_FDCWD, source, PathWalk.FOLLOW);
            if ((flags & (MS_BIND | MS_REC)) == (MS_BIND | MS_REC)) {
                vfs.mounts().bindAll(from, target);
            } else if ((flags & MS_BIND) != 0) {
                vfs.mounts().bind(from, target);
            } else {
                vfs.mounts().move(from, target);
            }
            return 0;
        }
        if (type == null) {
            return -EINVAL;
        }
        FileSystem fs = PseudoFileSystems.create(vfs, type, options);
        if (fs == null) {
            fs = ofDevice(task, vfs, type, source, (flags & MS_RDONLY) != 0);
        }
        vfs.mounts().mount(fs, target, source, flags & KEPT);
        if (task.kernel().trace().on(Log.FS)) {
            task.kernel().trace().debug(Log.FS, "mounted " + source + " type " + fs.typeName() + " flags 0x" + Integer.toHexString(flags));
        }
        return 0;
    }

    private static FileSystem ofDevice(Task task, Vfs vfs, String type, String source, boolean isReadOnly) {
        if (!vfs.isKnownType(type)) {
            throw new ErrnoException(ENODEV);
        }
        Path device = PathWalk.lookup(task, AT_FDCWD, source, PathWalk.FOLLOW);
        if ((device.inode().mode() & Inode.S_IFMT) != Inode.S_IFBLK) {
            throw new ErrnoException(ENOTBLK);
        }
        BlockDevices.Row row = vfs.blockDevices().find(device.inode().deviceNumber());
        if (row == null) {
            throw new ErrnoException(ENXIO);
        }
        return vfs.blockDevices().mount(row, type, isReadOnly);
    }

    private static long remount(Vfs vfs, Path target, int flags, String options) {
        Mount m = target.mount();
        if (target.dentry() != m.root()) {
            return -EINVAL;
        }
        if ((flags & MS_RDONLY) == 0 && m.fileSystem().isReadOnly()) {
            return -EROFS;
        }
        if ((flags & MS_RDONLY) != 0 && !m.isReadOnly()) {
            vfs.sync();
        }
        if (m.fileSystem() instanceof TmpFs tmp) {
            PseudoFileSystems.remount(vfs, tmp, options);
        }
        m.setFlags(flags & KEPT);
        return 0;
    }

    static long umount(Task task, SyscallArgs args) {
        return unmount(task, args.raw(0), 0);
    }

    static long umount2(Task task, SyscallArgs args) {
        return unmount(task, args.raw(0), args.int32(1));
    }

    private static long unmount(Task task, long path, int flags) {
        if ((flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW)) != 0) {
            return -EINVAL;
        }
        int follow = (flags & UMOUNT_NOFOLLOW) != 0 ? PathWalk.NO_FOLLOW : PathWalk.FOLLOW;
        Path at = PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, path), follow);
        if (at.dentry() != at.mount().root()) {
            return -EINVAL;
        }
        if (!task.credentials().isRoot()) {
            return -EPERM;
        }
        task.kernel().vfs().unmount(at, flags);
        return 0;
    }

    /** pivot_root(2). EBUSY, EINVAL, ENOTDIR, EPERM as its manual page says. */
    static long pivotRoot(Task task, SyscallArgs args) {
        if (!task.credentials().isRoot()) {
            return -EPERM;
        }
        Path newRoot = PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(0)), PathWalk.FOLLOW);
        Path putOld = PathWalk.lookup(task, AT_FDCWD, UserArgs.path(task, args.raw(1)), PathWalk.FOLLOW);
        Permissions.requireDirectory(newRoot.inode());
        Permissions.requireDirectory(putOld.inode());
        Vfs vfs = task.kernel().vfs();
        Path oldRoot = task.fs().root();
        if (newRoot.mount() == oldRoot.mount() || putOld.mount() == oldRoot.mount()) {
            return -EBUSY;
        }
        boolean isBelow = putOld.dentry().isWithin(newRoot.dentry()) && putOld.mount() == newRoot.mount();
        if (newRoot.dentry() != newRoot.mount().root() || newRoot.mount().parent() == null || !isBelow
            || oldRoot.dentry() != oldRoot.mount().root() || oldRoot.mount() != vfs.mounts().rootMount()) {
            return -EINVAL;
        }
        vfs.mounts().pivot(newRoot.mount(), putOld);
        for (Task other : task.kernel().pids().tasks()) {
            if (other.fs() != null && other.fs().root().dentry() == oldRoot.dentry() && other.fs().root().mount() == oldRoot.mount()) {
                Path directory = other.fs().directory();
                other.fs().setRoot(newRoot);
                if (directory.dentry() == oldRoot.dentry() && directory.mount() == oldRoot.mount()) {
                    other.fs().setDirectory(newRoot);
                }
            }
        }
        return 0;
    }
}
