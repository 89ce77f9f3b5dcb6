// SPDX-License-Identifier: Apache-2.0
package kmos.fs.block;

import kmos.base.StateFields;
import kmos.base.Stateful;

/** One transfer between a device and linear memory, or a flush of the device's write cache. Part of the saved state. */
public final class BlockRequest implements Stateful {
    public static final int READ = 0, WRITE = 1, FLUSH = 2;

    /** Who is told when the transfer ended: a saved object. errno 0 is success. */
    public interface Owner extends Stateful {
        void requestDone(BlockRequest request, int errno);
    }

    private int operation;
    private long sector;
    private int sectorCount;
    private int address;
    private Owner owner;
    private long submittedNs;

    /** For loading a saved state. */
    public BlockRequest() { }

    /** address: linear address in {@link kmos.base.Memory}, within guest RAM (the device does DMA). */
    public BlockRequest(int operation, long sector, int sectorCount, int address, Owner owner) {
        this.operation = operation;
        this.sector = sector;
        this.sectorCount = sectorCount;
        this.address = address;
        this.owner = owner;
    }

    public int operation() {
        return operation;
    }

    public long sector() {
        return sector;
    }

    public int sectorCount() {
        return sectorCount;
    }

    public int address() {
        return address;
    }

    /** Guest time at which a driver took it. */
    public long submittedNs() {
        return submittedNs;
    }

    public void setSubmittedNs(long ns) {
        submittedNs = ns;
    }

    /** The same request with the sector moved: a partition hands it to its disk so. */
    public BlockRequest shiftedBy(long sectors, Owner newOwner) {
        return new BlockRequest(operation, sector + sectors, sectorCount, address, newOwner);
    }

    public void done(int errno) {
        owner.requestDone(this, errno);
    }

    @Override
    public void state(StateFields s) {
        operation = s.i32("operation", operation);
        sector = s.i64("sector", sector);
        sectorCount = s.i32("sectorCount", sectorCount);
        address = s.address("address", address);
        owner = s.ref("owner", owner, Owner.class);
        submittedNs = s.i64("submittedNs", submittedNs);
    }
}
