// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.jit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import java.util.Arrays;
import java.util.Random;
import kmos.cpu.fpu.FloatUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The x87 functions that modules bring along against {@link FloatUnit}: equal wherever they do not leave the operation to it, and they may leave only seldom. */
class FpuFunctionsTest {
    private static final int PAIRS = 200_000;
    private static final int PE = 32, SIGN = 0x8000, EXPONENT = 0x7FFF, BIAS = 0x3FFF;
    private static final int MASKED = 0x3F;

    private static Instance instance;

    @BeforeAll
    static void build() {
        instance = Instance.builder(Parser.parse(module())).build();
    }

    /** A module that exports each function under its name. */
    static byte[] module() {
        int[] pair = {Wasm.I64, Wasm.I32}, pairs = {Wasm.I64, Wasm.I32, Wasm.I64, Wasm.I32};
        int[][] parameters = {pairs, pair, pairs}, results = {pair, pair, {Wasm.I32}};
        ByteWriter types = new ByteWriter().u32(3);
        for (int i = 0; i < 3; i++) {
            values(types.u8(0x60), parameters[i]);
            values(types, results[i]);
        }
        ByteWriter functions = new ByteWriter().u32(FpuFunctions.COUNT), exports = new ByteWriter().u32(FpuFunctions.COUNT), code = new ByteWriter().u32(FpuFunctions.COUNT);
        for (int i = 0; i < FpuFunctions.COUNT; i++) {
            functions.u32(FpuFunctions.type(i) - ModuleWriter.ARITHMETIC_TYPE);
            exports.name(FpuFunctions.name(i)).u8(0).u32(i);
            ByteWriter body = FpuFunctions.body(i, 0);
            code.u32(body.size()).append(body);
        }
        ByteWriter m = new ByteWriter().u8(0).u8('a').u8('s').u8('m').u8(1).u8(0).u8(0).u8(0);
        ByteWriter[] sections = {types, functions, exports, code};
        int[] ids = {1, 3, 7, 10};
        for (int i = 0; i < ids.length; i++) {
            m.u8(ids[i]).u32(sections[i].size()).append(sections[i]);
        }
        return Arrays.copyOf(m.bytes(), m.size());
    }

    private static void values(ByteWriter out, int[] types) {
        out.u32(types.length);
        for (int t : types) {
            out.u8(t);
        }
    }

    private static final class Numbers {
        private final Random random;

        Numbers(long seed) {
            random = new Random(seed);
        }

        /** Mostly normal; significands with long runs of equal bits are as likely as others. */
        long significand() {
            long any = random.nextLong();
            switch (random.nextInt(6)) {
                case 0: return Long.MIN_VALUE;
                case 1: return -1L << random.nextInt(64);
                case 2: return Long.MIN_VALUE | -1L >>> 1 + random.nextInt(63);
                case 3: return Long.MIN_VALUE | 1L << random.nextInt(64);
                default: return Long.MIN_VALUE | any;
            }
        }

        int exponent(int near) {
            int e = random.nextInt(8) == 0 ? random.nextInt(EXPONENT + 1) : near + random.nextInt(141) - 70;
            return Math.min(Math.max(e, 0), EXPONENT) | (random.nextBoolean() ? SIGN : 0);
        }

        boolean isSpecial() {
            return random.nextInt(16) == 0;
        }

        /** A zero, or anything at all, whatever it means. */
        long[] special() {
            return random.nextInt(3) > 0 ? new long[] {0, random.nextBoolean() ? SIGN : 0} : new long[] {random.nextLong(), random.nextInt(0x10000)};
        }

        long[] number(int near) {
            return isSpecial() ? special() : new long[] {significand(), exponent(near)};
        }
    }

    private static FloatUnit unit() {
        FloatUnit u = new FloatUnit();
        u.rounding = FloatUnit.NEAREST;
        u.isUnderflowMasked = true;
        u.isOverflowMasked = true;
        u.wrapsExponent = true;
        return u;
    }

    private static boolean isKnown(long[] v) {
        int e = (int) v[1] & EXPONENT;
        return v[0] == 0 && e == 0 || v[0] < 0 && e != 0 && e != EXPONENT;
    }

    private static long[] call(int function, long... arguments) {
        return instance.export(FpuFunctions.name(function)).apply(arguments);
    }

    private static String text(long[]... v) {
        StringBuilder s = new StringBuilder();
        for (long[] x : v) {
            s.append(String.format("%04x:%016x ", x[1], x[0]));
        }
        return s.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {FpuFunctions.ADD, FpuFunctions.MULTIPLY, FpuFunctions.SQUARE, FpuFunctions.DIVIDE})
    void arithmetic(int function) {
        Numbers numbers = new Numbers(20261130 + function);
        boolean isSquare = function == FpuFunctions.SQUARE;
        int done = 0;
        for (int i = 0; i < PAIRS; i++) {
            long[] a = numbers.number(BIAS), b = isSquare ? a : i % 7 == 0 ? new long[] {a[0], a[1] ^ (i & 1) << 15} : numbers.number((int) a[1] & EXPONENT);
            // Callers need not clear what lies above the sign.
            long garbage = (i & 0x7FFFL) << 16;
            long[] r = isSquare ? call(function, a[0], a[1] | garbage) : call(function, a[0], a[1] | garbage, b[0], b[1] | garbage);
            int second = (int) r[1];
            if (!isKnown(a) || !isKnown(b)) {
                assertTrue(second < 0, text(a, b));
            }
            if (second < 0) {
                continue;
            }
            done++;
            FloatUnit u = unit();
            FloatUnit.unpack80(u.a, a[0], (int) a[1]);
            FloatUnit.unpack80(u.b, b[0], (int) b[1]);
            if (function == FpuFunctions.ADD) {
                u.add();
            } else if (isSquare || function == FpuFunctions.MULTIPLY) {
                u.multiply();
            } else {
                u.divide();
            }
            int se = u.pack80(64);
            int flags = (u.flags & PE) != 0 ? FpuStack.INEXACT | (u.isRoundedUp ? FpuStack.ROUNDED_UP : 0) : 0;
            assertEquals(0, u.flags & MASKED & ~PE, text(a, b));
            assertEquals(text(new long[] {u.high, se | flags}), text(new long[] {r[0], second & 0xFFFFFFFFL}), text(a, b));
        }
        assertTrue(done > PAIRS * 7 / 10, done + " of " + PAIRS);
    }

    @ParameterizedTest
    @ValueSource(ints = {FpuFunctions.TO_DOUBLE, FpuFunctions.TO_SINGLE})
    void conversions(int function) {
        Numbers numbers = new Numbers(20261201 + function);
        int done = 0;
        for (int i = 0; i < PAIRS; i++) {
            long[] a = numbers.number(BIAS);
            long[] r = call(function, a[0], a[1] | (i & 0x7FFFL) << 16);
            int second = (int) r[1];
            if (!isKnown(a)) {
                assertTrue(second < 0, text(a));
            }
            if (second < 0) {
                continue;
            }
            done++;
            FloatUnit u = unit();
            u.wrapsExponent = false;
            FloatUnit.unpack80(u.b, a[0], (int) a[1]);
            u.copyB();
            long expected = function == FpuFunctions.TO_DOUBLE ? u.pack64() : u.pack32() & 0xFFFFFFFFL;
            int flags = (u.flags & PE) != 0 ? FpuStack.INEXACT | (u.isRoundedUp ? FpuStack.ROUNDED_UP : 0) : 0;
            assertEquals(0, u.flags & MASKED & ~PE, text(a));
            assertEquals(text(new long[] {expected, flags}), text(new long[] {r[0], second}), text(a));
        }
        assertTrue(done > PAIRS * 7 / 10, done + " of " + PAIRS);
    }

    @Test
    void comparison() {
        Numbers numbers = new Numbers(20261202);
        for (int i = 0; i < PAIRS; i++) {
            long[] a = numbers.number(BIAS), b = i % 5 == 0 ? new long[] {a[0], a[1] ^ (i & 1) << 15} : numbers.number((int) a[1] & EXPONENT);
            int r = (int) call(FpuFunctions.COMPARE, a[0], a[1] | (i & 0x7FFFL) << 16, b[0], b[1] | (i & 0x7FFFL) << 16)[0];
            int expected = 2;
            if (isKnown(a) && isKnown(b)) {
                FloatUnit u = unit();
                FloatUnit.unpack80(u.a, a[0], (int) a[1]);
                FloatUnit.unpack80(u.b, b[0], (int) b[1]);
                expected = Integer.signum(u.compare());
            }
            assertEquals(expected, r, text(a, b));
        }
    }
}
