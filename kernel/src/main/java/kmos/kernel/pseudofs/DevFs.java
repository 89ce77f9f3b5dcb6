// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import kmos.fs.Inode;
import kmos.kernel.abi.DeviceNumbers;
import kmos.kernel.tty.Tty;
import kmos.kernel.vfs.BlockDevices;
import kmos.kernel.vfs.Vfs;

/** devtmpfs: a tmpfs that the kernel fills with the nodes of the devices it has. */
public final class DevFs {
    private record Node(String name, int permissions, int gid, int major, int minor) { }

    private static final int GID_TTY = 5, GID_DISK = 6, GID_DIALOUT = 20;

    private DevFs() { }

    private static Node[] nodes() {
        return new Node[] {
            new Node("null", 0666, 0, 1, 3),
            new Node("zero", 0666, 0, 1, 5),
            new Node("full", 0666, 0, 1, 7),
            new Node("random", 0666, 0, 1, 8),
            new Node("urandom", 0666, 0, 1, 9),
            new Node("kmsg", 0644, 0, 1, 11),
            new Node("tty", 0666, GID_TTY, 5, 0),
            new Node("console", 0600, GID_TTY, 5, 1),
            new Node("ptmx", 0666, GID_TTY, 5, 2),
            new Node("tty0", 0620, GID_TTY, 4, 0),
        };
    }

    /** A new devtmpfs with all nodes, those of terminal lines and disks included. */
    public static TmpFs create(Vfs vfs) {
        long ram = vfs.kernel().frames().totalFrames();
        TmpFs fs = new TmpFs(vfs, "devtmpfs", ram / 2, ram / 2, 0755);
        for (Node n : nodes()) {
            add(vfs, fs, n.name, Inode.S_IFCHR | n.permissions, n.gid, DeviceNumbers.makedev(n.major, n.minor));
        }
        for (Tty tty : vfs.kernel().terminals().lines()) {
            int gid = tty.name().startsWith("ttyS") ? GID_DIALOUT : GID_TTY;
            add(vfs, fs, tty.name(), Inode.S_IFCHR | 0660, gid, tty.device());
        }
        for (BlockDevices.Row row : vfs.blockDevices().rows()) {
            add(vfs, fs, row.name(), Inode.S_IFBLK | 0660, GID_DISK, row.device());
        }
        long now = vfs.timeNs();
        release(vfs, fs.root().create("pts", Inode.S_IFDIR | 0755, 0, 0, 0, now));
        release(vfs, fs.root().create("shm", Inode.S_IFDIR | 01777, 0, 0, 0, now));
        release(vfs, fs.root().symlink("fd", "/proc/self/fd", 0, 0, now));
        release(vfs, fs.root().symlink("stdin", "/proc/self/fd/0", 0, 0, now));
        release(vfs, fs.root().symlink("stdout", "/proc/self/fd/1", 0, 0, now));
        release(vfs, fs.root().symlink("stderr", "/proc/self/fd/2", 0, 0, now));
        return fs;
    }

    private static void add(Vfs vfs, TmpFs fs, String name, int mode, int gid, int device) {
        Inode existing = fs.root().lookup(name);
        release(vfs, existing != null ? existing : fs.root().create(name, mode, 0, gid, device, vfs.timeNs()));
    }

    private static void release(Vfs vfs, Inode inode) {
        vfs.release(inode);
    }
}
