// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** What the guest would see at the start of an instruction of a block: registers, flags, address, instructions done in the block. */
record Snapshot(RegionBlock block, Node[] registers, Node[] vectors, FlagState flags, long pc, int done) {
    /** The same at another address. */
    Snapshot at(long address) {
        return new Snapshot(block, registers, vectors, flags, address, done);
    }
}
