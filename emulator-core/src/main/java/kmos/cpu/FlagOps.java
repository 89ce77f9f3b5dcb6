// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Instructions on RFLAGS as a whole. */
public final class FlagOps {
    /** What POPF may change in user mode with IOPL 0: IF and IOPL stay. */
    private static final int USER_CHANGES = Flags.ARITHMETIC | Flags.TF | Flags.DF | Flags.NT | Flags.AC | Flags.ID;

    private FlagOps() { }

    public static void lahf(int cpu) {
        Memory.put8(cpu + 1, Flags.get(cpu));
    }

    public static void sahf(int cpu) {
        int kept = Flags.arithmetic(cpu) & Flags.OF;
        Flags.setArithmetic(cpu, Memory.get8(cpu + 1) & (Flags.SF | Flags.ZF | Flags.AF | Flags.PF | Flags.CF) | kept);
    }

    /** Image for PUSHF: VM and RF are pushed as 0. */
    public static long pushf(int cpu) {
        return Flags.get(cpu) & ~(Flags.VM | Flags.RF) & 0xFFFFFFFFL;
    }

    private static void popf(int cpu, int ip, int v, int changes) {
        int old = Flags.get(cpu);
        if (Memory.get32(cpu + CpuState.CPL) == 0) {
            changes |= Flags.IF | Flags.IOPL;
        }
        Flags.put(cpu, old & ~(changes | Flags.RF) | v & changes);
        Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
        // Single steps and alignment checks are the run loop's business.
        boolean mustStop = (v & Flags.TF) != 0 || ((v ^ old) & changes & Flags.AC) != 0;
        Memory.put32(cpu + CpuState.EXIT, mustStop ? -2 : -1);
        Memory.put32(cpu + CpuState.EXIT_CODE, Cpu.CONTINUE);
    }

    public static void popf16(int cpu, int ip, int v) {
        popf(cpu, ip, v, USER_CHANGES & 0xFFFF);
    }

    public static void popf32(int cpu, int ip, int v) {
        popf(cpu, ip, v, USER_CHANGES);
    }

    public static void popf64(int cpu, int ip, long v) {
        popf(cpu, ip, (int) v, USER_CHANGES);
    }

    public static void setDirection(int cpu, int direction) {
        int f = Memory.get32(cpu + CpuState.FLAGS) & ~Flags.DF;
        Memory.put32(cpu + CpuState.FLAGS, direction != 0 ? f | Flags.DF : f);
    }
}
