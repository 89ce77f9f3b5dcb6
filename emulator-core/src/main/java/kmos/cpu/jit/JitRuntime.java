// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import kmos.base.Memory;
import kmos.cpu.CompiledCode;
import kmos.cpu.CpuState;

/** What compiled code calls (see {@link Imports}). None of these throws: an exception would lose the code's locals. */
public final class JitRuntime {
    /** Nested calls of regions. */
    static final int MAX_DEPTH = 250;

    private JitRuntime() { }

    /** Linear memory of a guest operand, or 0 when the interpreter has to do the access (faults, page-crossing stores, stores to code). */
    public static int miss(int cpu, long address, int access) {
        return CompiledCode.hostAddress(cpu, address, access & JitAccess.SIZE, (access & JitAccess.WRITE) != 0);
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
