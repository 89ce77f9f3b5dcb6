// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

/** What the guest would see at the start of an instruction: register values, flags, address, instructions done in the block. */
final class Snapshot {
    final Node[] registers;
    final FlagState flags;
    final long pc;
    final int done;

    Snapshot(Node[] registers, FlagState flags, long pc, int done) {
        this.registers = registers;
        this.flags = flags;
        this.pc = pc;
        this.done = done;
    }

    /** The same at another address. */
    Snapshot at(long address) {
        return new Snapshot(registers, flags, address, done);
    }
}
