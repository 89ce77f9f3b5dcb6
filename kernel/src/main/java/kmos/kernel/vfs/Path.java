// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import kmos.fs.Inode;

/** A place in the tree as a process sees it: a dentry, and the mount through which it was reached (Linux struct path). */
public record Path(Mount mount, Dentry dentry) {
    public Inode inode() {
        return dentry.inode();
    }
}
