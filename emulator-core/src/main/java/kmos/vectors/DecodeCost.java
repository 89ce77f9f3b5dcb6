// SPDX-License-Identifier: Apache-2.0
package kmos.vectors;

import kmos.base.MemoryArena;
import kmos.cpu.Cpu;
import kmos.cpu.CpuModel;
import kmos.machine.CpuContext;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;

/** What an instruction costs that runs for the first time, beyond what it costs each time: a walk through code of 1 MiB, once cold, once warm. */
public final class DecodeCost {
    private static final int RAM = 16 << 20, TABLES = 0xF00000, CODE = 0x400000, SIZE = 1 << 20, DATA = 0x200000, CODE_CACHE = 24 << 20;
    /** Function prologue and epilogue, loads, stores, arithmetic, shifts, address arithmetic, branches: 16 instructions in 39 bytes, without REX valid in both modes. */
    private static final String BODY = "55 89E5 8B4508 8945FC 0345F8 83C001 0FB6C8 8D540801 39C2 7500 C1E204 31D0 8945F4 85C0 7400 5D";
    private static final int BODY_INSTRUCTIONS = 16;

    private DecodeCost() { }

    /** Nanoseconds an instruction of 32- or 64-bit code, the median of five walks; on the JVM and in the page. Takes 41 MiB of the arena meanwhile. */
    public static double nanoseconds(MemoryArena arena, int bits) {
        double[] values = new double[5];
        for (int i = 0; i < values.length; i++) {
            values[i] = once(arena, bits);
        }
        java.util.Arrays.sort(values);
        return values[values.length / 2];
    }

    private static double once(MemoryArena arena, int bits) {
        int flags = arena.allocate(RAM >>> 12);
        Machine machine = new Machine(new VirtualClock(), new PhysicalMemory(arena.allocate(RAM), RAM, flags));
        Cpu cpu = new Cpu(machine, arena, CODE_CACHE, CpuModel.v2());
        machine.setCpu(cpu);
        PhysicalMemory m = machine.memory();
        m.write64(TABLES, TABLES + 0x1000 | 7);
        m.write64(TABLES + 0x1000, TABLES + 0x2000 | (bits == 64 ? 7 : 1));
        for (int i = 0; i < 7; i++) {
            // Pages of 2 MiB.
            m.write64(TABLES + 0x2000 + i * 8, (long) i << 21 | 0x87);
        }
        cpu.setPageTable(bits == 64 ? TABLES : TABLES + 0x1000, bits == 64 ? CpuContext.PAGING_4LEVEL : CpuContext.PAGING_PAE);
        byte[] body = bytes(BODY);
        int copies = SIZE / body.length;
        for (int i = 0; i < copies; i++) {
            m.write(CODE + i * body.length, body, 0, body.length);
        }
        m.write8(CODE + copies * body.length, 0xCC);
        long before = cpu.decodedCount();
        long cold = walk(machine, cpu, bits);
        long decoded = cpu.decodedCount() - before;
        long warm = walk(machine, cpu, bits);
        if (decoded < (long) copies * BODY_INSTRUCTIONS || cpu.decodedCount() - before > decoded) {
            throw new IllegalStateException("decoded " + decoded + ", then " + (cpu.decodedCount() - before));
        }
        cpu.close();
        arena.free(cpu.base());
        arena.free(m.linear(0));
        arena.free(flags);
        return (double) (cold - warm) / decoded;
    }

    private static long walk(Machine machine, Cpu cpu, int bits) {
        cpu.resetUser(bits, bits == 64 ? 0x33 : 0x23, 0x2B);
        cpu.setRegister(CpuContext.RSP, DATA + 0x1000);
        cpu.setInstructionPointer(CODE);
        long start = System.nanoTime();
        cpu.run(machine.clock().cycles() + 100_000_000);
        return System.nanoTime() - start;
    }

    private static byte[] bytes(String hex) {
        String digits = hex.replace(" ", "");
        byte[] b = new byte[digits.length() / 2];
        for (int i = 0; i < b.length; i++) {
            b[i] = (byte) Integer.parseInt(digits.substring(i * 2, i * 2 + 2), 16);
        }
        return b;
    }
}
