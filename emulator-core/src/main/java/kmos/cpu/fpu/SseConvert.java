// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;

/** Conversions of SSE and SSE2 between floating-point formats and integers. d destination, s source, in linear memory. */
public final class SseConvert {
    private SseConvert() { }

    private static boolean isInexactMasked(int cpu) {
        // To nearest, PE set and masked, no DAZ: rounding needs no further look.
        return (Memory.get32(cpu + CpuState.MXCSR) & (Mxcsr.ROUNDING | Mxcsr.DAZ | Mxcsr.PE | 0x1000)) == (Mxcsr.PE | 0x1000);
    }

    // Integer to floating point

    public static void cvtsi2sd32(int cpu, int d, int v) {
        Memory.put64(d, Double.doubleToRawLongBits(v));
    }

    public static void cvtsi2sd64(int cpu, int d, long v) {
        FloatUnit u = SseControl.begin(cpu);
        u.fromLong(v);
        long r = u.pack64();
        SseControl.finish(cpu, u);
        Memory.put64(d, r);
    }

    public static void cvtsi2ss32(int cpu, int d, int v) {
        if (SseFloat.isFast(cpu)) {
            Memory.put32(d, Float.floatToRawIntBits(v));
            return;
        }
        cvtsi2ss64(cpu, d, v);
    }

    public static void cvtsi2ss64(int cpu, int d, long v) {
        FloatUnit u = SseControl.begin(cpu);
        u.fromLong(v);
        int r = u.pack32();
        SseControl.finish(cpu, u);
        Memory.put32(d, r);
    }

    public static void cvtdq2pd(int cpu, int d, int s) {
        int low = Memory.get32(s), high = Memory.get32(s + 4);
        Memory.put64(d, Double.doubleToRawLongBits(low));
        Memory.put64(d + 8, Double.doubleToRawLongBits(high));
    }

    public static void cvtdq2ps(int cpu, int d, int s) {
        convertInts(cpu, d, s, 4);
    }

    /** From an MMX register: two lanes. */
    public static void cvtpi2ps(int cpu, int d, int s) {
        convertInts(cpu, d, s, 2);
    }

    public static void cvtpi2pd(int cpu, int d, int s) {
        cvtdq2pd(cpu, d, s);
    }

    private static void convertInts(int cpu, int d, int s, int lanes) {
        if (SseFloat.isFast(cpu)) {
            for (int i = 0; i < lanes; i++) {
                Memory.put32(d + i * 4, Float.floatToRawIntBits(Memory.get32(s + i * 4)));
            }
            return;
        }
        FloatUnit u = SseControl.begin(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        for (int i = 0; i < lanes; i++) {
            u.fromLong(Memory.get32(s + i * 4));
            Memory.put32(scratch + i * 4, u.pack32());
        }
        SseControl.finish(cpu, u);
        Memory.copy(scratch, d, lanes * 4);
    }

    // Floating point to integer

    private static long double2int(FloatUnit u, long x, int bits, boolean truncates, boolean daz) {
        FloatUnit.unpack64(u.b, x, daz);
        return u.toInteger(bits, truncates);
    }

    private static long float2int(FloatUnit u, int x, int bits, boolean truncates, boolean daz) {
        FloatUnit.unpack32(u.b, x, daz);
        return u.toInteger(bits, truncates);
    }

    private static long scalarDouble(int cpu, int s, int bits, boolean truncates) {
        long x = Memory.get64(s);
        if (truncates && isInexactMasked(cpu)) {
            double v = Double.longBitsToDouble(x);
            if (v > -2147483648.0 && v < 2147483648.0) {
                return (int) v;
            }
        }
        FloatUnit u = SseControl.begin(cpu);
        long r = double2int(u, x, bits, truncates, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        return r;
    }

    private static long scalarFloat(int cpu, int s, int bits, boolean truncates) {
        if (truncates && isInexactMasked(cpu)) {
            float v = Float.intBitsToFloat(Memory.get32(s));
            if (v > -2147483648.0f && v < 2147483648.0f) {
                return (int) v;
            }
        }
        FloatUnit u = SseControl.begin(cpu);
        long r = float2int(u, Memory.get32(s), bits, truncates, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        return r;
    }

    public static int cvtsd2si32(int cpu, int s) {
        return (int) scalarDouble(cpu, s, 32, false);
    }

    public static long cvtsd2si64(int cpu, int s) {
        return scalarDouble(cpu, s, 64, false);
    }

    public static int cvttsd2si32(int cpu, int s) {
        return (int) scalarDouble(cpu, s, 32, true);
    }

    public static long cvttsd2si64(int cpu, int s) {
        return scalarDouble(cpu, s, 64, true);
    }

    public static int cvtss2si32(int cpu, int s) {
        return (int) scalarFloat(cpu, s, 32, false);
    }

    public static long cvtss2si64(int cpu, int s) {
        return scalarFloat(cpu, s, 64, false);
    }

    public static int cvttss2si32(int cpu, int s) {
        return (int) scalarFloat(cpu, s, 32, true);
    }

    public static long cvttss2si64(int cpu, int s) {
        return scalarFloat(cpu, s, 64, true);
    }

    private static void floats2ints(int cpu, int d, int s, int lanes, boolean truncates) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int scratch = cpu + CpuState.SCRATCH;
        for (int i = 0; i < lanes; i++) {
            Memory.put32(scratch + i * 4, (int) float2int(u, Memory.get32(s + i * 4), 32, truncates, daz));
        }
        SseControl.finish(cpu, u);
        Memory.copy(scratch, d, lanes * 4);
    }

    /** The upper half of an XMM destination is cleared; count 8 leaves it (MMX). */
    private static void doubles2ints(int cpu, int d, int s, int count, boolean truncates) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long low = double2int(u, Memory.get64(s), 32, truncates, daz) & 0xFFFFFFFFL;
        long high = double2int(u, Memory.get64(s + 8), 32, truncates, daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, low | high << 32);
        if (count == 16) {
            Memory.put64(d + 8, 0);
        }
    }

    public static void cvtps2dq(int cpu, int d, int s) {
        floats2ints(cpu, d, s, 4, false);
    }

    public static void cvttps2dq(int cpu, int d, int s) {
        floats2ints(cpu, d, s, 4, true);
    }

    public static void cvtps2pi(int cpu, int d, int s) {
        floats2ints(cpu, d, s, 2, false);
    }

    public static void cvttps2pi(int cpu, int d, int s) {
        floats2ints(cpu, d, s, 2, true);
    }

    public static void cvtpd2dq(int cpu, int d, int s) {
        doubles2ints(cpu, d, s, 16, false);
    }

    public static void cvttpd2dq(int cpu, int d, int s) {
        doubles2ints(cpu, d, s, 16, true);
    }

    public static void cvtpd2pi(int cpu, int d, int s) {
        doubles2ints(cpu, d, s, 8, false);
    }

    public static void cvttpd2pi(int cpu, int d, int s) {
        doubles2ints(cpu, d, s, 8, true);
    }

    // Between formats

    private static void copy(FloatUnit u) {
        if (u.b.isNan()) {
            if (u.b.kind == FloatUnit.SIGNALLING) {
                u.flags |= Mxcsr.IE;
            }
            u.nan(u.b);
            return;
        }
        if (u.b.isDenormal) {
            u.flags |= Mxcsr.DE;
        }
        u.copyB();
    }

    private static long widen(FloatUnit u, int x, boolean daz) {
        FloatUnit.unpack32(u.b, x, daz);
        copy(u);
        return u.pack64();
    }

    private static int narrow(FloatUnit u, long x, boolean daz) {
        FloatUnit.unpack64(u.b, x, daz);
        copy(u);
        return u.pack32();
    }

    public static void cvtss2sd(int cpu, int d, int s) {
        int x = Memory.get32(s);
        int e = x >>> 23 & 0xFF;
        if (e != 0 && e != 0xFF) {
            Memory.put64(d, Double.doubleToRawLongBits(Float.intBitsToFloat(x)));
            return;
        }
        FloatUnit u = SseControl.begin(cpu);
        long r = widen(u, x, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put64(d, r);
    }

    public static void cvtsd2ss(int cpu, int d, int s) {
        long x = Memory.get64(s);
        if (SseFloat.isFast(cpu) && SseFloat.isPlain(x)) {
            int r = Float.floatToRawIntBits((float) Double.longBitsToDouble(x));
            if (SseFloat.isSafeResult(r)) {
                Memory.put32(d, r);
                return;
            }
        }
        FloatUnit u = SseControl.begin(cpu);
        int r = narrow(u, x, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put32(d, r);
    }

    public static void cvtps2pd(int cpu, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = widen(u, Memory.get32(s), daz), r1 = widen(u, Memory.get32(s + 4), daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }

    public static void cvtpd2ps(int cpu, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = narrow(u, Memory.get64(s), daz) & 0xFFFFFFFFL, r1 = narrow(u, Memory.get64(s + 8), daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0 | r1 << 32);
        Memory.put64(d + 8, 0);
    }
}
