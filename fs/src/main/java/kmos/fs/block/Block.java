// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.Check;
import kmos.base.Memory;
import kmos.base.StateFields;
import kmos.base.WaitQueue;

/**
 * One metadata block in the cache. Read it with get; change it only inside a {@link Transaction} (its modify gives the
 * block). A reference is good until the caller's operation ends.
 */
public final class Block implements BlockRequest.Owner {
    BlockCache cache;
    long number;
    int address;
    boolean isUpToDate;
    boolean isDirty;
    boolean isWriting;
    boolean isReading;
    boolean isModified;
    final WaitQueue wait = new WaitQueue();
    // Derived: links of the cache's list, oldest first; rebuilt from its order.
    Block older, newer;

    /** For loading a saved state. */
    public Block() { }

    public long number() {
        return number;
    }

    public int size() {
        return cache.blockSize();
    }

    public boolean isDirty() {
        return isDirty;
    }

    public int get8(int at) {
        return Memory.get8(address + at);
    }

    public int get16(int at) {
        return Memory.get16(address + at);
    }

    public int get32(int at) {
        return Memory.get32(address + at);
    }

    public long getUnsigned32(int at) {
        return Memory.getUnsigned32(address + at);
    }

    public void read(int at, byte[] to, int offset, int count) {
        Memory.read(address + at, to, offset, count);
    }

    public void put8(int at, int value) {
        checkModified();
        Memory.put8(address + at, value);
    }

    public void put16(int at, int value) {
        checkModified();
        Memory.put16(address + at, value);
    }

    public void put32(int at, int value) {
        checkModified();
        Memory.put32(address + at, value);
    }

    public void write(int at, byte[] from, int offset, int count) {
        checkModified();
        Memory.write(address + at, from, offset, count);
    }

    public void fill(int at, int count, int value) {
        checkModified();
        Memory.fill(address + at, count, value);
    }

    private void checkModified() {
        Check.that(isModified, "a block changed outside a transaction");
    }

    @Override
    public void requestDone(BlockRequest request, int errno) {
        cache.blockDone(this, request.operation(), errno);
    }

    @Override
    public void state(StateFields s) {
        cache = s.ref("cache", cache, BlockCache.class);
        number = s.i64("number", number);
        address = s.address("address", address);
        isUpToDate = s.bool("isUpToDate", isUpToDate);
        isDirty = s.bool("isDirty", isDirty);
        isWriting = s.bool("isWriting", isWriting);
        isReading = s.bool("isReading", isReading);
        s.struct("wait", wait);
    }
}
