// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.List;

/** What the guest would see at the start of an instruction of a block: registers, flags, what memory lacks of the x87, address, instructions done in the block. */
record Snapshot(RegionBlock block, Node[] registers, Node[] vectors, FlagState flags, FpuStack fpu, List<FpuStack.Store> fpuStores, long pc, int done) {
    /** The same at another address. */
    Snapshot at(long address) {
        return new Snapshot(block, registers, vectors, flags, fpu, fpuStores, address, done);
    }
}
