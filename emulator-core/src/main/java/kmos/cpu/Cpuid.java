// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;
import kmos.isa.Features;

/**
 * CPUID: an x86-64 with what the processor's model has, nothing more. Programs (glibc above all) choose their code by it, so
 * a bit set here is a promise.
 */
public final class Cpuid {
    /** Leaf 1 EDX: FPU, DE, TSC, MSR, PAE, CX8, SEP, PGE, CMOV, PAT, CLFSH, MMX, FXSR, SSE, SSE2. */
    public static final int EDX_1 = 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 11 | 1 << 13 | 1 << 15 | 1 << 16 | 1 << 19 | 1 << 23 | 1 << 24
        | 1 << 25 | 1 << 26;
    /** Leaf 1 ECX of every model: CX16, HYPERVISOR. */
    private static final int ECX_1 = 1 << 13 | 1 << 31;

    /** Leaf 7 ECX of every model: SGDT and its like raise #GP in a program. */
    private static final int UMIP = 1 << 2;

    private Cpuid() { }

    private static void set(int cpu, int eax, int ebx, int ecx, int edx) {
        Memory.put64(cpu, eax & 0xFFFFFFFFL);
        Memory.put64(cpu + 24, ebx & 0xFFFFFFFFL);
        Memory.put64(cpu + 8, ecx & 0xFFFFFFFFL);
        Memory.put64(cpu + 16, edx & 0xFFFFFFFFL);
    }

    private static int four(String text, int at) {
        int v = 0;
        for (int i = 0; i < 4; i++) {
            v |= (at + i < text.length() ? text.charAt(at + i) : 0) << 8 * i;
        }
        return v;
    }

    private static int leaf1Ecx(CpuModel m) {
        // OSXSAVE: the kernel of kmOS mode sets CR4.OSXSAVE where there is XSAVE.
        return ECX_1 | bit(m, Features.SSE3, 0) | bit(m, Features.PCLMUL, 1) | bit(m, Features.SSSE3, 9) | bit(m, Features.FMA, 12) | bit(m, Features.SSE41, 19)
            | bit(m, Features.SSE42, 20) | bit(m, Features.MOVBE, 22) | bit(m, Features.POPCNT, 23) | bit(m, Features.AES, 25)
            | bit(m, Features.XSAVE, 26) | bit(m, Features.XSAVE, 27) | bit(m, Features.AVX, 28) | bit(m, Features.F16C, 29);
    }

    private static int leaf7Ebx(CpuModel m) {
        return bit(m, Features.BMI1, 3) | bit(m, Features.AVX2, 5) | bit(m, Features.BMI2, 8) | bit(m, Features.ADX, 19) | bit(m, Features.SHA, 29);
    }

    /** AT_HWCAP2 as Linux makes it: it enables FSGSBASE (leaf 7 EBX bit 0) where there is one. No model has it today. */
    public static int hardwareCapabilities2(CpuModel m) {
        return (leaf7Ebx(m) & 1) << 1;
    }

    private static int bit(CpuModel m, int feature, int place) {
        return m.has(feature) ? 1 << place : 0;
    }

    public static void cpuid(int cpu) {
        CpuModel model = Machines.cpu(cpu).model();
        int subleaf = Memory.get32(cpu + 8);
        String brand = "kmOS virtual x86-64 processor";
        switch (Memory.get32(cpu)) {
            case 0:
                set(cpu, model.has(Features.XSAVE) ? 0xD : 7, four("GenuineIntel", 0), four("GenuineIntel", 8), four("GenuineIntel", 4));
                break;
            case 1:
                // CLFLUSH line 64 bytes, one logical processor.
                set(cpu, model.signature(), 0x10800, leaf1Ecx(model), EDX_1);
                break;
            case 2:
                set(cpu, 0x01, 0, 0, 0);
                break;
            case 4:
                cacheParameters(cpu, subleaf);
                break;
            case 7:
                set(cpu, 0, subleaf == 0 ? leaf7Ebx(model) : 0, subleaf == 0 ? UMIP : 0, 0);
                break;
            case 0xD:
                extendedState(cpu, model, subleaf);
                break;
            case 0x80000000:
                set(cpu, 0x80000008, 0, 0, 0);
                break;
            case 0x80000001:
                // LAHF in 64-bit mode, LZCNT; SYSCALL, NX, RDTSCP, long mode.
                set(cpu, 0, 0, 1 | bit(model, Features.LZCNT, 5), 1 << 11 | 1 << 20 | 1 << 27 | 1 << 29);
                break;
            case 0x80000002:
            case 0x80000003:
            case 0x80000004: {
                int at = (Memory.get32(cpu) - 0x80000002) * 16;
                set(cpu, four(brand, at), four(brand, at + 4), four(brand, at + 8), four(brand, at + 12));
                break;
            }
            case 0x80000006:
                set(cpu, 0, 0, 0x04008040, 0);
                break;
            case 0x80000008:
                set(cpu, 0x3024, 0, 0, 0);
                break;
            default:
                set(cpu, 0, 0, 0, 0);
                break;
        }
    }

    /** Leaf 0xD: sizes and places of the XSAVE areas (SDM vol. 1 chapter 13). */
    private static void extendedState(int cpu, CpuModel model, int subleaf) {
        if (!model.has(Features.XSAVE)) {
            set(cpu, 0, 0, 0, 0);
        } else if (subleaf == 0) {
            set(cpu, model.xcr0(), XsaveArea.SIZE, XsaveArea.SIZE, 0);
        } else if (subleaf == 1) {
            // XSAVEOPT, XSAVEC, XGETBV with ECX = 1.
            set(cpu, bit(model, Features.XSAVEOPT, 0) | bit(model, Features.XSAVEC, 1) | bit(model, Features.XSAVEC, 2), XsaveArea.SIZE, 0, 0);
        } else if (subleaf == 2) {
            set(cpu, 256, XsaveArea.AVX, 0, 0);
        } else {
            set(cpu, 0, 0, 0, 0);
        }
    }

    /** Leaf 4: 32 KiB L1 data and instruction, 256 KiB L2, 8 MiB L3; glibc sizes its memcpy by them. */
    private static void cacheParameters(int cpu, int index) {
        switch (index) {
            case 0: set(cpu, 0x121, 7 << 22 | 63, 63, 0); break;
            case 1: set(cpu, 0x122, 7 << 22 | 63, 63, 0); break;
            case 2: set(cpu, 0x143, 3 << 22 | 63, 1023, 0); break;
            case 3: set(cpu, 0x163, 15 << 22 | 63, 8191, 0); break;
            default: set(cpu, 0, 0, 0, 0); break;
        }
    }
}
