// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * Effective addresses of the general kind: any address size, any segment. Record word 3: index register 8 bits, scale 2,
 * segment 3, address size 2 (0: 16, 1: 32, 2: 64 bits; 3: 64-bit code with RIP-relative displacement), offset of the
 * instruction from the block's start 10, its number in the block 6.
 */
public final class Ea {
    public static final int A16 = 0, A32 = 1, A64 = 2, RIP = 3;

    private Ea() { }

    /** Address of the first instruction of the block that holds the record (its displacement counts from there). */
    public static long blockAddress(int ip) {
        return Memory.get64(ip - (Memory.get32(ip + 12) >>> 25) * 16 - 24);
    }

    /** Offset without the segment base, wrapped to the address size. */
    public static long offset(int cpu, int ip) {
        return offset(cpu, ip, 0);
    }

    private static long offset(int cpu, int ip, int stackBias) {
        int x = Memory.get32(ip + 12);
        int base = Memory.get8(ip + 3);
        int size = x >>> 13 & 3;
        if (size == RIP) {
            return blockAddress(ip) + Memory.get32(ip + 4);
        }
        long a = Memory.get64(cpu + base) + (Memory.get64(cpu + (x & 0xFF)) << (x >>> 8 & 3)) + Memory.get32(ip + 4);
        if (stackBias != 0 && base == 32) {
            a += stackBias;
        }
        return size == A64 ? a : size == A32 ? a & 0xFFFFFFFFL : a & 0xFFFF;
    }

    public static long linear(int cpu, int ip) {
        return segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, offset(cpu, ip, 0));
    }

    /** POP to memory: a stack-pointer base counts as already moved. */
    public static long popAddress(int cpu, int ip, int bytes) {
        return segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, offset(cpu, ip, bytes));
    }

    /** The absolute offset of MOV moffs, words 1 and 2. */
    public static long absolute(int cpu, int ip) {
        return segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, Memory.get64(ip + 4));
    }

    /** Adds the segment's base; outside 64-bit mode checks the limit (one byte: operands at the edge are rare) and wraps. */
    public static long segmented(int cpu, int segment, long offset) {
        if ((Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0) {
            return segment >= 4 ? offset + Memory.get64(cpu + CpuState.BASE + segment * 8) : offset;
        }
        int attributes = Memory.get32(cpu + CpuState.ATTRIBUTES + segment * 4);
        if (attributes == 0) {
            throw CpuFault.of(cpu, segment == 2 ? CpuFault.SS : CpuFault.GP);
        }
        if (offset > Memory.getUnsigned32(cpu + CpuState.LIMIT + segment * 4)) {
            throw CpuFault.of(cpu, segment == 2 ? CpuFault.SS : CpuFault.GP);
        }
        return offset + Memory.get64(cpu + CpuState.BASE + segment * 8) & 0xFFFFFFFFL;
    }
}
