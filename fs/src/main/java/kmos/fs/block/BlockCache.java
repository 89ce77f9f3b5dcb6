// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kmos.base.Check;
import kmos.base.Errno;
import kmos.base.ErrnoException;
import kmos.base.Memory;
import kmos.base.NotReady;
import kmos.base.StateFields;
import kmos.base.WaitQueue;
import kmos.fs.CachedPage;

/**
 * The metadata blocks of one device, and its data transfers between pages and disk.
 *
 * <p>A write-back takes all dirty blocks at once, in block order, and a transaction that wants to change a block that is
 * being written waits. So what is on the disk after a write-back and the flush right behind it is the state between two
 * transactions: that is what a crash leaves.
 *
 * <p>Invariant: a block that is dirty, in transfer or changed by the open transaction is not evicted.
 */
public final class BlockCache implements BlockRequest.Owner {
    /** So many blocks at least are kept: more than any operation holds at a time. */
    private static final int MINIMUM = 64;
    private static final int IDLE = 0, WRITING = 1, FLUSHING = 2;

    private BlockDevice device;
    private int deviceNumber;
    private int capacity;
    private int blockSize = 1024;
    private String message;
    private final List<Block> ordered = new ArrayList<>();
    private int phase = IDLE;
    private boolean flushesAfter;
    private int pendingWrites;
    private int syncErrno;
    private long changes, flushedChanges, changesAtFlush;
    private final WaitQueue syncWait = new WaitQueue();
    // Derived: from `ordered`, which is filled only to save.
    private final Map<Long, Block> blocks = new HashMap<>();
    private Block oldest, newest;
    private int dirtyCount;
    private final BlockBuffers buffers;

    /** For loading a saved state. */
    public BlockCache(BlockBuffers buffers) {
        this.buffers = buffers;
    }

    /** capacity: how many blocks are kept at most, at least 64. deviceNumber: st_dev of what is mounted from it. */
    public BlockCache(BlockDevice device, int deviceNumber, BlockBuffers buffers, int capacity) {
        this.device = device;
        this.deviceNumber = deviceNumber;
        this.buffers = buffers;
        this.capacity = Math.max(MINIMUM, capacity);
    }

    public BlockDevice device() {
        return device;
    }

    public int deviceNumber() {
        return deviceNumber;
    }

    public int blockSize() {
        return blockSize;
    }

    public long blockCount() {
        return device.sectorCount() / (blockSize >> 9);
    }

    /** Why the last mount was refused, for the kernel log; null when there is nothing to say. */
    public String message() {
        return message;
    }

    public void setMessage(String text) {
        message = text;
    }

    /** Blocks in memory, each in a buffer of its own. */
    public int cachedBlocks() {
        return blocks.size();
    }

    public int dirtyBlocks() {
        return dirtyCount;
    }

    /** 1024, 2048 or 4096. Another size drops all blocks, which must be clean and at rest. */
    public void setBlockSize(int size) {
        if (size == blockSize) {
            return;
        }
        for (Block b = oldest; b != null; b = b.newer) {
            Check.that(!b.isDirty && !b.isModified, "block size changed over dirty blocks");
            if (b.isReading || b.isWriting) {
                throw new NotReady(b.wait);
            }
        }
        while (oldest != null) {
            drop(oldest);
        }
        blockSize = size;
    }

    /** The block with its content. NotReady while it is read; ErrnoException EIO when that failed or there is no such block. */
    public Block get(long number) {
        Block b = blocks.get(number);
        if (b == null) {
            b = insert(number);
            b.isReading = true;
            int sectors = blockSize >> 9;
            device.submit(new BlockRequest(BlockRequest.READ, number * sectors, sectors, b.address, b));
        } else {
            touch(b);
        }
        if (b.isUpToDate) {
            return b;
        }
        if (b.isReading) {
            throw new NotReady(b.wait);
        }
        drop(b); // the read failed: the next caller tries again
        throw new ErrnoException(Errno.EIO);
    }

    /** Bytes of the device, across blocks. */
    public void read(long offset, byte[] to, int at, int count) {
        int done = 0;
        while (done < count) {
            int inBlock = (int) ((offset + done) % blockSize);
            int n = Math.min(count - done, blockSize - inBlock);
            get((offset + done) / blockSize).read(inBlock, to, at + done, n);
            done += n;
        }
    }

    /** For a transaction: the block, up to date and not being written. */
    Block stable(long number) {
        Block b = get(number);
        if (b.isWriting) {
            throw new NotReady(b.wait);
        }
        return b;
    }

    /** For a transaction: a block whose old content does not matter; isUpToDate tells whether it was cached. */
    Block blank(long number) {
        Block b = blocks.get(number);
        if (b == null) {
            return insert(number);
        }
        touch(b);
        if (b.isReading || b.isWriting) {
            throw new NotReady(b.wait);
        }
        return b;
    }

    /** For a transaction: waits until a block that is to be freed is at rest. */
    void settle(long number) {
        Block b = blocks.get(number);
        if (b != null && (b.isReading || b.isWriting)) {
            throw new NotReady(b.wait);
        }
    }

    /** The block was freed: what is cached of it must never reach the disk. */
    void forget(long number) {
        Block b = blocks.get(number);
        if (b != null) {
            setDirty(b, false);
            drop(b);
        }
    }

    void committed(Block b) {
        buffers.written(b.address, blockSize);
        b.isUpToDate = true;
        setDirty(b, true);
    }

    void rolledBack(Block b) {
        buffers.written(b.address, blockSize);
    }

    void changed() {
        changes++;
    }

    private void setDirty(Block b, boolean dirty) {
        if (b.isDirty != dirty) {
            b.isDirty = dirty;
            dirtyCount += dirty ? 1 : -1;
        }
    }

    private Block insert(long number) {
        if (number < 0 || number >= blockCount()) {
            throw new ErrnoException(Errno.EIO);
        }
        if (blocks.size() >= capacity) {
            evictOne();
        }
        int address = buffers.allocate();
        while (address == 0) {
            evictOne();
            address = buffers.allocate();
        }
        Block b = new Block();
        b.cache = this;
        b.number = number;
        b.address = address;
        blocks.put(number, b);
        append(b);
        return b;
    }

    /** Gives up to count clean blocks back to the buffers, oldest first; the newest ones, which may be in use now, stay. */
    public int reclaim(int count) {
        int freed = 0;
        int spare = blocks.size() - MINIMUM;
        for (Block b = oldest; b != null && freed < count && spare > 0; spare--) {
            Block next = b.newer;
            if (!b.isReading && !b.isWriting && !b.isDirty && !b.isModified) {
                drop(b);
                freed++;
            }
            b = next;
        }
        return freed;
    }

    /** For tests, while no operation runs: forgets all blocks that are clean and at rest. */
    public void forgetClean() {
        for (Block b = oldest; b != null;) {
            Block next = b.newer;
            if (!b.isReading && !b.isWriting && !b.isDirty && !b.isModified) {
                drop(b);
            }
            b = next;
        }
    }

    private void evictOne() {
        Block inTransfer = null;
        for (Block b = oldest; b != null; b = b.newer) {
            if (b.isReading || b.isWriting) {
                inTransfer = b;
            } else if (!b.isDirty && !b.isModified) {
                drop(b);
                return;
            }
        }
        if (phase == IDLE && dirtyCount > 0) {
            startWriteBack();
            if (phase == IDLE) {
                evictOne();
                return;
            }
        }
        if (phase != IDLE) {
            throw new NotReady(syncWait);
        }
        if (inTransfer != null) {
            throw new NotReady(inTransfer.wait);
        }
        throw new ErrnoException(Errno.ENOMEM);
    }

    void drop(Block b) {
        Check.that(!b.isDirty && !b.isReading && !b.isWriting, "a busy block was dropped", b.number);
        blocks.remove(b.number);
        unlink(b);
        buffers.free(b.address);
    }

    private void append(Block b) {
        b.older = newest;
        b.newer = null;
        if (newest == null) {
            oldest = b;
        } else {
            newest.newer = b;
        }
        newest = b;
    }

    private void unlink(Block b) {
        if (b.older == null) {
            oldest = b.newer;
        } else {
            b.older.newer = b.newer;
        }
        if (b.newer == null) {
            newest = b.older;
        } else {
            b.newer.older = b.older;
        }
    }

    private void touch(Block b) {
        if (b != newest) {
            unlink(b);
            append(b);
        }
    }

    // Write-back

    public boolean isDirty() {
        return dirtyCount > 0 || changes != flushedChanges;
    }

    /**
     * Writes all dirty blocks and flushes the device. NotReady until all that was changed before is durable; then
     * returns. ErrnoException with the device's error, once for each failed attempt; the blocks stay dirty.
     */
    public void sync() {
        if (phase == IDLE) {
            failIfBroken();
            if (!isDirty()) {
                return;
            }
            flushesAfter = true;
            startWriteBack();
            if (phase == IDLE) {
                failIfBroken();
                return;
            }
        }
        throw new NotReady(syncWait);
    }

    private void failIfBroken() {
        if (syncErrno != 0) {
            int errno = syncErrno;
            syncErrno = 0;
            throw new ErrnoException(errno);
        }
    }

    private void startWriteBack() {
        List<Block> dirty = new ArrayList<>();
        for (Block b = oldest; b != null; b = b.newer) {
            Check.that(!b.isModified || !b.isDirty || !b.isWriting, "write-back inside a transaction");
            if (b.isDirty && !b.isModified) {
                dirty.add(b);
            }
        }
        dirty.sort((a, b) -> Long.compare(a.number, b.number));
        phase = WRITING;
        pendingWrites = 1 + dirty.size();
        for (Block b : dirty) {
            setDirty(b, false);
            b.isWriting = true;
        }
        int sectors = blockSize >> 9;
        for (Block b : dirty) {
            device.submit(new BlockRequest(BlockRequest.WRITE, b.number * sectors, sectors, b.address, b));
        }
        writeEnded();
    }

    private void writeEnded() {
        if (--pendingWrites > 0) {
            return;
        }
        if (!flushesAfter || syncErrno != 0) {
            endSync();
            return;
        }
        phase = FLUSHING;
        flushesAfter = false;
        changesAtFlush = changes;
        device.submit(new BlockRequest(BlockRequest.FLUSH, 0, 0, 0, this));
    }

    private void endSync() {
        phase = IDLE;
        flushesAfter = false;
        syncWait.wakeAll();
    }

    void blockDone(Block b, int operation, int errno) {
        if (operation == BlockRequest.READ) {
            b.isReading = false;
            b.isUpToDate = errno == 0;
        } else {
            b.isWriting = false;
            if (errno != 0) {
                setDirty(b, true);
                syncErrno = errno;
            }
            writeEnded();
        }
        b.wait.wakeAll();
    }

    /** The flush has ended. */
    @Override
    public void requestDone(BlockRequest request, int errno) {
        if (errno == 0) {
            flushedChanges = changesAtFlush;
        } else {
            syncErrno = errno;
        }
        endSync();
    }

    // Pages

    /** Starts count transfers of a page, each a run of blocks: first disk block, first byte in the page, block count. */
    public void transferPage(int operation, CachedPage page, long[] diskBlocks, int[] offsets, int[] counts, int count) {
        if (count == 0) {
            page.ioStarted(1);
            page.ioDone(0);
            return;
        }
        page.ioStarted(count);
        int sectors = blockSize >> 9;
        for (int i = 0; i < count; i++) {
            device.submit(new BlockRequest(operation, diskBlocks[i] * sectors, counts[i] * sectors,
                page.address() + offsets[i], new PageTransfer(this, page)));
        }
    }

    /** Zeroes bytes of a page (a hole, or what lies behind the end of the file). */
    public void zeroPage(CachedPage page, int from, int to) {
        if (from < to) {
            buffers.written(page.address(), CachedPage.SIZE);
            Memory.fill(page.address() + from, to - from, 0);
        }
    }

    @Override
    public void state(StateFields s) {
        device = s.ref("device", device, BlockDevice.class);
        deviceNumber = s.i32("deviceNumber", deviceNumber);
        capacity = s.i32("capacity", capacity);
        blockSize = s.i32("blockSize", blockSize);
        message = s.text("message", message);
        ordered.clear();
        for (Block b = oldest; b != null; b = b.newer) {
            ordered.add(b);
        }
        s.refs("blocks", ordered, Block.class);
        pendingNumbers(s);
        ordered.clear();
        phase = s.i32("phase", phase);
        flushesAfter = s.bool("flushesAfter", flushesAfter);
        pendingWrites = s.i32("pendingWrites", pendingWrites);
        syncErrno = s.i32("syncErrno", syncErrno);
        changes = s.i64("changes", changes);
        flushedChanges = s.i64("flushedChanges", flushedChanges);
        changesAtFlush = s.i64("changesAtFlush", changesAtFlush);
        s.struct("syncWait", syncWait);
    }

    /** The numbers and dirty marks beside the references: the objects may be filled after this one. */
    private void pendingNumbers(StateFields s) {
        long[] numbers = new long[ordered.size()];
        if (!s.isLoading()) {
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = ordered.get(i).number << 1 | (ordered.get(i).isDirty ? 1 : 0);
            }
        }
        numbers = s.longs("numbers", numbers);
        if (s.isLoading()) {
            blocks.clear();
            oldest = null;
            newest = null;
            dirtyCount = 0;
            for (int i = 0; i < ordered.size(); i++) {
                append(ordered.get(i));
                blocks.put(numbers[i] >> 1, ordered.get(i));
                dirtyCount += (int) (numbers[i] & 1);
            }
        }
    }
}
