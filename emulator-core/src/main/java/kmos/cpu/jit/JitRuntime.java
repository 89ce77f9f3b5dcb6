// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.base.Memory;
import kmos.cpu.CompiledCode;
import kmos.cpu.CpuState;

/** What compiled code calls (see {@link Imports}). None of these throws: an exception would lose the code's locals. */
public final class JitRuntime {
    /** Nested calls of regions. */
    static final int MAX_DEPTH = 250;
    /** Entries at which a region's stack could not be looked up, before its twin is compiled. */
    private static final int TWIN_AFTER = 100;

    private JitRuntime() { }

    /** Linear memory of a guest operand outside its range, or 0 when the interpreter has to do the access (faults, page-crossing stores, stores to code). */
    public static int miss(int cpu, long address, int access) {
        int size = access & JitAccess.SIZE;
        boolean isWrite = (access & JitAccess.WRITE) != 0;
        int host = CompiledCode.knownAddress(cpu, address, size, isWrite, access >>> JitAccess.ENTRY_SHIFT);
        return host != 0 || (access & JitAccess.ONLY_TLB) != 0 ? host : CompiledCode.hostAddress(cpu, address, size, isWrite);
    }

    /** Finds the compiled region at a link cell's address, if it is known in the current address space. */
    public static void link(int cpu, int cell) {
        CompiledCode.link(cpu, cell);
    }

    /** Linear memory of so many bytes of stack if they can be written without any effect that the guest sees, or 0. */
    public static int pin(int cpu, long address, int size, int cell) {
        int host = CompiledCode.stackAddress(cpu, address, size);
        if (host == 0) {
            int failures = Memory.get32(cell + LinkCells.GENERATION) + 1;
            Memory.put32(cell + LinkCells.GENERATION, failures);
            if (failures == TWIN_AFTER) {
                Memory.put32(cpu + CpuState.TWIN_WANTED, cell);
            }
        }
        return host;
    }

    /** Runs a repeated string instruction. Budget and instruction pointer are set in any case. */
    public static int repeat(int cpu, int record) {
        int epoch = Memory.get32(cpu + CpuState.CODE_EPOCH);
        int outcome = CompiledCode.repeat(cpu, record);
        return outcome == JitStatus.CONTINUE && epoch != Memory.get32(cpu + CpuState.CODE_EPOCH) ? JitStatus.INTERPRET : outcome;
    }

    /** Runs the handler of a record. On leaving, instruction pointer and budget are set. */
    public static int handler(int cpu, int record) {
        int epoch = Memory.get32(cpu + CpuState.CODE_EPOCH);
        int outcome = CompiledCode.runHandler(cpu, record);
        if (outcome != JitStatus.CONTINUE) {
            return outcome;
        }
        if (epoch == Memory.get32(cpu + CpuState.CODE_EPOCH)) {
            return JitStatus.CONTINUE;
        }
        // It wrote to code, perhaps to the caller's: on through the dispatcher.
        Memory.put64(cpu + CpuState.RIP, Memory.get64(record + 40));
        Memory.put32(cpu + CpuState.BUDGET, Memory.get32(cpu + CpuState.BUDGET) - 1);
        return JitStatus.INTERPRET;
    }
}
