// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.base.Memory;
import kmos.cpu.CodeReader;
import kmos.cpu.CpuState;
import kmos.cpu.DecodedInstruction;
import kmos.cpu.Ea;
import kmos.isa.InstructionBodies;

/**
 * Where jumps of a procedure linkage table lead (System V ABI, chapter 5): through a constant address, or on i386 through the global offset table that EBX
 * names. Only a guess: the code that is made from it compares.
 */
final class LinkageTable {
    private static final int EBX = 3;

    private final int cpu;
    private final InstructionBodies bodies;
    private final boolean is64;
    /** Of position-independent 32-bit code: EBX. */
    private long globalOffsetTable;

    /** registers: what the code was entered with once. */
    LinkageTable(int cpu, InstructionBodies bodies, boolean is64, long[] registers) {
        this.cpu = cpu;
        this.bodies = bodies;
        this.is64 = is64;
        globalOffsetTable = registers[EBX];
    }

    /** Functions of position-independent 32-bit code learn where they are from a call, and add the distance to the table. */
    void see(DecodedInstruction d) {
        if (!is64 && d.a == EBX * 8 && d.immediate != 0 && bodies.name(d.row).equals("Alu.add") && CodeReader.isReturnPoint(cpu, d.pc)) {
            globalOffsetTable = d.pc + d.immediate;
        }
    }

    /** Where a computed jump goes, or 0. */
    long target(DecodedInstruction jump) {
        boolean hasIndex = jump.index < CpuState.ZERO;
        long base;
        if (jump.addressSize == Ea.RIP) {
            base = jump.next();
        } else if (!hasIndex && jump.b >= CpuState.ZERO) {
            base = 0;
        } else if (!hasIndex && !is64 && jump.b == EBX * 8) {
            base = globalOffsetTable;
        } else {
            return 0;
        }
        long address = is64 ? base + jump.displacement : base + jump.displacement & 0xFFFFFFFFL;
        int host = (address & 0xFFF) <= 0xFF8 ? CodeReader.data(cpu, address) : 0;
        return host == 0 ? 0 : is64 ? Memory.get64(host) : Memory.getUnsigned32(host);
    }
}
