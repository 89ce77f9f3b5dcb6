// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.machine.CpuExit;

/** System calls, traps, time stamp, and what user mode may not do. */
public final class SystemHelpers {
    private SystemHelpers() { }

    private static void exit(int cpu, int ip, int code) {
        Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
        Memory.put32(cpu + CpuState.EXIT, -2);
        Memory.put32(cpu + CpuState.EXIT_CODE, code);
    }

    /** What CPL 3 may not do: #GP(0). At CPL 0 these come with PC mode. */
    public static void privileged(int cpu) {
        throw CpuFault.of(cpu, CpuFault.GP, 0);
    }

    public static void privilegedIo(int cpu) {
        throw CpuFault.of(cpu, CpuFault.GP, 0);
    }

    public static void undefined(int cpu) {
        throw CpuFault.of(cpu, CpuFault.UD);
    }

    public static void softwareInterrupt(int cpu, int ip, int vector) {
        if (vector == 0x80) {
            exit(cpu, ip, CpuExit.INT80);
            return;
        }
        if (vector == 3 || vector == 4) {
            trap(cpu, ip, vector);
            return;
        }
        throw CpuFault.of(cpu, CpuFault.GP, vector * 8 + 2);
    }

    /** INT3, INT1, INTO: traps, RIP is behind the instruction. */
    public static void trap(int cpu, int ip, int vector) {
        exit(cpu, ip, CpuExit.FAULT);
        Machines.cpu(cpu).setExitException(vector, 0, 0);
    }

    public static void into(int cpu, int ip, int overflow) {
        if (overflow != 0) {
            trap(cpu, ip, CpuFault.OF);
            return;
        }
        Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
        Memory.put32(cpu + CpuState.EXIT, -1);
    }

    public static void bound16(int cpu, int index, long a) {
        int lower = (short) Mmu.read16(cpu, a), upper = (short) Mmu.read16(cpu, a + 2);
        if ((short) index < lower || (short) index > upper) {
            throw CpuFault.of(cpu, CpuFault.BR);
        }
    }

    public static void bound32(int cpu, int index, long a) {
        int lower = Mmu.read32(cpu, a), upper = Mmu.read32(cpu, a + 4);
        if (index < lower || index > upper) {
            throw CpuFault.of(cpu, CpuFault.BR);
        }
    }

    /** BOUND does not exist in 64-bit mode; the table says so. */
    public static void bound64(int cpu, long index, long a) {
        throw CpuFault.of(cpu, CpuFault.UD);
    }

    /** SYSCALL in 64-bit mode: RCX, R11 (SDM vol. 2B). In 32-bit mode this CPU model raises #UD, as Intel's do. */
    public static void syscall(int cpu, int ip) {
        if ((Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) == 0) {
            throw CpuFault.of(cpu, CpuFault.UD);
        }
        exit(cpu, ip, CpuExit.SYSCALL);
        Memory.put64(cpu + 8, BlockCache.nextOf(ip));
        Memory.put64(cpu + 11 * 8, Flags.get(cpu) & 0xFFFFFFFFL);
    }

    public static void sysenter(int cpu, int ip) {
        exit(cpu, ip, CpuExit.SYSENTER);
    }

    private static long timeStamp(int cpu) {
        return Memory.get64(cpu + CpuState.RUN_START) + Memory.get32(cpu + CpuState.RUN_BUDGET) - Memory.get32(cpu + CpuState.BUDGET);
    }

    /** The exact cycle count: every instruction before this one and it itself. */
    public static void rdtsc(int cpu, int ip) {
        long t = timeStamp(cpu);
        Memory.put64(cpu, t & 0xFFFFFFFFL);
        Memory.put64(cpu + 16, t >>> 32);
        Memory.put64(cpu + CpuState.RIP, BlockCache.nextOf(ip));
        Memory.put32(cpu + CpuState.EXIT, -1);
    }

    public static void rdtscp(int cpu, int ip) {
        rdtsc(cpu, ip);
        Memory.put64(cpu + 8, Memory.getUnsigned32(cpu + CpuState.TSC_AUX));
    }
}
