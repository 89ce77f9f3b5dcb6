// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import java.math.BigInteger;

/**
 * FSIN FCOS FSINCOS FPTAN FPATAN F2XM1 FYL2X FYL2XP1: series with 192 bits, rounded once, so within 0.51 units in the last
 * place. Arguments of the trigonometric ones are reduced with the 66-bit pi that processors use (SDM vol. 1 §8.3.8).
 */
public final class X87Transcendental {
    private static final long INDEFINITE = 3L << 62;
    /** C90FDAA2 2168C234C * 2^-66 is the processor's pi; half of it. */
    private static final String PI_66 = "C90FDAA22168C234C";
    /** 200 bits of pi and of ln 2. */
    private static final String PI = "C90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74";
    private static final String LN2 = "B17217F7D1CF79ABC9E3B39803F2F6AF40F343267298B62D";

    private X87Transcendental() { }

    private static BigFloat pi() {
        return BigFloat.of(PI, -190);
    }

    private static BigFloat ln2() {
        return BigFloat.of(LN2, -192);
    }

    // Series

    /** sin and cos of |r| up to pi / 4. */
    private static BigFloat sine(BigFloat r) {
        return alternating(r, r, 2);
    }

    private static BigFloat cosine(BigFloat r) {
        return alternating(BigFloat.ONE, r, 1);
    }

    /** first - first r^2 / (k (k+1)) + ..., k from the given start in steps of 2. */
    private static BigFloat alternating(BigFloat first, BigFloat r, int start) {
        BigFloat square = r.multiply(r).negate();
        BigFloat sum = first, term = first;
        for (int k = start; term.signum() != 0 && term.magnitude() > sum.magnitude() - 150; k += 2) {
            term = term.multiply(square).divide((long) k * (k + 1));
            sum = sum.add(term);
        }
        return sum;
    }

    private static BigFloat expMinusOne(BigFloat y) {
        BigFloat sum = y, term = y;
        for (int k = 2; term.signum() != 0 && term.magnitude() > sum.magnitude() - 150; k++) {
            term = term.multiply(y).divide(k);
            sum = sum.add(term);
        }
        return sum;
    }

    /** z + z^3/3 + z^5/5 ..., with the signs alternating when square is negative. */
    private static BigFloat oddSeries(BigFloat z, BigFloat square) {
        BigFloat sum = z, power = z;
        for (int k = 3;; k += 2) {
            power = power.multiply(square);
            if (power.signum() == 0 || power.magnitude() < sum.magnitude() - 150) {
                return sum;
            }
            sum = sum.add(power.divide(k));
        }
    }

    private static BigFloat arcTangent(BigFloat t) {
        // Twice atan(t) = 2 atan(t / (1 + sqrt(1 + t^2))) would need a root; one step of pi/4 is enough.
        BigFloat quarter = BigFloat.of(3).divide(8);
        if (t.compareTo(quarter) > 0) {
            BigFloat z = t.subtract(BigFloat.ONE).divide(t.add(BigFloat.ONE));
            return pi().scale(-2).add(oddSeries(z, z.multiply(z).negate()));
        }
        return oddSeries(t, t.multiply(t).negate());
    }

    // Frames

    private static boolean top(int cpu, FloatUnit u) {
        if (X87.isEmpty(cpu, 0)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 0, INDEFINITE, 0xFFFF);
            }
            return false;
        }
        X87.load(u.b, X87.st(cpu, 0));
        return true;
    }

    private static boolean two(int cpu, FloatUnit u) {
        if (X87.isEmpty(cpu, 0) || X87.isEmpty(cpu, 1)) {
            if (X87.underflow(cpu)) {
                X87.put(cpu, 1, INDEFINITE, 0xFFFF);
                X87.pop(cpu);
            }
            return false;
        }
        X87.load(u.a, X87.st(cpu, 1));
        X87.load(u.b, X87.st(cpu, 0));
        return true;
    }

    private static void result(FloatUnit u, int kind, boolean sign) {
        u.kind = kind;
        u.sign = sign;
        u.high = kind == FloatUnit.ZERO ? 0 : Long.MIN_VALUE;
        u.low = 0;
        u.exponent = 0;
    }

    private static void invalid(FloatUnit u) {
        u.flags |= X87.IE;
        u.indefinite();
    }

    /** ST(1) = result, then pop. */
    private static void storePop(int cpu, FloatUnit u) {
        if (X87.store(cpu, u, 1, 64)) {
            X87.pop(cpu);
        }
    }

    // Trigonometry

    public static void fsin(int cpu) {
        trigonometric(cpu, 0);
    }

    public static void fcos(int cpu) {
        trigonometric(cpu, 1);
    }

    public static void fsincos(int cpu) {
        trigonometric(cpu, 2);
    }

    public static void fptan(int cpu) {
        trigonometric(cpu, 3);
    }

    private static void trigonometric(int cpu, int which) {
        FloatUnit u = X87.unit(cpu);
        X87.setFsw(cpu, X87.fsw(cpu) & ~X87.C2);
        if (!top(cpu, u)) {
            return;
        }
        boolean pushes = which >= 2;
        if (pushes && !X87.isEmpty(cpu, 7)) {
            X87.push(cpu, 0, 0);
            if ((X87.fcw(cpu) & X87.IE) != 0) {
                X87.put(cpu, 1, INDEFINITE, 0xFFFF);
            }
            return;
        }
        u.a.set(u.b);
        if (X87Arithmetic.specials(u) || u.b.kind == FloatUnit.INFINITE) {
            if (u.b.kind == FloatUnit.INFINITE) {
                invalid(u);
            }
            if (X87.store(cpu, u, 0, 64) && pushes) {
                int at = X87.st(cpu, 0);
                X87.push(cpu, kmos.base.Memory.get64(at), kmos.base.Memory.get16(at + 8));
            }
            return;
        }
        if (u.b.kind == FloatUnit.ZERO) {
            boolean sign = u.b.sign;
            if (which == 1) {
                X87.put(cpu, 0, Long.MIN_VALUE, 0x3FFF);
            } else if (pushes) {
                X87.push(cpu, Long.MIN_VALUE, 0x3FFF);
            } else {
                X87.put(cpu, 0, 0, sign ? 0x8000 : 0);
            }
            return;
        }
        if (u.b.exponent >= 63) {
            X87.setFsw(cpu, X87.fsw(cpu) | X87.C2);
            return;
        }
        if (u.b.isDenormal) {
            u.flags |= X87.DE;
        }
        BigFloat x = BigFloat.of(u.b);
        BigFloat halfPi = BigFloat.of(PI_66, -67);
        BigInteger n = x.magnitude() < -1 ? BigInteger.ZERO : x.divide(halfPi).toNearestInteger();
        BigFloat r = x.minusMultiple(n, halfPi);
        int quadrant = n.intValue() & 3;
        BigFloat s = sine(r), c = cosine(r);
        BigFloat sin = (quadrant & 1) == 0 ? s : c, cos = (quadrant & 1) == 0 ? c : s;
        if (quadrant >= 2) {
            sin = sin.negate();
        }
        if (quadrant == 1 || quadrant == 2) {
            cos = cos.negate();
        }
        (which == 1 ? cos : which == 3 ? sin.divide(cos) : sin).to(u);
        if (!X87.store(cpu, u, 0, 64) || !pushes) {
            return;
        }
        if (which == 3) {
            X87.push(cpu, Long.MIN_VALUE, 0x3FFF);
            return;
        }
        cos.to(u);
        u.flags = 0;
        int se = u.pack80(64);
        X87.raise(cpu, u.flags);
        X87.push(cpu, u.high, se);
    }

    /** FPATAN: the angle of (ST(0), ST(1)) = atan2(ST(1), ST(0)). */
    public static void fpatan(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!two(cpu, u)) {
            return;
        }
        if (!X87Arithmetic.specials(u)) {
            u.flags |= u.a.isDenormal || u.b.isDenormal ? X87.DE : 0;
            angle(u);
        }
        storePop(cpu, u);
    }

    private static void angle(FloatUnit u) {
        FloatUnit.Operand y = u.a, x = u.b;
        boolean sign = y.sign;
        BigFloat a;
        if (y.kind == FloatUnit.ZERO || x.kind == FloatUnit.INFINITE && y.kind != FloatUnit.INFINITE) {
            if (!x.sign) {
                result(u, FloatUnit.ZERO, sign);
                return;
            }
            a = pi();
        } else if (y.kind == FloatUnit.INFINITE && x.kind == FloatUnit.INFINITE) {
            a = x.sign ? pi().scale(-2).multiply(BigFloat.of(3)) : pi().scale(-2);
        } else if (y.kind == FloatUnit.INFINITE || x.kind == FloatUnit.ZERO) {
            a = pi().scale(-1);
        } else {
            BigFloat p = BigFloat.of(y).abs(), q = BigFloat.of(x).abs();
            if (p.compareTo(q) > 0) {
                a = pi().scale(-1).subtract(arcTangent(q.divide(p)));
            } else {
                a = arcTangent(p.divide(q));
            }
            if (x.sign) {
                a = pi().subtract(a);
            }
        }
        (sign ? a.negate() : a).to(u);
    }

    // Exponential and logarithm

    public static void f2xm1(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!top(cpu, u)) {
            return;
        }
        u.a.set(u.b);
        if (!X87Arithmetic.specials(u)) {
            u.flags |= u.b.isDenormal ? X87.DE : 0;
            if (u.b.kind == FloatUnit.INFINITE) {
                result(u, u.b.sign ? FloatUnit.FINITE : FloatUnit.INFINITE, u.b.sign);
            } else if (u.b.kind == FloatUnit.ZERO) {
                u.copyB();
            } else if (u.b.exponent >= 0) {
                // Defined for -1 to 1 only; 1 gives 1 and -1 gives -1/2, beyond that the operand stays.
                u.copyB();
                if (u.b.exponent == 0 && u.b.significand == Long.MIN_VALUE && u.b.sign) {
                    u.exponent = -1;
                }
            } else {
                expMinusOne(BigFloat.of(u.b).multiply(ln2())).to(u);
            }
        }
        X87.store(cpu, u, 0, 64);
    }

    /** ST(1) * log2(ST(0)). */
    public static void fyl2x(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!two(cpu, u)) {
            return;
        }
        if (!X87Arithmetic.specials(u)) {
            logarithm(u);
        }
        storePop(cpu, u);
    }

    private static void logarithm(FloatUnit u) {
        FloatUnit.Operand y = u.a, x = u.b;
        if (x.kind == FloatUnit.ZERO) {
            if (y.kind == FloatUnit.ZERO) {
                invalid(u);
            } else {
                u.flags |= y.kind == FloatUnit.INFINITE ? 0 : X87.ZE;
                result(u, FloatUnit.INFINITE, !y.sign);
            }
            return;
        }
        if (x.sign) {
            invalid(u);
            return;
        }
        u.flags |= x.isDenormal || y.isDenormal ? X87.DE : 0;
        if (x.kind == FloatUnit.INFINITE) {
            if (y.kind == FloatUnit.ZERO) {
                invalid(u);
            } else {
                result(u, FloatUnit.INFINITE, y.sign);
            }
            return;
        }
        boolean isOne = x.exponent == 0 && x.significand == Long.MIN_VALUE;
        boolean isBelowOne = x.exponent < 0;
        if (y.kind == FloatUnit.INFINITE) {
            if (isOne) {
                invalid(u);
            } else {
                result(u, FloatUnit.INFINITE, y.sign != isBelowOne);
            }
            return;
        }
        if (isOne || y.kind == FloatUnit.ZERO) {
            result(u, FloatUnit.ZERO, y.sign != isBelowOne);
            return;
        }
        if (x.significand == Long.MIN_VALUE) {
            // A power of two: an exact product.
            u.b.kind = FloatUnit.FINITE;
            int power = x.exponent;
            u.fromLong(power);
            u.b.sign = power < 0;
            u.b.exponent = u.exponent;
            u.b.significand = u.high;
            u.multiply();
            return;
        }
        int e = x.exponent;
        BigFloat m = BigFloat.of(x).abs().scale(0 - e);
        // m in [1, 2): into [0.707, 1.414)
        if (Long.compareUnsigned(x.significand, 0xB504F333F9DE6484L) > 0) {
            m = m.scale(-1);
            e++;
        }
        BigFloat z = m.subtract(BigFloat.ONE).divide(m.add(BigFloat.ONE));
        BigFloat log = oddSeries(z, z.multiply(z)).scale(1).divide(ln2()).add(BigFloat.of(e));
        log.multiply(BigFloat.of(y)).to(u);
    }

    /** ST(1) * log2(ST(0) + 1). */
    public static void fyl2xp1(int cpu) {
        FloatUnit u = X87.unit(cpu);
        if (!two(cpu, u)) {
            return;
        }
        if (!X87Arithmetic.specials(u)) {
            logarithmPlusOne(u);
        }
        storePop(cpu, u);
    }

    private static void logarithmPlusOne(FloatUnit u) {
        FloatUnit.Operand y = u.a, x = u.b;
        u.flags |= x.isDenormal || y.isDenormal ? X87.DE : 0;
        if (x.kind == FloatUnit.ZERO) {
            if (y.kind == FloatUnit.INFINITE) {
                invalid(u);
            } else {
                result(u, FloatUnit.ZERO, y.sign != x.sign);
            }
            return;
        }
        if (x.kind == FloatUnit.INFINITE) {
            if (x.sign || y.kind == FloatUnit.ZERO) {
                invalid(u);
            } else {
                result(u, FloatUnit.INFINITE, y.sign);
            }
            return;
        }
        if (y.kind == FloatUnit.INFINITE || y.kind == FloatUnit.ZERO) {
            result(u, y.kind, y.sign != x.sign);
            return;
        }
        BigFloat v = BigFloat.of(x);
        BigFloat sum = v.add(BigFloat.of(2));
        if (v.compareTo(BigFloat.of(-1)) <= 0) {
            // Outside the domain: the operand comes back, as the measured processor has it.
            u.copyB();
            u.flags |= X87.PE;
            return;
        }
        BigFloat z = v.divide(sum);
        oddSeries(z, z.multiply(z)).scale(1).divide(ln2()).multiply(BigFloat.of(y)).to(u);
    }
}
