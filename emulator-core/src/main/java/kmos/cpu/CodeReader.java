// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

import kmos.base.Memory;

/** Reads guest code for the region compiler, without any effect that the guest could see. Flat code segments only. */
public final class CodeReader {
    private CodeReader() { }

    /** The instruction at pc, or null when it cannot be fetched without a fault or is not defined. */
    public static DecodedInstruction decode(int cpu, long pc) {
        int host = Mmu.probeCode(cpu, pc);
        if (host == 0) {
            return null;
        }
        int mode = Memory.get32(cpu + CpuState.MODE);
        Decoder d = Machines.cpu(cpu).decoder();
        int left = 0x1000 - (host & 0xFFF);
        int outcome = d.decode(host, left, mode);
        if (outcome == Decoder.NEEDS_MORE_BYTES) {
            if (!gather(cpu, pc, host)) {
                return null;
            }
            outcome = d.decode(cpu + CpuState.FETCH, 15, mode);
        }
        return outcome == Decoder.OK && d.formId() != IsaProperties.NONE ? d.copy(pc) : null;
    }

    /** Puts the 16 bytes from pc, at this linear memory address, into the fetch buffer; false when those on the next page cannot be fetched. */
    private static boolean gather(int cpu, long pc, int host) {
        int left = 0x1000 - (host & 0xFFF);
        long next = pc + left;
        int second = Mmu.probeCode(cpu, (Memory.get32(cpu + CpuState.MODE) & BlockCache.BITS64) != 0 ? next : next & 0xFFFFFFFFL);
        if (second != 0) {
            Memory.copy(host, cpu + CpuState.FETCH, left);
            Memory.copy(second, cpu + CpuState.FETCH + left, 16 - left);
        }
        return second != 0;
    }

    /** The same of an instruction on two pages; false when its bytes cannot be fetched. */
    static boolean gather(int cpu, long pc) {
        int host = Mmu.probeCode(cpu, pc);
        return host != 0 && gather(cpu, pc, host);
    }

    /** Whether a block at pc has been run by the interpreter. */
    public static boolean hasRun(int cpu, long pc) {
        int host = Mmu.probeCode(cpu, pc);
        return host != 0 && BlockCache.hasRun(cpu, pc, host);
    }

    /** Whether somebody wants to know of an instruction on a page: its code has to stay with the interpreter. */
    public static boolean isProbed(int cpu, long page) {
        return Machines.cpu(cpu).codeProbe().isOnPage(page);
    }

    /** Whether a call instruction seems to end right before pc. */
    public static boolean isReturnPoint(int cpu, long pc) {
        int host = Mmu.probeCode(cpu, pc);
        return host != 0 && ReturnPoint.isAt(host);
    }

    /** Linear memory address of data that can be read without effect, or 0. */
    public static int data(int cpu, long linear) {
        return Mmu.probeData(cpu, linear);
    }

    /** The same of data that cannot be written here. */
    public static int constant(int cpu, long linear) {
        return Mmu.isWritable(cpu, linear) ? 0 : Mmu.probeData(cpu, linear);
    }

    /** Frame number of such data, or -1. */
    public static int dataFrame(int cpu, long linear) {
        int host = data(cpu, linear);
        return host == 0 ? -1 : host - Memory.get32(cpu + CpuState.RAM) >>> 12;
    }

    /** Frame number of the code at pc, or -1 when it cannot be fetched without effect. */
    public static int frame(int cpu, long pc) {
        int host = Mmu.probeCode(cpu, pc);
        return host == 0 ? -1 : host - Memory.get32(cpu + CpuState.RAM) >>> 12;
    }
}
