// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;

/**
 * Fused multiply-add: d destination and first source, v second, s third, in linear memory. How: bits 2-0 which of the six
 * (FMADD, FMSUB, FNMADD, FNMSUB, FMADDSUB, FMSUBADD), bits 4-3 which sources are multiplied (132, 213, 231).
 */
public final class Fma {
    private static final int ADD_SUB = 4, SUB_ADD = 5;

    private Fma() { }

    private static boolean negatesProduct(int how) {
        return (how & 7) == 2 || (how & 7) == 3;
    }

    private static boolean negatesAddend(int how, int lane) {
        switch (how & 7) {
            case ADD_SUB: return (lane & 1) == 0;
            case SUB_ADD: return (lane & 1) != 0;
            default: return (how & 1) != 0;
        }
    }

    private static boolean hasNan(FloatUnit u) {
        return u.a.isNan() || u.b.isNan() || u.c.isNan();
    }

    private static void nanFlags(FloatUnit u) {
        if (u.a.kind == FloatUnit.SIGNALLING || u.b.kind == FloatUnit.SIGNALLING || u.c.kind == FloatUnit.SIGNALLING) {
            u.flags |= Mxcsr.IE;
        }
    }

    private static void compute(FloatUnit u, int how, int lane) {
        int before = u.flags;
        u.flags = 0;
        u.multiplyAdd(negatesProduct(how), negatesAddend(how, lane));
        if ((u.a.isDenormal || u.b.isDenormal || u.c.isDenormal) && (u.flags & Mxcsr.IE) == 0) {
            u.flags |= Mxcsr.DE;
        }
        u.flags |= before;
    }

    private static int single(FloatUnit u, int d, int v, int s, int how, int lane, boolean daz) {
        int order = how >>> 3;
        int first = Memory.get32(order == 0 ? d : v), second = Memory.get32(order == 1 ? d : s), third = Memory.get32(order == 0 ? v : order == 1 ? s : d);
        FloatUnit.unpack32(u.a, first, daz);
        FloatUnit.unpack32(u.b, second, daz);
        FloatUnit.unpack32(u.c, third, daz);
        if (hasNan(u)) {
            nanFlags(u);
            return (u.a.isNan() ? first : u.b.isNan() ? second : third) | 1 << 22;
        }
        compute(u, how, lane);
        return u.pack32();
    }

    private static long twice(FloatUnit u, int d, int v, int s, int how, int lane, boolean daz) {
        int order = how >>> 3;
        long first = Memory.get64(order == 0 ? d : v), second = Memory.get64(order == 1 ? d : s), third = Memory.get64(order == 0 ? v : order == 1 ? s : d);
        FloatUnit.unpack64(u.a, first, daz);
        FloatUnit.unpack64(u.b, second, daz);
        FloatUnit.unpack64(u.c, third, daz);
        if (hasNan(u)) {
            nanFlags(u);
            return (u.a.isNan() ? first : u.b.isNan() ? second : third) | 1L << 51;
        }
        compute(u, how, lane);
        return u.pack64();
    }

    public static void ss(int cpu, int d, int v, int s, int how) {
        FloatUnit u = SseControl.begin(cpu);
        int r = single(u, d, v, s, how, 0, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put32(d, r);
    }

    public static void sd(int cpu, int d, int v, int s, int how) {
        FloatUnit u = SseControl.begin(cpu);
        long r = twice(u, d, v, s, how, 0, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put64(d, r);
    }

    public static void ps(int cpu, int d, int v, int s, int how) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int r0 = single(u, d, v, s, how, 0, daz), r1 = single(u, d + 4, v + 4, s + 4, how, 1, daz);
        int r2 = single(u, d + 8, v + 8, s + 8, how, 2, daz), r3 = single(u, d + 12, v + 12, s + 12, how, 3, daz);
        SseControl.finish(cpu, u);
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
    }

    public static void pd(int cpu, int d, int v, int s, int how) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = twice(u, d, v, s, how, 0, daz), r1 = twice(u, d + 8, v + 8, s + 8, how, 1, daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }
}
