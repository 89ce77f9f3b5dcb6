// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import java.math.BigInteger;

/**
 * A number m * 2^e with up to 192 significant bits, truncated: enough to round 64-bit results well. Slow and exact enough
 * for transcendental functions, and the same on every host.
 */
final class BigFloat {
    private static final int PRECISION = 192;

    static final BigFloat ZERO = new BigFloat(BigInteger.ZERO, 0), ONE = of(1);

    private final BigInteger m;
    private final int e;

    private BigFloat(BigInteger m, int e) {
        int excess = m.bitLength() - PRECISION;
        if (excess > 0) {
            this.m = m.shiftRight(excess);
            this.e = e + excess;
        } else {
            this.m = m;
            this.e = m.signum() == 0 ? 0 : e;
        }
    }

    static BigFloat of(long v) {
        return new BigFloat(BigInteger.valueOf(v), 0);
    }

    /** A hexadecimal integer times 2^exponent. */
    static BigFloat of(String hex, int exponent) {
        return new BigFloat(new BigInteger(hex, 16), exponent);
    }

    static BigFloat of(FloatUnit.Operand o) {
        BigInteger v = BigInteger.valueOf(o.significand >>> 1).shiftLeft(1).add(BigInteger.valueOf(o.significand & 1));
        return new BigFloat(o.sign ? v.negate() : v, o.exponent - 63);
    }

    int signum() {
        return m.signum();
    }

    BigFloat negate() {
        return new BigFloat(m.negate(), e);
    }

    BigFloat abs() {
        return signum() < 0 ? negate() : this;
    }

    BigFloat add(BigFloat o) {
        if (m.signum() == 0) {
            return o;
        }
        if (o.m.signum() == 0) {
            return this;
        }
        // Far apart: the smaller one is below what is kept.
        if (magnitude() - o.magnitude() > 2 * PRECISION) {
            return this;
        }
        if (o.magnitude() - magnitude() > 2 * PRECISION) {
            return o;
        }
        int low = Math.min(e, o.e);
        return new BigFloat(m.shiftLeft(e - low).add(o.m.shiftLeft(o.e - low)), low);
    }

    BigFloat subtract(BigFloat o) {
        return add(o.negate());
    }

    BigFloat multiply(BigFloat o) {
        return new BigFloat(m.multiply(o.m), e + o.e);
    }

    BigFloat divide(BigFloat o) {
        int shift = Math.max(0, PRECISION + 2 + o.m.bitLength() - m.bitLength());
        return new BigFloat(m.shiftLeft(shift).divide(o.m), e - shift - o.e);
    }

    BigFloat divide(long v) {
        return divide(of(v));
    }

    BigFloat scale(int power) {
        return new BigFloat(m, e + power);
    }

    /** Exponent of the top bit. */
    int magnitude() {
        return m.bitLength() + e;
    }

    int compareTo(BigFloat o) {
        return subtract(o).signum();
    }

    /** The nearest integer, halves up. Only for values of moderate size. */
    BigInteger toNearestInteger() {
        BigInteger twice = e + 1 >= 0 ? m.shiftLeft(e + 1) : m.shiftRight(-e - 1);
        return twice.add(BigInteger.ONE).shiftRight(1);
    }

    /** Exact remainder this - n * o, for a reduction by a constant of few bits. */
    BigFloat minusMultiple(BigInteger n, BigFloat o) {
        BigInteger product = n.multiply(o.m);
        int low = Math.min(e, o.e);
        return new BigFloat(m.shiftLeft(e - low).subtract(product.shiftLeft(o.e - low)), low);
    }

    /** Into a FloatUnit's result, with sticky bits. */
    void to(FloatUnit u) {
        if (m.signum() == 0) {
            u.kind = FloatUnit.ZERO;
            u.sign = false;
            u.high = 0;
            u.low = 0;
            return;
        }
        BigInteger a = m.abs();
        int shift = 128 - a.bitLength();
        BigInteger n = shift >= 0 ? a.shiftLeft(shift) : a.shiftRight(-shift);
        u.kind = FloatUnit.FINITE;
        u.sign = m.signum() < 0;
        u.exponent = a.bitLength() + e - 1;
        u.high = n.shiftRight(64).longValue();
        // Results of series are never exact in 64 bits.
        u.low = n.longValue() | 1;
    }
}
