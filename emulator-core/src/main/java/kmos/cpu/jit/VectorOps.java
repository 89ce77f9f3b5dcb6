// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import java.util.HashMap;
import java.util.Map;

/** Packed integer helpers that are one WebAssembly vector instruction on whole registers: helper name to opcode (after the prefix FD). */
final class VectorOps {
    static final int PREFIX = 0xFD;
    static final int LOAD = 0, STORE = 11, CONST = 12, SHUFFLE = 13, SWIZZLE = 14, ANDNOT = 79, AND = 78, BITSELECT = 82, ANY_TRUE = 0x53;
    static final int I8_EQ = 35, I16_EQ = 45, I16_BITMASK = 132, I8_BITMASK = 100, I32_BITMASK = 164, I64_BITMASK = 196, I16_SHL = 139, I16_SHR_S = 140, I16_SHR_U = 141, I32_SHL = 171, I32_SHR_S = 172,
        I32_SHR_U = 173, I64_SHL = 203, I64_SHR_U = 205, I32_ADD = 174, I64_ADD = 206, I32_MAX_U = 185, I32_EQ = 55;
    static final int EXTMUL_LOW_16_S = 188, EXTMUL_HIGH_16_S = 189, EXTMUL_LOW_16_U = 190, EXTMUL_HIGH_16_U = 191, EXTMUL_LOW_32_U = 222;

    static final int F32_EXTRACT = 0x1F, F32_REPLACE = 0x20, F64_EXTRACT = 0x21, F64_REPLACE = 0x22, F32_EQ = 0x41, F32_LE = 0x45, F32_GE = 0x46,
        F64_EQ = 0x47, F64_LE = 0x4B, F64_GE = 0x4C, F32_ABS = 0xE0, F32_ADD = 0xE4, F64_ABS = 0xEC, F64_ADD = 0xF0, I32_ALL_TRUE = 0xA3, I64_ALL_TRUE = 0xC3, OR = 0x50;

    private final Map<String, Integer> binary = new HashMap<>();
    private final Map<String, Integer> unary = new HashMap<>();

    VectorOps() {
        add("Packed.paddb", 110, "Packed.paddw", 142, "Packed.paddd", 174, "Packed.paddq", 206, "Packed.psubb", 113, "Packed.psubw", 145, "Packed.psubd", 177,
            "Packed.psubq", 209, "Packed.paddsb", 111, "Packed.paddusb", 112, "Packed.paddsw", 143, "Packed.paddusw", 144, "Packed.psubsb", 114,
            "Packed.psubusb", 115, "Packed.psubsw", 146, "Packed.psubusw", 147, "Packed.pmullw", 149, "Packed.pmaddwd", 186, "Packed.pavgb", 123,
            "Packed.pavgw", 155, "Packed.pcmpeqb", 35, "Packed.pcmpeqw", 45, "Packed.pcmpeqd", 55, "Packed.pcmpgtb", 39, "Packed.pcmpgtw", 49,
            "Packed.pcmpgtd", 59, "Packed.pminub", 119, "Packed.pmaxub", 121, "Packed.pminsw", 150, "Packed.pmaxsw", 152, "Packed.pand", AND,
            "Packed.por", 80, "Packed.pxor", 81, "Sse41.pmulld", 181, "Sse41.pminuw", 151, "Sse41.pminud", 183, "Sse41.pminsd", 182, "Sse41.pminsb", 118,
            "Sse41.pmaxuw", 153, "Sse41.pmaxud", 185, "Sse41.pmaxsd", 184, "Sse41.pmaxsb", 120, "Sse41.pcmpgtq", 217, "Sse41.pcmpeqq", 214,
            "Packed.packsswb", 101, "Packed.packuswb", 102, "Packed.packssdw", 133, "Sse41.packusdw", 134);
        unary.putAll(Map.of("Sse41.pmovzxbw", 137, "Sse41.pmovsxbw", 135, "Sse41.pmovzxwd", 169, "Sse41.pmovsxwd", 167, "Sse41.pmovzxdq", 201,
            "Sse41.pmovsxdq", 199, "Ssse3.pabsb", 96, "Ssse3.pabsw", 128, "Ssse3.pabsd", 160));
    }

    private void add(Object... pairs) {
        for (int i = 0; i < pairs.length; i += 2) {
            binary.put((String) pairs[i], (Integer) pairs[i + 1]);
        }
    }

    /** Opcode that takes a lane of so many bits out (zero-extended), or puts one in. */
    static int extract(int bits) {
        return bits == 8 ? 0x16 : bits == 16 ? 0x19 : bits == 32 ? 0x1B : 0x1D;
    }

    static int replace(int bits) {
        return bits == 8 ? 0x17 : bits == 16 ? 0x1A : bits == 32 ? 0x1C : 0x1E;
    }

    /** Opcode of op(destination, source), or null. */
    Integer binary(String helper) {
        return binary.get(helper);
    }

    /** Opcode of op(source), or null. */
    Integer unary(String helper) {
        return unary.get(helper);
    }

    /** Lanes of an interleave of elements of size bytes, from the lower or the upper halves. */
    static byte[] interleave(int size, boolean isUpper) {
        byte[] lanes = new byte[16];
        for (int i = 0; i < 16; i++) {
            int element = i / size / 2 + (isUpper ? 8 / size : 0);
            int source = i / size & 1;
            lanes[i] = (byte) (source * 16 + element * size + i % size);
        }
        return lanes;
    }

    /** PSHUFD and the like: two bits of the immediate choose each of four elements; elements 2 and 3 come from upper * 16 further. */
    static byte[] select4(int size, int imm, int base, int upperSource) {
        byte[] lanes = new byte[16];
        for (int i = 0; i < 16; i++) {
            lanes[i] = (byte) i;
        }
        for (int e = 0; e < 4; e++) {
            int from = base + (imm >> e * 2 & 3) * size + (e >= 2 ? upperSource : 0);
            for (int i = 0; i < size; i++) {
                lanes[base + e * size + i] = (byte) (from + i);
            }
        }
        return lanes;
    }

    /** Bytes moved up (by a positive count) or down; zeroes come from the second operand. */
    static byte[] shiftBytes(int count) {
        byte[] lanes = new byte[16];
        for (int i = 0; i < 16; i++) {
            int from = i - count;
            lanes[i] = (byte) (from >= 0 && from < 16 ? from : 16);
        }
        return lanes;
    }
}
