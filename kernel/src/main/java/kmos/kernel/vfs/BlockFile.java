// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.vfs;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.ENOTTY;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.fs.block.BlockDevice;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Task;

/** An open block device, for reading. */
public final class BlockFile extends FileDescription {
    private static final int BLKGETSIZE = 0x1260, BLKFLSBUF = 0x1261, BLKSSZGET = 0x1268, BLKROGET = 0x125E, BLKGETSIZE64_64 = 0x80081272,
        BLKGETSIZE64_32 = 0x80041272, STEP = 4096;

    private BlockDevices.Row row;

    /** For loading a saved state. */
    public BlockFile(Vfs vfs) {
        super(vfs);
    }

    BlockFile(Vfs vfs, Path path, int flags, BlockDevices.Row row) {
        super(vfs, path, flags);
        this.row = row;
    }

    private long sizeBytes() {
        return row.disk().sectorCount() * BlockDevice.SECTOR_SIZE;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        long n = readAt(task, buffer, position());
        if (n > 0) {
            setPosition(position() + n);
        }
        return n;
    }

    @Override
    public long readAt(Task task, IoBuffer buffer, long offset) {
        long total = Math.min(Math.min(buffer.remaining(), 64 * 1024), sizeBytes() - offset);
        if (total <= 0) {
            return 0;
        }
        byte[] bytes = new byte[(int) total];
        for (int at = 0; at < total; at += STEP) {
            vfs.blockDevices().cache(row).read(offset + at, bytes, at, (int) Math.min(STEP, total - at));
        }
        return buffer.put(bytes, 0, bytes.length);
    }

    @Override
    public long seek(long offset, int whence) {
        long to = whence == Fcntl.SEEK_SET ? offset : whence == Fcntl.SEEK_CUR ? position() + offset
            : whence == Fcntl.SEEK_END ? sizeBytes() + offset : -1;
        if (to < 0) {
            return -EINVAL;
        }
        setPosition(to);
        return to;
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        switch (command) {
            case BLKGETSIZE:
                task.user().writeWord(argument, row.disk().sectorCount());
                return 0;
            case BLKGETSIZE64_64: case BLKGETSIZE64_32:
                task.user().write64(argument, sizeBytes());
                return 0;
            case BLKSSZGET:
                task.user().write32(argument, BlockDevice.SECTOR_SIZE);
                return 0;
            case BLKROGET:
                task.user().write32(argument, 0);
                return 0;
            case BLKFLSBUF:
                vfs.sync();
                return 0;
            default: return -ENOTTY;
        }
    }

    @Override
    public void sync(boolean isDataOnly) {
        vfs.sync();
    }

    @Override
    public int poll() {
        return alwaysReady();
    }

    @Override
    public WaitQueue waitQueue() {
        return null;
    }

    @Override
    public void state(StateFields s) {
        super.state(s);
        row = s.ref("row", row, BlockDevices.Row.class);
    }
}
