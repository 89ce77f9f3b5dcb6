// SPDX-License-Identifier: Apache-2.0
package kmos.isa;

/**
 * Instruction-set extensions that a processor model may lack, one bit each. A row of x86.isa names those it needs among its
 * notes; what is not named belongs to every model (386 to Pentium 4: x87, MMX, SSE, SSE2, CMPXCHG16B).
 */
public final class Features {
    public static final int SSE3 = 1, SSSE3 = 1 << 1, SSE41 = 1 << 2, SSE42 = 1 << 3, POPCNT = 1 << 4, AES = 1 << 5, PCLMUL = 1 << 6, SHA = 1 << 7,
        AVX = 1 << 8, AVX2 = 1 << 9, BMI1 = 1 << 10, BMI2 = 1 << 11, FMA = 1 << 12, F16C = 1 << 13, MOVBE = 1 << 14, LZCNT = 1 << 15, ADX = 1 << 16,
        XSAVE = 1 << 17, XSAVEOPT = 1 << 18, XSAVEC = 1 << 19;

    private Features() { }

    /** The bit of a name as x86.isa and the vectors write it; 0 for what every model has, -1 for a name that does not exist. */
    public static int bit(String name) {
        switch (name) {
            case "fpu": case "mmx": case "sse": case "sse2": case "fxsr": case "cmov": case "cx16": case "arpl": return 0;
            case "sse3": return SSE3;
            case "ssse3": return SSSE3;
            case "sse41": return SSE41;
            case "sse42": return SSE42;
            case "popcnt": return POPCNT;
            case "aes": return AES;
            case "pclmul": return PCLMUL;
            case "sha": return SHA;
            case "avx": return AVX;
            case "avx2": return AVX2;
            case "bmi1": case "tzcnt": return BMI1;
            case "bmi2": return BMI2;
            case "fma": return FMA;
            case "f16c": return F16C;
            case "movbe": return MOVBE;
            case "lzcnt": return LZCNT;
            case "adx": return ADX;
            case "xsave": return XSAVE;
            case "xsaveopt": return XSAVEOPT;
            case "xsavec": return XSAVEC;
            default: return -1;
        }
    }
}
