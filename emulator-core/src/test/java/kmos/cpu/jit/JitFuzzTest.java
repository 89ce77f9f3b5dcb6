// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kmos.base.Memory;
import kmos.base.MemoryArena;
import kmos.cpu.Cpu;
import kmos.cpu.CpuState;
import kmos.cpu.Flags;
import kmos.cpu.jit.jvm.ChicoryBackend;
import kmos.machine.CpuContext;
import kmos.machine.CpuExit;
import kmos.machine.Machine;
import kmos.machine.PhysicalMemory;
import kmos.machine.VirtualClock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random programs (loops of arithmetic, memory accesses, stack operations, jumps, calls, SSE and x87) in the interpreter and in
 * compiled code, cut into random slices: registers, flags, memory, instruction counts and faults agree.
 */
class JitFuzzTest {
    private static final int RAM = 4 << 20, TABLES = 0x300000, CODE = 0x100000, DATA = 0x200000, DATA_SIZE = 0x3000;

    @Test
    void compiledProgramsDoWhatTheInterpreterDoes() {
        long compiled = run(20261124, 1500);
        assertTrue(compiled > 500, compiled + " regions were compiled");
    }

    @Test
    @Tag("soak")
    void manyCompiledProgramsDoWhatTheInterpreterDoes() {
        long seed = Long.getLong("kmos.fuzz.seed", 1);
        System.out.println("seed " + seed);
        run(seed, Integer.getInteger("kmos.fuzz.programs", 40_000));
    }

    /** push ecx; push ebx; pop ebx; pop ecx; loop body of a frame that lies across two pages; int3. */
    private static final byte[] ACROSS_PAGES = {(byte) 0xB9, 0, 4, 0, 0, 0x51, 0x53, 0x43, 0x53, 0x5B, 0x5B, 0x59, (byte) 0x83, (byte) 0xE9, 1, 0x75, (byte) 0xF4, (byte) 0xCC};

    @Test
    void aStackOnPagesThatAreNotNeighboursIsServedByTheTwin() {
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        for (boolean areNeighbours : new boolean[] {true, false}) {
            Side plain = new Side(arena, 32, false), compiled = new Side(arena, 32, true);
            for (Side side : List.of(plain, compiled)) {
                side.stack = DATA + 0x2004;
                if (!areNeighbours) {
                    side.swapPages();
                }
            }
            assertEquals(plain.run(ACROSS_PAGES, new SplittableRandom(1), List.of(100_000L)), compiled.run(ACROSS_PAGES, new SplittableRandom(1), List.of(100_000L)));
            assertEquals(areNeighbours ? 1 : 2, compiled.cpu.jit().regionCount(), "the region, and its twin");
            plain.cpu.close();
            compiled.cpu.close();
        }
    }

    /** Each of eight handlers changes EBX or EDX, counts down and jumps to the next one through a table; one page. */
    private static byte[] bytecodeLoop(int steps) {
        ByteBuffer code = ByteBuffer.allocate(0x900).order(ByteOrder.LITTLE_ENDIAN);
        code.put((byte) 0xB9).putInt(steps).put((byte) 0xBE).putInt(77);
        int[] handlers = new int[8];
        int[] ends = new int[8];
        for (int i = -1; i < 8; i++) {
            if (i >= 0) {
                handlers[i] = code.position();
                // add ebx, i; rol edx, cl or xor edx, ebx; sub ecx, 1; jz end
                code.put(new byte[] {(byte) 0x83, (byte) 0xC3, (byte) (i + 1)});
                code.put(i % 2 == 0 ? new byte[] {(byte) 0xD3, (byte) 0xC2} : new byte[] {0x31, (byte) 0xDA});
                code.put(new byte[] {(byte) 0x83, (byte) 0xE9, 1, 0x0F, (byte) 0x84});
                ends[i] = code.position();
                code.putInt(0);
            }
            // imul esi, esi, 1103515245; add esi, 12345; mov eax, esi; shr eax, 16; and eax, 7; jmp [eax * 8 + table]
            code.put(new byte[] {0x69, (byte) 0xF6}).putInt(1103515245).put(new byte[] {(byte) 0x81, (byte) 0xC6}).putInt(12345);
            code.put(new byte[] {(byte) 0x89, (byte) 0xF0, (byte) 0xC1, (byte) 0xE8, 16, (byte) 0x83, (byte) 0xE0, 7, (byte) 0xFF, 0x24, (byte) 0xC5}).putInt(CODE + 0x800);
        }
        int end = code.position();
        code.put((byte) 0xCC);
        for (int i = 0; i < 8; i++) {
            code.putInt(ends[i], end - ends[i] - 4);
            code.putLong(0x800 + i * 8, CODE + handlers[i]);
        }
        return code.array();
    }

    @Test
    void aLoopAroundAJumpTableIsOneRegionThatCanBeEnteredAtEveryHandler() {
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        for (int bits : new int[] {32, 64}) {
            Side plain = new Side(arena, bits, false), compiled = new Side(arena, bits, true, 40);
            byte[] code = bytecodeLoop(5000);
            List<Long> slices = new ArrayList<>();
            SplittableRandom random = new SplittableRandom(5);
            for (int i = 0; i < 200; i++) {
                slices.add(random.nextLong(1, 400));
            }
            slices.add(100_000L);
            assertEquals(plain.run(code, new SplittableRandom(1), List.of(200_000L)), compiled.run(code, new SplittableRandom(1), slices), bits + "-bit code");
            assertEquals(1, compiled.cpu.jit().regionCount(), "regions of " + bits + "-bit code");
            plain.cpu.close();
            compiled.cpu.close();
        }
    }

    private static long run(long seed, int programs) {
        MemoryArena arena = new MemoryArena(Integer.getInteger("kmos.memory", 512) << 20);
        long regions = 0;
        for (int bits : new int[] {32, 64}) {
            Side plain = new Side(arena, bits, false), compiled = new Side(arena, bits, true);
            for (int i = 0; i < programs; i++) {
                SplittableRandom random = new SplittableRandom(seed * 1_000_003 + i * 2L + bits);
                byte[] code = new ProgramMaker(random, bits).make();
                String what = bits + "-bit program " + i + " of seed " + seed + ": " + hex(code);
                String expected = plain.run(code, new SplittableRandom(i), List.of(100_000L));
                List<Long> slices = new ArrayList<>();
                for (int s = 0; s < 40; s++) {
                    slices.add(random.nextInt(3) == 0 ? random.nextLong(1, 40) : random.nextLong(100, 4000));
                }
                slices.add(100_000L);
                assertEquals(expected, compiled.run(code, new SplittableRandom(i), slices), what);
            }
            regions += compiled.cpu.jit().regionCount();
            plain.cpu.close();
            compiled.cpu.close();
        }
        return regions;
    }

    private static String hex(byte[] code) {
        StringBuilder s = new StringBuilder();
        for (byte b : code) {
            s.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return s.toString();
    }

    /** One machine with code and data mapped for user mode. */
    private static final class Side {
        final Machine machine;
        final Cpu cpu;
        final int bits;
        int stack = DATA + 0x2800;

        Side(MemoryArena arena, int bits, boolean isCompiled) {
            this(arena, bits, isCompiled, 2);
        }

        Side(MemoryArena arena, int bits, boolean isCompiled, int threshold) {
            this.bits = bits;
            int flags = arena.allocate(RAM >>> 12);
            machine = new Machine(new VirtualClock(), new PhysicalMemory(arena.allocate(RAM), RAM, flags));
            cpu = new Cpu(machine, arena, 1 << 20);
            machine.setCpu(cpu);
            PhysicalMemory m = machine.memory();
            int pml4 = TABLES, pdpt = TABLES + 0x1000, pd = TABLES + 0x2000, pt = TABLES + 0x3000, pt1 = TABLES + 0x4000;
            m.write64(pml4, pdpt | 7);
            m.write64(pdpt, pd | (bits == 64 ? 7 : 1));
            m.write64(pd, pt | 7);
            m.write64(pd + 8, pt1 | 7);
            m.write64(pt + (CODE >>> 12) * 8, CODE | 7);
            for (int p = DATA; p < DATA + DATA_SIZE; p += 0x1000) {
                m.write64(pt1 + (p - 0x200000 >>> 12) * 8, p | 7);
            }
            cpu.setPageTable(bits == 64 ? pml4 : pdpt, bits == 64 ? CpuContext.PAGING_4LEVEL : CpuContext.PAGING_PAE);
            if (isCompiled) {
                cpu.enableJit(new ChicoryBackend(cpu.base(), false), arena, threshold);
            }
        }

        /** The second and the third page of the data change places in RAM. */
        void swapPages() {
            int pt1 = TABLES + 0x4000;
            machine.memory().write64(pt1 + 8, DATA + 0x2000 | 7);
            machine.memory().write64(pt1 + 16, DATA + 0x1000 | 7);
        }

        /** Everything visible after the program, as text. */
        String run(byte[] code, SplittableRandom random, List<Long> slices) {
            PhysicalMemory m = machine.memory();
            m.fill(CODE, 0x1000, 0xCC);
            m.write(CODE, code, 0, code.length);
            for (int a = DATA; a < DATA + DATA_SIZE; a += 8) {
                m.write64(a, random.nextLong());
            }
            cpu.resetUser(bits, bits == 64 ? 0x33 : 0x23, 0x2B);
            for (int r = 0; r < (bits == 64 ? 16 : 8); r++) {
                cpu.setRegister(r, r == 4 ? stack : r == 3 || r == 5 || r == 6 || r == 7 ? DATA + 0x800 + random.nextInt(0x1000) : random.nextLong());
            }
            for (int x = 0; x < 16; x++) {
                Memory.put64(cpu.base() + CpuState.XMM + x * 32, random.nextLong());
                Memory.put64(cpu.base() + CpuState.XMM + x * 32 + 8, random.nextLong());
            }
            cpu.setFlags(0x202 | random.nextInt() & Flags.ARITHMETIC);
            cpu.setInstructionPointer(CODE);
            long before = cpu.instructionCount();
            int exit = CpuExit.SLICE_END;
            for (int i = 0; i < slices.size() && exit == CpuExit.SLICE_END; i++) {
                exit = cpu.run(machine.clock().cycles() + slices.get(i));
            }
            StringBuilder s = new StringBuilder();
            s.append("exit ").append(exit);
            if (exit == CpuExit.FAULT) {
                s.append(" vector ").append(cpu.exitVector()).append(" error ").append(cpu.exitErrorCode()).append(" address ").append(Long.toHexString(cpu.exitAddress()));
                s.append(" after ").append(cpu.instructionCount() - before);
            }
            if (exit == CpuExit.SLICE_END) {
                return s.append(" endless").toString();
            }
            s.append(" ip ").append(Long.toHexString(cpu.instructionPointer())).append(" flags ").append(Long.toHexString(cpu.flags()));
            for (int r = 0; r < (bits == 64 ? 16 : 8); r++) {
                s.append(" r").append(r).append('=').append(Long.toHexString(cpu.register(r)));
            }
            // MXCSR, control, status and tags come before the registers.
            for (int i = CpuState.MXCSR; i < CpuState.XMM + 512; i += 8) {
                s.append(' ').append(Long.toHexString(Memory.get64(cpu.base() + i)));
            }
            s.append(" fpu");
            for (int i = CpuState.FPU_IP; i <= CpuState.FPU_DS; i += 4) {
                s.append(' ').append(Integer.toHexString(Memory.get32(cpu.base() + i)));
            }
            long sum = 0;
            for (int a = DATA; a < DATA + DATA_SIZE; a += 8) {
                sum = sum * 31 + m.read64(a);
            }
            return s.append(" memory ").append(Long.toHexString(sum)).toString();
        }
    }
}
