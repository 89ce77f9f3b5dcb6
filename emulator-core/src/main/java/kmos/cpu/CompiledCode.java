// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.cpu.decode.ColdHandlers;
import kmos.cpu.jit.Jit;
import kmos.cpu.jit.JitStatus;
import kmos.cpu.jit.LinkCells;

/** Where the interpreter and compiled regions meet. */
public final class CompiledCode {
    /** Beside JitStatus: the block was dropped, the program goes on at its own address. */
    private static final int DROPPED = -1;

    private CompiledCode() { }

    /**
     * A record that stands for no instruction: of a dropped block (RESUME), of a probe, or of a region, which runs here. Returns what {@link #goOn} takes, or
     * JitStatus.STOP; CpuState.BUDGET is right before and after. Apart from the interpreter's loop, which a plain run never leaves this way.
     */
    public static int pass(int cpu, int w, int ip) {
        if ((w & 0xFFFF) == CpuState.RESUME_ID) {
            Memory.put32(cpu + CpuState.BUDGET, BlockCache.resume(cpu, ip, Memory.get32(cpu + CpuState.BUDGET)));
            return DROPPED;
        }
        if ((w & 0xFFFF) == CpuState.PROBE_ID) {
            Memory.put64(cpu + CpuState.RIP, Memory.get64(ip - 24));
            Memory.put32(cpu + CpuState.BUDGET, Memory.get32(cpu + CpuState.BUDGET) + 1);
            Memory.put32(cpu + CpuState.EXIT_CODE, Cpu.CONTINUE);
            return JitStatus.STOP;
        }
        return run(cpu, ip);
    }

    /** The block where the interpreter goes on. */
    public static int goOn(int cpu, int how) {
        if (how == DROPPED) {
            // Not through the jump cache, which may still name this dropped block.
            return BlockCache.enterResumed(cpu);
        }
        return how == JitStatus.CONTINUE ? BlockCache.enterAfterRegion(cpu) : BlockCache.enterPlain(cpu);
    }

    private static int run(int cpu, int ip) {
        Memory.put64(cpu + CpuState.RIP, Memory.get64(ip - 24));
        if (Debug.isStepping(cpu) || Debug.isWatching(cpu)) {
            // Breakpoints, single steps and alignment checks are the interpreter's.
            return JitStatus.INTERPRET;
        }
        Jit jit = Machines.cpu(cpu).jit();
        int budget = Memory.get32(cpu + CpuState.BUDGET);
        int status = jit.backend().run(Memory.get32(ip + 4));
        jit.counters().ran(budget - Memory.get32(cpu + CpuState.BUDGET), status);
        int cell = Memory.get32(cpu + CpuState.TWIN_WANTED);
        if (cell != 0) {
            Memory.put32(cpu + CpuState.TWIN_WANTED, 0);
            CompileQueue queue = Machines.cpu(cpu).compileQueue();
            if (queue == null || !queue.addTwin(cell)) {
                compileTwin(cpu, cell);
            }
        }
        return status;
    }

    /** Compiles the region of a twin cell without assumptions about the stack, if it can be entered in this address space. */
    static void compileTwin(int cpu, int cell) {
        for (int frame : Machines.cpu(cpu).jit().compileTwin(cell)) {
            Machines.cpu(cpu).markCode(frame);
        }
    }

    /** Brings a link cell up to date: the table slot of the region at its address, or 0. */
    public static void link(int cpu, int cell) {
        int h = BlockCache.cached(cpu, Memory.get64(cell + LinkCells.ADDRESS));
        int generation = Memory.get32(cpu + CpuState.JUMP_GENERATION);
        int block = h != 0 ? Memory.get32(h + 12) : 0;
        boolean isCompiled = block != 0 && Memory.get16(block) == CpuState.COMPILED_ID;
        Memory.put32(cell + LinkCells.SLOT, isCompiled ? Memory.get32(block + 4) : 0);
        Memory.put32(cell + LinkCells.GENERATION, isCompiled ? generation : -1);
    }

    /** Linear memory of count (up to 2048) bytes of stack that can be written without any effect but on them, or 0. */
    public static int stackAddress(int cpu, long a, int count) {
        int first = Mmu.probeStore(cpu, a);
        if (first != 0) {
            RangeTlb.missed(cpu, RangeTlb.STACK, a);
        }
        if ((a & 0xFFF) + count <= 0x1000) {
            return first;
        }
        long second = Mmu.wrapped(cpu, (a | 0xFFF) + 1);
        int left = 0x1000 - (int) (a & 0xFFF);
        return first != 0 && Mmu.probeStore(cpu, second) == first + left ? first : 0;
    }

    /** Linear memory of an operand that the TLB knows, or 0; now and then the entry for its range is made again. */
    public static int knownAddress(int cpu, long a, int size, boolean isWrite, int entry) {
        int p = Mmu.entry(cpu, a);
        if ((a + size - 1 | 0xFFF) != Memory.get64(p + (isWrite ? 8 : 0))) {
            return 0;
        }
        RangeTlb.missed(cpu, entry, a);
        return (int) a + Memory.get32(p + 16);
    }

    /** Linear memory of an operand for compiled code, or 0: the interpreter has to do the access. */
    public static int hostAddress(int cpu, long a, int size, boolean isWrite) {
        boolean crosses = (a & 0xFFF) + size > 0x1000;
        if (crosses && isWrite) {
            return 0;
        }
        Memory.put32(cpu + CpuState.IN_COMPILED, 1);
        try {
            return crosses ? Mmu.readable(cpu, a, size, 0) : Mmu.translate(cpu, a, isWrite ? Mmu.WRITE : Mmu.READ);
        } catch (CpuFault fault) {
            return 0;
        } finally {
            Memory.put32(cpu + CpuState.IN_COMPILED, 0);
        }
    }

    /** Runs a repeated string instruction; CpuState.BUDGET has it charged already. Stays at it when the budget ends. */
    public static int repeat(int cpu, int record) {
        try {
            return ColdHandlers.run(cpu, Memory.get32(record), record) == -1 ? JitStatus.CONTINUE : JitStatus.STOP;
        } catch (CpuFault fault) {
            Memory.put32(cpu + CpuState.BUDGET, BlockCache.faulted(cpu, record, 0));
            return JitStatus.STOP;
        }
    }

    /** Runs the handler of a record of one instruction, not charged yet; a fault leaves with everything set as the interpreter would. */
    public static int runHandler(int cpu, int record) {
        try {
            ColdHandlers.run(cpu, Memory.get32(record), record);
            return JitStatus.CONTINUE;
        } catch (CpuFault fault) {
            BlockCache.faulted(cpu, record, 0);
            return JitStatus.STOP;
        }
    }
}
