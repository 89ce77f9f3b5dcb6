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
        leave(cpu, ip);
        if (segment == 2) {
            Debug.stackSegmentLoaded(cpu);
        }
    }

    /** A segment may be another than the block was decoded for. */
    private static void leave(int cpu, int ip) {
        Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
        Memory.put32(cpu + CpuState.EXIT, -1);
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
        leave(cpu, ip);
        return offset;
    }

    public static int loadFarPointer32(int cpu, int ip, long a, int segment) {
        int offset = Mmu.read32(cpu, a);
        load(cpu, segment, Mmu.read16(cpu, a + 4));
        leave(cpu, ip);
        return offset;
    }

    public static long loadFarPointer64(int cpu, int ip, long a, int segment) {
        long offset = Mmu.read64(cpu, a);
        load(cpu, segment, Mmu.read16(cpu, a + 8));
        leave(cpu, ip);
        return offset;
    }

    // Far transfers (SDM vol. 3A §5.8) at one privilege level: in user mode no gate or task can be reached. size: operand bytes

    private static final int TO_SAME_LEVEL = 0, RETURN = 1;

    /** Checks a target, all of it, before anything changes. */
    private static void checkTarget(int cpu, int selector, long offset, int kind) {
        Cpu c = Machines.cpu(cpu);
        int vector = kind == RETURN ? c.checkReturn(selector) : c.checkCode(selector);
        if (vector != 0) {
            throw CpuFault.of(cpu, vector, selector & 0xFFFC);
        }
        Descriptor d = c.descriptor(selector);
        boolean isInside = d.isLong() ? offset << 16 >> 16 == offset : offset >= 0 && offset <= (d.limit() & 0xFFFFFFFFL);
        if (!isInside) {
            throw CpuFault.of(cpu, CpuFault.GP, 0);
        }
    }

    private static void transfer(int cpu, int selector, long offset) {
        Machines.cpu(cpu).loadCode(selector);
        Memory.put64(cpu + CpuState.RIP, offset);
        Memory.put32(cpu + CpuState.EXIT, -2);
        Memory.put32(cpu + CpuState.EXIT_CODE, Cpu.CONTINUE);
    }

    public static void jumpFar(int cpu, int ip) {
        int selector = Memory.get32(ip + 8) & 0xFFFF;
        long offset = Memory.getUnsigned32(ip + 4);
        checkTarget(cpu, selector, offset, TO_SAME_LEVEL);
        transfer(cpu, selector, offset);
    }

    private static long read(int cpu, long a, int size) {
        return size == 8 ? Mmu.read64(cpu, a) : size == 4 ? Mmu.read32(cpu, a) & 0xFFFFFFFFL : Mmu.read16(cpu, a);
    }

    public static void jumpFarMemory(int cpu, int ip, long a, int size) {
        long offset = read(cpu, a, size);
        int selector = Mmu.read16(cpu, a + size);
        checkTarget(cpu, selector, offset, TO_SAME_LEVEL);
        transfer(cpu, selector, offset);
    }

    public static void callFar(int cpu, int ip, int size) {
        call(cpu, ip, Memory.get32(ip + 8) & 0xFFFF, Memory.getUnsigned32(ip + 4), size);
    }

    public static void callFarMemory(int cpu, int ip, long a, int size) {
        long offset = read(cpu, a, size);
        call(cpu, ip, Mmu.read16(cpu, a + size), offset, size);
    }

    private static void call(int cpu, int ip, int selector, long offset, int size) {
        checkTarget(cpu, selector, offset, TO_SAME_LEVEL);
        long sp = StackOps.pointer(cpu);
        try {
            push(cpu, Memory.get16(cpu + CpuState.SELECTOR + 4), size);
            push(cpu, BlockCache.nextOf(ip), size);
        } catch (CpuFault second) {
            StackOps.setPointer(cpu, sp);
            throw second;
        }
        transfer(cpu, selector, offset);
    }

    private static void push(int cpu, long v, int size) {
        if (size == 8) {
            StackOps.push64(cpu, v);
        } else if (size == 4) {
            StackOps.push32(cpu, (int) v);
        } else {
            StackOps.push16(cpu, (int) v);
        }
    }

    public static void returnFar(int cpu, int ip, int bytes, int size) {
        long sp = StackOps.pointer(cpu);
        long offset = popped(cpu, sp, size);
        int selector = (int) popped(cpu, sp + size, size) & 0xFFFF;
        checkTarget(cpu, selector, offset, RETURN);
        // The stack pointer's width is that of the stack, which stays, in the mode that is left.
        StackOps.setPointer(cpu, sp + 2 * size + bytes);
        transfer(cpu, selector, offset);
    }

    private static long popped(int cpu, long sp, int size) {
        return read(cpu, Ea.segmented(cpu, 2, StackOps.wrap(cpu, sp), size, false), size);
    }

    /** IRET to the same privilege level; in 64-bit mode it also loads SS and RSP. */
    public static void interruptReturn(int cpu, int ip, int size) {
        boolean is64 = (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0;
        if ((Memory.get32(cpu + CpuState.FLAGS) & Flags.NT) != 0) {
            // There are no tasks to return to under a kernel in long mode.
            throw CpuFault.of(cpu, CpuFault.GP, 0);
        }
        long sp = StackOps.pointer(cpu);
        long offset = popped(cpu, sp, size);
        int selector = (int) popped(cpu, sp + size, size) & 0xFFFF;
        int flags = (int) popped(cpu, sp + 2 * size, size);
        long newSp = sp + 3 * size;
        int stack = -1;
        if (is64) {
            newSp = popped(cpu, sp + 3 * size, size);
            stack = (int) popped(cpu, sp + 4 * size, size) & 0xFFFF;
        }
        checkTarget(cpu, selector, offset, RETURN);
        if (is64) {
            Cpu c = Machines.cpu(cpu);
            int vector = c.checkStack(stack, c.descriptor(selector).isLong());
            if (vector != 0) {
                throw CpuFault.of(cpu, vector, stack & 0xFFFC);
            }
            c.loadCode(selector);
            c.loadStack(stack);
        }
        StackOps.setPointer(cpu, newSp);
        transfer(cpu, selector, offset);
        int changes = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT | (size >= 4 ? Flags.AC | Flags.ID | Flags.RF : 0);
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
        return d != null ? d.high() & 0xFFFF00 : old;
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
