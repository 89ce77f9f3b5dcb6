// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

/** Where the block cache gets its 4 KiB buffers: the kernel's frame allocator, or plain memory in a tool. */
public interface BlockBuffers {
    int SIZE = 4096;

    /** Linear address of 4 KiB of memory that the device can reach; 0 when there is none (the cache then evicts). */
    int allocate();

    void free(int address);

    /** Bytes of a buffer or a page were changed by the file system: guest RAM marks its frames dirty. */
    default void written(int address, int count) {
    }
}
