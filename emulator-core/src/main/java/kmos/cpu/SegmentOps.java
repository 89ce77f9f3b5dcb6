// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Segment registers: loads with their checks, far transfers at one privilege level, LAR and friends. */
public final class SegmentOps {
    private SegmentOps() { }

    /** MOV and POP to a data segment register: which is one more than the number, or 0 for the record's first field. */
    public static void loadData(int cpu, int which, int ip, int selector) {
        int segment = which == 0 ? Memory.get8(ip + 2) : which - 1;
        if (segment == 1) {
            throw CpuFault.of(cpu, CpuFault.UD);
        }
        load(cpu, segment, selector);
        if (segment == 2) {
            Debug.stackSegmentLoaded(cpu);
        }
    }

    private static void load(int cpu, int segment, int selector) {
        Cpu c = Machines.cpu(cpu);
        int vector = c.loadSegment(segment, selector);
        if (vector != 0) {
            throw CpuFault.of(cpu, vector, selector & 0xFFFC);
        }
    }

    public static int loadFarPointer16(int cpu, int ip, long a, int segment) {
        int offset = Mmu.read16(cpu, a);
        load(cpu, segment, Mmu.read16(cpu, a + 2));
        return offset;
    }

    public static int loadFarPointer32(int cpu, int ip, long a, int segment) {
        int offset = Mmu.read32(cpu, a);
        load(cpu, segment, Mmu.read16(cpu, a + 4));
        return offset;
    }

    public static long loadFarPointer64(int cpu, int ip, long a, int segment) {
        long offset = Mmu.read64(cpu, a);
        load(cpu, segment, Mmu.read16(cpu, a + 8));
        return offset;
    }

    // Far transfers: code segments of the same privilege; gates and task switches raise #GP in user mode

    private static int operandSize(int cpu, int ip) {
        // The displacement field of a far form is free: the length of pushed words follows from the handler's size, kept in the id's
        // row; code size decides here, as no 0x66 far transfer is emitted by compilers.
        int mode = Memory.get32(cpu + CpuState.MODE);
        return (mode & BlockCache.BITS64) != 0 ? 4 : (mode & BlockCache.BITS32) != 0 ? 4 : 2;
    }

    private static void transfer(int cpu, int selector, long offset) {
        Cpu c = Machines.cpu(cpu);
        int vector = c.loadSegment(1, selector);
        if (vector != 0) {
            throw CpuFault.of(cpu, vector, selector & 0xFFFC);
        }
        Memory.put64(cpu + CpuState.RIP, offset);
        Memory.put32(cpu + CpuState.EXIT, -2);
        Memory.put32(cpu + CpuState.EXIT_CODE, Cpu.CONTINUE);
    }

    public static void jumpFar(int cpu, int ip) {
        transfer(cpu, Memory.get32(ip + 8) & 0xFFFF, Memory.getUnsigned32(ip + 4));
    }

    public static void jumpFarMemory(int cpu, int ip, long a) {
        int size = operandSize(cpu, ip);
        long offset = size == 4 ? Mmu.read32(cpu, a) & 0xFFFFFFFFL : Mmu.read16(cpu, a);
        transfer(cpu, Mmu.read16(cpu, a + size), offset);
    }

    public static void callFar(int cpu, int ip) {
        call(cpu, ip, Memory.get32(ip + 8) & 0xFFFF, Memory.getUnsigned32(ip + 4), operandSize(cpu, ip));
    }

    public static void callFarMemory(int cpu, int ip, long a) {
        int size = operandSize(cpu, ip);
        long offset = size == 4 ? Mmu.read32(cpu, a) & 0xFFFFFFFFL : Mmu.read16(cpu, a);
        call(cpu, ip, Mmu.read16(cpu, a + size), offset, size);
    }

    private static void call(int cpu, int ip, int selector, long offset, int size) {
        int old = Memory.get16(cpu + CpuState.SELECTOR + 4);
        long next = BlockCache.nextOf(ip);
        int vector = Machines.cpu(cpu).checkCode(selector);
        if (vector != 0) {
            throw CpuFault.of(cpu, vector, selector & 0xFFFC);
        }
        if (size == 4) {
            long sp = StackOps.pointer(cpu);
            StackOps.push32(cpu, old);
            try {
                StackOps.push32(cpu, (int) next);
            } catch (CpuFault second) {
                StackOps.setPointer(cpu, sp);
                throw second;
            }
        } else {
            long sp = StackOps.pointer(cpu);
            StackOps.push16(cpu, old);
            try {
                StackOps.push16(cpu, (int) next);
            } catch (CpuFault second) {
                StackOps.setPointer(cpu, sp);
                throw second;
            }
        }
        transfer(cpu, selector, offset);
    }

    public static void returnFar(int cpu, int ip, int bytes) {
        int size = operandSize(cpu, ip);
        long sp = StackOps.pointer(cpu);
        long offset = pop(cpu, sp, size);
        int selector = (int) pop(cpu, sp + size, size) & 0xFFFF;
        transfer(cpu, selector, offset);
        StackOps.setPointer(cpu, sp + 2 * size + bytes);
    }

    private static long pop(int cpu, long sp, int size) {
        long a = Ea.segmented(cpu, 2, sp);
        return size == 4 ? Mmu.read32(cpu, a) & 0xFFFFFFFFL : Mmu.read16(cpu, a);
    }

    /** IRET to the same privilege level. */
    public static void interruptReturn(int cpu, int ip) {
        int mode = Memory.get32(cpu + CpuState.MODE);
        long sp = StackOps.pointer(cpu);
        if ((mode & BlockCache.BITS64) != 0) {
            // IRETQ and the 32-bit form both appear; the kernel never needs them in user mode, programs hardly ever.
            throw CpuFault.of(cpu, CpuFault.GP, 0);
        }
        int size = operandSize(cpu, ip);
        long offset = pop(cpu, sp, size);
        int selector = (int) pop(cpu, sp + size, size) & 0xFFFF;
        int flags = (int) pop(cpu, sp + 2 * size, size);
        transfer(cpu, selector, offset);
        StackOps.setPointer(cpu, sp + 3 * size);
        int changes = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT | (size == 4 ? Flags.AC | Flags.ID | Flags.RF : 0);
        Flags.put(cpu, Flags.get(cpu) & ~changes | flags & changes);
    }

    // Queries: ZF says whether the selector may be looked at

    private static Descriptor visible(int cpu, int selector, int systemTypes) {
        Cpu c = Machines.cpu(cpu);
        Descriptor d = (selector & 0xFFFC) == 0 ? null : c.descriptor(selector);
        if (d == null || d.isSystem() && (systemTypes >>> d.type() & 1) == 0) {
            return null;
        }
        int cpl = Memory.get32(cpu + CpuState.CPL);
        if (!d.isConforming() && (d.privilege() < cpl || d.privilege() < (selector & 3))) {
            return null;
        }
        return d;
    }

    public static int lar(int cpu, int selector, int old) {
        Descriptor d = visible(cpu, selector, 0x1A3E | 0x202);
        Flags.setZero(cpu, d != null ? 1 : 0);
        return d != null ? d.high() & 0xFFFF00 & 0x00F0FF00 : old;
    }

    public static int lsl(int cpu, int selector, int old) {
        Descriptor d = visible(cpu, selector, 0x0A0E | 0x202);
        Flags.setZero(cpu, d != null ? 1 : 0);
        return d != null ? d.limit() : old;
    }

    public static int verr(int cpu, int selector) {
        Descriptor d = visible(cpu, selector, 0);
        return d != null && d.isReadable() ? 1 : 0;
    }

    public static int verw(int cpu, int selector) {
        Descriptor d = visible(cpu, selector, 0);
        return d != null && d.isWritable() ? 1 : 0;
    }
}
