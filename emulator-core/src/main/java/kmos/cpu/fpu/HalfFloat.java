// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;

/** F16C: conversions between half and single precision, four elements at a time; DAZ does not touch halves, nor FTZ. */
public final class HalfFloat {
    private HalfFloat() { }

    private static void copy(FloatUnit u) {
        if (u.b.isNan()) {
            u.flags |= u.b.kind == FloatUnit.SIGNALLING ? Mxcsr.IE : 0;
            u.nan(u.b);
        } else {
            u.copyB();
        }
    }

    private static int widen(FloatUnit u, long halves, int i) {
        FloatUnit.unpack16(u.b, (int) (halves >>> i * 16) & 0xFFFF);
        copy(u);
        return u.pack32();
    }

    /** From the first eight bytes of s. */
    public static void cvtph2ps(int cpu, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        long h = Memory.get64(s);
        int r0 = widen(u, h, 0), r1 = widen(u, h, 1), r2 = widen(u, h, 2), r3 = widen(u, h, 3);
        SseControl.finish(cpu, u);
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
    }

    private static long narrow(FloatUnit u, int x, boolean daz) {
        FloatUnit.unpack32(u.b, x, daz);
        u.flags |= u.b.isDenormal ? Mxcsr.DE : 0;
        copy(u);
        return u.pack16();
    }

    /** To eight bytes at d, the next eight are cleared. imm: bits 1-0 rounding, bit 2 as in MXCSR instead. */
    public static void cvtps2ph(int cpu, int d, int s, int imm) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        u.isFlushToZero = false;
        if ((imm & 4) == 0) {
            u.rounding = imm & 3;
        }
        long r = narrow(u, Memory.get32(s), daz) | narrow(u, Memory.get32(s + 4), daz) << 16
            | narrow(u, Memory.get32(s + 8), daz) << 32 | narrow(u, Memory.get32(s + 12), daz) << 48;
        SseControl.finish(cpu, u);
        Memory.put64(d, r);
        Memory.put64(d + 8, 0);
    }
}
