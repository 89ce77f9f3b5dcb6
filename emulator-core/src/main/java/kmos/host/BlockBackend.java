// SPDX-License-Identifier: Apache-2.0
package kmos.host;

/**
 * Where a disk's sectors (512 bytes) come from: image chunks plus an overlay of writes. Buffers are linear memory.
 * Every call is answered by {@link Completion#complete}, at once or later, but always between slices or within the call.
 */
public interface BlockBackend {
    /** Answer to one request. */
    interface Completion {
        /** error: null, or what went wrong, for the user. */
        void complete(long token, String error);
    }

    long sectorCount();

    void read(long sector, int count, int address, long token, Completion done);

    /** Into the volatile cache: durable only after flush. The buffer may be reused after the call. */
    void write(long sector, int count, int address, long token, Completion done);

    /** All writes completed before this call become durable, atomically. */
    void flush(long token, Completion done);
}
