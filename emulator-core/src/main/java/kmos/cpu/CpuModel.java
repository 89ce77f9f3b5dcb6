// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.isa.Features;

/**
 * What a processor has beyond the baseline of every x86-64. CPUID says exactly this, and a form that needs more is #UD.
 * v2 and v3 are the levels of the x86-64 psABI; max is everything there is.
 */
public record CpuModel(String name, int features) {
    /** Names that {@link #of} knows. */
    public static final String NAMES = "v2, v3, max";

    private static final int LEVEL_2 = Features.SSE3 | Features.SSSE3 | Features.SSE41 | Features.SSE42 | Features.POPCNT;
    private static final int LEVEL_3 = LEVEL_2 | Features.AVX | Features.AVX2 | Features.BMI1 | Features.BMI2 | Features.FMA | Features.F16C | Features.MOVBE
        | Features.LZCNT | Features.XSAVE | Features.XSAVEOPT | Features.XSAVEC;

    /** The default. */
    public static CpuModel v2() {
        return new CpuModel("v2", LEVEL_2);
    }

    public static CpuModel v3() {
        return new CpuModel("v3", LEVEL_3);
    }

    public static CpuModel max() {
        return new CpuModel("max", LEVEL_3 | Features.ADX | Features.AES | Features.PCLMUL | Features.SHA);
    }

    /** The model of a name, or null when there is none. */
    public static CpuModel of(String name) {
        switch (name) {
            case "v2": return v2();
            case "v3": return v3();
            case "max": return max();
            default: return null;
        }
    }

    /** The model with exactly these extensions, as a saved machine names it; null when there is none. */
    static CpuModel of(int features) {
        return features == LEVEL_2 ? v2() : features == LEVEL_3 ? v3() : features == max().features() ? max() : null;
    }

    public boolean has(int feature) {
        return (features & feature) == feature;
    }

    /** Family, model, stepping as in CPUID leaf 1: a Nehalem, a Haswell. C libraries tune by it. */
    public int signature() {
        return has(Features.AVX2) ? 0x306C3 : 0x106A5;
    }

    /** Extended control register 0, which a kernel would set: x87, SSE and AVX state; 0 without XSAVE. */
    public int xcr0() {
        return has(Features.XSAVE) ? 7 : 0;
    }

    /** The features as /proc/cpuinfo names them, in Linux' order. */
    public String flagNames() {
        StringBuilder s = new StringBuilder("fpu de tsc msr pae cx8 sep pge cmov pat clflush mmx fxsr sse sse2 syscall nx rdtscp lm");
        name(s, Features.SSE3, "pni");
        name(s, Features.PCLMUL, "pclmulqdq");
        name(s, Features.SSSE3, "ssse3");
        name(s, Features.FMA, "fma");
        s.append(" cx16");
        name(s, Features.SSE41, "sse4_1");
        name(s, Features.SSE42, "sse4_2");
        name(s, Features.MOVBE, "movbe");
        name(s, Features.POPCNT, "popcnt");
        name(s, Features.AES, "aes");
        name(s, Features.XSAVE, "xsave");
        name(s, Features.AVX, "avx");
        name(s, Features.F16C, "f16c");
        s.append(" hypervisor lahf_lm");
        name(s, Features.LZCNT, "abm");
        name(s, Features.BMI1, "bmi1");
        name(s, Features.AVX2, "avx2");
        name(s, Features.BMI2, "bmi2");
        name(s, Features.ADX, "adx");
        name(s, Features.SHA, "sha_ni");
        name(s, Features.XSAVEOPT, "xsaveopt");
        name(s, Features.XSAVEC, "xsavec xgetbv1");
        s.append(" umip");
        return s.toString();
    }

    private void name(StringBuilder s, int feature, String name) {
        if (has(feature)) {
            s.append(' ').append(name);
        }
    }
}
