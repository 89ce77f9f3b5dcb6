// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuFault;
import kmos.cpu.CpuState;
import kmos.cpu.Machines;

/** MXCSR before and after an SSE operation in software. */
public final class SseControl {
    private SseControl() { }

    static FloatUnit begin(int cpu) {
        FloatUnit u = Machines.floats(cpu);
        int mxcsr = Memory.get32(cpu + CpuState.MXCSR);
        u.rounding = mxcsr >>> 13 & 3;
        u.isUnderflowMasked = (mxcsr & 0x800) != 0;
        u.isOverflowMasked = (mxcsr & 0x400) != 0;
        u.isFlushToZero = (mxcsr & Mxcsr.FTZ) != 0;
        u.wrapsExponent = false;
        u.flags = 0;
        return u;
    }

    /** Until endWide the exceptions of several operations are collected: they are the lanes of one instruction. */
    public static void beginWide(int cpu) {
        FloatUnit u = Machines.floats(cpu);
        u.isWide = true;
        u.wideFlags = 0;
    }

    public static void endWide(int cpu) {
        FloatUnit u = Machines.floats(cpu);
        u.isWide = false;
        u.flags = u.wideFlags;
        finish(cpu, u);
    }

    static boolean isDaz(int cpu) {
        return (Memory.get32(cpu + CpuState.MXCSR) & Mxcsr.DAZ) != 0;
    }

    /** Sets the flags; an unmasked one raises #XM. Unmasked IE, DE and ZE keep the later ones from being looked at. */
    static void finish(int cpu, FloatUnit u) {
        if (u.isWide) {
            u.wideFlags |= u.flags;
            return;
        }
        int mxcsr = Memory.get32(cpu + CpuState.MXCSR);
        int flags = u.flags;
        int unmasked = flags & ~(mxcsr >>> 7) & Mxcsr.FLAGS;
        if ((unmasked & (Mxcsr.IE | Mxcsr.DE | Mxcsr.ZE)) != 0) {
            flags &= Mxcsr.IE | Mxcsr.DE | Mxcsr.ZE;
        }
        Memory.put32(cpu + CpuState.MXCSR, mxcsr | flags);
        if (unmasked != 0) {
            throw CpuFault.of(cpu, CpuFault.XM);
        }
    }
}
