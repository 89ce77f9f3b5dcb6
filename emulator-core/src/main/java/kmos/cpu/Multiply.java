// SPDX-License-Identifier: Apache-2.0
package kmos.cpu;

/** The upper half of a 64 x 64 bit product. */
public final class Multiply {
    private Multiply() { }

    public static long highUnsigned(int cpu, long a, long b) {
        return highUnsigned(a, b);
    }

    public static long highSigned(int cpu, long a, long b) {
        return highUnsigned(a, b) - (a >> 63 & b) - (b >> 63 & a);
    }

    /** Four 32-bit products (TeaVM has no Math.multiplyHigh). */
    public static long highUnsigned(long a, long b) {
        long a0 = a & 0xFFFFFFFFL, a1 = a >>> 32, b0 = b & 0xFFFFFFFFL, b1 = b >>> 32;
        long low = a0 * b0;
        long mid = a1 * b0 + (low >>> 32);
        long mid2 = a0 * b1 + (mid & 0xFFFFFFFFL);
        return a1 * b1 + (mid >>> 32) + (mid2 >>> 32);
    }
}
