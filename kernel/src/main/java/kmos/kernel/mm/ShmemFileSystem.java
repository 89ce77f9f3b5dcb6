// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.mm;

import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.StateFields;
import kmos.fs.FileSystem;
import kmos.fs.Inode;

/** Where {@link ShmemInode} objects belong: never mounted. */
public final class ShmemFileSystem extends FileSystem {
    private static final int TMPFS_MAGIC = 0x01021994;

    private long lastNumber;

    public ShmemFileSystem() {
        super(1);
    }

    long nextNumber() {
        return ++lastNumber;
    }

    @Override
    public String typeName() {
        return "tmpfs";
    }

    @Override
    public Inode root() {
        throw new ErrnoException(Errno.ENOENT);
    }

    @Override
    public Statistics statistics() {
        return new Statistics(TMPFS_MAGIC, 4096, 0, 0, 0, 0, 0, 255);
    }

    @Override
    public void state(StateFields s) {
        lastNumber = s.i64("lastNumber", lastNumber);
    }
}
