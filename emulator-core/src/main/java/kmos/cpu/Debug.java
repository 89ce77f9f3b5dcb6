// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * Trap flag, breakpoint registers and alignment checks (SDM vol. 3B §17.2, §17.3; vol. 3A §6.15 #AC). While one of them is
 * armed the CPU runs one instruction at a time, or with an empty TLB that sends every access through the slow paths; the
 * fast paths test nothing.
 */
final class Debug {
    /** DR7: local and global enable bits; our mark behind MOV SS and POP SS in a reserved bit. */
    private static final int ENABLED = 0xFF, SHADOW = 1 << 15;
    /** DR6: single step. */
    static final int BS = 1 << 14;
    private static final int EXECUTE = 0, WRITE = 1, READ_WRITE = 3;

    private Debug() { }

    /** Whether the next instruction must run alone. */
    static boolean isStepping(int cpu) {
        return (Memory.get32(cpu + CpuState.FLAGS) & Flags.TF) != 0 || (Memory.get32(cpu + CpuState.DR7) & ENABLED) != 0;
    }

    /** Whether every memory access must be seen: data breakpoints, alignment checks. */
    static boolean isWatching(int cpu) {
        return (Memory.get32(cpu + CpuState.DR7) & ENABLED) != 0 || checksAlignment(cpu);
    }

    private static boolean checksAlignment(int cpu) {
        return (Memory.get32(cpu + CpuState.FLAGS) & Flags.AC) != 0 && Memory.get32(cpu + CpuState.CPL) == 3
            && (Memory.get32(cpu + CpuState.CR0) & 0x40000) != 0;
    }

    /** DR7 as a program or debugger sees it: bit 10 is always 1. */
    static int control(int cpu) {
        return Memory.get32(cpu + CpuState.DR7) & ~SHADOW | 0x400;
    }

    static void setControl(int cpu, int value) {
        // Bits 11, 12, 14 and 15 are reserved; GD (13) concerns MOV DR, which user mode cannot do.
        Memory.put32(cpu + CpuState.DR7, value & 0xFFFF23FF);
    }

    private static boolean isEnabled(int control, int n) {
        return (control >>> n * 2 & 3) != 0;
    }

    private static int kind(int control, int n) {
        return control >>> 16 + n * 4 & 3;
    }

    private static int length(int control, int n) {
        int code = control >>> 18 + n * 4 & 3;
        return code == 2 ? 8 : code + 1;
    }

    /** DR6 bits of the instruction breakpoints at the linear address of the next instruction. RF suppresses them. */
    static int atInstruction(int cpu, long linear) {
        int control = Memory.get32(cpu + CpuState.DR7);
        if ((Memory.get32(cpu + CpuState.FLAGS) & Flags.RF) != 0 || (control & SHADOW) != 0) {
            return 0;
        }
        int hits = 0;
        for (int n = 0; n < 4; n++) {
            if (isEnabled(control, n) && kind(control, n) == EXECUTE && Memory.get64(cpu + CpuState.DR + n * 8) == linear) {
                hits |= 1 << n;
            }
        }
        return hits;
    }

    /** Whether a #DB trap must wait: the instruction behind MOV SS or POP SS runs first. */
    static boolean isShadowed(int cpu) {
        return (Memory.get32(cpu + CpuState.DR7) & SHADOW) != 0;
    }

    static void clearShadow(int cpu) {
        Memory.put32(cpu + CpuState.DR7, Memory.get32(cpu + CpuState.DR7) & ~SHADOW);
    }

    /** After MOV SS or POP SS. Outside of single steps nothing asks, and the mark would show where a slice began. */
    static void stackSegmentLoaded(int cpu) {
        if (isStepping(cpu)) {
            Memory.put32(cpu + CpuState.DR7, Memory.get32(cpu + CpuState.DR7) | SHADOW);
        }
    }

    static boolean sees(int cpu) {
        return Memory.get32(cpu + CpuState.TLB) == cpu + CpuState.NO_TLB;
    }

    /** SDM vol. 3A table 6-7; the x87 environment of 32-bit code counts as doublewords, that of 16-bit code as words. */
    private static int alignment(int size) {
        switch (size) {
            case 2: case 4: case 8: case 16: return size;
            case 10: return 8;
            case 14: case 94: return 2;
            case 28: case 108: return 4;
            default: return 1;
        }
    }

    /** An access that is going to happen: #AC for a misaligned one, marks for the data breakpoints it touches. */
    static void access(int cpu, long a, int size, int access) {
        if (checksAlignment(cpu) && (a & alignment(size) - 1) != 0) {
            throw CpuFault.of(cpu, CpuFault.AC, 0);
        }
        int control = Memory.get32(cpu + CpuState.DR7);
        for (int n = 0; n < 4; n++) {
            int kind = kind(control, n);
            if (isEnabled(control, n) && (kind == READ_WRITE || kind == WRITE && access == Mmu.WRITE)) {
                int length = length(control, n);
                long at = Memory.get64(cpu + CpuState.DR + n * 8) & -length;
                if (a < at + length && at < a + size) {
                    Memory.put32(cpu + CpuState.WATCH_HITS, Memory.get32(cpu + CpuState.WATCH_HITS) | 1 << n);
                }
            }
        }
    }
}
