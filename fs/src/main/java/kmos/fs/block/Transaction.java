// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import java.util.ArrayList;
import java.util.List;
import kmos.base.Check;
import kmos.base.Memory;

/**
 * Changes to several blocks that reach the cache together or not at all. Blocks are changed in place and their old bytes
 * kept; when the operation unwinds (NotReady, ErrnoException) before commit, close puts them back. Nobody sees the
 * state between: an operation is one Java call. One transaction is open at a time.
 */
public final class Transaction implements AutoCloseable {
    private final BlockCache cache;
    private final List<Block> blocks = new ArrayList<>();
    private final List<byte[]> oldBytes = new ArrayList<>();
    private final List<Long> freed = new ArrayList<>();
    private boolean isOpen = true;

    public Transaction(BlockCache cache) {
        this.cache = cache;
    }

    /** The block, to be changed. NotReady, EIO. */
    public Block modify(long number) {
        Block b = cache.stable(number);
        if (!b.isModified) {
            byte[] old = new byte[cache.blockSize()];
            Memory.read(b.address, old, 0, old.length);
            remember(b, old);
        }
        return b;
    }

    /** A newly allocated block, all zero; it is not read from the device. */
    public Block create(long number) {
        Block b = cache.blank(number);
        if (!b.isModified) {
            byte[] old = null;
            if (b.isUpToDate) {
                old = new byte[cache.blockSize()];
                Memory.read(b.address, old, 0, old.length);
            }
            b.isUpToDate = true;
            remember(b, old);
        }
        Memory.fill(b.address, cache.blockSize(), 0);
        return b;
    }

    private void remember(Block b, byte[] old) {
        Check.that(isOpen, "the transaction has ended");
        b.isModified = true;
        blocks.add(b);
        oldBytes.add(old);
    }

    /** The block belongs to nobody any more: its cached content is dropped at commit. */
    public void free(long number) {
        cache.settle(number);
        freed.add(number);
    }

    /** Makes all changes visible. Cannot miss and cannot fail. */
    public void commit() {
        isOpen = false;
        for (Block b : blocks) {
            b.isModified = false;
            cache.committed(b);
        }
        for (long number : freed) {
            cache.forget(number);
        }
        if (!blocks.isEmpty()) {
            cache.changed();
        }
    }

    /** Puts everything back unless commit was called. */
    @Override
    public void close() {
        if (!isOpen) {
            return;
        }
        isOpen = false;
        for (int i = blocks.size() - 1; i >= 0; i--) {
            Block b = blocks.get(i);
            byte[] old = oldBytes.get(i);
            b.isModified = false;
            if (old == null) {
                b.isUpToDate = false;
                cache.drop(b);
            } else {
                Memory.write(b.address, old, 0, old.length);
                cache.rolledBack(b);
            }
        }
    }
}
