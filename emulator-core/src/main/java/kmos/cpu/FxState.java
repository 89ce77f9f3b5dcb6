// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** The 512-byte FXSAVE image (SDM vol. 1 §10.5.1). x87 registers stand in it by ST number, not physically. */
public final class FxState {
    private static final int MXCSR_MASK = 0xFFFF;

    private FxState() { }

    /** Writes the image at linear-memory address to; only what FXSAVE writes: the last 96 bytes stay. */
    public static void save(int cpu, int to, boolean is64) {
        save(cpu, to, is64, is64);
    }

    /** hasWidePointers: FIP and FDP as 64 bits (REX.W) instead of offset and selector. */
    static void save(int cpu, int to, boolean is64, boolean hasWidePointers) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        Memory.put16(to, Memory.get32(cpu + CpuState.FCW));
        Memory.put16(to + 2, fsw);
        Memory.put16(to + 4, Memory.get32(cpu + CpuState.FTW) & 0xFF);
        // As the measured processor: the pointers only while an unmasked exception is pending.
        boolean isPending = (fsw & 0x80) != 0;
        Memory.put16(to + 6, isPending ? Memory.get32(cpu + CpuState.FOP) & 0x7FF : 0);
        putPointer(to + 8, isPending, hasWidePointers, Memory.get64(cpu + CpuState.FPU_IP), Memory.get16(cpu + CpuState.FPU_CS));
        putPointer(to + 16, isPending, hasWidePointers, Memory.get64(cpu + CpuState.FPU_DP), Memory.get16(cpu + CpuState.FPU_DS));
        Memory.put32(to + 24, Memory.get32(cpu + CpuState.MXCSR));
        Memory.put32(to + 28, MXCSR_MASK);
        int top = fsw >>> 11 & 7;
        for (int i = 0; i < 8; i++) {
            int p = cpu + CpuState.ST + (top + i & 7) * 16;
            Memory.put64(to + 32 + i * 16, Memory.get64(p));
            Memory.put64(to + 40 + i * 16, Memory.get16(p + 8));
        }
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            Memory.copy(cpu + CpuState.XMM + i * 32, to + 160 + i * 16, 16);
        }
    }

    private static void putPointer(int to, boolean isPending, boolean isWide, long offset, int selector) {
        Memory.put64(to, !isPending ? 0 : isWide ? offset : offset & 0xFFFFFFFFL | (long) selector << 32);
    }

    /** Loads an image; undefined MXCSR bits are dropped (FXRSTOR itself checks them before, with #GP). */
    public static void restore(int cpu, int from, boolean is64) {
        restoreX87(cpu, from, is64);
        restoreSse(cpu, from, is64);
    }

    private static void restoreSse(int cpu, int from, boolean is64) {
        Memory.put32(cpu + CpuState.MXCSR, Memory.get32(from + 24) & MXCSR_MASK);
        for (int i = 0; i < (is64 ? 16 : 8); i++) {
            Memory.copy(from + 160 + i * 16, cpu + CpuState.XMM + i * 32, 16);
        }
    }

    static void restoreX87(int cpu, int from, boolean hasWidePointers) {
        Memory.put32(cpu + CpuState.FCW, Memory.get16(from) | 0x40);
        int fsw = Memory.get16(from + 2);
        Memory.put32(cpu + CpuState.FSW, fsw);
        Memory.put32(cpu + CpuState.FTW, Memory.get8(from + 4));
        Memory.put32(cpu + CpuState.FOP, Memory.get16(from + 6) & 0x7FF);
        long ip = Memory.get64(from + 8), dp = Memory.get64(from + 16);
        Memory.put64(cpu + CpuState.FPU_IP, hasWidePointers ? ip : ip & 0xFFFFFFFFL);
        Memory.put64(cpu + CpuState.FPU_DP, hasWidePointers ? dp : dp & 0xFFFFFFFFL);
        Memory.put32(cpu + CpuState.FPU_CS, hasWidePointers ? 0 : Memory.get16(from + 12));
        Memory.put32(cpu + CpuState.FPU_DS, hasWidePointers ? 0 : Memory.get16(from + 20));
        int top = fsw >>> 11 & 7;
        for (int i = 0; i < 8; i++) {
            int p = cpu + CpuState.ST + (top + i & 7) * 16;
            Memory.put64(p, Memory.get64(from + 32 + i * 16));
            Memory.put64(p + 8, Memory.get16(from + 40 + i * 16));
        }
    }

    /** FXSAVE to a guest address: 16-byte aligned, and only the bytes that the instruction writes. */
    public static void store(int cpu, long a, int hasWidePointers) {
        boolean is64 = (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0;
        if ((a & 15) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        Mmu.translate(cpu, a + 511, Mmu.WRITE);
        save(cpu, cpu + CpuState.SCRATCH, is64, hasWidePointers != 0);
        Mmu.store(cpu, a, cpu + CpuState.SCRATCH, is64 ? 416 : 288, 16);
    }

    /** FXRSTOR from a guest address; #GP for a misaligned one and for reserved MXCSR bits. */
    public static void load(int cpu, long a, int hasWidePointers) {
        boolean is64 = (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0;
        if ((a & 15) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        int scratch = cpu + CpuState.SCRATCH;
        for (int i = 0; i < (is64 ? 416 : 288); i += 8) {
            Memory.put64(scratch + i, Mmu.read64(cpu, a + i));
        }
        if ((Memory.get32(scratch + 24) & ~MXCSR_MASK) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        restoreX87(cpu, scratch, hasWidePointers != 0);
        restoreSse(cpu, scratch, is64);
    }
}
