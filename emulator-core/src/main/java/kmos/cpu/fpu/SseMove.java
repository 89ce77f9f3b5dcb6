// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuFault;
import kmos.cpu.CpuState;
import kmos.cpu.Ea;
import kmos.cpu.Mmu;

/** What moves and shuffles whole vector registers, and the MMX registers' place in the x87 file. Addresses in linear memory. */
public final class SseMove {
    private SseMove() { }

    /** #MF when an unmasked x87 exception is pending. */
    public static void checkMmx(int cpu) {
        if ((Memory.get32(cpu + CpuState.FSW) & 0x80) != 0) {
            throw CpuFault.of(cpu, CpuFault.MF);
        }
    }

    /** Every MMX instruction but EMMS: pending x87 exceptions first, then TOP = 0 and all registers valid. */
    public static void enterMmx(int cpu) {
        int fsw = Memory.get32(cpu + CpuState.FSW);
        if ((fsw & 0x80) != 0) {
            throw CpuFault.of(cpu, CpuFault.MF);
        }
        Memory.put32(cpu + CpuState.FSW, fsw & ~0x3800);
        Memory.put32(cpu + CpuState.FTW, 0xFF);
    }

    public static void emms(int cpu) {
        enterMmx(cpu);
        Memory.put32(cpu + CpuState.FTW, 0);
    }

    /** A write to an MMX register sets the exponent of its x87 register to ones. */
    public static void wroteMmx(int cpu, int register) {
        Memory.put16(register + 8, 0xFFFF);
    }

    public static void pshufd(int cpu, int d, int s, int order) {
        long low = dword(s, order & 3) | dword(s, order >>> 2 & 3) << 32;
        long high = dword(s, order >>> 4 & 3) | dword(s, order >>> 6 & 3) << 32;
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    private static long dword(int a, int i) {
        return Memory.getUnsigned32(a + i * 4);
    }

    public static void pshuflw(int cpu, int d, int s, int order) {
        long low = Packed.pshufw(cpu, Memory.get64(s), order), high = Memory.get64(s + 8);
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    public static void pshufhw(int cpu, int d, int s, int order) {
        long low = Memory.get64(s), high = Packed.pshufw(cpu, Memory.get64(s + 8), order);
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    public static void shufps(int cpu, int d, int s, int order) {
        long low = dword(d, order & 3) | dword(d, order >>> 2 & 3) << 32;
        long high = dword(s, order >>> 4 & 3) | dword(s, order >>> 6 & 3) << 32;
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    public static void shufpd(int cpu, int d, int s, int order) {
        long low = Memory.get64(d + (order & 1) * 8), high = Memory.get64(s + (order >>> 1 & 1) * 8);
        Memory.put64(d, low);
        Memory.put64(d + 8, high);
    }

    public static void movsldup(int cpu, int d, int s) {
        long a = dword(s, 0), b = dword(s, 2);
        Memory.put64(d, a | a << 32);
        Memory.put64(d + 8, b | b << 32);
    }

    public static void movshdup(int cpu, int d, int s) {
        long a = dword(s, 1), b = dword(s, 3);
        Memory.put64(d, a | a << 32);
        Memory.put64(d + 8, b | b << 32);
    }

    /** INSERTPS: source lane (bits 7-6; memory has only one), destination lane (5-4), then zeroes (3-0). */
    public static void insertps(int cpu, int d, int s, int imm) {
        boolean isRegister = s >= cpu + CpuState.XMM && s < cpu + CpuState.XMM + 16 * 32;
        int v = Memory.get32(isRegister ? s + (imm >>> 6) * 4 : s);
        Memory.put32(d + (imm >>> 4 & 3) * 4, v);
        for (int i = 0; i < 4; i++) {
            if ((imm >>> i & 1) != 0) {
                Memory.put32(d + i * 4, 0);
            }
        }
    }

    public static void pslldq(int cpu, int d, int bytes) {
        int n = Math.min(bytes, 16) * 8;
        long low = Memory.get64(d), high = Memory.get64(d + 8);
        Memory.put64(d, n >= 64 ? 0 : low << n);
        Memory.put64(d + 8, n >= 128 ? 0 : n >= 64 ? low << n - 64 : n == 0 ? high : high << n | low >>> 64 - n);
    }

    public static void psrldq(int cpu, int d, int bytes) {
        int n = Math.min(bytes, 16) * 8;
        long low = Memory.get64(d), high = Memory.get64(d + 8);
        Memory.put64(d, n >= 128 ? 0 : n >= 64 ? high >>> n - 64 : n == 0 ? low : low >>> n | high << 64 - n);
        Memory.put64(d + 8, n >= 64 ? 0 : high >>> n);
    }

    public static int movmskps(int cpu, int s) {
        return Memory.get32(s) >>> 31 | Memory.get32(s + 4) >>> 31 << 1 | Memory.get32(s + 8) >>> 31 << 2 | Memory.get32(s + 12) >>> 31 << 3;
    }

    public static int movmskpd(int cpu, int s) {
        return Memory.get32(s + 4) >>> 31 | Memory.get32(s + 12) >>> 31 << 1;
    }

    public static int pmovmskb(int cpu, int s) {
        return (int) (Packed.pmovmskb(cpu, Memory.get64(s)) | Packed.pmovmskb(cpu, Memory.get64(s + 8)) << 8);
    }

    /** MASKMOVQ, MASKMOVDQU: bytes whose mask has its top bit set go to DS:DI. */
    public static void maskMove(int cpu, int ip, int data, int mask, int count) {
        int word = Memory.get32(ip + 12);
        int size = word >>> 13 & 3;
        long offset = Memory.get64(cpu + 56);
        offset = size == 0 ? offset & 0xFFFF : size == 1 ? offset & 0xFFFFFFFFL : offset;
        for (int i = 0; i < count; i++) {
            if ((Memory.get8(mask + i) & 0x80) != 0) {
                Mmu.write8(cpu, Ea.segmented(cpu, word >>> 10 & 7, offset + i, 1, true), Memory.get8(data + i));
            }
        }
    }

    /** LDMXCSR: reserved bits set are #GP. */
    public static void loadMxcsr(int cpu, int v) {
        if ((v & 0xFFFF0000) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        Memory.put32(cpu + CpuState.MXCSR, v);
    }

    public static int mxcsr(int cpu) {
        return Memory.get32(cpu + CpuState.MXCSR);
    }
}
