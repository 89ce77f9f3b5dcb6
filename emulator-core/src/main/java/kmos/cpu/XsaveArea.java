// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/**
 * The XSAVE area (SDM vol. 1 chapter 13): a 512-byte FXSAVE image, a header, the upper halves of the YMM registers. With
 * x87, SSE and AVX the standard and the compacted layout put them at the same places.
 *
 * <pre>
 * 0     legacy region, MXCSR at 24
 * 512   XSTATE_BV: components that are here and not in their initial state
 * 520   XCOMP_BV: bit 63 compacted, with the components that have a place
 * 576   upper halves of YMM0 to YMM15 (of YMM0 to YMM7 outside 64-bit mode)
 * </pre>
 */
public final class XsaveArea {
    public static final int SIZE = 832, HEADER = 512, AVX = 576;
    public static final int X87_STATE = 1, SSE_STATE = 2, AVX_STATE = 4, ALL = 7;
    private static final int MXCSR_MASK = 0xFFFF;

    private XsaveArea() { }

    private static boolean is64(int cpu) {
        return (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0;
    }

    private static int registers(int cpu) {
        return is64(cpu) ? 16 : 8;
    }

    /** XINUSE: components that are not in their initial state. */
    public static int inUse(int cpu) {
        long x87 = Memory.get32(cpu + CpuState.FCW) ^ 0x37F | Memory.get32(cpu + CpuState.FSW) | Memory.get32(cpu + CpuState.FTW)
            | Memory.get32(cpu + CpuState.FOP) | Memory.get64(cpu + CpuState.FPU_IP) | Memory.get64(cpu + CpuState.FPU_DP);
        for (int i = 0; i < 8; i++) {
            x87 |= Memory.get64(cpu + CpuState.ST + i * 16) | Memory.get16(cpu + CpuState.ST + i * 16 + 8);
        }
        long sse = 0, avx = 0;
        for (int i = 0; i < registers(cpu); i++) {
            int r = cpu + CpuState.XMM + i * 32;
            sse |= Memory.get64(r) | Memory.get64(r + 8);
            avx |= Memory.get64(r + 16) | Memory.get64(r + 24);
        }
        return (x87 != 0 ? X87_STATE : 0) | (sse != 0 ? SSE_STATE : 0) | (avx != 0 ? AVX_STATE : 0);
    }

    /** For XSAVEC and XGETBV, SSE is in use also when MXCSR does not have its initial value. */
    private static int inUseWithMxcsr(int cpu) {
        return inUse(cpu) | (Memory.get32(cpu + CpuState.MXCSR) != 0x1F80 ? SSE_STATE : 0);
    }

    /** The whole area with all components as XSAVE writes it, to linear memory (a signal frame's). */
    public static void save(int cpu, int to) {
        Memory.fill(to, SIZE, 0);
        FxState.save(cpu, to, is64(cpu));
        saveUpper(cpu, to + AVX);
        Memory.put64(to + HEADER, inUse(cpu) & ALL);
    }

    /**
     * Loads the wanted components of an area; one that is wanted and not in the area gets its initial state. False, with
     * nothing changed, when the header or MXCSR is invalid (XRSTOR raises #GP then).
     */
    public static boolean restore(int cpu, int from, int wanted) {
        return restore(cpu, from, wanted, is64(cpu));
    }

    private static boolean restore(int cpu, int from, int wanted, boolean hasWidePointers) {
        long present = Memory.get64(from + HEADER), compacted = Memory.get64(from + HEADER + 8);
        boolean isCompact = compacted < 0;
        long reserved = 0;
        for (int i = 16; i < 64; i += 8) {
            reserved |= Memory.get64(from + HEADER + i);
        }
        if ((present & ~ALL) != 0 || reserved != 0 || (isCompact ? (compacted & ~(Long.MIN_VALUE | ALL)) != 0 || (present & ~compacted) != 0 : compacted != 0)) {
            return false;
        }
        int bits = (int) present;
        // MXCSR belongs to SSE and AVX, in the compacted form to SSE alone, which when absent gives the initial value.
        boolean isMxcsrWanted = (wanted & (isCompact ? SSE_STATE : SSE_STATE | AVX_STATE)) != 0;
        int mxcsr = isMxcsrWanted && (!isCompact || (bits & SSE_STATE) != 0) ? Memory.get32(from + 24) : 0x1F80;
        if ((mxcsr & ~MXCSR_MASK) != 0) {
            return false;
        }
        if ((wanted & X87_STATE) != 0) {
            if ((bits & X87_STATE) != 0) {
                FxState.restoreX87(cpu, from, hasWidePointers);
            } else {
                initX87(cpu);
            }
        }
        if (isMxcsrWanted) {
            Memory.put32(cpu + CpuState.MXCSR, mxcsr);
        }
        for (int i = 0; i < registers(cpu); i++) {
            int r = cpu + CpuState.XMM + i * 32;
            if ((wanted & SSE_STATE) != 0) {
                put(r, (bits & SSE_STATE) != 0, from + 160 + i * 16);
            }
            if ((wanted & AVX_STATE) != 0) {
                put(r + 16, (bits & AVX_STATE) != 0, from + AVX + i * 16);
            }
        }
        return true;
    }

    private static void put(int to, boolean isPresent, int from) {
        Memory.put64(to, isPresent ? Memory.get64(from) : 0);
        Memory.put64(to + 8, isPresent ? Memory.get64(from + 8) : 0);
    }

    private static void initX87(int cpu) {
        Memory.put32(cpu + CpuState.FCW, 0x37F);
        Memory.put32(cpu + CpuState.FSW, 0);
        Memory.put32(cpu + CpuState.FTW, 0);
        Memory.put32(cpu + CpuState.FOP, 0);
        Memory.put64(cpu + CpuState.FPU_IP, 0);
        Memory.put64(cpu + CpuState.FPU_DP, 0);
        Memory.put32(cpu + CpuState.FPU_CS, 0);
        Memory.put32(cpu + CpuState.FPU_DS, 0);
        Memory.fill(cpu + CpuState.ST, 128, 0);
    }

    private static void saveUpper(int cpu, int to) {
        for (int i = 0; i < registers(cpu); i++) {
            Memory.copy(cpu + CpuState.XMM + i * 32 + 16, to + i * 16, 16);
        }
    }

    // Instructions, at guest addresses

    private static int requested(int cpu) {
        return Memory.get32(cpu) & Machines.cpu(cpu).model().xcr0();
    }

    private static void checkAligned(int cpu, long a) {
        if ((a & 63) != 0) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
    }

    /** XSAVE: every requested component, whether in use or not; XSTATE_BV keeps the bits that were not asked for. */
    public static void xsave(int cpu, long a, int hasWidePointers) {
        checkAligned(cpu, a);
        int wanted = requested(cpu);
        checkWritable(cpu, a, wanted);
        long old = Mmu.read64(cpu, a + HEADER);
        write(cpu, a, wanted, wanted, true, hasWidePointers);
        writeHeader(cpu, a, old & ~(long) wanted | wanted & inUse(cpu));
    }

    /** XSAVEOPT: only what is in use is written. */
    public static void xsaveopt(int cpu, long a, int hasWidePointers) {
        checkAligned(cpu, a);
        int wanted = requested(cpu), used = wanted & inUse(cpu);
        checkWritable(cpu, a, wanted);
        long old = Mmu.read64(cpu, a + HEADER);
        write(cpu, a, wanted, used, true, hasWidePointers);
        writeHeader(cpu, a, old & ~(long) wanted | used);
    }

    /** XSAVEC: the compacted form, only what is in use. */
    public static void xsavec(int cpu, long a, int hasWidePointers) {
        checkAligned(cpu, a);
        int wanted = requested(cpu), used = wanted & inUseWithMxcsr(cpu);
        checkWritable(cpu, a, wanted);
        write(cpu, a, wanted, used, false, hasWidePointers);
        writeHeader(cpu, a, used);
        Mmu.write64(cpu, a + HEADER + 8, wanted | Long.MIN_VALUE);
    }

    private static void checkWritable(int cpu, long a, int wanted) {
        Mmu.checkWritable(cpu, a, (wanted & AVX_STATE) != 0 ? AVX + registers(cpu) * 16 : HEADER + 64);
    }

    /** Components to the area. standard: MXCSR belongs to AVX too. */
    private static void write(int cpu, long a, int wanted, int used, boolean isStandard, int hasWidePointers) {
        int image = cpu + CpuState.SCRATCH;
        FxState.save(cpu, image, is64(cpu), hasWidePointers != 0);
        if ((used & X87_STATE) != 0) {
            Mmu.store(cpu, a, image, 24, 0);
            Mmu.store(cpu, a + 32, image + 32, 128, 0);
        }
        if ((wanted & (isStandard ? SSE_STATE | AVX_STATE : SSE_STATE)) != 0 && (isStandard || (used & SSE_STATE) != 0)) {
            Mmu.store(cpu, a + 24, image + 24, 8, 0);
        }
        if ((used & SSE_STATE) != 0) {
            Mmu.store(cpu, a + 160, image + 160, registers(cpu) * 16, 0);
        }
        if ((used & AVX_STATE) != 0) {
            saveUpper(cpu, image);
            Mmu.store(cpu, a + AVX, image, registers(cpu) * 16, 0);
        }
    }

    private static void writeHeader(int cpu, long a, long components) {
        Mmu.write64(cpu, a + HEADER, components);
    }

    public static void xrstor(int cpu, long a, int hasWidePointers) {
        checkAligned(cpu, a);
        int wanted = requested(cpu);
        int image = cpu + CpuState.SCRATCH;
        int size = (wanted & AVX_STATE) != 0 ? AVX + registers(cpu) * 16 : HEADER + 64;
        for (int i = 0; i < size; i += 8) {
            Memory.put64(image + i, Mmu.read64(cpu, a + i));
        }
        if (!restore(cpu, image, wanted, hasWidePointers != 0)) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
    }

    /** XGETBV: XCR0, or with ECX = 1 what of it is in use. */
    public static void xgetbv(int cpu) {
        int xcr0 = Machines.cpu(cpu).model().xcr0();
        int index = Memory.get32(cpu + 8);
        if (index != 0 && index != 1) {
            throw CpuFault.of(cpu, CpuFault.GP);
        }
        Memory.put64(cpu, index == 0 ? xcr0 : xcr0 & inUseWithMxcsr(cpu));
        Memory.put64(cpu + 16, 0);
    }
}
