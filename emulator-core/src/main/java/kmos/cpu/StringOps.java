// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * String instructions. Source DS:SI (segment can be overridden), destination ES:DI, widths of the index registers by
 * address size. Repeated ones run until the count, the condition or the instruction budget ends; each iteration counts one
 * instruction, and after any of them the state is exact.
 */
public final class StringOps {
    private static final int RCX = 8, RSI = 48, RDI = 56;

    private StringOps() { }

    private static long index(int cpu, int ip, int register) {
        int size = Loops.addressSize(ip);
        return size == Ea.A16 ? Memory.get16(cpu + register) : size == Ea.A32 ? Memory.getUnsigned32(cpu + register) : Memory.get64(cpu + register);
    }

    private static void advance(int cpu, int ip, int register, long by) {
        int size = Loops.addressSize(ip);
        long v = Memory.get64(cpu + register) + by;
        if (size == Ea.A16) {
            Memory.put16(cpu + register, (int) v);
        } else {
            Memory.put64(cpu + register, size == Ea.A32 ? v & 0xFFFFFFFFL : v);
        }
    }

    private static long source(int cpu, int ip, int bytes) {
        return Ea.segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, index(cpu, ip, RSI), bytes, false);
    }

    private static long destination(int cpu, int ip, int bytes, boolean isWrite) {
        return Ea.segmented(cpu, 0, index(cpu, ip, RDI), bytes, isWrite);
    }

    private static int step(int cpu, int bytes) {
        return (Memory.get32(cpu + CpuState.FLAGS) & Flags.DF) != 0 ? -bytes : bytes;
    }

    private static long load(int cpu, long a, int bytes) {
        switch (bytes) {
            case 1: return Mmu.read8(cpu, a);
            case 2: return Mmu.read16(cpu, a);
            case 4: return Mmu.read32(cpu, a) & 0xFFFFFFFFL;
            default: return Mmu.read64(cpu, a);
        }
    }

    private static void store(int cpu, long a, int bytes, long v) {
        switch (bytes) {
            case 1: Mmu.write8(cpu, a, (int) v); break;
            case 2: Mmu.write16(cpu, a, (int) v); break;
            case 4: Mmu.write32(cpu, a, (int) v); break;
            default: Mmu.write64(cpu, a, v); break;
        }
    }

    private static long accumulator(int cpu, int bytes) {
        switch (bytes) {
            case 1: return Memory.get8(cpu);
            case 2: return Memory.get16(cpu);
            case 4: return Memory.getUnsigned32(cpu);
            default: return Memory.get64(cpu);
        }
    }

    private static void compare(int cpu, int bytes, long a, long b) {
        int shift = 64 - bytes * 8;
        long x = a << shift;
        Flags.set(cpu, Flags.SUB_ALL | shift << 8, x, x - (b << shift));
    }

    // One iteration each

    private static void movs(int cpu, int ip, int bytes) {
        long v = load(cpu, source(cpu, ip, bytes), bytes);
        store(cpu, destination(cpu, ip, bytes, true), bytes, v);
        int d = step(cpu, bytes);
        advance(cpu, ip, RSI, d);
        advance(cpu, ip, RDI, d);
    }

    private static void cmps(int cpu, int ip, int bytes) {
        long s = source(cpu, ip, bytes), d = destination(cpu, ip, bytes, false);
        if (s << 16 >> 16 != s) {
            // Not canonical: that is seen before any page is.
            load(cpu, s, bytes);
        }
        // When both operands fault, the destination's is what processors report.
        long b = load(cpu, d, bytes), a = load(cpu, s, bytes);
        compare(cpu, bytes, a, b);
        int by = step(cpu, bytes);
        advance(cpu, ip, RSI, by);
        advance(cpu, ip, RDI, by);
    }

    private static void stos(int cpu, int ip, int bytes) {
        store(cpu, destination(cpu, ip, bytes, true), bytes, accumulator(cpu, bytes));
        advance(cpu, ip, RDI, step(cpu, bytes));
    }

    private static void lods(int cpu, int ip, int bytes) {
        long v = load(cpu, source(cpu, ip, bytes), bytes);
        switch (bytes) {
            case 1: Memory.put8(cpu, (int) v); break;
            case 2: Memory.put16(cpu, (int) v); break;
            default: Memory.put64(cpu, v); break;
        }
        advance(cpu, ip, RSI, step(cpu, bytes));
    }

    private static void scas(int cpu, int ip, int bytes) {
        long b = load(cpu, destination(cpu, ip, bytes, false), bytes);
        compare(cpu, bytes, accumulator(cpu, bytes), b);
        advance(cpu, ip, RDI, step(cpu, bytes));
    }

    public static void movs8(int cpu, int ip) {
        movs(cpu, ip, 1);
    }

    public static void movs16(int cpu, int ip) {
        movs(cpu, ip, 2);
    }

    public static void movs32(int cpu, int ip) {
        movs(cpu, ip, 4);
    }

    public static void movs64(int cpu, int ip) {
        movs(cpu, ip, 8);
    }

    public static void cmps8(int cpu, int ip) {
        cmps(cpu, ip, 1);
    }

    public static void cmps16(int cpu, int ip) {
        cmps(cpu, ip, 2);
    }

    public static void cmps32(int cpu, int ip) {
        cmps(cpu, ip, 4);
    }

    public static void cmps64(int cpu, int ip) {
        cmps(cpu, ip, 8);
    }

    public static void stos8(int cpu, int ip) {
        stos(cpu, ip, 1);
    }

    public static void stos16(int cpu, int ip) {
        stos(cpu, ip, 2);
    }

    public static void stos32(int cpu, int ip) {
        stos(cpu, ip, 4);
    }

    public static void stos64(int cpu, int ip) {
        stos(cpu, ip, 8);
    }

    public static void lods8(int cpu, int ip) {
        lods(cpu, ip, 1);
    }

    public static void lods16(int cpu, int ip) {
        lods(cpu, ip, 2);
    }

    public static void lods32(int cpu, int ip) {
        lods(cpu, ip, 4);
    }

    public static void lods64(int cpu, int ip) {
        lods(cpu, ip, 8);
    }

    public static void scas8(int cpu, int ip) {
        scas(cpu, ip, 1);
    }

    public static void scas16(int cpu, int ip) {
        scas(cpu, ip, 2);
    }

    public static void scas32(int cpu, int ip) {
        scas(cpu, ip, 4);
    }

    public static void scas64(int cpu, int ip) {
        scas(cpu, ip, 8);
    }

    // Repeated. The block charged one instruction for this one; every further iteration takes one from BUDGET.

    private static final int MOVS = 0, CMPS = 1, STOS = 2, LODS = 3, SCAS = 4;

    private static void repeat(int cpu, int ip, int bytes, int operation) {
        Memory.put32(cpu + CpuState.EXIT, -1);
        long count = Loops.counter(cpu, ip);
        if (count == 0) {
            Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
            return;
        }
        int budget = Memory.get32(cpu + CpuState.BUDGET) + 1;
        boolean whileEqual = Memory.get32(ip + 8) == 0xF3;
        // A fault in an iteration finds in BUDGET what was left before it, less one (see BlockCache.faulted).
        while (true) {
            Memory.put32(cpu + CpuState.BUDGET, budget - 1);
            int n = operation == MOVS ? movsRun(cpu, ip, bytes, count, budget) : operation == STOS ? stosRun(cpu, ip, bytes, count, budget) : 0;
            if (n == 0) {
                one(cpu, ip, bytes, operation);
                n = 1;
            }
            count -= n;
            budget -= n;
            Loops.setCounter(cpu, ip, count);
            Memory.put32(cpu + CpuState.BUDGET, budget);
            if (count == 0 || (operation == CMPS || operation == SCAS) && Flags.z(cpu) != whileEqual) {
                Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
                return;
            }
            if (budget == 0) {
                Memory.put64(cpu + CpuState.RIP, BlockCache.addressOf(ip));
                return;
            }
        }
    }

    private static void one(int cpu, int ip, int bytes, int operation) {
        switch (operation) {
            case MOVS: movs(cpu, ip, bytes); break;
            case CMPS: cmps(cpu, ip, bytes); break;
            case STOS: stos(cpu, ip, bytes); break;
            case LODS: lods(cpu, ip, bytes); break;
            default: scas(cpu, ip, bytes); break;
        }
    }

    /** Whether many iterations may be done at once: upwards, no limit to check, nobody who looks at each access. */
    private static boolean canRun(int cpu, int ip) {
        return (Memory.get32(cpu + CpuState.FLAGS) & Flags.DF) == 0 && Loops.addressSize(ip) != Ea.A16 && !Debug.sees(cpu)
            && ((Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0
                || (Memory.get32(cpu + CpuState.MODE) & BlockCache.FLAT) != 0 && (Memory.get32(ip + 12) >>> 10 & 7) == 3);
    }

    /** Iterations of a forward copy that stay inside both pages and do not overlap upwards; 0: do one by hand. */
    private static int movsRun(int cpu, int ip, int bytes, long count, int budget) {
        if (!canRun(cpu, ip)) {
            return 0;
        }
        long s = source(cpu, ip, bytes), d = destination(cpu, ip, bytes, true);
        int room = 0x1000 - (int) Math.max(s & 0xFFF, d & 0xFFF);
        int n = (int) Math.min(Math.min(count, budget), room / bytes);
        if (n < 4) {
            return 0;
        }
        int from = Mmu.readAddress(cpu, s), to = Mmu.writeAddress(cpu, d);
        int length = n * bytes;
        if (to > from && to < from + length) {
            // An overlapping upward copy repeats a pattern: element by element.
            return 0;
        }
        Memory.copy(from, to, length);
        advance(cpu, ip, RSI, length);
        advance(cpu, ip, RDI, length);
        return n;
    }

    private static int stosRun(int cpu, int ip, int bytes, long count, int budget) {
        if (!canRun(cpu, ip)) {
            return 0;
        }
        long d = destination(cpu, ip, bytes, true);
        int n = (int) Math.min(Math.min(count, budget), (0x1000 - (int) (d & 0xFFF)) / bytes);
        if (n < 4) {
            return 0;
        }
        int to = Mmu.writeAddress(cpu, d);
        long v = accumulator(cpu, bytes);
        int low = (int) v & 0xFF;
        long repeated = low * (bytes == 8 ? 0x0101010101010101L : bytes == 4 ? 0x01010101L : bytes == 2 ? 0x0101L : 1L);
        if (v == repeated) {
            Memory.fill(to, n * bytes, low);
        } else {
            for (int i = 0; i < n; i++) {
                int at = to + i * bytes;
                if (bytes == 8) {
                    Memory.put64(at, v);
                } else if (bytes == 4) {
                    Memory.put32(at, (int) v);
                } else {
                    Memory.put16(at, (int) v);
                }
            }
        }
        advance(cpu, ip, RDI, n * bytes);
        return n;
    }

    public static void repMovs(int cpu, int ip, int bytes) {
        repeat(cpu, ip, bytes, MOVS);
    }

    public static void repCmps(int cpu, int ip, int bytes) {
        repeat(cpu, ip, bytes, CMPS);
    }

    public static void repStos(int cpu, int ip, int bytes) {
        repeat(cpu, ip, bytes, STOS);
    }

    public static void repLods(int cpu, int ip, int bytes) {
        repeat(cpu, ip, bytes, LODS);
    }

    public static void repScas(int cpu, int ip, int bytes) {
        repeat(cpu, ip, bytes, SCAS);
    }

    public static int xlat(int cpu, int ip) {
        int size = Loops.addressSize(ip);
        long a = Memory.get64(cpu + 24) + Memory.get8(cpu);
        a = size == Ea.A16 ? a & 0xFFFF : size == Ea.A32 ? a & 0xFFFFFFFFL : a;
        return Mmu.read8(cpu, Ea.segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, a, 1, false));
    }
}
