// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EACCES;
import static kmos.base.Errno.ENOENT;
import static kmos.base.Errno.ENOTDIR;
import static kmos.base.Errno.EPERM;
import static kmos.base.Errno.EROFS;

import kmos.base.ErrnoException;
import kmos.fs.Inode;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Credentials;

/** Who may do what with a file: mode bits by owner, group and others; root overrides (path_resolution(7), capabilities(7)). */
public final class Permissions {
    private Permissions() { }

    public static final int READ = Fcntl.R_OK, WRITE = Fcntl.W_OK, EXECUTE = Fcntl.X_OK;

    public static boolean allows(Inode inode, Credentials who, int wanted) {
        int mode = inode.mode();
        if (who.fsuid() == 0) {
            // CAP_DAC_OVERRIDE: everything but executing a file without any x bit.
            return (wanted & EXECUTE) == 0 || inode.isDirectory() || (mode & 0111) != 0;
        }
        int shift = inode.uid() == who.fsuid() ? 6 : who.isMember(inode.gid()) ? 3 : 0;
        return (mode >> shift & wanted) == wanted;
    }

    /** EACCES. */
    public static void require(Inode inode, Credentials who, int wanted) {
        if (!allows(inode, who, wanted)) {
            throw new ErrnoException(EACCES);
        }
    }

    /** EROFS, then EACCES: writing to what is in the file system itself; devices, FIFOs and sockets are exempt from EROFS. */
    public static void requireWrite(Path path, Credentials who) {
        Inode inode = path.inode();
        if (path.mount().isReadOnly() && (inode.isRegular() || inode.isDirectory() || inode.isSymlink())) {
            throw new ErrnoException(EROFS);
        }
        require(inode, who, WRITE);
    }

    /** May an entry be made in this directory? EROFS, EACCES; ENOENT in a removed directory. */
    public static void requireCreate(Path directory, Credentials who) {
        if (directory.mount().isReadOnly()) {
            throw new ErrnoException(EROFS);
        }
        if (directory.dentry().isRemoved()) {
            throw new ErrnoException(ENOENT);
        }
        require(directory.inode(), who, WRITE | EXECUTE);
    }

    /** May victim be unlinked from directory? EACCES; EPERM by the sticky bit. */
    public static void requireDelete(Path directory, Inode victim, Credentials who) {
        if (directory.mount().isReadOnly()) {
            throw new ErrnoException(EROFS);
        }
        Inode d = directory.inode();
        require(d, who, WRITE | EXECUTE);
        if ((d.mode() & Fcntl.S_ISVTX) != 0 && who.fsuid() != 0 && who.fsuid() != d.uid() && who.fsuid() != victim.uid()) {
            throw new ErrnoException(EPERM);
        }
    }

    /** EPERM unless owner or root. */
    public static void requireOwner(Inode inode, Credentials who) {
        if (who.fsuid() != 0 && who.fsuid() != inode.uid()) {
            throw new ErrnoException(EPERM);
        }
    }

    public static void requireDirectory(Inode inode) {
        if (!inode.isDirectory()) {
            throw new ErrnoException(ENOTDIR);
        }
    }
}
