// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;

/** ROUNDPS and friends. imm: bits 1-0 rounding, bit 2 rounding as in MXCSR instead, bit 3 no PE. */
public final class SseRound {
    private SseRound() { }

    private static FloatUnit begin(int cpu, int imm) {
        FloatUnit u = SseControl.begin(cpu);
        if ((imm & 4) == 0) {
            u.rounding = imm & 3;
        }
        return u;
    }

    private static void finish(int cpu, FloatUnit u, int imm) {
        if ((imm & 8) != 0) {
            u.flags &= ~Mxcsr.PE;
        }
        SseControl.finish(cpu, u);
    }

    private static void round(FloatUnit u) {
        if (u.b.isNan()) {
            u.flags |= u.b.kind == FloatUnit.SIGNALLING ? Mxcsr.IE : 0;
            u.nan(u.b);
        } else {
            u.roundToInteger();
        }
    }

    private static int round32(FloatUnit u, int x, boolean daz) {
        FloatUnit.unpack32(u.b, x, daz);
        round(u);
        return u.pack32();
    }

    private static long round64(FloatUnit u, long x, boolean daz) {
        FloatUnit.unpack64(u.b, x, daz);
        round(u);
        return u.pack64();
    }

    public static void roundss(int cpu, int d, int s, int imm) {
        FloatUnit u = begin(cpu, imm);
        int r = round32(u, Memory.get32(s), SseControl.isDaz(cpu));
        finish(cpu, u, imm);
        Memory.put32(d, r);
    }

    public static void roundsd(int cpu, int d, int s, int imm) {
        FloatUnit u = begin(cpu, imm);
        long r = round64(u, Memory.get64(s), SseControl.isDaz(cpu));
        finish(cpu, u, imm);
        Memory.put64(d, r);
    }

    public static void roundps(int cpu, int d, int s, int imm) {
        FloatUnit u = begin(cpu, imm);
        boolean daz = SseControl.isDaz(cpu);
        int r0 = round32(u, Memory.get32(s), daz), r1 = round32(u, Memory.get32(s + 4), daz);
        int r2 = round32(u, Memory.get32(s + 8), daz), r3 = round32(u, Memory.get32(s + 12), daz);
        finish(cpu, u, imm);
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
    }

    public static void roundpd(int cpu, int d, int s, int imm) {
        FloatUnit u = begin(cpu, imm);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = round64(u, Memory.get64(s), daz), r1 = round64(u, Memory.get64(s + 8), daz);
        finish(cpu, u, imm);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }
}
