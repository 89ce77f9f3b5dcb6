// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Stack accesses whose width of stack pointer is known only at run time, and the larger frame instructions. */
public final class StackOps {
    private StackOps() { }

    private static boolean is64(int cpu) {
        return (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0;
    }

    private static boolean is16(int cpu) {
        return (Memory.get32(cpu + CpuState.MODE) & (BlockCache.BITS64 | BlockCache.STACK32)) == 0;
    }

    static long wrap(int cpu, long sp) {
        return is64(cpu) ? sp : is16(cpu) ? sp & 0xFFFF : sp & 0xFFFFFFFFL;
    }

    static long pointer(int cpu) {
        return wrap(cpu, Memory.get64(cpu + 32));
    }

    static void setPointer(int cpu, long sp) {
        if (is16(cpu)) {
            Memory.put16(cpu + 32, (int) sp);
        } else {
            Memory.put64(cpu + 32, wrap(cpu, sp));
        }
    }

    private static long linear(int cpu, long sp, int bytes, boolean isWrite) {
        return Ea.segmented(cpu, 2, sp, bytes, isWrite);
    }

    public static void push16(int cpu, int v) {
        long sp = wrap(cpu, Memory.get64(cpu + 32) - 2);
        Mmu.write16(cpu, linear(cpu, sp, 2, true), v);
        setPointer(cpu, sp);
    }

    public static void push32(int cpu, int v) {
        long sp = wrap(cpu, Memory.get64(cpu + 32) - 4);
        Mmu.write32(cpu, linear(cpu, sp, 4, true), v);
        setPointer(cpu, sp);
    }

    public static void push64(int cpu, long v) {
        long sp = wrap(cpu, Memory.get64(cpu + 32) - 8);
        Mmu.write64(cpu, linear(cpu, sp, 8, true), v);
        setPointer(cpu, sp);
    }

    /** The fault that a push of so many bytes raises, if any. */
    static void checkPush(int cpu, int bytes) {
        long a = linear(cpu, wrap(cpu, Memory.get64(cpu + 32) - bytes), bytes, true);
        if (bytes == 2) {
            Mmu.modify16(cpu, a);
        } else {
            Mmu.modify32(cpu, a);
        }
    }

    public static int top16(int cpu) {
        return Mmu.read16(cpu, linear(cpu, pointer(cpu), 2, false));
    }

    public static int top32(int cpu) {
        return Mmu.read32(cpu, linear(cpu, pointer(cpu), 4, false));
    }

    public static long top64(int cpu) {
        return Mmu.read64(cpu, linear(cpu, pointer(cpu), 8, false));
    }

    public static void add(int cpu, int bytes) {
        setPointer(cpu, Memory.get64(cpu + 32) + bytes);
    }

    private static long read(int cpu, long sp, int size) {
        long a = linear(cpu, wrap(cpu, sp), size / 8, false);
        return size == 64 ? Mmu.read64(cpu, a) : size == 32 ? Mmu.read32(cpu, a) & 0xFFFFFFFFL : Mmu.read16(cpu, a);
    }

    private static void write(int cpu, long sp, int size, long v) {
        long a = linear(cpu, wrap(cpu, sp), size / 8, true);
        if (size == 64) {
            Mmu.write64(cpu, a, v);
        } else if (size == 32) {
            Mmu.write32(cpu, a, (int) v);
        } else {
            Mmu.write16(cpu, a, (int) v);
        }
    }

    private static void putRegister(int cpu, int number, int size, long v) {
        if (size == 16) {
            Memory.put16(cpu + number * 8, (int) v);
        } else {
            Memory.put64(cpu + number * 8, size == 32 ? v & 0xFFFFFFFFL : v);
        }
    }

    private static void leave(int cpu, int size) {
        long frame = wrap(cpu, Memory.get64(cpu + 40));
        long v = read(cpu, frame, size);
        setPointer(cpu, frame + size / 8);
        putRegister(cpu, 5, size, v);
    }

    public static void leave16(int cpu) {
        leave(cpu, 16);
    }

    public static void leave32(int cpu) {
        leave(cpu, 32);
    }

    public static void leave64(int cpu) {
        leave(cpu, 64);
    }

    /** ENTER: immediate holds size (16 bits) and level. Registers move only after all stores. */
    public static void enter(int cpu, int ip, int size) {
        int imm = Memory.get32(ip + 8);
        int bytes = size / 8;
        int level = imm >>> 16 & 31;
        long sp = wrap(cpu, Memory.get64(cpu + 32) - bytes);
        write(cpu, sp, size, Memory.get64(cpu + 40));
        long frame = sp;
        if (level > 0) {
            long bp = Memory.get64(cpu + 40);
            for (int i = 1; i < level; i++) {
                bp -= bytes;
                sp -= bytes;
                write(cpu, sp, size, read(cpu, bp, size));
            }
            sp -= bytes;
            write(cpu, sp, size, frame);
        }
        sp -= imm & 0xFFFF;
        // The processor checks that the new top of stack could be written.
        Mmu.translate(cpu, linear(cpu, wrap(cpu, sp), bytes, true), Mmu.WRITE);
        setPointer(cpu, sp);
        putRegister(cpu, 5, size, frame);
    }

    /** Stores go down one after the other; the stack pointer moves when all have been done. */
    public static void pusha(int cpu, int size) {
        int bytes = size / 8;
        long sp = Memory.get64(cpu + 32);
        for (int r = 0; r < 8; r++) {
            write(cpu, sp - (r + 1) * bytes, size, Memory.get64(cpu + r * 8));
        }
        setPointer(cpu, sp - 8 * bytes);
    }

    /** Registers are loaded as they are read; a fault leaves the stack pointer, so all is read again. */
    public static void popa(int cpu, int size) {
        int bytes = size / 8;
        long sp = Memory.get64(cpu + 32);
        for (int r = 7; r >= 0; r--) {
            long v = read(cpu, sp + (7 - r) * bytes, size);
            if (r != 4) {
                putRegister(cpu, r, size, v);
            }
        }
        setPointer(cpu, sp + 8 * bytes);
    }
}
