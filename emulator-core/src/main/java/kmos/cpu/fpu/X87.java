// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.BlockCache;
import kmos.cpu.CpuFault;
import kmos.cpu.CpuState;
import kmos.cpu.Ea;
import kmos.cpu.Machines;

/**
 * The x87 register stack, control and status (SDM vol. 1 chapter 8). ST(i) is physical register (TOP + i) mod 8; FTW here has
 * bit i set when physical register i is not empty, as FXSAVE stores it.
 */
public final class X87 {
    static final int IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, SF = 0x40, ES = 0x80, C0 = 0x100, C1 = 0x200, C2 = 0x400, TOP = 0x3800, C3 = 0x4000, BUSY = 0x8000;

    private X87() { }

    static int fsw(int cpu) {
        return Memory.get32(cpu + CpuState.FSW);
    }

    static void setFsw(int cpu, int v) {
        Memory.put32(cpu + CpuState.FSW, v & 0xFFFF);
    }

    static int fcw(int cpu) {
        return Memory.get32(cpu + CpuState.FCW);
    }

    private static int physical(int cpu, int i) {
        return (fsw(cpu) >>> 11) + i & 7;
    }

    /** Linear address of ST(i). */
    static int st(int cpu, int i) {
        return cpu + CpuState.ST + physical(cpu, i) * 16;
    }

    static boolean isEmpty(int cpu, int i) {
        return (Memory.get32(cpu + CpuState.FTW) >>> physical(cpu, i) & 1) == 0;
    }

    private static void setValid(int cpu, int i) {
        Memory.put32(cpu + CpuState.FTW, Memory.get32(cpu + CpuState.FTW) | 1 << physical(cpu, i));
    }

    static void setEmpty(int cpu, int i) {
        Memory.put32(cpu + CpuState.FTW, Memory.get32(cpu + CpuState.FTW) & ~(1 << physical(cpu, i)));
    }

    static void put(int cpu, int i, long significand, int signExponent) {
        int at = st(cpu, i);
        Memory.put64(at, significand);
        Memory.put64(at + 8, signExponent);
        setValid(cpu, i);
    }

    static void moveTop(int cpu, int by) {
        int f = fsw(cpu);
        setFsw(cpu, f & ~TOP | (f + (by << 11)) & TOP);
    }

    public static void pop(int cpu) {
        setEmpty(cpu, 0);
        moveTop(cpu, 1);
    }

    /** Start of every waiting instruction: a pending unmasked exception raises #MF. */
    public static void begin(int cpu) {
        if ((fsw(cpu) & ES) != 0) {
            throw CpuFault.of(cpu, CpuFault.MF);
        }
    }

    /** FIP and FOP are those of the last instruction that was not for control, whether it raised anything or not. */
    public static void note(int cpu, int ip) {
        Memory.put64(cpu + CpuState.FPU_IP, BlockCache.addressOf(ip));
        Memory.put32(cpu + CpuState.FOP, Memory.get32(ip + 4));
        Memory.put32(cpu + CpuState.FPU_CS, Memory.get32(cpu + CpuState.SELECTOR + 4));
    }

    /** FDP is that of the last one with a memory operand. */
    public static void noteMemory(int cpu, int ip) {
        Memory.put64(cpu + CpuState.FPU_IP, BlockCache.addressOf(ip));
        Memory.put32(cpu + CpuState.FOP, Memory.get32(ip + 8));
        Memory.put32(cpu + CpuState.FPU_CS, Memory.get32(cpu + CpuState.SELECTOR + 4));
        Memory.put64(cpu + CpuState.FPU_DP, Ea.offset(cpu, ip));
        Memory.put32(cpu + CpuState.FPU_DS, Memory.get32(cpu + CpuState.SELECTOR + (Memory.get32(ip + 12) >>> 10 & 7) * 4));
    }

    /** What every instruction of the stack does that does not round up. */
    static void clearC1(int cpu) {
        setFsw(cpu, fsw(cpu) & ~C1);
    }

    /** The arithmetic unit set up from the control word, with no flags and C1 clear. */
    static FloatUnit unit(int cpu) {
        FloatUnit u = Machines.floats(cpu);
        int fcw = fcw(cpu);
        u.rounding = fcw >>> 10 & 3;
        u.isUnderflowMasked = (fcw & UE) != 0;
        u.isOverflowMasked = (fcw & OE) != 0;
        u.isFlushToZero = false;
        u.wrapsExponent = true;
        u.flags = 0;
        u.isRoundedUp = false;
        clearC1(cpu);
        return u;
    }

    /** Bits of precision that the control word asks for. */
    static int precision(int cpu) {
        int pc = fcw(cpu) >>> 8 & 3;
        return pc == 0 ? 24 : pc == 2 ? 53 : 64;
    }

    /** Sets exception flags; true when an unmasked one keeps the result from being stored (IE, DE, ZE). */
    static boolean raise(int cpu, int flags) {
        int f = fsw(cpu) | flags;
        int unmasked = flags & ~fcw(cpu) & 0x3F;
        if (unmasked != 0) {
            f |= ES | BUSY;
        }
        boolean isStopped = (unmasked & (IE | DE | ZE)) != 0;
        if (isStopped) {
            // Nothing was computed that could be inexact or too large.
            f = fsw(cpu) | flags & (IE | DE | ZE) | ES | BUSY;
        }
        setFsw(cpu, f);
        return isStopped;
    }

    /** Stack underflow: IE and SF with C1 clear. True when it is masked (then the answer is the default NaN). */
    static boolean underflow(int cpu) {
        setFsw(cpu, fsw(cpu) & ~C1 | SF);
        return !raise(cpu, IE);
    }

    static boolean overflow(int cpu) {
        setFsw(cpu, fsw(cpu) | C1 | SF);
        return !raise(cpu, IE);
    }

    /** Pushes a value, or on a full stack the default NaN if that exception is masked. */
    static void push(int cpu, long significand, int signExponent) {
        if (!isEmpty(cpu, 7)) {
            if (overflow(cpu)) {
                moveTop(cpu, -1);
                put(cpu, 0, 3L << 62, 0xFFFF);
            }
            return;
        }
        moveTop(cpu, -1);
        put(cpu, 0, significand, signExponent);
    }

    /** After rounding to a register: sets flags and C1, stores if allowed. Returns whether it was stored. */
    static boolean store(int cpu, FloatUnit u, int i, int precision) {
        int se = u.pack80(precision);
        if (raise(cpu, u.flags)) {
            return false;
        }
        roundedUp(cpu, u);
        put(cpu, i, u.high, se);
        return true;
    }

    static void roundedUp(int cpu, FloatUnit u) {
        if (u.isRoundedUp && (u.flags & PE) != 0) {
            setFsw(cpu, fsw(cpu) | C1);
        }
    }

    static void load(FloatUnit.Operand o, int at) {
        FloatUnit.unpack80(o, Memory.get64(at), Memory.get16(at + 8));
    }

    // Control instructions

    public static void fninit(int cpu) {
        Memory.put32(cpu + CpuState.FCW, 0x37F);
        setFsw(cpu, 0);
        Memory.put32(cpu + CpuState.FTW, 0);
        Memory.put32(cpu + CpuState.FOP, 0);
        Memory.put64(cpu + CpuState.FPU_IP, 0);
        Memory.put64(cpu + CpuState.FPU_DP, 0);
        Memory.put32(cpu + CpuState.FPU_CS, 0);
        Memory.put32(cpu + CpuState.FPU_DS, 0);
    }

    public static void fnclex(int cpu) {
        setFsw(cpu, fsw(cpu) & ~(0x7F | ES | BUSY));
    }

    private static void setControl(int cpu, int v) {
        Memory.put32(cpu + CpuState.FCW, v & 0x1F7F | 0x40);
        updateSummary(cpu);
    }

    /** ES and B follow from flags and masks. */
    private static void updateSummary(int cpu) {
        int f = fsw(cpu) & ~(ES | BUSY);
        setFsw(cpu, (f & ~fcw(cpu) & 0x3F) != 0 ? f | ES | BUSY : f);
    }

    public static void fldcw(int cpu, int v) {
        setControl(cpu, v);
    }

    public static int control(int cpu) {
        return fcw(cpu);
    }

    public static int status(int cpu) {
        return fsw(cpu);
    }

    public static void ffree(int cpu, int i) {
        setEmpty(cpu, i);
    }

    /** FFREEP, undocumented: FFREE, then pop. */
    public static void ffreep(int cpu, int i) {
        setEmpty(cpu, i);
        pop(cpu);
    }

    public static void fincstp(int cpu) {
        setFsw(cpu, fsw(cpu) & ~C1);
        moveTop(cpu, 1);
    }

    public static void fdecstp(int cpu) {
        setFsw(cpu, fsw(cpu) & ~C1);
        moveTop(cpu, -1);
    }

    /** Full two-bit tags of the environment: 0 valid, 1 zero, 2 special, 3 empty. */
    private static int fullTags(int cpu) {
        int tags = 0;
        int ftw = Memory.get32(cpu + CpuState.FTW);
        for (int p = 0; p < 8; p++) {
            int tag = 3;
            if ((ftw >>> p & 1) != 0) {
                long significand = Memory.get64(cpu + CpuState.ST + p * 16);
                int e = Memory.get16(cpu + CpuState.ST + p * 16 + 8) & 0x7FFF;
                tag = e == 0x7FFF || e != 0 && significand >= 0 || e == 0 && significand != 0 ? 2 : e == 0 ? 1 : 0;
            }
            tags |= tag << p * 2;
        }
        return tags;
    }

    /** The environment image in scratch memory: 14 bytes (16-bit) or 28. FNSTENV then masks all exceptions. */
    private static void environment(int cpu, int at, int bytes) {
        if (bytes == 14) {
            Memory.put16(at, fcw(cpu));
            Memory.put16(at + 2, fsw(cpu));
            Memory.put16(at + 4, fullTags(cpu));
            Memory.put16(at + 6, (int) Memory.get64(cpu + CpuState.FPU_IP));
            Memory.put16(at + 8, Memory.get32(cpu + CpuState.FPU_CS));
            Memory.put16(at + 10, (int) Memory.get64(cpu + CpuState.FPU_DP));
            Memory.put16(at + 12, Memory.get32(cpu + CpuState.FPU_DS));
            return;
        }
        Memory.put32(at, fcw(cpu) | 0xFFFF0000);
        Memory.put32(at + 4, fsw(cpu) | 0xFFFF0000);
        Memory.put32(at + 8, fullTags(cpu) | 0xFFFF0000);
        Memory.put32(at + 12, (int) Memory.get64(cpu + CpuState.FPU_IP));
        Memory.put32(at + 16, Memory.get32(cpu + CpuState.FOP) << 16 | Memory.get16(cpu + CpuState.FPU_CS));
        Memory.put32(at + 20, (int) Memory.get64(cpu + CpuState.FPU_DP));
        Memory.put32(at + 24, 0xFFFF0000 | Memory.get16(cpu + CpuState.FPU_DS));
    }

    public static void fnstenv(int cpu, int bytes) {
        environment(cpu, cpu + CpuState.SCRATCH, bytes);
    }

    /** Once the environment is stored: all exceptions masked. */
    public static void maskAll(int cpu) {
        setControl(cpu, fcw(cpu) | 0x3F);
    }

    public static void fnsave(int cpu, int bytes) {
        int at = cpu + CpuState.SCRATCH;
        environment(cpu, at, bytes);
        for (int i = 0; i < 8; i++) {
            Memory.copy(st(cpu, i), at + bytes + i * 10, 10);
        }
    }

    private static void loadEnvironment(int cpu, int at, int bytes) {
        int step = bytes == 14 ? 2 : 4;
        int tags = Memory.get16(at + 2 * step);
        Memory.put32(cpu + CpuState.FCW, Memory.get16(at) & 0x1F7F | 0x40);
        setFsw(cpu, Memory.get16(at + step));
        int ftw = 0;
        for (int p = 0; p < 8; p++) {
            ftw |= (tags >>> p * 2 & 3) != 3 ? 1 << p : 0;
        }
        Memory.put32(cpu + CpuState.FTW, ftw);
        boolean is16 = bytes == 14;
        Memory.put64(cpu + CpuState.FPU_IP, is16 ? Memory.get16(at + 6) : Memory.getUnsigned32(at + 12));
        Memory.put32(cpu + CpuState.FPU_CS, Memory.get16(at + (is16 ? 8 : 16)));
        Memory.put32(cpu + CpuState.FOP, is16 ? 0 : Memory.get16(at + 18) & 0x7FF);
        Memory.put64(cpu + CpuState.FPU_DP, is16 ? Memory.get16(at + 10) : Memory.getUnsigned32(at + 20));
        Memory.put32(cpu + CpuState.FPU_DS, Memory.get16(at + (is16 ? 12 : 24)));
        updateSummary(cpu);
    }

    public static void fldenv(int cpu, int at, int bytes) {
        loadEnvironment(cpu, at, bytes);
    }

    /** FRSTOR from a guest address. */
    public static void frstor(int cpu, long a, int bytes) {
        int at = cpu + CpuState.SCRATCH;
        for (int i = 0; i < bytes + 80; i += 2) {
            Memory.put16(at + i, kmos.cpu.Mmu.read16(cpu, a + i));
        }
        loadEnvironment(cpu, at, bytes);
        for (int i = 0; i < 8; i++) {
            int to = st(cpu, i);
            Memory.copy(at + bytes + i * 10, to, 10);
        }
    }
}
