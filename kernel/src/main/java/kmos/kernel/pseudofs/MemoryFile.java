// SPDX-License-Identifier: Apache-2.0
package kmos.kernel.pseudofs;

import static kmos.base.Errno.EINVAL;
import static kmos.base.Errno.ENOSPC;
import static kmos.base.Errno.ENOTTY;

import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.kernel.abi.Fcntl;
import kmos.kernel.task.Task;
import kmos.kernel.vfs.FileDescription;
import kmos.kernel.vfs.IoBuffer;
import kmos.kernel.vfs.Path;
import kmos.kernel.vfs.Vfs;

/** null(4), zero, full(4), random(4) and urandom. */
public final class MemoryFile extends FileDescription {
    private static final int STEP = 4096, RNDGETENTCNT = 0x80045200;

    private int minor;

    /** For loading a saved state. */
    public MemoryFile(Vfs vfs) {
        super(vfs);
    }

    MemoryFile(Vfs vfs, Path path, int flags, int minor) {
        super(vfs, path, flags);
        this.minor = minor;
    }

    @Override
    public boolean isMappedAsZero() {
        return minor == MemoryDevices.ZERO;
    }

    @Override
    public long read(Task task, IoBuffer buffer) {
        if (minor == MemoryDevices.NULL) {
            return 0;
        }
        boolean isRandom = minor == MemoryDevices.RANDOM || minor == MemoryDevices.URANDOM;
        byte[] bytes = new byte[STEP];
        long done = 0;
        while (buffer.remaining() > 0) {
            int n = (int) Math.min(STEP, buffer.remaining());
            if (isRandom) {
                vfs.kernel().random().fill(bytes, 0, n);
            }
            int moved = buffer.put(bytes, 0, n);
            if (moved < 0) {
                return done > 0 ? done : moved;
            }
            done += moved;
            if (moved < n) {
                break;
            }
        }
        return done;
    }

    @Override
    public long write(Task task, IoBuffer buffer) {
        if (minor == MemoryDevices.FULL) {
            return buffer.remaining() == 0 ? 0 : -ENOSPC;
        }
        if (minor != MemoryDevices.RANDOM && minor != MemoryDevices.URANDOM) {
            return buffer.remaining();
        }
        byte[] bytes = new byte[(int) Math.min(STEP, buffer.remaining())];
        int n = buffer.get(bytes, 0, bytes.length);
        for (int i = 0; i < n; i++) {
            vfs.kernel().random().mix(bytes[i]);
        }
        return n;
    }

    @Override
    public long readAt(Task task, IoBuffer buffer, long offset) {
        return read(task, buffer);
    }

    @Override
    public long writeAt(Task task, IoBuffer buffer, long offset) {
        return write(task, buffer);
    }

    @Override
    public long seek(long offset, int whence) {
        return whence > Fcntl.SEEK_END ? -EINVAL : 0;
    }

    @Override
    public long ioctl(Task task, int command, long argument) {
        boolean isRandom = minor == MemoryDevices.RANDOM || minor == MemoryDevices.URANDOM;
        if (!isRandom || command != RNDGETENTCNT) {
            return -ENOTTY;
        }
        task.user().write32(argument, 256);
        return 0;
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
        minor = s.i32("minor", minor);
    }
}
