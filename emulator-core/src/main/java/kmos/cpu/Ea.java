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
    /** In word 3 of a RIP-relative operand, which has no index to scale. */
    private static final int UNSIGNED_RIP = 1 << 8;

    private Ea() { }

    /** #GP when a near branch would leave its code segment (16- and 32-bit code that need not be flat). */
    public static void checkBranch(int cpu, int target) {
        if (Integer.compareUnsigned(target, Memory.get32(cpu + CpuState.LIMIT + 4)) > 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
    }

    /** The same for a call that pushes so many bytes: where the stack cannot be written, that fault comes first. */
    public static void checkCall(int cpu, int target, int bytes) {
        if (Integer.compareUnsigned(target, Memory.get32(cpu + CpuState.LIMIT + 4)) > 0) {
            StackOps.checkPush(cpu, bytes);
            throw CpuFault.of(cpu, CpuFault.GP);
        }
    }

    /** The branch target in the extension of a block's last record. */
    public static int takenTarget(int ip) {
        return Memory.get32(ip + 32);
    }

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
            return blockAddress(ip) + ripDisplacement(Memory.get32(ip + 4), x);
        }
        long a = Memory.get64(cpu + base) + (Memory.get64(cpu + (x & 0xFF)) << (x >>> 8 & 3)) + Memory.get32(ip + 4);
        if (stackBias != 0 && base == 32) {
            a += stackBias;
        }
        return size == A64 ? a : size == A32 ? a & 0xFFFFFFFFL : a & 0xFFFF;
    }

    /** The sum of displacement and place in the block, which can pass 2 GiB: then it is unsigned. */
    private static long ripDisplacement(int sum, int x) {
        return (x & UNSIGNED_RIP) == 0 ? sum : sum & 0xFFFFFFFFL;
    }

    /** Linear address of a memory operand of so many bytes, after the segment's checks. */
    public static long linear(int cpu, int ip, int bytes, boolean isWrite) {
        return segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, offset(cpu, ip, 0), bytes, isWrite);
    }

    /** Linear address of a part of the operand, so many bytes behind its start, as the address size wraps. */
    public static long part(int cpu, int ip, int distance, int bytes, boolean isWrite) {
        int x = Memory.get32(ip + 12);
        int size = x >>> 13 & 3;
        long a = offset(cpu, ip, 0) + distance;
        return segmented(cpu, x >>> 10 & 7, size == A16 ? a & 0xFFFF : size == A32 ? a & 0xFFFFFFFFL : a, bytes, isWrite);
    }

    /** POP to memory: a stack-pointer base counts as already moved. */
    public static long popAddress(int cpu, int ip, int bytes) {
        return segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, offset(cpu, ip, bytes), bytes, true);
    }

    /** The absolute offset of MOV moffs, words 1 and 2. */
    public static long absolute(int cpu, int ip, int bytes, boolean isWrite) {
        return segmented(cpu, Memory.get32(ip + 12) >>> 10 & 7, Memory.get64(ip + 4), bytes, isWrite);
    }

    /** Adds the segment's base; outside 64-bit mode checks attributes and limit over the whole access, and wraps. */
    public static long segmented(int cpu, int segment, long offset, int bytes, boolean isWrite) {
        if ((Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0) {
            return segment >= 4 ? offset + Memory.get64(cpu + CpuState.BASE + segment * 8) : offset;
        }
        int attributes = Memory.get32(cpu + CpuState.ATTRIBUTES + segment * 4);
        long limit = Memory.getUnsigned32(cpu + CpuState.LIMIT + segment * 4);
        if ((attributes & Descriptor.KIND) != Descriptor.WRITABLE_DATA || offset + bytes - 1 > limit) {
            check(cpu, segment, offset, offset + bytes - 1, attributes, limit, isWrite);
        }
        return offset + Memory.get64(cpu + CpuState.BASE + segment * 8) & 0xFFFFFFFFL;
    }

    /** What is no plain writable data segment, or reaches over the limit (SDM vol. 3A §5.3, §5.5). */
    private static void check(int cpu, int segment, long offset, long last, int attributes, long limit, boolean isWrite) {
        boolean isCode = (attributes & 8) != 0, isSet = (attributes & 2) != 0;
        boolean isAllowed = attributes != 0 && (isCode ? isSet && !isWrite : isSet || !isWrite);
        if (isAllowed && !isCode && (attributes & 4) != 0) {
            // Expand-down: what lies above the limit, up to 64 KiB or 4 GiB by the B bit.
            isAllowed = offset > limit && last <= ((attributes & 0x4000) != 0 ? 0xFFFFFFFFL : 0xFFFFL);
        } else if (last > limit) {
            isAllowed = false;
        }
        if (!isAllowed) {
            throw CpuFault.of(cpu, segment == 2 ? CpuFault.SS : CpuFault.GP, 0);
        }
    }
}
