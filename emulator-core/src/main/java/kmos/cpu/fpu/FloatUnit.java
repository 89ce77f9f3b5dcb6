// SPDX-License-Identifier: Apache-2.0
package kmos.cpu.fpu;

import kmos.cpu.Multiply;

/**
 * IEEE 754 arithmetic in integers, exact in result and flags for 32, 64 and 80-bit formats, as x86 does it (tininess after
 * rounding, SDM vol. 1 §4.8, §4.9). Operands are unpacked into slots a and b, an operation leaves an exact result with
 * sticky bits in r, and {@link #pack32}, {@link #pack64}, {@link #pack80} round it. One object per vCPU: scratch, not state.
 */
public final class FloatUnit {
    /** Operand classes. */
    public static final int ZERO = 0, FINITE = 1, INFINITE = 2, QUIET = 3, SIGNALLING = 4, UNSUPPORTED = 5;

    /** Rounding, as in MXCSR and the control word. */
    public static final int NEAREST = 0, DOWN = 1, UP = 2, TRUNCATE = 3;

    /** An unpacked operand: value = significand * 2^(exponent - 63), top bit of the significand set when FINITE. */
    public static final class Operand {
        public int kind;
        public boolean sign;
        public int exponent;
        public long significand;
        public boolean isDenormal;

        void set(Operand o) {
            kind = o.kind;
            sign = o.sign;
            exponent = o.exponent;
            significand = o.significand;
            isDenormal = o.isDenormal;
        }

        public boolean isNan() {
            return kind >= QUIET;
        }
    }

    public final Operand a = new Operand(), b = new Operand(), c = new Operand();

    // The result: as an operand, with 64 more bits below (the lowest is sticky)
    public int kind;
    public boolean sign;
    public int exponent;
    public long high;
    public long low;

    // Control, set by the caller before packing
    public int rounding;
    public boolean isUnderflowMasked;
    public boolean isOverflowMasked;
    public boolean isFlushToZero;
    /** x87: results in registers keep a wrapped exponent when overflow or underflow is not masked. */
    public boolean wrapsExponent;

    /** Exceptions raised since last cleared (Mxcsr places) and whether the last rounding went away from zero. */
    public int flags;
    public boolean isRoundedUp;

    /** See SseControl.beginWide. */
    boolean isWide;
    int wideFlags;

    /** An instruction was left by a fault: what it collected so far is void. */
    public void abandon() {
        isWide = false;
    }

    // Unpacking

    public static void unpack32(Operand o, int bits, boolean denormalsAreZero) {
        o.sign = bits < 0;
        int e = bits >>> 23 & 0xFF;
        long f = bits & 0x7FFFFFL;
        unpack(o, e, f << 40, 0xFF, 127, denormalsAreZero);
    }

    public static void unpack64(Operand o, long bits, boolean denormalsAreZero) {
        o.sign = bits < 0;
        int e = (int) (bits >>> 52) & 0x7FF;
        long f = bits & 0xFFFFFFFFFFFFFL;
        unpack(o, e, f << 11, 0x7FF, 1023, denormalsAreZero);
    }

    /** Half precision. */
    public static void unpack16(Operand o, int bits) {
        o.sign = (bits & 0x8000) != 0;
        unpack(o, bits >>> 10 & 0x1F, (long) (bits & 0x3FF) << 53, 0x1F, 15, false);
    }

    /** fraction: without the integer bit, which is bit 63. */
    private static void unpack(Operand o, int e, long fraction, int maximum, int bias, boolean denormalsAreZero) {
        o.isDenormal = false;
        if (e == maximum) {
            o.kind = fraction == 0 ? INFINITE : (fraction & 1L << 62) != 0 ? QUIET : SIGNALLING;
            o.significand = fraction | Long.MIN_VALUE;
            o.exponent = 0x4000;
        } else if (e == 0) {
            if (fraction == 0 || denormalsAreZero) {
                o.kind = ZERO;
                o.significand = 0;
                return;
            }
            o.kind = FINITE;
            o.isDenormal = true;
            int shift = Long.numberOfLeadingZeros(fraction);
            o.significand = fraction << shift;
            o.exponent = 1 - bias - shift;
        } else {
            o.kind = FINITE;
            o.significand = fraction | Long.MIN_VALUE;
            o.exponent = e - bias;
        }
    }

    /** 80-bit: significand with explicit integer bit, and sign with exponent. */
    public static void unpack80(Operand o, long significand, int signExponent) {
        o.sign = (signExponent & 0x8000) != 0;
        int e = signExponent & 0x7FFF;
        o.isDenormal = false;
        o.significand = significand;
        if (e == 0) {
            if (significand == 0) {
                o.kind = ZERO;
                return;
            }
            o.kind = FINITE;
            o.isDenormal = true;
            int shift = Long.numberOfLeadingZeros(significand);
            o.significand = significand << shift;
            o.exponent = -16382 - shift;
        } else if (significand >= 0) {
            o.kind = UNSUPPORTED;
        } else if (e == 0x7FFF) {
            o.kind = significand << 1 == 0 ? INFINITE : (significand & 1L << 62) != 0 ? QUIET : SIGNALLING;
        } else {
            o.kind = FINITE;
            o.exponent = e - 16383;
        }
    }

    // Arithmetic on a and b. NaNs have been dealt with by the caller, except that invalid operations give the default NaN.

    private void invalid() {
        flags |= Mxcsr.IE;
        defaultNan();
    }

    private void defaultNan() {
        kind = QUIET;
        sign = true;
        high = 3L << 62;
        low = 0;
    }

    /** r = a + b. */
    public void add() {
        addSigned(b.sign);
    }

    public void subtract() {
        addSigned(!b.sign);
    }

    private void addSigned(boolean bSign) {
        if (a.kind == INFINITE || b.kind == INFINITE) {
            if (a.kind == INFINITE && b.kind == INFINITE && a.sign != bSign) {
                invalid();
                return;
            }
            infinity(a.kind == INFINITE ? a.sign : bSign);
            return;
        }
        if (a.kind == ZERO || b.kind == ZERO) {
            if (a.kind == ZERO && b.kind == ZERO) {
                zero(a.sign == bSign ? a.sign : rounding == DOWN);
            } else {
                Operand o = a.kind == ZERO ? b : a;
                finite(a.kind == ZERO ? bSign : a.sign, o.exponent, o.significand, 0);
            }
            return;
        }
        boolean aIsLarger = a.exponent != b.exponent ? a.exponent > b.exponent : Long.compareUnsigned(a.significand, b.significand) >= 0;
        Operand x = aIsLarger ? a : b, y = aIsLarger ? b : a;
        boolean xSign = aIsLarger ? a.sign : bSign;
        int shift = x.exponent - y.exponent;
        long yHigh, yLow;
        if (shift == 0) {
            yHigh = y.significand;
            yLow = 0;
        } else if (shift < 64) {
            yHigh = y.significand >>> shift;
            yLow = y.significand << 64 - shift;
        } else if (shift < 127) {
            yHigh = 0;
            yLow = shift == 64 ? y.significand : y.significand >>> shift - 64 | (y.significand << 128 - shift != 0 ? 1 : 0);
        } else {
            yHigh = 0;
            yLow = 1;
        }
        if (a.sign == bSign) {
            long h = x.significand + yHigh;
            int e = x.exponent;
            if (Long.compareUnsigned(h, x.significand) < 0) {
                yLow = yLow >>> 1 | yLow & 1 | h << 63;
                h = h >>> 1 | Long.MIN_VALUE;
                e++;
            }
            finite(xSign, e, h, yLow);
        } else {
            long l = -yLow;
            long h = x.significand - yHigh - (yLow != 0 ? 1 : 0);
            if (h == 0 && l == 0) {
                zero(rounding == DOWN);
                return;
            }
            normalize(xSign, x.exponent, h, l);
        }
    }

    private void normalize(boolean s, int e, long h, long l) {
        if (h == 0) {
            h = l;
            l = 0;
            e -= 64;
        }
        int shift = Long.numberOfLeadingZeros(h);
        if (shift > 0) {
            h = h << shift | l >>> 64 - shift;
            l <<= shift;
        }
        finite(s, e - shift, h, l);
    }

    public void multiply() {
        boolean s = a.sign != b.sign;
        if (a.kind == INFINITE || b.kind == INFINITE) {
            if (a.kind == ZERO || b.kind == ZERO) {
                invalid();
            } else {
                infinity(s);
            }
            return;
        }
        if (a.kind == ZERO || b.kind == ZERO) {
            zero(s);
            return;
        }
        long h = Multiply.highUnsigned(a.significand, b.significand);
        long l = a.significand * b.significand;
        int e = a.exponent + b.exponent + 1;
        if (h >= 0) {
            h = h << 1 | l >>> 63;
            l <<= 1;
            e--;
        }
        finite(s, e, h, l);
    }

    /** r = a * b + c with one rounding; the signs of product and addend may be turned. */
    public void multiplyAdd(boolean negatesProduct, boolean negatesC) {
        boolean cSign = c.sign != negatesC;
        multiply();
        if (kind == QUIET) {
            return;
        }
        sign ^= negatesProduct;
        if (kind == INFINITE || c.kind == INFINITE) {
            if (kind == INFINITE && c.kind == INFINITE && sign != cSign) {
                invalid();
            } else {
                infinity(kind == INFINITE ? sign : cSign);
            }
        } else if (kind == ZERO) {
            if (c.kind == ZERO) {
                zero(sign == cSign ? sign : rounding == DOWN);
            } else {
                finite(cSign, c.exponent, c.significand, 0);
            }
        } else if (c.kind != ZERO) {
            addToProduct(cSign);
        }
    }

    /**
     * r (128 bits, exact) + c. The smaller one is shifted with a sticky bit: enough for 53 bits of result, because a
     * difference loses more than one leading bit only where nothing was shifted out.
     */
    private void addToProduct(boolean cSign) {
        boolean isProductLarger = exponent != c.exponent ? exponent > c.exponent : Long.compareUnsigned(high, c.significand) >= 0;
        long xHigh = isProductLarger ? high : c.significand, xLow = isProductLarger ? low : 0;
        boolean pSign = sign;
        int e = Math.max(exponent, c.exponent), shift = e - Math.min(exponent, c.exponent);
        high = isProductLarger ? c.significand : high;
        low = isProductLarger ? 0 : low;
        shiftRight(shift);
        boolean s = isProductLarger ? pSign : cSign;
        if (pSign == cSign) {
            long l = xLow + low;
            long carry = Long.compareUnsigned(l, xLow) < 0 ? 1 : 0;
            long h = xHigh + high + carry;
            boolean overflows = Long.compareUnsigned(h, xHigh) < 0 || carry != 0 && h == xHigh;
            if (overflows) {
                l = l >>> 1 | l & 1 | h << 63;
                h = h >>> 1 | Long.MIN_VALUE;
                e++;
            }
            finite(s, e, h, l);
            return;
        }
        long l = xLow - low;
        long h = xHigh - high - (Long.compareUnsigned(xLow, low) < 0 ? 1 : 0);
        if (h == 0 && l == 0) {
            zero(rounding == DOWN);
        } else {
            normalize(s, e, h, l);
        }
    }

    public void divide() {
        boolean s = a.sign != b.sign;
        if (a.kind == INFINITE) {
            if (b.kind == INFINITE) {
                invalid();
            } else {
                infinity(s);
            }
            return;
        }
        if (b.kind == INFINITE) {
            zero(s);
            return;
        }
        if (b.kind == ZERO) {
            if (a.kind == ZERO) {
                invalid();
            } else {
                flags |= Mxcsr.ZE;
                infinity(s);
            }
            return;
        }
        if (a.kind == ZERO) {
            zero(s);
            return;
        }
        // 64 quotient bits and a sticky one, by restoring division; both significands are normalized.
        long x = a.significand, d = b.significand;
        int e = a.exponent - b.exponent;
        boolean carry = false;
        if (Long.compareUnsigned(x, d) < 0) {
            e--;
            carry = x < 0;
            x <<= 1;
        }
        long q = 0;
        for (int i = 0; i < 64; i++) {
            q <<= 1;
            if (carry || Long.compareUnsigned(x, d) >= 0) {
                x -= d;
                q |= 1;
            }
            carry = x < 0;
            x <<= 1;
        }
        // The next quotient bit, then whether anything is left.
        long l = 0;
        if (carry || Long.compareUnsigned(x, d) >= 0) {
            x -= d;
            l = Long.MIN_VALUE;
        }
        finite(s, e, q, x != 0 ? l | 1 : l);
    }

    /** r = square root of b. */
    public void squareRoot() {
        if (b.kind == ZERO) {
            zero(b.sign);
            return;
        }
        if (b.sign) {
            invalid();
            return;
        }
        if (b.kind == INFINITE) {
            infinity(false);
            return;
        }
        // Digit by digit: the significand is read as pairs of bits, so the exponent must be even.
        boolean isOdd = (b.exponent & 1) != 0;
        long mHigh = isOdd ? b.significand : b.significand >>> 1;
        long mLow = isOdd ? 0 : b.significand << 63;
        long root = 0, restHigh = 0, restLow = 0;
        boolean nextBit = false;
        for (int i = 0; i <= 64; i++) {
            restHigh = restHigh << 2 | restLow >>> 62;
            restLow = restLow << 2 | mHigh >>> 62;
            mHigh = mHigh << 2 | mLow >>> 62;
            mLow <<= 2;
            long trialHigh = root >>> 62, trialLow = root << 2 | 1;
            boolean fits = restHigh != trialHigh ? Long.compareUnsigned(restHigh, trialHigh) > 0 : Long.compareUnsigned(restLow, trialLow) >= 0;
            if (fits) {
                restHigh = restHigh - trialHigh - (Long.compareUnsigned(restLow, trialLow) < 0 ? 1 : 0);
                restLow -= trialLow;
            }
            if (i < 64) {
                root = root << 1 | (fits ? 1 : 0);
            } else {
                nextBit = fits;
            }
        }
        finite(false, b.exponent >> 1, root, (nextBit ? Long.MIN_VALUE : 0) | ((restHigh | restLow) != 0 ? 1 : 0));
    }

    /** Copies operand b to the result (moves between formats). */
    public void copyB() {
        kind = b.kind;
        sign = b.sign;
        exponent = b.exponent;
        high = b.significand;
        low = 0;
    }

    /** r = the integer v. */
    public void fromLong(long v) {
        if (v == 0) {
            zero(false);
            return;
        }
        long m = v < 0 ? -v : v;
        int shift = Long.numberOfLeadingZeros(m);
        finite(v < 0, 63 - shift, m << shift, 0);
    }

    private void infinity(boolean s) {
        kind = INFINITE;
        sign = s;
        high = Long.MIN_VALUE;
        low = 0;
    }

    private void zero(boolean s) {
        kind = ZERO;
        sign = s;
        high = 0;
        low = 0;
    }

    private void finite(boolean s, int e, long h, long l) {
        kind = FINITE;
        sign = s;
        exponent = e;
        high = h;
        low = l;
    }

    /** b rounded to an integer value in the present rounding mode: result in r; PE when something was cut off. */
    public void roundToInteger() {
        if (b.kind != FINITE || b.exponent >= 63) {
            copyB();
            return;
        }
        isRoundedUp = false;
        long magnitude = integerMagnitude(b);
        if (magnitude == 0) {
            zero(b.sign);
            return;
        }
        int shift = Long.numberOfLeadingZeros(magnitude);
        finite(b.sign, 63 - shift, magnitude << shift, 0);
    }

    /** |o| rounded to an integer below 2^64; sets PE and isRoundedUp. o is FINITE with an exponent below 64. */
    private long integerMagnitude(Operand o) {
        long whole, fraction;
        if (o.exponent < -1) {
            whole = 0;
            fraction = 1;
        } else if (o.exponent == -1) {
            whole = 0;
            fraction = o.significand;
        } else {
            int shift = 63 - o.exponent;
            whole = shift == 0 ? o.significand : o.significand >>> shift;
            fraction = shift == 0 ? 0 : o.significand << 64 - shift;
        }
        if (fraction == 0) {
            return whole;
        }
        flags |= Mxcsr.PE;
        boolean up = roundsUp(o.sign, (whole & 1) != 0, fraction);
        isRoundedUp = up;
        return up ? whole + 1 : whole;
    }

    /** Whether a discarded part (its top bit is one half) rounds the magnitude up. */
    private boolean roundsUp(boolean s, boolean isOdd, long discarded) {
        switch (rounding) {
            case NEAREST: return discarded < 0 && (isOdd || discarded != Long.MIN_VALUE);
            case DOWN: return s && discarded != 0;
            case UP: return !s && discarded != 0;
            default: return false;
        }
    }

    /** Slot b as a signed integer of the given width; out of range or NaN: IE and the integer indefinite (top bit only). */
    public long toInteger(int bits, boolean truncates) {
        int saved = rounding;
        if (truncates) {
            rounding = TRUNCATE;
        }
        isRoundedUp = false;
        long indefinite = -1L << bits - 1;
        long result;
        if (b.kind == ZERO) {
            result = 0;
        } else if (b.kind != FINITE || b.exponent > 63) {
            flags |= Mxcsr.IE;
            result = indefinite;
        } else {
            int before = flags;
            long m = integerMagnitude(b);
            boolean fits = b.sign ? Long.compareUnsigned(m, 1L << bits - 1) <= 0 : Long.compareUnsigned(m, 1L << bits - 1) < 0;
            // 2^63 rounded up from below wraps to a magnitude of 2^64 = 0 only for exponent 63, which never fits.
            if (b.exponent == 63 && !(b.sign && m == Long.MIN_VALUE)) {
                fits = false;
            }
            if (fits) {
                result = b.sign ? -m : m;
            } else {
                flags = before | Mxcsr.IE;
                isRoundedUp = false;
                result = indefinite;
            }
        }
        rounding = saved;
        return result;
    }

    // Rounding and packing

    /**
     * Rounds r to precision bits with the given exponent range. Afterwards high holds the significand (top bit set, or
     * not for a denormal), exponent its exponent (minimum for denormals), kind may have become ZERO or INFINITE.
     */
    private void round(int precision, int minimum, int maximum, int wrap) {
        isRoundedUp = false;
        if (kind != FINITE) {
            return;
        }
        boolean isTiny = exponent < minimum;
        if (isTiny) {
            // Tiny after rounding: not if rounding with unbounded exponent reaches the smallest normal number.
            if (exponent == minimum - 1 && reachesNextBinade(precision)) {
                isTiny = false;
            }
            if (isTiny && !isUnderflowMasked) {
                flags |= Mxcsr.UE;
                if (wrapsExponent) {
                    exponent += wrap;
                    if (exponent < minimum) {
                        // Too small even so: FSCALE by a huge negative power.
                        flags |= Mxcsr.PE;
                        zeroKeepSign();
                        return;
                    }
                }
                roundAt(precision);
                return;
            }
            if (isTiny && isFlushToZero) {
                flags |= Mxcsr.UE | Mxcsr.PE;
                zeroKeepSign();
                return;
            }
            shiftRight(minimum - exponent);
            exponent = minimum;
            boolean isInexact = roundAt(precision);
            if (isInexact && isTiny) {
                flags |= Mxcsr.UE;
            }
            if (high == 0) {
                zeroKeepSign();
            }
            return;
        }
        roundAt(precision);
        if (exponent > maximum) {
            flags |= Mxcsr.OE;
            if (!isOverflowMasked) {
                if (wrapsExponent) {
                    exponent -= wrap;
                    if (exponent > maximum) {
                        flags |= Mxcsr.PE;
                        isRoundedUp = true;
                        infinity(sign);
                    }
                }
                return;
            }
            flags |= Mxcsr.PE;
            boolean toInfinity = rounding == NEAREST || rounding == (sign ? DOWN : UP);
            if (toInfinity) {
                isRoundedUp = true;
                infinity(sign);
            } else {
                isRoundedUp = false;
                exponent = maximum;
                high = precision == 64 ? -1L : -1L << 64 - precision;
            }
        }
    }

    private void zeroKeepSign() {
        kind = ZERO;
        high = 0;
        low = 0;
    }

    private boolean reachesNextBinade(int precision) {
        long h = high, l = low;
        int e = exponent, f = flags;
        boolean u = isRoundedUp;
        roundAt(precision);
        boolean reaches = exponent > e;
        high = h;
        low = l;
        exponent = e;
        flags = f;
        isRoundedUp = u;
        return reaches;
    }

    private void shiftRight(int n) {
        if (n >= 128) {
            low = 1;
            high = 0;
        } else if (n >= 64) {
            long lost = (n == 64 ? 0 : high << 128 - n) | low;
            low = (n == 64 ? high : high >>> n - 64) | (lost != 0 ? 1 : 0);
            high = 0;
        } else if (n > 0) {
            long lost = low << 64 - n;
            low = low >>> n | high << 64 - n | (lost != 0 ? 1 : 0);
            high >>>= n;
        }
    }

    /** Rounds high:low to precision bits counted from bit 63 of high. Returns whether it was inexact (PE is set then). */
    private boolean roundAt(int precision) {
        int drop = 64 - precision;
        long discarded;
        long kept;
        if (drop == 0) {
            kept = high;
            discarded = low;
        } else {
            kept = high >>> drop << drop;
            discarded = high << precision | (low != 0 ? 1 : 0);
        }
        if (discarded == 0) {
            high = kept;
            low = 0;
            return false;
        }
        flags |= Mxcsr.PE;
        boolean up = roundsUp(sign, (kept >>> drop & 1) != 0, discarded);
        isRoundedUp = up;
        if (up) {
            boolean wasNormal = kept < 0;
            kept += 1L << drop;
            if (kept == 0 && wasNormal) {
                kept = Long.MIN_VALUE;
                exponent++;
            }
        }
        high = kept;
        low = 0;
        return true;
    }

    /** r as 16 bits. */
    public int pack16() {
        round(11, -14, 15, 0);
        int s = sign ? 0x8000 : 0;
        switch (kind) {
            case ZERO: return s;
            case INFINITE: return s | 0x7C00;
            case FINITE: return s | (high < 0 ? exponent + 15 << 10 : 0) | (int) (high >>> 53) & 0x3FF;
            default: return s | 0x7E00 | (int) (high >>> 53) & 0x1FF;
        }
    }

    /** r as 32 bits. */
    public int pack32() {
        round(24, -126, 127, 0);
        int s = sign ? 0x80000000 : 0;
        switch (kind) {
            case ZERO: return s;
            case INFINITE: return s | 0x7F800000;
            case FINITE: return s | (high < 0 ? exponent + 127 << 23 : 0) | (int) (high >>> 40) & 0x7FFFFF;
            default: return s | 0x7FC00000 | (int) (high >>> 40) & 0x3FFFFF;
        }
    }

    /** r as 64 bits. */
    public long pack64() {
        round(53, -1022, 1023, 0);
        long s = sign ? Long.MIN_VALUE : 0;
        switch (kind) {
            case ZERO: return s;
            case INFINITE: return s | 0x7FFL << 52;
            case FINITE: return s | (high < 0 ? (long) (exponent + 1023) << 52 : 0) | high >>> 11 & 0xFFFFFFFFFFFFFL;
            default: return s | 0x7FF8L << 48 | high >>> 11 & 0x7FFFFFFFFFFFFL;
        }
    }

    /** Rounds r to precision (24, 53 or 64 bits) in the 80-bit format; the significand is then in high. Returns sign and exponent. */
    public int pack80(int precision) {
        round(precision, -16382, 16383, 24576);
        int s = sign ? 0x8000 : 0;
        switch (kind) {
            case ZERO:
                high = 0;
                return s;
            case INFINITE:
                high = Long.MIN_VALUE;
                return s | 0x7FFF;
            case FINITE:
                return s | (high < 0 ? exponent + 16383 & 0x7FFF : 0);
            default:
                high |= 3L << 62;
                return s | 0x7FFF;
        }
    }

    // NaNs

    /** r = a NaN operand, made quiet; high keeps its payload. */
    public void nan(Operand o) {
        kind = QUIET;
        sign = o.sign;
        high = o.significand | 3L << 62;
        low = 0;
    }

    /** r = the default NaN (negative, quiet, payload 0), without a flag. */
    public void indefinite() {
        defaultNan();
    }

    /** -1, 0, 1 for a &lt; b, a = b, a &gt; b; 2 when unordered. Does not look at NaN kinds. */
    public int compare() {
        if (a.isNan() || b.isNan()) {
            return 2;
        }
        if (a.kind == ZERO && b.kind == ZERO) {
            return 0;
        }
        if (a.kind == ZERO) {
            return b.sign ? 1 : -1;
        }
        if (b.kind == ZERO || a.sign != b.sign) {
            return a.sign ? -1 : 1;
        }
        int magnitude;
        if (a.kind == INFINITE || b.kind == INFINITE) {
            magnitude = a.kind == b.kind ? 0 : a.kind == INFINITE ? 1 : -1;
        } else {
            magnitude = a.exponent != b.exponent ? Integer.compare(a.exponent, b.exponent) : Long.compareUnsigned(a.significand, b.significand);
        }
        magnitude = Integer.signum(magnitude);
        return a.sign ? -magnitude : magnitude;
    }
}
