// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.Stateful;

/** A disk or a partition: 512-byte sectors, asynchronous. Drivers implement it; fs sees nothing else of a disk. */
public interface BlockDevice extends Stateful {
    int SECTOR_SIZE = 512;

    long sectorCount();

    /** Queues a request; request.done is called later, from the driver's interrupt, or at once on a bad range (EIO). */
    void submit(BlockRequest request);
}
