// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.MemoryArena;
import kmos.cpu.jit.JitBackend;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;

/** A processor with a few megabytes, identity-mapped for user mode, and code given as hex. */
final class CpuHarness implements AutoCloseable {
    static final int CODE = 0x100000, DATA = 0x200000, STACK = 0x300000;
    private static final int RAM = 8 << 20, TABLES = 0x700000;
    private static final MemoryArena ARENA = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);

    final Machine machine;
    final Cpu cpu;
    private final int flags;

    CpuHarness(int bits) {
        this(bits, CpuModel.v2());
    }

    CpuHarness(int bits, CpuModel model) {
        flags = ARENA.allocate(RAM >>> 12);
        machine = new Machine(new VirtualClock(), new PhysicalMemory(ARENA.allocate(RAM), RAM, flags));
        cpu = new Cpu(machine, ARENA, 1 << 20, model);
        machine.setCpu(cpu);
        PhysicalMemory m = machine.memory();
        m.write64(TABLES, TABLES + 0x1000 | 7);
        m.write64(TABLES + 0x1000, TABLES + 0x2000 | (bits == 64 ? 7 : 1));
        // The first 6 MiB in 4 KiB pages, user, writable, executable.
        for (int i = 0; i < 3; i++) {
            m.write64(TABLES + 0x2000 + i * 8, TABLES + 0x3000 + i * 0x1000 | 7);
            for (int j = 0; j < 512; j++) {
                m.write64(TABLES + 0x3000 + i * 0x1000 + j * 8, (long) (i * 512 + j) << 12 | 7);
            }
        }
        cpu.setPageTable(bits == 64 ? TABLES : TABLES + 0x1000, bits == 64 ? CpuContext.PAGING_4LEVEL : CpuContext.PAGING_PAE);
        cpu.resetUser(bits, bits == 64 ? 0x33 : 0x23, 0x2B);
        cpu.setRegister(CpuContext.RSP, STACK);
        cpu.setInstructionPointer(CODE);
    }

    /** The page-table entry of a page below 6 MiB. */
    int entryAddress(int linear) {
        return TABLES + 0x3000 + (linear >>> 12) * 8;
    }

    CpuHarness code(int at, String hex) {
        String digits = hex.replace(" ", "");
        byte[] b = new byte[digits.length() / 2];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) Integer.parseInt(digits.substring(i * 2, i * 2 + 2), 16);
        }
        machine.memory().write(at, b, 0, b.length);
        return this;
    }

    /** From now on code is compiled where it is entered first. */
    void compile() {
        cpu.enableJit(new ChicoryBackend(cpu.base(), false), ARENA, 1);
    }

    /** From now on code is compiled by this backend, where it was entered threshold times. */
    void compile(JitBackend backend, int threshold) {
        cpu.enableJit(backend, ARENA, threshold);
    }

    /** Runs at most so many instructions; returns the exit code. */
    int run(long instructions) {
        return cpu.run(machine.clock().cycles() + instructions);
    }

    @Override
    public void close() {
        cpu.close();
        if (cpu.jit() != null) {
            ARENA.free(cpu.jit().area());
        }
        ARENA.free(cpu.base());
        ARENA.free(machine.memory().linear(0));
        ARENA.free(flags);
    }
}
