// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import kmos.base.NotReady;
import kmos.base.StateFields;

/** A disk where every request is answered only when asked for, so that every first touch of a block misses. */
public final class MissingBlocks implements BlockDevice {
    private final MemoryDisk disk;
    private final Deque<BlockRequest> waiting = new ArrayDeque<>();
    /** What a crash would leave: the bytes at the last flush. */
    public byte[] durable;
    public int misses;
    /** errno that the next requests get, 0 for success. */
    public int errno;

    public MissingBlocks(byte[] bytes) {
        disk = new MemoryDisk(bytes);
        durable = bytes.clone();
    }

    public byte[] bytes() {
        return disk.bytes();
    }

    @Override
    public long sectorCount() {
        return disk.sectorCount();
    }

    @Override
    public void submit(BlockRequest request) {
        waiting.add(request);
    }

    /** Answers what waits. False when nothing did. */
    public boolean answer() {
        if (waiting.isEmpty()) {
            return false;
        }
        for (int n = waiting.size(); n > 0; n--) {
            BlockRequest r = waiting.remove();
            if (errno != 0) {
                r.done(errno);
                continue;
            }
            if (r.operation() == BlockRequest.FLUSH) {
                durable = disk.bytes().clone();
            }
            disk.submit(r);
        }
        return true;
    }

    /** Runs an operation as the dispatcher does: again from the top after each miss. */
    public <T> T run(Supplier<T> operation) {
        for (int i = 0; i < 100_000; i++) {
            try {
                return operation.get();
            } catch (NotReady miss) {
                misses++;
                if (!answer()) {
                    throw new AssertionError("NotReady, but no request is on its way");
                }
            }
        }
        throw new AssertionError("an operation never ends");
    }

    public void run(Runnable operation) {
        run(() -> {
            operation.run();
            return null;
        });
    }

    @Override
    public void state(StateFields s) {
        s.struct("disk", disk);
        durable = s.bytes("durable", durable);
        List<BlockRequest> list = new ArrayList<>(waiting);
        s.refs("waiting", list, BlockRequest.class);
        waiting.clear();
        waiting.addAll(list);
    }
}
