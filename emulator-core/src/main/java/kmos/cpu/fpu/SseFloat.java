// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.base.Memory;
import kmos.cpu.CpuState;
import kmos.cpu.Flags;

/**
 * SSE and SSE2 floating point. Operands are addresses in linear memory: d destination and first source, s second source.
 * A host operation is used when rounding is to nearest, PE is set already and neither operands nor result can raise another
 * flag; all else goes through {@link FloatUnit}. An unmasked exception raises #XM before the destination changes.
 */
public final class SseFloat {
    static final int ADD = 0, SUB = 1, MUL = 2, DIV = 3, MIN = 4, MAX = 5, SQRT = 6;
    /** MXCSR as most programs have it after their first inexact result: to nearest, PE set and masked, no FTZ, no DAZ. */
    private static final int FAST_MASK = Mxcsr.ROUNDING | Mxcsr.FTZ | Mxcsr.DAZ | Mxcsr.PE | 0x1000, FAST = Mxcsr.PE | 0x1000;

    private SseFloat() { }

    static boolean isFast(int cpu) {
        return (Memory.get32(cpu + CpuState.MXCSR) & FAST_MASK) == FAST;
    }

    /** Zero or a normal number. */
    static boolean isPlain(long bits) {
        int e = (int) (bits >>> 52) & 0x7FF;
        return e != 0 ? e != 0x7FF : bits << 1 == 0;
    }

    private static boolean isPlain(int bits) {
        int e = bits >>> 23 & 0xFF;
        return e != 0 ? e != 0xFF : bits << 1 == 0;
    }

    /** Far enough from overflow and underflow that only PE can have been raised. */
    private static boolean isSafeResult(long bits) {
        int e = (int) (bits >>> 52) & 0x7FF;
        return e > 1 && e != 0x7FF;
    }

    static boolean isSafeResult(int bits) {
        int e = bits >>> 23 & 0xFF;
        return e > 1 && e != 0xFF;
    }

    // Software path

    static long binary64(FloatUnit u, int op, long x, long y, boolean daz) {
        FloatUnit.unpack64(u.a, x, daz);
        FloatUnit.unpack64(u.b, y, daz);
        if (op == SQRT) {
            u.a.set(u.b);
        }
        if (u.a.isNan() || u.b.isNan()) {
            if (op == MIN || op == MAX) {
                u.flags |= Mxcsr.IE;
                return u.b.kind == FloatUnit.ZERO ? y & Long.MIN_VALUE : y;
            }
            if (u.a.kind == FloatUnit.SIGNALLING || u.b.kind == FloatUnit.SIGNALLING) {
                u.flags |= Mxcsr.IE;
            }
            return (op != SQRT && u.a.isNan() ? x : y) | 1L << 51;
        }
        int before = u.flags;
        u.flags = 0;
        operate(u, op);
        if (op == MIN || op == MAX) {
            int c = u.compare();
            boolean takesFirst = op == MIN ? c < 0 : c > 0;
            // With DAZ a denormal operand that wins is still a zero.
            FloatUnit.Operand won = takesFirst ? u.a : u.b;
            denormal(u, before);
            return won.kind == FloatUnit.ZERO ? (won.sign ? Long.MIN_VALUE : 0) : takesFirst ? x : y;
        }
        denormal(u, before);
        return u.pack64();
    }

    /** A denormal operand sets DE unless the operation was invalid or a division by zero. */
    private static void denormal(FloatUnit u, int before) {
        if ((u.a.isDenormal || u.b.isDenormal) && (u.flags & (Mxcsr.IE | Mxcsr.ZE)) == 0) {
            u.flags |= Mxcsr.DE;
        }
        u.flags |= before;
    }

    private static void operate(FloatUnit u, int op) {
        switch (op) {
            case ADD: u.add(); break;
            case SUB: u.subtract(); break;
            case MUL: u.multiply(); break;
            case DIV: u.divide(); break;
            case SQRT: u.squareRoot(); break;
            default: break;
        }
    }

    static int binary32(FloatUnit u, int op, int x, int y, boolean daz) {
        FloatUnit.unpack32(u.a, x, daz);
        FloatUnit.unpack32(u.b, y, daz);
        if (op == SQRT) {
            u.a.set(u.b);
        }
        if (u.a.isNan() || u.b.isNan()) {
            if (op == MIN || op == MAX) {
                u.flags |= Mxcsr.IE;
                return u.b.kind == FloatUnit.ZERO ? y & 0x80000000 : y;
            }
            if (u.a.kind == FloatUnit.SIGNALLING || u.b.kind == FloatUnit.SIGNALLING) {
                u.flags |= Mxcsr.IE;
            }
            return (op != SQRT && u.a.isNan() ? x : y) | 1 << 22;
        }
        int before = u.flags;
        u.flags = 0;
        operate(u, op);
        if (op == MIN || op == MAX) {
            int c = u.compare();
            boolean takesFirst = op == MIN ? c < 0 : c > 0;
            FloatUnit.Operand won = takesFirst ? u.a : u.b;
            denormal(u, before);
            return won.kind == FloatUnit.ZERO ? (won.sign ? 0x80000000 : 0) : takesFirst ? x : y;
        }
        denormal(u, before);
        return u.pack32();
    }

    /** The smaller or larger of two plain numbers raises no flag; of equal ones (zeroes) it is the second. */
    private static boolean takesFirst(int op, double x, double y) {
        return op == MIN ? x < y : x > y;
    }

    private static void scalar64(int cpu, int op, int d, int s) {
        if (op == MIN || op == MAX) {
            long a = Memory.get64(d), b = Memory.get64(s);
            if (isPlain(a) && isPlain(b)) {
                Memory.put64(d, takesFirst(op, Double.longBitsToDouble(a), Double.longBitsToDouble(b)) ? a : b);
                return;
            }
        }
        FloatUnit u = SseControl.begin(cpu);
        long r = binary64(u, op, Memory.get64(d), Memory.get64(s), SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put64(d, r);
    }

    private static void scalar32(int cpu, int op, int d, int s) {
        if (op == MIN || op == MAX) {
            int a = Memory.get32(d), b = Memory.get32(s);
            if (isPlain(a) && isPlain(b)) {
                Memory.put32(d, takesFirst(op, Float.intBitsToFloat(a), Float.intBitsToFloat(b)) ? a : b);
                return;
            }
        }
        FloatUnit u = SseControl.begin(cpu);
        int r = binary32(u, op, Memory.get32(d), Memory.get32(s), SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put32(d, r);
    }

    private static void packed64(int cpu, int op, int d, int s) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        long r0 = binary64(u, op, Memory.get64(d), Memory.get64(s), daz);
        long r1 = binary64(u, op, Memory.get64(d + 8), Memory.get64(s + 8), daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0);
        Memory.put64(d + 8, r1);
    }

    private static void packed32(int cpu, int op, int d, int s) {
        if (op <= DIV && isPackedFast(cpu, op, d, s)) {
            return;
        }
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int r0 = binary32(u, op, Memory.get32(d), Memory.get32(s), daz);
        int r1 = binary32(u, op, Memory.get32(d + 4), Memory.get32(s + 4), daz);
        int r2 = binary32(u, op, Memory.get32(d + 8), Memory.get32(s + 8), daz);
        int r3 = binary32(u, op, Memory.get32(d + 12), Memory.get32(s + 12), daz);
        SseControl.finish(cpu, u);
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
    }

    /** One lane with the host's arithmetic, or 0 (never a safe result) where that might not give what the processor gives. */
    private static int hostLane(int op, int a, int b) {
        float x = Float.intBitsToFloat(a), y = Float.intBitsToFloat(b);
        int r = Float.floatToRawIntBits(op == ADD ? x + y : op == SUB ? x - y : op == MUL ? x * y : x / y);
        return isSafeResult(r) && isPlain(a) && isPlain(b) ? r : 0;
    }

    private static boolean isPackedFast(int cpu, int op, int d, int s) {
        if (!isFast(cpu)) {
            return false;
        }
        int r0 = hostLane(op, Memory.get32(d), Memory.get32(s)), r1 = hostLane(op, Memory.get32(d + 4), Memory.get32(s + 4));
        int r2 = hostLane(op, Memory.get32(d + 8), Memory.get32(s + 8)), r3 = hostLane(op, Memory.get32(d + 12), Memory.get32(s + 12));
        if (r0 == 0 || r1 == 0 || r2 == 0 || r3 == 0) {
            return false;
        }
        Memory.put32(d, r0);
        Memory.put32(d + 4, r1);
        Memory.put32(d + 8, r2);
        Memory.put32(d + 12, r3);
        return true;
    }

    public static void addsd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x + y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put64(d, r);
                return;
            }
        }
        scalar64(cpu, ADD, d, s);
    }

    public static void addss(int cpu, int d, int s) {
        if (isFast(cpu)) {
            int a = Memory.get32(d), b = Memory.get32(s);
            float x = Float.intBitsToFloat(a), y = Float.intBitsToFloat(b);
            int r = Float.floatToRawIntBits(x + y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put32(d, r);
                return;
            }
        }
        scalar32(cpu, ADD, d, s);
    }

    public static void addpd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s), a1 = Memory.get64(d + 8), b1 = Memory.get64(s + 8);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x + y);
            x = Double.longBitsToDouble(a1);
            y = Double.longBitsToDouble(b1);
            long r1 = Double.doubleToRawLongBits(x + y);
            if (isSafeResult(r) && isSafeResult(r1) && isPlain(a) && isPlain(b) && isPlain(a1) && isPlain(b1)) {
                Memory.put64(d, r);
                Memory.put64(d + 8, r1);
                return;
            }
        }
        packed64(cpu, ADD, d, s);
    }

    public static void addps(int cpu, int d, int s) {
        packed32(cpu, ADD, d, s);
    }

    public static void subsd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x - y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put64(d, r);
                return;
            }
        }
        scalar64(cpu, SUB, d, s);
    }

    public static void subss(int cpu, int d, int s) {
        if (isFast(cpu)) {
            int a = Memory.get32(d), b = Memory.get32(s);
            float x = Float.intBitsToFloat(a), y = Float.intBitsToFloat(b);
            int r = Float.floatToRawIntBits(x - y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put32(d, r);
                return;
            }
        }
        scalar32(cpu, SUB, d, s);
    }

    public static void subpd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s), a1 = Memory.get64(d + 8), b1 = Memory.get64(s + 8);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x - y);
            x = Double.longBitsToDouble(a1);
            y = Double.longBitsToDouble(b1);
            long r1 = Double.doubleToRawLongBits(x - y);
            if (isSafeResult(r) && isSafeResult(r1) && isPlain(a) && isPlain(b) && isPlain(a1) && isPlain(b1)) {
                Memory.put64(d, r);
                Memory.put64(d + 8, r1);
                return;
            }
        }
        packed64(cpu, SUB, d, s);
    }

    public static void subps(int cpu, int d, int s) {
        packed32(cpu, SUB, d, s);
    }

    public static void mulsd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x * y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put64(d, r);
                return;
            }
        }
        scalar64(cpu, MUL, d, s);
    }

    public static void mulss(int cpu, int d, int s) {
        if (isFast(cpu)) {
            int a = Memory.get32(d), b = Memory.get32(s);
            float x = Float.intBitsToFloat(a), y = Float.intBitsToFloat(b);
            int r = Float.floatToRawIntBits(x * y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put32(d, r);
                return;
            }
        }
        scalar32(cpu, MUL, d, s);
    }

    public static void mulpd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s), a1 = Memory.get64(d + 8), b1 = Memory.get64(s + 8);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x * y);
            x = Double.longBitsToDouble(a1);
            y = Double.longBitsToDouble(b1);
            long r1 = Double.doubleToRawLongBits(x * y);
            if (isSafeResult(r) && isSafeResult(r1) && isPlain(a) && isPlain(b) && isPlain(a1) && isPlain(b1)) {
                Memory.put64(d, r);
                Memory.put64(d + 8, r1);
                return;
            }
        }
        packed64(cpu, MUL, d, s);
    }

    public static void mulps(int cpu, int d, int s) {
        packed32(cpu, MUL, d, s);
    }

    public static void divsd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x / y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put64(d, r);
                return;
            }
        }
        scalar64(cpu, DIV, d, s);
    }

    public static void divss(int cpu, int d, int s) {
        if (isFast(cpu)) {
            int a = Memory.get32(d), b = Memory.get32(s);
            float x = Float.intBitsToFloat(a), y = Float.intBitsToFloat(b);
            int r = Float.floatToRawIntBits(x / y);
            if (isSafeResult(r) && isPlain(a) && isPlain(b)) {
                Memory.put32(d, r);
                return;
            }
        }
        scalar32(cpu, DIV, d, s);
    }

    public static void divpd(int cpu, int d, int s) {
        if (isFast(cpu)) {
            long a = Memory.get64(d), b = Memory.get64(s), a1 = Memory.get64(d + 8), b1 = Memory.get64(s + 8);
            double x = Double.longBitsToDouble(a), y = Double.longBitsToDouble(b);
            long r = Double.doubleToRawLongBits(x / y);
            x = Double.longBitsToDouble(a1);
            y = Double.longBitsToDouble(b1);
            long r1 = Double.doubleToRawLongBits(x / y);
            if (isSafeResult(r) && isSafeResult(r1) && isPlain(a) && isPlain(b) && isPlain(a1) && isPlain(b1)) {
                Memory.put64(d, r);
                Memory.put64(d + 8, r1);
                return;
            }
        }
        packed64(cpu, DIV, d, s);
    }

    public static void divps(int cpu, int d, int s) {
        packed32(cpu, DIV, d, s);
    }

    public static void minsd(int cpu, int d, int s) {
        scalar64(cpu, MIN, d, s);
    }

    public static void minss(int cpu, int d, int s) {
        scalar32(cpu, MIN, d, s);
    }

    public static void minpd(int cpu, int d, int s) {
        packed64(cpu, MIN, d, s);
    }

    public static void minps(int cpu, int d, int s) {
        packed32(cpu, MIN, d, s);
    }

    public static void maxsd(int cpu, int d, int s) {
        scalar64(cpu, MAX, d, s);
    }

    public static void maxss(int cpu, int d, int s) {
        scalar32(cpu, MAX, d, s);
    }

    public static void maxpd(int cpu, int d, int s) {
        packed64(cpu, MAX, d, s);
    }

    public static void maxps(int cpu, int d, int s) {
        packed32(cpu, MAX, d, s);
    }

    public static void sqrtsd(int cpu, int d, int s) {
        long b = Memory.get64(s);
        if (b > 0 && isFast(cpu) && isPlain(b)) {
            Memory.put64(d, Double.doubleToRawLongBits(Math.sqrt(Double.longBitsToDouble(b))));
            return;
        }
        scalar64(cpu, SQRT, d, s);
    }

    public static void sqrtss(int cpu, int d, int s) {
        int b = Memory.get32(s);
        if (b > 0 && isFast(cpu) && isPlain(b)) {
            // Rounding the 53-bit root once more gives the 24-bit one: 53 is at least 2 * 24 + 2.
            Memory.put32(d, Float.floatToRawIntBits((float) Math.sqrt(Float.intBitsToFloat(b))));
            return;
        }
        scalar32(cpu, SQRT, d, s);
    }

    public static void sqrtpd(int cpu, int d, int s) {
        packed64(cpu, SQRT, d, s);
    }

    public static void sqrtps(int cpu, int d, int s) {
        packed32(cpu, SQRT, d, s);
    }

    // Approximations: within 1.5 * 2^-12; computed exactly and rounded, the same on every host

    private static int reciprocal(int b, boolean ofRoot) {
        int sign = b & 0x80000000;
        int e = b >>> 23 & 0xFF;
        if (e == 0xFF) {
            return (b & 0x7FFFFF) != 0 ? b | 1 << 22 : ofRoot && sign != 0 ? 0xFFC00000 : sign;
        }
        if (e == 0) {
            return sign | 0x7F800000;
        }
        if (ofRoot && sign != 0) {
            return 0xFFC00000;
        }
        double x = Float.intBitsToFloat(b);
        double r = ofRoot ? 1.0 / Math.sqrt(x) : 1.0 / x;
        // Results up to the smallest normal number become zero.
        return Math.abs(r) <= 0x1p-126 ? sign : Float.floatToRawIntBits((float) r);
    }

    public static void rcpss(int cpu, int d, int s) {
        Memory.put32(d, reciprocal(Memory.get32(s), false));
    }

    public static void rsqrtss(int cpu, int d, int s) {
        Memory.put32(d, reciprocal(Memory.get32(s), true));
    }

    public static void rcpps(int cpu, int d, int s) {
        for (int i = 0; i < 16; i += 4) {
            Memory.put32(d + i, reciprocal(Memory.get32(s + i), false));
        }
    }

    public static void rsqrtps(int cpu, int d, int s) {
        for (int i = 0; i < 16; i += 4) {
            Memory.put32(d + i, reciprocal(Memory.get32(s + i), true));
        }
    }

    // Comparisons

    /** Four bits a predicate: true when less, equal, greater, unordered (SDM vol. 2A table 3-1). */
    private static final long PREDICATES = 0xF4650B9A7CED8312L;

    /** c as FloatUnit.compare gives it. */
    private static boolean matches(int c, int predicate) {
        return (PREDICATES >>> (predicate & 15) * 4 + c + 1 & 1) != 0;
    }

    private static void compareFlags(FloatUnit u, boolean signalsQuiet) {
        boolean signalling = u.a.kind == FloatUnit.SIGNALLING || u.b.kind == FloatUnit.SIGNALLING;
        if (signalling || signalsQuiet && (u.a.isNan() || u.b.isNan())) {
            u.flags |= Mxcsr.IE;
        } else if (!u.a.isNan() && !u.b.isNan() && (u.a.isDenormal || u.b.isDenormal)) {
            u.flags |= Mxcsr.DE;
        }
    }

    /** Whether quiet NaNs raise IE too: 1 2 5 6 9 A D E, and the other half of those above 15. */
    private static boolean signals(int predicate) {
        return (predicate >>> 1 ^ predicate ^ predicate >>> 4) % 2 != 0;
    }

    /** Comparison of plain numbers, as FloatUnit.compare. */
    private static int order(double a, double b) {
        return a == b ? 0 : a < b ? -1 : 1;
    }

    private static boolean compare64(FloatUnit u, long x, long y, int predicate, boolean daz) {
        if (isPlain(x) && isPlain(y)) {
            return matches(order(Double.longBitsToDouble(x), Double.longBitsToDouble(y)), predicate);
        }
        FloatUnit.unpack64(u.a, x, daz);
        FloatUnit.unpack64(u.b, y, daz);
        compareFlags(u, signals(predicate));
        return matches(u.compare(), predicate);
    }

    private static boolean compare32(FloatUnit u, int x, int y, int predicate, boolean daz) {
        if (isPlain(x) && isPlain(y)) {
            return matches(order(Float.intBitsToFloat(x), Float.intBitsToFloat(y)), predicate);
        }
        FloatUnit.unpack32(u.a, x, daz);
        FloatUnit.unpack32(u.b, y, daz);
        compareFlags(u, signals(predicate));
        return matches(u.compare(), predicate);
    }

    public static void cmpsd(int cpu, int d, int s, int predicate) {
        FloatUnit u = SseControl.begin(cpu);
        boolean r = compare64(u, Memory.get64(d), Memory.get64(s), predicate, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put64(d, r ? -1 : 0);
    }

    public static void cmpss(int cpu, int d, int s, int predicate) {
        FloatUnit u = SseControl.begin(cpu);
        boolean r = compare32(u, Memory.get32(d), Memory.get32(s), predicate, SseControl.isDaz(cpu));
        SseControl.finish(cpu, u);
        Memory.put32(d, r ? -1 : 0);
    }

    public static void cmppd(int cpu, int d, int s, int predicate) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        boolean r0 = compare64(u, Memory.get64(d), Memory.get64(s), predicate, daz);
        boolean r1 = compare64(u, Memory.get64(d + 8), Memory.get64(s + 8), predicate, daz);
        SseControl.finish(cpu, u);
        Memory.put64(d, r0 ? -1 : 0);
        Memory.put64(d + 8, r1 ? -1 : 0);
    }

    public static void cmpps(int cpu, int d, int s, int predicate) {
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        int r = 0;
        for (int i = 0; i < 4; i++) {
            r |= compare32(u, Memory.get32(d + i * 4), Memory.get32(s + i * 4), predicate, daz) ? 1 << i : 0;
        }
        SseControl.finish(cpu, u);
        for (int i = 0; i < 4; i++) {
            Memory.put32(d + i * 4, (r >>> i & 1) != 0 ? -1 : 0);
        }
    }

    /** ZF, PF, CF: unordered 111, greater 000, less 001, equal 100; OF, SF, AF cleared. */
    private static void setFlags(int cpu, int c) {
        Flags.setArithmetic(cpu, c == 2 ? Flags.ZF | Flags.PF | Flags.CF : c == 0 ? Flags.ZF : c < 0 ? Flags.CF : 0);
    }

    private static void comi64(int cpu, int d, int s, boolean signalsQuiet) {
        long x = Memory.get64(d), y = Memory.get64(s);
        if (isPlain(x) && isPlain(y)) {
            setFlags(cpu, order(Double.longBitsToDouble(x), Double.longBitsToDouble(y)));
            return;
        }
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        FloatUnit.unpack64(u.a, x, daz);
        FloatUnit.unpack64(u.b, y, daz);
        compareFlags(u, signalsQuiet);
        SseControl.finish(cpu, u);
        setFlags(cpu, u.compare());
    }

    private static void comi32(int cpu, int d, int s, boolean signalsQuiet) {
        int x = Memory.get32(d), y = Memory.get32(s);
        if (isPlain(x) && isPlain(y)) {
            setFlags(cpu, order(Float.intBitsToFloat(x), Float.intBitsToFloat(y)));
            return;
        }
        FloatUnit u = SseControl.begin(cpu);
        boolean daz = SseControl.isDaz(cpu);
        FloatUnit.unpack32(u.a, x, daz);
        FloatUnit.unpack32(u.b, y, daz);
        compareFlags(u, signalsQuiet);
        SseControl.finish(cpu, u);
        setFlags(cpu, u.compare());
    }

    public static void comisd(int cpu, int d, int s) {
        comi64(cpu, d, s, true);
    }

    public static void ucomisd(int cpu, int d, int s) {
        comi64(cpu, d, s, false);
    }

    public static void comiss(int cpu, int d, int s) {
        comi32(cpu, d, s, true);
    }

    public static void ucomiss(int cpu, int d, int s) {
        comi32(cpu, d, s, false);
    }
}
